/* test_arrays.c - a network trained on arrays in memory: as on the same numbers in a file, to the last byte; and arrays that
 * are wrong are refused. */
#include "check.h"

#include <swale/swale.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 60 };

typedef struct fixture {
  swale_context *context;
  swale_options *options;
  swale_data *data;
  swale_run *run;
  char folder[64], path[128];
  double rows[COUNT * 2], targets[COUNT], weights[COUNT];
  uint32_t labels[COUNT];
  const char *names[2], *classes[2];
  swale_arrays arrays;
} fixture;

/* Times that a float does not tell apart, and a number; both have few digits as text, so that a file holds them too. */
static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  assert_int_equal(swale_context_create(NULL, &f->context), SWALE_OK);
  check_ok(f->context, swale_options_create(f->context, &f->options));
  check_folder(f->folder);
  for (size_t i = 0; i < COUNT; i++) {
    f->rows[2 * i] = 1.7e9 + (double)(i * 7 % COUNT) / 8;
    f->rows[2 * i + 1] = (double)(i * i % 17) / 4 - 2;
    f->labels[i] = i * 7 % COUNT > COUNT / 2;
    f->targets[i] = 250000 + 8 * (double)(i * 7 % COUNT);
    f->weights[i] = 1;
  }
  f->names[0] = "time", f->names[1] = "size";
  f->classes[0] = "early", f->classes[1] = "late";
  f->arrays = (swale_arrays){.count = COUNT,
                             .features = 2,
                             .rows = f->rows,
                             .labels = f->labels,
                             .classes = 2,
                             .names = f->names,
                             .class_names = f->classes,
                             .target = "when"};
  const char *const words[][2] = {{"model", "mlp:2-4-2"}, {"updates", "20"}, {"batch", "8"},
                                  {"threads", "1"},       {"samples", "8"},  {"out", "none"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    check_ok(f->context, swale_options_set(f->options, words[i][0], words[i][1]));
  }
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  swale_run_destroy(f->run);
  swale_data_destroy(f->data);
  swale_options_destroy(f->options);
  swale_context_destroy(f->context);
  check_remove(f->folder);
  free(f);
  return 0;
}

static void train(fixture *f) {
  int done = 0;
  while (!done) check_ok(f->context, swale_run_advance(f->run, &done));
  check_ok(f->context, swale_run_finish(f->run, swale_run_stop(f->run)));
}

static void train_on_file(fixture *f, int classify, float *x, size_t dim) {
  char text[COUNT * 64 + 64], option[160];
  size_t used = (size_t)snprintf(text, sizeof text, "time,size,when\n");
  for (size_t i = 0; i < COUNT; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%.3f,%.2f,", f->rows[2 * i], f->rows[2 * i + 1]);
    used += classify ? (size_t)snprintf(text + used, sizeof text - used, "%s\n", f->classes[f->labels[i]])
                     : (size_t)snprintf(text + used, sizeof text - used, "%.0f\n", f->targets[i]);
  }
  snprintf(f->path, sizeof f->path, "%s/t.csv", f->folder);
  check_write(f->path, text, used);
  snprintf(option, sizeof option, "csv:%s", f->path);
  swale_options *options = NULL;
  check_ok(f->context, swale_options_create(f->context, &options));
  const char *const same[] = {"model", "updates", "batch", "threads", "samples", "out", "loss", "limit"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    char value[64];
    check_ok(f->context, swale_options_get(f->options, same[i], value, sizeof value));
    check_ok(f->context, swale_options_set(options, same[i], value));
  }
  check_ok(f->context, swale_options_set(options, "data", option));
  check_ok(f->context, swale_run_create(options, &f->run));
  train(f);
  assert_int_equal((size_t)swale_run_number(f->run, SWALE_NUMBER_DIM), dim);
  memcpy(x, swale_run_parameters(f->run), dim * sizeof *x);
  swale_run_destroy(f->run);
  f->run = NULL;
  swale_options_destroy(options);
}

