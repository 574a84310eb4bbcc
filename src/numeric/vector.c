/* vector.c - which instruction set runs the loops, and the few calls that need no table. */
#include "numeric/vector.h"

#include "numeric/numeric.h"

#include <math.h>
#include <stdatomic.h>

extern const swl_vector_ops swl_vector_baseline;
#if defined(__x86_64__)
extern const swl_vector_ops swl_vector_avx2, swl_vector_avx512;
#endif

const swl_vector_ops *swl_vector_at(size_t index) {
  const swl_vector_ops *present[4] = {0};
  size_t count = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) present[count++] = &swl_vector_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) present[count++] = &swl_vector_avx2;
#endif
  present[count++] = &swl_vector_baseline;
  return index < count ? present[index] : NULL;
}

const swl_vector_ops *swl_vector(void) {
  static _Atomic(const swl_vector_ops *) chosen; /* every thread would choose the same */
  const swl_vector_ops *ops = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (!ops) {
    ops = swl_vector_at(0);
    atomic_store_explicit(&chosen, ops, memory_order_relaxed);
  }
  return ops;
}

const swl_columns_ops *swl_columns(void) { return swl_vector()->columns; }

void swl_axpy(size_t count, float s, const float *z, float *y) { swl_vector()->axpy(count, s, z, y); }

void swl_perturb(size_t count, const float *x, float s, const float *z, float *y) {
  swl_vector()->perturb(count, x, s, z, y);
}
