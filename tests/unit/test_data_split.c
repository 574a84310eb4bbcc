/* test_data_split.c - which row is for training, validation or the test, and how much each counts. */
#include "test_data.h"

#include "data/source.h"

#include <math.h>

static swale_status load(room *in, const char *text, swl_dataset_request request, swl_dataset *dataset) {
  check_write(room_path(in, "table.csv"), text, strlen(text));
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  request.source = in->source;
  return swl_dataset_load(in->context, in->arena, &request, dataset);
}

static size_t count_class(const swl_dataset *dataset, int split, uint32_t label) {
  size_t count = 0;
  for (size_t i = 0; i < dataset->split[split].count; i++) count += dataset->split[split].labels[i] == label;
  return count;
}

/* 60 rows, of which 3 are rare: whatever the seed, one is in each part. */
static void a_rare_class_is_in_every_part(void **state) {
  room *in = *state;
  char text[1024], *at = text + sprintf(text, "x,y\n");
  for (int i = 0; i < 60; i++) at += sprintf(at, "%d,%s\n", i, i % 25 == 3 ? "rare" : i % 2 ? "yes" : "no");
  for (uint64_t seed = 1; seed <= 12; seed++) {
    swl_dataset_request request = room_request("");
    swl_dataset dataset;
    request.seed = seed;
    check_ok(in->context, load(in, text, request, &dataset));
    assert_string_equal(dataset.schema.classes[1], "rare");
    for (int split = 0; split < SWL_SPLIT_COUNT; split++) assert_int_equal(count_class(&dataset, split, 1), 1);
    assert_int_equal(dataset.split[SWL_SPLIT_TEST].count, 12);
    assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, 5);
    assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, 43);
    int seen[60] = {0};
    for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
      for (size_t i = 0; i < dataset.split[split].count; i++) seen[(int)dataset.split[split].inputs[i]]++;
    }
    for (int i = 0; i < 60; i++) assert_int_equal(seen[i], 1);
  }
}

/* 50 yes and 10 classes of one row: a fifth is 10 yes and 0.2 of each other; the 2 that lack are yes, too. */
static void a_class_of_one_row_is_for_training(void **state) {
  room *in = *state;
  char text[1024], *at = text + sprintf(text, "x,y\n");
  for (int i = 0; i < 60; i++) at += i % 6 ? sprintf(at, "%d,yes\n", i) : sprintf(at, "%d,one%d\n", i, i);
  for (uint64_t seed = 1; seed <= 5; seed++) {
    swl_dataset_request request = room_request("");
    swl_dataset dataset;
    request.seed = seed;
    check_ok(in->context, load(in, text, request, &dataset));
    assert_int_equal(dataset.schema.outputs, 11);
    for (uint32_t k = 0; k < 10; k++) assert_int_equal(count_class(&dataset, SWL_SPLIT_TRAIN, k), 1);
    assert_int_equal(dataset.split[SWL_SPLIT_TEST].count, 12);
    assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, 5);
  }
}

/* 80 no and 20 yes: a fifth is 16 and 4; a tenth of the other 80 is 6.4 and 1.6, so 6 and 2. A limit of 20: 16 and 4, of
 * which 2 are for validation, 1.6 and 0.4: one is yes, as it has more than one. */
static void parts_have_their_share_of_each_class(void **state) {
  room *in = *state;
  char text[2048], *at = text + sprintf(text, "x,y\n");
  for (int i = 0; i < 100; i++) at += sprintf(at, "%d,%s\n", i, i % 5 == 0 ? "yes" : "no");
  swl_dataset_request request = room_request("");
  swl_dataset dataset;
  check_ok(in->context, load(in, text, request, &dataset));
  assert_int_equal(count_class(&dataset, SWL_SPLIT_TEST, 0), 16);
  assert_int_equal(count_class(&dataset, SWL_SPLIT_TEST, 1), 4);
  assert_int_equal(count_class(&dataset, SWL_SPLIT_VALIDATION, 0), 6);
  assert_int_equal(count_class(&dataset, SWL_SPLIT_VALIDATION, 1), 2);
  request.limit = 20;
  check_ok(in->context, load(in, text, request, &dataset));
  assert_int_equal(count_class(&dataset, SWL_SPLIT_TEST, 1), 4);
  assert_int_equal(count_class(&dataset, SWL_SPLIT_VALIDATION, 1), 1);
  assert_int_equal(count_class(&dataset, SWL_SPLIT_TRAIN, 1), 3);
  assert_int_equal(count_class(&dataset, SWL_SPLIT_TRAIN, 0), 15);
  for (size_t i = 0; i < 100; i++) {
    const int part = dataset.part[i];
    assert_true(part <= SWL_SPLIT_COUNT); /* and those beyond the limit are in none */
  }
}

