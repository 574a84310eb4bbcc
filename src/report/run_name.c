/* run_name.c - how is a run called on a page? */
#include "report/plot.h"
#include "report/sections.h"

void swl_report_name(swl_page *page, const swl_report *report, size_t run) {
  if (report->count > 1) swl_page_print(page, "<span class=\"run\"><i class=\"swatch c%zu\"></i>", run % SWL_COLORS);
  swl_page_text(page, report->runs[run].folder);
  if (report->count > 1) swl_page_put(page, "</span>");
}

void swl_report_columns(swl_page *page, const swl_report *report) {
  for (size_t run = 0; run < report->count; run++) {
    swl_page_put(page, "<th scope=\"col\">");
    swl_report_name(page, report, run);
    swl_page_put(page, "</th>");
  }
}
