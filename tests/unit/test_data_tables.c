/* test_data_tables.c - tables as people have them: separators, text columns, missing values, names. */
#include "test_data.h"

#include "data/csv_table.h"

#include <math.h>

#include <zlib.h>

static char heard[2048];
static void hear(void *user, const char *line) {
  (void)user;
  snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s\n", line);
}

static swl_dataset_request all_training(void) {
  swl_dataset_request request = room_request("");
  request.task = SWL_TASK_AUTO;
  request.validation_fraction = request.test_fraction = 0;
  return request;
}

static swale_status load_bytes(room *in, const char *text, size_t count, swl_dataset_request request,
                               swl_dataset *dataset) {
  check_write(room_path(in, "table.csv"), text, count);
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  request.source = in->source;
  heard[0] = 0;
  swale_context_set_log(in->context, hear, NULL);
  return swl_dataset_load(in->context, in->arena, &request, dataset);
}

static swale_status load(room *in, const char *text, swl_dataset_request request, swl_dataset *dataset) {
  return load_bytes(in, text, strlen(text), request, dataset);
}

/* The sum of an input over the training examples. */
static double sum_of(const swl_dataset *dataset, size_t input) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  double sum = 0;
  for (size_t i = 0; i < train->count; i++) sum += train->inputs[i * dataset->schema.inputs + input];
  return sum;
}

static void separators_are_found(void **state) {
  room *in = *state;
  static const char *const tables[] = {
      "a,b,y\n1.5,2,u\n3,4,v\n", "a;b;y\n1,5;2;u\n3;4;v\n", "a\tb\ty\n1.5\t2\tu\n3\t4\tv\n",
      "\xef\xbb\xbf\"a\";b;y\r\n1.5;2;u\r\n3;\"4\";v\r\n", "\"a\";\"b\";y\n1,5;2,0;u\n3;4;v"};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    swl_dataset dataset;
    check_ok(in->context, load(in, tables[i], all_training(), &dataset));
    assert_int_equal(dataset.schema.columns, 2);
    assert_string_equal(dataset.schema.column[0].name, "a");
    check_close(sum_of(&dataset, 0), 4.5, 0);
    check_close(sum_of(&dataset, 1), 6, 0);
  }
  swl_dataset dataset;
  swl_dataset_request request = all_training();
  request.separator = SWL_SEPARATOR_BAR;
  check_ok(in->context, load(in, "a|b,c|y\n1|2|u\n3|4|v\n", request, &dataset));
  assert_string_equal(dataset.schema.column[1].name, "b,c");
  request.separator = SWL_SEPARATOR_COMMA;
  check_fails(in->context, load(in, "a;b;y\n1;2;u\n", request, &dataset), SWALE_ERROR_FORMAT, "no column is left");
}

static void compressed_tables_are_read(void **state) {
  room *in = *state;
  swl_dataset dataset;
  swl_dataset_request request = all_training();
  gzFile file = gzopen(room_path(in, "table.csv.gz"), "wb");
  gzputs(file, "a,y\n1,u\n2,v\n");
  gzclose(file);
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  request.source = in->source;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset));
  check_close(sum_of(&dataset, 0), 3, 0);
  FILE *cut = fopen(in->path, "r+b");
  fseek(cut, 0, SEEK_END);
  assert_int_equal(ftruncate(fileno(cut), ftell(cut) - 6), 0);
  fclose(cut);
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_FORMAT,
              "the gzip data is damaged");
}

static void a_first_line_of_data_is_refused(void **state) {
  room *in = *state;
  swl_dataset dataset;
  swl_dataset_request request = all_training();
  check_fails(
      in->context, load(in, "5.1,3.5,setosa\n4.9,3.0,virginica\n", request, &dataset), SWALE_ERROR_FORMAT,
      "line 1 looks like data: field 1 is the number 5.1, where a header line with names is due; without one use "
      "--header=false");
  request.header = SWL_HEADER_FALSE;
  check_ok(in->context, load(in, "5,3.5,setosa\n4,3.0,virginica\n", request, &dataset));
  assert_string_equal(dataset.schema.column[1].name, "column2");
  assert_string_equal(dataset.schema.target, "column3");
  assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, 2);
  check_close(sum_of(&dataset, 0), 9, 0);
  request.header = SWL_HEADER_TRUE;
  check_ok(in->context, load(in, "1990,2000,y\n4,3,a\n5,6,b\n", request, &dataset));
  assert_string_equal(dataset.schema.column[0].name, "1990");
}

