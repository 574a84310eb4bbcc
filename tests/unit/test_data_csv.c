/* test_data_csv.c - CSV files: values by hand, quoting, classes, and the message of every bad file. */
#include "test_data.h"

#include "random/stream.h"

#include <locale.h>

static swale_status load_bytes(room *in, const char *text, size_t count, swl_dataset_request request,
                               swl_dataset *dataset) {
  check_write(room_path(in, "table.csv"), text, count);
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  request.source = in->source;
  return swl_dataset_load(in->context, in->arena, &request, dataset);
}

/* All rows in the training split, in the order of the permutation. */
static swl_dataset_request all_training(swl_word task) {
  swl_dataset_request request = room_request("");
  request.task = task;
  request.validation_fraction = request.test_fraction = 0;
  return request;
}

/* The place of row `row` of the file among the `count` rows of the training split. */
static size_t place(uint32_t row, uint32_t count) {
  uint32_t order[64];
  const swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_SPLIT, 0, 0, 0);
  swl_permutation(&stream, count, order);
  for (size_t i = 0; i < count; i++) {
    if (order[i] == row) return i;
  }
  fail();
  return 0;
}

static void load_text(room *in, const char *text, swl_word task, const char *target, swl_dataset *dataset) {
  swl_dataset_request request = all_training(task);
  request.target = target;
  check_ok(in->context, load_bytes(in, text, strlen(text), request, dataset));
}

static void regression_by_hand(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load_text(in, "a,b,y\n1,2,3\n-4.5,+5e1,.25\n", SWL_TASK_REGRESS, "", &dataset);
  assert_int_equal(dataset.schema.inputs, 2);
  assert_int_equal(dataset.schema.outputs, 1);
  assert_false(dataset.schema.classification || dataset.schema.height > 0);
  assert_null(dataset.schema.classes);
  const swl_table *train = &dataset.split[SWL_SPLIT_TRAIN];
  assert_int_equal(train->count, 2);
  assert_null(train->labels);
  const size_t first = place(0, 2), second = 1 - first;
  assert_true(train->inputs[2 * first] == 1 && train->inputs[2 * first + 1] == 2 && train->targets[first] == 3);
  assert_true(train->inputs[2 * second] == -4.5f && train->inputs[2 * second + 1] == 50);
  assert_true(train->targets[second] == 0.25f);
  load_text(in, "a,b,y\n1,2,3\n-4.5,50,.25\n", SWL_TASK_REGRESS, "a", &dataset); /* target first */
  assert_true(dataset.split[SWL_SPLIT_TRAIN].targets[second] == -4.5f);
  assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[2 * second] == 50);
}

static void classes_are_sorted(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load_text(in, "x,kind\n1,pear\n2,Apple\n3,fig\n4,pear\n", SWL_TASK_CLASSIFY, "kind", &dataset);
  assert_int_equal(dataset.schema.outputs, 3);
  assert_true(dataset.schema.classification);
  assert_string_equal(dataset.schema.classes[0], "Apple"); /* by bytes: capitals first */
  assert_string_equal(dataset.schema.classes[1], "fig");
  assert_string_equal(dataset.schema.classes[2], "pear");
  const uint32_t expected[] = {2, 0, 1, 2};
  for (uint32_t row = 0; row < 4; row++) {
    assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].labels[place(row, 4)], expected[row]);
    assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[place(row, 4)] == (float)(row + 1));
  }
  assert_null(dataset.split[SWL_SPLIT_TRAIN].targets);
  load_text(in, "x,n\n1,10\n2,9\n3,-1\n", SWL_TASK_CLASSIFY, "", &dataset); /* all integers: by value */
  assert_string_equal(dataset.schema.classes[0], "-1");
  assert_string_equal(dataset.schema.classes[1], "9");
  assert_string_equal(dataset.schema.classes[2], "10");
  load_text(in, "x,n\n1,10\n2,9\n3,1.5\n", SWL_TASK_CLASSIFY, "", &dataset); /* all numbers: by value */
  assert_string_equal(dataset.schema.classes[0], "1.5");
  assert_string_equal(dataset.schema.classes[1], "9");
  load_text(in, "x,n\n1,10\n2,9\n3,b\n", SWL_TASK_CLASSIFY, "", &dataset); /* not all: by bytes */
  assert_string_equal(dataset.schema.classes[0], "10");
  assert_string_equal(dataset.schema.classes[1], "9");
}

