/* gaussian.c - choose the best form once, and cut ranges that do not end with a stripe. */
#include "random/gaussian.h"

#include "random/gaussian_forms.h"

#include <string.h>

const gaussian_ops *const *swl_gaussian_available(void) {
#if defined __x86_64__
  static const gaussian_ops *const all[] = {&swl_gaussian_avx512, &swl_gaussian_avx2, &swl_gaussian_portable, NULL};
  if (__builtin_cpu_supports("avx512f")) return all;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return all + 1;
  return all + 2;
#else
  static const gaussian_ops *const all[] = {&swl_gaussian_portable, NULL};
  return all;
#endif
}

void swl_gaussian_fill(const swl_stream *stream, uint64_t first, size_t count, float *z) {
  const gaussian_ops *ops = swl_gaussian_available()[0];
  const uint64_t stripe = first / SWL_GAUSSIAN_STRIPE;
  const size_t whole = count / SWL_GAUSSIAN_STRIPE, rest = count % SWL_GAUSSIAN_STRIPE;
  ops->fill(stream, stripe, whole, z);
  if (rest) {
    float last[SWL_GAUSSIAN_STRIPE];
    ops->fill(stream, stripe + whole, 1, last);
    memcpy(z + whole * SWL_GAUSSIAN_STRIPE, last, rest * sizeof *z);
  }
}
