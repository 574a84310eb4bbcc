/* facts.c - see facts.h. */
#include "report/facts.h"

#include "options/table.h"

#include <math.h>

double swl_report_real(const swl_report_run *run, size_t evaluation, swl_record_key key) {
  return swl_key_real(run->evaluation[evaluation], key);
}

double swl_report_final(const swl_report_run *run, swl_record_key key) {
  return run->final ? swl_key_real(run->final, key) : (double)NAN;
}

int swl_report_classifies(const swl_report_run *run) {
  if (run->final) return swl_key_field(run->final, SWL_KEY_TEST_ACCURACY) != NULL;
  return run->evaluation_count == 0 || swl_key_field(run->evaluation[0], SWL_KEY_VALIDATION_ACCURACY);
}

const swl_json_value *swl_report_section(const swl_report_run *run, swl_record_key section) {
  return swl_key_member(run->measured, section);
}

int swl_report_measured_classes(const swl_report_run *run) {
  return swl_key_member(run->measured, SWL_KEY_CLASSES) != NULL;
}

int swl_report_same_option(const swl_report_run *one, const swl_report_run *other, size_t option) {
  const swale_option_info *info = swale_option_at(option);
  const swl_used *a = &one->used, *b = &other->used;
  if (a->use[option] != b->use[option]) return 0;
  return a->use[option] != SWL_USE_VALUE ||
         swl_value_equal(info, (const char *)&a->settings + info->offset, (const char *)&b->settings + info->offset);
}

static int facts_differ(const swl_report *report, size_t option) {
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

size_t swl_report_difference(const swl_report *report, size_t option) {
  while (option < SWL_OPTION_COUNT && !facts_differ(report, option)) option++;
  return option;
}
