/* fuzz_predict.c - a model of somebody, and somebody's table: what `swale predict` does with them. Input: a safetensors file,
 * MUTATE_TABLE, a CSV file whose column "id" is kept if it has one. */
#include "fuzz.h"
#include "mutate.h"

#include <swale/model.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static swale_options *options;

static void prepare(void) {
  char path[FUZZ_PATH_MAX], source[FUZZ_PATH_MAX + 4];
  if (options) return;
  fuzz_path("table.csv", path);
  snprintf(source, sizeof source, "csv:%s", path);
  fuzz_require(swale_options_create(fuzz_context(), &options) == SWALE_OK, "there are options");
  fuzz_require(swale_options_set(options, "data", source) == SWALE_OK, "data can be set");
  fuzz_keep();
}

static void check_row(const swale_model *model, const swale_rows *rows, size_t row) {
  const size_t outputs = swale_model_outputs(model);
  const double *values = swale_rows_values(rows) + row * outputs;
  double sum = 0;
  for (size_t k = 0; k < outputs; k++) {
    fuzz_require(isfinite(swale_rows_outputs(rows)[row * outputs + k]), "every output is finite");
    if (!swale_model_classifies(model)) fuzz_require(isfinite(values[k]), "every number is finite");
    sum += values[k];
  }
  if (!swale_model_classifies(model)) return;
  fuzz_require(swale_rows_labels(rows)[row] < outputs, "a label is that of a class");
  if (swale_model_has_probabilities(model)) fuzz_require(fabs(sum - 1) < 1e-9, "probabilities have the sum 1");
}

static swale_status predict(const swale_model *model, swale_predictor *predictor, const char *keep) {
  swale_rows *rows = NULL;
  size_t count = 1;
  swale_status status = swale_rows_open(options, predictor, keep, &rows);
  while (status == SWALE_OK && count > 0) {
    status = swale_rows_next(rows, &count);
    for (size_t i = 0; status == SWALE_OK && i < count; i++) check_row(model, rows, i);
  }
  swale_rows_destroy(rows);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char path[FUZZ_PATH_MAX];
  size_t table = 0, size = sizeof MUTATE_TABLE - 1;
  while (table + size <= count && memcmp(bytes + table, MUTATE_TABLE, size) != 0) table++;
  if (table + size > count) table = count, size = 0;
  prepare();
  fuzz_path("model.safetensors", path);
  fuzz_write("model.safetensors", bytes, table);

  swl_arena *arena = fuzz_begin();
  swale_model *model = NULL;
  swale_predictor *predictor = NULL;
  swale_status status = swale_model_open(fuzz_context(), path, &model);
  if (status == SWALE_OK) {
    fuzz_count(FUZZ_SEALED);
    fuzz_write("table.csv", bytes + table + size, count - table - size);
    status = swale_predictor_create(fuzz_context(), model, 1, &predictor);
  }
  if (status == SWALE_OK) status = predict(model, predictor, bytes[count - 1] == '\n' ? "id" : NULL);
  swale_predictor_destroy(predictor);
  swale_model_destroy(model);
  fuzz_end(arena, status == SWALE_OK);
  return 0;
}
