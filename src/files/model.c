/* model.c - a trained network to a safetensors file and back.
 *
 * | symbol | code            | shape        | meaning                                             |
 * | X_l    | x + offset      | (n+1) × m    | network.h: weights that leave input i, last row bias |
 * | W_l    | layers.l.weight | m × n        | torch.nn.Linear: the transpose of the first n rows   |
 * | b_l    | layers.l.bias   | m            | row n                                                |
 *
 * The order of tensors and metadata is fixed and no time, path or machine is written: same run, same bytes. A file is
 * believed only if its seal is unbroken, where it has one (other programs write none), and if it has exactly the tensors
 * that its architecture needs, all finite.
 */
#include "files/model.h"

#include "files/json_text.h"
#include "files/safetensors.h"
#include "options/number.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MODEL_FORMAT "swale-model 1"

enum { MODEL_TENSORS_MAX = 2 * SWL_LAYERS_MAX + 4, MODEL_TEXTS = 5, MODEL_PAIRS_MAX = 5 + MODEL_TEXTS };

static const char *const model_input_pair[2] = {"standardize.shift", "standardize.scale"};
static const char *const model_target_pair[2] = {"standardize.target_shift", "standardize.target_scale"};

static void model_layer_name(char name[SWL_TENSOR_NAME_MAX], size_t layer, const char *part) {
  snprintf(name, SWL_TENSOR_NAME_MAX, "layers.%zu.%s", layer, part);
}

/* The index of the first value that is not finite; `count` if all are. */
static size_t model_first_bad(const float *values, size_t count) {
  size_t i = 0;
  while (i < count && isfinite(values[i])) i++;
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

/* --- writing ------------------------------------------------------------------------------------------------------ */

typedef struct model_writer {
  swl_tensor tensors[MODEL_TENSORS_MAX];
  size_t count;
  float *pairs;   /* 2 × inputs and 2 × outputs, the next ones */
  float values[]; /* dim, in PyTorch's layout; then those */
} model_writer;

static swale_status model_add(swale_context *context, model_writer *writer, size_t dimensions, size_t rows,
                              size_t columns, const float *data) {
  swl_tensor *tensor = &writer->tensors[writer->count++];
  tensor->dimensions = dimensions;
  tensor->shape[0] = rows;
  tensor->shape[1] = dimensions == 2 ? columns : 0;
  tensor->data = data;
  const size_t count = rows * columns, bad = model_first_bad(data, count);
  if (bad == count) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_NUMERIC,
                  "%s[%zu] is %g; a model with numbers that are not finite is not written", tensor->name, bad,
                  (double)data[bad]);
}

static swale_status model_add_layer(swale_context *context, model_writer *writer, size_t index, const swl_layer *layer,
                                    const float *x) {
  const size_t n = layer->inputs, m = layer->outputs;
  float *weight = writer->values + layer->offset, *bias = weight + n * m;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < m; j++) weight[j * n + i] = x[layer->offset + i * m + j];
  }
  memcpy(bias, x + layer->offset + n * m, m * sizeof *bias);
  model_layer_name(writer->tensors[writer->count].name, index, "weight");
  SWL_TRY(model_add(context, writer, 2, m, n, weight));
  model_layer_name(writer->tensors[writer->count].name, index, "bias");
  return model_add(context, writer, 1, m, 1, bias);
}

/* A pair of tensors of the standardization; nothing if it is NULL. */
static swale_status model_add_pair(swale_context *context, model_writer *writer, const char *const names[2],
                                   size_t count, const double *shift, const double *scale) {
  if (!shift || !scale) return SWALE_OK;
  for (size_t part = 0; part < 2; part++) {
    float *values = writer->pairs;
    for (size_t j = 0; j < count; j++) values[j] = (float)(part ? scale : shift)[j];
    writer->pairs += count;
    strcpy(writer->tensors[writer->count].name, names[part]);
    SWL_TRY(model_add(context, writer, 1, count, 1, values));
  }
  return SWALE_OK;
}

static swale_status model_add_tensors(swale_context *context, model_writer *writer, const swl_model *model) {
  const swl_network *network = &model->network;
  for (size_t i = 0; i < network->depth; i++) {
    SWL_TRY(model_add_layer(context, writer, i, &network->layers[i], model->x));
  }
  SWL_TRY(model_add_pair(context, writer, model_input_pair, network->inputs, model->schema.shift, model->schema.scale));
  return model_add_pair(context, writer, model_target_pair, network->outputs, model->schema.target_shift,
                        model->schema.target_scale);
}