static void quoting_and_line_ends(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load_text(in,
            "\xef\xbb\xbf\"x\", \"the \"\"kind\"\", of\" \r\n"
            "\"1\",\"a,b\"\r\n"
            " 2 , plain \r\n"
            "3,\"two\nlines\"\r\n"
            "4,\" kept \"\r\n\r\n\n",
            1, "the \"kind\", of", &dataset);
  assert_int_equal(dataset.schema.outputs, 4);
  assert_string_equal(dataset.schema.classes[0], " kept ");
  assert_string_equal(dataset.schema.classes[1], "a,b");
  assert_string_equal(dataset.schema.classes[2], "plain");
  assert_string_equal(dataset.schema.classes[3], "two\nlines");
  for (uint32_t row = 0; row < 4; row++) {
    assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[place(row, 4)] == (float)(row + 1));
  }
  load_text(in, "x,y\n1,2\n3,4", SWL_TASK_REGRESS, "y", &dataset); /* no line end at the end */
  assert_true(dataset.split[SWL_SPLIT_TRAIN].targets[place(1, 2)] == 4);
}

/* 40,000 columns in lines of 80,000 bytes, past the first buffer. */
static void long_lines(void **state) {
  room *in = *state;
  enum { COLUMNS = 40000 };
  char *text = malloc(3 * 8 * COLUMNS), *at = text;
  for (int i = 0; i < COLUMNS; i++) at += sprintf(at, "c%d%c", i, i + 1 < COLUMNS ? ',' : '\n');
  for (int row = 0; row < 2; row++) {
    for (int i = 0; i < COLUMNS; i++) at += sprintf(at, "%d%c", (i + row) % 10, i + 1 < COLUMNS ? ',' : '\n');
  }
  swl_dataset dataset;
  check_ok(in->context, load_bytes(in, text, (size_t)(at - text), all_training(SWL_TASK_REGRESS), &dataset));
  free(text);
  assert_int_equal(dataset.schema.inputs, COLUMNS - 1);
  const size_t second = place(1, 2);
  assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[second * (COLUMNS - 1) + 12345] == 6);
  assert_true(dataset.split[SWL_SPLIT_TRAIN].targets[second] == 0); /* (39999 + 1) mod 10 */
}

