/* trainer.c - one update: draws, weights, step; all memory at birth. */
#include "train/trainer_parts.h"

#include "numeric/numeric.h"
#include "train/resolve.h"
#include "train/same.h"
#include "train/schedule.h"
#include "train/state.h"
#include "train/walk.h"

#include <math.h>
#include <string.h>

static swale_status trainer_allocate(swale_trainer *trainer) {
  const size_t dim = trainer->problem->dim;
  trainer->x = swl_arena_take(trainer->arena, dim, sizeof(float));
  trainer->step.gradient = swl_arena_take(trainer->arena, dim, sizeof(float));
  if (!trainer->x || !trainer->step.gradient) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_walk_create(trainer->arena, dim, &trainer->walk));
  trainer->step.x = trainer->x;
  trainer->step.tilt = SWL_TILT_NONE;
  trainer->step.mixing = SWL_MIXING_NONE;
  trainer->rate = trainer->length = trainer->step.tau = NAN;
  trainer->factor = 1;
  trainer->monotone = (swl_monotone){.change = NAN, .change_se = NAN, .required = NAN};
  return SWALE_OK;
}

static void trainer_tell_objective(const swale_trainer *trainer) {
  const size_t groups = trainer->problem->groups;
  if (groups <= 1 || !trainer->sampling.regularizer->density) return;
  swl_log(trainer->context,
          "group = %lld: the objective is the mean over %zu groups of their own %s, a lower bound of that of the batch",
          (long long)trainer->settings.group, groups, trainer->settings.regularizer);
}

/* The options, on all ranks the same, and the threads. */
static swale_status trainer_settle(swale_trainer *trainer, const swale_options *options) {
  swale_context *context = trainer->context;
  swl_settings *settings = &trainer->settings;
  const swale_problem *problem = trainer->problem;
  if (!problem->network) SWL_TRY(swl_options_check_function(options));
  SWL_TRY(swl_settings_resolve(context, options, problem->network != NULL, settings));
  if (!problem->network) SWL_TRY(swl_options_check_resolved(options, settings));
  SWL_TRY(swl_schedule_check(context, settings));
  SWL_TRY(swl_same_settings(context, settings, problem->dim));
  if (problem->workers && (size_t)settings->threads > problem->workers) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option threads: %lld, but the problem was made for %zu",
                    (long long)settings->threads, problem->workers);
  }
  SWL_TRY(swl_team_create(context, (size_t)settings->threads, &trainer->team));
  if (!problem->network) swl_team_keep_mask(trainer->team); /* its losses are the caller's */
  return SWALE_OK;
}

static swale_status trainer_build(swale_trainer *trainer, const swale_options *options) {
  swale_context *context = trainer->context;
  swl_settings *settings = &trainer->settings;
  swale_problem *problem = trainer->problem;
  SWL_TRY(trainer_settle(trainer, options));
  SWL_TRY(swl_seen_create(trainer->arena, problem, trainer->team, &trainer->seen));
  if (trainer->seen.on) problem = trainer->problem = &trainer->seen.problem;
  SWL_TRY(trainer_allocate(trainer));
  trainer->optimizer = swl_find_optimizer(context, settings->optimizer);
  trainer->rounds = trainer->optimizer->rounds ? trainer->optimizer->rounds(settings) : 1;
  SWL_TRY(trainer->optimizer->create(trainer->arena, settings, problem->dim, &trainer->optimizer_self));
  trainer->sampling = (swl_sampling){.context = context,
                                     .arena = trainer->arena,
                                     .settings = settings,
                                     .problem = problem,
                                     .team = trainer->team,
                                     .noise = swl_find_noise(context, settings->noise),
                                     .regularizer = swl_find_regularizer(context, settings->regularizer)};
  if (!trainer->sampling.regularizer->tilt) { /* nothing to sample: the gradient of the loss itself */
    if (!problem->ops->gradient) {
      return swl_fail(context, SWALE_ERROR_UNSUPPORTED,
                      "regularizer %s needs gradients, which this loss does not have; use local-entropy or heat",
                      settings->regularizer);
    }
    if (!trainer->sampling.regularizer->point) return SWALE_OK;
    trainer->point = swl_arena_take(trainer->arena, problem->dim, sizeof(float));
    return trainer->point ? SWALE_OK : SWALE_ERROR_MEMORY;
  }
  swl_plan *plan = &trainer->sampling.plan;
  *plan = (swl_plan){.count = 1, .first = {0, (size_t)settings->samples}, .together = 1};
  SWL_TRY(trainer->sampling.noise->create(settings, problem, trainer->arena, trainer->team, plan,
                                          &trainer->sampling.noise_self));
  const double draws = (double)plan->first[plan->count] + (double)settings->chains;
  if ((double)trainer->rounds * draws >= 0x1p32) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option samples: %zu draws, in %zu rounds per update; allowed are 2^32 draws",
                    plan->first[plan->count], trainer->rounds);
  }
  trainer_tell_objective(trainer);
  trainer->sampler = swl_find_sampler(context, settings->sampler);
  if (trainer->sampler->gradients && !problem->ops->gradient) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED,
                    "sampler %s needs gradients, which this loss does not have; use sampler = importance",
                    settings->sampler);
  }
  SWL_TRY(trainer->sampler->create(&trainer->sampling, &trainer->sampler_self));
  return swl_monotone_create(&trainer->sampling, &trainer->monotone);
}

