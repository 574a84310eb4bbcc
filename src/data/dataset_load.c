/* dataset_load.c - where do examples come from, and which split does each belong to?
 *
 * (1) A reader (source.h) fills temporary memory with all examples. (2) They are cut into parts (split.c). (3) Examples
 * become what the network sees (schema.h), in the arena: the schema is given, or made of the training examples
 * (standardize.c). Images are bytes / 255. A test set of the source's own, and other sources, keep their order. (4) Weights.
 */
#include "data/dataset.h"

#include "data/arrays.h"
#include "data/checksum.h"
#include "data/class_weights.h"
#include "data/names.h"
#include "data/source.h"
#include "data/split.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static swale_status dataset_overflow(swale_context *context, const char *what, size_t j, swl_split split, size_t i) {
  return swl_fail(context, SWALE_ERROR_NUMERIC,
                  "standardizing %s %zu of %s example %zu overflows: (raw - shift) * scale is no finite float", what,
                  j + 1, swl_split_names[split], i + 1);
}

static size_t dataset_first_bad(const float *values) {
  size_t j = 0;
  while (isfinite(values[j])) j++;
  return j;
}

/* The checksum before an example, and after it: its inputs, which are `inputs` unless they are bytes, and what is to be predicted. */
static uint32_t dataset_checksum(uint32_t before, const swl_raw *raw, const swl_schema *schema, size_t row,
                                 const double *inputs) {
  uint32_t sum = raw->pixels ? swl_checksum(before, raw->pixels + row * schema->inputs, schema->inputs)
                             : swl_checksum(before, inputs, schema->inputs * sizeof *inputs);
  if (raw->bytes) sum = swl_checksum(sum, &raw->bytes[row], 1);
  if (raw->labels) sum = swl_checksum(sum, &raw->labels[row], sizeof *raw->labels);
  if (raw->targets) sum = swl_checksum(sum, raw->targets + row * schema->outputs, schema->outputs * sizeof(double));
  return sum;
}

/* One split: the examples order[0 .. count-1], or all where it is NULL; memory: schema.inputs. */
static swale_status dataset_fill(swale_context *context, swl_arena *arena, const swl_raw *raw, const uint32_t *order,
                                 size_t count, double *memory, swl_split split, swl_dataset *dataset) {
  const swl_schema *schema = &dataset->schema;
  swl_table *table = &dataset->split[split];
  *table = (swl_table){.count = count};
  table->inputs = swl_arena_take(arena, count, schema->inputs * sizeof(float));
  if (!table->inputs) return SWALE_ERROR_MEMORY;
  if (raw->targets) {
    table->targets = swl_arena_take(arena, count, schema->outputs * sizeof(float));
    if (!table->targets) return SWALE_ERROR_MEMORY;
  } else {
    table->labels = swl_arena_take(arena, count, sizeof *table->labels);
    if (!table->labels) return SWALE_ERROR_MEMORY;
  }
  if (raw->weights && !(table->weights = swl_arena_take(arena, count, sizeof *table->weights))) {
    return SWALE_ERROR_MEMORY;
  }
  for (size_t i = 0; i < count; i++) {
    const size_t from = order ? order[i] : i;
    float *inputs = table->inputs + i * schema->inputs;
    swl_raw_inputs(raw, schema, from, memory);
    table->checksum = dataset_checksum(table->checksum, raw, schema, from, memory);
    if (!swl_schema_see(schema, memory, inputs)) {
      return dataset_overflow(context, "input", dataset_first_bad(inputs), split, i);
    }
    if (table->labels) table->labels[i] = raw->labels ? raw->labels[from] : raw->bytes[from];
    if (raw->weights) table->weights[i] = raw->weights[from];
    if (!raw->targets) continue;
    float *targets = table->targets + i * schema->outputs;
    if (swl_schema_aim(schema, raw->targets + from * schema->outputs, targets)) continue;
    return dataset_overflow(context, "target", dataset_first_bad(targets), split, i);
  }
  return SWALE_OK;
}

