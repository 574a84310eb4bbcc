/* predict.c - what does a model say about rows?
 *
 * steps  (1) every row: cells become raw inputs, raw inputs what the network sees (data/schema.h); a wrong cell ends it
 *        before anything is written (2) by chunks of SWL_OUTPUTS_CHUNK rows: the outputs o
 *        (3) of classes p_j = exp(o_j - max o) / Σ exp(o_k - max o), in double, and the first largest o_j; of numbers
 *        o / target_scale + target_shift.
 * cost   2 dim flops per row, and 2 inputs to see it, twice.
 */
#include "model/predict.h"

#include "parallel/team.h"
#include "problem/outputs.h"

#include <math.h>
#include <string.h>

/* Of one worker. */
typedef struct predict_scratch {
  double *cells, *raw; /* features, inputs */
  float *seen;         /* SWL_OUTPUTS_CHUNK × inputs */
} predict_scratch;

struct swale_predictor {
  swale_context *context;
  swl_arena *arena; /* owns everything but the team */
  const swale_model *model;
  swl_team *team;
  swl_outputs outputs;
  predict_scratch *scratch; /* one per worker */
  /* Of the current call; one of the three is not NULL. */
  size_t before, count; /* rows of earlier calls that belong together, for messages */
  const double *rows;
  const float *narrow, *seen;
  swl_predictions to;
};

const swale_model *swl_predictor_model(const swale_predictor *predictor) { return predictor->model; }
swale_context *swl_predictor_context(const swale_predictor *predictor) { return predictor->context; }

/* --- (1) ---------------------------------------------------------------------------------------------------------- */

static swale_status predict_refuse(const swale_predictor *self, size_t row, size_t feature, double cell,
                                   const char *why) {
  const swl_schema *schema = &self->model->file.schema;
  const char *name = schema->columns ? schema->column[feature].name : "";
  return swl_fail(self->context, SWALE_ERROR_USAGE, "row %zu, feature %zu%s%.64s%s: %g %s", row, feature,
                  schema->columns ? " (" : "", name, schema->columns ? ")" : "", cell, why);
}

/* The place of "" among the values of a text column; value_count without. */
static size_t predict_missing(const swl_column *column) {
  size_t k = 0;
  while (k < column->value_count && column->values[k][0]) k++;
  return k;
}

/* One cell of a named column: missing texts become "", wrong ones are refused. */
static swale_status predict_cell(const swale_predictor *self, size_t row, size_t feature, double *cell) {
  const swl_column *column = &self->model->file.schema.column[feature];
  if (column->kind == SWL_COLUMN_NUMBER) {
    if (!isnan(*cell) || !isnan(column->fill)) return SWALE_OK;
    return predict_refuse(self, row, feature, *cell, "is missing; the model knows nothing to fill it with");
  }
  if (isnan(*cell)) {
    const size_t missing = predict_missing(column);
    if (missing == column->value_count) {
      return predict_refuse(self, row, feature, *cell, "is missing; the model knows no such value");
    }
    *cell = (double)missing;
  }
  if (*cell >= 0 && *cell < (double)column->value_count && *cell == floor(*cell)) return SWALE_OK;
  return predict_refuse(self, row, feature, *cell, "is not the place of a value of this feature");
}

static swale_status predict_see(const swale_predictor *self, size_t worker, size_t row, float *seen) {
  const swl_schema *schema = &self->model->file.schema;
  const predict_scratch *scratch = &self->scratch[worker];
  const size_t features = swl_schema_cells(schema);
  double *cells = scratch->cells, *raw = schema->columns ? scratch->raw : cells;
  for (size_t i = 0; i < features; i++) {
    cells[i] = self->rows ? self->rows[row * features + i] : (double)self->narrow[row * features + i];
  }
  for (size_t i = 0; i < schema->columns; i++) SWL_TRY(predict_cell(self, row, i, &cells[i]));
  if (schema->columns) swl_schema_expand(schema, cells, raw);
  if (swl_schema_see(schema, raw, seen)) return SWALE_OK;
  size_t bad = 0;
  for (size_t j = 0; j < schema->inputs && isfinite(seen[bad]); j++) bad = j;
  size_t feature = 0;
  for (size_t j = bad; feature < schema->columns; feature++) {
    const size_t inputs = schema->column[feature].kind == SWL_COLUMN_TEXT ? schema->column[feature].value_count : 1;
    if (j < inputs) break;
    j -= inputs;
  }
  if (!schema->columns) feature = bad;
  return predict_refuse(self, row, feature, cells[feature], "is no finite number to the network");
}

