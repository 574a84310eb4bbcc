/* importance.c - independent draws of the Gaussian, weighted.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §4.1; MATH §6.1 and, for one pass, §6.5. For heat with estimator =
 *         pathwise the mean gradient over the same draws, as the paper's §4.2 does inside Robbins-Monro.
 *
 * computes  score:    losses f_j at x + sqrt(tau) Z_j, weights by the regularizer, gradient = -Σ w_j Z_j/(beta sqrt tau)
 *           pathwise: gradient = mean of grad f(x + sqrt(tau) Z_j)
 *
 *   symbol | code     | shape            | meaning
 *   -------|----------|------------------|------------------------------
 *   f_jg   | losses   | samples × groups | loss of group g at draw j
 *   w_jg   | weights  | samples × groups | what the regularizer made of them
 *          | moments  | groups × smoothings  | one pass: mean, standard error, number of the finite losses
 *          | parts    | shards × dim     | pathwise: sums of gradients, one per shard
 *
 * steps     two passes: (1) evaluate draws, in parallel (2) tilt (3) combine (4) scale. The sampling error of the
 *           gradient in units of 1 / tau goes along, (9) in few dimensions by the delta method: unit i, a pair or a draw,
 *           counts c_i = Σ w Z - m Σ v, m = Σ w Z over all, v = w + 1/N (local entropy, centered), w (literal), or 1/N
 *           (heat): n/(n - 1) Σ |c_i|² / beta². Else, where weights hardly depend on any one coordinate, by
 *           dim Σ w² / beta²: within a few percent of it from IMPORTANCE_FEW coordinates on, and below that for the
 *           monotonicity check only.
 *           one pass, where the noise can weigh draws while it makes them, beta is known and groups need no normalization
 *           of their own (ranks do: option shaping): (5) where beta is automatic, choose it by a few draws first (6) stream (7) moments of
 *           the groups, where a rank has only its own: those of its own, shared (8) tilt, for the statistics and for the
 *           normalization. If a loss, or one of the references, was not finite, or the reference was so poor that weights
 *           overflow, the two passes follow.
 * cost      that of the noise; the pilot and a pass in vain are not counted among the draws. pathwise: samples gradients
 *           and shards × dim doubles.
 * randomness  SWL_PURPOSE_DRAW by (update, round × samples + draw, group).
 */
#include "numeric/vector.h"
#include "sampler/sampler.h"

#include <math.h>
#include <string.h>

enum { IMPORTANCE_DRAWS = 16 }; /* heuristic: draws per item, when there are enough for all workers */

/* heuristic: draws that choose beta, an eighth of all within these bounds, or more where few are to be effective: 10 % of
 * error in beta is nothing (any ESS / N from 0.5 to 0.95 trains as well) */
enum { IMPORTANCE_PILOT_LEAST = 32, IMPORTANCE_PILOT_MOST = 256 };

/* One pass weighs by exp(-beta (f - f0)). Its largest weight must not exceed what a single-precision sum can hold, and the
 * mean weight must not be so small that, divided by it, the differences within pairs round to zero. Without pairs it would
 * center by a constant that the losses choose, exp(beta (F / beta - f0)) in the place of 1: local entropy then takes two
 * passes. */
#define IMPORTANCE_WEIGHT_MOST 60.0
#define IMPORTANCE_SHIFT_MOST 20.0

enum {
  IMPORTANCE_FEW = 1024
}; /* heuristic: coordinates; normals for the delta method take longer than losses beyond */

/* Between them gradients are handed over as they are: their squares, also of coordinates a thousand times smaller, are
 * numbers of single precision. */
#define IMPORTANCE_SLOPE_LEAST 0x1p-57
#define IMPORTANCE_SLOPE_MOST 0x1p57

