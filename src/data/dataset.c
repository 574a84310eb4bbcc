/* dataset.c - where do examples come from, and which split does each belong to?
 *
 * (1) A reader (source.h) fills temporary memory with all examples.
 * (2) One permutation of the examples, the stream (seed, SWL_PURPOSE_SPLIT), decides everything: CSV gives its first
 *     part to the test; then comes the training part, cut to the limit, whose last part is validation.
 * (3) Examples are copied into the arena in that order, bytes of images divided by 255. A test set of the source's
 *     own keeps its order.
 */
#include "data/dataset.h"

#include "data/source.h"
#include "random/stream.h"

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

/* order = NULL: the first `count` images in their order. */
static swale_status dataset_take_images(swl_arena *arena, const swl_images *images, const uint32_t *order, size_t count,
                                        swl_table *table) {
  const size_t features = images->height * images->width;
  *table = (swl_table){.count = count};
  table->inputs = swl_arena_take(arena, count, features * sizeof(float));
  table->labels = swl_arena_take(arena, count, sizeof(uint32_t));
  if (!table->inputs || !table->labels) return SWALE_ERROR_MEMORY;
  float level[256];
  for (int i = 0; i < 256; i++) level[i] = (float)i / 255.0f;
  for (size_t i = 0; i < count; i++) {
    const size_t from = order ? order[i] : i;
    const unsigned char *pixels = images->pixels + from * features;
    float *inputs = table->inputs + i * features;
    for (size_t j = 0; j < features; j++) inputs[j] = level[pixels[j]];
    table->labels[i] = images->labels[from];
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

static swale_status dataset_cut_images(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                       const swl_images *train, const swl_images *test, swl_dataset *dataset) {
  dataset_cut cut;
  SWL_TRY(dataset_sizes(context, request, train->count, 0, &cut));
  const size_t largest[2] = {dataset_largest_label(train), dataset_largest_label(test)};
  dataset->outputs = (largest[0] > largest[1] ? largest[0] : largest[1]) + 1;
  if (dataset->outputs < 2) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%.400s: all labels are 0; at least 2 classes are needed",
                    request->source);
  }
  dataset->classification = dataset->images = 1;
  dataset->height = train->height;
  dataset->width = train->width;
  dataset->features = train->height * train->width;
  dataset->class_names = swl_arena_take(arena, dataset->outputs, sizeof *dataset->class_names);
  if (!dataset->class_names) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < dataset->outputs; i++) snprintf(dataset->class_names[i], SWL_CLASS_NAME_MAX, "%zu", i);
  SWL_TRY(dataset_take_images(arena, test, NULL, test->count, &dataset->split[SWL_SPLIT_TEST]));
  uint32_t *order = dataset_order(context, request->seed, train->count);
  if (!order) return SWALE_ERROR_MEMORY;
  swale_status status = dataset_take_images(arena, train, order, cut.train, &dataset->split[SWL_SPLIT_TRAIN]);
  if (status == SWALE_OK) {
    status = dataset_take_images(arena, train, order + cut.train, cut.validation,
                                 &dataset->split[SWL_SPLIT_VALIDATION]);
  }
  swl_release(context, order);
  return status;
}

static swale_status dataset_take_rows(swl_arena *arena, const swl_rows *rows, const uint32_t *order, size_t count,
                                      swl_table *table) {
  *table = (swl_table){.count = count};
  table->inputs = swl_arena_take(arena, count, rows->features * sizeof(float));
  if (!table->inputs) return SWALE_ERROR_MEMORY;
  if (rows->labels && !(table->labels = swl_arena_take(arena, count, sizeof(uint32_t)))) return SWALE_ERROR_MEMORY;
  if (rows->targets && !(table->targets = swl_arena_take(arena, count, sizeof(float)))) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) {
    const size_t from = order[i];
    memcpy(table->inputs + i * rows->features, rows->inputs + from * rows->features, rows->features * sizeof(float));
    if (rows->labels) table->labels[i] = rows->labels[from];
    if (rows->targets) table->targets[i] = rows->targets[from];
  }
  return SWALE_OK;
}

static swale_status dataset_cut_rows(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const swl_rows *rows, swl_dataset *dataset) {
  dataset_cut cut;
  SWL_TRY(dataset_sizes(context, request, rows->count, 1, &cut));
  dataset->classification = rows->labels != NULL;
  dataset->features = rows->features;
  dataset->outputs = dataset->classification ? rows->classes : 1;
  if (dataset->classification) {
    dataset->class_names = swl_arena_take(arena, rows->classes, sizeof *dataset->class_names);
    if (!dataset->class_names) return SWALE_ERROR_MEMORY;
    memcpy(dataset->class_names, rows->class_names, rows->classes * sizeof *dataset->class_names);
  }
  uint32_t *order = dataset_order(context, request->seed, rows->count);
  if (!order) return SWALE_ERROR_MEMORY;
  const struct {
    swl_split split;
    size_t first, count;
  } parts[] = {{SWL_SPLIT_TEST, 0, cut.test},
               {SWL_SPLIT_TRAIN, cut.test, cut.train},
               {SWL_SPLIT_VALIDATION, cut.test + cut.train, cut.validation}};
  swale_status status = SWALE_OK;
  for (int i = 0; i < 3 && status == SWALE_OK; i++) {
    status = dataset_take_rows(arena, rows, order + parts[i].first, parts[i].count, &dataset->split[parts[i].split]);
  }
  swl_release(context, order);
  return status;
}

static swale_status dataset_load_csv(swale_context *context, swl_arena *arena, const swl_dataset_request *request,
                                     const char *path, swl_dataset *dataset) {
  swl_rows rows = {0};
  SWL_TRY(swl_csv_read(context, path, request->target ? request->target : "", request->classification, &rows));
  swale_status status = dataset_cut_rows(context, arena, request, &rows, dataset);
  swl_rows_release(context, &rows);
  return status;
}

/* Images with labels cannot feed a loss that wants numbers. */
static swale_status dataset_needs_labels(swale_context *context, const swl_dataset_request *request) {
  if (request->classification) return SWALE_OK;
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