static size_t predict_rows(const swale_predictor *self, size_t chunk) {
  const size_t rest = self->count - chunk * SWL_OUTPUTS_CHUNK;
  return rest < SWL_OUTPUTS_CHUNK ? rest : SWL_OUTPUTS_CHUNK;
}

static swale_status predict_see_chunk(void *pointer, size_t worker, size_t chunk) {
  const swale_predictor *self = pointer;
  const size_t inputs = self->model->file.schema.inputs, rows = predict_rows(self, chunk);
  for (size_t b = 0; b < rows; b++) {
    SWL_TRY(predict_see(self, worker, chunk * SWL_OUTPUTS_CHUNK + b, self->scratch[worker].seen + b * inputs));
  }
  return SWALE_OK;
}

/* --- (2), (3) ----------------------------------------------------------------------------------------------------- */

static void predict_probabilities(size_t m, const float *outputs, double *values) {
  double most = outputs[0], sum = 0;
  for (size_t j = 1; j < m; j++) most = outputs[j] > most ? (double)outputs[j] : most;
  for (size_t j = 0; j < m; j++) sum += values[j] = exp((double)outputs[j] - most);
  for (size_t j = 0; j < m; j++) values[j] /= sum;
}

static void predict_values(const swl_model *file, const float *outputs, double *values) {
  const swl_schema *schema = &file->schema;
  if (file->network.loss->probabilities) {
    predict_probabilities(schema->outputs, outputs, values);
    return;
  }
  for (size_t j = 0; j < schema->outputs; j++) {
    const double o = (double)outputs[j];
    values[j] = schema->classification ? NAN
                : schema->target_shift ? o / schema->target_scale[j] + schema->target_shift[j]
                                       : o;
  }
}

static uint32_t predict_label(size_t m, const float *outputs) {
  uint32_t best = 0;
  for (uint32_t k = 1; k < m; k++) best = outputs[k] > outputs[best] ? k : best;
  return best;
}

/* For messages: rows of an array from 0, those of a source from 1. */
static size_t predict_row(const swale_predictor *self, size_t row) { return self->seen ? self->before + row + 1 : row; }

static swale_status predict_chunk(void *pointer, size_t worker, size_t chunk) {
  swale_predictor *self = pointer;
  const swl_model *file = &self->model->file;
  const size_t m = file->network.outputs, first = chunk * SWL_OUTPUTS_CHUNK, rows = predict_rows(self, chunk);
  const float *inputs = self->seen ? self->seen + first * file->network.inputs : self->scratch[worker].seen;
  if (!self->seen) SWL_TRY(predict_see_chunk(self, worker, chunk));
  const swl_examples examples = {.count = rows, .inputs = inputs};
  const float *outputs = swl_network_outputs(&file->network, self->outputs.workspaces[worker], file->x, &examples);
  for (size_t i = 0; i < rows * m; i++) {
    if (isfinite(outputs[i])) continue;
    return swl_fail(self->context, SWALE_ERROR_NUMERIC,
                    "row %zu: output %zu of the network is %g: its inputs are too large",
                    predict_row(self, first + i / m), i % m, (double)outputs[i]);
  }
  if (self->to.outputs) memcpy(self->to.outputs + first * m, outputs, rows * m * sizeof *outputs);
  for (size_t b = 0; b < rows; b++) {
    double *values = self->to.values ? self->to.values + (first + b) * m : NULL;
    if (values) predict_values(file, outputs + b * m, values);
    for (size_t j = 0; values && !file->schema.classification && j < m; j++) {
      if (isfinite(values[j])) continue;
      return swl_fail(self->context, SWALE_ERROR_NUMERIC,
                      "row %zu: output %zu of the network, %g, is beyond all numbers in the units of the target",
                      predict_row(self, first + b), j, (double)outputs[b * m + j]);
    }
    if (self->to.labels && file->schema.classification) self->to.labels[first + b] = predict_label(m, outputs + b * m);
  }
  return SWALE_OK;
}

