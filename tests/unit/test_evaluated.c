/* test_evaluated.c - an evaluation.json that somebody wrote, and how it is drawn: what is read, refused and shown. */
#include "test_report.h"

#include "files/json_read.h"
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state) {
  static const char log[] = "{\"event\":\"evaluation\",\"update\":1}\n";
  fixture *f = fixture_open("log.jsonl");
  check_write(f->path, log, strlen(log));
  snprintf(f->path, sizeof f->path, "%s/evaluation.json", f->folder);
  *state = f;
  return 0;
}

static swale_status read_text(fixture *f, const char *text, swl_json_value *value) {
  check_write(f->path, text, strlen(text));
  return swl_json_read(f->context, f->arena, f->path, value);
}

static void a_document_is_read(void **state) {
  fixture *f = *state;
  swl_json_value value;
  check_ok(f->context, read_text(f, "{\"a\":1.5,\n\"b\":[null,true,\"\\u00e9\",[]],\"c\":{}}", &value));
  assert_int_equal(value.type, SWL_JSON_OBJECT);
  assert_int_equal(value.count, 3);
  check_close(swl_json_real(&value, "a"), 1.5, 0);
  assert_null(swl_json_string(&value, "a"));
  assert_true(isnan(swl_json_real(&value, "b")) && isnan(swl_json_real(&value, "d")));
  const swl_json_value *list = swl_json_member(&value, "b");
  assert_int_equal(list->type, SWL_JSON_LIST);
  assert_int_equal(list->count, 4);
  assert_true(isnan(list->items[0].number));
  check_close(list->items[1].number, 1, 0);
  assert_string_equal(list->items[2].text, "\xc3\xa9");
  assert_int_equal(list->items[3].count, 0);
  assert_null(list->items[3].name);
  assert_null(swl_json_member(list, "a"));
  check_ok(f->context, read_text(f, "7", &value));
  check_close(value.number, 7, 0);
}

/* 16 levels are allowed: a list in a list … 15 times around a number, and empty ones one level further. */
static void damage_is_named(void **state) {
  fixture *f = *state;
  swl_json_value value = {.count = 7};
  check_fails(f->context, read_text(f, "{\"a\":1,\n\"b\":}\n", &value), SWALE_ERROR_FORMAT,
              "evaluation.json:2: the file is not JSON");
  check_fails(f->context, read_text(f, "{\"a\":1,\"a\":2}", &value), SWALE_ERROR_FORMAT, "evaluation.json:1: ");
  check_fails(f->context, read_text(f, "", &value), SWALE_ERROR_FORMAT, "evaluation.json:");
  check_fails(f->context, read_text(f, "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", &value), SWALE_ERROR_FORMAT,
              "nested deeper than 16 levels");
  assert_int_equal(value.count, 7); /* untouched */
  check_ok(f->context, read_text(f, "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", &value));
}

/* The inner part is 488 × 248. A logarithmic axis from 1 to 100 has margins of a factor 1.08: the ends lie at
 * log 1.08 / log (100 · 1.08²) = 0.016171 of 488 = 7.9 from the edges. */
static void levels_and_bands_by_hand(void **state) {
  fixture *f = *state;
  swl_page page = {.context = f->context};
  const double x[] = {1, 100}, y[] = {0, 10}, flat[] = {5, 5}, half[] = {5, 5};
  const swl_curve curves[] = {
      {.count = 2, .x = x, .y = y},
      {.count = 2, .x = x, .y = flat, .color = 7, .style = SWL_STYLE_LEVEL},
      {.count = 2, .x = x, .y = flat, .error = half, .color = 3, .style = SWL_STYLE_BAND},
  };
  swl_plot plot = {.title = "y", .x_title = "x", .may_log = 1, .curve_count = 3, .curves = curves};
  assert_int_equal(swl_plot_draw(&page, &plot, "level"), 1);
  swl_page_bytes(&page, "", 1);
  assert_non_null(strstr(page.text, "<path class=\"line c0 s0\" d=\"M7.9 248.0 480.1 0.0\"/>"));
  assert_non_null(strstr(page.text, "<path class=\"line c7 s3\" d=\"M7.9 124.0 480.1 124.0\"/>"));
  assert_non_null(strstr(page.text, "<path class=\"band c3 s4\" d=\"M7.9 0.0 480.1 0.0 480.1 248.0 7.9 248.0 Z\"/>"));
  assert_null(strstr(page.text, "<path class=\"line c3"));
  assert_null(strstr(page.text, "<circle class=\"dot c7"));
  swl_page_free(&page);
  plot.curves = &curves[2]; /* alone: all of the band is in the picture */
  plot.curve_count = 1;
  page = (swl_page){.context = f->context};
  assert_int_equal(swl_plot_draw(&page, &plot, "level"), 1);
  swl_page_bytes(&page, "", 1);
  assert_non_null(strstr(page.text, " 0.0 480.1 248.0 7.9 248.0 Z\"/>"));
  swl_page_free(&page);
}

