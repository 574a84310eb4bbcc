/* test_report.h - what the tests of pages share. */
#ifndef SWL_TESTS_REPORT_H
#define SWL_TESTS_REPORT_H

#include "check.h"

#include <swale/report.h>

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

/* A run folder, empty. */
typedef struct fixture {
  counting_allocator counting;
  swale_context *context;
  swl_arena *arena;
  char folder[64], path[128], page[128]; /* path: of the file that the tests write */
  char *html;                            /* of the page read last; malloc'd */
} fixture;

static inline fixture *fixture_open(const char *file) {
  fixture *f = calloc(1, sizeof *f);
  f->context = check_context(&f->counting);
  check_ok(f->context, swl_arena_create(f->context, &f->arena));
  check_folder(f->folder);
  snprintf(f->path, sizeof f->path, "%s/%s", f->folder, file);
  snprintf(f->page, sizeof f->page, "%s/page.html", f->folder);
  return f;
}

static inline int fixture_close(void **state) {
  fixture *f = *state;
  check_remove(f->folder);
  swl_arena_destroy(f->arena);
  check_context_gone(&f->counting, f->context);
  free(f->html);
  free(f);
  return 0;
}

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
