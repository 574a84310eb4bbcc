/* test_report.c - what a report is made of: escaped text, numbers, axes, images, and records that somebody wrote. */
#include "test_report.h"

#include "files/jsonl_read.h"
#include "report/axis.h"
#include "report/page.h"
#include "report/plot.h"
#include "report/png.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state) {
  *state = fixture_open("log.jsonl");
  return 0;
}

static void check_page(swl_page *page, const char *expected) {
  swl_page_bytes(page, "", 1); /* ends the text */
  assert_false(page->failed);
  assert_string_equal(page->text, expected);
  swl_page_free(page);
}

static void text_is_escaped(void **state) {
  fixture *f = *state;
  swl_page page = {.context = f->context};
  swl_page_text(&page, "<b a=\"1\" c='2'>&amp; \xc3\xa9\xff\x01\x7f\n");
  check_page(&page, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp; \xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n");
}

/* RFC 4648 §10. */
static void base64_has_its_test_vectors(void **state) {
  fixture *f = *state;
  const char *const vectors[][2] = {{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    swl_page page = {.context = f->context};
    swl_page_base64(&page, (const unsigned char *)vectors[i][0], strlen(vectors[i][0]));
    check_page(&page, vectors[i][1]);
  }
}

static void a_page_grows_and_survives_a_refusal(void **state) {
  fixture *f = *state;
  swl_page page = {.context = f->context};
  for (int i = 0; i < 30000; i++) swl_page_print(&page, "%05d,", i);
  assert_int_equal(page.length, 180000);
  assert_memory_equal(page.text + 179988, "29998,29999,", 12);
  swl_page_free(&page);
  page = (swl_page){.context = f->context};
  f->counting.fail_at = f->counting.calls + 1;
  swl_page_put(&page, "lost");
  f->counting.fail_at = 0;
  swl_page_put(&page, "too late");
  assert_true(page.failed && page.length == 0);
  swl_page_free(&page);
}

static void numbers_are_short(void **state) {
  (void)state;
  char text[SWL_SHORT_MAX];
  assert_string_equal(swl_short_text(0.97123, text), "0.9712");
  assert_string_equal(swl_short_text(54321, text), "54,321");
  assert_string_equal(swl_short_text(-1304300, text), "-1,304,300");
  assert_string_equal(swl_short_text(1e8, text), "1e+08");
  assert_string_equal(swl_short_text(NAN, text), "–");
  assert_string_equal(swl_count_text(999, text), "999");
  assert_string_equal(swl_count_text(25450, text), "25,450");
  assert_string_equal(swl_count_text(1234567, text), "1,234,567");
}

static void check_ticks(swl_axis axis, size_t count, const double *ticks) {
  assert_int_equal(axis.count, count);
  for (size_t i = 0; i < count; i++) check_close(axis.tick[i], ticks[i], 1e-12 * fabs(ticks[i]));
}

/* 94.1 to 98.4: a sixth of the range is 0.72, the next step up is 1; from floor to ceil. */
static void linear_ticks_by_hand(void **state) {
  (void)state;
  const swl_axis axis = swl_axis_make(94.1, 98.4, 1);
  assert_false(axis.logarithmic);
  check_ticks(axis, 6, (const double[]){94, 95, 96, 97, 98, 99});
  check_close(axis.low, 94, 0);
  check_close(axis.high, 99, 0);
  check_close(swl_axis_at(&axis, 96.5), 0.5, 1e-15);
  check_close(swl_axis_at(&axis, 1e9), 2, 0);
  /* 0 to 2160: 360 asks for 500; 2160 lies below 2500 */
  check_ticks(swl_axis_make(0, 2160, 0), 6, (const double[]){0, 500, 1000, 1500, 2000, 2500});
  /* one number: a tenth around it */
  check_ticks(swl_axis_make(1, 1, 1), 5, (const double[]){0.9, 0.95, 1, 1.05, 1.1});
}

static void logarithmic_ticks_by_hand(void **state) {
  (void)state;
  const swl_axis axis = swl_axis_make(0.005, 0.6, 1); /* a factor of 120, less than three decades: 1, 2, 5 */
  assert_true(axis.logarithmic);
  check_ticks(axis, 7, (const double[]){0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5});
  check_close(swl_axis_at(&axis, 0.005 / 1.08), 0, 1e-12);
  check_close(swl_axis_at(&axis, sqrt(0.005 * 0.6)), 0.5, 1e-12);
  check_close(swl_axis_at(&axis, -1), -1, 0);
  check_ticks(swl_axis_make(1, 1e4, 1), 5, (const double[]){1, 10, 100, 1e3, 1e4});
  assert_false(swl_axis_make(1, 29, 1).logarithmic);
  assert_false(swl_axis_make(1, 1e4, 0).logarithmic);
  assert_false(swl_axis_make(0, 1e4, 1).logarithmic);
}

/* Whatever the numbers are, an axis has a range, and its ticks lie in it. */
static void extreme_numbers_have_axes(void **state) {
  (void)state;
  const double ends[] = {-1.7e308, -1,        -1e-300, -5e-324,  0,     5e-324, 1e-300,
                         1,        1 + 1e-15, 1e15,    1e15 + 1, 1e300, 1.7e308};
  const size_t count = sizeof ends / sizeof *ends;
  for (size_t i = 0; i < count; i++) {
    for (size_t k = i; k < count; k++) {
      const swl_axis axis = swl_axis_make(ends[i], ends[k], 1);
      assert_true(isfinite(axis.low) && isfinite(axis.high) && axis.low < axis.high);
      assert_true(axis.count > 0 || axis.logarithmic);
      for (size_t t = 0; t < axis.count; t++) {
        assert_true(axis.tick[t] >= axis.low && axis.tick[t] <= axis.high + 1e-12 * fabs(axis.high));
      }
      assert_true(isfinite(swl_axis_at(&axis, ends[i])) && isfinite(swl_axis_at(&axis, ends[k])));
    }
  }
}

/* Two points from corner to corner of the inner part (488 × 248), and a gap. */
static void a_curve_by_hand(void **state) {
  fixture *f = *state;
  swl_page page = {.context = f->context};
  const double x[] = {0, 1, 2, 10}, y[] = {0, NAN, 5, 10};
  const swl_curve curve = {.count = 4, .x = x, .y = y, .color = 9, .style = 1};
  const swl_plot plot = {.title = "y", .x_title = "x", .curve_count = 1, .curves = &curve};
  assert_int_equal(swl_plot_draw(&page, &plot, "update"), 1);
  swl_page_bytes(&page, "", 1);
  assert_non_null(strstr(page.text, "<path class=\"line c1 s1 again\" d=\"M0.0 248.0M97.6 124.0 488.0 0.0\"/>"));
  assert_non_null(strstr(page.text, "<svg class=\"plot by-update\""));
  swl_page_free(&page);
  const double nothing[] = {NAN, NAN, NAN, INFINITY};
  const swl_curve empty = {.count = 4, .x = x, .y = nothing};
  const swl_plot blank = {.title = "y", .x_title = "x", .curve_count = 1, .curves = &empty};
  page = (swl_page){.context = f->context};
  assert_int_equal(swl_plot_draw(&page, &blank, "update"), 0);
  assert_int_equal(page.length, 0);
}

/* A white point: the same bytes as another writer of PNG makes of it (stored block, so there is nothing to choose). */
static void an_image_by_hand(void **state) {
  (void)state;
  static const unsigned char expected[] = {
      0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0,    13,   'I',  'H',  'D',  'R',  0,    0,
      0,    1,   0,   0,   0,    1,    8,    0,    0, 0, 0,    0x3a, 0x7e, 0x9b, 0x55, 0,    0,    0,
      13,   'I', 'D', 'A', 'T',  0x78, 0x01, 1,    2, 0, 0xfd, 0xff, 0,    0xff, 0x01, 0x01, 0x01, 0x00};
  static const unsigned char end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
  const unsigned char white = 255;
  unsigned char png[128];
  const size_t size = swl_png_size(1, 1);
  assert_int_equal(size, sizeof expected + 4 + sizeof end);
  swl_png_write(1, 1, &white, png);
  assert_memory_equal(png, expected, sizeof expected);
  assert_memory_equal(png + size - sizeof end, end, sizeof end);
}

static swale_status read_text(fixture *f, const char *text, swl_records *records) {
  check_write(f->path, text, strlen(text));
  return swl_jsonl_read(f->context, f->arena, f->path, records);
}

static void records_are_read(void **state) {
  fixture *f = *state;
  swl_records records = {.count = 0};
  check_ok(f->context,
           read_text(f, "{\"a\":1,\"b\":null,\"c\":\"\\u00e9\",\"d\":true,\"e\":[1]}\n\n \t\r\n{\"a\":2.5}", &records));
  assert_int_equal(records.count, 2);
  assert_false(records.torn);
  assert_int_equal(records.record[0].line, 1);
  assert_int_equal(records.record[1].line, 4);
  assert_int_equal(records.record[0].count, 4);
  check_close(swl_record_real(&records.record[0], "a"), 1, 0);
  assert_true(isnan(swl_record_real(&records.record[0], "b")) && isnan(swl_record_real(&records.record[0], "c")));
  assert_string_equal(swl_record_text(&records.record[0], "c"), "\xc3\xa9");
  assert_null(swl_record_text(&records.record[0], "a"));
  assert_int_equal(swl_record_field(&records.record[0], "d")->integer, 1);
  assert_null(swl_record_field(&records.record[0], "e"));
  check_close(swl_record_real(&records.record[1], "a"), 2.5, 0);
}

static void damaged_lines_are_named(void **state) {
  fixture *f = *state;
  swl_records records = {.count = 7};
  check_fails(f->context, read_text(f, "{}\n{\n{}\n", &records), SWALE_ERROR_FORMAT,
              "log.jsonl:2: the line is not JSON");
  check_fails(f->context, read_text(f, "{}\n\n[]\n", &records), SWALE_ERROR_FORMAT,
              "log.jsonl:3: the line is not a JSON object");
  check_fails(f->context, read_text(f, "{\"a\":1,\"a\":2}\n", &records), SWALE_ERROR_FORMAT, "log.jsonl:1: ");
  check_fails(f->context, read_text(f, "{\"a\":\"\xff\"}\n", &records), SWALE_ERROR_FORMAT, "log.jsonl:1: ");
  assert_int_equal(records.count, 7); /* untouched */
  check_ok(f->context, read_text(f, "{\"a\":1}\n{\"a\":", &records));
  assert_int_equal(records.count, 1);
  assert_true(records.torn);
}

/* Ten updates by hand: the decrease 1 … 10 (k), its band 3 · 0.1, 0.5 promised; the fourth is called violated, the fifth
 * undecided. The table counts 8, 1 and 1; the plot has the dashed line of the promise, a mark at update 4 alone. */
static void decreases_are_counted_and_drawn(void **state) {
  fixture *f = *state;
  const char *const folders[] = {f->folder};
  FILE *log = fopen(f->path, "w");
  for (int k = 1; k <= 10; k++) {
    fprintf(log,
            "{\"event\":\"monotone\",\"update\":%d,\"decrease\":%d,\"decrease_se\":0.1,\"promised\":0.5,"
            "\"verdict\":\"%s\"}\n",
            k, k,
            k == 4   ? "violated"
            : k == 5 ? "undecided"
                     : "held");
  }
  assert_int_equal(fclose(log), 0);
  check_ok(f->context, swale_report_write(f->context, folders, 1, f->page));
  char *page = calloc(1, 1 << 20);
  FILE *stream = fopen(f->page, "r");
  assert_non_null(stream);
  assert_true(fread(page, 1, (1 << 20) - 1, stream) > 0);
  fclose(stream);
  const char *section = strstr(page, "<section id=\"decrease\">");
  assert_non_null(section);
  assert_non_null(strstr(section, "<td>10</td><td>8 (80.0 %)</td><td>1 (10.0 %)</td><td>1 (10.0 %)</td>"));
  assert_non_null(strstr(section, "<path class=\"band c0 s0\""));
  assert_non_null(strstr(section, "<path class=\"line c0 s1\""));
  const char *mark = strstr(section, "<path class=\"mark c0\" d=\"M195.2 0V"); /* 488 · 4/10, as x goes from 0 to 10 */
  assert_non_null(mark);
  assert_null(strstr(mark + 20, "class=\"mark"));
  free(page);
}

/* Every allocation of a report refused in turn: its status, no page, no leak (teardown). */
static void memory_may_be_refused(void **state) {
  fixture *f = *state;
  const char text[] = "{\"event\":\"evaluation\",\"update\":1,\"value\":1,\"value_se\":0.1}\n"
                      "{\"event\":\"restored\",\"update\":2,\"reason\":\"loss\"}\n"
                      "{\"event\":\"monotone\",\"update\":3,\"decrease\":1,\"verdict\":\"held\"}\n"
                      "{\"event\":\"evaluation\",\"update\":3,\"value\":0.5,\"value_se\":0.1}\n"
                      "{\"event\":\"final\",\"updates\":3,\"test_loss\":1}\n";
  const char *const folders[] = {f->folder, f->folder};
  check_write(f->path, text, strlen(text));
  const size_t refused = check_refused_pages(&f->counting, f->context, folders, 2, f->page);
  assert_true(refused > 20);
  check_fails(f->context, swale_report_write(f->context, folders, 0, f->page), SWALE_ERROR_USAGE, "at least one");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(text_is_escaped, setup, fixture_close),
      cmocka_unit_test_setup_teardown(base64_has_its_test_vectors, setup, fixture_close),
      cmocka_unit_test_setup_teardown(a_page_grows_and_survives_a_refusal, setup, fixture_close),
      cmocka_unit_test(numbers_are_short),
      cmocka_unit_test(linear_ticks_by_hand),
      cmocka_unit_test(logarithmic_ticks_by_hand),
      cmocka_unit_test(extreme_numbers_have_axes),
      cmocka_unit_test_setup_teardown(a_curve_by_hand, setup, fixture_close),
      cmocka_unit_test(an_image_by_hand),
      cmocka_unit_test_setup_teardown(records_are_read, setup, fixture_close),
      cmocka_unit_test_setup_teardown(damaged_lines_are_named, setup, fixture_close),
      cmocka_unit_test_setup_teardown(decreases_are_counted_and_drawn, setup, fixture_close),
      cmocka_unit_test_setup_teardown(memory_may_be_refused, setup, fixture_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
