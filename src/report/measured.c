/* measured.c - what did swale evaluate find out about the model? Sentences and tables; figures are in around.c. */
#include "report/sections.h"

#include <math.h>
#include <string.h>

static void measured_begin(swl_page *page, const swl_report *report, size_t run, const char *style) {
  swl_page_print(page, "<p%s>", style);
  if (report->count < 2) return;
  swl_report_name(page, report, run);
  swl_page_put(page, ": ");
}

/* 97.82 %, or 0.9782 of R². */
static void measured_score(swl_page *page, const swl_report_run *run, const swl_json_value *row) {
  char text[SWL_SHORT_MAX];
  const int classes = swl_report_measured_classes(run);
  const double score = swl_key_number(row, classes ? SWL_KEY_ACCURACY : SWL_KEY_R2);
  if (classes && isfinite(score)) {
    swl_page_print(page, "%.2f %%", 100 * score);
  } else {
    swl_page_put(page, swl_short_text(score, text));
  }
}

/* The sandwich: at how many τ does it hold? */
static void measured_sandwich(swl_page *page, const swl_json_value *rows) {
  size_t holds = 0, fails = 0;
  for (size_t i = 0; i < rows->count; i++) {
    const double sandwich = swl_key_number(&rows->items[i], SWL_KEY_SANDWICH);
    holds += sandwich > 0;
    fails += sandwich <= 0;
  }
  if (rows->count == 0) return;
  swl_page_print(page, "Per example ≤ local entropy ≤ heat, within three standard errors, holds at %zu of %zu τ", holds,
                 rows->count);
  if (fails) swl_page_print(page, "; <b>it fails at %zu</b>", fails);
  if (holds + fails < rows->count) swl_page_put(page, "; where an error is unknown it is not decided");
  swl_page_put(page, ".");
}

/* Why a local entropy is not to be relied on. */
static void measured_notes(swl_page *page, const swl_report *report, size_t run) {
  const swl_json_value *rows = swl_report_section(&report->runs[run], SWL_KEY_TAUS);
  for (size_t i = 0; i < rows->count; i++) {
    const char *note = swl_key_string(&rows->items[i], SWL_KEY_NOTE);
    char text[SWL_SHORT_MAX];
    if (!note || !*note) continue;
    measured_begin(page, report, run, " class=\"note\"");
    swl_page_print(page, "τ = %s: ", swl_short_text(swl_key_number(&rows->items[i], SWL_KEY_TAU), text));
    swl_page_text(page, note);
    swl_page_put(page, "</p>\n");
  }
}

/* What was measured, on what: "10,000 test examples of mnist: accuracy 97.82 %, loss 0.07169. …" */
static void measured_lead(swl_page *page, const swl_report *report, size_t run) {
  const swl_report_run *one = &report->runs[run];
  const swl_json_value *measured = one->measured;
  const char *data = swl_key_string(measured, SWL_KEY_DATA), *split = swl_key_string(measured, SWL_KEY_SPLIT);
  char text[3][SWL_SHORT_MAX];
  measured_begin(page, report, run, "");
  swl_page_print(page, "%s ", swl_count_text(swl_key_number(measured, SWL_KEY_EXAMPLES), text[0]));
  if (split && strcmp(split, swl_word_text(SWL_EXAMPLES_ALL)) != 0) {
    swl_page_text(page, split);
    swl_page_put(page, " ");
  }
  swl_page_put(page, split ? "examples of " : "examples, of a split that is not known, of ");
  swl_page_text(page, data ? data : "unknown data");
  swl_page_print(page, ": %s ", swl_report_measured_classes(one) ? "accuracy" : "R²");
  measured_score(page, one, measured);
  swl_report_numbers(page, measured);
  swl_page_print(page, ", loss %s. ", swl_short_text(swl_key_number(measured, SWL_KEY_LOSS), text[0]));
  const double subset = swl_key_number(measured, SWL_KEY_SUBSET), examples = swl_key_number(measured, SWL_KEY_EXAMPLES);
  swl_page_print(page, "Around x: %s of them, %s draws for each τ, β&nbsp;=&nbsp;%s; ",
                 subset == examples ? "all" : swl_count_text(subset, text[0]),
                 swl_count_text(swl_key_number(measured, SWL_KEY_SAMPLES), text[1]),
                 swl_short_text(swl_key_number(measured, SWL_KEY_BETA), text[2]));
  swl_page_print(page, "root mean square of the parameters %s. ",
                 swl_short_text(swl_key_number(measured, SWL_KEY_ROOT_MEAN_SQUARE), text[0]));
  measured_sandwich(page, swl_report_section(one, SWL_KEY_TAUS));
  swl_page_put(page, "</p>\n");
  measured_notes(page, report, run);
}

static void measured_estimate(swl_page *page, const swl_json_value *row, swl_record_key key, swl_record_key error) {
  char text[2][SWL_SHORT_MAX];
  swl_page_print(page, "<td>%s ± %s</td>", swl_short_text(swl_key_number(row, key), text[0]),
                 swl_short_text(swl_key_number(row, error), text[1]));
}