/* The model's schema in place of that of the images, which it must fit. */
static swale_status dataset_adopt(swale_context *context, swl_arena *arena, const swl_schema *given,
                                  swl_schema *schema) {
  if (given->inputs != schema->inputs || given->columns > 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "the model takes %zu inputs; the data has %zu features%s",
                    given->inputs, schema->inputs, given->columns > 0 ? " without names" : "");
  }
  if (given->outputs < schema->outputs || !given->classification) {
    return swl_fail(context, SWALE_ERROR_USAGE, "the model has %zu outputs; the data has %zu classes", given->outputs,
                    schema->outputs);
  }
  for (size_t i = 0; given->classes && i < schema->outputs; i++) {
    if (strcmp(given->classes[i], schema->classes[i]) == 0) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "class %zu is '%.64s' in the model and '%.64s' in the data", i,
                    given->classes[i], schema->classes[i]);
  }
  const swl_schema own = *schema;
  SWL_TRY(swl_schema_copy(arena, given, schema));
  schema->height = own.height;
  schema->width = own.width;
  return SWALE_OK;
}

static swale_status dataset_weightless(swale_context *context, size_t count) {
  return swl_fail(context, SWALE_ERROR_FORMAT, "the weights of all %zu training examples are 0", count);
}

/* How much each training example counts where columns are looked at: its own weight times that of its class. *weights (count)
 * is the context's, to be released; NULL where all count alike. */
static swale_status dataset_example_weights(swale_context *context, swl_arena *arena,
                                            const swl_dataset_request *request, const swl_raw *raw,
                                            const uint32_t *order, size_t count, const swl_schema *schema,
                                            double **weights) {
  const char *text = request->class_weights && *request->class_weights ? request->class_weights : NULL;
  double *of_class = text ? swl_arena_take(arena, schema->outputs, sizeof *of_class) : NULL, sum = 0;
  uint32_t *labels = text && !raw->targets ? swl_arena_take(arena, count, sizeof *labels) : NULL;
  if (!text && !raw->weights) return SWALE_OK;
  if (text && (!of_class || (!raw->targets && !labels))) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; labels && i < count; i++) labels[i] = raw->labels ? raw->labels[order[i]] : raw->bytes[order[i]];
  if (text) SWL_TRY(swl_class_weights(context, text, schema, &(swl_table){.count = count, .labels = labels}, of_class));
  double *made = swl_allocate(context, count, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) {
    made[i] = (raw->weights ? raw->weights[order[i]] : 1) * (labels ? of_class[labels[i]] : 1);
    sum += made[i];
  }
  *weights = made;
  return sum > 0 ? SWALE_OK : dataset_weightless(context, count);
}

/* What a missing number becomes: the mean of those that the training examples have. */
static swale_status dataset_fill_means(swale_context *context, const swl_raw *raw, const uint32_t *order,
                                       const double *weights, size_t count, swl_schema *schema) {
  for (size_t k = 0; k < schema->columns; k++) {
    swl_column *column = &schema->column[k];
    double sum = 0, known = 0;
    for (size_t i = 0; i < count && column->kind == SWL_COLUMN_NUMBER; i++) {
      const double cell = raw->cells[order[i] * schema->columns + k], weight = weights ? weights[i] : 1;
      if (isnan(cell)) continue;
      sum += weight * cell;
      known += weight;
    }
    column->fill = known > 0 ? sum / known : NAN;
    if (known > 0 || column->kind == SWL_COLUMN_TEXT) continue;
    return swl_fail(context, SWALE_ERROR_FORMAT, "column \"%.64s\" has no number in the training examples to fill with",
                    column->name);
  }
  return SWALE_OK;
}

/* Each example's weight is its own times that of its class; their mean over the training examples becomes 1. */
static swale_status dataset_weigh(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                  swl_dataset *dataset) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  const char *text = request->class_weights && *request->class_weights ? request->class_weights : NULL;
  double *of_class = text ? swl_arena_take(arena, dataset->schema.outputs, sizeof *of_class) : NULL, sum = 0;
  if (!text && !train->weights) return SWALE_OK;
  if (text && !of_class) return SWALE_ERROR_MEMORY;
  if (text) SWL_TRY(swl_class_weights(context, text, &dataset->schema, train, of_class));
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    swl_table *table = &dataset->split[split];
    const int own = table->weights != NULL;
    if (!own && !(table->weights = swl_arena_take(arena, table->count, sizeof *table->weights))) {
      return SWALE_ERROR_MEMORY;
    }
    for (size_t i = 0; i < table->count; i++) {
      table->weights[i] = (own ? table->weights[i] : 1) * (of_class ? of_class[table->labels[i]] : 1);
    }
  }
  for (size_t i = 0; i < train->count; i++) sum += train->weights[i];
  if (!(sum > 0)) return dataset_weightless(context, train->count);
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const swl_table *table = &dataset->split[split];
    for (size_t i = 0; i < table->count; i++) table->weights[i] *= (double)train->count / sum;
  }
  return SWALE_OK;
}