static void model_put_classes(swl_json_text *json, const swl_model *model) {
  swl_json_put(json, "[");
  for (size_t i = 0; i < model->network.outputs; i++) {
    if (i > 0) swl_json_put(json, ",");
    swl_json_put_string(json, model->schema.classes[i]);
  }
  swl_json_put(json, "]");
}

/* Numbers of the standardization as a JSON list in double, to be released; NULL with SWALE_OK if there are none. */
static swale_status model_numbers_text(swale_context *context, size_t count, const double *numbers, char **text) {
  if (!numbers) return SWALE_OK;
  const size_t size = count * (SWL_REAL_TEXT_MAX + 1) + 3;
  char *made = swl_allocate(context, size, 1);
  if (!made) return SWALE_ERROR_MEMORY;
  size_t used = 0;
  for (size_t j = 0; j < count; j++) {
    char number[SWL_REAL_TEXT_MAX];
    swl_real_text(numbers[j], number);
    used += (size_t)snprintf(made + used, size - used, "%s%s", j ? "," : "[", number);
  }
  snprintf(made + used, size - used, "]");
  *text = made;
  return SWALE_OK;
}

/* The classes' names as a JSON list, to be released; NULL with SWALE_OK if there are none. */
static swale_status model_classes_text(swale_context *context, const swl_model *model, char **text) {
  if (!model->schema.classes) return SWALE_OK;
  swl_json_text measure = {NULL, 0, 0};
  model_put_classes(&measure, model);
  swl_json_text json = {swl_allocate(context, measure.length + 1, 1), measure.length + 1, 0};
  if (!json.text) return SWALE_ERROR_MEMORY;
  model_put_classes(&json, model);
  (void)swl_json_end(&json);
  *text = json.text;
  return SWALE_OK;
}

swale_status swl_model_write(swale_context *context, const char *path, const swl_model *model) {
  const swl_network *network = &model->network;
  const size_t head = (sizeof(model_writer) + sizeof(float) - 1) / sizeof(float);
  const swl_schema *schema = &model->schema;
  char *texts[MODEL_TEXTS] = {NULL}; /* classes, and the standardization in double */
  model_writer *writer = swl_allocate(context, head + network->dim + 2 * (network->inputs + network->outputs),
                                      sizeof(float));
  if (!writer) return SWALE_ERROR_MEMORY;
  writer->pairs = writer->values + network->dim;
  swale_status status = model_add_tensors(context, writer, model);
  if (status == SWALE_OK) status = model_classes_text(context, model, &texts[0]);
  if (status == SWALE_OK) status = model_numbers_text(context, network->inputs, schema->shift, &texts[1]);
  if (status == SWALE_OK) status = model_numbers_text(context, network->inputs, schema->scale, &texts[2]);
  if (status == SWALE_OK) status = model_numbers_text(context, network->outputs, schema->target_shift, &texts[3]);
  if (status == SWALE_OK) status = model_numbers_text(context, network->outputs, schema->target_scale, &texts[4]);
  if (status == SWALE_OK) {
    static const char *const names[MODEL_TEXTS] = {"classes", "standardize.shift", "standardize.scale",
                                                   "standardize.target_shift", "standardize.target_scale"};
    swl_pair metadata[MODEL_PAIRS_MAX] = {{"format", MODEL_FORMAT},
                                          {"model", network->spec},
                                          {"activation", network->activation->name},
                                          {"loss", network->loss->name},
                                          {"library", swale_version()}};
    size_t count = MODEL_PAIRS_MAX - MODEL_TEXTS;
    for (size_t i = 0; i < MODEL_TEXTS; i++) {
      if (texts[i]) metadata[count++] = (swl_pair){names[i], texts[i]};
    }
    status = swl_safetensors_write(context, path, writer->tensors, writer->count, metadata, count);
  }
  for (size_t i = 0; i < MODEL_TEXTS; i++) swl_release(context, texts[i]);
  swl_release(context, writer);
  return status;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct model_reader {
  swale_context *context;
  swl_arena *arena;
  const char *path;
  swl_safetensors file;
} model_reader;

/* Without control characters: these texts go into messages, and messages to terminals. */
static int model_is_plain(const char *text) {
  while ((unsigned char)*text >= 0x20 && *text != 0x7f) text++;
  return *text == '\0';
}

/* (1) The architecture. */
static swale_status model_read_network(const model_reader *reader, swl_network *network) {
  const char *const keys[] = {"format", "model", "activation", "loss"};
  const char *values[4];
  for (size_t i = 0; i < 4; i++) {
    values[i] = swl_safetensors_metadata(&reader->file, keys[i]);
    if (!values[i]) {
      return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s' is not a Swale model: its metadata has no '%s'",
                      reader->path, keys[i]);
    }
    if (model_is_plain(values[i])) continue;
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': '%s' in its metadata holds a control character",
                    reader->path, keys[i]);
  }
  if (strcmp(values[0], MODEL_FORMAT) != 0) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s' has the format '%.64s'; this version reads '%s'",
                    reader->path, values[0], MODEL_FORMAT);
  }
  if (swl_network_parse(reader->context, values[1], values[2], values[3], network) == SWALE_OK) return SWALE_OK;
  char why[512];
  snprintf(why, sizeof why, "%s", swale_context_message(reader->context));
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': %s", reader->path, why);
}

