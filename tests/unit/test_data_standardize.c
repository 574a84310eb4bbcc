/* test_data_standardize.c - what the network sees of numbers: shifted and scaled in double, then rounded once. */
#include "test_data.h"

#include "data/source.h"

#include <math.h>

enum { ROWS = 4 };

/* Training rows (1, 5, 2), (3, 5, 4), (5, 5, 12): means 3, 5, 6; variances 8/3, 0, 56/3. The fourth is not looked at. */
static double cells[] = {0, 7, 6, 1, 5, 2, 3, 5, 4, 5, 5, 12};
static const uint32_t order[] = {3, 1, 2};
static swl_column columns[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};

static void inputs_by_hand(void **state) {
  room *in = *state;
  const double s0 = 1 / sqrt(8.0 / 3), s2 = 1 / sqrt(56.0 / 3);
  const struct {
    swl_word how;
    double shift[3], scale[3], first[3]; /* of the row (0, 7, 6) */
  } cases[] = {{SWL_STANDARDIZE_NONE, {0, 0, 0}, {1, 1, 1}, {0, 7, 6}},
               {SWL_STANDARDIZE_CENTER, {3, 5, 6}, {1, 1, 1}, {-3, 2, 0}},
               {SWL_STANDARDIZE_FULL, {3, 5, 6}, {s0, 1, s2}, {-3 * s0, 2, 0}},
               {SWL_STANDARDIZE_AUTO, {3, 5, 6}, {s0, 1, s2}, {-3 * s0, 2, 0}}};
  const swl_raw raw = {.count = ROWS, .cells = cells};
  for (size_t i = 0; i < 4; i++) {
    swl_schema schema = {.columns = 3, .column = columns, .inputs = 3}, copy;
    check_ok(in->context, swl_standardize(in->context, in->arena, cases[i].how, &raw, order, NULL, 3, &schema));
    check_ok(in->context, swl_schema_copy(in->arena, &schema, &copy));
    double row[3];
    float seen[3];
    swl_raw_inputs(&raw, &copy, 0, row);
    assert_true(swl_schema_see(&copy, row, seen));
    for (size_t j = 0; j < 3; j++) {
      check_close(copy.shift[j], cases[i].shift[j], 1e-15);
      check_close(copy.scale[j], cases[i].scale[j], 1e-15);
      check_close(seen[j], cases[i].first[j], 0x1p-23);
    }
    assert_null(copy.target_shift); /* there are no targets */
    row[1] = 1e300;
    assert_false(swl_schema_see(&copy, row, seen)); /* no finite float */
  }
}

static void load_text(room *in, const char *text, swl_word task, swl_word how, swl_dataset *dataset) {
  swl_dataset_request request = room_request("");
  request.task = task;
  request.standardize = how;
  request.validation_fraction = request.test_fraction = 0;
  check_write(room_path(in, "table.csv"), text, strlen(text));
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  request.source = in->source;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, dataset));
}

/* 98 of a hundred seconds: their distances are kept, not those of floats near 1.7e9, which are 128. By hand: the mean is
 * 1700000048.5, and the variance that of 0 .. 97, (98² - 1) / 12. */
static void unix_times_stay_distinct(void **state) {
  room *in = *state;
  enum { TIMES = 98 };
  char text[TIMES * 32], *at = text + sprintf(text, "when,y\n");
  for (int i = 0; i < TIMES; i++) at += sprintf(at, "%d,%d\n", 1700000000 + i, 1700000000 + 2 * i);
  swl_dataset dataset;
  load_text(in, text, SWL_TASK_REGRESS, SWL_STANDARDIZE_FULL, &dataset);
  const swl_table *train = &dataset.split[SWL_SPLIT_TRAIN];
  const double s = sqrt((TIMES * TIMES - 1) / 12.0);
  check_close(dataset.schema.shift[0], 1700000048.5, 1e-6);
  check_close(dataset.schema.scale[0], 1 / s, 1e-12);
  check_close(dataset.schema.target_shift[0], 1700000097, 1e-6);
  check_close(dataset.schema.target_scale[0], 0.5 / s, 1e-12);
  int seen[TIMES] = {0};
  for (size_t i = 0; i < TIMES; i++) {
    const double time = train->inputs[i] * s + 48.5;
    check_close(time, round(time), 1e-4);
    assert_true(time > -0.5 && time < TIMES - 0.5);
    seen[(int)round(time)]++;
    check_close(train->targets[i], train->inputs[i], 1e-6); /* the same, twice as far apart */
  }
  for (int i = 0; i < TIMES; i++) assert_int_equal(seen[i], 1);
}

/* 0.1 is no short binary number; its mean over 7 rows must be exactly itself all the same. */
static void constant_columns_keep_their_scale(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load_text(in, "x,y\n.1,.7\n.1,.7\n.1,.7\n.1,.7\n.1,.7\n.1,.7\n.1,.7\n", SWL_TASK_REGRESS, SWL_STANDARDIZE_FULL,
            &dataset);
  assert_true(dataset.schema.scale[0] == 1 && dataset.schema.target_scale[0] == 1);
  for (size_t i = 0; i < 7; i++) {
    assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[i] == 0 && dataset.split[SWL_SPLIT_TRAIN].targets[i] == 0);
  }
}