/* The numbers of the first figure. */
static void measured_numbers(swl_page *page, const swl_report *report, size_t run) {
  const swl_json_value *rows = swl_report_section(&report->runs[run], SWL_KEY_TAUS);
  int tempered = 0;
  if (rows->count == 0) return;
  swl_page_put(page, "<details><summary>Local entropy and heat of ");
  swl_report_name(page, report, run);
  swl_page_put(page, " in numbers</summary><div class=\"wide\"><table><thead><tr><th scope=\"col\">τ</th><th "
                     "scope=\"col\">per example</th><th scope=\"col\">local entropy F<sub>LE</sub> / β</th><th "
                     "scope=\"col\">heat F<sub>H</sub></th><th scope=\"col\">ESS</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < rows->count; i++) {
    const swl_json_value *row = &rows->items[i];
    char text[SWL_SHORT_MAX];
    const int here = swl_key_number(row, SWL_KEY_TEMPERED) > 0;
    tempered |= here;
    swl_page_print(page, "<tr><th scope=\"row\">%s%s</th>", swl_short_text(swl_key_number(row, SWL_KEY_TAU), text),
                   here ? " *" : "");
    measured_estimate(page, row, SWL_KEY_PER_EXAMPLE, SWL_KEY_PER_EXAMPLE_SE);
    measured_estimate(page, row, SWL_KEY_LOCAL_ENTROPY, SWL_KEY_LOCAL_ENTROPY_SE);
    measured_estimate(page, row, SWL_KEY_HEAT, SWL_KEY_HEAT_SE);
    swl_page_print(page, "<td>%s</td></tr>\n", swl_short_text(swl_key_number(row, SWL_KEY_ESS), text));
  }
  swl_page_print(page, "</tbody></table></div>%s</details>\n",
                 tempered ? "<p class=\"note\">* Local entropy by the tempered sampler.</p>" : "");
}

/* The row of a run for that many bits; NULL if there is none. */
static const swl_json_value *measured_rounded(const swl_report_run *run, double bits) {
  const swl_json_value *rows = run->measured ? swl_report_section(run, SWL_KEY_ROUNDING) : NULL;
  for (size_t i = 0; rows && i < rows->count; i++) {
    if (swl_key_number(&rows->items[i], SWL_KEY_BITS) == bits) return &rows->items[i];
  }
  return NULL;
}

/* The most bits below `most` that a run was rounded to; 0 if there are none. */
static double measured_next_bits(const swl_report *report, double most) {
  double next = 0;
  for (size_t run = 0; run < report->count; run++) {
    const swl_json_value *rows = report->runs[run].measured ? swl_report_section(&report->runs[run], SWL_KEY_ROUNDING)
                                                            : NULL;
    for (size_t i = 0; rows && i < rows->count; i++) {
      const double bits = swl_key_number(&rows->items[i], SWL_KEY_BITS);
      if (bits < most && bits > next) next = bits;
    }
  }
  return next;
}

/* A line of the table: for each run its score, and for a single one its loss too. bits = INFINITY: as it is. */
static void measured_rounding_line(swl_page *page, const swl_report *report, double bits) {
  char text[SWL_SHORT_MAX];
  if (isfinite(bits)) {
    swl_page_print(page, "<tr><th scope=\"row\">%s bits</th>", swl_short_text(bits, text));
  } else {
    swl_page_put(page, "<tr><th scope=\"row\">as they are</th>");
  }
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    const swl_json_value *row = isfinite(bits) ? measured_rounded(one, bits) : one->measured;
    swl_page_put(page, "<td>");
    if (row) measured_score(page, one, row);
    swl_page_print(page, "%s</td>", row ? "" : "–");
    if (report->count > 1 || !row) continue;
    swl_page_print(page, "<td>%s</td>", swl_short_text(swl_key_number(row, SWL_KEY_LOSS), text));
  }
  swl_page_put(page, "</tr>\n");
}

static void measured_rounding(swl_page *page, const swl_report *report) {
  double bits = measured_next_bits(report, INFINITY);
  if (bits <= 0) return;
  swl_page_put(page, "<h3>Weights rounded to k bits</h3>\n<p class=\"note\">Multiples of the layer's max |w| / "
                     "(2<sup>k−1</sup> − 1); biases as they are.</p>\n<div class=\"wide\"><table><thead><tr><td></td>");
  if (report->count > 1) swl_report_columns(page, report);
  if (report->count == 1) {
    swl_page_print(page, "<th scope=\"col\">%s</th><th scope=\"col\">loss</th>",
                   swl_report_measured_classes(&report->runs[0]) ? "accuracy" : "R²");
  }
  swl_page_put(page, "</tr></thead><tbody>\n");
  measured_rounding_line(page, report, INFINITY);
  while (bits > 0) {
    measured_rounding_line(page, report, bits);
    bits = measured_next_bits(report, bits);
  }
  swl_page_put(page, "</tbody></table></div>\n");
}

swale_status swl_report_measured(swl_page *page, swl_arena *arena, const swl_report *report) {
  size_t measured = 0, gone = 0;
  for (size_t run = 0; run < report->count; run++) {
    measured += report->runs[run].measured != NULL;
    gone += report->runs[run].measured_gone != NULL;
  }
  if (measured + gone == 0) return SWALE_OK;
  swl_page_put(page, "<section id=\"evaluation\"><h2>Evaluation</h2>\n");
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    if (one->measured) measured_lead(page, report, run);
    if (!one->measured_gone) continue;
    measured_begin(page, report, run, " class=\"note\"");
    swl_page_text(page, one->measured_gone);
    swl_page_put(page, "</p>\n");
  }
  if (measured) SWL_TRY(swl_report_around(page, arena, report));
  for (size_t run = 0; run < report->count; run++) {
    if (report->runs[run].measured) measured_numbers(page, report, run);
  }
  measured_rounding(page, report);
  for (size_t run = 0; run < report->count; run++) {
    if (!report->runs[run].measured) continue;
    swl_report_classes(page, report, run);
    swl_report_confusion(page, report, run);
  }
  swl_page_put(page, "</section>\n");
  return SWALE_OK;
}
