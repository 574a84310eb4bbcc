/* evaluation.c - what a saved model is worth: at x, and around it.
 *
 * computes  loss, accuracy and what measures.c measures at x over all examples of a split; F_LE / beta and F_H for a grid of tau
 *           over a subset of them (smoothed.c); accuracy under noise and rounding over all (robustness.c); the loss along
 *           random directions over the subset (profile.c).
 * steps     (1) settings, data, model (2) the grid: taus, else tau where it is given, else (r R)² for r in
 *           evaluation_ratios, R the root mean square of the parameters (3) the subset (4) at x (5) around it (6) JSON.
 * randomness  SWL_PURPOSE_EVALUATE; the subset by update SWL_EVALUATE_SUBSET.
 */
#include "train/evaluation.h"

#include "parallel/reduce.h"
#include "train/resolve.h"
#include "train/same.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double evaluation_ratios[] = {0.03, 0.1, 0.3, 1};

swale_status swl_evaluation_section(swale_evaluation *evaluation, swale_section section, size_t count) {
  swl_section_rows *rows = &evaluation->sections[section];
  rows->cells = swl_arena_take(evaluation->arena, count, sizeof *rows->cells);
  if (!rows->cells) return SWALE_ERROR_MEMORY;
  rows->count = count;
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < SWL_COLUMNS; k++) rows->cells[i][k] = NAN;
  }
  return SWALE_OK;
}

/* (2) */
static swale_status evaluation_grid(swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const size_t dim = evaluation->setup.network.dim;
  double square = 0;
  for (size_t i = 0; i < dim; i++) square += (double)evaluation->setup.x[i] * evaluation->setup.x[i] / (double)dim;
  evaluation->root_mean_square = sqrt(square);
  SWL_TRY(swl_list_parse(evaluation->context, "taus", settings->taus, 1e-12, 1e6, &evaluation->taus));
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
  return SWALE_OK;
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
  const swl_kernels *kernels = swl_kernels_find(evaluation->settings.kernels);
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
  settings->batch = settings->group = 0; /* one loss: the mean over all examples */
  strcpy(settings->smoothing, "joint");  /* the objective itself */
  SWL_TRY(swl_team_create(evaluation->context, (size_t)settings->threads, &evaluation->team));
  SWL_TRY(evaluation_grid(evaluation));
  SWL_TRY(evaluation_subset(evaluation));
  SWL_TRY(evaluation_at_x(evaluation));
  SWL_TRY(swl_evaluate_smoothed(evaluation)); /* (5) */
  SWL_TRY(swl_evaluate_robustness(evaluation));
  SWL_TRY(swl_evaluate_profile(evaluation));
  return swl_evaluate_json(evaluation); /* (6) */
}

static swale_status evaluation_create(const swale_options *options, swale_evaluation **evaluation) {
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

double swale_evaluation_number(const swale_evaluation *evaluation, swale_measure measure) {
  const double *first = evaluation->sections[SWALE_SECTION_TAU].cells[0];
  switch (measure) {
  case SWALE_MEASURE_EXAMPLES: return (double)evaluation->at_x.count;
  case SWALE_MEASURE_LOSS: return evaluation->at_x.loss;
  case SWALE_MEASURE_ACCURACY: return evaluation->at_x.accuracy;
  case SWALE_MEASURE_LOCAL_ENTROPY: return first[SWALE_COLUMN_LOCAL_ENTROPY];
  case SWALE_MEASURE_LOCAL_ENTROPY_SE: return first[SWALE_COLUMN_LOCAL_ENTROPY_SE];
  case SWALE_MEASURE_HEAT: return first[SWALE_COLUMN_HEAT];
  case SWALE_MEASURE_HEAT_SE: return first[SWALE_COLUMN_HEAT_SE];
  case SWALE_MEASURE_ESS: return first[SWALE_COLUMN_ESS];
  case SWALE_MEASURE_BETA: return first[SWALE_COLUMN_BETA];
  case SWALE_MEASURE_TAU: return first[SWALE_COLUMN_LEVEL];
  case SWALE_MEASURE_SAMPLES: return (double)evaluation->settings.samples;
  case SWALE_MEASURE_DIM: return (double)evaluation->setup.network.dim;
  case SWALE_MEASURE_CLASSES: return evaluation->measures.confusion ? (double)evaluation->setup.network.outputs : 0;
  case SWALE_MEASURE_SUBSET: return (double)evaluation->subset.count;
  case SWALE_MEASURE_SUBSET_LOSS: return evaluation->subset_at_x.loss;
  case SWALE_MEASURE_PROFILE_TAU: return evaluation->profile_tau;
  case SWALE_MEASURE_DIRECTIONS: return (double)evaluation->settings.directions;
  case SWALE_MEASURE_ROOT_MEAN_SQUARE: return evaluation->root_mean_square;
  case SWALE_MEASURE_TEMPERED_SAMPLES: return (double)evaluation->tempered_samples;
  case SWALE_MEASURE_BALANCED_ACCURACY: return evaluation->measures.balanced_accuracy;
  case SWALE_MEASURE_PRECISION: return evaluation->measures.precision;
  case SWALE_MEASURE_RECALL: return evaluation->measures.recall;
  case SWALE_MEASURE_F1: return evaluation->measures.f1;
  case SWALE_MEASURE_ROC_AUC: return evaluation->measures.roc_auc;
  case SWALE_MEASURE_RMSE: return evaluation->measures.rmse;
  case SWALE_MEASURE_MAE: return evaluation->measures.mae;
  }
  return 0;
}

int swale_evaluation_classifies(const swale_evaluation *evaluation) {
  return evaluation->setup.dataset.schema.classification;
}
const char *swale_evaluation_model(const swale_evaluation *evaluation) { return evaluation->setup.network.spec; }
const char *swale_evaluation_json(const swale_evaluation *evaluation) { return evaluation->json; }

size_t swale_evaluation_rows(const swale_evaluation *evaluation, swale_section section) {
  return evaluation->sections[section].count;
}

double swale_evaluation_cell(const swale_evaluation *evaluation, swale_section section, size_t row,
                             swale_column column) {
  return evaluation->sections[section].cells[row][column];
}

const char *swale_evaluation_note(const swale_evaluation *evaluation, size_t row) { return evaluation->notes[row]; }

size_t swale_evaluation_confusion(const swale_evaluation *evaluation, size_t label, size_t predicted) {
  return evaluation->measures.confusion[label * evaluation->setup.network.outputs + predicted];
}

const char *swale_evaluation_class_name(const swale_evaluation *evaluation, size_t label) {
  return evaluation->setup.dataset.schema.classes[label];
}

double swale_evaluation_class(const swale_evaluation *evaluation, size_t label, swale_class_measure measure) {
  const swl_class_measures *of = &evaluation->measures.of_class[label];
  switch (measure) {
  case SWALE_CLASS_PRECISION: return of->precision;
  case SWALE_CLASS_RECALL: return of->recall;
  case SWALE_CLASS_F1: return of->f1;
  case SWALE_CLASS_SUPPORT: return (double)of->support;
  }
  return NAN;
}

int swale_evaluation_owns(const swale_evaluation *evaluation) { return evaluation->own; }
const char *swale_evaluation_data(const swale_evaluation *evaluation) { return evaluation->settings.data; }
const char *swale_evaluation_split(const swale_evaluation *evaluation) { return evaluation->split; }
