/* test_predict.c - a model predicts rows in memory: by hand, in the units of the data, and whatever is wrong is refused. */
#include "check.h"

#include <swale/model.h>

#include "files/model_file.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1500 };

typedef struct fixture {
  swale_context *context;
  char folder[64], path[128];
  swale_model *model;
  swale_predictor *predictor;
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  assert_int_equal(swale_context_create(NULL, &f->context), SWALE_OK);
  check_folder(f->folder);
  snprintf(f->path, sizeof f->path, "%s/model.safetensors", f->folder);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  swale_predictor_destroy(f->predictor);
  swale_model_destroy(f->model);
  swale_context_destroy(f->context);
  check_remove(f->folder);
  free(f);
  return 0;
}

static void open_model(fixture *f, const char *spec, const char *activation, const char *loss, float *x,
                       const swl_schema *schema) {
  swl_model file = {.x = x, .schema = *schema};
  check_ok(f->context, swl_network_parse(f->context, spec, activation, loss, &file.network));
  check_ok(f->context, swl_model_write(f->context, f->path, &file));
  check_ok(f->context, swale_model_open(f->context, f->path, &f->model));
  check_ok(f->context, swale_predictor_create(f->context, f->model, 1, &f->predictor));
}

/* Columns: size (a number; a missing one becomes 3), color ("", "blue", "red"), time (must be there). The network sees
 * (size - 1) / 2, the three of color, and (time - 1.7e9) × 4. */
static void open_mixed(fixture *f) {
  static const char *values[] = {"", "blue", "red"}, *classes[] = {"no", "yes"};
  static swl_column columns[] = {{"size", SWL_COLUMN_NUMBER, 3, 0, NULL},
                                 {"color", SWL_COLUMN_TEXT, (double)NAN, 3, values},
                                 {"time", SWL_COLUMN_NUMBER, (double)NAN, 0, NULL}};
  double shift[] = {1, 0, 0, 0, 1.7e9}, scale[] = {0.5, 1, 1, 1, 4};
  float x[] = {1,           -1, /* size to no and yes */ 0.25f, 0, /* "" */ 0, 0.5f, /* blue */ 0, 2,
               /* red */ 0, 1, /* time */
               0.125f,      0 /* bias */};
  const swl_schema schema = {.columns = 3,
                             .column = columns,
                             .inputs = 5,
                             .shift = shift,
                             .scale = scale,
                             .target = "buys",
                             .classification = 1,
                             .outputs = 2,
                             .classes = classes};
  open_model(f, "mlp:5-2", "relu", "cross-entropy", x, &schema);
}

static void a_model_says_what_it_is(void **state) {
  fixture *f = *state;
  open_mixed(f);
  assert_string_equal(swale_model_path(f->model), f->path);
  assert_string_equal(swale_model_spec(f->model), "mlp:5-2");
  assert_string_equal(swale_model_activation(f->model), "relu");
  assert_string_equal(swale_model_loss(f->model), "cross-entropy");
  assert_string_equal(swale_model_version(f->model), swale_version());
  assert_int_equal(swale_model_classifies(f->model), 1);
  assert_int_equal(swale_model_has_probabilities(f->model), 1);
  assert_int_equal(swale_model_features(f->model), 3);
  assert_string_equal(swale_model_feature_name(f->model, 2), "time");
  assert_null(swale_model_feature_name(f->model, 3));
  assert_int_equal(swale_model_value_count(f->model, 1), 3);
  assert_string_equal(swale_model_value(f->model, 1, 2), "red");
  assert_true(swale_model_fill(f->model, 0) == 3 && isnan(swale_model_fill(f->model, 2)));
  assert_string_equal(swale_model_target(f->model), "buys");
  assert_string_equal(swale_model_class_name(f->model, 1), "yes");
  assert_null(swale_model_class_name(f->model, 2));
  assert_int_equal(swale_model_array_count(f->model), 2);
  const swale_array weight = swale_model_array(f->model, 0), bias = swale_model_array(f->model, 1);
  assert_string_equal(weight.name, "layers.0.weight");
  assert_true(weight.rows == 2 && weight.columns == 5 && weight.values[0] == 1 && weight.values[5] == -1);
  assert_string_equal(bias.name, "layers.0.bias");
  assert_true(bias.rows == 2 && bias.columns == 1 && bias.values[0] == 0.125f);
  swale_model *again = NULL; /* by its folder */
  check_ok(f->context, swale_model_open(f->context, f->folder, &again));
  assert_string_equal(swale_model_path(again), f->path);
  swale_model_destroy(again);
}

