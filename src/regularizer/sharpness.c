/* sharpness.c - the worst loss in a ball around x, by two gradients: SAM, a baseline that seeks flat minima without sampling.
 *
 * source: Foret, Kleiner, Mobahi, Neyshabur 2021, "Sharpness-Aware Minimization for Efficiently Improving Generalization",
 *         equations (2) and (3), algorithm 1, with p = 2.
 *
 * computes  min_x max_{|e| <= rho} f(x + e). To first order in rho the worst e is
 *
 *             e(x) = rho grad f(x) / |grad f(x)|
 *
 *           and the gradient of the maximum is taken as grad f at x + e(x): how e depends on x is left out.
 *
 *   symbol | code     | shape | meaning
 *   -------|----------|-------|------------------------------------------
 *   grad f | gradient | dim   | at x, of the whole batch
 *   rho    | rho      |       | radius of the ball, over all layers together
 *   x + e  | point    | dim   | where the gradient of the step is taken
 *
 * steps     (1) |grad f|, summed in double (2) the point. The trainer takes both gradients, on the same batch; the loss it
 *           reports is f(x), the value f(x + e).
 * cost      two gradients per update; dim floats.
 * randomness  none.
 * deviates  where the gradient is 0 the point is x. Weight decay is the optimizer's, decoupled, and not part of f.
 */
#include "regularizer/regularizer.h"

#include <math.h>

static void sharpness_point(const swl_settings *settings, size_t dim, const float *x, const float *gradient,
                            float *point) {
  double square = 0;
  for (size_t i = 0; i < dim; i++) square += (double)gradient[i] * gradient[i]; /* (1) */
  const double scale = square > 0 ? settings->rho / sqrt(square) : 0;
  for (size_t i = 0; i < dim; i++) point[i] = (float)(x[i] + scale * gradient[i]); /* (2) */
}

const swl_regularizer_ops swl_regularizer_sharpness = {
    .head = {"sharpness", "the worst loss within rho of x, by backpropagation: SAM, a baseline",
             "Foret, Kleiner, Mobahi, Neyshabur 2021"},
    .point = sharpness_point,
};
