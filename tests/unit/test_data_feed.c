/* test_data_feed.c - rows for a model: the same numbers as in a dataset, whatever else the file holds. */
#include "test_data.h"

#include "data/feed.h"

#include <math.h>
#include <unistd.h>

#include <zlib.h>

enum { ROWS = 1300 };

/* a, b, color, y: the row i has a = i, b = -i / 4, color red or blue or green, y = i. */
static void put_table(room *in, const char *name, int gzip) {
  gzFile file = gzopen(room_path(in, name), gzip ? "wb" : "wbT");
  gzputs(file, "a,b,color,y\n");
  for (int i = 0; i < ROWS; i++) {
    static const char *const colors[] = {"red", "blue", "green"};
    gzprintf(file, "%d,%.2f,%s,%d\n", i, -i / 4.0, colors[i % 3], i);
  }
  gzclose(file);
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
}

static void train(room *in, swl_dataset *dataset) {
  put_table(in, "train.csv", 0);
  swl_dataset_request request = room_request(in->source);
  request.task = SWL_TASK_REGRESS;
  request.standardize = SWL_STANDARDIZE_FULL;
  request.validation_fraction = request.test_fraction = 0;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, dataset));
}

/* Row i of table, by its y, which no standardizing hides. */
static const float *row_of(const swl_dataset *dataset, int row) {
  const swl_table *table = &dataset->split[SWL_SPLIT_TRAIN];
  for (size_t i = 0; i < table->count; i++) {
    const double y = table->targets[i] / dataset->schema.target_scale[0] + dataset->schema.target_shift[0];
    if (lround(y) == row) return table->inputs + i * dataset->schema.inputs;
  }
  fail();
  return NULL;
}

static void check_all(room *in, const swl_dataset *dataset, const char *source, const char *keep) {
  swl_feed *feed = NULL;
  const swl_dataset_request request = {.source = source};
  size_t count = 1, done = 0;
  check_ok(in->context, swl_feed_open(in->context, &request, &dataset->schema, keep, &feed));
  while (count > 0) {
    check_ok(in->context, swl_feed_next(feed, &count));
    assert_int_equal(count, done + SWL_FEED_ROWS <= ROWS ? SWL_FEED_ROWS : ROWS - done);
    for (size_t i = 0; i < count; i += 37) {
      assert_memory_equal(swl_feed_inputs(feed) + i * dataset->schema.inputs, row_of(dataset, (int)(done + i)),
                          dataset->schema.inputs * sizeof(float));
      for (size_t k = 0; k < swl_feed_keeps(feed); k++) {
        char expected[16];
        snprintf(expected, sizeof expected, "%zu", done + i);
        assert_string_equal(swl_feed_kept(feed, i, k), expected);
      }
    }
    done += count;
  }
  check_ok(in->context, swl_feed_next(feed, &count));
  assert_int_equal(count, 0);
  swl_feed_close(feed);
}

static void rows_are_those_of_the_dataset(void **state) {
  room *in = *state;
  swl_dataset dataset;
  train(in, &dataset);
  assert_int_equal(dataset.schema.inputs, 5); /* a, b, and one for each color */
  check_all(in, &dataset, in->source, "y,a");
  put_table(in, "train.csv.gz", 1);
  check_all(in, &dataset, in->source, NULL);
}

/* Reordered, without the target, with an id, semicolons and decimal commas. */
static void columns_go_by_name(void **state) {
  room *in = *state;
  swl_dataset dataset;
  train(in, &dataset);
  FILE *file = fopen(room_path(in, "new.csv"), "w");
  fprintf(file, "id;color;b;a\r\n");
  for (int i = 0; i < ROWS; i++) {
    static const char *const colors[] = {"red", "blue", "green"};
    fprintf(file, "%d;%s;-%d,%02d;%d\r\n", i, colors[i % 3], i / 4, i % 4 * 25, i);
  }
  fclose(file);
  snprintf(in->source, sizeof in->source, "csv:%s", in->path);
  check_all(in, &dataset, in->source, "id");
}