/* What remembers earlier parameters, once it is known how much there is to remember. */
static swale_status trainer_remember(swale_trainer *trainer) {
  const size_t dim = trainer->problem->dim;
  SWL_TRY(swl_state_create(trainer->arena, trainer, 0, &trainer->start));
  if (trainer->rounds > 1) SWL_TRY(swl_state_create(trainer->arena, trainer, 0, &trainer->safe));
  trainer->average.decay = trainer->settings.average;
  if (trainer->average.decay == 0) return SWALE_OK;
  trainer->average.mean = swl_arena_take(trainer->arena, dim, sizeof(float));
  return trainer->average.mean ? SWALE_OK : SWALE_ERROR_MEMORY;
}

static uint64_t trainer_fell_back(const swale_trainer *trainer) {
  const swl_kernels *kernels = trainer->problem->network ? swl_kernels_find(swl_word_text(trainer->settings.kernels))
                                                         : NULL;
  return kernels && kernels->missed ? kernels->missed() : 0;
}

swale_status swale_trainer_create(const swale_options *options, swale_problem *problem, swale_trainer **trainer) {
  swale_trainer *made = NULL;
  const swale_status mine = swl_trainer_make(options, problem, &made);
  const swale_status status = swl_ranks_settle(swl_context_ranks(problem->context), mine, NULL);
  if (status == SWALE_OK)
    *trainer = made;
  else
    swale_trainer_destroy(made);
  return status;
}

