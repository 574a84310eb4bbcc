/* importance.c - independent draws of the Gaussian, weighted.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §4.1; MATH §6.1. For heat with estimator = pathwise the mean
 *         gradient over the same draws, as the paper's §4.2 does inside Robbins-Monro.
 *
 * computes  score:    losses f_j at x + sqrt(tau) Z_j, weights by the regularizer, gradient = -Σ w_j Z_j/(beta sqrt tau)
 *           pathwise: gradient = mean of grad f(x + sqrt(tau) Z_j)
 *
 *   symbol | code     | shape            | meaning
 *   -------|----------|------------------|------------------------------
 *   f_jg   | losses   | samples × groups | loss of group g at draw j
 *   w_jg   | weights  | samples × groups | what the regularizer made of them
 *          | parts    | shards × dim     | pathwise: sums of gradients, one per shard
 *
 * steps     (1) evaluate draws, in blocks, in parallel (2) tilt (3) combine (4) scale. The sampling error of the gradient,
 *           dim Σ w² / (beta² tau), goes along for the monotonicity check.
 * cost      that of the noise; pathwise: samples gradients and shards × dim doubles.
 * randomness  SWL_PURPOSE_DRAW by (update, round × samples + draw, group).
 */
#include "sampler/sampler.h"

#include <math.h>
#include <string.h>

enum { IMPORTANCE_BLOCK = 16 }; /* heuristic: draws per item, when there are enough for all workers */

typedef struct importance {
  swl_sampling sampling;
  size_t samples, groups;
  double *losses, *weights; /* samples × groups each */
  int pathwise;
  size_t shards;
  double *parts;          /* pathwise: shards × dim */
  double *scale;          /* pathwise: groups; share / number of finite losses */
  float **point, **slope; /* pathwise: per worker dim each */
  size_t block;           /* draws per item */
  const swl_step *step;   /* of the running call */
  swl_draws draws;
} importance;

static swale_status importance_create_pathwise(importance *made) {
  const swl_sampling *with = &made->sampling;
  const size_t workers = swl_team_size(with->team), dim = with->problem->dim;
  if (!with->noise->point) {
    return swl_fail(with->context, SWALE_ERROR_UNSUPPORTED,
                    "estimator pathwise needs points in weight space, which noise %s does not have", with->noise->name);
  }
  if (!with->problem->ops->gradient) {
    return swl_fail(with->context, SWALE_ERROR_UNSUPPORTED,
                    "estimator pathwise needs gradients, which this loss does not have; use estimator = score");
  }
  made->shards = (size_t)with->settings->shards < made->samples ? (size_t)with->settings->shards : made->samples;
  made->parts = swl_arena_take(with->arena, made->shards * dim, sizeof *made->parts);
  made->point = swl_arena_take(with->arena, workers, sizeof *made->point);
  made->slope = swl_arena_take(with->arena, workers, sizeof *made->slope);
  made->scale = swl_arena_take(with->arena, made->groups, sizeof *made->scale);
  if (!made->parts || !made->point || !made->slope || !made->scale) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    made->point[w] = swl_arena_take(with->arena, dim, sizeof(float));
    made->slope[w] = swl_arena_take(with->arena, dim, sizeof(float));
    if (!made->point[w] || !made->slope[w]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

/* Draws come in pairs, and at least two are needed where they are compared with each other. */
static swale_status importance_check(const swl_sampling *with, int pathwise) {
  swale_context *context = with->context;
  const swl_settings *settings = with->settings;
  const int alone = pathwise || (with->regularizer->density && strcmp(settings->weighting, "literal") == 0);
  if (settings->antithetic && settings->samples % 2 != 0) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option samples: %lld is odd; antithetic pairs need an even number (or set antithetic = false)",
                    (long long)settings->samples);
  }
  if (settings->samples < 2 && !alone) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option samples: 1; losses say nothing until two of them are compared; allowed is 2 or more");
  }
  return SWALE_OK;
}

