/* evaluation_rows.c - what can be asked of an evaluation? */
#include "train/evaluation_parts.h"

#include <math.h>

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
