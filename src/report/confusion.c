/* confusion.c - which classes are taken for which? A shaded table, or, of many classes, the most frequent mistakes.
 *
 * The shade of a cell is a layer behind its number, of opacity CONFUSION_INK √share: of the examples of the class on the
 * diagonal, and beside it in units of the largest share there, so that the mistakes of a good model are seen too. The
 * number stays readable on a bright and a dark ground.
 */
#include "report/sections.h"

#include <math.h>

enum { CONFUSION_CLASSES = 24, CONFUSION_MISTAKES = 12 };

#define CONFUSION_INK 0.5

static double confusion_at(const swl_json_value *matrix, size_t label, size_t predicted) {
  return matrix->items[label].items[predicted].number;
}

static double confusion_examples(const swl_json_value *matrix, size_t label) {
  double sum = 0;
  for (size_t k = 0; k < matrix->count; k++) sum += confusion_at(matrix, label, k);
  return sum;
}

/* The largest share of the examples of a class that are taken for one other class. */
static double confusion_worst(const swl_json_value *matrix) {
  double worst = 0;
  for (size_t label = 0; label < matrix->count; label++) {
    const double all = confusion_examples(matrix, label);
    for (size_t k = 0; k < matrix->count && all > 0; k++) {
      if (k != label) worst = fmax(worst, confusion_at(matrix, label, k) / all);
    }
  }
  return worst;
}

static void confusion_row(swl_page *page, const swl_json_value *names, const swl_json_value *matrix, size_t label,
                          double worst) {
  const double all = confusion_examples(matrix, label);
  char text[SWL_SHORT_MAX];
  swl_page_put(page, "<tr><th scope=\"row\" title=\"");
  swl_page_text(page, names->items[label].text);
  swl_page_put(page, "\">");
  swl_page_text(page, names->items[label].text);
  swl_page_put(page, "</th>");
  for (size_t k = 0; k < matrix->count; k++) {
    const double here = confusion_at(matrix, label, k);
    if (here > 0) {
      swl_page_print(page, "<td class=\"%s\" style=\"--p:%.3f\">%s</td>", k == label ? "hit" : "miss",
                     CONFUSION_INK * sqrt(here / all / (k == label ? 1 : worst)), swl_count_text(here, text));
    } else {
      swl_page_put(page, "<td class=\"weak\">·</td>");
    }
  }
  if (all > 0) {
    swl_page_print(page, "<td class=\"right\">%.1f %%</td></tr>\n", 100 * confusion_at(matrix, label, label) / all);
  } else {
    swl_page_put(page, "<td class=\"right\">–</td></tr>\n");
  }
}

static void confusion_table(swl_page *page, const swl_json_value *names, const swl_json_value *matrix) {
  swl_page_put(page, "<p class=\"note\">A row per class, a column per answer; right: the share of the row on the "
                     "diagonal.</p>\n<div class=\"wide\"><table class=\"confusion\"><thead><tr><td></td>");
  for (size_t k = 0; k < names->count; k++) {
    swl_page_put(page, "<th scope=\"col\" title=\"");
    swl_page_text(page, names->items[k].text);
    swl_page_put(page, "\">");
    swl_page_text(page, names->items[k].text);
    swl_page_put(page, "</th>");
  }
  swl_page_put(page, "<th scope=\"col\">right</th></tr></thead><tbody>\n");
  const double worst = confusion_worst(matrix);
  for (size_t label = 0; label < matrix->count; label++) confusion_row(page, names, matrix, label, worst);
  swl_page_put(page, "</tbody></table></div>\n");
}

/* The largest count off the diagonal that comes after `last` in the order by count, then by place; 0 if there is none. */
static double confusion_next(const swl_json_value *matrix, double last, size_t *place) {
  const size_t after = *place, side = matrix->count;
  double most = 0;
  for (size_t i = 0; i < side * side; i++) {
    const double here = confusion_at(matrix, i / side, i % side);
    const int follows = here < last || (here == last && i > after);
    if (i / side == i % side || !follows || here <= most) continue;
    most = here;
    *place = i;
  }
  return most;
}

static void confusion_mistakes(swl_page *page, const swl_json_value *names, const swl_json_value *matrix) {
  double count = INFINITY;
  size_t place = 0;
  swl_page_print(page,
                 "<p class=\"note\">The most frequent confusions of %zu classes.</p>\n<div class=\"wide\"><table>"
                 "<thead><tr><th>examples</th><th class=\"text\">of class</th><th class=\"text\">taken for</th>"
                 "</tr></thead><tbody>\n",
                 names->count);
  for (int shown = 0; shown < CONFUSION_MISTAKES && (count = confusion_next(matrix, count, &place)) > 0; shown++) {
    char text[SWL_SHORT_MAX];
    swl_page_print(page, "<tr><td>%s</td><td class=\"text\">", swl_count_text(count, text));
    swl_page_text(page, names->items[place / matrix->count].text);
    swl_page_put(page, "</td><td class=\"text\">");
    swl_page_text(page, names->items[place % matrix->count].text);
    swl_page_put(page, "</td></tr>\n");
  }
  swl_page_put(page, "</tbody></table></div>\n");
}

void swl_report_confusion(swl_page *page, const swl_report *report, size_t run) {
  const swl_json_value *names = swl_key_member(report->runs[run].measured, SWL_KEY_CLASSES);
  const swl_json_value *matrix = swl_key_member(report->runs[run].measured, SWL_KEY_CONFUSION);
  if (!names || names->count == 0) return;
  if (report->count > 1) {
    swl_page_put(page, "<details><summary>Confusion of ");
    swl_report_name(page, report, run);
    swl_page_put(page, "</summary>\n");
  } else {
    swl_page_put(page, "<h3>Confusion</h3>\n");
  }
  if (names->count <= CONFUSION_CLASSES) {
    confusion_table(page, names, matrix);
  } else {
    confusion_mistakes(page, names, matrix);
  }
  if (report->count > 1) swl_page_put(page, "</details>\n");
}
