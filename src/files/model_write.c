/* model_write.c - a trained network and its schema to a safetensors file; model_read.c reads it.
 *
 * | symbol | code            | shape        | meaning                                             |
 * | X_l    | x + offset      | (n+1) × m    | network.h: weights that leave input i, last row bias |
 * | W_l    | layers.l.weight | m × n        | torch.nn.Linear: the transpose of the first n rows   |
 * | b_l    | layers.l.bias   | m            | row n                                                |
 *
 * The order of tensors and metadata is fixed and no time, path or machine is written: same run, same bytes.
 */
#include "files/json_text.h"
#include "files/model_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MODEL_TENSORS_MAX = 2 * SWL_LAYERS_MAX + 4, MODEL_PAIRS_MAX = 11 };

size_t swl_model_first_bad(const swl_tensor *tensor, size_t count) {
  size_t i = 0;
  while (i < count && isfinite(tensor->wide ? tensor->wide[i] : (double)tensor->data[i])) i++;
  return i;
}

/* source: http://www.isthe.com/chongo/tech/comp/fnv (constants of FNV-1a, 64 bits). */
static uint64_t model_mix(uint64_t hash, const void *bytes, size_t count) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < count; i++) hash = (hash ^ byte[i]) * 0x100000001b3U;
  return hash;
}

void swl_model_fingerprint(const swl_network *network, const float *x, char text[SWL_FINGERPRINT_MAX]) {
  const char *const names[] = {network->spec, network->activation->name, network->loss->name};
  uint64_t hash = 0xcbf29ce484222325U;
  for (size_t i = 0; i < 3; i++) hash = model_mix(hash, names[i], strlen(names[i]) + 1);
  hash = model_mix(hash, x, network->dim * sizeof *x);
  snprintf(text, SWL_FINGERPRINT_MAX, "%016" PRIx64, hash);
}

/* --- tensors ------------------------------------------------------------------------------------------------------ */

typedef struct model_writer {
  swale_context *context;
  swl_tensor tensors[MODEL_TENSORS_MAX];
  size_t count, pair_count;
  swl_metadata pairs[MODEL_PAIRS_MAX];
  char *texts[MODEL_PAIRS_MAX]; /* made for the pairs, to be released */
  float values[];               /* dim, in PyTorch's layout */
} model_writer;

/* The next tensor, whose name is there: of one dimension if `columns` is 0. */
static swale_status model_add(model_writer *writer, size_t rows, size_t columns, const float *data,
                              const double *wide) {
  swl_tensor *tensor = &writer->tensors[writer->count++];
  tensor->dimensions = columns ? 2 : 1;
  tensor->shape[0] = rows;
  tensor->shape[1] = columns;
  tensor->data = data;
  tensor->wide = wide;
  const size_t count = rows * (columns ? columns : 1), bad = swl_model_first_bad(tensor, count);
  if (bad == count) return SWALE_OK;
  return swl_fail(writer->context, SWALE_ERROR_NUMERIC,
                  "%s[%zu] is %g; a model with numbers that are not finite is not written", tensor->name, bad,
                  wide ? wide[bad] : (double)data[bad]);
}

static swale_status model_add_layer(model_writer *writer, size_t index, const swl_layer *layer, const float *x) {
  const size_t n = layer->inputs, m = layer->outputs;
  float *weight = writer->values + layer->offset, *bias = weight + n * m;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < m; j++) weight[j * n + i] = x[layer->offset + i * m + j];
  }
  memcpy(bias, x + layer->offset + n * m, m * sizeof *bias);
  swl_model_layer_name(writer->tensors[writer->count].name, index, "weight");
  SWL_TRY(model_add(writer, m, n, weight, NULL));
  swl_model_layer_name(writer->tensors[writer->count].name, index, "bias");
  return model_add(writer, m, 0, bias, NULL);
}

/* A pair of tensors of the standardization; nothing if it is NULL. */
static swale_status model_add_pair(model_writer *writer, const char *const names[2], size_t count, const double *shift,
                                   const double *scale) {
  if (!shift || !scale) return SWALE_OK;
  strcpy(writer->tensors[writer->count].name, names[0]);
  SWL_TRY(model_add(writer, count, 0, NULL, shift));
  strcpy(writer->tensors[writer->count].name, names[1]);
  return model_add(writer, count, 0, NULL, scale);
}

/* Those of 8 bytes first: so every tensor begins where its numbers may. */
static swale_status model_add_tensors(model_writer *writer, const swl_model *model) {
  const swl_network *network = &model->network;
  const swl_schema *schema = &model->schema;
  SWL_TRY(model_add_pair(writer, swl_model_input_pair, network->inputs, schema->shift, schema->scale));
  SWL_TRY(model_add_pair(writer, swl_model_target_pair, network->outputs, schema->target_shift, schema->target_scale));
  for (size_t i = 0; i < network->depth; i++) {
    SWL_TRY(model_add_layer(writer, i, &network->layers[i], model->x));
  }
  return SWALE_OK;
}

/* --- metadata ----------------------------------------------------------------------------------------------------- */

