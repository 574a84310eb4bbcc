/* evaluation_json.c - an evaluation as one JSON object: numbers at x, then a list of objects per section. */
#include "train/evaluation_parts.h"

#include "files/json_text.h"
#include "files/output.h"

#include <string.h>

/* Keys of the columns, in the order of swale_column; those of LEVEL are in json_sections. */
static const char *const json_columns[SWL_COLUMNS] = {"",
                                                      "loss",
                                                      "loss_se",
                                                      "accuracy",
                                                      "accuracy_se",
                                                      "draws",
                                                      "beta",
                                                      "heat",
                                                      "heat_se",
                                                      "local_entropy",
                                                      "local_entropy_se",
                                                      "per_example",
                                                      "per_example_se",
                                                      "ess",
                                                      "importance_local_entropy",
                                                      "tempered",
                                                      "sandwich",
                                                      "lowest",
                                                      "quantile_10",
                                                      "median",
                                                      "quantile_90",
                                                      "highest",
                                                      "worst"};

static const struct json_section {
  const char *name, *level;
  swale_column columns[12]; /* after LEVEL; ended by LEVEL */
} json_sections[SWL_SECTIONS] = {
    [SWALE_SECTION_TAU] = {"taus",
                           "tau",
                           {SWALE_COLUMN_BETA, SWALE_COLUMN_HEAT, SWALE_COLUMN_HEAT_SE, SWALE_COLUMN_LOCAL_ENTROPY,
                            SWALE_COLUMN_LOCAL_ENTROPY_SE, SWALE_COLUMN_PER_EXAMPLE, SWALE_COLUMN_PER_EXAMPLE_SE,
                            SWALE_COLUMN_ESS, SWALE_COLUMN_IMPORTANCE, SWALE_COLUMN_TEMPERED, SWALE_COLUMN_SANDWICH}},
    [SWALE_SECTION_NOISE] = {"noise",
                             "tau",
                             {SWALE_COLUMN_LOSS, SWALE_COLUMN_LOSS_SE, SWALE_COLUMN_ACCURACY, SWALE_COLUMN_ACCURACY_SE,
                              SWALE_COLUMN_DRAWS}},
    [SWALE_SECTION_RELATIVE] = {"relative_noise",
                                "r",
                                {SWALE_COLUMN_LOSS, SWALE_COLUMN_LOSS_SE, SWALE_COLUMN_ACCURACY,
                                 SWALE_COLUMN_ACCURACY_SE, SWALE_COLUMN_DRAWS}},
    [SWALE_SECTION_BITS] = {"rounding", "bits", {SWALE_COLUMN_LOSS, SWALE_COLUMN_ACCURACY}},
    [SWALE_SECTION_PROFILE] = {"profile",
                               "distance",
                               {SWALE_COLUMN_LOSS, SWALE_COLUMN_LOSS_SE, SWALE_COLUMN_LOWEST, SWALE_COLUMN_LOW,
                                SWALE_COLUMN_MEDIAN, SWALE_COLUMN_HIGH, SWALE_COLUMN_HIGHEST, SWALE_COLUMN_WORST}},
};

static void json_key(swl_json_text *json, const char *key) {
  swl_json_put(json, ",");
  swl_json_put_string(json, key);
  swl_json_put(json, ":");
}

static void json_real(swl_json_text *json, const char *key, double value) {
  json_key(json, key);
  swl_json_put_real(json, value);
}

static void json_confusion(swl_json_text *json, const swale_evaluation *evaluation) {
  const size_t classes = evaluation->setup.network.outputs;
  if (!evaluation->measures.confusion) return;
  json_key(json, "classes");
  for (size_t i = 0; i < classes; i++) {
    swl_json_put(json, i ? "," : "[");
    swl_json_put_string(json, evaluation->setup.dataset.schema.classes[i]);
  }
  swl_json_put(json, "]");
  json_key(json, "confusion");
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
    json_real(json, "rmse", measures->rmse);
    json_real(json, "mae", measures->mae);
    return;
  }
  json_real(json, "balanced_accuracy", measures->balanced_accuracy);
  json_real(json, "precision", measures->precision);
  json_real(json, "recall", measures->recall);
  json_real(json, "f1", measures->f1);
  if (classes == 2) json_real(json, "roc_auc", measures->roc_auc);
  json_key(json, "by_class");
  for (size_t k = 0; k < classes; k++) {
    const swl_class_measures *of = &measures->of_class[k];
    swl_json_put(json, k ? ",{" : "[{");
    swl_json_put_string(json, "class");
    swl_json_put(json, ":");
    swl_json_put_string(json, evaluation->setup.dataset.schema.classes[k]);
    json_real(json, "precision", of->precision);
    json_real(json, "recall", of->recall);
    json_real(json, "f1", of->f1);
    json_real(json, "support", (double)of->support);
    swl_json_put(json, "}");
  }
  swl_json_put(json, "]");
}

