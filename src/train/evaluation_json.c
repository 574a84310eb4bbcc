/* evaluation_json.c - an evaluation as one JSON object: numbers at x, then a list of objects per section. */
#include "train/evaluation_parts.h"

#include "files/json_text.h"
#include "files/keys.h"
#include "files/output.h"

#include <string.h>

/* Keys of the columns, in the order of swale_column; those of LEVEL are in json_sections. */
static const swl_record_key json_columns[SWL_COLUMNS] = {SWL_KEY_NONE,
                                                         SWL_KEY_LOSS,
                                                         SWL_KEY_LOSS_SE,
                                                         SWL_KEY_ACCURACY,
                                                         SWL_KEY_ACCURACY_SE,
                                                         SWL_KEY_DRAWS,
                                                         SWL_KEY_BETA,
                                                         SWL_KEY_HEAT,
                                                         SWL_KEY_HEAT_SE,
                                                         SWL_KEY_LOCAL_ENTROPY,
                                                         SWL_KEY_LOCAL_ENTROPY_SE,
                                                         SWL_KEY_PER_EXAMPLE,
                                                         SWL_KEY_PER_EXAMPLE_SE,
                                                         SWL_KEY_ESS,
                                                         SWL_KEY_IMPORTANCE_LOCAL_ENTROPY,
                                                         SWL_KEY_TEMPERED,
                                                         SWL_KEY_SANDWICH,
                                                         SWL_KEY_LOWEST,
                                                         SWL_KEY_QUANTILE_10,
                                                         SWL_KEY_MEDIAN,
                                                         SWL_KEY_QUANTILE_90,
                                                         SWL_KEY_HIGHEST,
                                                         SWL_KEY_WORST};

static const struct json_section {
  swl_record_key name, level;
  swale_column columns[12]; /* after LEVEL; ended by LEVEL */
} json_sections[SWL_SECTIONS] = {
    [SWALE_SECTION_TAU] = {SWL_KEY_TAUS,
                           SWL_KEY_TAU,
                           {SWALE_COLUMN_BETA, SWALE_COLUMN_HEAT, SWALE_COLUMN_HEAT_SE, SWALE_COLUMN_LOCAL_ENTROPY,
                            SWALE_COLUMN_LOCAL_ENTROPY_SE, SWALE_COLUMN_PER_EXAMPLE, SWALE_COLUMN_PER_EXAMPLE_SE,
                            SWALE_COLUMN_ESS, SWALE_COLUMN_IMPORTANCE, SWALE_COLUMN_TEMPERED, SWALE_COLUMN_SANDWICH}},
    [SWALE_SECTION_NOISE] = {SWL_KEY_NOISE,
                             SWL_KEY_TAU,
                             {SWALE_COLUMN_LOSS, SWALE_COLUMN_LOSS_SE, SWALE_COLUMN_ACCURACY, SWALE_COLUMN_ACCURACY_SE,
                              SWALE_COLUMN_DRAWS}},
    [SWALE_SECTION_RELATIVE] = {SWL_KEY_RELATIVE_NOISE,
                                SWL_KEY_RATIO,
                                {SWALE_COLUMN_LOSS, SWALE_COLUMN_LOSS_SE, SWALE_COLUMN_ACCURACY,
                                 SWALE_COLUMN_ACCURACY_SE, SWALE_COLUMN_DRAWS}},
    [SWALE_SECTION_BITS] = {SWL_KEY_ROUNDING, SWL_KEY_BITS, {SWALE_COLUMN_LOSS, SWALE_COLUMN_ACCURACY}},
    [SWALE_SECTION_PROFILE] = {SWL_KEY_PROFILE,
                               SWL_KEY_DISTANCE,
                               {SWALE_COLUMN_LOSS, SWALE_COLUMN_LOSS_SE, SWALE_COLUMN_LOWEST, SWALE_COLUMN_LOW,
                                SWALE_COLUMN_MEDIAN, SWALE_COLUMN_HIGH, SWALE_COLUMN_HIGHEST, SWALE_COLUMN_WORST}},
};

static void json_key(swl_json_text *json, swl_record_key key) {
  swl_json_put(json, ",");
  swl_json_put_string(json, swl_key_name(key));
  swl_json_put(json, ":");
}

