/* evaluation.c - what a saved model is worth: at x, and around it.
 *
 * computes  loss, accuracy and what measures.c measures at x over all examples of a split; F_LE / beta and F_H for a grid of tau
 *           over a subset of them (smoothed.c); accuracy under noise and rounding over all (robustness.c); the loss along
 *           random directions over the subset (profile.c).
 * steps     (1) settings, data, model (2) the grid: taus, else tau where it is given, else (r R)² for r in
 *           evaluation_ratios, R the root mean square of the parameters (3) the subset (4) at x (5) around it (6) JSON.
 * randomness  SWL_PURPOSE_EVALUATE; the subset by update SWL_EVALUATE_SUBSET.
 */
#include "train/evaluation_parts.h"

#include "parallel/reduce.h"
#include "train/resolve.h"
#include "train/same.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double evaluation_ratios[] = {0.03, 0.1, 0.3, 1};

/* (2) */
static void evaluation_grid(swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const size_t dim = evaluation->setup.network.dim;
  double square = 0;
  for (size_t i = 0; i < dim; i++) square += (double)evaluation->setup.x[i] * evaluation->setup.x[i] / (double)dim;
  evaluation->root_mean_square = sqrt(square);
  evaluation->taus = settings->taus;
  swl_list *taus = &evaluation->taus;
  if (taus->count == 0 && (swl_options_is_set(evaluation->options, "tau") || !(square > 0))) {
    *taus = (swl_list){1, {settings->tau}};
  }
  const size_t ratios = taus->count == 0 ? sizeof evaluation_ratios / sizeof *evaluation_ratios : 0;
  for (size_t i = 0; i < ratios; i++) {
    const double ratio = evaluation_ratios[i];
    taus->values[taus->count++] = fmin(fmax(ratio * ratio * square, 1e-12), 1e6);
  }
  evaluation->settings.tau = taus->values[0];
  evaluation->profile_tau = taus->values[taus->count / 2];
}

/* Weights of the subset, mean 1 over it: what is measured there is a mean over its examples. */
static swale_status evaluation_weigh(swale_evaluation *evaluation, const swl_table *all, const uint32_t *order) {
  swl_table *subset = &evaluation->subset;
  double sum = 0;
  if (!all->weights) return SWALE_OK;
  subset->weights = swl_arena_take(evaluation->arena, subset->count, sizeof *subset->weights);
  if (!subset->weights) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < subset->count; i++) sum += subset->weights[i] = all->weights[order ? order[i] : i];
  for (size_t i = 0; sum > 0 && i < subset->count; i++) subset->weights[i] *= (double)subset->count / sum;
  return SWALE_OK;
}

/* (3) Examples of a random permutation of the split; all of them, in their order, where there are no more. */
static swale_status evaluation_subset(swale_evaluation *evaluation) {
  const swl_table *all = evaluation->table;
  const size_t most = (size_t)evaluation->settings.examples, inputs = evaluation->setup.network.inputs;
  const size_t outputs = evaluation->setup.network.outputs;
  evaluation->subset = *all;
  if (most == 0 || all->count <= most) return evaluation_weigh(evaluation, all, NULL);
  swl_table made = {.count = most};
  uint32_t *order = swl_arena_take(evaluation->arena, all->count, sizeof *order);
  made.inputs = swl_arena_take(evaluation->arena, most * inputs, sizeof *made.inputs);
  if (all->labels) made.labels = swl_arena_take(evaluation->arena, most, sizeof *made.labels);
  if (all->targets) made.targets = swl_arena_take(evaluation->arena, most * outputs, sizeof *made.targets);
  if (!order || !made.inputs || (all->labels && !made.labels) || (all->targets && !made.targets)) {
    return SWALE_ERROR_MEMORY;
  }
  const swl_stream stream = swl_stream_make(swl_philox((uint64_t)evaluation->settings.seed), SWL_PURPOSE_EVALUATE,
                                            SWL_EVALUATE_SUBSET, 0, 0);
  swl_permutation(&stream, (uint32_t)all->count, order);
  for (size_t i = 0; i < most; i++) {
    memcpy(made.inputs + i * inputs, all->inputs + order[i] * inputs, inputs * sizeof(float));
    if (made.labels) made.labels[i] = all->labels[order[i]];
    if (made.targets) memcpy(made.targets + i * outputs, all->targets + order[i] * outputs, outputs * sizeof(float));
  }
  evaluation->subset = made;
  return evaluation_weigh(evaluation, all, order);
}

