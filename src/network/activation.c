/* activation.c - what happens between two layers: y = g(u), and dy/du.
 *
 *   name     | g(u)                      | dy/du        | gain | source
 *   ---------|---------------------------|--------------|------|------------------------------------------------------
 *   identity | u                         | 1            | 1    |
 *   relu     | max(0, u)                 | 1 if y > 0   | √2   | He et al. 2015
 *   tanh     | tanh u                    | 1 - y²       | 5/3  | LeCun et al. 1998, as in PyTorch's calculate_gain
 *   sigmoid  | 1 / (1 + e^-u)            | y (1 - y)    | 1    | as in PyTorch's calculate_gain
 *   gelu     | u Φ(u), exact (erf) form  | Φ(u) + u φ(u)| √2   | Hendrycks and Gimpel 2016; PyTorch's default form
 *   sign     | -1 if u < 0, 1 otherwise  | none         | 1    | Hubara et al. 2016 (sign(0) = 1)
 *
 * The derivative of relu at 0 is 0. GELU's Φ is good to 1e-7 absolute (numeric/vector_loops.c); g(-inf) is NaN, as in
 * PyTorch. NaN goes through every g, sign included.
 */
#include "network/activation.h"

#include "numeric/vector.h"

#include <string.h>

static void identity_forward(size_t count, const float *u, float *y) {
  if (y != u) memcpy(y, u, count * sizeof *y);
}
static void identity_backward(size_t count, const float *u, const float *y, float *delta) {
  (void)count, (void)u, (void)y, (void)delta;
}

static void relu_forward(size_t count, const float *u, float *y) { swl_vector()->relu(count, u, y); }
static void relu_backward(size_t count, const float *u, const float *y, float *delta) {
  (void)u;
  swl_vector()->relu_backward(count, y, delta);
}

static void tanh_forward(size_t count, const float *u, float *y) { swl_vector()->tanh(count, u, y); }
static void tanh_backward(size_t count, const float *u, const float *y, float *delta) {
  (void)u;
  swl_vector()->tanh_backward(count, y, delta);
}

static void sigmoid_forward(size_t count, const float *u, float *y) { swl_vector()->sigmoid(count, u, y); }
static void sigmoid_backward(size_t count, const float *u, const float *y, float *delta) {
  (void)u;
  swl_vector()->sigmoid_backward(count, y, delta);
}

static void gelu_forward(size_t count, const float *u, float *y) { swl_vector()->gelu(count, u, y); }
static void gelu_backward(size_t count, const float *u, const float *y, float *delta) {
  (void)y;
  swl_vector()->gelu_backward(count, u, delta);
}

static void sign_forward(size_t count, const float *u, float *y) { swl_vector()->sign(count, u, y); }

static const swl_activation activation_identity = {
    .name = "identity", .brief = "u", .gain = 1.0, .forward = identity_forward, .backward = identity_backward};
static const swl_activation activation_relu = {.name = "relu",
                                               .brief = "max(0, u)",
                                               .gain = 1.4142135623730951, /* paper: He 2015, eq. 10 */
                                               .bend = SWL_BEND_RELU,
                                               .forward = relu_forward,
                                               .backward = relu_backward};
static const swl_activation activation_tanh = {.name = "tanh",
                                               .brief = "hyperbolic tangent",
                                               .gain = 5.0 / 3.0, /* heuristic: LeCun 1998, 1.7159 tanh(2u/3) */
                                               .forward = tanh_forward,
                                               .backward = tanh_backward};
static const swl_activation activation_sigmoid = {.name = "sigmoid",
                                                  .brief = "1 / (1 + exp(-u))",
                                                  .gain = 1.0,
                                                  .forward = sigmoid_forward,
                                                  .backward = sigmoid_backward};
static const swl_activation activation_gelu = {.name = "gelu",
                                               .brief = "u times the normal distribution function of u",
                                               .gain = 1.4142135623730951, /* heuristic: as for relu, its limit */
                                               .needs_u = 1,
                                               .forward = gelu_forward,
                                               .backward = gelu_backward};
static const swl_activation activation_sign = {.name = "sign",
                                               .brief = "-1 if u < 0, otherwise 1; no derivative",
                                               .gain = 1.0,
                                               .bend = SWL_BEND_SIGN,
                                               .forward = sign_forward};

const swl_activation *const *swl_activations(void) {
  static const swl_activation *const all[] = {&activation_relu,
                                              &activation_tanh,
                                              &activation_sigmoid,
                                              &activation_gelu,
                                              &activation_identity,
                                              &activation_sign,
                                              NULL};
  return all;
}