/* An evaluation with that confusion matrix and nothing else. */
static void write_evaluation(fixture *f, const char *sections, const char *matrix) {
  char text[1024];
  const int count = snprintf(
      text, sizeof text,
      "{\"format\":\"swale-evaluation 1\",\"fingerprint\":\"\",\"data\":\"<digits>\",\"split\":\"test\","
      "\"accuracy\":0.75,\"loss\":2,\"subset_loss\":1,\"profile_tau\":0.04,\"dim\":100,%s%s}",
      sections, matrix);
  check_write(f->path, text, (size_t)count);
}

#define NO_ROWS "\"taus\":[],\"noise\":[],\"relative_noise\":[],\"rounding\":[],\"profile\":[]"

/* The page of `count` times the same run, in f->html. */
static void draw(fixture *f, size_t count) {
  const char *const folders[] = {f->folder, f->folder};
  enum { MOST = 1 << 17 };
  if (!f->html) f->html = calloc(1, MOST);
  check_ok(f->context, swale_report_write(f->context, folders, count, f->page));
  FILE *stream = fopen(f->page, "rb");
  assert_non_null(stream);
  const size_t read = fread(f->html, 1, MOST - 1, stream);
  fclose(stream);
  f->html[read] = '\0';
}

static void check_said(fixture *f, const char *sections, const char *matrix, const char *said) {
  write_evaluation(f, sections, matrix);
  draw(f, 1);
  assert_non_null(strstr(f->html, said));
}

static void a_foreign_evaluation_is_a_sentence(void **state) {
  fixture *f = *state;
  check_write(f->path, "{\"loss\":1}", 10);
  draw(f, 1);
  assert_non_null(strstr(f->html, "is no evaluation that this version reads"));
  check_write(f->path, "{\"loss\":1", 9);
  draw(f, 2);
  assert_non_null(strstr(f->html, "evaluation.json:1: the file is not JSON"));
  check_said(f, "\"taus\":[1]", "", "&#39;taus&#39; is not a list of at most 1000 objects");
  check_said(f, NO_ROWS, ",\"classes\":[\"a\"]", "&#39;confusion&#39; is not a square");
  check_said(f, NO_ROWS, ",\"classes\":[\"a\",\"b\"],\"confusion\":[[1,2]]", "&#39;confusion&#39; is not a square");
  check_said(f, NO_ROWS, ",\"classes\":[\"a\"],\"confusion\":[[1,2]]", "&#39;confusion&#39; is not a square");
  check_said(f, NO_ROWS, ",\"classes\":[\"a\"],\"confusion\":[[-1]]", "&#39;confusion&#39; is not a square");
  char many[3003] = "", text[4096]; /* 1001 rows */
  for (size_t i = 0; i < 1001; i++) memcpy(many + 3 * i, i < 1000 ? "{}," : "{}", i < 1000 ? 3 : 2);
  const int count = snprintf(text, sizeof text,
                             "{\"format\":\"swale-evaluation 1\",\"fingerprint\":\"\",\"taus\":[%s]}", many);
  check_write(f->path, text, (size_t)count);
  draw(f, 1);
  assert_non_null(strstr(f->html, "&#39;taus&#39; is not a list of at most 1000 objects"));
  check_said(f, NO_ROWS, "", "test examples of &lt;digits&gt;: R²");
}

/* Of class a 9 of 16 are right: √(9/16) / 2 = 0.375; the 7 mistakes have the largest share, 0.5; of b 2 of 16 are
 * mistakes: √(2/7) / 2 = 0.267. */
static void a_confusion_by_hand(void **state) {
  fixture *f = *state;
  check_said(f, NO_ROWS, ",\"classes\":[\"a\",\"<b>\"],\"confusion\":[[9,7],[2,14]]", "Confusion</h3>");
  assert_non_null(strstr(f->html, "<tr><th scope=\"row\" title=\"a\">a</th><td class=\"hit\" style=\"--p:0.375\">9</td>"
                                  "<td class=\"miss\" style=\"--p:0.500\">7</td><td class=\"right\">56.2 %</td></tr>"));
  assert_non_null(strstr(
      f->html, "<th scope=\"row\" title=\"&lt;b&gt;\">&lt;b&gt;</th><td class=\"miss\" style=\"--p:0.267\">2</td>"));
  draw(f, 2);
  assert_non_null(strstr(f->html, "<details><summary>Confusion of "));
}

