/* matching.c - x <- E_q X: the Gaussian that matches the moments of the tilted density. The scheme itself.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3.1: argmin_x KL(q ‖ N(x, tau I)) = E_q X; MATH §2.
 *
 * computes  x + rate (E_q X - x), with E_q X - x = - tau beta gradient. rate = 1 is the scheme; less is damped.
 *           For heat this is the explicit step x - tau beta grad F_H(x); the paper's implicit one is robbins-monro.
 * steps     (1).
 * cost      dim. No state.
 */
#include "optimizer/optimizer.h"

static swale_status matching_create(swl_arena *arena, const swl_settings *settings, size_t dim, void **self) {
  (void)arena, (void)settings, (void)dim;
  *self = NULL;
  return SWALE_OK;
}

static void matching_step(void *self, const swl_move *move, swl_range range, float *x) {
  (void)self;
  for (size_t l = 0; l < move->covariance->count; l++) {
    const swl_block *block = &move->covariance->blocks[l];
    const double scale = move->rate * block->tau * move->beta * move->unit;
    const swl_range part = swl_block_part(block, range);
    for (size_t i = part.first; i < part.end; i++) x[i] = (float)(x[i] - scale * move->gradient[i]); /* (1) */
  }
}

/* F_LE lies below |x - E_q X|²/(2 tau) + constant and touches it at x_k (MATH §2), so a step of r (E_q X - x_k) decreases
 * it by (1 - (1 - r)²) |E_q X - x_k|²/(2 tau) = (2 - r)/r |step|²/(2 tau): nothing is promised from r = 2 on. */
static double matching_promise(double rate) { return rate < 2 ? (2 - rate) / rate : 0; }

const swl_optimizer_ops swl_optimizer_matching = {
    .head = {"matching", "x <- E_q X, the paper's scheme: no rate to choose",
             "García Trillos, Kaplan, Sanz-Alonso 2019"},
    .rate = 1,
    .rate_gradients = 1,
    .scheme = &swl_regularizer_local_entropy,
    .sampled = 1,
    .create = matching_create,
    .promise = matching_promise,
    .step = matching_step,
};