/* (2) The values of the tensor of that name and shape, all finite; NULL, with SWALE_ERROR_FORMAT recorded, if there is
 * none. One dimension: columns = 1. */
static const float *model_find(const model_reader *reader, const char *name, size_t dimensions, size_t rows,
                               size_t columns) {
  const swl_tensor *tensor = swl_safetensors_find(&reader->file, name);
  if (!tensor) {
    swl_explain(reader->context, "'%s' has no tensor '%s'", reader->path, name);
    return NULL;
  }
  if (tensor->dimensions != dimensions || tensor->shape[0] != rows ||
      (dimensions == 2 && tensor->shape[1] != columns)) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, dimensions == 2 ? "%zu × %zu" : "%zu", rows, columns);
    swl_explain(reader->context, "'%s': tensor '%s' does not have the shape %s that '%s' needs", reader->path, name,
                wanted, swl_safetensors_metadata(&reader->file, "model"));
    return NULL;
  }
  const size_t count = rows * columns, bad = model_first_bad(tensor->data, count);
  if (bad == count) return tensor->data;
  swl_explain(reader->context, "'%s': %s[%zu] is %g; numbers must be finite", reader->path, name, bad,
              (double)tensor->data[bad]);
  return NULL;
}

/* (3) All layers: their tensors are found before memory is taken, so a file without the bytes cannot ask for it. */
static swale_status model_read_layers(const model_reader *reader, const swl_network *network, float **x) {
  const float *weights[SWL_LAYERS_MAX], *biases[SWL_LAYERS_MAX];
  for (size_t l = 0; l < network->depth; l++) {
    const swl_layer *layer = &network->layers[l];
    char name[SWL_TENSOR_NAME_MAX];
    model_layer_name(name, l, "weight");
    weights[l] = model_find(reader, name, 2, layer->outputs, layer->inputs);
    if (!weights[l]) return SWALE_ERROR_FORMAT;
    model_layer_name(name, l, "bias");
    biases[l] = model_find(reader, name, 1, layer->outputs, 1);
    if (!biases[l]) return SWALE_ERROR_FORMAT;
  }
  float *made = swl_arena_take(reader->arena, network->dim, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  for (size_t l = 0; l < network->depth; l++) {
    const size_t n = network->layers[l].inputs, m = network->layers[l].outputs;
    float *to = made + network->layers[l].offset;
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < m; j++) to[i * m + j] = weights[l][j * n + i];
    }
    memcpy(to + n * m, biases[l], m * sizeof *to);
  }
  *x = made;
  return SWALE_OK;
}

/* The numbers in double from the metadata, where they are; they must agree with the tensor. */
static swale_status model_read_doubles(const model_reader *reader, const char *name, size_t count, const float *data,
                                       double *numbers) {
  const char *text = swl_safetensors_metadata(&reader->file, name);
  json_t *list = text ? json_loads(text, 0, NULL) : NULL;
  int agree = !text || (json_is_array(list) && json_array_size(list) == count);
  for (size_t j = 0; j < count && agree; j++) {
    numbers[j] = text ? json_number_value(json_array_get(list, j)) : (double)data[j];
    agree = (float)numbers[j] == data[j];
  }
  json_decref(list);
  if (agree) return SWALE_OK;
  return swl_fail(reader->context, SWALE_ERROR_FORMAT,
                  "'%s': '%s' of the metadata differs from the tensor of that name", reader->path, name);
}

