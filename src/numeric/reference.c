/* reference.c - the matrix product as a textbook writes it: the oracle of every faster one.
 *
 * Products of floats are exact in double; each entry is summed in double in the order of k and rounded once, so its
 * error is at most 2^-24 relative plus k 2^-53 Σ|a||b|. Cost: one multiplication and one addition at a time.
 */
#include "numeric/reference.h"

static void reference_product(int add, int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                              size_t lda, const float *b, size_t ldb, float *c, size_t ldc) {
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = add ? (double)c[i * ldc + j] : 0.0;
      for (size_t l = 0; l < k; l++) {
        const float left = transpose_a ? a[l * lda + i] : a[i * lda + l];
        const float right = transpose_b ? b[j * ldb + l] : b[l * ldb + j];
        sum += (double)left * (double)right;
      }
      c[i * ldc + j] = (float)sum;
    }
  }
}

static void reference_gemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
                           const float *b, size_t ldb, float *c, size_t ldc) {
  reference_product(0, transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
}

static void reference_gemm_add(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                               size_t lda, const float *b, size_t ldb, float *c, size_t ldc) {
  reference_product(1, transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
}

const swl_kernels swl_kernels_reference = {.name = "reference",
                                           .brief = "plain C, summed in double: slow, and right",
                                           .gemm = reference_gemm,
                                           .gemm_add = reference_gemm_add};
