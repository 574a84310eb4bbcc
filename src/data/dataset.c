/* dataset.c - where do examples come from, and which split does each belong to?
 *
 * (1) A reader (source.h) fills temporary memory with all examples.
 * (2) One permutation of the examples, the stream (seed, SWL_PURPOSE_SPLIT), decides everything: CSV gives its first
 *     part to the test; then comes the training part, cut to the limit, whose last part is validation.
 * (3) Examples become what the network sees (schema.h), in the arena and in that order: the schema is given, or made of the
 *     training examples (standardize.c). Images are bytes / 255. A test set of the source's own keeps its order.
 */
#include "data/dataset.h"

#include "data/checksum.h"
#include "data/source.h"
#include "random/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATASET_DIGITS_TRAIN = 12000, DATASET_DIGITS_TEST = 2000, DATASET_DIGITS_TEST_MIN = 100 };

/* Sizes of the splits; the permutation holds the test (own = 0), then train, then validation. */
typedef struct dataset_cut {
  size_t test, train, validation;
} dataset_cut;

/* A positive fraction is at least one example. */
static size_t dataset_part(size_t count, double fraction) {
  size_t part = (size_t)((double)count * fraction + 0.5);
  return part == 0 && fraction > 0 ? 1 : part;
}

static swale_status dataset_sizes(swale_context *context, const swl_dataset_request *request, size_t count,
                                  int cut_test, dataset_cut *cut) {
  if (count > UINT32_MAX) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "%.400s has %zu examples; at most %u are allowed",
                    request->source, count, (unsigned)UINT32_MAX);
  }
  const size_t test = cut_test ? dataset_part(count, request->test_fraction) : 0;
  size_t train = test < count ? count - test : 0;
  if (request->limit && request->limit < train) train = request->limit;
  const size_t validation = dataset_part(train, request->validation_fraction);
  if (train <= validation) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "%.400s: %zu examples are too few: %zu for the test, %zu for validation (fraction %g)%s leave none "
                    "for training",
                    request->source, count, test, validation, request->validation_fraction,
                    request->limit ? " and the limit" : "");
  }
  *cut = (dataset_cut){test, train - validation, validation};
  return SWALE_OK;
}

/* A random order of 0 .. count-1 in temporary memory; NULL when there is none. */
static uint32_t *dataset_order(swale_context *context, uint64_t seed, size_t count) {
  uint32_t *order = swl_allocate(context, count, sizeof *order);
  if (!order) return NULL;
  const swl_stream stream = swl_stream_make(seed, SWL_PURPOSE_SPLIT, 0, 0, 0);
  swl_permutation(&stream, (uint32_t)count, order);
  return order;
}

void swl_raw_inputs(const swl_raw *raw, const swl_schema *schema, size_t row, double *inputs) {
  if (raw->cells) {
    swl_schema_expand(schema, raw->cells + row * schema->columns, inputs);
    return;
  }
  const unsigned char *pixels = raw->pixels + row * schema->inputs;
  for (size_t j = 0; j < schema->inputs; j++) inputs[j] = pixels[j] / 255.0;
}

static const char *const dataset_split_names[SWL_SPLIT_COUNT] = {"training", "validation", "test"};

static swale_status dataset_overflow(swale_context *context, const char *what, size_t j, swl_split split, size_t i) {
  return swl_fail(context, SWALE_ERROR_NUMERIC,
                  "standardizing %s %zu of %s example %zu overflows: (raw - shift) * scale is no finite float", what,
                  j + 1, dataset_split_names[split], i + 1);
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

/* One split: the examples order[0 .. count-1], or the first `count` where it is NULL; memory: schema.inputs. */
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
  for (size_t i = 0; i < count; i++) {
    const size_t from = order ? order[i] : i;
    float *inputs = table->inputs + i * schema->inputs;
    swl_raw_inputs(raw, schema, from, memory);
    table->checksum = dataset_checksum(table->checksum, raw, schema, from, memory);
    if (!swl_schema_see(schema, memory, inputs)) {
      return dataset_overflow(context, "input", dataset_first_bad(inputs), split, i);
    }
    if (table->labels) table->labels[i] = raw->labels ? raw->labels[from] : raw->bytes[from];
    if (!raw->targets) continue;
    float *targets = table->targets + i * schema->outputs;
    if (swl_schema_aim(schema, raw->targets + from * schema->outputs, targets)) continue;
    return dataset_overflow(context, "target", dataset_first_bad(targets), split, i);
  }
  return SWALE_OK;
}