static void json_real(swl_json_text *json, swl_record_key key, double value) {
  json_key(json, key);
  swl_json_put_real(json, value);
}

static void json_confusion(swl_json_text *json, const swale_evaluation *evaluation) {
  const size_t classes = evaluation->setup.network.outputs;
  if (!evaluation->measures.confusion) return;
  json_key(json, SWL_KEY_CLASSES);
  for (size_t i = 0; i < classes; i++) {
    swl_json_put(json, i ? "," : "[");
    swl_json_put_string(json, evaluation->setup.dataset.schema.classes[i]);
  }
  swl_json_put(json, "]");
  json_key(json, SWL_KEY_CONFUSION);
  for (size_t i = 0; i < classes; i++) {
    swl_json_put(json, i ? "],[" : "[[");
    for (size_t k = 0; k < classes; k++) {
      if (k > 0) swl_json_put(json, ",");
      swl_json_put_integer(json, evaluation->measures.confusion[i * classes + k]);
    }
  }
  swl_json_put(json, "]]");
}

static void json_measures(swl_json_text *json, const swale_evaluation *evaluation) {
  const swl_measures *measures = &evaluation->measures;
  const size_t classes = evaluation->setup.network.outputs;
  if (!measures->confusion) {
    json_real(json, SWL_KEY_RMSE, measures->rmse);
    json_real(json, SWL_KEY_MAE, measures->mae);
    return;
  }
  json_real(json, SWL_KEY_BALANCED_ACCURACY, measures->balanced_accuracy);
  json_real(json, SWL_KEY_PRECISION, measures->precision);
  json_real(json, SWL_KEY_RECALL, measures->recall);
  json_real(json, SWL_KEY_F1, measures->f1);
  if (classes == 2) json_real(json, SWL_KEY_ROC_AUC, measures->roc_auc);
  json_key(json, SWL_KEY_BY_CLASS);
  for (size_t k = 0; k < classes; k++) {
    const swl_class_measures *of = &measures->of_class[k];
    swl_json_put(json, k ? ",{" : "[{");
    swl_json_put_string(json, swl_key_name(SWL_KEY_CLASS));
    swl_json_put(json, ":");
    swl_json_put_string(json, evaluation->setup.dataset.schema.classes[k]);
    json_real(json, SWL_KEY_PRECISION, of->precision);
    json_real(json, SWL_KEY_RECALL, of->recall);
    json_real(json, SWL_KEY_F1, of->f1);
    json_real(json, SWL_KEY_SUPPORT, (double)of->support);
    swl_json_put(json, "}");
  }
  swl_json_put(json, "]");
}

static void json_row(swl_json_text *json, const swale_evaluation *evaluation, swale_section section, size_t row) {
  const struct json_section *shape = &json_sections[section];
  const double *cells = evaluation->sections[section].cells[row];
  const int numbers = !evaluation->measures.confusion; /* to predict: no accuracy, but R² */
  swl_json_put(json, row ? ",{" : "{");
  swl_json_put_string(json, swl_key_name(shape->level));
  swl_json_put(json, ":");
  swl_json_put_real(json, cells[SWALE_COLUMN_LEVEL]);
  for (size_t k = 0; shape->columns[k] != SWALE_COLUMN_LEVEL; k++) {
    const swale_column column = shape->columns[k];
    swl_record_key name = json_columns[column];
    if (numbers && column == SWALE_COLUMN_ACCURACY) name = SWL_KEY_R2;
    if (numbers && column == SWALE_COLUMN_ACCURACY_SE) name = SWL_KEY_R2_SE;
    json_real(json, name, cells[column]);
  }
  if (section == SWALE_SECTION_TAU) {
    json_key(json, SWL_KEY_NOTE);
    swl_json_put_string(json, evaluation->notes[row]);
  }
  swl_json_put(json, "}");
}

