/* dense.h - one fully connected layer. */
#ifndef SWL_NETWORK_DENSE_H
#define SWL_NETWORK_DENSE_H

#include "network/activation.h"
#include "numeric/numeric.h"

typedef struct swl_layer {
  size_t inputs, outputs; /* n, m */
  size_t offset;          /* of X_l in the flat vector; (inputs + 1) * outputs numbers follow */
} swl_layer;

/* One dense layer, for callers that walk through the network themselves (a noise that lives in a layer's inputs).
 * u (B × m) = [h 1] · X_l and y = g(u); h (B × n), x the flat vector. activation NULL: y = u. y may be u: then u is
 * lost. Allocates nothing. Cost: 2 B (n + 1) m flops. */
void swl_dense_forward(const swl_kernels *kernels, const swl_layer *layer, const swl_activation *activation,
                       const float *x, size_t count, const float *h, float *u, float *y);

/* From delta (B × m) = d loss / d u to the layer's part of gradient (dim), and, unless NULL, to below (B × n) =
 * d loss / d h. Cost: 4 B n m flops. */
void swl_dense_backward(const swl_kernels *kernels, const swl_layer *layer, const float *x, size_t count,
                        const float *h, const float *delta, float *gradient, float *below);

#endif
