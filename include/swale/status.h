/* status.h - what every call returns, and the context that carries the detail.
 *
 * The library prints nothing, never exits and never aborts. A call that can fail returns a swale_status; on failure
 * its outputs are untouched and the context holds one sentence that names the thing, the value and what is allowed.
 */
#ifndef SWALE_STATUS_H
#define SWALE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#define SWALE_API __attribute__((visibility("default")))
#define SWALE_NODISCARD __attribute__((warn_unused_result))
#else
#define SWALE_API
#define SWALE_NODISCARD
#endif

typedef enum swale_status {
  SWALE_OK = 0,
  SWALE_ERROR_USAGE,       /* a bad argument, option name or option value: the caller's mistake */
  SWALE_ERROR_MEMORY,      /* the allocator returned NULL */
  SWALE_ERROR_IO,          /* the operating system refused: missing, unreadable, full, read-only */
  SWALE_ERROR_FORMAT,      /* a file was read, but its content is not what its format allows */
  SWALE_ERROR_EXISTS,      /* refusing to overwrite what is there */
  SWALE_ERROR_UNSUPPORTED, /* a valid combination that this build or this variant cannot do */
  SWALE_ERROR_NUMERIC,     /* no finite number to go on with: the parameters are left at their last good values */
  SWALE_ERROR_CALLBACK     /* a caller's function reported failure */
} swale_status;

/* A short constant name of the status, such as "format". Never NULL. */
SWALE_API const char *swale_status_name(swale_status status);

/* Memory comes from here. `allocate` returns at least `bytes` bytes aligned for any object, or NULL; `release` takes
 * what `allocate` returned, never NULL. Both may be called from the thread that calls into the library only. */
typedef struct swale_allocator {
  void *(*allocate)(void *user, size_t bytes);
  void (*release)(void *user, void *pointer);
  void *user;
} swale_allocator;

/* Receives one line of text (no newline) that a person may want to read: a warning, a notice. */
typedef void (*swale_log_fn)(void *user, const char *line);

/* The context: allocator, log callback and the text of the last error. Use one context from one thread at a time;
 * everything created with it must be destroyed before it. */
typedef struct swale_context swale_context;

/* `allocator` NULL means malloc and free. It is copied; its functions must outlive the context. */
SWALE_API SWALE_NODISCARD swale_status swale_context_create(const swale_allocator *allocator, swale_context **context);
SWALE_API void swale_context_destroy(swale_context *context);

/* The sentence that explains the last failure, "" if there was none. Owned by the context; the next failing call
 * overwrites it. */
SWALE_API const char *swale_context_message(const swale_context *context);

/* NULL turns logging off, which is the default. */
SWALE_API void swale_context_set_log(swale_context *context, swale_log_fn log, void *user);

/* "MAJOR.MINOR.PATCH" of the library that is linked, not of the header. */
SWALE_API const char *swale_version(void);

#ifdef __cplusplus
}
#endif
#endif