/* What stands for 1234.5, or for 12, and what is text. */
static void numbers_for_people_are_known(void **state) {
  (void)state;
  static const struct {
    const char *text, *number;
  } cases[] = {{"1,234.5", "1234.5"},
               {"1.234,5", "1234.5"},
               {"1'234.5", "1234.5"},
               {"1 234,5", "1234.5"},
               {"1\xc2\xa0"
                "234,5",
                "1234.5"},
               {"$1,234.5", "1234.5"},
               {"-$ 1,234.5", "-1234.5"},
               {"\xe2\x88\x92"
                "1,234.5 EUR",
                "-1234.5"},
               {"1,234,567", "1234567"},
               {"12%", "12"},
               {"12 %", "12"},
               {"12,5", "12.5"},
               {"0,125", "0.125"},
               {"+5 €", "5"},
               {"12", "12"},
               {"01.02.2024", NULL},
               {"2024-01-02", NULL},
               {"1.2.3", NULL},
               {"12:30", NULL},
               {"4WD", NULL},
               {"$", NULL},
               {"1,2,3", NULL},
               {"1,234.5.6", NULL},
               {"1,", NULL},
               {"", NULL},
               {"000000000000000000000000000000000000000000000000000000", NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char number[SWL_PLAIN_MAX];
    const int known = swl_csv_number_for_people(cases[i].text, number);
    if (known != (cases[i].number != NULL)) fail_msg("%s: %d", cases[i].text, known);
    if (known) assert_string_equal(number, cases[i].number);
  }
}

static void columns_are_left_out(void **state) {
  room *in = *state;
  swl_dataset dataset;
  swl_dataset_request request = all_training();
  check_ok(in->context, load(in, ",a,y\n0,5,u\n1,6,v\n", request, &dataset)); /* as pandas writes it */
  assert_int_equal(dataset.schema.columns, 1);
  check_close(sum_of(&dataset, 0), 11, 0);
  assert_non_null(strstr(heard, "column 1 has no name and counts the rows; it is left out"));
  check_fails(in->context, load(in, ",a,y\n7,5,u\n1,6,v\n", request, &dataset), SWALE_ERROR_FORMAT,
              "column 1 has no name; every column needs one (--drop=column1 leaves it out)");
  request.drop = "column1,\"b,c\",id";
  check_ok(in->context, load(in, ",a,\"b,c\",id,y\n7,5,1,2,u\n1,6,1,2,v\n", request, &dataset));
  assert_int_equal(dataset.schema.columns, 1);
  assert_string_equal(dataset.schema.column[0].name, "a");
  check_fails(in->context, load(in, "a,y\n1,u\n", request, &dataset), SWALE_ERROR_USAGE,
              "has no column \"column1\" to drop; its columns are: a, y");
}

/* By hand: red, red, blue: blue is the first input, red the second. */
static void texts_become_inputs(void **state) {
  room *in = *state;
  swl_dataset dataset;
  check_ok(in->context, load(in, "color,n,y\nred,1,u\nred,2,v\nblue,3,u\n", all_training(), &dataset));
  assert_int_equal(dataset.schema.columns, 2);
  assert_int_equal(dataset.schema.inputs, 3);
  assert_int_equal(dataset.schema.column[0].kind, SWL_COLUMN_TEXT);
  assert_string_equal(dataset.schema.column[0].values[0], "blue");
  check_close(sum_of(&dataset, 0), 1, 0);
  check_close(sum_of(&dataset, 1), 2, 0);
  check_close(sum_of(&dataset, 2), 6, 0);
  char text[4096], *at = text + sprintf(text, "name,y\n");
  for (int i = 0; i < 64; i++) at += sprintf(at, "n%d,%d\n", i, i % 2);
  check_ok(in->context, load(in, text, all_training(), &dataset));
  assert_int_equal(dataset.schema.inputs, 64);
  sprintf(at, "more,1\n");
  check_fails(
      in->context, load(in, text, all_training(), &dataset), SWALE_ERROR_FORMAT,
      "line 66: column \"name\" holds more than 64 different texts (the next one is \"more\"); each would be an "
      "input, and --drop=name leaves them out");
  check_fails(in->context, load(in, "a,y\n1,u\n2,v\nthree,u\n", all_training(), &dataset), SWALE_ERROR_FORMAT,
              "line 4, column 1 (\"a\"): \"three\" is not a number; the column holds numbers");
}

/* By hand: the mean of 1 and 3 is 2; standardized by center, what was missing is 0. */
static void missing_values_are_refused_or_filled(void **state) {
  room *in = *state;
  static const char table[] = "a,color,y\n1,red,u\nNA,?,v\n3,,u\n";
  static const char *const words[] = {"", "NA", "nan", "?", "n/a", "null"};
  swl_dataset dataset, again;
  swl_dataset_request request = all_training();
  check_fails(in->context, load(in, table, request, &dataset), SWALE_ERROR_FORMAT,
              "line 3, column 1 (\"a\"): \"NA\" is a missing value; fill it in, or use --missing=mean");
  request.fill = 1;
  check_ok(in->context, load(in, table, request, &dataset));
  assert_non_null(strstr(heard, "3 missing values are filled in"));
  check_close(dataset.schema.column[0].fill, 2, 0);
  check_close(sum_of(&dataset, 0), 6, 0);
  assert_string_equal(dataset.schema.column[1].values[0], "");
  check_close(sum_of(&dataset, 1), 2, 0);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) { /* however it is said, it is no number, such as 0 */
    char text[64];
    snprintf(text, sizeof text, "a,b,y\n1,1,u\n%s,2,v\n3,3,u\n", words[i]);
    check_ok(in->context, load(in, text, request, &again));
    check_close(again.schema.column[0].fill, 2, 0);
    check_close(sum_of(&again, 0), 6, 0);
  }
  request.schema = &dataset.schema; /* a model fills with what it was trained with */
  request.fill = 0;
  check_ok(in->context, load(in, "a,color,y\nnull,N/A,u\n10,red,v\n", request, &again));
  check_close(sum_of(&again, 0), 12, 0);
  request = all_training();
  static const char *const none[] = {"a,y\n1,u\n2,\n", "a,y\n1,u\n2,NaN\n"};
  for (size_t i = 0; i < 2; i++) {
    check_fails(in->context, load(in, none[i], request, &dataset), SWALE_ERROR_FORMAT,
                "is a missing value; the name of a class is due");
  }
}