static void model_put_list(swl_json_text *json, size_t count, const char *const *texts) {
  swl_json_put(json, "[");
  for (size_t i = 0; i < count; i++) {
    if (i > 0) swl_json_put(json, ",");
    swl_json_put_string(json, texts[i]);
  }
  swl_json_put(json, "]");
}

static void model_put_classes(swl_json_text *json, const swl_model *model) {
  const swl_schema *schema = &model->schema;
  model_put_list(json, schema->outputs, schema->classes);
}

static void model_put_columns(swl_json_text *json, const swl_model *model) {
  const swl_schema *schema = &model->schema;
  for (size_t i = 0; i < schema->columns; i++) {
    const swl_column *column = &schema->column[i];
    swl_json_put(json, i > 0 ? ",{\"name\":" : "[{\"name\":");
    swl_json_put_string(json, column->name);
    if (column->kind == SWL_COLUMN_TEXT) {
      swl_json_put(json, ",\"values\":");
      model_put_list(json, column->value_count, column->values);
    } else if (!isnan(column->fill)) {
      swl_json_put(json, ",\"fill\":");
      swl_json_put_real(json, column->fill);
    }
    swl_json_put(json, "}");
  }
  swl_json_put(json, "]");
}

static void model_put_image(swl_json_text *json, const swl_model *model) {
  const swl_schema *schema = &model->schema;
  swl_json_put(json, "[");
  swl_json_put_integer(json, (int64_t)schema->height);
  swl_json_put(json, ",");
  swl_json_put_integer(json, (int64_t)schema->width);
  swl_json_put(json, "]");
}

/* A model says nothing of the machine that it was trained on. */
static int model_names_file(const swale_option_info *info, const char *value) {
  const int may = strcmp(info->group, "data") == 0 || strcmp(info->group, "model") == 0;
  return may && (strncmp(value, "csv:", 4) == 0 || strncmp(value, "idx:", 4) == 0 || strchr(value, '/'));
}

static void model_put_options(swl_json_text *json, const swl_model *model) {
  char value[SWL_TEXT_MAX];
  size_t count = 0;
  swl_json_put(json, "{");
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (!swl_option_changes_results(info) || !swl_used_text(model->used, i, value) || model_names_file(info, value))
      continue;
    swl_json_put(json, count++ ? "," : "");
    swl_json_put_string(json, swale_option_name(info));
    swl_json_put(json, ":");
    swl_json_put_string(json, value);
  }
  swl_json_put(json, "}");
}

static void model_say(model_writer *writer, const char *key, const char *value) {
  writer->pairs[writer->pair_count++] = (swl_metadata){key, value};
}

/* A pair whose value is what `put` writes of the model. */
static swale_status model_say_json(model_writer *writer, const char *key, const swl_model *model,
                                   void (*put)(swl_json_text *, const swl_model *)) {
  swl_json_text measure = {NULL, 0, 0};
  put(&measure, model);
  swl_json_text json = {swl_allocate(writer->context, measure.length + 1, 1), measure.length + 1, 0};
  if (!json.text) return SWALE_ERROR_MEMORY;
  put(&json, model);
  (void)swl_json_end(&json);
  writer->texts[writer->pair_count] = json.text;
  model_say(writer, key, json.text);
  return SWALE_OK;
}

static swale_status model_say_all(model_writer *writer, const swl_model *model) {
  const swl_network *network = &model->network;
  const swl_schema *schema = &model->schema;
  model_say(writer, "format", SWL_MODEL_FORMAT);
  model_say(writer, "model", network->spec);
  model_say(writer, "activation", network->activation->name);
  model_say(writer, "loss", network->loss->name);
  model_say(writer, "task", swl_model_tasks[network->loss->classification != 0]);
  model_say(writer, "library", swale_version());
  if (schema->classes) SWL_TRY(model_say_json(writer, "classes", model, model_put_classes));
  if (schema->target) model_say(writer, "target", schema->target);
  if (schema->columns) SWL_TRY(model_say_json(writer, "columns", model, model_put_columns));
  if (schema->height) SWL_TRY(model_say_json(writer, "image", model, model_put_image));
  if (model->used) SWL_TRY(model_say_json(writer, "options", model, model_put_options));
  return SWALE_OK;
}

swale_status swl_model_write(swale_context *context, const char *path, const swl_model *model) {
  const size_t head = (sizeof(model_writer) + sizeof(float) - 1) / sizeof(float);
  model_writer *writer = swl_allocate(context, head + model->network.dim, sizeof(float));
  if (!writer) return SWALE_ERROR_MEMORY;
  writer->context = context;
  swale_status status = model_add_tensors(writer, model);
  if (status == SWALE_OK) status = model_say_all(writer, model);
  if (status == SWALE_OK) {
    status = swl_safetensors_write(context, path, writer->tensors, writer->count, writer->pairs, writer->pair_count);
  }
  for (size_t i = 0; i < MODEL_PAIRS_MAX; i++) swl_release(context, writer->texts[i]);
  swl_release(context, writer);
  return status;
}
