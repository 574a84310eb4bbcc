/* seeds.c - how much does the seed matter? Runs of one configuration, which differ in their seeds only, as a group: the median of
 * each number, and its range.
 */
#include "report/sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS_MOST = 64 }; /* runs of a group that are looked at */

typedef struct seeds_column {
  const char *title;
  swl_record_key key; /* of the final record */
  int percent;
} seeds_column;

static const seeds_column seeds_columns[] = {
    {"Test accuracy", SWL_KEY_TEST_ACCURACY, 1}, {"Test R²", SWL_KEY_TEST_R2, 0},
    {"Test loss", SWL_KEY_TEST_LOSS, 0},         {"Validation accuracy", SWL_KEY_VALIDATION_ACCURACY, 1},
    {"Validation R²", SWL_KEY_VALIDATION_R2, 0}, {"Validation loss", SWL_KEY_VALIDATION_LOSS, 0},
    {"Training time, s", SWL_KEY_SECONDS, 0},
};

enum { SEEDS_COLUMNS = sizeof seeds_columns / sizeof *seeds_columns };

/* 1 if the runs have the same options but for their seeds. */
static int seeds_are_one(const swl_report_run *one, const swl_report_run *other) {
  if (!one->resolved || !other->resolved || !one->final || !other->final) return 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *name = swale_option_name(info);
    if (!swl_option_changes_results(info) || strcmp(name, "seed") == 0 || strcmp(name, "split-seed") == 0) continue;
    if (!swl_report_same_option(one, other, i)) return 0;
  }
  return 1;
}

/* The runs of the group that begins with `first`; 0 if it began before. */
static size_t seeds_group(const swl_report *report, size_t first, size_t runs[SEEDS_MOST]) {
  size_t count = 0;
  for (size_t run = 0; run < report->count && count < SEEDS_MOST; run++) {
    if (run != first && !seeds_are_one(&report->runs[first], &report->runs[run])) continue;
    if (run < first) return 0;
    runs[count++] = run;
  }
  return count;
}

static int seeds_order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void seeds_cell(swl_page *page, const swl_report *report, const seeds_column *column,
                       const size_t runs[SEEDS_MOST], size_t count) {
  double values[SEEDS_MOST];
  char text[3][SWL_SHORT_MAX];
  size_t known = 0;
  for (size_t i = 0; i < count; i++) {
    const double value = swl_report_final(&report->runs[runs[i]], column->key);
    if (isfinite(value)) values[known++] = value * (column->percent ? 100 : 1);
  }
  if (known == 0) {
    swl_page_put(page, "<td>–</td>");
    return;
  }
  qsort(values, known, sizeof *values, seeds_order);
  const double median = (values[(known - 1) / 2] + values[known / 2]) / 2;
  swl_page_print(page, "<td>%s%s (%s to %s)</td>", swl_short_text(median, text[0]), column->percent ? " %" : "",
                 swl_short_text(values[0], text[1]), swl_short_text(values[known - 1], text[2]));
}

/* 1 if a run has the number. */
static int seeds_has(const swl_report *report, const seeds_column *column) {
  int any = 0;
  for (size_t run = 0; run < report->count; run++) any |= isfinite(swl_report_final(&report->runs[run], column->key));
  return any;
}

static void seeds_head(swl_page *page, const swl_report *report) {
  swl_page_put(page,
               "<h3>Seeds of one configuration</h3>\n<p class=\"note\">Median, and from the least to the largest.</p>\n"
               "<div class=\"wide\"><table><thead><tr><th class=\"text\">Runs</th>");
  for (size_t i = 0; i < SEEDS_COLUMNS; i++) {
    if (seeds_has(report, &seeds_columns[i])) swl_page_print(page, "<th scope=\"col\">%s</th>", seeds_columns[i].title);
  }
  swl_page_put(page, "</tr></thead><tbody>\n");
}

void swl_report_seeds(swl_page *page, const swl_report *report) {
  size_t runs[SEEDS_MOST], groups = 0;
  for (size_t first = 0; first < report->count; first++) {
    const size_t count = seeds_group(report, first, runs);
    if (count < 2) continue;
    if (groups++ == 0) seeds_head(page, report);
    swl_page_print(page, "<tr><th scope=\"row\" class=\"names\">%zu: ", count);
    for (size_t i = 0; i < count; i++) {
      if (i) swl_page_put(page, ", ");
      swl_report_name(page, report, runs[i]);
    }
    swl_page_put(page, "</th>");
    for (size_t i = 0; i < SEEDS_COLUMNS; i++) {
      if (seeds_has(report, &seeds_columns[i])) seeds_cell(page, report, &seeds_columns[i], runs, count);
    }
    swl_page_put(page, "</tr>\n");
  }
  if (groups) swl_page_put(page, "</tbody></table></div>\n");
}