typedef struct importance {
  swl_sampling sampling;
  swl_auto beta;            /* as given, or that of the pilot, */
  int missed;               /* 1: which is not what was asked for */
  size_t samples, groups;   /* samples: over all smoothings of the plan */
  double *losses, *weights; /* samples × groups each */
  double *sorted;           /* samples: scratch; NULL unless draws are weighed by their ranks */
  swl_moment *moments;      /* groups × smoothings; NULL unless there is one pass */
  int pathwise, streams;
  size_t shards;
  double *parts;          /* pathwise: shards × dim */
  double *squares;        /* pathwise: tiles of dim, scratch of the sum */
  double *scale;          /* pathwise: groups; share / number of finite losses */
  float **point, **slope; /* pathwise: per worker dim each; point also in few dimensions */
  double *units;          /* samples: |c_i|²; NULL but in few dimensions */
  size_t per_item;        /* draws per item */
  size_t end;             /* draws of the running evaluation: all, or the pilot's */
  swl_range own;          /* groups whose losses this rank has after one pass */
  const swl_step *step;   /* of the running call */
  swl_draws draws;
} importance;

static swale_status importance_create_points(importance *made) {
  const swl_sampling *with = &made->sampling;
  const size_t workers = swl_team_size(with->team);
  made->point = swl_arena_take(with->arena, workers, sizeof *made->point);
  if (!made->point) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    made->point[w] = swl_arena_take(with->arena, with->problem->dim, sizeof(float));
    if (!made->point[w]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

static swale_status importance_create_pathwise(importance *made) {
  const swl_sampling *with = &made->sampling;
  const size_t workers = swl_team_size(with->team), dim = with->problem->dim;
  if (!with->noise->point) {
    return swl_fail(with->context, SWALE_ERROR_UNSUPPORTED,
                    "estimator pathwise needs points in weight space, which noise %s does not have",
                    with->noise->head.name);
  }
  if (!with->problem->ops->gradient) {
    return swl_fail(with->context, SWALE_ERROR_UNSUPPORTED,
                    "estimator pathwise needs gradients, which this loss does not have; use estimator = score");
  }
  made->shards = (size_t)with->settings->shards < made->samples ? (size_t)with->settings->shards : made->samples;
  made->parts = swl_arena_take(with->arena, made->shards * dim, sizeof *made->parts);
  made->squares = swl_arena_take(with->arena, swl_tiles(dim), sizeof *made->squares);
  SWL_TRY(importance_create_points(made));
  made->slope = swl_arena_take(with->arena, workers, sizeof *made->slope);
  made->scale = swl_arena_take(with->arena, made->groups, sizeof *made->scale);
  if (!made->parts || !made->squares || !made->slope || !made->scale) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    made->slope[w] = swl_arena_take(with->arena, dim, sizeof(float));
    if (!made->slope[w]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

/* Draws come in pairs, and at least two are needed where they are compared with each other. */
static swale_status importance_check(const swl_sampling *with, int pathwise) {
  swale_context *context = with->context;
  const swl_settings *settings = with->settings;
  const int alone = pathwise || (with->regularizer->density && settings->weighting == SWL_WEIGHTING_LITERAL);
  if (settings->antithetic && settings->samples % 2 != 0) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option samples: %lld is odd; antithetic pairs need an even number (or set antithetic = false)",
                    (long long)settings->samples);
  }
  if (settings->shaping == SWL_SHAPING_RANK && with->problem->network && with->problem->group == 1 &&
      with->problem->ops->batch(with->problem->self)->weights) {
    return swl_fail(
        context, SWALE_ERROR_USAGE,
        "option shaping: rank orders the draws of each example (group = 1), whatever its weight; with weights "
        "use shaping = none or a larger group");
  }
  if (settings->samples < 2 && !alone) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option samples: 1; losses say nothing until two of them are compared; allowed is 2 or more");
  }
  return SWALE_OK;
}

/* One pass is possible where no group needs a normalization of its own before it is added to others. */
static int importance_streams(const swl_sampling *with, int pathwise) {
  const int normalized = with->regularizer->density && with->problem->groups > 1;
  const int literal = with->regularizer->density && with->settings->weighting == SWL_WEIGHTING_LITERAL;
  if (with->settings->shaping == SWL_SHAPING_RANK) return 0; /* a rank needs all losses */
  const int centers = with->regularizer->density && !with->settings->antithetic;
  return !pathwise && with->noise->stream && !normalized && !literal && !centers && !with->settings->monotone;
}

static swale_status importance_create(const swl_sampling *sampling, void **self) {
  const swl_settings *settings = sampling->settings;
  const int pathwise = settings->estimator == SWL_ESTIMATOR_PATHWISE;
  SWL_TRY(importance_check(sampling, pathwise));
  importance *made = swl_arena_take(sampling->arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->sampling = *sampling;
  made->beta = settings->beta;
  made->samples = sampling->plan.first[sampling->plan.count];
  made->groups = sampling->problem->groups;
  const size_t even = made->samples / 16 / 2 * 2; /* not of the workers: a product's rounding depends on its size */
  made->per_item = even < 2 ? 2 : even > IMPORTANCE_DRAWS ? IMPORTANCE_DRAWS : even;
  if (made->per_item < sampling->plan.together) made->per_item = sampling->plan.together;
  made->losses = swl_arena_take(sampling->arena, made->samples * made->groups, sizeof *made->losses);
  made->weights = swl_arena_take(sampling->arena, made->samples * made->groups, sizeof *made->weights);
  if (!made->losses || !made->weights) return SWALE_ERROR_MEMORY;
  if (settings->shaping == SWL_SHAPING_RANK) {
    made->sorted = swl_arena_take(sampling->arena, made->samples, sizeof *made->sorted);
    if (!made->sorted) return SWALE_ERROR_MEMORY;
  }
  made->pathwise = pathwise;
  made->streams = importance_streams(sampling, pathwise);
  if (made->streams) {
    made->moments = swl_arena_take(sampling->arena, made->groups * sampling->plan.count, sizeof *made->moments);
    if (!made->moments) return SWALE_ERROR_MEMORY;
  }
  if (pathwise) SWL_TRY(importance_create_pathwise(made));
  if (!pathwise && sampling->noise->point && made->groups == 1 && sampling->problem->dim < IMPORTANCE_FEW) {
    made->units = swl_arena_take(sampling->arena, made->samples, sizeof *made->units);
    if (!made->units) return SWALE_ERROR_MEMORY;
    SWL_TRY(importance_create_points(made));
  }
  *self = made;
  return SWALE_OK;
}

static swl_draws importance_draws(const importance *self, const swl_step *step) {
  return (swl_draws){
      .key = swl_settings_key(self->sampling.settings),
      .purpose = SWL_PURPOSE_DRAW,
      .update = step->update,
      .offset = step->round * self->samples,
      .samples = self->samples,
      .antithetic = self->sampling.settings->antithetic,
      .covariance = &step->covariance,
  };
}

/* The first `samples` draws of a smoothing. */
static swl_loss_table importance_table(const importance *self, const double *losses, size_t smoothing, size_t samples) {
  return (swl_loss_table){
      .f = losses + self->sampling.plan.first[smoothing] * self->groups,
      .samples = samples,
      .groups = self->groups,
      .shares = self->sampling.problem->shares,
      .antithetic = self->sampling.settings->antithetic,
  };
}

/* Items run through the smoothings of the plan, none across two of them. */
static swale_status importance_item(void *pointer, size_t worker, size_t item) {
  importance *self = pointer;
  const swl_plan *plan = &self->sampling.plan;
  size_t b = 0, first = 0;
  for (;; b++) {
    const size_t items = (plan->first[b + 1] - plan->first[b] + self->per_item - 1) / self->per_item;
    if (item < items) break;
    item -= items;
  }
  first = plan->first[b] + item * self->per_item;
  const size_t last = plan->first[b + 1] < self->end ? plan->first[b + 1] : self->end;
  const swl_range range = {first, first + self->per_item < last ? first + self->per_item : last};
  return self->sampling.noise->evaluate(self->sampling.noise_self, worker, &self->draws, self->step->x, range,
                                        self->losses); /* (1) */
}

/* Losses of the draws before `end`. */
static swale_status importance_evaluate(importance *self, size_t end) {
  const swl_sampling *with = &self->sampling;
  const swl_plan *plan = &with->plan;
  size_t items = 0;
  self->end = end;
  if (end == self->samples && with->noise->table) {
    return with->noise->table(with->noise_self, with->team, &self->draws, self->step->x, self->losses);
  }
  for (size_t b = 0; b < plan->count && plan->first[b] < end; b++) {
    const size_t last = plan->first[b + 1] < end ? plan->first[b + 1] : end;
    items += (last - plan->first[b] + self->per_item - 1) / self->per_item;
  }
  if (plan->count > 1)
    return swl_team_run(with->team, items, importance_item, self); /* no noise has several smoothings, but no table */
  const swl_dealt losses = {self->losses, self->per_item * self->groups * sizeof *self->losses,
                            end * self->groups * sizeof *self->losses};
  return swl_team_deal(with->team, items, items, importance_item, self, 1, &losses);
}

/* Weights (unless NULL) and statistics: of each smoothing on its own, the mean over the smoothings for the statistics. moments:
 * those of the losses, or NULL. */
static swale_status importance_tilt(importance *self, const double *losses, const swl_moment *moments, double *weights,
                                    swl_tilt *tilt) {
  const swl_sampling *with = &self->sampling;
  const swl_plan *plan = &with->plan;
  const double smoothings = (double)plan->count;
  swl_tilt mean = {0};
  for (size_t b = 0; b < plan->count; b++) {
    swl_loss_table seen = importance_table(self, losses, b, plan->first[b + 1] - plan->first[b]);
    seen.moments = moments ? moments + b : NULL;
    seen.apart = plan->count;
    double *mine = weights ? weights + plan->first[b] * self->groups : NULL;
    swl_tilt one;
    SWL_TRY(with->regularizer->tilt(with->context, with->settings, self->beta, &seen, self->sorted ? NULL : mine,
                                    &one)); /* (2) */
    if (self->sorted && mine) swl_order_weights(&seen, one.beta, self->sorted, mine);
    mean.beta = one.beta;
    mean.value += one.value / smoothings;
    mean.loss += one.loss / smoothings;
    mean.value_se += one.value_se * one.value_se / (smoothings * smoothings);
    mean.loss_se += one.loss_se * one.loss_se / (smoothings * smoothings);
    mean.ess += one.ess;
    mean.rejected += one.rejected;
    mean.missed |= one.missed;
  }
  mean.value_se = sqrt(mean.value_se);
  mean.loss_se = sqrt(mean.loss_se);
  *tilt = mean;
  return SWALE_OK;
}

/* Σ tau E|error|² = E|Σ w Z|² / beta², and E|Σ w Z|² = dim Σ w² for weights that hardly depend on any one coordinate of
 * Z; a pair has one Z. */
static double importance_noise(const importance *self, double beta) {
  const swl_sampling *with = &self->sampling;
  const size_t groups = self->groups, step = with->settings->antithetic ? 2 : 1;
  const double dim = with->noise->dimension ? with->noise->dimension(with->noise_self) : (double)with->problem->dim;
  double sum = 0;
  for (size_t draw = 0; draw < self->samples; draw += step) {
    for (size_t g = 0; g < groups; g++) {
      const double *w = &self->weights[draw * groups + g];
      const double weight = step == 2 ? w[0] - w[groups] : w[0];
      sum += weight * weight;
    }
  }
  return dim * sum / beta / beta;
}

/* step->unit, so that the gradient, some 1 / (beta sqrt(tau)), and its square are numbers of single precision whatever the
 * losses are that chose beta: a power of two, so that nothing is rounded, and 1 in all but extreme cases. */
static void importance_unit(const importance *self, swl_step *step) {
  const double slope = 1 / (step->tilt.beta * sqrt(step->tau));
  step->unit = 1;
  if (self->sampling.settings->beta.automatic && !(slope > IMPORTANCE_SLOPE_LEAST && slope < IMPORTANCE_SLOPE_MOST)) {
    step->unit = ldexp(1, ilogb(1 / step->tilt.beta));
  }
}

/* (9) of some units: |c_i|², given m in the gradient. */
static swale_status importance_measure(void *pointer, size_t worker, size_t item) {
  importance *self = pointer;
  const swl_sampling *with = &self->sampling;
  const size_t members = with->settings->antithetic ? 2 : 1, units = self->samples / members;
  const size_t first = item * IMPORTANCE_DRAWS,
               end = first + IMPORTANCE_DRAWS < units ? first + IMPORTANCE_DRAWS : units;
  const int literal = with->settings->weighting == SWL_WEIGHTING_LITERAL;
  const double even = 1 / (double)units;
  const float *m = self->step->gradient, *x = self->step->x, *point = self->point[worker];
  for (size_t unit = first; unit < end; unit++) {
    const double *w = &self->weights[unit * members];
    const double both = members == 2 ? w[0] + w[1] : w[0], weight = members == 2 ? w[0] - w[1] : w[0];
    const double v = !with->regularizer->density ? even : literal ? both : both + even;
    const swl_block *block = self->draws.covariance->blocks;
    double square = 0;
    with->noise->point(with->noise_self, &self->draws, x, unit * members, 0, self->point[worker]);
    for (size_t i = 0; i < with->problem->dim; i++) {
      while (block->end <= i) block++;
      const double c = weight * ((double)point[i] - x[i]) / sqrt(block->tau) - v * m[i];
      square += c * c;
    }
    self->units[unit] = square;
  }
  return SWALE_OK;
}

static swale_status importance_delta(importance *self, swl_step *step) {
  const swl_sampling *with = &self->sampling;
  const size_t units = self->samples / (with->settings->antithetic ? 2 : 1);
  const size_t items = (units + IMPORTANCE_DRAWS - 1) / IMPORTANCE_DRAWS;
  const swl_dealt output = {self->units, IMPORTANCE_DRAWS * sizeof *self->units, units * sizeof *self->units};
  double sum = 0;
  self->step = step;
  SWL_TRY(swl_team_deal(with->team, items, items, importance_measure, self, 1, &output));
  for (size_t i = 0; i < units; i++) sum += self->units[i];
  step->noise = sum * (double)units / (double)(units - 1) / step->tilt.beta / step->tilt.beta;
  step->rough = with->regularizer->density && isnan(step->tilt.value_se);
  return SWALE_OK;
}

static swale_status importance_tell(void *pointer, swl_step *step, const double *losses) {
  importance *self = pointer;
  const swl_sampling *with = &self->sampling;
  SWL_TRY(importance_tilt(self, losses, NULL, self->weights, &step->tilt));
  self->draws = importance_draws(self, step);
  SWL_TRY(with->noise->combine(with->noise_self, with->team, &self->draws, step->x, self->weights,
                               step->gradient)); /* (3) */
  step->noise = importance_noise(self, step->tilt.beta);
  step->rough = with->problem->dim < IMPORTANCE_FEW;
  if (self->units) SWL_TRY(importance_delta(self, step)); /* (9) */
  importance_unit(self, step);
  SWL_TRY(swl_covariance_divide(&step->covariance, with->team, -1 / (step->tilt.beta * step->unit), step->dealt,
                                step->gradient)); /* (4) */
  step->draws = self->samples;
  return SWALE_OK;
}

/* beta as given, or as a few draws choose it. */
static swale_status importance_pilot(importance *self) {
  const swl_sampling *with = &self->sampling;
  const swl_auto *given = &with->settings->beta;
  self->beta = *given;
  self->missed = 0;
  if (!given->automatic || !with->regularizer->density) return SWALE_OK;
  size_t pilot = self->samples / 8;
  const size_t effective = (size_t)(10 / given->value) + 1; /* of which ten are effective */
  if (pilot > IMPORTANCE_PILOT_MOST) pilot = IMPORTANCE_PILOT_MOST;
  if (pilot < IMPORTANCE_PILOT_LEAST) pilot = IMPORTANCE_PILOT_LEAST;
  if (pilot < effective) pilot = effective;
  if (pilot > self->samples) pilot = self->samples;
  pilot = (pilot + 1) / 2 * 2;
  SWL_TRY(importance_evaluate(self, pilot < self->samples ? pilot : self->samples));
  const swl_loss_table seen = importance_table(self, self->losses, 0, self->end);
  swl_tilt tilt;
  SWL_TRY(with->regularizer->tilt(with->context, with->settings, *given, &seen, NULL, &tilt));
  self->beta = (swl_auto){0, tilt.beta};
  self->missed = tilt.missed;
  return SWALE_OK;
}

/* (7) of some groups that this rank has the losses of. */
static swale_status importance_moments_item(void *pointer, size_t worker, size_t item) {
  importance *self = pointer;
  const swl_plan *plan = &self->sampling.plan;
  const size_t first = self->own.first + item * SWL_CHUNK, rest = self->own.end - first;
  const size_t width = rest < SWL_CHUNK ? rest : SWL_CHUNK;
  const double *reference = self->sampling.noise->reference(self->sampling.noise_self);
  (void)worker;
  for (size_t b = 0; b < plan->count; b++) {
    const swl_loss_table seen = importance_table(self, self->losses, b, plan->first[b + 1] - plan->first[b]);
    swl_moment found[SWL_CHUNK];
    swl_loss_moments(&seen, NULL, first, width, found);
    for (size_t g = 0; g < width; g++) {
      if (!isfinite(reference[first + g]))
        found[g].finite = 0; /* its weights are no numbers, whatever its losses are */
      self->moments[(first + g) * plan->count + b] = found[g];
    }
  }
  return SWALE_OK;
}

static swale_status importance_moments(importance *self) {
  const swl_sampling *with = &self->sampling;
  swl_ranks *ranks = swl_team_ranks(with->team);
  const size_t rank = swl_ranks_rank(ranks),
               *owned = ranks && with->noise->owned ? with->noise->owned(with->noise_self) : NULL;
  self->own = owned ? (swl_range){owned[rank], owned[rank + 1]} : (swl_range){0, self->groups};
  SWL_TRY(swl_team_run(with->team, (self->own.end - self->own.first + SWL_CHUNK - 1) / SWL_CHUNK,
                       importance_moments_item, self));
  if (!owned) return SWALE_OK;
  size_t *bounds = swl_ranks_bounds(ranks); /* without an agreement: nothing since that of the draws can fail */
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) {
    bounds[r] = owned[r] * with->plan.count * sizeof *self->moments;
  }
  return swl_ranks_gather(ranks, self->moments, bounds);
}

/* 1 if every draw has entered the sum with a weight that is a number. */
static int importance_is_whole(const importance *self) {
  const swl_plan *plan = &self->sampling.plan;
  for (size_t g = 0; g < self->groups; g++) {
    for (size_t b = 0; b < plan->count; b++) {
      if (self->moments[g * plan->count + b].finite < plan->first[b + 1] - plan->first[b]) return 0;
    }
  }
  return 1;
}

/* *whole: 1 if the gradient stands, 0 if the two passes must follow. */
static swale_status importance_stream(importance *self, swl_step *step, int *whole) {
  const swl_sampling *with = &self->sampling;
  const swl_regularizer_ops *regularizer = with->regularizer;
  const swale_status chosen = importance_pilot(self); /* (5) */
  if (chosen == SWALE_ERROR_NUMERIC) return SWALE_OK; /* no finite loss among the first: the two passes see all */
  SWL_TRY(chosen);
  const swl_rule rule = {self->beta.automatic ? 1 : self->beta.value, regularizer->stream};
  SWL_TRY(with->noise->stream(with->noise_self, with->team, &self->draws, step->x, &rule, self->losses,
                              step->gradient)); /* (6) */
  SWL_TRY(importance_moments(self));
  *whole = importance_is_whole(self);
  if (!*whole) return SWALE_OK;
  SWL_TRY(importance_tilt(self, self->losses, self->moments, NULL, &step->tilt)); /* (8) */
  step->tilt.missed = self->missed;
  importance_unit(self, step);
  double scale = -1 / (step->tilt.beta * step->unit);
  if (regularizer->density) {
    const double reference = with->noise->reference(with->noise_self)[0];
    double least = reference;
    for (size_t j = 0; j < self->samples; j++) least = self->losses[j] < least ? self->losses[j] : least;
    const double shift = step->tilt.beta * (step->tilt.value - reference);
    *whole = step->tilt.beta * (reference - least) < IMPORTANCE_WEIGHT_MOST && shift < IMPORTANCE_SHIFT_MOST;
    scale *= exp(shift);
  }
  SWL_TRY(swl_covariance_divide(&step->covariance, with->team, scale, step->dealt, step->gradient));
  step->noise = 0;
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
      if (!swl_vector()->finite(problem->dim, slope)) *loss = NAN; /* a draw without a slope is rejected, too */
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
  const double *shares = with->problem->shares;
  const swl_dealt losses = SWL_DEALT(self->groups, self->losses);
  double square = 0;
  for (size_t g = 0; g < self->groups; g++) self->scale[g] = shares[g] / (double)self->samples;
  SWL_TRY(swl_team_deal(with->team, self->samples, self->shards, importance_shard, self, 1, &losses));
  SWL_TRY(importance_tilt(self, self->losses, NULL, self->weights, &step->tilt));
  if (step->tilt.rejected > 0) { /* again: each group's mean is over its own finite losses, whose number is known now */
    for (size_t g = 0; g < self->groups; g++) self->scale[g] = shares[g] / (double)importance_finite(self, g);
    SWL_TRY(swl_team_deal(with->team, self->samples, self->shards, importance_shard, self, 1, &losses));
  }
  SWL_TRY(swl_reduce_tree(with->team, self->shards, with->problem->dim, self->parts, 1, step->gradient, self->squares,
                          &square));
  step->draws = self->samples;
  return SWALE_OK;
}

static swale_status importance_draw(void *pointer, swl_step *step) {
  importance *self = pointer;
  const swl_sampling *with = &self->sampling;
  int whole = 0;
  if (with->noise->prepare) {
    const double sig = with->settings->sig.value * sqrt(step->tau / with->settings->tau); /* as tau is scheduled */
    SWL_TRY(with->noise->prepare(with->noise_self, with->team, step->x, sig, &step->covariance));
  }
  self->step = step;
  self->draws = importance_draws(self, step);
  self->beta = with->settings->beta;
  if (self->pathwise) return importance_pathwise(self, step);
  if (self->streams) SWL_TRY(importance_stream(self, step, &whole));
  if (whole) return SWALE_OK;
  self->beta = with->settings->beta;
  SWL_TRY(importance_evaluate(self, self->samples));
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
    .head = {"importance", "independent draws, weighted by exp(-beta f); losses only",
             "García Trillos, Kaplan, Sanz-Alonso 2019"},
    .independent = 1,
    .create = importance_create,
    .draw = importance_draw,
    .ask = importance_ask,
    .tell = importance_tell,
};
