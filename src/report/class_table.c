/* class_table.c - how good are the answers, class by class? And in a few numbers: what train/measures.c has measured. */
#include "report/sections.h"

#include <math.h>

enum { CLASS_TABLE_MOST = 100 }; /* rows of the table */

static void class_table_share(swl_page *page, double share) {
  if (isfinite(share)) {
    swl_page_print(page, "<td>%.1f %%</td>", 100 * share);
  } else {
    swl_page_put(page, "<td>–</td>");
  }
}

static void class_table_row(swl_page *page, const swl_json_value *of, double support) {
  char text[SWL_SHORT_MAX];
  class_table_share(page, swl_key_number(of, SWL_KEY_PRECISION));
  class_table_share(page, swl_key_number(of, SWL_KEY_RECALL));
  swl_page_print(page, "<td>%s</td>", swl_short_text(swl_key_number(of, SWL_KEY_F1), text));
  swl_page_print(page, "<td>%s</td></tr>\n", swl_count_text(support, text));
}

void swl_report_numbers(swl_page *page, const swl_json_value *measured) {
  static const struct {
    swl_record_key key;
    const char *title;
    int percent;
  } shown[] = {{SWL_KEY_BALANCED_ACCURACY, "balanced accuracy", 1},
               {SWL_KEY_F1, "mean F1", 0},
               {SWL_KEY_ROC_AUC, "ROC AUC", 0},
               {SWL_KEY_RMSE, "RMSE", 0},
               {SWL_KEY_MAE, "MAE", 0}};
  char text[SWL_SHORT_MAX];
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
    const double value = swl_key_number(measured, shown[i].key);
    if (!isfinite(value)) continue;
    if (shown[i].percent)
      swl_page_print(page, ", %s %.2f %%", shown[i].title, 100 * value);
    else
      swl_page_print(page, ", %s %s", shown[i].title, swl_short_text(value, text));
  }
}

void swl_report_classes(swl_page *page, const swl_report *report, size_t run) {
  const swl_json_value *measured = report->runs[run].measured, *names = swl_key_member(measured, SWL_KEY_CLASSES);
  const swl_json_value *of = swl_key_member(measured, SWL_KEY_BY_CLASS);
  if (!names || !of || of->type != SWL_JSON_LIST || of->count != names->count || of->count == 0) return;
  swl_page_put(page, "<details open><summary>Each class");
  if (report->count > 1) {
    swl_page_put(page, " of ");
    swl_report_name(page, report, run);
  }
  swl_page_put(page, "</summary>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\" class=\"text\">class</th>"
                     "<th scope=\"col\">precision</th><th scope=\"col\">recall</th><th scope=\"col\">F1</th>"
                     "<th scope=\"col\">examples</th></tr></thead><tbody>\n");
  for (size_t k = 0; k < of->count && k < CLASS_TABLE_MOST; k++) {
    swl_page_put(page, "<tr><th scope=\"row\">");
    swl_page_text(page, names->items[k].text);
    swl_page_put(page, "</th>");
    class_table_row(page, &of->items[k], swl_key_number(&of->items[k], SWL_KEY_SUPPORT));
  }
  swl_page_put(page, "<tr><th scope=\"row\">mean</th>");
  class_table_row(page, measured, swl_key_number(measured, SWL_KEY_EXAMPLES));
  swl_page_put(page, "</tbody></table></div>");
  if (of->count > CLASS_TABLE_MOST) {
    swl_page_print(page, "<p class=\"note\">The first %d of %zu classes; evaluation.json has all.</p>",
                   CLASS_TABLE_MOST, of->count);
  }
  swl_page_put(page, "</details>\n");
}