/* (4) A shift and a scale of `count` numbers: both or none. */
static swale_status model_read_pair(const model_reader *reader, const char *const names[2], size_t count,
                                    double **const to[2]) {
  if (!swl_safetensors_find(&reader->file, names[0]) && !swl_safetensors_find(&reader->file, names[1])) return SWALE_OK;
  for (size_t i = 0; i < 2; i++) {
    const float *data = model_find(reader, names[i], 1, count, 1);
    if (!data) return SWALE_ERROR_FORMAT;
    *to[i] = swl_arena_take(reader->arena, count, sizeof **to[i]);
    if (!*to[i]) return SWALE_ERROR_MEMORY;
    SWL_TRY(model_read_doubles(reader, names[i], count, data, *to[i]));
  }
  return SWALE_OK;
}

static swale_status model_read_standardize(const model_reader *reader, swl_model *model) {
  const swl_network *network = &model->network;
  double **const inputs[2] = {&model->schema.shift, &model->schema.scale};
  double **const targets[2] = {&model->schema.target_shift, &model->schema.target_scale};
  SWL_TRY(model_read_pair(reader, model_input_pair, network->inputs, inputs));
  if (network->loss->classification) return SWALE_OK; /* classes have no units: (5) refuses such tensors */
  SWL_TRY(model_read_pair(reader, model_target_pair, network->outputs, targets));
  for (size_t j = 0; model->schema.target_scale && j < network->outputs; j++) {
    if (model->schema.target_scale[j] > 0) continue; /* a prediction is divided by it */
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': %s[%zu] is %g; a scale must be above 0", reader->path,
                    model_target_pair[1], j, model->schema.target_scale[j]);
  }
  return SWALE_OK;
}

/* (5) Nothing that would be dropped silently. */
static swale_status model_check_count(const model_reader *reader, const swl_model *model) {
  const size_t wanted = 2 * model->network.depth + (model->schema.shift ? 2 : 0) + (model->schema.target_shift ? 2 : 0);
  if (reader->file.tensor_count == wanted) return SWALE_OK;
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s' has %zu tensors; '%s' needs %zu", reader->path,
                  reader->file.tensor_count, model->network.spec, wanted);
}

static swale_status model_copy_classes(const model_reader *reader, const json_t *list, swl_model *model) {
  const size_t count = json_array_size(list);
  if (!json_is_array(list) || count != model->network.outputs) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': 'classes' is not a list of %zu names", reader->path,
                    model->network.outputs);
  }
  model->schema.classes = swl_arena_take(reader->arena, count, sizeof *model->schema.classes);
  if (!model->schema.classes) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) {
    const json_t *name = json_array_get(list, i);
    if (!json_is_string(name)) {
      return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': class %zu has a name that is not text", reader->path,
                      i);
    }
    const size_t length = strlen(json_string_value(name)) + 1;
    char *copy = swl_arena_take(reader->arena, length, 1);
    if (!copy) return SWALE_ERROR_MEMORY;
    memcpy(copy, json_string_value(name), length);
    model->schema.classes[i] = copy;
  }
  return SWALE_OK;
}

/* (6) The names of the classes. */
static swale_status model_read_classes(const model_reader *reader, swl_model *model) {
  const char *text = swl_safetensors_metadata(&reader->file, "classes");
  if (!text) return SWALE_OK;
  json_error_t error;
  json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, &error);
  const swale_status status = model_copy_classes(reader, list, model); /* NULL is no array */
  json_decref(list);
  return status;
}

swale_status swl_model_read(swale_context *context, swl_arena *arena, const char *path, swl_model *model) {
  model_reader reader = {.context = context, .arena = arena, .path = path};
  swl_model made = {.x = NULL};
  SWL_TRY(swl_safetensors_check_seal(context, path, 0));
  SWL_TRY(swl_safetensors_read(context, arena, path, &reader.file));
  SWL_TRY(model_read_network(&reader, &made.network));
  SWL_TRY(model_read_layers(&reader, &made.network, &made.x));
  made.schema.inputs = made.network.inputs;
  made.schema.outputs = made.network.outputs;
  made.schema.classification = made.network.loss->classification;
  SWL_TRY(model_read_standardize(&reader, &made));
  SWL_TRY(model_check_count(&reader, &made));
  SWL_TRY(model_read_classes(&reader, &made));
  *model = made;
  return SWALE_OK;
}
