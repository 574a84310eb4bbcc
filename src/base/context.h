/* context.h - errors with a sentence, memory with an owner. */
#ifndef SWL_BASE_CONTEXT_H
#define SWL_BASE_CONTEXT_H

#include <swale/status.h>

/* 1 where a tool looks at the bounds of every buffer: AddressSanitizer, or valgrind (scripts/valgrind says so). Then each is a
 * block of malloc. */
#ifndef SWL_WATCHED
#ifdef __SANITIZE_ADDRESS__
#define SWL_WATCHED 1
#elif defined __has_feature
#define SWL_WATCHED __has_feature(address_sanitizer)
#else
#define SWL_WATCHED 0
#endif
#endif

/* Record the sentence and give back `status`, so that a failing line reads `return swl_fail(...)`. A macro, so that
 * compilers and analyzers see that the status is the one given. Safe to call from any worker of a team: the last
 * caller's sentence wins. */
#define swl_fail(context, status, ...) (swl_explain((context), __VA_ARGS__), (status))
void swl_explain(swale_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hand one line to the log callback, if there is one. */
void swl_log(swale_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed memory for count × size bytes from the context's allocator; NULL, with the error recorded, when the product
 * overflows or the allocator refuses. */
void *swl_allocate(swale_context *context, size_t count, size_t size);
void swl_release(swale_context *context, void *pointer);

/* The processes that share the context's work (parallel/ranks.h); NULL = this one alone. `leave` is called when the context
 * is destroyed, before anything else. */
struct swl_ranks;
void swl_context_set_ranks(swale_context *context, struct swl_ranks *ranks, void (*leave)(struct swl_ranks *));
struct swl_ranks *swl_context_ranks(const swale_context *context);

/* `waits` is called again and again while this process waits for others; first: 1 if a wait begins. NULL: nobody is. */
void swl_context_set_waits(swale_context *context, void (*waits)(void *user, int first), void *user);
void swl_context_wait(const swale_context *context, int first);

#define SWL_TRY(expression)                                                                                            \
  do {                                                                                                                 \
    swale_status swl_try_ = (expression);                                                                              \
    if (swl_try_ != SWALE_OK) return swl_try_;                                                                         \
  } while (0)

#endif