static void equal_numbers_are_one_class(void **state) {
  room *in = *state;
  swl_dataset dataset, again;
  swl_dataset_request request = all_training();
  check_ok(in->context,
           load(in, "x,y\n1,0\n2,0.0\n3,1.0\n4,1\n5,10\n6,9\n", (request.task = SWL_TASK_CLASSIFY, request), &dataset));
  assert_int_equal(dataset.schema.outputs, 4);
  static const char *const names[] = {"0", "1", "9", "10"};
  for (size_t k = 0; k < 4; k++) assert_string_equal(dataset.schema.classes[k], names[k]);
  request.schema = &dataset.schema;
  check_ok(in->context, load(in, "x,y\n1,1.00\n", request, &again)); /* one row, one class */
  assert_int_equal(again.split[SWL_SPLIT_TRAIN].labels[0], 1);
  check_ok(in->context, load(in, "x,y\n1,Yes\n2,yes\n3,no\n", all_training(), &dataset));
  assert_int_equal(dataset.schema.outputs, 3);
  assert_non_null(strstr(heard, "column \"y\" holds \"Yes\" beside \"yes\"; they are two different values"));
}

static void names_decide(void **state) {
  room *in = *state;
  swl_dataset dataset, again;
  swl_dataset_request request = all_training();
  check_ok(in->context, load(in, "a,b,y\n1,2,u\n3,4,v\n", request, &dataset));
  request.schema = &dataset.schema;
  check_ok(in->context, load(in, "y,b,extra,a\nv,20,7,10\n", request, &again));
  const float expected[] = {10, 20};
  assert_memory_equal(again.split[SWL_SPLIT_TRAIN].inputs, expected, sizeof expected);
  assert_int_equal(again.split[SWL_SPLIT_TRAIN].labels[0], 1);
  assert_non_null(strstr(heard, "the model does not look at 1 column: extra"));
  check_fails(in->context, load(in, "height,weight,y\n1,2,u\n", request, &again), SWALE_ERROR_USAGE,
              "lacks 2 of the model's 2 columns: a, b; its columns are: height, weight, y");
  check_fails(in->context, load(in, "a,b,z\n1,2,u\n", request, &again), SWALE_ERROR_USAGE,
              "has no column \"y\", which the model predicts; its last one is \"z\"");
  request.target = "b";
  check_fails(in->context, load(in, "a,b,y\n1,2,u\n", request, &again), SWALE_ERROR_USAGE,
              "target is \"b\", but the model predicts \"y\"");
}