static void json_put(swl_json_text *json, const swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const double *first = evaluation->sections[SWALE_SECTION_TAU].cells[0];
  char fingerprint[SWL_FINGERPRINT_MAX];
  swl_model_fingerprint(&evaluation->setup.network, evaluation->setup.x, fingerprint);
  swl_json_put(json, "{");
  swl_json_put_string(json, swl_key_name(SWL_KEY_FORMAT));
  swl_json_put(json, ":");
  swl_json_put_string(json, SWL_EVALUATION_FORMAT);
  json_key(json, SWL_KEY_MODEL);
  swl_json_put_string(json, evaluation->path);
  json_key(json, SWL_KEY_FINGERPRINT);
  swl_json_put_string(json, fingerprint);
  json_key(json, SWL_KEY_ARCHITECTURE);
  swl_json_put_string(json, evaluation->setup.network.spec);
  json_key(json, SWL_KEY_DATA);
  swl_json_put_string(json, settings->data);
  json_key(json, SWL_KEY_SPLIT);
  swl_json_put_string(json, evaluation->split);
  json_key(json, SWL_KEY_OWN);
  swl_json_put(json, evaluation->own ? "true" : "false");
  json_real(json, SWL_KEY_DIM, (double)evaluation->setup.network.dim);
  json_real(json, SWL_KEY_EXAMPLES, (double)evaluation->at_x.count);
  json_real(json, SWL_KEY_LOSS, evaluation->at_x.loss);
  json_real(json, evaluation->measures.confusion ? SWL_KEY_ACCURACY : SWL_KEY_R2, evaluation->at_x.accuracy);
  json_real(json, SWL_KEY_SUBSET, (double)evaluation->subset.count);
  json_real(json, SWL_KEY_SUBSET_LOSS, evaluation->subset_at_x.loss);
  json_real(json, SWL_KEY_LOCAL_ENTROPY, first[SWALE_COLUMN_LOCAL_ENTROPY]);
  json_real(json, SWL_KEY_LOCAL_ENTROPY_SE, first[SWALE_COLUMN_LOCAL_ENTROPY_SE]);
  json_real(json, SWL_KEY_HEAT, first[SWALE_COLUMN_HEAT]);
  json_real(json, SWL_KEY_HEAT_SE, first[SWALE_COLUMN_HEAT_SE]);
  json_real(json, SWL_KEY_ESS, first[SWALE_COLUMN_ESS]);
  json_real(json, SWL_KEY_TAU, first[SWALE_COLUMN_LEVEL]);
  json_real(json, SWL_KEY_BETA, first[SWALE_COLUMN_BETA]);
  json_real(json, SWL_KEY_SAMPLES, (double)settings->samples);
  json_real(json, SWL_KEY_REJECTED, (double)settings->samples - first[SWALE_COLUMN_DRAWS]);
  json_key(json, SWL_KEY_SEED);
  swl_json_put_integer(json, settings->seed);
  json_real(json, SWL_KEY_ROOT_MEAN_SQUARE, evaluation->root_mean_square);
  json_real(json, SWL_KEY_PROFILE_TAU, evaluation->profile_tau);
  json_real(json, SWL_KEY_DIRECTIONS, (double)settings->directions);
  json_confusion(json, evaluation);
  json_measures(json, evaluation);
  for (int section = 0; section < SWL_SECTIONS; section++) {
    json_key(json, json_sections[section].name);
    swl_json_put(json, "[");
    for (size_t row = 0; row < evaluation->sections[section].count; row++) {
      json_row(json, evaluation, (swale_section)section, row);
    }
    swl_json_put(json, "]");
  }
  swl_json_put(json, "}");
}

swale_status swl_evaluate_json(swale_evaluation *evaluation) {
  swl_json_text measure = {NULL, 0, 0};
  json_put(&measure, evaluation);
  swl_json_text json = {swl_arena_take(evaluation->arena, measure.length + 1, 1), measure.length + 1, 0};
  if (!json.text) return SWALE_ERROR_MEMORY;
  json_put(&json, evaluation);
  (void)swl_json_end(&json);
  evaluation->json = json.text;
  return SWALE_OK;
}

swale_status swale_evaluation_save(const swale_evaluation *evaluation, const char *path) {
  swale_context *context = evaluation->context;
  swl_output output;
  SWL_TRY(swl_output_open(context, path, &output));
  swale_status status = swl_output_put(context, &output, evaluation->json, strlen(evaluation->json));
  if (status == SWALE_OK) status = swl_output_put(context, &output, "\n", 1);
  if (status == SWALE_OK) return swl_output_commit(context, &output);
  swl_output_abandon(&output);
  return status;
}
