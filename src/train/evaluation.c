/* evaluation.c - what a saved model is worth: at x, and around it.
 *
 * computes  loss and accuracy at x; F_LE / beta and F_H of the mean loss over all test examples, both from the same
 *           draws of N(x, tau I) (MATH §2, §3, §6.1), with standard errors.
 * randomness  SWL_PURPOSE_EVALUATE.
 */
#include <swale/run.h>

#include "files/jsonl.h"
#include "problem/assessment.h"
#include "registry.h"
#include "train/schedule.h"
#include "train/setup.h"

#include <stdio.h>
#include <string.h>

struct swale_evaluation {
  swale_context *context;
  swl_arena *arena; /* owns everything but options, team and problem */
  swale_options *options;
  swl_team *team;
  swale_problem *problem;
  swl_settings settings;
  swl_setup setup;
  char path[SWL_TEXT_MAX]; /* of the model */
  swl_assessment at_x;
  swl_tilt local_entropy, heat;
  const swl_noise_ops *noise;
  void *noise_self;
  swl_draws draws;
  swl_spread spread;
  double *losses, *weights; /* samples */
  char json[SWL_RECORD_MAX];
};

static swale_status evaluation_draw(void *self, size_t worker, size_t pair) {
  swale_evaluation *evaluation = self;
  const size_t step = evaluation->draws.antithetic ? 2 : 1;
  const swl_range range = {pair * step, (pair + 1) * step};
  return evaluation->noise->evaluate(evaluation->noise_self, worker, &evaluation->draws, evaluation->setup.x, range,
                                     evaluation->losses);
}

static swale_status evaluation_sample(swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const size_t samples = (size_t)settings->samples;
  const size_t step = settings->antithetic ? 2 : 1;
  if (samples % step != 0) {
    return swl_fail(evaluation->context, SWALE_ERROR_USAGE,
                    "option samples: %zu is odd; antithetic pairs need an even number (or set antithetic = false)",
                    samples);
  }
  evaluation->noise = swl_find_noise(evaluation->context, settings->noise);
  if (!evaluation->noise) return SWALE_ERROR_USAGE;
  swl_plan plan = {.count = 1, .first = {0, samples}};
  SWL_TRY(evaluation->noise->create(settings, evaluation->problem, evaluation->arena, evaluation->team, &plan,
                                    &evaluation->noise_self));
  evaluation->losses = swl_arena_take(evaluation->arena, samples, sizeof(double));
  evaluation->weights = swl_arena_take(evaluation->arena, samples, sizeof(double));
  if (!evaluation->losses || !evaluation->weights) return SWALE_ERROR_MEMORY;
  swl_spread_even(evaluation->problem, settings->tau, &evaluation->spread);
  evaluation->draws = (swl_draws){.seed = (uint64_t)settings->seed,
                                  .purpose = SWL_PURPOSE_EVALUATE,
                                  .samples = samples,
                                  .antithetic = settings->antithetic,
                                  .spread = &evaluation->spread};
  if (evaluation->noise->prepare) {
    SWL_TRY(evaluation->noise->prepare(evaluation->noise_self, evaluation->team, evaluation->setup.x,
                                       settings->sig.value, &evaluation->spread));
  }
  SWL_TRY(swl_team_run(evaluation->team, samples / step, evaluation_draw, evaluation));
  const swl_loss_table seen = {evaluation->losses, samples, 1, evaluation->problem->shares, settings->antithetic};
  SWL_TRY(swl_regularizer_local_entropy.tilt(evaluation->context, settings, &seen, evaluation->weights,
                                             &evaluation->local_entropy));
  return swl_regularizer_heat.tilt(evaluation->context, settings, &seen, evaluation->weights, &evaluation->heat);
}

static swale_status evaluation_write_json(swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const swl_field fields[] = {
      {.name = "model", .type = SWL_FIELD_TEXT, .text = evaluation->path},
      {.name = "architecture", .type = SWL_FIELD_TEXT, .text = evaluation->setup.network.spec},
      {.name = "data", .type = SWL_FIELD_TEXT, .text = settings->data},
      {.name = "examples", .type = SWL_FIELD_INTEGER, .integer = (int64_t)evaluation->at_x.count},
      {.name = "loss", .type = SWL_FIELD_REAL, .real = evaluation->at_x.loss},
      {.name = evaluation->setup.dataset.classification ? "accuracy" : "r2",
       .type = SWL_FIELD_REAL,
       .real = evaluation->at_x.accuracy},
      {.name = "local_entropy", .type = SWL_FIELD_REAL, .real = evaluation->local_entropy.value},
      {.name = "local_entropy_se", .type = SWL_FIELD_REAL, .real = evaluation->local_entropy.value_se},
      {.name = "heat", .type = SWL_FIELD_REAL, .real = evaluation->heat.value},
      {.name = "heat_se", .type = SWL_FIELD_REAL, .real = evaluation->heat.value_se},
      {.name = "ess", .type = SWL_FIELD_REAL, .real = evaluation->local_entropy.ess},
      {.name = "tau", .type = SWL_FIELD_REAL, .real = settings->tau},
      {.name = "beta", .type = SWL_FIELD_REAL, .real = evaluation->local_entropy.beta},
      {.name = "samples", .type = SWL_FIELD_INTEGER, .integer = settings->samples},
      {.name = "rejected", .type = SWL_FIELD_INTEGER, .integer = (int64_t)evaluation->heat.rejected},
      {.name = "seed", .type = SWL_FIELD_INTEGER, .integer = settings->seed},
  };
  SWL_TRY(swl_json_line(evaluation->context, fields, sizeof fields / sizeof *fields, evaluation->json,
                        sizeof evaluation->json));
  evaluation->json[strcspn(evaluation->json, "\n")] = '\0';
  return SWALE_OK;
}