static void a_file_says_the_parts(void **state) {
  room *in = *state;
  static const char table[] = "x,y\n0,a\n1,b\n2,a\n3,b\n4,a\n";
  char path[300];
  swl_dataset_request request = room_request("");
  swl_dataset dataset;
  snprintf(path, sizeof path, "%s/split.csv", in->folder);
  request.split_file = path;
  check_write(path, "row,split\n5,training\n2,test\n1,training\n4,validation\n", 51);
  check_ok(in->context, load(in, table, request, &dataset));
  assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, 2);
  assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[0] == 4 && dataset.split[SWL_SPLIT_TRAIN].inputs[1] == 0);
  assert_true(dataset.split[SWL_SPLIT_TEST].count == 1 && dataset.split[SWL_SPLIT_TEST].inputs[0] == 1);
  assert_true(dataset.split[SWL_SPLIT_VALIDATION].count == 1 && dataset.split[SWL_SPLIT_VALIDATION].inputs[0] == 3);
  const struct {
    const char *text, *message;
  } cases[] = {{"row;split\n1;test\n", "line 1: the header row,split is due"},
               {"row,split\n1,training\n6,test\n", "line 3: row \"6\"; those of the data are 1 to 5"},
               {"row,split\n0,test\n", "line 2: row \"0\""},
               {"row,split\n1,train\n", "line 2: split \"train\"; training, validation and test are allowed"},
               {"row,split\n1,test\n1,training\n", "line 3: row 1 is there twice"},
               {"row,split\n1,test\n", "split.csv has no row for training"},
               {"row,split\n1,test,2\n", "line 2: a row and its split are due"},
               {"", "split.csv is empty"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    check_write(path, cases[i].text, strlen(cases[i].text));
    check_fails(in->context, load(in, table, request, &dataset), SWALE_ERROR_FORMAT, cases[i].message);
  }
}

/* The other file has other columns, another order and a class less; all of its rows are the test. */
static void other_sources_are_the_parts(void **state) {
  room *in = *state;
  char test[300], validation[300];
  swl_dataset_request request = room_request("");
  swl_dataset dataset;
  snprintf(test, sizeof test, "csv:%s/test.csv", in->folder);
  snprintf(validation, sizeof validation, "csv:%s/more.csv", in->folder);
  check_write(test + 4, "id,y,b,a\n1,no,20,10\n2,no,40,30\n", 31);
  check_write(validation + 4, "a,b,y\n7,8,yes\n", 14);
  request.test_data = test;
  request.validation_data = validation;
  check_ok(in->context, load(in, "a,b,y\n1,2,yes\n3,4,no\n5,6,yes\n", request, &dataset));
  assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, 3);
  assert_int_equal(dataset.split[SWL_SPLIT_TEST].count, 2);
  assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, 1);
  const float expected[] = {10, 20, 30, 40};
  assert_memory_equal(dataset.split[SWL_SPLIT_TEST].inputs, expected, sizeof expected);
  assert_int_equal(dataset.split[SWL_SPLIT_TEST].labels[0], 0);
  assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].labels[0], 1);
  check_write(test + 4, "a,b,y\n1,2,perhaps\n", 18);
  check_fails(in->context, load(in, "a,b,y\n1,2,yes\n3,4,no\n5,6,yes\n", request, &dataset), SWALE_ERROR_FORMAT,
              "line 2, column 3 (\"y\"): \"perhaps\" is none of the model's classes; no, yes");
  request.test_data = "digits:10";
  check_fails(in->context, load(in, "a,b,y\n1,2,yes\n3,4,no\n5,6,yes\n", request, &dataset), SWALE_ERROR_USAGE,
              "digits:10 and csv:");
}

static void check_weights(const swl_dataset *dataset, double first, double second) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  double sum = 0;
  for (size_t i = 0; i < train->count; i++) {
    check_close(train->weights[i], train->labels[i] ? second : first, 1e-12);
    sum += train->weights[i];
  }
  check_close(sum, (double)train->count, 1e-12);
}