static void classes_train_as_from_a_file(void **state) {
  enum { DIM = 3 * 4 + 5 * 2 };
  fixture *f = *state;
  float x[DIM];
  train_on_file(f, 1, x, DIM);
  check_ok(f->context, swale_data_create(f->options, &f->arrays, &f->data));
  assert_int_equal(swale_data_features(f->data), 2);
  assert_string_equal(swale_data_class_name(f->data, 1), "late");
  check_ok(f->context, swale_run_create_with(f->options, f->data, &f->run));
  swale_data_destroy(f->data); /* the run has what it needs */
  f->data = NULL;
  memset(f->rows, 0, sizeof f->rows);
  train(f);
  assert_memory_equal(swale_run_parameters(f->run), x, sizeof x);
}

static void numbers_train_as_from_a_file(void **state) {
  enum { DIM = 3 * 4 + 5 };
  fixture *f = *state;
  float x[DIM];
  check_ok(f->context, swale_options_set(f->options, "model", "mlp:2-4-1"));
  check_ok(f->context, swale_options_set(f->options, "loss", "squared"));
  train_on_file(f, 0, x, DIM);
  f->arrays.labels = NULL;
  f->arrays.targets = f->targets;
  f->arrays.outputs = 1;
  check_ok(f->context, swale_data_create(f->options, &f->arrays, &f->data));
  check_ok(f->context, swale_run_create_with(f->options, f->data, &f->run));
  assert_int_equal(swale_run_classifies(f->run), 0);
  train(f);
  assert_memory_equal(swale_run_parameters(f->run), x, sizeof x);
}

/* Two outputs, without names: the loss and the standardization know each. */
static void several_numbers(void **state) {
  fixture *f = *state;
  double both[2 * COUNT];
  for (size_t i = 0; i < COUNT; i++) both[2 * i] = f->targets[i], both[2 * i + 1] = -1e-3 * f->targets[i];
  snprintf(f->path, sizeof f->path, "%s/run", f->folder);
  check_ok(f->context, swale_options_set(f->options, "model", "mlp:2-4-2"));
  check_ok(f->context, swale_options_set(f->options, "out", f->path));
  const swale_arrays arrays = {.count = COUNT, .features = 2, .rows = f->rows, .targets = both, .outputs = 2};
  check_ok(f->context, swale_data_create(f->options, &arrays, &f->data));
  check_ok(f->context, swale_run_create_with(f->options, f->data, &f->run));
  train(f);
  swale_model *model = NULL;
  swale_predictor *predictor = NULL;
  double values[2 * COUNT];
  check_ok(f->context, swale_model_open(f->context, f->path, &model));
  check_ok(f->context, swale_predictor_create(f->context, model, 1, &predictor));
  check_ok(f->context, swale_predict(predictor, COUNT, f->rows, NULL, values, NULL));
  for (size_t i = 0; i < COUNT; i++) { /* within ten of the targets' own spread, whatever was learned */
    check_close(values[2 * i], 250240, 5000);
    check_close(values[2 * i + 1], -250.24, 5);
  }
  swale_predictor_destroy(predictor);
  swale_model_destroy(model);
}

static void a_run_goes_on_with_the_same_arrays_only(void **state) {
  fixture *f = *state;
  float x[22];
  snprintf(f->path, sizeof f->path, "%s/run", f->folder);
  check_ok(f->context, swale_data_create(f->options, &f->arrays, &f->data));
  check_ok(f->context, swale_run_create_with(f->options, f->data, &f->run)); /* whole */
  train(f);
  memcpy(x, swale_run_parameters(f->run), sizeof x);
  swale_run_destroy(f->run);
  f->run = NULL;
  check_ok(f->context, swale_options_set(f->options, "out", f->path));
  check_ok(f->context, swale_run_create_with(f->options, f->data, &f->run)); /* and interrupted */
  for (int i = 0, done = 0; i < 8; i++) check_ok(f->context, swale_run_advance(f->run, &done));
  check_ok(f->context, swale_run_finish(f->run, SWALE_STOP_INTERRUPTED));
  swale_run_destroy(f->run);
  f->run = NULL;
  swale_options *changes = NULL;
  check_ok(f->context, swale_options_create(f->context, &changes));
  check_fails(f->context, swale_run_resume(changes, f->path, &f->run), SWALE_ERROR_USAGE,
              "data=arrays: the examples were in the memory of the program that trained");
  swale_data *other = NULL;
  f->rows[5] += 0.25;
  check_ok(f->context, swale_data_create(f->options, &f->arrays, &other));
  check_fails(f->context, swale_run_resume_with(changes, f->path, other, &f->run), SWALE_ERROR_USAGE,
              "is not what the run in");
  swale_data_destroy(other);
  check_ok(f->context, swale_run_resume_with(changes, f->path, f->data, &f->run));
  train(f);
  assert_memory_equal(swale_run_parameters(f->run), x, sizeof x);
  swale_options_destroy(changes);
}

