/* test_report.h - what the tests of pages share. */
#ifndef SWL_TESTS_REPORT_H
#define SWL_TESTS_REPORT_H

#include "check.h"

#include <swale/report.h>

#include <stdio.h>

/* Write the page once for each allocation of it, which is refused: no page, and the status says so; then the page.
 * How many were refused. */
static inline size_t check_refused_pages(counting_allocator *counting, swale_context *context,
                                         const char *const *folders, size_t count, const char *path) {
  swale_status status = SWALE_ERROR_MEMORY;
  size_t refused = 0;
  for (; status != SWALE_OK && refused < 10000; refused++) {
    counting->fail_at = counting->calls + refused + 1;
    status = swale_report_write(context, folders, count, path);
    counting->fail_at = 0;
    FILE *page = fopen(path, "r");
    assert_true((page != NULL) == (status == SWALE_OK));
    if (page) fclose(page);
    if (status != SWALE_OK) assert_int_equal(status, SWALE_ERROR_MEMORY);
  }
  assert_int_equal(status, SWALE_OK);
  return refused;
}

#endif