/* Outputs by hand. Row 0: size 5 -> 2, blue, time 1.7e9 + 0.25 -> 1 (as float it would be 0): no = 2 + 0.125, yes = -2 + 0.5 + 1.
 * Row 1: size is missing -> 3 -> 1, red, 0: 1.125 and 1. Row 2: size 1 -> 0, color is missing -> "": 0.375 and 0. */
static void mixed_columns_by_hand(void **state) {
  fixture *f = *state;
  const double rows[] = {5, 1, 1.7e9 + 0.25, (double)NAN, 2, 1.7e9, 1, (double)NAN, 1.7e9};
  const float wanted[] = {2.125f, -0.5f, 1.125f, 1, 0.375f, 0};
  float outputs[6];
  double values[6];
  uint32_t labels[3];
  open_mixed(f);
  check_ok(f->context, swale_predict(f->predictor, 3, rows, outputs, values, labels));
  for (size_t i = 0; i < 6; i++) check_close((double)outputs[i], (double)wanted[i], 0);
  for (size_t b = 0; b < 3; b++) {
    const double odds = exp((double)wanted[2 * b] - (double)wanted[2 * b + 1]);
    check_close(values[2 * b], odds / (1 + odds), 4e-16);
    check_close(values[2 * b] + values[2 * b + 1], 1, 4e-16);
    assert_int_equal(labels[b], 0);
  }
  const float narrow[] = {-5, 2, 1.7e9f};
  check_ok(f->context, swale_predict_floats(f->predictor, 1, narrow, NULL, NULL, labels));
  assert_int_equal(labels[0], 1); /* 3 - ... : no = -3 + 0.125, yes = 3 + 2 */
  check_ok(f->context, swale_predict(f->predictor, 0, NULL, outputs, values, labels));
}

static void wrong_cells_are_named(void **state) {
  fixture *f = *state;
  const struct {
    double row[3];
    const char *words;
  } cases[] = {
      {{1, 1, (double)NAN}, "row 1, feature 2 (time): nan is missing; the model knows nothing to fill it with"},
      {{1, 3, 0}, "row 1, feature 1 (color): 3 is not the place of a value of this feature"},
      {{1, -1, 0}, "row 1, feature 1 (color): -1 is not the place"},
      {{1, 0.5, 0}, "row 1, feature 1 (color): 0.5 is not the place"},
      {{(double)INFINITY, 0, 0}, "row 1, feature 0 (size): inf is no finite number to the network"},
      {{1, 0, 1e300}, "row 1, feature 2 (time): 1e+300 is no finite number to the network"}};
  open_mixed(f);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double rows[6] = {1, 1, 1.7e9}, values[4] = {7, 7, 7, 7};
    float outputs[4] = {7, 7, 7, 7};
    uint32_t labels[2] = {7, 7};
    memcpy(rows + 3, cases[i].row, sizeof cases[i].row);
    check_fails(f->context, swale_predict(f->predictor, 2, rows, outputs, values, labels), SWALE_ERROR_USAGE,
                cases[i].words);
    assert_true(outputs[0] == 7 && values[0] == 7 && labels[0] == 7);
  }
}

/* 2 x - 1 of x = (raw - 10) / 2, then / 0.001 + 250000. */
static void numbers_are_in_the_units_of_the_target(void **state) {
  fixture *f = *state;
  double shift[] = {10}, scale[] = {0.5}, target_shift[] = {250000}, target_scale[] = {0.001};
  float x[] = {2, -1};
  const swl_schema schema = {.inputs = 1,
                             .shift = shift,
                             .scale = scale,
                             .outputs = 1,
                             .target_shift = target_shift,
                             .target_scale = target_scale};
  const double rows[] = {10, 14};
  double values[2];
  uint32_t labels[2] = {7, 7};
  open_model(f, "mlp:1-1", "relu", "squared", x, &schema);
  check_ok(f->context, swale_predict(f->predictor, 2, rows, NULL, values, labels));
  check_close(values[0], 249000, 1e-10);
  check_close(values[1], 253000, 1e-10);
  assert_int_equal(labels[0], 7);
  assert_int_equal(swale_model_classifies(f->model), 0);
  assert_null(swale_model_feature_name(f->model, 0));
  const double wrong[] = {(double)NAN};
  check_fails(f->context, swale_predict(f->predictor, 1, wrong, NULL, values, NULL), SWALE_ERROR_USAGE,
              "row 0, feature 0: nan is no finite number to the network");
}

