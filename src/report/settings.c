/* settings.c - which options did the runs have, and in which do they differ? */
#include "report/report_parts.h"

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

int swl_report_same_option(const swl_report_run *one, const swl_report_run *other, size_t option) {
  const swale_option_info *info = swale_option_at(option);
  const swl_used *a = &one->used, *b = &other->used;
  if (a->use[option] != b->use[option]) return 0;
  return a->use[option] != SWL_USE_VALUE ||
         swl_value_equal(info, (const char *)&a->settings + info->offset, (const char *)&b->settings + info->offset);
}

/* Where and how a run ran is not what makes it another. */
static int settings_differ(const swl_report *report, size_t option) {
  const swl_report_run *first = NULL;
  if (!swl_option_changes_results(swale_option_at(option))) return 0;
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *next = &report->runs[run];
    if (!next->resolved) continue;
    if (!first) first = next;
    if (!swl_report_same_option(first, next, option)) return 1;
  }
  return 0;
}

static void settings_differences(swl_page *page, const swl_report *report) {
  size_t rows = 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (!settings_differ(report, i)) continue;
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
    for (size_t run = 0; run < report->count; run++) settings_cell(page, &report->runs[run], i);
    swl_page_put(page, "</tr>\n");
  }
  swl_page_put(page, rows ? "</tbody></table></div>\n" : "<p>The runs have the same options.</p>\n");
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

void swl_report_settings(swl_page *page, const swl_report *report) {
  size_t known = 0;
  for (size_t run = 0; run < report->count; run++) {
    known += report->runs[run].config != NULL || report->runs[run].resolved;
  }
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
