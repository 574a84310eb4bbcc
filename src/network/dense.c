/* dense.c - one fully connected layer, forward and backward.
 *
 *   symbol | code  | shape       | meaning
 *   -------|-------|-------------|-------------------------------------
 *   H      | h     | B × n       | inputs of the layer
 *   X      | X     | (n + 1) × m | weights (n rows) and bias (row n)
 *   U      | u     | B × m       | [H 1] X
 *   Δ      | delta | B × m       | d loss / d U
 *
 * Forward (1) H times the first n rows; (2) the bias and the activation, some rows at a time while it is in the
 * first-level cache. Backward (1) Hᵀ Δ; (2) column sums of Δ; (3) Δ Xᵀ.
 */
#include "network/dense.h"

#include "numeric/vector.h"

void swl_dense_forward(const swl_kernels *kernels, const swl_layer *layer, const swl_activation *activation,
                       const float *x, size_t count, const float *h, float *u, float *y) {
  enum { CACHED = 4096 }; /* values: 16 KiB, half of a first-level cache */
  const size_t n = layer->inputs, m = layer->outputs;
  const float *weights = x + layer->offset, *bias = weights + n * m;
  const swl_vector_ops *vector = swl_vector();
  kernels->gemm(0, 0, count, m, n, h, n, weights, m, u, m); /* (1) */
  const size_t height = m < CACHED ? CACHED / m : 1;
  for (size_t first = 0; first < count; first += height) { /* (2) */
    const size_t rows = count - first < height ? count - first : height;
    vector->add_bias(rows, m, bias, u + first * m);
    if (activation) activation->forward(rows * m, u + first * m, y + first * m);
  }
}

void swl_dense_backward(const swl_kernels *kernels, const swl_layer *layer, const float *x, size_t count,
                        const float *h, const float *delta, float *gradient, float *below) {
  const size_t n = layer->inputs, m = layer->outputs;
  float *part = gradient + layer->offset;
  kernels->gemm(1, 0, n, m, count, h, n, delta, m, part, m);                             /* (1) */
  swl_vector()->column_sums(count, m, delta, part + n * m);                              /* (2) */
  if (below) kernels->gemm(0, 1, count, n, m, delta, m, x + layer->offset, m, below, n); /* (3) */
}