/* (4) */
static swale_status evaluation_at_x(swale_evaluation *evaluation) {
  const swl_setup *setup = &evaluation->setup;
  const swl_kernels *kernels = swl_kernels_find(swl_word_text(evaluation->settings.kernels));
  const swl_table *table = evaluation->table;
  swl_assessor *assessor = NULL;
  SWL_TRY(swl_assessor_create(evaluation->arena, &setup->network, kernels, table->count, evaluation->team, &assessor));
  SWL_TRY(swl_assess(assessor, setup->x, table, &evaluation->at_x));
  SWL_TRY(swl_assess(assessor, setup->x, &evaluation->subset, &evaluation->subset_at_x));
  SWL_TRY(swl_measure(evaluation->arena, evaluation->team, kernels, &setup->network, &setup->dataset.schema, setup->x,
                      table, &evaluation->measures));
  return swl_probe_create(evaluation->arena, &setup->network, kernels, evaluation->team, &evaluation->probe);
}

static swale_status evaluation_run(swale_evaluation *evaluation) {
  swale_options *options = evaluation->options;
  snprintf(evaluation->path, sizeof evaluation->path, "%s", swl_options_settings(options)->model); /* (1) */
  const swl_auto *beta = &swl_options_settings(options)->beta;
  if (beta->automatic && beta->value == 0) SWL_TRY(swale_options_set(options, "beta", "1"));
  SWL_TRY(swl_settings_resolve(evaluation->context, options, 0, &evaluation->settings));
  SWL_TRY(swl_evaluation_data(evaluation));
  SWL_TRY(swl_same_dataset(evaluation->context, &evaluation->setup.dataset));
  SWL_TRY(swl_same_settings(evaluation->context, &evaluation->settings, evaluation->setup.network.dim));
  SWL_TRY(swl_same_network(evaluation->context, &evaluation->setup));
  swl_settings *settings = &evaluation->settings;
  strcpy(settings->data, swl_options_settings(options)->data);
  settings->batch = settings->group = 0;     /* one loss: the mean over all examples */
  settings->smoothing = SWL_SMOOTHING_JOINT; /* the objective itself */
  SWL_TRY(swl_team_create(evaluation->context, (size_t)settings->threads, &evaluation->team));
  evaluation_grid(evaluation);
  SWL_TRY(evaluation_subset(evaluation));
  SWL_TRY(evaluation_at_x(evaluation));
  SWL_TRY(swl_evaluate_smoothed(evaluation)); /* (5) */
  SWL_TRY(swl_evaluate_robustness(evaluation));
  SWL_TRY(swl_evaluate_profile(evaluation));
  return swl_evaluate_json(evaluation); /* (6) */
}

static swale_status evaluation_create(const swale_options *options, swale_evaluation **evaluation) {
  swl_arena *arena = NULL;
  swale_evaluation *made = swl_arena_owner(swl_options_context(options), sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
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

swale_status swale_evaluation_create(const swale_options *options, swale_evaluation **evaluation) {
  swale_evaluation *made = NULL;
  const swale_status mine = evaluation_create(options, &made);
  const swale_status status = swl_ranks_settle(swl_context_ranks(swl_options_context(options)), mine, NULL);
  if (status == SWALE_OK)
    *evaluation = made;
  else
    swale_evaluation_destroy(made);
  return status;
}

void swale_evaluation_destroy(swale_evaluation *evaluation) {
  if (!evaluation) return;
  swl_team_destroy(evaluation->team);
  swale_options_destroy(evaluation->options);
  swl_arena_destroy(evaluation->arena);
}