static size_t dataset_largest_label(const swl_images *images) {
  size_t largest = 0;
  for (size_t i = 0; i < images->count; i++) {
    if (images->labels[i] > largest) largest = images->labels[i];
  }
  return largest;
}

/* All examples of another source, for one split: rows of a table, the test images of others. */
static swale_status dataset_fill_other(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                       const char *source, double *memory, swl_split split, swl_dataset *dataset) {
  const char *path = swl_csv_path(source), *reason = NULL;
  swl_dataset_request other = *request;
  swl_schema own = {0};
  swl_raw raw = {0};
  swale_status status = SWALE_OK;
  other.source = source;
  other.schema = &dataset->schema;
  other.target = NULL;
  if ((path != NULL) != (dataset->schema.height == 0)) {
    return swl_fail(context, SWALE_ERROR_USAGE, "%.400s and %.400s: both must be tables, or both images", source,
                    request->source);
  }
  if (path) {
    SWL_TRY(swl_csv_read(context, arena, path, &other, &own, &reason, &raw));
    status = dataset_fill(context, arena, &raw, NULL, raw.count, memory, split, dataset);
    swl_raw_release(context, &raw);
    return status;
  }
  swl_images train = {0}, test = {0};
  SWL_TRY(swl_images_load(context, &other, &train, &test));
  const size_t outputs = dataset_largest_label(&test) + 1;
  const swl_raw images = {.count = test.count, .pixels = test.pixels, .bytes = test.labels};
  if (test.height != dataset->schema.height || test.width != dataset->schema.width ||
      outputs > dataset->schema.outputs) {
    status = swl_fail(context, SWALE_ERROR_USAGE,
                      "%.400s has images of %zu × %zu in %zu classes; those of %.400s are %zu × %zu in %zu", source,
                      test.height, test.width, outputs, request->source, dataset->schema.height, dataset->schema.width,
                      dataset->schema.outputs);
  } else {
    status = dataset_fill(context, arena, &images, NULL, test.count, memory, split, dataset);
  }
  swl_images_release(context, &train);
  swl_images_release(context, &test);
  return status;
}

/* What was known of the examples before they were cut. */
typedef struct dataset_origin {
  const swl_raw *raw, *test; /* test: the source's own, or NULL */
  const uint32_t *labels;    /* of which each part gets its share, or NULL */
} dataset_origin;

static swale_status dataset_fill_splits(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                        const dataset_origin *origin, const swl_parts *parts, double *memory,
                                        swl_dataset *dataset) {
  const char *others[SWL_SPLIT_COUNT] = {NULL, request->validation_data, request->test_data};
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    if (others[split] && *others[split]) {
      SWL_TRY(dataset_fill_other(context, arena, request, others[split], memory, (swl_split)split, dataset));
    } else if (split == SWL_SPLIT_TEST && origin->test) {
      SWL_TRY(dataset_fill(context, arena, origin->test, NULL, origin->test->count, memory, (swl_split)split, dataset));
    } else {
      SWL_TRY(dataset_fill(context, arena, origin->raw, parts->order + parts->first[split], parts->count[split], memory,
                           (swl_split)split, dataset));
    }
  }
  return SWALE_OK;
}

/* Which part each example of the source belongs to. */
static swale_status dataset_keep_parts(swl_arena *arena, const swl_raw *raw, const swl_parts *parts,
                                       swl_dataset *dataset) {
  dataset->rows = raw->count;
  dataset->part = swl_arena_take(arena, raw->count, sizeof *dataset->part);
  if (!dataset->part) return SWALE_ERROR_MEMORY;
  memset(dataset->part, SWL_SPLIT_COUNT, raw->count);
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    for (size_t i = 0; i < parts->count[split]; i++) {
      dataset->part[parts->order[parts->first[split] + i]] = (unsigned char)split;
    }
  }
  return SWALE_OK;
}

static swale_status dataset_cut(swale_context *context, const swl_dataset_request *request,
                                const dataset_origin *origin, size_t classes, swl_parts *parts) {
  const int test = !origin->test && !(request->test_data && *request->test_data);
  const int validation = !(request->validation_data && *request->validation_data);
  if (request->split_file && *request->split_file) {
    return swl_split_read(context, request, origin->raw->count, parts);
  }
  return swl_split_cut(context, request, origin->raw->count, origin->labels, classes, test, validation, parts);
}

