/* sections.h - the parts of a page. */
#ifndef SWL_REPORT_SECTIONS_H
#define SWL_REPORT_SECTIONS_H

#include "report/facts.h"
#include "report/page.h"

/* Each a <section>, or nothing where there is nothing to say; the file has the name of the function. */
void swl_report_results(swl_page *page, const swl_report *report);
void swl_report_advice(swl_page *page, const swl_report *report);
SWALE_NODISCARD swale_status swl_report_curves(swl_page *page, swl_arena *arena, const swl_report *report);
SWALE_NODISCARD swale_status swl_report_decrease(swl_page *page, swl_arena *arena, const swl_report *report);
SWALE_NODISCARD swale_status swl_report_measured(swl_page *page, swl_arena *arena, const swl_report *report);
SWALE_NODISCARD swale_status swl_report_weights(swl_page *page, swl_arena *arena,
                                                const swl_report *report); /* unit_images.c */
void swl_report_settings(swl_page *page, const swl_report *report);

/* Parts of the results. seeds.c: runs that differ in their seeds only, as groups. settings.c: the options in which several
 * runs differ, as rows of a table with a column per run. */
void swl_report_seeds(swl_page *page, const swl_report *report);
void swl_report_differences(swl_page *page, const swl_report *report);

/* Parts of what was measured. around.c: its figures. confusion.c: its matrix. class_table.c: a row per class, and in a few
 * numbers, ", RMSE 3.2" and so on. */
SWALE_NODISCARD swale_status swl_report_around(swl_page *page, swl_arena *arena, const swl_report *report);
void swl_report_confusion(swl_page *page, const swl_report *report, size_t run);
void swl_report_classes(swl_page *page, const swl_report *report, size_t run);
void swl_report_numbers(swl_page *page, const swl_json_value *measured);

/* run_name.c. "<span>" with the color and the name of a run; the name alone where there is one run only. columns: a <th> of
 * each run. */
void swl_report_name(swl_page *page, const swl_report *report, size_t run);
void swl_report_columns(swl_page *page, const swl_report *report);

extern const char *const swl_report_style[]; /* style.c: CSS, ended by NULL */

#endif
