/* report_parts.h - what a report knows of a run, and the parts of its page. */
#ifndef SWL_REPORT_REPORT_PARTS_H
#define SWL_REPORT_REPORT_PARTS_H

#include <swale/report.h>

#include "files/json_read.h"
#include "files/jsonl_read.h"
#include "files/model_file.h"
#include "options/used.h"
#include "report/page.h"

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

/* load.c: read a folder. Memory is the arena's. */
SWALE_NODISCARD swale_status swl_report_load(swale_context *context, swl_arena *arena, const char *folder,
                                             swl_report_run *run);

/* measured.c: is what was read from `path` an evaluation of this model (NULL: of any)? All that the parts below rely on
 * is checked here: sections are lists of objects, the confusion matrix is square and has a name for each class. */
SWALE_NODISCARD swale_status swl_report_check_measured(swale_context *context, const char *path,
                                                       const swl_json_value *measured, const swl_model *model);
/* The rows of a section, a list. */
const swl_json_value *swl_report_section(const swl_report_run *run, const char *name);
/* 1 if what was measured classifies. */
int swl_report_measured_classes(const swl_report_run *run);

/* One number of an evaluation; NaN where there is none. */
double swl_report_real(const swl_report_run *run, size_t evaluation, const char *name);
/* One number of the final record; NaN where there is none. */
double swl_report_final(const swl_report_run *run, const char *name);
/* 1 for accuracies, 0 for R². */
int swl_report_classifies(const swl_report_run *run);

/* The parts of the page, each a <section> or nothing where there is nothing to say. */
void swl_report_results(swl_page *page, const swl_report *report); /* results.c */
SWALE_NODISCARD swale_status swl_report_curves(swl_page *page, swl_arena *arena,
                                               const swl_report *report); /* curves.c */
void swl_report_advice(swl_page *page, const swl_report *report);         /* advice.c */
SWALE_NODISCARD swale_status swl_report_decrease(swl_page *page, swl_arena *arena,
                                                 const swl_report *report); /* decrease.c */
SWALE_NODISCARD swale_status swl_report_measured(swl_page *page, swl_arena *arena,
                                                 const swl_report *report); /* measured.c */
SWALE_NODISCARD swale_status swl_report_around(swl_page *page, swl_arena *arena,
                                               const swl_report *report);        /* around.c: its figures */
void swl_report_confusion(swl_page *page, const swl_report *report, size_t run); /* confusion.c: its matrix */
void swl_report_classes(swl_page *page, const swl_report *report, size_t run);   /* class_table.c: a row per class */
void swl_report_numbers(swl_page *page, const swl_json_value *measured);         /* likewise: ", RMSE 3.2" and so on */
SWALE_NODISCARD swale_status swl_report_weights(swl_page *page, swl_arena *arena,
                                                const swl_report *report); /* unit_images.c */
void swl_report_settings(swl_page *page, const swl_report *report);        /* settings.c */

/* seeds.c: runs that differ in their seeds only, as groups; nothing where there are none. A part of the results. */
void swl_report_seeds(swl_page *page, const swl_report *report);
/* settings.c: 1 if both runs used option `option` alike. */
int swl_report_same_option(const swl_report_run *one, const swl_report_run *other, size_t option);

/* "<span>" with the color and the name of a run; the name alone where there is one run only. */
void swl_report_name(swl_page *page, const swl_report *report, size_t run);

extern const char *const swl_report_style[]; /* style.c: CSS, ended by NULL */

#endif