/* Classes that nothing is learned about are named. */
static swale_status dataset_name_untrained(swale_context *context, swl_arena *arena, const swl_dataset *dataset) {
  const swl_schema *schema = &dataset->schema;
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  if (!schema->classification || !schema->classes) return SWALE_OK;
  char *seen = swl_arena_take(arena, schema->outputs, 1), list[SWL_NAMES_TEXT];
  const char **names = swl_arena_take(arena, schema->outputs, sizeof *names);
  size_t count = 0;
  if (!seen || !names) return SWALE_ERROR_MEMORY;
  memset(seen, 0, schema->outputs);
  for (size_t i = 0; i < train->count; i++) seen[train->labels[i]] = 1;
  for (size_t k = 0; k < schema->outputs; k++) {
    if (!seen[k]) names[count++] = schema->classes[k];
  }
  if (count > 0) {
    swl_log(context, "%zu of %zu classes %s no training example: %s", count, schema->outputs,
            count == 1 ? "has" : "have", swl_names_text(count, names, list));
  }
  return SWALE_OK;
}

/* The schema's numbers, of the training examples. */
static swale_status dataset_look(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                 const swl_raw *raw, const uint32_t *order, size_t count, swl_schema *schema) {
  double *weights = NULL;
  swale_status status = dataset_example_weights(context, arena, request, raw, order, count, schema, &weights);
  if (status == SWALE_OK && request->fill && raw->cells) {
    status = dataset_fill_means(context, raw, order, weights, count, schema);
  }
  if (status == SWALE_OK) {
    status = swl_standardize(context, arena, request->standardize, raw, order, weights, count, schema);
  }
  swl_release(context, weights);
  return status;
}

/* The schema's numbers, and the splits. */
static swale_status dataset_make(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                 const dataset_origin *origin, swl_dataset *dataset) {
  swl_schema *schema = &dataset->schema;
  swl_parts parts = {0};
  SWL_TRY(dataset_cut(context, request, origin, schema->outputs, &parts));
  const uint32_t *train = parts.order + parts.first[SWL_SPLIT_TRAIN];
  const size_t count = parts.count[SWL_SPLIT_TRAIN];
  double *memory = swl_allocate(context, schema->inputs, sizeof *memory);
  swale_status status = memory ? dataset_keep_parts(arena, origin->raw, &parts, dataset) : SWALE_ERROR_MEMORY;
  if (status == SWALE_OK && !request->schema) {
    status = dataset_look(context, arena, request, origin->raw, train, count, schema);
  }
  if (status == SWALE_OK) {
    status = dataset_fill_splits(context, arena, request, origin, &parts, memory, dataset);
  }
  swl_release(context, memory);
  swl_parts_release(context, &parts);
  if (status == SWALE_OK && !request->schema) status = dataset_name_untrained(context, arena, dataset);
  return status == SWALE_OK ? dataset_weigh(context, arena, request, dataset) : status;
}

static swale_status dataset_cut_images(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                       const swl_images *train, const swl_images *test, swl_dataset *dataset) {
  swl_schema *schema = &dataset->schema;
  const size_t largest[2] = {dataset_largest_label(train), dataset_largest_label(test)};
  schema->outputs = (largest[0] > largest[1] ? largest[0] : largest[1]) + 1;
  if (schema->outputs < 2) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%.400s: all labels are 0; at least 2 classes are needed",
                    request->source);
  }
  schema->classification = 1;
  schema->height = train->height;
  schema->width = train->width;
  schema->inputs = train->height * train->width;
  schema->classes = swl_arena_take(arena, schema->outputs, sizeof *schema->classes);
  if (!schema->classes) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < schema->outputs; i++) {
    char name[24];
    snprintf(name, sizeof name, "%zu", i);
    schema->classes[i] = swl_arena_text(arena, name);
    if (!schema->classes[i]) return SWALE_ERROR_MEMORY;
  }
  if (request->schema) SWL_TRY(dataset_adopt(context, arena, request->schema, schema));
  const swl_raw raw = {.count = train->count, .pixels = train->pixels, .bytes = train->labels};
  const swl_raw own = {.count = test->count, .pixels = test->pixels, .bytes = test->labels};
  const dataset_origin origin = {&raw, &own, NULL};
  return dataset_make(context, arena, request, &origin, dataset);
}

