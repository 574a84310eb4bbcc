/* model_read.c - a model file back into a network and its schema, read with suspicion.
 *
 * A file is believed only if its seal is unbroken, where it has one (other programs write none), and if it has exactly the
 * tensors that its architecture needs, all finite.
 */
#include "data/csv_text.h"
#include "files/model_parts.h"

#include <string.h>

/* (1) The architecture, and whether the file is of the old format. */
static swale_status model_read_network(const swl_model_reader *reader, swl_network *network, int *old) {
  const char *const keys[] = {"format", "model", "activation", "loss"};
  const char *values[4];
  for (size_t i = 0; i < 4; i++) {
    values[i] = swl_safetensors_metadata(&reader->file, keys[i]);
    if (!values[i]) {
      return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s' is not a Swale model: its metadata has no '%s'",
                      reader->path, keys[i]);
    }
    if (swl_text_is_plain(values[i])) continue;
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': '%s' in its metadata holds a control character",
                    reader->path, keys[i]);
  }
  *old = strcmp(values[0], SWL_MODEL_FORMAT_OLD) == 0;
  if (!*old && strcmp(values[0], SWL_MODEL_FORMAT) != 0) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT,
                    "'%s' has the format '%.64s'; this version reads '%s' and '%s'", reader->path, values[0],
                    SWL_MODEL_FORMAT, SWL_MODEL_FORMAT_OLD);
  }
  if (swl_network_parse(reader->context, values[1], values[2], values[3], network) == SWALE_OK) return SWALE_OK;
  char why[512];
  snprintf(why, sizeof why, "%s", swale_context_message(reader->context));
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': %s", reader->path, why);
}

/* (2) The tensor of that name, type and shape, all finite; NULL, with SWALE_ERROR_FORMAT recorded, if there is none. One
 * dimension: columns = 0. */
static const swl_tensor *model_find(const swl_model_reader *reader, const char *name, size_t rows, size_t columns,
                                    int wide) {
  const swl_tensor *tensor = wide ? swl_safetensors_find_wide(&reader->file, name)
                                  : swl_safetensors_find(&reader->file, name);
  if (!tensor) {
    swl_explain(reader->context, "'%s' has no tensor '%s' of type %s", reader->path, name, wide ? "F64" : "F32");
    return NULL;
  }
  if (tensor->dimensions != (columns ? 2 : 1) || tensor->shape[0] != rows || (columns && tensor->shape[1] != columns)) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, columns ? "%zu × %zu" : "%zu", rows, columns);
    swl_explain(reader->context, "'%s': tensor '%s' does not have the shape %s that '%s' needs", reader->path, name,
                wanted, swl_safetensors_metadata(&reader->file, "model"));
    return NULL;
  }
  const size_t count = rows * (columns ? columns : 1), bad = swl_model_first_bad(tensor, count);
  if (bad == count) return tensor;
  swl_explain(reader->context, "'%s': %s[%zu] is %g; numbers must be finite", reader->path, name, bad,
              wide ? tensor->wide[bad] : (double)tensor->data[bad]);
  return NULL;
}

/* (3) All layers: their tensors are found before memory is taken, so a file without the bytes cannot ask for it. */
static swale_status model_read_layers(const swl_model_reader *reader, const swl_network *network, float **x) {
  const swl_tensor *weights[SWL_LAYERS_MAX], *biases[SWL_LAYERS_MAX];
  for (size_t l = 0; l < network->depth; l++) {
    const swl_layer *layer = &network->layers[l];
    char name[SWL_TENSOR_NAME_MAX];
    swl_model_layer_name(name, l, "weight");
    weights[l] = model_find(reader, name, layer->outputs, layer->inputs, 0);
    if (!weights[l]) return SWALE_ERROR_FORMAT;
    swl_model_layer_name(name, l, "bias");
    biases[l] = model_find(reader, name, layer->outputs, 0, 0);
    if (!biases[l]) return SWALE_ERROR_FORMAT;
  }
  float *made = swl_arena_take(reader->arena, network->dim, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  for (size_t l = 0; l < network->depth; l++) {
    const size_t n = network->layers[l].inputs, m = network->layers[l].outputs;
    float *to = made + network->layers[l].offset;
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < m; j++) to[i * m + j] = weights[l]->data[j * n + i];
    }
    memcpy(to + n * m, biases[l]->data, m * sizeof *to);
  }
  *x = made;
  return SWALE_OK;
}