/* The model's schema in place of the data's own, which it must fit. */
static swale_status dataset_adopt(swale_context *context, swl_arena *arena, const swl_schema *given,
                                  swl_schema *schema) {
  if (given->inputs != schema->inputs) {
    return swl_fail(context, SWALE_ERROR_USAGE, "the model takes %zu inputs; the data has %zu features", given->inputs,
                    schema->inputs);
  }
  if (given->outputs != schema->outputs) {
    return swl_fail(context, SWALE_ERROR_USAGE, "the model has %zu outputs; the data has %zu %s", given->outputs,
                    schema->outputs, schema->classification ? "classes" : "numbers to predict");
  }
  for (size_t i = 0; given->classes && schema->classes && i < given->outputs; i++) {
    if (strcmp(given->classes[i], schema->classes[i]) == 0) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "class %zu is '%s' in the model and '%s' in the data", i,
                    given->classes[i], schema->classes[i]);
  }
  const swl_schema own = *schema;
  SWL_TRY(swl_schema_copy(arena, given, schema));
  schema->columns = own.columns;
  schema->column = own.column;
  schema->target = own.target;
  schema->height = own.height;
  schema->width = own.width;
  if (!schema->classes) schema->classes = own.classes;
  return SWALE_OK;
}

/* The schema's numbers, and the splits: order holds test (where it is cut from the same examples), training, validation. */
static swale_status dataset_make(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                 const swl_raw *raw, const swl_raw *test, const dataset_cut *cut,
                                 swl_dataset *dataset) {
  swl_schema *schema = &dataset->schema;
  uint32_t *order = dataset_order(context, request->seed, raw->count);
  double *memory = swl_allocate(context, schema->inputs, sizeof *memory);
  swale_status status = order && memory ? SWALE_OK : SWALE_ERROR_MEMORY;
  const uint32_t *train = order ? order + (test ? 0 : cut->test) : NULL;
  if (status == SWALE_OK) {
    status = request->schema ? dataset_adopt(context, arena, request->schema, schema)
                             : swl_standardize(context, arena, request->standardize, raw, train, cut->train, schema);
  }
  if (status == SWALE_OK) {
    status = dataset_fill(context, arena, raw, train, cut->train, memory, SWL_SPLIT_TRAIN, dataset);
  }
  if (status == SWALE_OK) {
    status = dataset_fill(context, arena, raw, train + cut->train, cut->validation, memory, SWL_SPLIT_VALIDATION,
                          dataset);
  }
  if (status == SWALE_OK) {
    status = test ? dataset_fill(context, arena, test, NULL, test->count, memory, SWL_SPLIT_TEST, dataset)
                  : dataset_fill(context, arena, raw, order, cut->test, memory, SWL_SPLIT_TEST, dataset);
  }
  swl_release(context, memory);
  swl_release(context, order);
  return status;
}

static size_t dataset_largest_label(const swl_images *images) {
  size_t largest = 0;
  for (size_t i = 0; i < images->count; i++) {
    if (images->labels[i] > largest) largest = images->labels[i];
  }
  return largest;
}

static const char *dataset_text(swl_arena *arena, const char *text) {
  char *copy = swl_arena_take(arena, strlen(text) + 1, 1);
  if (copy) strcpy(copy, text);
  return copy;
}

static swale_status dataset_cut_images(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                       const swl_images *train, const swl_images *test, swl_dataset *dataset) {
  dataset_cut cut;
  swl_schema *schema = &dataset->schema;
  SWL_TRY(dataset_sizes(context, request, train->count, 0, &cut));
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
    schema->classes[i] = dataset_text(arena, name);
    if (!schema->classes[i]) return SWALE_ERROR_MEMORY;
  }
  const swl_raw raw = {.count = train->count, .pixels = train->pixels, .bytes = train->labels};
  const swl_raw own = {.count = test->count, .pixels = test->pixels, .bytes = test->labels};
  return dataset_make(context, arena, request, &raw, &own, &cut, dataset);
}