static void wrong(fixture *f, const char *words) {
  check_fails(f->context, swale_data_create(f->options, &f->arrays, &f->data), SWALE_ERROR_USAGE, words);
  assert_null(f->data);
}

static void arrays_that_are_wrong(void **state) {
  fixture *f = *state;
  const swale_arrays right = f->arrays;
  f->rows[7] = (double)NAN;
  wrong(f, "features: number 1 of example 3 is nan; numbers must be finite");
  f->rows[7] = 1;
  f->labels[4] = 2;
  wrong(f, "example 4 has the label 2; of 2 classes 0 to 1 are allowed");
  f->labels[4] = 1;
  f->arrays.classes = 1;
  wrong(f, "labels of 1 classes; allowed are 2 to 4096");
  f->arrays = right;
  f->arrays.targets = f->targets;
  wrong(f, "60 examples of 2 features with labels and targets");
  f->arrays.labels = NULL;
  wrong(f, "targets of 0 outputs; 1 or more are allowed");
  f->arrays.targets = NULL;
  wrong(f, "with neither labels nor targets");
  f->arrays = right;
  f->arrays.count = 0;
  wrong(f, "0 examples of 2 features");
  f->arrays = right;
  f->names[1] = "time";
  wrong(f, "the features have the name \"time\" twice");
  f->names[1] = "a\x1b[2J";
  wrong(f, "name 1 of the features is empty, or not UTF-8 without control characters");
  f->names[1] = "\xe9t\xe9";
  wrong(f, "name 1 of the features is empty, or not UTF-8");
  f->names[1] = "size";
  f->classes[0] = "";
  wrong(f, "name 0 of the classes is empty");
  f->classes[0] = "early";
  f->arrays.weights = f->weights;
  f->weights[2] = -1;
  wrong(f, "the weight of example 2 is -1; weights are 0 or more");
  f->arrays = right;
  check_ok(f->context, swale_options_set(f->options, "loss", "squared"));
  wrong(f, "the arrays hold labels, but numbers are to be predicted");
}

static void a_run_says_what_does_not_go_with_arrays(void **state) {
  fixture *f = *state;
  check_ok(f->context, swale_data_create(f->options, &f->arrays, &f->data));
  check_ok(f->context, swale_options_set(f->options, "data", "digits:300"));
  check_fails(f->context, swale_run_create_with(f->options, f->data, &f->run), SWALE_ERROR_USAGE,
              "option data: 'digits:300', but the run is given arrays");
  check_ok(f->context, swale_options_set(f->options, "data", "arrays"));
  check_fails(f->context, swale_run_create(f->options, &f->run), SWALE_ERROR_USAGE,
              "data=arrays: the examples were in");
  swale_data *loaded = NULL;
  check_ok(f->context, swale_options_set(f->options, "data", "digits:300"));
  check_ok(f->context, swale_data_load(f->options, &loaded));
  check_fails(f->context, swale_run_create_with(f->options, loaded, &f->run), SWALE_ERROR_USAGE,
              "the data set was not made of arrays");
  swale_data_destroy(loaded);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(classes_train_as_from_a_file),
                                     TEST(numbers_train_as_from_a_file),
                                     TEST(several_numbers),
                                     TEST(a_run_goes_on_with_the_same_arrays_only),
                                     TEST(arrays_that_are_wrong),
                                     TEST(a_run_says_what_does_not_go_with_arrays)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
