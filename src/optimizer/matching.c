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

typedef struct matching {
  size_t dim;
} matching;

static swale_status matching_create(swl_arena *arena, const swl_settings *settings, size_t dim, void **self) {
  matching *made = swl_arena_take(arena, 1, sizeof *made);
  (void)settings;
  if (!made) return SWALE_ERROR_MEMORY;
  made->dim = dim;
  *self = made;
  return SWALE_OK;
}

static void matching_step(void *self, const swl_move *move, float *x) {
  const matching *state = self;
  const double scale = move->rate * move->tau * move->beta;
  for (size_t i = 0; i < state->dim; i++) x[i] = (float)(x[i] - scale * move->gradient[i]); /* (1) */
}

const swl_optimizer_ops swl_optimizer_matching = {
    .name = "matching",
    .brief = "x <- E_q X, the paper's scheme: no rate to choose",
    .source = "García Trillos, Kaplan, Sanz-Alonso 2019",
    .rate = 1,
    .rate_gradients = 1,
    .scheme = 1,
    .regularizer = "sampled",
    .create = matching_create,
    .step = matching_step,
};