/* 25 classes, one example each but 3 of class 2 taken for 5 and 4 of class 7 for 1: the most frequent come first. */
static void many_classes_by_hand(void **state) {
  fixture *f = *state;
  char text[4096];
  int at = snprintf(text, sizeof text,
                    "{\"format\":\"swale-evaluation 1\",\"fingerprint\":\"\"," NO_ROWS ",\"classes\":[");
  for (int i = 0; i < 25; i++) at += snprintf(text + at, sizeof text - at, "%s\"c%d\"", i ? "," : "", i);
  at += snprintf(text + at, sizeof text - at, "],\"confusion\":[");
  for (int i = 0; i < 25; i++) {
    for (int k = 0; k < 25; k++) {
      at += snprintf(text + at, sizeof text - at, "%s%d",
                     k   ? ","
                     : i ? ",["
                         : "[",
                     i == 2 && k == 5   ? 3
                     : i == 7 && k == 1 ? 4
                                        : i == k);
    }
    at += snprintf(text + at, sizeof text - at, "]");
  }
  at += snprintf(text + at, sizeof text - at, "]}");
  assert_true(at < (int)sizeof text);
  check_write(f->path, text, (size_t)at);
  draw(f, 1);
  assert_non_null(strstr(f->html, "<tr><td>4</td><td class=\"text\">c7</td><td class=\"text\">c1</td></tr>\n"
                                  "<tr><td>3</td><td class=\"text\">c2</td><td class=\"text\">c5</td></tr>\n</tbody>"));
}

/* √(profile_tau dim) = 2: from 2 at -2 over the loss 1 at x to 2.9 at 2; the axes end at ±2 (steps of 1), 1 and 3.
 * Rows in the wrong order are put in order. */
static void a_profile_by_hand(void **state) {
  fixture *f = *state;
  check_said(f,
             "\"taus\":[],\"noise\":[],\"relative_noise\":[],\"rounding\":[],\"profile\":["
             "{\"distance\":1,\"median\":2.9},{\"distance\":-1,\"median\":2,\"lowest\":1.5,\"highest\":2.5}]",
             "", "Loss along random directions");
  assert_non_null(strstr(f->html, "class=\"line c0 s0\" d=\"M0.0 124.0 244.0 248.0 488.0 12.4\"/>"));
  assert_non_null(strstr(f->html, ">-2</text>"));
  assert_non_null(strstr(f->html, "class=\"band c7 s4\" d=\"M0.0 62.0 244.0 248.0 244.0 248.0 0.0 186.0 Z\"/>"));
}

static void the_sandwich_and_the_bits_are_told(void **state) {
  fixture *f = *state;
  check_said(
      f,
      "\"taus\":[{\"tau\":1,\"sandwich\":1},{\"tau\":2,\"sandwich\":0},{\"tau\":3,\"note\":\"few\"}],\"noise\":[],"
      "\"relative_noise\":[],\"profile\":[],\"rounding\":[{\"bits\":2,\"accuracy\":0.5,\"loss\":3},{\"bits\":8}]",
      ",\"classes\":[\"a\"],\"confusion\":[[1]]",
      "holds at 1 of 3 τ; <b>it fails at 1</b>; where an error is unknown it is not decided.");
  assert_non_null(strstr(f->html, "<p class=\"note\">τ = 3: few</p>"));
  assert_non_null(strstr(f->html, "<tr><th scope=\"row\">as they are</th><td>75.00 %</td><td>2</td></tr>\n"
                                  "<tr><th scope=\"row\">8 bits</th><td>–</td><td>–</td></tr>\n"
                                  "<tr><th scope=\"row\">2 bits</th><td>50.00 %</td><td>3</td></tr>\n"));
}

/* Every allocation refused in turn: its status, no page, no leak (teardown). */
static void memory_may_be_refused(void **state) {
  fixture *f = *state;
  const char *const folders[] = {f->folder};
  write_evaluation(f,
                   "\"taus\":[{\"tau\":1,\"heat\":1}],\"noise\":[{\"tau\":1,\"accuracy\":1}],\"relative_noise\":[],"
                   "\"rounding\":[],\"profile\":[{\"distance\":1,\"median\":2}]",
                   ",\"classes\":[\"a\"],\"confusion\":[[1]]");
  const size_t refused = check_refused_pages(&f->counting, f->context, folders, 1, f->page);
  assert_true(refused > 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_document_is_read, setup, fixture_close),
      cmocka_unit_test_setup_teardown(damage_is_named, setup, fixture_close),
      cmocka_unit_test_setup_teardown(levels_and_bands_by_hand, setup, fixture_close),
      cmocka_unit_test_setup_teardown(a_foreign_evaluation_is_a_sentence, setup, fixture_close),
      cmocka_unit_test_setup_teardown(a_confusion_by_hand, setup, fixture_close),
      cmocka_unit_test_setup_teardown(many_classes_by_hand, setup, fixture_close),
      cmocka_unit_test_setup_teardown(a_profile_by_hand, setup, fixture_close),
      cmocka_unit_test_setup_teardown(the_sandwich_and_the_bits_are_told, setup, fixture_close),
      cmocka_unit_test_setup_teardown(memory_may_be_refused, setup, fixture_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