static void json_row(swl_json_text *json, const swale_evaluation *evaluation, swale_section section, size_t row) {
  const struct json_section *shape = &json_sections[section];
  const double *cells = evaluation->sections[section].cells[row];
  const int numbers = !evaluation->measures.confusion; /* to predict: no accuracy, but R² */
  swl_json_put(json, row ? ",{" : "{");
  swl_json_put_string(json, shape->level);
  swl_json_put(json, ":");
  swl_json_put_real(json, cells[SWALE_COLUMN_LEVEL]);
  for (size_t k = 0; shape->columns[k] != SWALE_COLUMN_LEVEL; k++) {
    const swale_column column = shape->columns[k];
    const char *name = json_columns[column];
    if (numbers && column == SWALE_COLUMN_ACCURACY) name = "r2";
    if (numbers && column == SWALE_COLUMN_ACCURACY_SE) name = "r2_se";
    json_real(json, name, cells[column]);
  }
  if (section == SWALE_SECTION_TAU) {
    json_key(json, "note");
    swl_json_put_string(json, evaluation->notes[row]);
  }
  swl_json_put(json, "}");
}

static void json_put(swl_json_text *json, const swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const double *first = evaluation->sections[SWALE_SECTION_TAU].cells[0];
  char fingerprint[SWL_FINGERPRINT_MAX];
  swl_model_fingerprint(&evaluation->setup.network, evaluation->setup.x, fingerprint);
  swl_json_put(json, "{\"format\":\"swale-evaluation 1\"");
  json_key(json, "model");
  swl_json_put_string(json, evaluation->path);
  json_key(json, "fingerprint");
  swl_json_put_string(json, fingerprint);
  json_key(json, "architecture");
  swl_json_put_string(json, evaluation->setup.network.spec);
  json_key(json, "data");
  swl_json_put_string(json, settings->data);
  json_key(json, "split");
  swl_json_put_string(json, evaluation->split);
  json_key(json, "own");
  swl_json_put(json, evaluation->own ? "true" : "false");
  json_real(json, "dim", (double)evaluation->setup.network.dim);
  json_real(json, "examples", (double)evaluation->at_x.count);
  json_real(json, "loss", evaluation->at_x.loss);
  json_real(json, evaluation->measures.confusion ? "accuracy" : "r2", evaluation->at_x.accuracy);
  json_real(json, "subset", (double)evaluation->subset.count);
  json_real(json, "subset_loss", evaluation->subset_at_x.loss);
  json_real(json, "local_entropy", first[SWALE_COLUMN_LOCAL_ENTROPY]);
  json_real(json, "local_entropy_se", first[SWALE_COLUMN_LOCAL_ENTROPY_SE]);
  json_real(json, "heat", first[SWALE_COLUMN_HEAT]);
  json_real(json, "heat_se", first[SWALE_COLUMN_HEAT_SE]);
  json_real(json, "ess", first[SWALE_COLUMN_ESS]);
  json_real(json, "tau", first[SWALE_COLUMN_LEVEL]);
  json_real(json, "beta", first[SWALE_COLUMN_BETA]);
  json_real(json, "samples", (double)settings->samples);
  json_real(json, "rejected", (double)settings->samples - first[SWALE_COLUMN_DRAWS]);
  json_key(json, "seed");
  swl_json_put_integer(json, settings->seed);
  json_real(json, "root_mean_square", evaluation->root_mean_square);
  json_real(json, "profile_tau", evaluation->profile_tau);
  json_real(json, "directions", (double)settings->directions);
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
