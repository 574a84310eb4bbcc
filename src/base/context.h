/* context.h - errors with a sentence, memory with an owner. */
#ifndef SWL_BASE_CONTEXT_H
#define SWL_BASE_CONTEXT_H

#include <swale/status.h>

/* Record the sentence and return `status`, so that a failing line reads `return swl_fail(...)`. Safe to call from any
 * worker of a team: the last caller's sentence wins. */
swale_status swl_fail(swale_context *context, swale_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hand one line to the log callback, if there is one. */
void swl_log(swale_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed memory for count × size bytes from the context's allocator; NULL, with the error recorded, when the product
 * overflows or the allocator refuses. */
void *swl_allocate(swale_context *context, size_t count, size_t size);
void swl_release(swale_context *context, void *pointer);

#define SWL_TRY(expression)                                                                                            \
  do {                                                                                                                 \
    swale_status swl_try_ = (expression);                                                                              \
    if (swl_try_ != SWALE_OK) return swl_try_;                                                                         \
  } while (0)

#endif