static size_t predict_chunks(size_t count) { return (count + SWL_OUTPUTS_CHUNK - 1) / SWL_OUTPUTS_CHUNK; }

static swale_status predict_run(swale_predictor *self, size_t count, const double *rows, const float *narrow,
                                const swl_predictions *to) {
  self->before = 0;
  self->count = count;
  self->rows = rows;
  self->narrow = narrow;
  self->seen = NULL;
  self->to = *to;
  SWL_TRY(swl_team_run(self->team, predict_chunks(count), predict_see_chunk, self));
  return swl_team_run(self->team, predict_chunks(count), predict_chunk, self);
}

swale_status swale_predict(swale_predictor *predictor, size_t count, const double *rows, float *outputs, double *values,
                           uint32_t *labels) {
  return predict_run(predictor, count, rows, NULL, &(swl_predictions){outputs, values, labels});
}

swale_status swale_predict_floats(swale_predictor *predictor, size_t count, const float *rows, float *outputs,
                                  double *values, uint32_t *labels) {
  return predict_run(predictor, count, NULL, rows, &(swl_predictions){outputs, values, labels});
}

swale_status swl_predict_seen(swale_predictor *self, size_t before, size_t count, const float *inputs,
                              const swl_predictions *to) {
  self->before = before;
  self->count = count;
  self->seen = inputs;
  self->to = *to;
  return swl_team_run(self->team, predict_chunks(count), predict_chunk, self);
}

/* --- birth and death ---------------------------------------------------------------------------------------------- */

static swale_status predict_take(swale_predictor *self, size_t threads) {
  const swl_schema *schema = &self->model->file.schema;
  SWL_TRY(swl_team_create(self->context, threads, &self->team));
  SWL_TRY(swl_outputs_create(self->arena, &self->model->file.network, swl_kernels_list()[0], threads, &self->outputs));
  self->scratch = swl_arena_take(self->arena, threads, sizeof *self->scratch);
  if (!self->scratch) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < threads; w++) {
    predict_scratch *scratch = &self->scratch[w];
    scratch->cells = swl_arena_take(self->arena, swl_schema_cells(schema), sizeof *scratch->cells);
    scratch->raw = swl_arena_take(self->arena, schema->inputs, sizeof *scratch->raw);
    scratch->seen = swl_arena_take(self->arena, SWL_OUTPUTS_CHUNK * schema->inputs, sizeof *scratch->seen);
    if (!scratch->cells || !scratch->raw || !scratch->seen) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

swale_status swale_predictor_create(swale_context *context, const swale_model *model, size_t threads,
                                    swale_predictor **predictor) {
  enum { THREADS_MAX = 1024 };
  if (threads < 1 || threads > THREADS_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE, "a predictor of %zu threads; allowed are 1 to %d", threads,
                    THREADS_MAX);
  }
  swl_arena *arena = NULL;
  swale_predictor *made = swl_arena_owner(context, sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  made->arena = arena;
  made->model = model;
  const swale_status status = predict_take(made, threads);
  if (status != SWALE_OK) {
    swale_predictor_destroy(made);
    return status;
  }
  *predictor = made;
  return SWALE_OK;
}

void swale_predictor_destroy(swale_predictor *predictor) {
  if (!predictor) return;
  swl_team_destroy(predictor->team);
  swl_arena_destroy(predictor->arena);
}
