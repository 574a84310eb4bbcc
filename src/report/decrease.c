/* decrease.c - did each update decrease the objective, as the theory promises? The option `monotone`: how often, and the
 * decreases with their bands.
 */
#include "report/plot.h"
#include "report/sections.h"
#include "train/monotone.h"

#include <math.h>
#include <string.h>

enum { DECREASE_MARKS = 200 }; /* heuristic: more lines than that would hide the curves */

static const char *const decrease_verdicts[] = {"held", "undecided", "violated"};
enum { DECREASE_VERDICTS = sizeof decrease_verdicts / sizeof *decrease_verdicts };

static int decrease_is(const swl_record *record, const char *verdict) {
  const char *text = swl_key_text(record, SWL_KEY_VERDICT);
  return text && strcmp(text, verdict) == 0;
}

static size_t decrease_count(const swl_report_run *run, const char *verdict) {
  size_t count = 0;
  for (size_t i = 0; i < run->monotone_count; i++) count += (size_t)decrease_is(run->monotone[i], verdict);
  return count;
}

static void decrease_table(swl_page *page, const swl_report *report) {
  swl_page_put(page, "<div class=\"wide\"><table><thead><tr><th>Run</th><th>Updates checked</th><th>Held</th>"
                     "<th>Undecided</th><th>Violated</th></tr></thead><tbody>\n");
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    char text[SWL_SHORT_MAX];
    if (one->monotone_count == 0) continue;
    swl_page_put(page, "<tr><th scope=\"row\">");
    swl_report_name(page, report, run);
    swl_page_print(page, "</th><td>%s</td>", swl_count_text((double)one->monotone_count, text));
    for (size_t v = 0; v < DECREASE_VERDICTS; v++) {
      const double count = (double)decrease_count(one, decrease_verdicts[v]);
      swl_page_print(page, "<td>%s (%.1f %%)</td>", swl_count_text(count, text),
                     100 * count / (double)one->monotone_count);
    }
    swl_page_put(page, "</tr>\n");
  }
  swl_page_put(page, "</tbody></table></div>\n");
}

/* The two curves of a run: the decrease with its band, and what is promised. */
static swale_status decrease_curves(swl_arena *arena, const swl_report_run *run, size_t color, swl_curve curves[2]) {
  const size_t count = run->monotone_count;
  double *x = swl_arena_take(arena, count, 4 * sizeof *x);
  if (!x) return SWALE_ERROR_MEMORY;
  double *decrease = x + count, *band = x + 2 * count, *promised = x + 3 * count;
  for (size_t i = 0; i < count; i++) {
    const swl_record *record = run->monotone[i];
    x[i] = swl_key_real(record, SWL_KEY_UPDATE);
    decrease[i] = swl_key_real(record, SWL_KEY_DECREASE);
    band[i] = MONOTONE_BAND * swl_key_real(record, SWL_KEY_DECREASE_SE);
    promised[i] = swl_key_real(record, SWL_KEY_PROMISED);
  }
  curves[0] = (swl_curve){.count = count, .x = x, .y = decrease, .error = band, .color = color};
  curves[1] = (swl_curve){.count = count, .x = x, .y = promised, .color = color, .style = 1};
  return SWALE_OK;
}

static size_t decrease_marks(const swl_report *report, swl_mark marks[DECREASE_MARKS]) {
  size_t count = 0;
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    for (size_t i = 0; i < one->monotone_count && count < DECREASE_MARKS; i++) {
      if (!decrease_is(one->monotone[i], "violated")) continue;
      marks[count++] = (swl_mark){swl_key_real(one->monotone[i], SWL_KEY_UPDATE), run};
    }
  }
  return count;
}

static swale_status decrease_figure(swl_page *page, swl_arena *arena, const swl_report *report) {
  swl_curve *curves = swl_arena_take(arena, 2 * report->count, sizeof *curves);
  swl_mark marks[DECREASE_MARKS];
  size_t count = 0;
  if (!curves) return SWALE_ERROR_MEMORY;
  for (size_t run = 0; run < report->count; run++) {
    if (report->runs[run].monotone_count == 0) continue;
    SWL_TRY(decrease_curves(arena, &report->runs[run], run, &curves[count]));
    count += 2;
  }
  const swl_plot plot = {.title = "Decrease of the objective",
                         .x_title = "updates",
                         .from_zero = 1,
                         .curve_count = count,
                         .mark_count = decrease_marks(report, marks),
                         .curves = curves,
                         .marks = marks};
  swl_page_print(
      page,
      "<div class=\"grid\"><figure><figcaption><b>Decrease of F / β by each update</b>With fresh draws on the "
      "update's batch, ± %g standard errors; dashed: what the theory promises; a vertical line: a violation "
      "(the first %d).</figcaption>",
      MONOTONE_BAND, DECREASE_MARKS);
  if (!swl_plot_draw(page, &plot, "update")) swl_page_put(page, "<p class=\"note\">No decrease is a number.</p>");
  swl_page_put(page, "</figure></div>\n");
  return SWALE_OK;
}

swale_status swl_report_decrease(swl_page *page, swl_arena *arena, const swl_report *report) {
  size_t checked = 0;
  for (size_t run = 0; run < report->count; run++) checked += report->runs[run].monotone_count;
  if (checked == 0) return SWALE_OK;
  swl_page_put(page, "<section id=\"decrease\"><h2>Did the objective decrease?</h2>\n");
  decrease_table(page, report);
  SWL_TRY(decrease_figure(page, arena, report));
  swl_page_put(page, "</section>\n");
  return SWALE_OK;
}
