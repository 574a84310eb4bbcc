/* settings.c - which options did the runs have, and in which do they differ? */
#include "report/sections.h"

#include "options/table.h"

/* The value as the run used it; "–" where nothing says it. */
static void settings_cell(swl_page *page, const swl_report_run *run, size_t option) {
  char text[SWL_TEXT_MAX];
  if (swl_used_text(&run->used, option, text)) {
    swl_page_put(page, "<td>");
    swl_page_text(page, *text ? text : "(empty)");
  } else {
    swl_page_put(page, run->used.use[option] == SWL_USE_NONE ? "<td class=\"weak\">of no effect" : "<td>–");
  }
  swl_page_put(page, "</td>");
}

void swl_report_differences(swl_page *page, const swl_report *report) {
  size_t rows = 0;
  for (size_t i = 0; (i = swl_report_difference(report, i)) < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (rows++ == 0) {
      swl_page_print(page,
                     "<tr><th scope=\"rowgroup\" colspan=\"%zu\"><b>Options in which the runs differ, as "
                     "they were used</b></th></tr>\n",
                     report->count + 1);
    }
    swl_page_print(page, "<tr><th scope=\"row\" title=\"%s\">%s</th>", info->group, swale_option_name(info));
    for (size_t run = 0; run < report->count; run++) settings_cell(page, &report->runs[run], i);
    swl_page_put(page, "</tr>\n");
  }
}

/* 1 if the run used the option's default, however that is written. */
static int settings_is_default(const swl_page *page, const swl_report_run *run, size_t option) {
  const swale_option_info *info = swale_option_at(option);
  _Alignas(16) char value[SWL_TEXT_MAX]; /* any type of option */
  if (run->used.use[option] != SWL_USE_VALUE) return 1;
  return swl_value_parse(page->context, info, swale_option_default(info), value) == SWALE_OK &&
         swl_value_equal(info, value, (const char *)&run->used.settings + info->offset);
}

/* One run: what was not left at its default, what automatic options became, and what did not apply. */
static void settings_changed(swl_page *page, const swl_report *report) {
  const swl_report_run *run = &report->runs[0];
  size_t rows = 0, none = 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (settings_is_default(page, run, i)) continue;
    if (rows++ == 0) {
      swl_page_put(page,
                   "<p>Options that are not at their defaults, or were automatic.</p>\n<div class=\"wide\"><table>"
                   "<thead><tr><td></td><th>used</th><th>default</th></tr></thead><tbody>\n");
    }
    swl_page_print(page, "<tr><th scope=\"row\">%s</th>", swale_option_name(info));
    settings_cell(page, run, i);
    swl_page_put(page, "<td class=\"weak\">");
    swl_page_text(page, *swale_option_default(info) ? swale_option_default(info) : "(empty)");
    swl_page_put(page, "</td></tr>\n");
  }
  if (rows) swl_page_put(page, "</tbody></table></div>\n");
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (run->used.use[i] != SWL_USE_NONE || !swl_option_changes_results(info)) continue;
    swl_page_print(page, "%s%s",
                   none++ ? ", " : "<p class=\"note\">Of no effect in this run: ", swale_option_name(info));
  }
  if (none) swl_page_put(page, ".</p>\n");
}

/* Several runs: the options are with the results. */
static void settings_compared(swl_page *page, const swl_report *report) {
  swl_page_put(page, swl_report_difference(report, 0) < SWL_OPTION_COUNT
                         ? "<p>The options in which the runs differ are in the table of the results.</p>\n"
                         : "<p>The runs have the same options.</p>\n");
}

void swl_report_settings(swl_page *page, const swl_report *report) {
  size_t known = 0;
  for (size_t run = 0; run < report->count; run++) {
    known += report->runs[run].config != NULL || report->runs[run].resolved;
  }
  if (known == 0) return;
  swl_page_put(page, "<section id=\"configuration\"><h2>Configuration</h2>\n");
  if (report->count > 1) {
    settings_compared(page, report);
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
