/* report.h - one page about one or several training runs. */
#ifndef SWALE_REPORT_H
#define SWALE_REPORT_H

#include <swale/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Read `count` >= 1 run folders and write one HTML page to `path`: results, curves, what swale_evaluation_save left
 * there as evaluation.json, first-layer weights of images, configurations and what differs between them, what to try
 * next. The page needs nothing but itself, has no script and is readable in light and dark and on paper. Same folders,
 * same bytes.
 *
 * A folder must have a log.jsonl; what else is missing is said on the page. Errors name the file and the line. The page
 * is written beside `path` and renamed, so a failure leaves what was there. */
SWALE_API SWALE_NODISCARD swale_status swale_report_write(swale_context *context, const char *const *folders,
                                                          size_t count, const char *path);

#ifdef __cplusplus
}
#endif
#endif