static void the_standard_input_is_a_source(void **state) {
  room *in = *state;
  swl_dataset dataset;
  train(in, &dataset);
  const int before = dup(STDIN_FILENO);
  assert_non_null(freopen(in->path, "rb", stdin));
  check_all(in, &dataset, "csv:-", "a");
  dup2(before, STDIN_FILENO);
  close(before);
}

static void images_are_fed(void **state) {
  room *in = *state;
  swl_dataset dataset;
  swl_dataset_request request = room_request("digits:60");
  request.standardize = SWL_STANDARDIZE_AUTO;
  request.images = SWL_SPLIT_TEST;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset));
  swl_feed *feed = NULL;
  size_t count = 0;
  check_ok(in->context, swl_feed_open(in->context, &request, &dataset.schema, "", &feed));
  check_ok(in->context, swl_feed_next(feed, &count));
  assert_int_equal(count, 100);
  assert_memory_equal(swl_feed_inputs(feed), dataset.split[SWL_SPLIT_TEST].inputs, 100 * 784 * sizeof(float));
  check_ok(in->context, swl_feed_next(feed, &count));
  assert_int_equal(count, 0);
  swl_feed_close(feed);
  check_fails(in->context, swl_feed_open(in->context, &request, &dataset.schema, "a", &feed), SWALE_ERROR_USAGE,
              "option keep applies to data=csv:FILE");
  dataset.schema.inputs = 5;
  check_fails(in->context, swl_feed_open(in->context, &request, &dataset.schema, "", &feed), SWALE_ERROR_USAGE,
              "the model takes 5 inputs; the data has 784 features");
}

static void what_does_not_fit_is_named(void **state) {
  room *in = *state;
  swl_dataset dataset;
  train(in, &dataset);
  const struct {
    const char *text, *keep, *message;
    swale_status status;
  } cases[] = {
      {"a,y\n1,2\n", "", "lacks 2 of the model's 3 columns: b, color; its columns are: a, y", SWALE_ERROR_USAGE},
      {"a,b,color\n1,2,pink\n", "",
       "line 2, column 3 (\"color\"): \"pink\" is not one of the values that the model knows; blue, green, red",
       SWALE_ERROR_FORMAT},
      {"color,a,b\nred,1,\n", "",
       "line 2, column 3 (\"b\"): \"\" is a missing value; the model was trained without any in this column",
       SWALE_ERROR_FORMAT},
      {"color,a,b\nred,1,two\n", "", "line 2, column 3 (\"b\"): \"two\" is not a number", SWALE_ERROR_FORMAT},
      {"color,a,b\nred,1,1e99\n", "", "standardizing row 1 of csv:", SWALE_ERROR_NUMERIC},
      {"color,a,b\nred,1\n", "", "line 2 has 2 fields; the first line has 3", SWALE_ERROR_FORMAT},
      {"color,a,b\nred,1,2\n", "id", "there is no column \"id\" in", SWALE_ERROR_USAGE},
      {"color,a,b\nred,1,2\n", "a,,b", "is no list of names", SWALE_ERROR_USAGE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    check_write(room_path(in, "new.csv"), cases[i].text, strlen(cases[i].text));
    snprintf(in->source, sizeof in->source, "csv:%s", in->path);
    const swl_dataset_request request = {.source = in->source};
    swl_feed *feed = NULL;
    size_t count = 0;
    swale_status status = swl_feed_open(in->context, &request, &dataset.schema, cases[i].keep, &feed);
    if (status == SWALE_OK) status = swl_feed_next(feed, &count);
    check_fails(in->context, status, cases[i].status, cases[i].message);
    swl_feed_close(feed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(rows_are_those_of_the_dataset),  room_test(columns_go_by_name),
      room_test(the_standard_input_is_a_source), room_test(images_are_fed),
      room_test(what_does_not_fit_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
