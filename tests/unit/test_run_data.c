/* test_run_data.c - the public view of data: counts, pictures, rows, and the IDX files that others read.
 *
 * Hand solution: 200 digits are 180 for training and 20 for validation, and 100 come for the test; of 60 rows a fifth is
 * 12 for the test, and a tenth of the other 48 is 5; every row is in one split, once.
 */
#include "test_run.h"

#include <math.h>

static swale_data *load(stage *s, const char *words) {
  swale_data *data = NULL;
  stage_options(s, words);
  check_ok(s->context, swale_data_load(s->options, &data));
  return data;
}

static void digits_are_pictures(void **state) {
  (void)state;
  stage s;
  stage_make(&s, "");
  swale_data *data = load(&s, "data=digits:200"), *limited = load(&s, "data=digits:200 limit=50 validation=0.5 seed=1");
  assert_int_equal(swale_data_count(data, SWALE_SPLIT_TRAIN), 180);
  assert_int_equal(swale_data_count(data, SWALE_SPLIT_VALIDATION), 20);
  assert_int_equal(swale_data_count(data, SWALE_SPLIT_TEST), 100);
  assert_int_equal(swale_data_count(limited, SWALE_SPLIT_TRAIN), 25);
  assert_int_equal(swale_data_count(limited, SWALE_SPLIT_VALIDATION), 25);
  assert_int_equal(swale_data_features(data), 784);
  assert_int_equal(swale_data_height(data) * swale_data_width(data), 784);
  assert_int_equal(swale_data_outputs(data), 10);
  assert_true(swale_data_classifies(data));
  assert_string_equal(swale_data_class_name(data, 3), "3");
  assert_null(swale_data_class_name(data, 10));
  for (int split = SWALE_SPLIT_TRAIN; split <= SWALE_SPLIT_TEST; split++) {
    for (size_t i = 0; i < swale_data_count(data, (swale_split)split); i++) {
      double label = -1;
      const float *pixels = swale_data_example(data, (swale_split)split, i, &label);
      float least = 1, most = 0;
      for (size_t j = 0; j < 784; j++) {
        least = fminf(least, pixels[j]);
        most = fmaxf(most, pixels[j]);
      }
      assert_true(least >= 0 && least < 0.2F && most > 0.5F && most <= 1); /* ink on paper */
      assert_true(label >= 0 && label <= 9 && label == floor(label));
    }
  }
  swale_data_destroy(data);
  swale_data_destroy(limited);
  swale_data_destroy(NULL);
  stage_free(&s);
}

/* What the row (a, b) of stage_csv says. */
static double hand_target(const float *row) { return 2.0 * row[0] - row[1] + 1; }

static void rows_are_dealt_once(void **state) {
  (void)state;
  static const size_t counts[] = {43, 5, 12};
  stage s;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "up");
  stage_csv(&s, "numbers.csv", 60, NULL, NULL);
  swale_data *words = load(&s, "data=csv:@/words.csv"), *numbers = load(&s, "data=csv:@/numbers.csv loss=squared");
  double rows[60][2], sum = 0;
  size_t dealt = 0;
  for (int split = SWALE_SPLIT_TRAIN; split <= SWALE_SPLIT_TEST; split++) {
    assert_int_equal(swale_data_count(words, (swale_split)split), counts[split]);
    assert_int_equal(swale_data_count(numbers, (swale_split)split), counts[split]);
    for (size_t i = 0; i < counts[split]; i++) {
      double label = -1, target = NAN;
      const float *row = swale_data_example(words, (swale_split)split, i, &label);
      const float *same = swale_data_example(numbers, (swale_split)split, i, &target);
      check_close(target, hand_target(same), 1e-6); /* other rows than those of words, which are dealt by class */
      assert_string_equal(swale_data_class_name(words, (size_t)label), hand_target(row) < 1 ? "low" : "up");
      for (size_t k = 0; k < dealt; k++) assert_false(rows[k][0] == same[0] && rows[k][1] == same[1]);
      rows[dealt][0] = same[0], rows[dealt][1] = same[1];
      sum += target;
      dealt++;
    }
  }
  double all = 0;
  for (size_t i = 0; i < 60; i++) {
    const float row[] = {(float)(i % 7) / 2 - 1, (float)(i * 3 % 11) / 4 - 1};
    all += hand_target(row);
  }
  assert_int_equal(dealt, 60);
  check_close(sum, all, 1e-5);
  assert_int_equal(swale_data_features(words), 2);
  assert_int_equal(swale_data_outputs(words), 2);
  assert_int_equal(swale_data_outputs(numbers), 1);
  assert_int_equal(swale_data_height(words), 0);
  assert_false(swale_data_classifies(numbers));
  assert_null(swale_data_class_name(numbers, 0));
  swale_data_destroy(words);
  swale_data_destroy(numbers);
  stage_free(&s);
}

/* Written and read again: the test set in its order, pixel by pixel. */
static void pictures_are_written_and_read(void **state) {
  (void)state;
  stage s;
  stage_make(&s, "");
  swale_data *data = load(&s, "data=digits:30");
  check_ok(s.context, swale_data_write_idx(data, s.folder));
  check_fails(s.context, swale_data_write_idx(data, s.folder), SWALE_ERROR_EXISTS, s.folder);
  swale_data *read = load(&s, "data=idx:@");
  const size_t all = swale_data_count(read, SWALE_SPLIT_TRAIN) + swale_data_count(read, SWALE_SPLIT_VALIDATION);
  assert_int_equal(all, 30);
  assert_int_equal(swale_data_count(read, SWALE_SPLIT_TEST), 100);
  for (size_t i = 0; i < 100; i++) {
    double label = -1, same = -1;
    const float *pixels = swale_data_example(data, SWALE_SPLIT_TEST, i, &label);
    assert_memory_equal(pixels, swale_data_example(read, SWALE_SPLIT_TEST, i, &same), 784 * sizeof *pixels);
    check_close(same, label, 0);
  }
  stage_csv(&s, "words.csv", 60, "low", "up");
  swale_data *rows = load(&s, "data=csv:@/words.csv");
  assert_int_not_equal(swale_data_write_idx(rows, s.folder), SWALE_OK);
  assert_true(strlen(swale_context_message(s.context)) > 0);
  swale_data_destroy(data);
  swale_data_destroy(read);
  swale_data_destroy(rows);
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(digits_are_pictures),
      cmocka_unit_test(rows_are_dealt_once),
      cmocka_unit_test(pictures_are_written_and_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
