/* noise.h - where the Gaussian lives: how draws become losses, and weighted draws a direction.
 *
 * Draw j of group g is the vector Z_jg (dim) of standard normals; the loss is evaluated at x + sqrt(tau) Z_jg. With
 * `antithetic`, draw 2i is +Z and draw 2i+1 is -Z of pair i. Nothing of size samples × dim is ever stored: `combine`
 * makes again what `evaluate` drew.
 */
#ifndef SWL_NOISE_NOISE_H
#define SWL_NOISE_NOISE_H

#include "parallel/reduce.h"
#include "problem/problem.h"
#include "random/stream.h"

/* Everything the draws of one evaluation depend on. */
typedef struct swl_draws {
  uint64_t seed;
  swl_purpose purpose;
  uint64_t update;
  uint64_t offset; /* number of the first draw, so that the rounds of one update do not share draws */
  size_t samples;  /* N; even if antithetic */
  int antithetic;
  double tau;
} swl_draws;

typedef struct swl_noise_ops {
  const char *name;
  const char *brief;
  const char *source;
  /* Scratch for `workers` workers. Required. */
  swale_status (*create)(const swl_settings *settings, swale_problem *problem, swl_arena *arena, size_t workers,
                         void **self);
  /* losses[j * groups + g] for the draws j in `range` (whole pairs), all groups. Required. */
  swale_status (*evaluate)(void *self, size_t worker, const swl_draws *draws, const float *x, swl_range range,
                           double *losses);
  /* sum (dim) = Σ_j Σ_g weights[j * groups + g] · Z_jg. Required. */
  swale_status (*combine)(void *self, swl_team *team, const swl_draws *draws, const double *weights, float *sum);
  /* point (dim) = x + sqrt(tau) Z_jg. NULL: this noise has no points in weight space. */
  void (*point)(void *self, const swl_draws *draws, const float *x, size_t draw, size_t group, float *point);
} swl_noise_ops;

extern const swl_noise_ops swl_noise_weights;

#endif