static swale_status evaluation_run(swale_evaluation *evaluation) {
  swl_arena *arena = evaluation->arena;
  swl_setup *setup = &evaluation->setup;
  snprintf(evaluation->path, sizeof evaluation->path, "%s", swl_options_settings(evaluation->options)->model);
  const swl_auto *beta = &swl_options_settings(evaluation->options)->beta;
  if (beta->automatic && beta->value == 0) SWL_TRY(swale_options_set(evaluation->options, "beta", "1"));
  SWL_TRY(swl_settings_resolve(evaluation->context, evaluation->options, 0, &evaluation->settings));
  SWL_TRY(swl_setup_load(arena, evaluation->options, 1, setup));
  swl_settings *settings = &evaluation->settings;
  settings->batch = settings->group = 0; /* one loss: the mean over all examples */
  strcpy(settings->smoothing, "joint");  /* the objective itself */
  const swl_table *table = &setup->dataset.split[SWL_SPLIT_TEST];
  SWL_TRY(swl_team_create(evaluation->context, (size_t)settings->threads, &evaluation->team));
  SWL_TRY(swl_network_problem_create(evaluation->context, settings, &setup->network, table,
                                     swl_team_size(evaluation->team), 0, &evaluation->problem));
  swl_assessor *assessor = NULL;
  SWL_TRY(swl_assessor_create(arena, &setup->network, swl_kernels_find(settings->kernels), table->count,
                              evaluation->team, &assessor));
  SWL_TRY(swl_assess(assessor, setup->x, table, &evaluation->at_x));
  SWL_TRY(evaluation_sample(evaluation));
  return evaluation_write_json(evaluation);
}

swale_status swale_evaluation_create(const swale_options *options, swale_evaluation **evaluation) {
  swl_arena *arena = NULL;
  SWL_TRY(swl_arena_create(swl_options_context(options), &arena));
  swale_evaluation *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) {
    swl_arena_destroy(arena);
    return SWALE_ERROR_MEMORY;
  }
  made->context = swl_options_context(options);
  made->arena = arena;
  swale_status status = swl_options_copy(options, &made->options);
  if (status == SWALE_OK) status = evaluation_run(made);
  if (status != SWALE_OK) {
    swale_evaluation_destroy(made);
    return status;
  }
  *evaluation = made;
  return SWALE_OK;
}

void swale_evaluation_destroy(swale_evaluation *evaluation) {
  if (!evaluation) return;
  swale_problem_destroy(evaluation->problem);
  swl_team_destroy(evaluation->team);
  swale_options_destroy(evaluation->options);
  swl_arena_destroy(evaluation->arena);
}

double swale_evaluation_number(const swale_evaluation *evaluation, swale_measure measure) {
  switch (measure) {
  case SWALE_MEASURE_EXAMPLES: return (double)evaluation->at_x.count;
  case SWALE_MEASURE_LOSS: return evaluation->at_x.loss;
  case SWALE_MEASURE_ACCURACY: return evaluation->at_x.accuracy;
  case SWALE_MEASURE_LOCAL_ENTROPY: return evaluation->local_entropy.value;
  case SWALE_MEASURE_LOCAL_ENTROPY_SE: return evaluation->local_entropy.value_se;
  case SWALE_MEASURE_HEAT: return evaluation->heat.value;
  case SWALE_MEASURE_HEAT_SE: return evaluation->heat.value_se;
  case SWALE_MEASURE_ESS: return evaluation->local_entropy.ess;
  case SWALE_MEASURE_BETA: return evaluation->local_entropy.beta;
  case SWALE_MEASURE_TAU: return evaluation->settings.tau;
  case SWALE_MEASURE_SAMPLES: return (double)evaluation->settings.samples;
  case SWALE_MEASURE_DIM: return (double)evaluation->setup.network.dim;
  }
  return 0;
}

int swale_evaluation_classifies(const swale_evaluation *evaluation) { return evaluation->setup.dataset.classification; }
const char *swale_evaluation_model(const swale_evaluation *evaluation) { return evaluation->setup.network.spec; }
const char *swale_evaluation_json(const swale_evaluation *evaluation) { return evaluation->json; }
