/* robbins_monro.c - the heat scheme's implicit step, solved by stochastic approximation.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3.2 and §4.2; Robbins, Monro 1951; MATH §3.
 *
 * computes  x_{k+1} = argmin_x { beta F_H(x) + |x - x_k|²/(2 tau) } by `inner` iterations, each with draws of its own:
 *
 *             x <- x - a_n [ (x - x_k)/tau + beta g_n(x) ],   a_n = rate tau / n,   n = 1 … inner
 *
 *           g_n estimates grad F_H(x), by losses (score) or gradients (pathwise). The quadratic term makes the problem
 *           1/tau-strongly convex where F_H is convex, for which a_n = tau/n is the classical choice: Σ a_n = ∞,
 *           Σ a_n² < ∞; the first iterate is the explicit step.
 *
 *   symbol | code   | shape | meaning
 *   -------|--------|-------|------------------------
 *   x_k    | anchor | dim   | where the update began
 *   n      | round  |       | inner iteration, from 1
 *
 * steps     (1) remember x_k at the first round (2) one Robbins-Monro iteration.
 * cost      inner × (samples evaluations) per update; dim floats.
 */
#include "optimizer/optimizer.h"

#include <string.h>

typedef struct robbins_monro {
  size_t dim;
  float *anchor;
} robbins_monro;

static swale_status robbins_monro_create(swl_arena *arena, const swl_settings *settings, size_t dim, void **self) {
  robbins_monro *made = swl_arena_take(arena, 1, sizeof *made);
  (void)settings;
  if (!made) return SWALE_ERROR_MEMORY;
  made->dim = dim;
  made->anchor = swl_arena_take(arena, dim, sizeof *made->anchor);
  if (!made->anchor) return SWALE_ERROR_MEMORY;
  *self = made;
  return SWALE_OK;
}

static size_t robbins_monro_rounds(const swl_settings *settings) { return (size_t)settings->inner; }

static void robbins_monro_step(void *self, const swl_move *move, swl_range range, float *x) {
  robbins_monro *state = self;
  if (move->round == 0)
    memcpy(state->anchor + range.first, x + range.first, (range.end - range.first) * sizeof *x); /* (1) */
  const double pull = move->rate / (double)(move->round + 1);                                    /* a / tau */
  for (size_t l = 0; l < move->covariance->count; l++) {
    const swl_block *block = &move->covariance->blocks[l];
    const double push = pull * block->tau * move->beta * move->unit;
    const swl_range part = swl_block_part(block, range);
    for (size_t i = part.first; i < part.end; i++) { /* (2) */
      x[i] = (float)(x[i] - pull * ((double)x[i] - state->anchor[i]) - push * move->gradient[i]);
    }
  }
}

/* Of the exact proximal step (MATH §3), which the inner iterations approach whatever their rate. */
static double robbins_monro_promise(double rate) {
  (void)rate;
  return 1;
}

const swl_optimizer_ops swl_optimizer_robbins_monro = {
    .head = {"robbins-monro", "the paper's implicit step for heat, by stochastic approximation",
             "García Trillos, Kaplan, Sanz-Alonso 2019; Robbins, Monro 1951"},
    .rate = 1,
    .rate_gradients = 1,
    .scheme = &swl_regularizer_heat,
    .only = &swl_regularizer_heat,
    .create = robbins_monro_create,
    .rounds = robbins_monro_rounds,
    .promise = robbins_monro_promise,
    .step = robbins_monro_step,
};