/* What the rows are called: their columns, all numbers, the target, the classes. */
static swale_status dataset_name_rows(swl_arena *arena, const swl_rows *rows, swl_schema *schema) {
  schema->columns = schema->inputs = rows->columns;
  schema->column = swl_arena_take(arena, rows->columns, sizeof *schema->column);
  schema->target = dataset_text(arena, rows->target);
  if (!schema->column || !schema->target) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < rows->columns; i++) {
    schema->column[i] = (swl_column){.name = dataset_text(arena, rows->names[i]), .fill = NAN};
    if (!schema->column[i].name) return SWALE_ERROR_MEMORY;
  }
  schema->classification = rows->labels != NULL;
  schema->outputs = schema->classification ? rows->classes : 1;
  if (!schema->classification) return SWALE_OK;
  schema->classes = swl_arena_take(arena, rows->classes, sizeof *schema->classes);
  if (!schema->classes) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < rows->classes; i++) {
    schema->classes[i] = dataset_text(arena, rows->class_names[i]);
    if (!schema->classes[i]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

static swale_status dataset_cut_rows(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const swl_rows *rows, swl_dataset *dataset) {
  dataset_cut cut;
  SWL_TRY(dataset_sizes(context, request, rows->count, 1, &cut));
  SWL_TRY(dataset_name_rows(arena, rows, &dataset->schema));
  const swl_raw raw = {.count = rows->count, .cells = rows->cells, .labels = rows->labels, .targets = rows->targets};
  return dataset_make(context, arena, request, &raw, NULL, &cut, dataset);
}

static swale_status dataset_load_csv(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const char *path, swl_dataset *dataset) {
  swl_rows rows = {0};
  SWL_TRY(swl_csv_read(context, path, request->target ? request->target : "", request->task, &rows));
  swale_status status = dataset_cut_rows(context, arena, request, &rows, dataset);
  swl_rows_release(context, &rows);
  return status;
}

/* Images with labels cannot feed a loss that wants numbers. */
static swale_status dataset_needs_labels(swale_context *context, const swl_dataset_request *request) {
  if (request->task == SWL_TASK_CLASSIFY) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_USAGE,
                  "%.400s has labels, not numbers to predict: it needs a classification loss, such as cross-entropy",
                  request->source);
}

static swale_status dataset_load_idx(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const char *folder, swl_dataset *dataset) {
  SWL_TRY(dataset_needs_labels(context, request));
  swl_images train = {0}, test = {0};
  SWL_TRY(swl_idx_read(context, folder, &train, &test));
  swale_status status = dataset_cut_images(context, arena, request, &train, &test, dataset);
  swl_images_release(context, &train);
  swl_images_release(context, &test);
  return status;
}

static swale_status dataset_load_mnist(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                       swl_dataset *dataset) {
  const char *root = getenv("SWALE_DATA");
  char folder[SWL_PATH_CAPACITY];
  if (root && *root) {
    int length = snprintf(folder, sizeof folder, "%s/mnist", root);
    if (length > 0 && (size_t)length < sizeof folder && swl_idx_present(folder)) {
      return dataset_load_idx(context, arena, request, folder, dataset);
    }
  }
  if (swl_idx_present("data/mnist")) return dataset_load_idx(context, arena, request, "data/mnist", dataset);
  const int set = root && *root;
  return swl_fail(context, SWALE_ERROR_IO,
                  "MNIST (LeCun, Cortes, Burges) was not found in %s%.300s%s or data/mnist: place its four files %s, "
                  "%s, %s, %s (as they are, or with .gz) in data/mnist, or in a folder named mnist and set SWALE_DATA "
                  "to the folder around it; \"digits\" needs no files",
                  set ? "" : "$SWALE_DATA/mnist (SWALE_DATA is not set)", set ? root : "", set ? "/mnist" : "",
                  swl_idx_names[0], swl_idx_names[1], swl_idx_names[2], swl_idx_names[3]);
}

/* "digits" (count NULL) or "digits:COUNT". */
static swale_status dataset_load_digits(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                        const char *count, swl_dataset *dataset) {
  size_t train_count = DATASET_DIGITS_TRAIN, test_count = DATASET_DIGITS_TEST;
  if (count) {
    const size_t digits = strspn(count, "0123456789");
    train_count = digits > 0 && digits <= 7 && count[digits] == 0 ? (size_t)strtoul(count, NULL, 10) : 0;
    if (train_count < 1 || train_count > SWL_DIGITS_COUNT_MAX) {
      return swl_fail(context, SWALE_ERROR_USAGE, "digits:%.64s: the count must be a whole number from 1 to %d", count,
                      SWL_DIGITS_COUNT_MAX);
    }
    test_count = train_count / 5 > DATASET_DIGITS_TEST_MIN ? train_count / 5 : DATASET_DIGITS_TEST_MIN;
  }
  SWL_TRY(dataset_needs_labels(context, request));
  swl_images train = {0}, test = {0};
  swale_status status = swl_digits_make(context, SWL_SPLIT_TRAIN, train_count, &train);
  if (status == SWALE_OK) status = swl_digits_make(context, SWL_SPLIT_TEST, test_count, &test);
  if (status == SWALE_OK) status = dataset_cut_images(context, arena, request, &train, &test, dataset);
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
  const char *source = request->source;
  SWL_TRY(dataset_fraction(context, "validation", request->validation_fraction));
  SWL_TRY(dataset_fraction(context, "test", request->test_fraction));
  swl_dataset made = {0};
  if (strcmp(source, "digits") == 0) {
    SWL_TRY(dataset_load_digits(context, arena, request, NULL, &made));
  } else if (strncmp(source, "digits:", 7) == 0) {
    SWL_TRY(dataset_load_digits(context, arena, request, source + 7, &made));
  } else if (strcmp(source, "mnist") == 0) {
    SWL_TRY(dataset_load_mnist(context, arena, request, &made));
  } else if (strncmp(source, "idx:", 4) == 0 && source[4]) {
    SWL_TRY(dataset_load_idx(context, arena, request, source + 4, &made));
  } else if (strncmp(source, "csv:", 4) == 0 && source[4]) {
    SWL_TRY(dataset_load_csv(context, arena, request, source + 4, &made));
  } else {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "data is \"%.400s\"; digits, digits:COUNT, mnist, idx:DIR and csv:FILE are allowed", source);
  }
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
