/* facts.h - what a report knows of its runs. */
#ifndef SWL_REPORT_FACTS_H
#define SWL_REPORT_FACTS_H

#include "files/keys.h"
#include "files/model_file.h"
#include "options/used.h"

typedef struct swl_report_run {
  const char *folder; /* the caller's, as given */
  swl_records log;
  size_t evaluation_count, restored_count, monotone_count;
  const swl_record **evaluation, **restored, **monotone; /* of the log, in its order */
  const swl_record *final;                               /* NULL: the run did not end in order */
  const char *config;                                    /* the text of config.conf; NULL: there is none */
  int resolved;                                          /* 1: used holds what the run used, or */
  int guessed;                                           /* 1: what this version makes of config.conf */
  swl_used used;
  swl_model *model;               /* NULL: see model_missing */
  const char *model_gone;         /* why there is no model, a sentence */
  const swl_json_value *measured; /* what swale evaluate wrote; NULL: nothing, or see measured_gone */
  const char *measured_gone;      /* why it is not shown, a sentence; NULL: there is nothing */
} swl_report_run;

typedef struct swl_report {
  size_t count;
  swl_report_run *runs; /* count >= 1 */
} swl_report;

/* One number of an evaluation; NaN where there is none. */
double swl_report_real(const swl_report_run *run, size_t evaluation, swl_record_key key);
/* One number of the final record; NaN where there is none. */
double swl_report_final(const swl_report_run *run, swl_record_key key);
/* 1 for accuracies, 0 for R². */
int swl_report_classifies(const swl_report_run *run);

/* Of what was measured: the rows of a section, a list; 1 if it classifies. */
const swl_json_value *swl_report_section(const swl_report_run *run, swl_record_key section);
int swl_report_measured_classes(const swl_report_run *run);

/* 1 if both runs used option `option` alike. */
int swl_report_same_option(const swl_report_run *one, const swl_report_run *other, size_t option);
/* The first option from `option` on that runs used differently and that can change results: where and how a run ran is not
 * what makes it another. SWL_OPTION_COUNT if there is none. */
size_t swl_report_difference(const swl_report *report, size_t option);

#endif
