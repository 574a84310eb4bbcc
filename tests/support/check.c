/* check.c - see check.h. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void check_close_at(double actual, double expected, double tolerance, const char *what, const char *file, int line) {
  if (fabs(actual - expected) <= tolerance) return;
  print_error("%s is %.17g, expected %.17g within %.3g (off by %.3g)\n", what, actual, expected, tolerance,
              actual - expected);
  _fail(file, line);
}

void check_ok_at(const swale_context *context, swale_status status, const char *what, const char *file, int line) {
  if (status == SWALE_OK) return;
  print_error("%s failed (%s): %s\n", what, swale_status_name(status), swale_context_message(context));
  _fail(file, line);
}

void check_fails_at(const swale_context *context, swale_status actual, swale_status status, const char *text,
                    const char *what, const char *file, int line) {
  const char *message = swale_context_message(context);
  if (actual == status && strstr(message, text)) return;
  print_error("%s gave %s \"%s\", expected %s with \"%s\"\n", what, swale_status_name(actual), message,
              swale_status_name(status), text);
  _fail(file, line);
}

static void *counting_allocate(void *user, size_t bytes) {
  counting_allocator *counting = user;
  counting->calls++;
  if (counting->calls == counting->fail_at) return NULL;
  void *pointer = malloc(bytes);
  if (pointer) counting->live++;
  return pointer;
}

static void counting_release(void *user, void *pointer) {
  counting_allocator *counting = user;
  counting->live--;
  free(pointer);
}

void counting_allocator_init(counting_allocator *counting) {
  *counting = (counting_allocator){.allocator = {counting_allocate, counting_release, counting}};
}

void check_folder(char path[64]) {
  strcpy(path, "/tmp/swale-test-XXXXXX");
  assert_non_null(mkdtemp(path));
}

static int check_remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

void check_remove(const char *path) { nftw(path, check_remove_one, 16, FTW_DEPTH | FTW_PHYS); }

void check_write(const char *path, const void *bytes, size_t count) {
  FILE *stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(bytes, 1, count, stream), count);
  assert_int_equal(fclose(stream), 0);
}

swale_context *check_context(counting_allocator *counting) {
  swale_context *context = NULL;
  counting_allocator_init(counting);
  assert_int_equal(swale_context_create(&counting->allocator, &context), SWALE_OK);
  return context;
}

void check_context_gone(const counting_allocator *counting, swale_context *context) {
  swale_context_destroy(context);
  assert_int_equal(counting->live, 0);
}

size_t check_refusals(check_work work, void *user, size_t most) {
  size_t refused = 0;
  for (swale_status status = SWALE_ERROR_MEMORY; status != SWALE_OK; refused++) {
    counting_allocator counting;
    swale_context *context = NULL;
    counting_allocator_init(&counting);
    counting.fail_at = refused + 1;
    status = swale_context_create(&counting.allocator, &context);
    if (status == SWALE_OK) status = work(context, user);
    assert_true(status == SWALE_OK || status == SWALE_ERROR_MEMORY);
    check_context_gone(&counting, context);
    assert_true(refused < most);
  }
  return refused - 1;
}
