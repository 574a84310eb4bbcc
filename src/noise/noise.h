/* noise.h - where the Gaussian lives: how draws become losses, and weighted draws a direction.
 *
 * Draw j of group g is the vector Z_jg (dim) of standard normals; the loss is evaluated at x + sqrt(tau) Z_jg, tau per
 * block of coordinates (covariance.h). With
 * `antithetic`, draw 2i is +Z and draw 2i+1 is -Z of pair i. Nothing of size samples × dim is ever stored: `combine`
 * makes again what `evaluate` drew.
 */
#ifndef SWL_NOISE_NOISE_H
#define SWL_NOISE_NOISE_H

#include "base/variant.h"
#include "noise/covariance.h"
#include "parallel/reduce.h"
#include "problem/problem_parts.h"
#include "random/stream.h"

#include <string.h>

/* The options `seed` and `generator`, as streams take them. */
static inline swl_key swl_settings_key(const swl_settings *settings) {
  const int block = settings->generator == SWL_RANDOM_BLOCK;
  return (swl_key){(uint64_t)settings->seed, block ? SWL_GENERATOR_BLOCK : SWL_GENERATOR_PHILOX};
}

/* Everything the draws of one evaluation depend on. */
typedef struct swl_draws {
  swl_key key;
  swl_purpose purpose;
  uint64_t update;
  uint64_t offset; /* number of the first draw, so that the rounds of one update do not share draws */
  size_t samples;  /* N; even if antithetic */
  int antithetic;
  const swl_covariance *covariance;
} swl_draws;

/* How the losses of one update are laid out: draws first[b] .. first[b+1]-1 belong to smoothing b. One, but for a noise
 * that smooths each layer on its own: then every layer has draws, and an objective, of its own. */
typedef struct swl_plan {
  size_t count;
  size_t first[SWL_LAYERS_MAX + 1]; /* first[count] is the number of draws */
  size_t together;                  /* draws that cost as much as one: parts of a smoothing should be multiples of it */
} swl_plan;

/* What weighs draws while they are made (regularizer.h). reference (groups): a loss per group that does not depend on
 * the draws. */
typedef struct swl_rule {
  double beta;
  void (*stream)(double beta, double share, size_t samples, size_t count, const double *f, const double *f0, double *w);
} swl_rule;

typedef struct swl_noise_ops {
  swl_variant_head head;
  int layers; /* 1: needs a network of dense layers, one loss per example */
  int own;    /* 1: each example may have draws of its own, exactly and at the cost of its forward passes */
  /* Scratch for the team's workers. `plan` holds one smoothing of settings->samples draws, and may be changed. Required. */
  swale_status (*create)(const swl_settings *settings, swale_problem *problem, swl_arena *arena, swl_team *team,
                         swl_plan *plan, void **self);
  /* Examples of the batch that this rank looks at. NULL: all. */
  swl_range (*examples)(void *self, const swl_team *team);
  /* Look at the problem's batch at x before any draw at x: needed again when either changed. sig > 0: also set the
   * covariance that the option sig asks for. NULL: there is nothing to look at, and no sig. */
  swale_status (*prepare)(void *self, swl_team *team, const float *x, double sig, swl_covariance *covariance);
  /* losses[j * groups + g] for the draws j in `range` (whole pairs of one smoothing), all groups. Required. */
  swale_status (*evaluate)(void *self, size_t worker, const swl_draws *draws, const float *x, swl_range range,
                           double *losses);
  /* The same for all draws, by the team: where there are many groups and few draws. NULL: evaluate in parts. */
  swale_status (*table)(void *self, swl_team *team, const swl_draws *draws, const float *x, double *losses);
  /* sum (dim) = Σ_j Σ_g weights[j * groups + g] · Z_jg, or its conditional mean given the losses. x as in evaluate.
   * Required. */
  swale_status (*combine)(void *self, swl_team *team, const swl_draws *draws, const float *x, const double *weights,
                          float *sum);
  /* evaluate and combine in one pass over the draws, with the weights of `rule`. reference: the loss at x, per group, set
   * by prepare. NULL: draws are not weighted while they are made. */
  swale_status (*stream)(void *self, swl_team *team, const swl_draws *draws, const float *x, const swl_rule *rule,
                         double *losses, float *sum);
  const double *(*reference)(void *self); /* groups; NULL where stream is */
  /* ranks + 1, where a rank has groups of its own, owned[rank] .. owned[rank + 1] - 1: after stream it has the losses of
   * these only (and of these a reference), and sum is that of its pieces only (reduce.h), also after combine; the rest is
   * anything. NULL, or a function that says so: a rank has everything. */
  const size_t *(*owned)(void *self);
  /* Coordinates that E|Σ w Z|² is the sum over, for a group: dim where there is no conditioning. NULL: dim. */
  double (*dimension)(void *self);
  /* point (dim) = x + sqrt(tau) Z_jg. NULL: this noise has no points in weight space. */
  void (*point)(void *self, const swl_draws *draws, const float *x, size_t draw, size_t group, float *point);
} swl_noise_ops;

/* Examples that noise = subspace lets share a draw. heuristic: larger groups need another layout, and gain nothing from
 * that of the subspace. */
enum { SWL_SUBSPACE_GROUP_MOST = 4096 };

extern const swl_noise_ops swl_noise_weights, swl_noise_subspace, swl_noise_low_rank;

#endif
