/* report.c - swale_report_write: (1) read every folder; (2) draw the page in memory; (3) write it beside, and rename. */
#include <swale/report.h>

#include "base/locale.h"
#include "files/output.h"
#include "report/load.h"
#include "report/sections.h"

#include <math.h>
#include <string.h>

/* "784-256-10 on digits by heat, importance, adam": what the final record knows. */
static void report_lead(swl_page *page, const swl_report_run *run) {
  static const swl_record_key names[] = {SWL_KEY_REGULARIZER, SWL_KEY_SAMPLER, SWL_KEY_NOISE, SWL_KEY_OPTIMIZER};
  char text[SWL_SHORT_MAX];
  if (!run->final) return;
  const char *model = swl_key_text(run->final, SWL_KEY_MODEL), *data = swl_key_text(run->final, SWL_KEY_DATA);
  swl_page_text(page, model ? model : "a network");
  swl_page_print(page, " (%s parameters) on ", swl_count_text(swl_report_final(run, SWL_KEY_DIM), text));
  swl_page_text(page, data ? data : "unknown data");
  swl_page_put(page, ": ");
  for (size_t i = 0, said = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = swl_key_text(run->final, names[i]);
    if (!value) continue;
    swl_page_print(page, "%s%s ", said++ ? ", " : "", swl_key_name(names[i]));
    swl_page_text(page, value);
  }
  swl_page_put(page, ".");
}

static void report_head(swl_page *page, const swl_report *report) {
  swl_page_put(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                     "content=\"width=device-width,initial-scale=1\">\n<title>Swale: ");
  for (size_t run = 0; run < report->count; run++) {
    if (run) swl_page_put(page, ", ");
    swl_page_text(page, report->runs[run].folder);
  }
  swl_page_put(page, "</title>\n<style>\n");
  for (size_t i = 0; swl_report_style[i]; i++) swl_page_put(page, swl_report_style[i]);
  swl_page_put(page, "</style>\n</head>\n<body>\n<main>\n<header><h1>");
  if (report->count == 1) {
    swl_page_put(page, "Run ");
    swl_page_text(page, report->runs[0].folder);
    swl_page_put(page, "</h1>\n<p class=\"lead\">");
    report_lead(page, &report->runs[0]);
    swl_page_put(page, "</p></header>\n");
    return;
  }
  swl_page_print(page, "%zu runs compared</h1>\n", report->count);
  for (size_t run = 0; run < report->count; run++) {
    swl_page_put(page, "<p class=\"lead\">");
    swl_report_name(page, report, run);
    swl_page_put(page, " ");
    report_lead(page, &report->runs[run]);
    swl_page_put(page, "</p>\n");
  }
  swl_page_put(page, "</header>\n");
}

/* (2) */
static swale_status report_draw(swl_page *page, swl_arena *arena, const swl_report *report) {
  report_head(page, report);
  swl_report_results(page, report);
  swl_report_advice(page, report);
  SWL_TRY(swl_report_curves(page, arena, report));
  SWL_TRY(swl_report_decrease(page, arena, report));
  SWL_TRY(swl_report_measured(page, arena, report));
  SWL_TRY(swl_report_weights(page, arena, report));
  swl_report_settings(page, report);
  swl_page_print(page, "<footer>Made by swale report, version %s.</footer>\n</main>\n</body>\n</html>\n",
                 swale_version());
  return page->failed ? SWALE_ERROR_MEMORY : SWALE_OK;
}

/* (3) */
static swale_status report_save(swale_context *context, const swl_page *page, const char *path) {
  swl_output output;
  SWL_TRY(swl_output_open(context, path, &output));
  const swale_status status = swl_output_put(context, &output, page->text, page->length);
  if (status == SWALE_OK) return swl_output_commit(context, &output);
  swl_output_abandon(&output);
  return status;
}

static swale_status report_make(swale_context *context, swl_arena *arena, const char *const *folders, size_t count,
                                const char *path) {
  swl_report report = {.count = count, .runs = swl_arena_take(arena, count, sizeof *report.runs)};
  swl_page page = {.context = context};
  if (!report.runs) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) SWL_TRY(swl_report_load(context, arena, folders[i], &report.runs[i])); /* (1) */
  swale_status status = report_draw(&page, arena, &report);
  if (status == SWALE_OK) status = report_save(context, &page, path);
  swl_page_free(&page);
  return status;
}

swale_status swale_report_write(swale_context *context, const char *const *folders, size_t count, const char *path) {
  swl_arena *arena = NULL;
  if (count == 0) return swl_fail(context, SWALE_ERROR_USAGE, "a report needs at least one run folder");
  SWL_TRY(swl_arena_create(context, &arena));
  const locale_t before = swl_locale_enter();
  const swale_status status = report_make(context, arena, folders, count, path);
  swl_locale_leave(before);
  swl_arena_destroy(arena);
  return status;
}