static swale_status dataset_cut_rows(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const swl_raw *raw, swl_dataset *dataset) {
  const dataset_origin origin = {raw, NULL, raw->labels};
  if (request->schema) SWL_TRY(swl_schema_copy(arena, request->schema, &dataset->schema));
  return dataset_make(context, arena, request, &origin, dataset);
}

static swale_status dataset_load_csv(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const char *path, swl_dataset *dataset) {
  swl_raw raw = {0};
  SWL_TRY(swl_csv_read(context, arena, path, request, &dataset->schema, &dataset->reason, &raw));
  swale_status status = dataset_cut_rows(context, arena, request, &raw, dataset);
  swl_raw_release(context, &raw);
  return status;
}

static swale_status dataset_load_arrays(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                        swl_dataset *dataset) {
  const swl_arrays *arrays = request->arrays;
  const swl_raw raw = {.count = arrays->count,
                       .cells = arrays->cells,
                       .labels = arrays->labels,
                       .targets = arrays->targets,
                       .weights = arrays->weights};
  const int classify = request->schema                  ? request->schema->classification
                       : request->task == SWL_TASK_AUTO ? arrays->schema.classification
                                                        : request->task == SWL_TASK_CLASSIFY;
  SWL_TRY(swl_arrays_fit(context, arrays, classify, request->schema));
  if (!request->schema) SWL_TRY(swl_schema_copy(arena, &arrays->schema, &dataset->schema));
  return dataset_cut_rows(context, arena, request, &raw, dataset);
}

/* Images with labels cannot feed a loss that wants numbers. */
static swale_status dataset_load_images(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                        swl_dataset *dataset) {
  const int classification = request->schema ? request->schema->classification : request->task != SWL_TASK_REGRESS;
  swl_images train = {0}, test = {0};
  if (!classification && swl_images_known(request->source)) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "%.400s has labels, not numbers to predict: it needs a classification loss, such as cross-entropy",
                    request->source);
  }
  SWL_TRY(swl_images_load(context, request, &train, &test));
  swale_status status = dataset_cut_images(context, arena, request, &train, &test, dataset);
  swl_images_release(context, &train);
  swl_images_release(context, &test);
  return status;
}

static swale_status dataset_fraction(swale_context *context, const char *name, double fraction) {
  if (fraction >= 0 && fraction < 1) return SWALE_OK; /* false for NaN */
  return swl_fail(context, SWALE_ERROR_USAGE, "the %s fraction is %g; 0 <= fraction < 1 is allowed", name, fraction);
}

swale_status swl_dataset_load(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                              swl_dataset *dataset) {
  SWL_TRY(dataset_fraction(context, "validation", request->validation_fraction));
  SWL_TRY(dataset_fraction(context, "test", request->test_fraction));
  const char *table = swl_csv_path(request->source);
  swl_dataset made = {0};
  if (!request->arrays && strcmp(request->source, SWL_ARRAYS_SOURCE) == 0) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "data=" SWL_ARRAYS_SOURCE
                    ": the examples were in the memory of the program that trained; only that "
                    "can give them again (swale_run_resume_with)");
  }
  SWL_TRY(request->arrays ? dataset_load_arrays(context, arena, request, &made)
          : table         ? dataset_load_csv(context, arena, request, table, &made)
                          : dataset_load_images(context, arena, request, &made));
  *dataset = made;
  return SWALE_OK;
}

uint32_t swl_dataset_checksum(uint32_t before, const swl_dataset *dataset, swl_split split, size_t examples) {
  const swl_table *table = &dataset->split[split];
  const uint64_t shape[3] = {table->count, dataset->schema.inputs, dataset->schema.outputs};
  const size_t step = examples > 0 ? table->count / examples + 1 : 1;
  uint32_t sum = swl_checksum(before, shape, sizeof shape);
  if (table->labels) sum = swl_checksum(sum, table->labels, table->count * sizeof *table->labels);
  if (table->targets) sum = swl_checksum(sum, table->targets, table->count * dataset->schema.outputs * sizeof(float));
  if (table->weights) sum = swl_checksum(sum, table->weights, table->count * sizeof *table->weights);
  for (size_t i = 0; i < table->count; i += step) {
    sum = swl_checksum(sum, table->inputs + i * dataset->schema.inputs, dataset->schema.inputs * sizeof(float));
  }
  return sum;
}
