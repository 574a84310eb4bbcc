/* numeric.h - the arithmetic that costs time, behind one table per implementation.
 *
 * `reference` is plain C and always present; the others must agree with it to a stated rounding bound. All pointers
 * may alias only where a comment says so. Matrices are row-major and dense unless a leading dimension is given.
 */
#ifndef SWL_NUMERIC_NUMERIC_H
#define SWL_NUMERIC_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

typedef struct swl_kernels {
  const char *name;
  const char *brief;
  /* NULL, or: make what the products need besides their buffers; 0 where there is no memory for it. Before the first one. */
  int (*ready)(void);
  /* NULL, or: how many products so far had no memory, and went by the reference. */
  uint64_t (*missed)(void);
  /* C (m × n) = op(A) (m × k) · op(B) (k × n), op = transpose where the flag is 1; overwrites C. lda, ldb, ldc are the
   * row strides of A, B and C as they lie in memory. One thread. */
  void (*gemm)(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
               const float *b, size_t ldb, float *c, size_t ldc);
  /* The same, added to what C holds. */
  void (*gemm_add)(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
                   const float *b, size_t ldb, float *c, size_t ldc);
} swl_kernels;

/* NULL-terminated; [0] is the default (oneDNN). Names: "onednn", "reference". */
const swl_kernels *const *swl_kernels_list(void);
const swl_kernels *swl_kernels_find(const char *name); /* NULL if there is none */

/* What decides on the last bits of results on this machine: the instruction set of the loops and that of oneDNN, which an
 * environment variable can lower. */
void swl_instruction_set(char *text, size_t bytes);

/* y[i] += s * z[i], and y[i] = x[i] + s * z[i]: one rounding per operation (no fused multiply-add), so that the bytes
 * do not depend on the instruction set. */
void swl_axpy(size_t count, float s, const float *z, float *y);
void swl_perturb(size_t count, const float *x, float s, const float *z, float *y);

#endif