static void the_task_is_seen(void **state) {
  room *in = *state;
  const struct {
    const char *rows[3];
    int classification;
    const char *reason;
  } cases[] = {{{"u", "v", "u"}, 1, "y holds texts, such as \"u\""},
               {{"0", "1", "0"}, 1, "y holds 2 different whole numbers"},
               {{"0", "1", "2"}, 1, "y holds 3 different whole numbers"},
               {{"0.5", "1", "2"}, 0, "y holds numbers that are not whole, such as 0.5"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[512] = "x,y\n", *at = text + 4;
    for (int row = 0; row < 15; row++) at += sprintf(at, "%d,%s\n", row, cases[i].rows[row % 3]);
    swl_dataset dataset;
    check_ok(in->context, load(in, text, all_training(), &dataset));
    assert_int_equal(dataset.schema.classification, cases[i].classification);
    assert_string_equal(dataset.reason, cases[i].reason);
  }
  char text[4096] = "x,y\n", *at = text + 4; /* diabetes: whole numbers, many of them */
  for (int row = 0; row < 200; row++) at += sprintf(at, "%d,%d\n", row, row % 100);
  swl_dataset dataset;
  check_ok(in->context, load(in, text, all_training(), &dataset));
  assert_false(dataset.schema.classification);
  assert_string_equal(dataset.reason, "y holds more than 20 different whole numbers");
}

static void other_encodings_are_refused(void **state) {
  room *in = *state;
  const struct {
    const char *text, *message;
  } cases[] = {{"x,y\n1,gr\xf6\xdf"
                "er\n2,kleiner\n",
                "line 2, byte 5 of the line (0xf6) is not UTF-8; convert the file, like iconv -f latin1 -t utf-8"},
               {"x,y\n1,\xc0\xaf\n", "line 2, byte 3 of the line (0xc0) is not UTF-8"},
               {"x,y\n1,\xed\xa0\x80\n", "(0xed) is not UTF-8"},
               {"x,y\n1,a\xe2\x82", "(0xe2) is not UTF-8"},
               {"x,y\n1,\x1b]0;owned\x07\n", "line 2, byte 3 of the line (0x1b) is a control character"},
               {"x,y\n1,\xc2\x9b"
                "31m\n",
                "line 2, byte 3 of the line (0xc2) is a control character"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    swl_dataset dataset;
    check_fails(in->context, load(in, cases[i].text, all_training(), &dataset), SWALE_ERROR_FORMAT, cases[i].message);
  }
  swl_dataset dataset;
  check_ok(in->context, load(in, "x,y\n1,größer\n2,\xf0\x9f\x98\x80\n", all_training(), &dataset));
  assert_string_equal(dataset.schema.classes[0], "größer");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(separators_are_found),
      room_test(compressed_tables_are_read),
      room_test(a_first_line_of_data_is_refused),
      room_test(numbers_for_people_are_known),
      room_test(columns_are_left_out),
      room_test(texts_become_inputs),
      room_test(missing_values_are_refused_or_filled),
      room_test(equal_numbers_are_one_class),
      room_test(names_decide),
      room_test(the_task_is_seen),
      room_test(other_encodings_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
