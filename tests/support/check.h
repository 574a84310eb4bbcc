/* check.h - numeric checks for cmocka tests: tolerances come from a rounding bound or a standard error. */
#ifndef SWL_TESTS_CHECK_H
#define SWL_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <swale/status.h>

/* Fails unless |actual - expected| <= tolerance; prints both. NaN fails. */
#define check_close(actual, expected, tolerance)                                                                       \
  check_close_at((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)
void check_close_at(double actual, double expected, double tolerance, const char *what, const char *file, int line);

/* Fails unless the call returned SWALE_OK; prints the context's message. */
#define check_ok(context, call) check_ok_at((context), (call), #call, __FILE__, __LINE__)
void check_ok_at(const swale_context *context, swale_status status, const char *what, const char *file, int line);

/* Fails unless the call returned `status` with a message that contains `text`. */
#define check_fails(context, call, status, text)                                                                       \
  check_fails_at((context), (call), (status), (text), #call, __FILE__, __LINE__)
void check_fails_at(const swale_context *context, swale_status actual, swale_status status, const char *text,
                    const char *what, const char *file, int line);

/* An allocator that counts, and fails on purpose. */
typedef struct counting_allocator {
  swale_allocator allocator; /* pass &counting.allocator to swale_context_create */
  size_t calls;              /* allocations asked for so far */
  size_t live;               /* allocated and not yet released */
  size_t fail_at;            /* the call (from 1) that returns NULL; 0 = none */
} counting_allocator;
void counting_allocator_init(counting_allocator *counting);

/* A context whose memory is counted, and its end: nothing stays allocated. */
swale_context *check_context(counting_allocator *counting);
void check_context_gone(const counting_allocator *counting, swale_context *context);

/* Do the work in a context that refuses allocation 1, 2, … until it succeeds: each failure is SWALE_ERROR_MEMORY and leaves
 * nothing allocated. How many were refused, the context's own first one among them; fails at `most`. */
typedef swale_status (*check_work)(swale_context *context, void *user);
size_t check_refusals(check_work work, void *user, size_t most);

/* A fresh temporary folder, removed with everything in it by check_remove. */
void check_folder(char path[64]);
void check_remove(const char *path);

/* Write bytes to a file; fails the test if it cannot. */
void check_write(const char *path, const void *bytes, size_t count);

#endif
