/* open_model.c - which model is this? See swale/model.h. */
#include "model/open_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static swale_status model_path(swale_context *context, const char *given, char path[SWL_PATH_MAX]) {
  static const char name[] = "/" SWL_RUN_MODEL;
  struct stat info;
  size_t length = strlen(given);
  if (length == 0 || length + sizeof name > SWL_PATH_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE, "the path of the model has %zu bytes; allowed are 1 to %zu", length,
                    SWL_PATH_MAX - sizeof name);
  }
  const int folder = stat(given, &info) == 0 && S_ISDIR(info.st_mode);
  if (folder) length = swl_path_length(given);
  snprintf(path, SWL_PATH_MAX, "%.*s%s", (int)length, given, folder ? name : "");
  return SWALE_OK;
}

/* Layer l in PyTorch's shapes: W (m × n) is the transpose of the first n rows of X_l, b (m) its last row. */
static swale_status model_shape_layer(swale_model *model, size_t l) {
  enum { NAME = 40 };
  const swl_layer *layer = &model->file.network.layers[l];
  const size_t n = layer->inputs, m = layer->outputs;
  const float *x = model->file.x + layer->offset;
  char *names = swl_arena_take(model->arena, 2, NAME);
  float *weight = swl_arena_take(model->arena, n * m, sizeof *weight);
  if (!names || !weight) return SWALE_ERROR_MEMORY;
  snprintf(names, NAME, "layers.%zu.weight", l);
  snprintf(names + NAME, NAME, "layers.%zu.bias", l);
  for (size_t j = 0; j < m; j++) {
    for (size_t i = 0; i < n; i++) weight[j * n + i] = x[i * m + j];
  }
  model->arrays[2 * l] = (swale_array){names, m, n, weight};
  model->arrays[2 * l + 1] = (swale_array){names + NAME, m, 1, x + n * m};
  return SWALE_OK;
}

static swale_status model_open(swale_context *context, const char *path, swale_model *model) {
  SWL_TRY(model_path(context, path, model->path));
  SWL_TRY(swl_model_read(context, model->arena, model->path, &model->file));
  model->arrays = swl_arena_take(model->arena, 2 * model->file.network.depth, sizeof *model->arrays);
  if (!model->arrays) return SWALE_ERROR_MEMORY;
  for (size_t l = 0; l < model->file.network.depth; l++) SWL_TRY(model_shape_layer(model, l));
  return SWALE_OK;
}

swale_status swale_model_open(swale_context *context, const char *path, swale_model **model) {
  swl_arena *arena = NULL;
  swale_model *made = swl_arena_owner(context, sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->arena = arena;
  const swale_status status = model_open(context, path, made);
  if (status != SWALE_OK) {
    swl_arena_destroy(arena);
    return status;
  }
  *model = made;
  return SWALE_OK;
}

void swale_model_destroy(swale_model *model) {
  if (model) swl_arena_destroy(model->arena);
}

const char *swale_model_path(const swale_model *model) { return model->path; }
const char *swale_model_spec(const swale_model *model) { return model->file.network.spec; }
const char *swale_model_activation(const swale_model *model) { return model->file.network.activation->name; }
const char *swale_model_loss(const swale_model *model) { return model->file.network.loss->name; }
const char *swale_model_version(const swale_model *model) { return model->file.library; }
int swale_model_classifies(const swale_model *model) { return model->file.schema.classification; }
size_t swale_model_height(const swale_model *model) { return model->file.schema.height; }
size_t swale_model_width(const swale_model *model) { return model->file.schema.width; }
size_t swale_model_features(const swale_model *model) { return swl_schema_cells(&model->file.schema); }
const char *swale_model_target(const swale_model *model) { return model->file.schema.target; }
size_t swale_model_outputs(const swale_model *model) { return model->file.schema.outputs; }
size_t swale_model_array_count(const swale_model *model) { return 2 * model->file.network.depth; }
swale_array swale_model_array(const swale_model *model, size_t index) { return model->arrays[index]; }

static const swl_column *model_column(const swale_model *model, size_t feature) {
  return feature < model->file.schema.columns ? &model->file.schema.column[feature] : NULL;
}

const char *swale_model_feature_name(const swale_model *model, size_t feature) {
  const swl_column *column = model_column(model, feature);
  return column ? column->name : NULL;
}

size_t swale_model_value_count(const swale_model *model, size_t feature) {
  const swl_column *column = model_column(model, feature);
  return column ? column->value_count : 0;
}

const char *swale_model_value(const swale_model *model, size_t feature, size_t value) {
  const swl_column *column = model_column(model, feature);
  return column && value < column->value_count ? column->values[value] : NULL;
}

double swale_model_fill(const swale_model *model, size_t feature) {
  const swl_column *column = model_column(model, feature);
  return column ? column->fill : NAN;
}

const char *swale_model_class_name(const swale_model *model, size_t label) {
  const swl_schema *schema = &model->file.schema;
  return schema->classes && label < schema->outputs ? schema->classes[label] : NULL;
}

int swale_model_has_probabilities(const swale_model *model) { return model->file.network.loss->probabilities; }