static void load_weighted(room *in, const char *text, swl_word task, const char *class_weights, swl_dataset *dataset) {
  check_write(room_path(in, "table.csv"), text, strlen(text));
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  swl_dataset_request request = room_request(in->source);
  request.task = task;
  request.weight = class_weights ? NULL : "w";
  request.class_weights = class_weights;
  request.standardize = SWL_STANDARDIZE_FULL;
  request.fill = 1;
  request.validation_fraction = request.test_fraction = 0;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, dataset));
}

/* Weight 2 is the row twice, weight 0 no row: m = (1 + 3 + 3) / 3 = 7/3, s^2 = 8/9; the missing one becomes 7/3 too. */
static void weights_count_rows(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load_weighted(in, "x,w,y\n1e9,0,1e9\n1,1,1\n3,2,3\n?,0,7\n", SWL_TASK_REGRESS, NULL, &dataset);
  check_close(dataset.schema.column[0].fill, 7 / 3.0, 1e-15);
  check_close(dataset.schema.shift[0], 7 / 3.0, 1e-15);
  check_close(dataset.schema.scale[0], sqrt(9 / 8.0), 1e-15);
  check_close(dataset.schema.target_shift[0], 7 / 3.0, 1e-15);
  check_close(dataset.schema.target_scale[0], sqrt(9 / 8.0), 1e-15);
  load_weighted(in, "x,y\n1e9,u\n1,v\n3,w\n", SWL_TASK_CLASSIFY, "u:0,w:2", &dataset);
  check_close(dataset.schema.shift[0], 7 / 3.0, 1e-15);
  check_close(dataset.schema.scale[0], sqrt(9 / 8.0), 1e-15);
}

/* .1 is exactly the mean of those that count. */
static void columns_that_are_constant_but_for_weight_0(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load_weighted(in, "x,w,y\n5,0,1\n.1,.3,1\n.1,.7,2\n.1,1,3\n", SWL_TASK_REGRESS, NULL, &dataset);
  assert_true(dataset.schema.scale[0] == 1 && dataset.schema.shift[0] == .1);
}

static char heard[512];
static void hear(void *user, const char *line) {
  (void)user;
  snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s\n", line);
}

/* As they are, Unix times a second apart are one float: that is not to happen in silence. */
static void what_a_float_cannot_tell_is_said(void **state) {
  room *in = *state;
  swl_dataset dataset;
  heard[0] = 0;
  swale_context_set_log(in->context, hear, NULL);
  load_text(in, "when,b,y\n1700000000,1,1700000001\n1700000001,2,1700000002\n", SWL_TASK_REGRESS, SWL_STANDARDIZE_NONE,
            &dataset);
  assert_non_null(strstr(heard, "column when varies by less than a float can tell from 1.7e+09"));
  assert_non_null(strstr(heard, "target y varies by less"));
  assert_null(strstr(heard, "column b"));
  heard[0] = 0;
  load_text(in, "when,b,y\n1700000000,1,1700000001\n1700000001,2,1700000002\n", SWL_TASK_REGRESS, SWL_STANDARDIZE_FULL,
            &dataset);
  assert_string_equal(heard, "");
}

/* A model's numbers, not those of the data. */
static void a_schema_is_applied(void **state) {
  room *in = *state;
  swl_dataset dataset, again;
  load_text(in, "x,y\n1,10\n3,30\n", SWL_TASK_REGRESS, SWL_STANDARDIZE_FULL, &dataset);
  check_write(room_path(in, "table.csv"), "x,y\n5,50\n1,10\n", 14);
  swl_dataset_request request = room_request(in->source);
  request.task = SWL_TASK_REGRESS;
  request.validation_fraction = request.test_fraction = 0;
  request.schema = &dataset.schema;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &again));
  assert_true(again.schema.shift[0] == 2 && again.schema.scale[0] == 1 && again.schema.target_shift[0] == 20);
  for (size_t i = 0; i < 2; i++) {
    const float x = again.split[SWL_SPLIT_TRAIN].inputs[i];
    assert_true((x == 3 || x == -1) && again.split[SWL_SPLIT_TRAIN].targets[i] == x);
  }
  check_write(room_path(in, "table.csv"), "x,y\n1e90,50\n1,10\n", 17);
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &again), SWALE_ERROR_NUMERIC,
              "standardizing input 1 of training example");
  check_write(room_path(in, "table.csv"), "x,y\n5,1e90\n1,10\n", 16);
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &again), SWALE_ERROR_NUMERIC,
              "standardizing target 1 of training example");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(inputs_by_hand),
      room_test(unix_times_stay_distinct),
      room_test(constant_columns_keep_their_scale),
      room_test(weights_count_rows),
      room_test(columns_that_are_constant_but_for_weight_0),
      room_test(what_a_float_cannot_tell_is_said),
      room_test(a_schema_is_applied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