static int model_has(const swl_model_reader *reader, const char *name) {
  return swl_safetensors_find(&reader->file, name) || swl_safetensors_find_wide(&reader->file, name);
}

/* (4) A shift and a scale of `count` numbers, both or none; what one divides by is above 0. */
static swale_status model_read_pair(const swl_model_reader *reader, const char *const names[2], size_t count, int wide,
                                    int positive, double **const to[2]) {
  if (!model_has(reader, names[0]) && !model_has(reader, names[1])) return SWALE_OK;
  for (size_t i = 0; i < 2; i++) {
    const swl_tensor *tensor = model_find(reader, names[i], count, 0, wide);
    if (!tensor) return SWALE_ERROR_FORMAT;
    double *numbers = swl_arena_take(reader->arena, count, sizeof *numbers);
    if (!numbers) return SWALE_ERROR_MEMORY;
    for (size_t j = 0; j < count; j++) {
      numbers[j] = wide ? tensor->wide[j] : (double)tensor->data[j];
      if (i == 0 || !positive || numbers[j] > 0) continue;
      return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': %s[%zu] is %g; a scale must be above 0", reader->path,
                      names[i], j, numbers[j]);
    }
    *to[i] = numbers;
  }
  return SWALE_OK;
}

/* Without a shift and a scale the network sees its inputs as they are. */
static swale_status model_stand_in(const swl_model_reader *reader, swl_schema *schema) {
  schema->shift = swl_arena_take(reader->arena, schema->inputs, sizeof *schema->shift);
  schema->scale = swl_arena_take(reader->arena, schema->inputs, sizeof *schema->scale);
  if (!schema->shift || !schema->scale) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < schema->inputs; i++) schema->scale[i] = 1;
  return SWALE_OK;
}

/* (5) And there is no tensor that would be dropped silently. */
static swale_status model_read_standardize(const swl_model_reader *reader, int old, const swl_network *network,
                                           swl_schema *schema) {
  double **const inputs[2] = {&schema->shift, &schema->scale};
  double **const targets[2] = {&schema->target_shift, &schema->target_scale};
  SWL_TRY(model_read_pair(reader, swl_model_input_pair, network->inputs, !old, !old, inputs));
  if (!schema->classification) { /* classes have no units */
    SWL_TRY(model_read_pair(reader, swl_model_target_pair, network->outputs, !old, 1, targets));
  }
  const size_t wanted = 2 * network->depth + (schema->shift ? 2 : 0) + (schema->target_shift ? 2 : 0);
  if (reader->file.tensor_count != wanted) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s' has %zu tensors; '%s' needs %zu", reader->path,
                    reader->file.tensor_count, network->spec, wanted);
  }
  return schema->shift ? SWALE_OK : model_stand_in(reader, schema);
}

/* (6) The task is what the loss is for: a file that says both differently is not believed. */
static swale_status model_check_task(const swl_model_reader *reader, const swl_network *network) {
  const char *task = swl_safetensors_metadata(&reader->file, "task");
  const char *wanted = swl_model_tasks[network->loss->classification != 0];
  if (task && strcmp(task, wanted) == 0) return SWALE_OK;
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': 'task' in its metadata is not '%s', what loss %s is for",
                  reader->path, wanted, network->loss->name);
}

swale_status swl_model_read(swale_context *context, swl_arena *arena, const char *path, swl_model *model) {
  swl_model_reader reader = {.context = context, .arena = arena, .path = path};
  swl_model made = {.x = NULL};
  int old = 0;
  SWL_TRY(swl_safetensors_check_seal(context, path, 0));
  SWL_TRY(swl_safetensors_read(context, arena, path, &reader.file));
  SWL_TRY(model_read_network(&reader, &made.network, &old));
  SWL_TRY(model_read_layers(&reader, &made.network, &made.x));
  made.schema.inputs = made.network.inputs;
  made.schema.outputs = made.network.outputs;
  made.schema.classification = made.network.loss->classification;
  SWL_TRY(model_read_standardize(&reader, old, &made.network, &made.schema));
  if (!old) SWL_TRY(model_check_task(&reader, &made.network));
  SWL_TRY(swl_model_read_texts(&reader, &made.schema));
  SWL_TRY(swl_model_read_word(&reader, "library", &made.library));
  *model = made;
  return SWALE_OK;
}