swale_status swl_trainer_make(const swale_options *options, swale_problem *problem, swale_trainer **trainer) {
  swl_arena *arena = NULL;
  swale_trainer *made = swl_arena_owner(problem->context, sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = problem->context;
  made->arena = arena;
  made->problem = problem;
  swale_status status = trainer_build(made, options);
  if (status == SWALE_OK) status = trainer_remember(made);
  if (status == SWALE_OK) made->fell_back = trainer_fell_back(made);
  if (status != SWALE_OK) {
    swale_trainer_destroy(made);
    return status;
  }
  *trainer = made;
  return SWALE_OK;
}

void swale_trainer_destroy(swale_trainer *trainer) {
  if (!trainer) return;
  swl_team_destroy(trainer->team);
  swl_arena_destroy(trainer->arena);
}

static void trainer_begin(swale_trainer *trainer, size_t round) {
  const uint64_t update = trainer->update;
  const swl_noise_ops *noise = trainer->sampler ? trainer->sampling.noise : NULL;
  trainer->rate = trainer->factor * swl_schedule_rate(&trainer->settings, update);
  trainer->step.update = update;
  trainer->step.round = round;
  trainer->step.mixing = SWL_MIXING_NONE;
  trainer->step.unit = 1;
  trainer->step.tau = trainer->sampler ? swl_schedule_tau(&trainer->settings, update) : NAN;
  trainer->step.dealt = noise && noise->owned && noise->owned(trainer->sampling.noise_self);
  swl_covariance_even(trainer->problem, trainer->step.tau, &trainer->step.covariance);
  if (round > 0) return;
  trainer->moved = 0;
  trainer->broken = NULL;
  if (trainer->sampler && trainer->sampler->batches) return;
  if (!trainer->problem->ops->prepare) return;
  const int some = noise && noise->examples;
  trainer->problem->ops->prepare(trainer->problem->self, trainer->team,
                                 some ? noise->examples(trainer->sampling.noise_self, trainer->team) : swl_everything,
                                 update);
}

typedef struct trainer_slope {
  swale_problem *problem;
  const float *x;
  float *gradient;
  double loss;
} trainer_slope;

static swale_status trainer_slope_task(void *self, size_t worker, size_t item) {
  trainer_slope *job = self;
  (void)item;
  return job->problem->ops->gradient(job->problem->self, worker, 0, job->x, job->gradient, &job->loss);
}

/* The gradient of the loss itself, at x, or at the point that the regularizer makes of that. */
static swale_status trainer_plain_gradient(swale_trainer *trainer) {
  const swl_regularizer_ops *regularizer = trainer->sampling.regularizer;
  trainer_slope job = {trainer->problem, trainer->x, trainer->step.gradient, 0};
  SWL_TRY(swl_team_run(trainer->team, 1, trainer_slope_task, &job));
  const double loss = job.loss;
  if (regularizer->point) {
    regularizer->point(&trainer->settings, trainer->problem->dim, trainer->x, trainer->step.gradient, trainer->point);
    job.x = trainer->point;
    SWL_TRY(swl_team_run(trainer->team, 1, trainer_slope_task, &job));
  }
  trainer->step.tilt = SWL_TILT_NONE;
  trainer->step.tilt.value = job.loss;
  trainer->step.tilt.loss = loss;
  return SWALE_OK;
}

static swale_status trainer_diverged(swale_trainer *trainer, const char *what) {
  trainer->broken = what;
  return swl_fail(
      trainer->context, SWALE_ERROR_NUMERIC,
      "update %llu: the %s is not finite (loss %g, rate %g, tau %g); the parameters keep their last good values. "
      "A smaller rate, or another tau, may help",
      (unsigned long long)trainer->update, what, trainer->step.tilt.loss, trainer->rate, trainer->step.tau);
}

/* A beta that reaches F does not exist where too many of the lowest losses are equal: told once, counted always. */
static void trainer_say_missed(swale_trainer *trainer) {
  const swl_tilt *tilt = &trainer->step.tilt;
  if (!tilt->missed || trainer->missed++ > 0) return;
  swl_log(
      trainer->context,
      "update %llu: beta = auto:%g cannot be met, too many of the lowest losses are equal: beta is %g, ESS %g of %lld",
      (unsigned long long)trainer->update, trainer->settings.beta.value, tilt->beta, tilt->ess,
      (long long)trainer->settings.samples);
}

/* Move x along the gradient that was found, or leave it where it was. */
static swale_status trainer_move(swale_trainer *trainer) {
  const swl_move move = {
      .update = trainer->age,
      .round = trainer->step.round,
      .rate = trainer->rate,
      .beta = trainer->step.tilt.beta,
      .covariance = &trainer->step.covariance,
      .gradient = trainer->step.gradient,
      .unit = trainer->step.unit,
      .loss = trainer->settings.beta.automatic ? 1 / trainer->step.tilt.beta : 1,
  };
  if (move.unit != 1 && !trainer->optimizer->scheme) {
    trainer->broken = "gradient";
    return swl_fail(
        trainer->context, SWALE_ERROR_NUMERIC,
        "update %llu: losses that differ by about %.1g have gradients beyond single precision; multiply the "
        "loss by a constant, or use optimizer = matching, which has no unit",
        (unsigned long long)trainer->update, move.loss);
  }
  swl_state *before = trainer->step.round > 0 ? &trainer->safe : &trainer->start;
  swl_walk_end end = SWL_WALK_GOOD;
  SWL_TRY(swl_walk_step(trainer, &move, before, &end, &trainer->square));
  if (end != SWL_WALK_GOOD) {
    swl_state_restore(trainer, before);
    return trainer_diverged(trainer, end == SWL_WALK_GRADIENT ? "gradient" : "step");
  }
  trainer->moved = 1;
  trainer->draws += trainer->step.draws;
  trainer->rejected += trainer->step.tilt.rejected;
  trainer_say_missed(trainer);
  return SWALE_OK;
}

/* The decrease of F / beta that theory promises for the last update (monotone.h): 0 for what is not a scheme's step.
 * noise is Σ E|n|² / tau, n the part of E_q X - x that is sampling error, averaged over the rounds. */
static double trainer_promise(const swale_trainer *trainer) {
  const swl_optimizer_ops *optimizer = trainer->optimizer;
  const double beta = trainer->step.tilt.beta;
  if (!optimizer->scheme || optimizer->scheme != trainer->sampling.regularizer) return 0;
  const double noise = beta * beta * trainer->step.noise / (double)trainer->rounds;
  const double square = swl_covariance_distance2(&trainer->step.covariance, trainer->x, trainer->start.x);
  const double decrease = optimizer->promise(trainer->rate) * square - 2 * trainer->rate * noise;
  return decrease > 0 ? decrease / (2 * beta) : 0;
}

static swale_status trainer_end(swale_trainer *trainer, int judge) {
  const swl_step *step = &trainer->step;
  const double required = trainer_promise(trainer);
  trainer->length = sqrt(trainer->square);
  if (judge && trainer->monotone.on) {
    SWL_TRY(swl_monotone_judge(&trainer->monotone, &trainer->sampling, step, trainer->start.x, trainer->x, required));
  }
  SWL_TRY(swl_average_add(&trainer->average, trainer->team, trainer->problem->dim, trainer->x));
  SWL_TRY(swl_seen_gather(&trainer->seen));
  swl_seen_judge(&trainer->seen, trainer->update, step->tilt.loss, trainer->square);
  trainer->age++;
  trainer->update++;
  trainer->step.round = 0;
  return SWALE_OK;
}

static swale_status trainer_ask_stop(swale_trainer *trainer) {
  trainer->stop = trainer->asks(trainer->asks_user);
  return swl_ranks_agree_stop(swl_team_ranks(trainer->team), &trainer->stop);
}

static swale_status trainer_rounds(swale_trainer *trainer) {
  for (size_t round = 0; round < trainer->rounds; round++) {
    if (round > 0 && trainer->asks) SWL_TRY(trainer_ask_stop(trainer));
    if (trainer->stop) return SWALE_OK;
    trainer_begin(trainer, round);
    if (trainer->sampler)
      SWL_TRY(trainer->sampler->draw(trainer->sampler_self, &trainer->step));
    else
      SWL_TRY(swl_ranks_agree(swl_team_ranks(trainer->team), trainer_plain_gradient(trainer)));
    SWL_TRY(trainer_move(trainer));
  }
  return trainer_end(trainer, 1);
}

uint64_t swl_trainer_check(const swale_trainer *trainer) {
  uint64_t loss = 0, square = 0;
  memcpy(&loss, &trainer->step.tilt.loss, sizeof loss);
  memcpy(&square, &trainer->square, sizeof square);
  return (loss * 0x9e3779b97f4a7c15U) ^ (square * 0xd1b54a32d192ed03U);
}

/* One at a time, also where a loss calls its own trainer. */
static swale_status trainer_enter(swale_trainer *trainer) {
  if (!atomic_exchange(&trainer->busy, 1)) return SWALE_OK;
  return swl_fail(trainer->context, SWALE_ERROR_USAGE,
                  "the trainer is in the middle of a step: neither its loss nor another thread may ask it for more");
}

swale_status swale_trainer_step(swale_trainer *trainer) {
  SWL_TRY(trainer_enter(trainer));
  const swale_status status = swl_trainer_update(trainer);
  swl_pulse pulse = {0, swl_trainer_check(trainer)};
  const swale_status settled = swl_ranks_settle(swl_team_ranks(trainer->team), status, &pulse);
  atomic_store(&trainer->busy, 0);
  return settled;
}

static void trainer_count(swale_trainer *trainer, swl_traffic before) {
  const swl_traffic now = swl_ranks_traffic(swl_team_ranks(trainer->team));
  trainer->traffic.bytes += now.bytes - before.bytes;
  trainer->traffic.exchanges += now.exchanges - before.exchanges;
  trainer->traffic.agreements += now.agreements - before.agreements;
  trainer->counted++;
}

/* What an update changes besides x, the optimizer and the average. */
typedef struct trainer_marks {
  swl_step step;
  uint64_t draws, rejected;
  double rate, length, square;
} trainer_marks;

static void trainer_keep(const swale_trainer *trainer, trainer_marks *marks) {
  *marks = (trainer_marks){trainer->step, trainer->draws,  trainer->rejected,
                           trainer->rate, trainer->length, trainer->square};
}

/* An update that was given up between two rounds has not been. */
static void trainer_give_up(swale_trainer *trainer, const trainer_marks *marks) {
  trainer->step = marks->step;
  trainer->draws = marks->draws;
  trainer->rejected = marks->rejected;
  trainer->rate = marks->rate;
  trainer->length = marks->length;
  trainer->square = marks->square;
}

/* Said once: the numbers are as good, their last bits and the time differ. */
static void trainer_say_fallback(swale_trainer *trainer) {
  if (trainer_fell_back(trainer) > trainer->fell_back) {
    swl_log(trainer->context,
            "update %llu: %s had no memory for a product, which was made by the reference: slower, and with other last "
            "bits",
            (unsigned long long)trainer->update, swl_word_text(trainer->settings.kernels));
    trainer->fell_back = UINT64_MAX;
  }
}

swale_status swl_trainer_update(swale_trainer *trainer) {
  const swl_traffic before = swl_ranks_traffic(swl_team_ranks(trainer->team));
  trainer_marks marks;
  trainer_keep(trainer, &marks);
  trainer->stop = 0;
  const swale_status status = trainer_rounds(trainer);
  trainer_count(trainer, before);
  trainer_say_fallback(trainer);
  if (status == SWALE_OK && !trainer->stop) return SWALE_OK;
  if (trainer->moved) swl_state_restore(trainer, &trainer->start); /* also after the first rounds */
  if (trainer->seen.on) swl_seen_collect(&trainer->seen);
  if (status == SWALE_OK) trainer_give_up(trainer, &marks);
  trainer->step.round = 0;
  return status;
}

static swale_status trainer_can_ask(swale_trainer *trainer) {
  if (trainer->monotone.on) {
    return swl_fail(trainer->context, SWALE_ERROR_UNSUPPORTED,
                    "option monotone: true; the check evaluates the loss itself, which ask and tell do not");
  }
  if (trainer->sampler && trainer->sampler->ask && trainer->sampling.noise->point && trainer->problem->groups == 1 &&
      trainer->settings.estimator == SWL_ESTIMATOR_SCORE) {
    return SWALE_OK;
  }
  return swl_fail(trainer->context, SWALE_ERROR_UNSUPPORTED,
                  "ask and tell need losses only: sampler importance, estimator score, group 0");
}

swale_status swale_trainer_ask(swale_trainer *trainer, size_t first, size_t count, float *points) {
  const size_t samples = (size_t)trainer->settings.samples;
  SWL_TRY(trainer_can_ask(trainer));
  if (first > samples || count > samples - first) {
    return swl_fail(trainer->context, SWALE_ERROR_USAGE, "ask: draws %zu to %zu; there are %zu", first, first + count,
                    samples);
  }
  trainer_begin(trainer, trainer->step.round);
  return trainer->sampler->ask(trainer->sampler_self, &trainer->step, first, count, points);
}

/* The best of losses that were evaluated elsewhere, and its point. */
static swale_status trainer_look(swale_trainer *trainer, const double *losses) {
  const size_t samples = (size_t)trainer->settings.samples;
  double least = INFINITY;
  if (!trainer->seen.on) return SWALE_OK;
  swl_seen_count(&trainer->seen, samples);
  for (size_t j = 0; j < samples; j++) least = isfinite(losses[j]) && losses[j] < least ? losses[j] : least;
  for (size_t j = 0; least <= trainer->seen.best.loss && j < samples; j++) {
    if (losses[j] != least) continue;
    SWL_TRY(trainer->sampler->ask(trainer->sampler_self, &trainer->step, j, 1, trainer->seen.told));
    swl_seen_offer(&trainer->seen, trainer->seen.told, least);
  }
  return SWALE_OK;
}

static swale_status trainer_tell(swale_trainer *trainer, const double *losses, size_t count) {
  SWL_TRY(trainer_can_ask(trainer));
  if (count != (size_t)trainer->settings.samples) {
    return swl_fail(trainer->context, SWALE_ERROR_USAGE, "tell: %zu losses; there must be samples = %lld", count,
                    (long long)trainer->settings.samples);
  }
  trainer_begin(trainer, trainer->step.round);
  SWL_TRY(trainer_look(trainer, losses));
  SWL_TRY(trainer->sampler->tell(trainer->sampler_self, &trainer->step, losses));
  SWL_TRY(trainer_move(trainer));
  if (trainer->step.round + 1 < trainer->rounds) {
    trainer->step.round++;
    return SWALE_OK;
  }
  return trainer_end(trainer, 0);
}

swale_status swale_trainer_tell(swale_trainer *trainer, const double *losses, size_t count) {
  SWL_TRY(trainer_enter(trainer));
  const swale_status status = trainer_tell(trainer, losses, count);
  swl_pulse pulse = {0, swl_trainer_check(trainer)};
  const swale_status settled = swl_ranks_settle(swl_team_ranks(trainer->team), status, &pulse);
  atomic_store(&trainer->busy, 0);
  return settled;
}

const float *swale_trainer_parameters(const swale_trainer *trainer) { return trainer->x; }

const float *swale_trainer_best(const swale_trainer *trainer) {
  return trainer->seen.on && isfinite(trainer->seen.best.loss) ? trainer->seen.best.x : NULL;
}

const float *swale_trainer_average(const swale_trainer *trainer) {
  return trainer->average.count > 0 ? trainer->average.mean : trainer->x;
}

swale_status swale_trainer_set_parameters(swale_trainer *trainer, const float *x) {
  const size_t dim = trainer->problem->dim;
  for (size_t i = 0; i < dim; i++) {
    if (!isfinite(x[i])) {
      return swl_fail(trainer->context, SWALE_ERROR_USAGE, "parameters: number %zu is %g; all must be finite", i, x[i]);
    }
  }
  memcpy(trainer->x, x, dim * sizeof *x);
  trainer->average.count = 0;
  trainer->step.round = 0; /* of an update that had begun somewhere else */
  return SWALE_OK;
}

uint64_t swale_trainer_updates(const swale_trainer *trainer) { return trainer->update; }

static double trainer_number(const swale_trainer *trainer, swale_statistic statistic) {
  const swl_tilt *tilt = &trainer->step.tilt;
  const swl_monotone *monotone = &trainer->monotone;
  switch (statistic) {
  case SWALE_STATISTIC_LOSS: return tilt->loss;
  case SWALE_STATISTIC_LOSS_SE: return tilt->loss_se;
  case SWALE_STATISTIC_VALUE: return tilt->value;
  case SWALE_STATISTIC_VALUE_SE: return tilt->value_se;
  case SWALE_STATISTIC_ESS: return tilt->ess;
  case SWALE_STATISTIC_BETA: return tilt->beta;
  case SWALE_STATISTIC_TAU: return trainer->step.tau;
  case SWALE_STATISTIC_RATE: return trainer->rate;
  case SWALE_STATISTIC_REJECTED: return (double)tilt->rejected;
  case SWALE_STATISTIC_STEP: return trainer->length;
  case SWALE_STATISTIC_MEAN_SE:
    return trainer->step.noise > 0 && !trainer->step.rough ? tilt->beta * sqrt(trainer->step.noise) : (double)NAN;
  case SWALE_STATISTIC_ACCEPTANCE: return trainer->step.mixing.acceptance;
  case SWALE_STATISTIC_MIXING_TIME: return trainer->step.mixing.time;
  case SWALE_STATISTIC_CHAIN_STEP: return trainer->step.mixing.step;
  case SWALE_STATISTIC_STAGES: return trainer->step.mixing.stages;
  case SWALE_STATISTIC_CHANGE: return monotone->change;
  case SWALE_STATISTIC_CHANGE_SE: return monotone->change_se;
  case SWALE_STATISTIC_REQUIRED: return monotone->required;
  case SWALE_STATISTIC_HELD: return (double)monotone->held;
  case SWALE_STATISTIC_UNDECIDED: return (double)monotone->undecided;
  case SWALE_STATISTIC_VIOLATED: return (double)monotone->violated;
  case SWALE_STATISTIC_EVALUATIONS: return (double)(trainer->seen.on ? trainer->seen.evaluations : trainer->draws);
  case SWALE_STATISTIC_BEST_LOSS: return trainer->seen.on ? trainer->seen.best.loss : (double)NAN;
  case SWALE_STATISTIC_MISSED: return (double)trainer->missed;
  }
  return NAN;
}

double swale_trainer_statistic(const swale_trainer *trainer, swale_statistic statistic) {
  const double number = trainer_number(trainer, statistic);
  return isfinite(number) ? number : (double)NAN;
}