static void bad_files_are_named(void **state) {
  room *in = *state;
  const struct {
    const char *text;
    int classification;
    const char *target, *message;
  } cases[] = {
      {"", 0, "", "table.csv is empty"},
      {"a,b\n", 0, "", "has a header line, but no rows"},
      {"a,b\n\n\n", 0, "", "no rows"},
      {"1,2\n3,4\n", 0, "", "line 1 looks like data: field 1 is the number 1, where a header line with names is due"},
      {"a,,c\n1,2,3\n", 0, "", "line 1, column 2 has no name; every column needs one (--drop=column2 leaves it out)"},
      {"a:b:c\n1:2:3\n", 0, "", "no column is left for the features, of \"a:b:c\"; at least two"},
      {"a,b,c\n1,2,3\n4,5\n", 0, "", "line 3 has 2 fields; the first line has 3"},
      {"a,b,c\n1,2,3\n4,5,6,7,8\n", 0, "", "line 3 has 5 fields; the first line has 3"},
      {"a,b,c\n1,2,3\nx\n", 0, "", "line 3 has 1 field; the first line has 3"},
      {"a,b\n1,2\n\n3,4\n", 0, "", "line 3 is empty"},
      {"a,b\n1,2\nten,4\n", 0, "", "line 3, column 1 (\"a\"): \"ten\" is not a number"},
      {"a,b\n1,2\n3,4x\n", 0, "", "line 3, column 2 (\"b\"): \"4x\" is not a number"},
      {"a,b\n1,0x10\n", 0, "", "\"0x10\" is not a number"},
      {"a,b\n1e,2\n2,2\n", 0, "", "\"1e\" is not a number"},
      {"a,b\n.,2\n2,2\n", 0, "", "\".\" is not a number"},
      {"a,b\n1,\n", 0, "", "line 2, column 2 (\"b\"): \"\" is a missing value; a number to predict is due"},
      {"a,b\n,1\n", 0, "", "line 2, column 1 (\"a\"): \"\" is a missing value; fill it in, or use --missing=mean"},
      {"a,b\n1,\n", 1, "", "the name of a class is due"},
      {"a,b\nnan,1\n", 0, "", "\"nan\" is a missing value"},
      {"a,b\n-inf,1\n2,1\n", 0, "", "\"-inf\" is not a number"},
      {"a,b\n1,1e101\n", 0, "", "\"1e101\" is too large"},
      {"a,b,a\n1,2,3\n", 0, "a", "two columns are named \"a\""},
      {"a,b,b\n1,2,3\n", 0, "", "two columns are named \"b\""},
      {"a,b\n1,x\n2,x\n", 1, "", "only the class \"x\"; at least 2 classes"},
      {"a,b\n1,\"x\n2,y\n", 1, "", "line 2, column 2: a quote is opened and never closed"},
      {"a,b\n1,\"x\"y\n", 1, "", "line 2, column 2: \"y\" after a closing quote"},
      {"a,b\n1,x\"y\n", 1, "", "line 2, column 2: a quote within an unquoted field"},
      {"a,b\n1,2\r3,4\n", 0, "", "line 2, column 2: a carriage return without a line feed"},
      {"a,b\n1,\"two\nlines\"\nbad,x\n", 1, "", "line 4, column 1"}, /* lines within quotes count */
      {"a,b\n1,2345678901234567890123456789012345678901234567890123456789012345\n", 1, "", "at most 63 bytes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    swl_dataset_request request = all_training(cases[i].classification ? SWL_TASK_CLASSIFY : SWL_TASK_REGRESS);
    request.target = cases[i].target;
    swl_dataset dataset = {.schema.inputs = 77};
    check_fails(in->context, load_bytes(in, cases[i].text, strlen(cases[i].text), request, &dataset),
                SWALE_ERROR_FORMAT, cases[i].message);
    check_fails(in->context, load_bytes(in, cases[i].text, strlen(cases[i].text), request, &dataset),
                SWALE_ERROR_FORMAT, "table.csv");
    assert_int_equal(dataset.schema.inputs, 77);
  }
}

static void other_refusals(void **state) {
  room *in = *state;
  swl_dataset dataset;
  swl_dataset_request request = all_training(SWL_TASK_REGRESS);
  check_fails(in->context, load_bytes(in, "a,b\n1,\0002\n", 9, request, &dataset), SWALE_ERROR_FORMAT, "byte 6 is NUL");
  request.target = "z";
  check_fails(in->context, load_bytes(in, "a,b\n1,2\n", 8, request, &dataset), SWALE_ERROR_USAGE,
              "no column \"z\" for the target; its columns are: a, b");
  request.source = "csv:/nonexistent/table.csv";
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_IO,
              "/nonexistent/table.csv: cannot open");
  snprintf(in->source, sizeof in->source, "csv:%s", in->folder);
  request.source = in->source;
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_IO, "cannot read");
}

static void too_many_classes(void **state) {
  room *in = *state;
  char *text = malloc(16 * 5000), *at = text + sprintf(text, "x,y\n");
  for (int i = 0; i < SWL_CLASSES_MAX; i++) at += sprintf(at, "1,%d\n", i);
  swl_dataset dataset;
  check_ok(in->context, load_bytes(in, text, (size_t)(at - text), all_training(SWL_TASK_CLASSIFY), &dataset));
  assert_int_equal(dataset.schema.outputs, SWL_CLASSES_MAX);
  at += sprintf(at, "1,%d\n", SWL_CLASSES_MAX);
  check_fails(in->context, load_bytes(in, text, (size_t)(at - text), all_training(SWL_TASK_CLASSIFY), &dataset),
              SWALE_ERROR_FORMAT,
              "holds more than 4096 different classes; use --target=NAME for another column, or --task=regress");
  free(text);
}