/* By hand: of 8 rows 6 are a; balanced 8 / (2 × 6) = 2/3 and 8 / (2 × 2) = 2. With 3 for b the mean is (6 + 2 × 3) / 8. */
static void classes_have_weights(void **state) {
  room *in = *state;
  static const char table[] = "x,y\n1,a\n2,a\n3,a\n4,b\n5,a\n6,a\n7,b\n8,a\n";
  static const char odd[] = "x,y\n1,\"a,\"\"1\"\":\"\n2,b\n3,b\n";
  swl_dataset_request request = room_request("");
  swl_dataset dataset;
  request.validation_fraction = request.test_fraction = 0;
  check_ok(in->context, load(in, table, request, &dataset));
  assert_null(dataset.split[SWL_SPLIT_TRAIN].weights);
  request.class_weights = "balanced";
  check_ok(in->context, load(in, table, request, &dataset));
  check_weights(&dataset, 2.0 / 3, 2);
  request.class_weights = "b:3";
  check_ok(in->context, load(in, table, request, &dataset));
  check_weights(&dataset, 1 / 1.5, 3 / 1.5);
  request.class_weights = "b:0,a:1";
  check_ok(in->context, load(in, table, request, &dataset));
  check_weights(&dataset, 8.0 / 6, 0);
  request.class_weights = "\"a,\"\"1\"\":\":4,b:1";
  check_ok(in->context, load(in, odd, request, &dataset));
  check_weights(&dataset, 2, 0.5);
  static const char *const bad[] = {"c:1", "a", "a:", "a:-1", "a:x", "a:1,", "\"a:1", "a:1e9"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    request.class_weights = bad[i];
    check_fails(in->context, load(in, table, request, &dataset), SWALE_ERROR_USAGE,
                i ? "balanced is allowed, or CLASS:WEIGHT" : "there is no class \"c\"; the classes are: a, b");
  }
  request.class_weights = "a:0,b:0";
  check_fails(in->context, load(in, table, request, &dataset), SWALE_ERROR_FORMAT, "the weights of all 8 training");
  request.class_weights = "balanced";
  request.task = SWL_TASK_REGRESS;
  check_fails(in->context, load(in, "x,y\n1,2\n2,3\n", request, &dataset), SWALE_ERROR_USAGE, "no classes to predict");
}

/* Weights 1, 2, 6 have the mean 3; with a twice as much they are 2, 4, 6 with the mean 4. */
static void a_column_holds_weights(void **state) {
  room *in = *state;
  static const char table[] = "w,x,y\n1,10,a\n2,20,a\n6,60,b\n";
  swl_dataset_request request = room_request("");
  swl_dataset dataset;
  request.validation_fraction = request.test_fraction = 0;
  request.weight = "w";
  for (int twice = 0; twice < 2; twice++) {
    request.class_weights = twice ? "a:2" : "";
    check_ok(in->context, load(in, table, request, &dataset));
    assert_int_equal(dataset.schema.inputs, 1);
    const swl_table *train = &dataset.split[SWL_SPLIT_TRAIN];
    for (size_t i = 0; i < 3; i++) {
      const double own = train->inputs[i] / 10;
      check_close(train->weights[i], twice ? own * (own < 3 ? 2 : 1) / 4 : own / 3, 1e-12);
    }
  }
  check_fails(in->context, load(in, "w,x,y\n-1,10,a\n2,20,b\n", request, &dataset), SWALE_ERROR_FORMAT,
              "line 2, column 1 (\"w\"): \"-1\" is negative; a weight of at least 0 is due");
  request.weight = "v";
  check_fails(in->context, load(in, table, request, &dataset), SWALE_ERROR_USAGE, "no column \"v\" for the weights");
  request.weight = "y";
  request.target = "y";
  check_fails(in->context, load(in, table, request, &dataset), SWALE_ERROR_USAGE,
              "column \"y\" is the target, and so cannot be dropped or hold weights");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(a_rare_class_is_in_every_part),
      room_test(parts_have_their_share_of_each_class),
      room_test(a_file_says_the_parts),
      room_test(other_sources_are_the_parts),
      room_test(a_class_of_one_row_is_for_training),
      room_test(classes_have_weights),
      room_test(a_column_holds_weights),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