static swale_status importance_create(const swl_sampling *sampling, void **self) {
  const swl_settings *settings = sampling->settings;
  const int pathwise = strcmp(settings->estimator, "pathwise") == 0;
  SWL_TRY(importance_check(sampling, pathwise));
  importance *made = swl_arena_take(sampling->arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->sampling = *sampling;
  made->samples = (size_t)settings->samples;
  made->groups = sampling->problem->groups;
  const size_t workers = swl_team_size(sampling->team), even = made->samples / (8 * workers) / 2 * 2;
  made->block = even < 2 ? 2 : even > IMPORTANCE_BLOCK ? IMPORTANCE_BLOCK : even;
  made->losses = swl_arena_take(sampling->arena, made->samples * made->groups, sizeof *made->losses);
  made->weights = swl_arena_take(sampling->arena, made->samples * made->groups, sizeof *made->weights);
  if (!made->losses || !made->weights) return SWALE_ERROR_MEMORY;
  made->pathwise = pathwise;
  if (pathwise) SWL_TRY(importance_create_pathwise(made));
  *self = made;
  return SWALE_OK;
}

static swl_draws importance_draws(const importance *self, const swl_step *step) {
  return (swl_draws){
      .seed = (uint64_t)self->sampling.settings->seed,
      .purpose = SWL_PURPOSE_DRAW,
      .update = step->update,
      .offset = step->round * self->samples,
      .samples = self->samples,
      .antithetic = self->sampling.settings->antithetic,
      .tau = step->tau,
  };
}

static swl_loss_table importance_losses(const importance *self, const double *losses) {
  return (swl_loss_table){losses, self->samples, self->groups, self->sampling.problem->shares,
                          self->sampling.settings->antithetic};
}

static swale_status importance_block(void *pointer, size_t worker, size_t item) {
  importance *self = pointer;
  const size_t first = item * self->block, end = first + self->block;
  const swl_range range = {first, end < self->samples ? end : self->samples};
  return self->sampling.noise->evaluate(self->sampling.noise_self, worker, &self->draws, self->step->x, range,
                                        self->losses); /* (1) */
}

/* E|Σ w Z|² = dim Σ w² for weights that hardly depend on any one coordinate of Z; a pair has one Z. */
static double importance_noise(const importance *self, double beta, double tau) {
  const size_t groups = self->groups, step = self->sampling.settings->antithetic ? 2 : 1;
  double sum = 0;
  for (size_t draw = 0; draw < self->samples; draw += step) {
    for (size_t g = 0; g < groups; g++) {
      const double *w = &self->weights[draw * groups + g];
      const double weight = step == 2 ? w[0] - w[groups] : w[0];
      sum += weight * weight;
    }
  }
  return (double)self->sampling.problem->dim * sum / (beta * beta * tau);
}

static swale_status importance_tell(void *pointer, swl_step *step, const double *losses) {
  importance *self = pointer;
  const swl_sampling *with = &self->sampling;
  const swl_loss_table seen = importance_losses(self, losses);
  SWL_TRY(with->regularizer->tilt(with->context, with->settings, &seen, self->weights, &step->tilt)); /* (2) */
  self->draws = importance_draws(self, step);
  SWL_TRY(with->noise->combine(with->noise_self, with->team, &self->draws, self->weights, step->gradient)); /* (3) */
  const float scale = (float)(-1 / (step->tilt.beta * sqrt(step->tau)));
  for (size_t i = 0; i < with->problem->dim; i++) step->gradient[i] *= scale; /* (4) */
  step->noise = importance_noise(self, step->tilt.beta, step->tau);
  step->draws = self->samples;
  return SWALE_OK;
}

static swale_status importance_shard(void *pointer, size_t worker, size_t shard) {
  importance *self = pointer;
  swale_problem *problem = self->sampling.problem;
  double *part = self->parts + shard * problem->dim;
  const swl_range range = swl_shard_range(self->samples, self->shards, shard);
  memset(part, 0, problem->dim * sizeof *part);
  for (size_t draw = range.first; draw < range.end; draw++) {
    for (size_t g = 0; g < self->groups; g++) {
      double *loss = &self->losses[draw * self->groups + g];
      const float *slope = self->slope[worker];
      self->sampling.noise->point(self->sampling.noise_self, &self->draws, self->step->x, draw, g, self->point[worker]);
      SWL_TRY(problem->ops->gradient(problem->self, worker, g, self->point[worker], self->slope[worker], loss));
      for (size_t i = 0; isfinite(*loss) && i < problem->dim; i++) part[i] += self->scale[g] * slope[i];
    }
  }
  return SWALE_OK;
}

static size_t importance_finite(const importance *self, size_t group) {
  size_t finite = 0;
  for (size_t draw = 0; draw < self->samples; draw++)
    finite += isfinite(self->losses[draw * self->groups + group]) != 0;
  return finite;
}

static swale_status importance_pathwise(importance *self, swl_step *step) {
  const swl_sampling *with = &self->sampling;
  const size_t dim = with->problem->dim;
  const double *shares = with->problem->shares;
  for (size_t g = 0; g < self->groups; g++) self->scale[g] = shares[g] / (double)self->samples;
  SWL_TRY(swl_team_run(with->team, self->shards, importance_shard, self));
  const swl_loss_table seen = importance_losses(self, self->losses);
  SWL_TRY(with->regularizer->tilt(with->context, with->settings, &seen, self->weights, &step->tilt));
  if (step->tilt.rejected > 0) { /* again: each group's mean is over its own finite losses, whose number is known now */
    for (size_t g = 0; g < self->groups; g++) self->scale[g] = shares[g] / (double)importance_finite(self, g);
    SWL_TRY(swl_team_run(with->team, self->shards, importance_shard, self));
  }
  swl_reduce_tree(with->team, self->shards, dim, self->parts);
  for (size_t i = 0; i < dim; i++) step->gradient[i] = (float)self->parts[i];
  step->draws = self->samples;
  return SWALE_OK;
}

static swale_status importance_draw(void *pointer, swl_step *step) {
  importance *self = pointer;
  self->step = step;
  self->draws = importance_draws(self, step);
  if (self->pathwise) return importance_pathwise(self, step);
  const size_t items = (self->samples + self->block - 1) / self->block;
  SWL_TRY(swl_team_run(self->sampling.team, items, importance_block, self));
  return importance_tell(self, step, self->losses);
}

static swale_status importance_ask(void *pointer, const swl_step *step, size_t first, size_t count, float *points) {
  importance *self = pointer;
  const swl_sampling *with = &self->sampling;
  const swl_draws draws = importance_draws(self, step);
  for (size_t i = 0; i < count; i++) {
    with->noise->point(with->noise_self, &draws, step->x, first + i, 0, points + i * with->problem->dim);
  }
  return SWALE_OK;
}

const swl_sampler_ops swl_sampler_importance = {
    .name = "importance",
    .brief = "independent draws, weighted by exp(-beta f); losses only",
    .source = "García Trillos, Kaplan, Sanz-Alonso 2019",
    .create = importance_create,
    .draw = importance_draw,
    .ask = importance_ask,
    .tell = importance_tell,
};
