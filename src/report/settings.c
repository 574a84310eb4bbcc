/* settings.c - which options did the runs have, and in which do they differ? */
#include "report/report_parts.h"

#include "options/table.h"

#include <string.h>

static const void *settings_value(const swl_report_run *run, const swale_option_info *info) {
  return (const char *)&run->settings + info->offset;
}

/* The value as the run used it; "–" where its configuration is missing or cannot work. */
static void settings_cell(swl_page *page, const swl_report_run *run, const swale_option_info *info) {
  char text[SWL_TEXT_MAX] = "–";
  if (run->resolved) swl_value_text(info, settings_value(run, info), text);
  swl_page_put(page, "<td>");
  swl_page_text(page, *text ? text : "(empty)");
  swl_page_put(page, "</td>");
}

static int settings_differ(const swl_report *report, const swale_option_info *info) {
  const swl_report_run *first = NULL;
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    if (!one->resolved) continue;
    if (!first) first = one;
    if (!swl_value_equal(info, settings_value(first, info), settings_value(one, info))) return 1;
  }
  return 0;
}

static void settings_differences(swl_page *page, const swl_report *report) {
  size_t rows = 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (!settings_differ(report, info)) continue;
    if (rows++ == 0) {
      swl_page_put(page, "<p>Options in which the runs differ, as they were used: nothing is automatic any more.</p>\n"
                         "<div class=\"wide\"><table><thead><tr><td></td>");
      for (size_t run = 0; run < report->count; run++) {
        swl_page_put(page, "<th scope=\"col\">");
        swl_report_name(page, report, run);
        swl_page_put(page, "</th>");
      }
      swl_page_put(page, "</tr></thead><tbody>\n");
    }
    swl_page_print(page, "<tr><th scope=\"row\" title=\"%s\">%s</th>", info->group, swale_option_name(info));
    for (size_t run = 0; run < report->count; run++) settings_cell(page, &report->runs[run], info);
    swl_page_put(page, "</tr>\n");
  }
  swl_page_put(page, rows ? "</tbody></table></div>\n" : "<p>The runs have the same options.</p>\n");
}

/* One run: what was not left at its default, and what automatic options became. */
static void settings_changed(swl_page *page, const swl_report *report) {
  const swl_report_run *run = &report->runs[0];
  size_t rows = 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT && run->resolved; i++) {
    const swale_option_info *info = swale_option_at(i);
    char text[SWL_TEXT_MAX];
    swl_value_text(info, settings_value(run, info), text);
    if (strcmp(text, swale_option_default(info)) == 0) continue;
    if (rows++ == 0) {
      swl_page_put(page,
                   "<p>Options that are not at their defaults, or were automatic.</p>\n<div class=\"wide\"><table>"
                   "<thead><tr><td></td><th>used</th><th>default</th></tr></thead><tbody>\n");
    }
    swl_page_print(page, "<tr><th scope=\"row\">%s</th>", swale_option_name(info));
    settings_cell(page, run, info);
    swl_page_put(page, "<td class=\"weak\">");
    swl_page_text(page, *swale_option_default(info) ? swale_option_default(info) : "(empty)");
    swl_page_put(page, "</td></tr>\n");
  }
  if (rows) swl_page_put(page, "</tbody></table></div>\n");
}

void swl_report_settings(swl_page *page, const swl_report *report) {
  size_t known = 0;
  for (size_t run = 0; run < report->count; run++) known += report->runs[run].config != NULL;
  if (known == 0) return;
  swl_page_put(page, "<section id=\"configuration\"><h2>Configuration</h2>\n");
  if (report->count > 1) {
    settings_differences(page, report);
  } else {
    settings_changed(page, report);
  }
  for (size_t run = 0; run < report->count; run++) {
    if (!report->runs[run].config) continue;
    swl_page_put(page, "<details><summary>config.conf of ");
    swl_report_name(page, report, run);
    swl_page_put(page, "</summary><pre>");
    swl_page_text(page, report->runs[run].config);
    swl_page_put(page, "</pre></details>\n");
  }
  swl_page_put(page, "</section>\n");
}