/* 20 rows, test 0.2, validation 0.1 of the rest: 4, 2 (1.6 rounded), 14; each row exactly once. */
static void splits_cover_the_rows(void **state) {
  room *in = *state;
  char text[512], *at = text + sprintf(text, "x,y\n");
  for (int i = 0; i < 20; i++) at += sprintf(at, "%d,%d\n", i, 100 + i);
  swl_dataset dataset, other;
  swl_dataset_request request = room_request("");
  request.task = SWL_TASK_REGRESS;
  check_ok(in->context, load_bytes(in, text, (size_t)(at - text), request, &dataset));
  const size_t counts[] = {14, 2, 4};
  int seen[20] = {0};
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const swl_table *table = &dataset.split[split];
    assert_int_equal(table->count, counts[split]);
    for (size_t i = 0; i < table->count; i++) {
      assert_true(table->targets[i] == table->inputs[i] + 100);
      seen[(int)table->inputs[i]]++;
    }
  }
  for (int i = 0; i < 20; i++) assert_int_equal(seen[i], 1);
  check_ok(in->context, load_bytes(in, text, (size_t)(at - text), request, &other));
  assert_memory_equal(other.split[0].inputs, dataset.split[0].inputs, 14 * sizeof(float)); /* the same again */
  request.limit = 5; /* the same test; the first 5 of the training part, 1 of them (0.5 rounded) validation */
  check_ok(in->context, load_bytes(in, text, (size_t)(at - text), request, &other));
  assert_int_equal(other.split[SWL_SPLIT_TRAIN].count, 4);
  assert_int_equal(other.split[SWL_SPLIT_VALIDATION].count, 1);
  assert_memory_equal(other.split[2].inputs, dataset.split[2].inputs, 4 * sizeof(float));
  assert_memory_equal(other.split[0].inputs, dataset.split[0].inputs, 4 * sizeof(float));
  request.limit = 0;
  request.seed = 2;
  check_ok(in->context, load_bytes(in, text, (size_t)(at - text), request, &other));
  assert_memory_not_equal(other.split[0].inputs, dataset.split[0].inputs, 14 * sizeof(float));
}

static void too_few_rows(void **state) {
  room *in = *state;
  swl_dataset dataset;
  swl_dataset_request request = room_request("");
  request.task = SWL_TASK_REGRESS;
  const char *rows = "x,y\n1,1\n2,2\n3,3\n";
  check_ok(in->context, load_bytes(in, rows, 16, request, &dataset)); /* one for each split */
  assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, 1);
  assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, 1);
  assert_int_equal(dataset.split[SWL_SPLIT_TEST].count, 1);
  check_fails(in->context, load_bytes(in, rows, 12, request, &dataset), SWALE_ERROR_USAGE, "2 examples are too few");
  request.validation_fraction = 0;
  check_ok(in->context, load_bytes(in, rows, 12, request, &dataset));
  assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, 0);
  check_fails(in->context, load_bytes(in, rows, 8, request, &dataset), SWALE_ERROR_USAGE, "1 examples are too few");
}

/* A host program may have set a locale with a decimal comma. */
static void locale_does_not_matter(void **state) {
  room *in = *state;
  if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) skip();
  swl_dataset dataset;
  load_text(in, "x,y\n1.5,2.5\n", SWL_TASK_REGRESS, "", &dataset);
  setlocale(LC_ALL, "C");
  assert_true(dataset.split[SWL_SPLIT_TRAIN].inputs[0] == 1.5f);
}

static void every_allocation(void **state) {
  room *in = *state;
  const char *text = "x,y\n1,a\n2,b\n3,a\n4,b\n";
  swl_dataset dataset;
  check_ok(in->context, load_bytes(in, text, strlen(text), room_request(""), &dataset));
  swl_dataset_request request = room_request(in->source);
  check_every_allocation(&request, 13); /* text, names, inputs, keys, sorted, labels, classes, order, … */
  const char *numbers = "x,y\n1,1\n2,2\n3,3\n4,4\n";
  request.task = SWL_TASK_REGRESS;
  check_ok(in->context, load_bytes(in, numbers, strlen(numbers), request, &dataset));
  request.source = in->source;
  check_every_allocation(&request, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(regression_by_hand),    room_test(classes_are_sorted),
      room_test(quoting_and_line_ends), room_test(long_lines),
      room_test(bad_files_are_named),   room_test(other_refusals),
      room_test(too_many_classes),      room_test(splits_cover_the_rows),
      room_test(too_few_rows),          room_test(locale_does_not_matter),
      room_test(every_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