static void zero_one_has_no_probabilities(void **state) {
  fixture *f = *state;
  double shift[] = {0}, scale[] = {1};
  float x[] = {1, 1, -1, /* bias */ 0, 0, 0.5f};
  const swl_schema schema = {.inputs = 1, .shift = shift, .scale = scale, .classification = 1, .outputs = 3};
  const double rows[] = {1, -1};
  double values[6];
  uint32_t labels[2];
  open_model(f, "mlp:1-3", "sign", "zero-one", x, &schema);
  check_ok(f->context, swale_predict(f->predictor, 2, rows, NULL, values, labels));
  assert_int_equal(labels[0], 0); /* of equal ones the first */
  assert_int_equal(labels[1], 2);
  assert_true(isnan(values[0]));
  assert_int_equal(swale_model_has_probabilities(f->model), 0);
}

static void outputs_that_overflow_are_an_error(void **state) {
  fixture *f = *state;
  double shift[] = {0}, scale[] = {1};
  float x[] = {3e38f, 3e38f, 0, 0, 3e38f, 0, 0, 0, 0};
  const swl_schema schema = {.inputs = 1, .shift = shift, .scale = scale, .outputs = 1};
  const double rows[] = {0, 1e10};
  double values[2];
  open_model(f, "mlp:1-2-1", "relu", "squared", x, &schema);
  check_fails(f->context, swale_predict(f->predictor, 2, rows, NULL, values, NULL), SWALE_ERROR_NUMERIC,
              "row 1: output 0 of the network is");
}

/* --- several threads ---------------------------------------------------------------------------------------------- */

typedef struct caller {
  pthread_t thread;
  const swale_model *model;
  size_t threads;
  const double *rows;
  float *outputs;
} caller;

static void *call(void *argument) {
  const caller *self = argument;
  swale_context *context = NULL;
  swale_predictor *predictor = NULL;
  swale_status status = swale_context_create(NULL, &context);
  if (status == SWALE_OK) status = swale_predictor_create(context, self->model, self->threads, &predictor);
  for (int i = 0; i < 3 && status == SWALE_OK; i++) {
    status = swale_predict(predictor, ROWS, self->rows, self->outputs, NULL, NULL);
  }
  swale_predictor_destroy(predictor);
  swale_context_destroy(context);
  return status == SWALE_OK ? argument : NULL;
}

/* Four threads of the caller, some with workers of their own, at the same time: the same bytes as one alone. */
static void many_threads_predict_with_one_model(void **state) {
  enum { CALLERS = 4, OUTPUTS = 3 };
  fixture *f = *state;
  double *rows = calloc(ROWS, 2 * sizeof *rows), shift[] = {0, 0}, scale[] = {1, 1};
  float *outputs = calloc(ROWS, (CALLERS + 1) * OUTPUTS * sizeof *outputs), x[3 * 16 + 17 * 3];
  for (size_t i = 0; i < 2 * ROWS; i++) rows[i] = sin((double)i);
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = cosf((float)i);
  const swl_schema schema = {.inputs = 2, .shift = shift, .scale = scale, .classification = 1, .outputs = OUTPUTS};
  open_model(f, "mlp:2-16-3", "gelu", "cross-entropy", x, &schema);
  caller callers[CALLERS];
  for (size_t i = 0; i < CALLERS; i++) {
    callers[i] = (caller){
        .model = f->model, .threads = 1 + i % 2, .rows = rows, .outputs = outputs + i * ROWS * OUTPUTS};
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
  }
  float *alone = outputs + CALLERS * ROWS * OUTPUTS;
  check_ok(f->context, swale_predict(f->predictor, ROWS, rows, alone, NULL, NULL));
  for (size_t i = 0; i < CALLERS; i++) {
    void *done = NULL;
    pthread_join(callers[i].thread, &done);
    assert_ptr_equal(done, &callers[i]);
    assert_memory_equal(callers[i].outputs, alone, ROWS * OUTPUTS * sizeof *alone);
  }
  free(outputs);
  free(rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(a_model_says_what_it_is),
                                     TEST(mixed_columns_by_hand),
                                     TEST(wrong_cells_are_named),
                                     TEST(numbers_are_in_the_units_of_the_target),
                                     TEST(zero_one_has_no_probabilities),
                                     TEST(outputs_that_overflow_are_an_error),
                                     TEST(many_threads_predict_with_one_model)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
