/* context.c - what a call leaves behind: its error sentence, its log line, its memory. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/context.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct swale_context {
  swale_allocator allocator;
  swale_log_fn log;
  void *log_user;
  struct swl_ranks *ranks;
  void (*leave)(struct swl_ranks *);
  void (*waits)(void *user, int first);
  void *waits_user;
  pthread_mutex_t lock; /* guards `message`: workers of a team may fail at the same time */
  char message[1024];
};

enum { CONTEXT_PAGE = 1 << 21, CONTEXT_HEADER = 16 }; /* bytes of a huge page; in front of a block */

/* What is large begins on a huge page, and lies on such as far as they fit into it, where the system has some left. The
 * header says where malloc's block begins: aligned_alloc of glibc does not use again what was freed, where sizes differ. */
static void *context_malloc(void *user, size_t bytes) {
  (void)user;
  if (SWL_WATCHED) return malloc(bytes);
  const size_t step = bytes < CONTEXT_PAGE ? 1 : CONTEXT_PAGE;
  if (bytes > SIZE_MAX - CONTEXT_HEADER - step) return NULL;
  char *base = malloc(bytes + CONTEXT_HEADER + step - 1);
  if (!base) return NULL;
  char *pointer = base + CONTEXT_HEADER;
  pointer += (step - (uintptr_t)pointer % step) % step;
  memcpy(pointer - sizeof base, &base, sizeof base);
#ifdef MADV_HUGEPAGE
  if (step > 1) (void)madvise(pointer, bytes / CONTEXT_PAGE * CONTEXT_PAGE, MADV_HUGEPAGE);
#endif
  return pointer;
}

static void context_free(void *user, void *pointer) {
  char *base = pointer;
  (void)user;
  if (!SWL_WATCHED) memcpy(&base, (char *)pointer - sizeof base, sizeof base);
  free(base);
}

const char *swale_status_name(swale_status status) {
  switch (status) {
  case SWALE_OK: return "ok";
  case SWALE_ERROR_USAGE: return "usage";
  case SWALE_ERROR_MEMORY: return "memory";
  case SWALE_ERROR_IO: return "io";
  case SWALE_ERROR_FORMAT: return "format";
  case SWALE_ERROR_EXISTS: return "exists";
  case SWALE_ERROR_UNSUPPORTED: return "unsupported";
  case SWALE_ERROR_NUMERIC: return "numeric";
  case SWALE_ERROR_CALLBACK: return "callback";
  }
  return "unknown";
}

const char *swale_version(void) { return SWALE_VERSION; }

swale_status swale_context_create(const swale_allocator *allocator, swale_context **context) {
  const swale_allocator standard = {context_malloc, context_free, NULL};
  const swale_allocator *use = allocator ? allocator : &standard;
  if (!context || !use->allocate || !use->release) return SWALE_ERROR_USAGE;
  swale_context *made = use->allocate(use->user, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  memset(made, 0, sizeof *made);
  made->allocator = *use;
  if (pthread_mutex_init(&made->lock, NULL) != 0) {
    use->release(use->user, made);
    return SWALE_ERROR_MEMORY;
  }
  *context = made;
  return SWALE_OK;
}

void swale_context_destroy(swale_context *context) {
  if (!context) return;
  if (context->ranks) context->leave(context->ranks);
  pthread_mutex_destroy(&context->lock);
  swale_allocator allocator = context->allocator;
  allocator.release(allocator.user, context);
}

const char *swale_context_message(const swale_context *context) { return context ? context->message : ""; }

void swale_context_set_log(swale_context *context, swale_log_fn log, void *user) {
  context->log = log;
  context->log_user = user;
}

void swl_context_set_ranks(swale_context *context, struct swl_ranks *ranks, void (*leave)(struct swl_ranks *)) {
  context->ranks = ranks;
  context->leave = leave;
}

struct swl_ranks *swl_context_ranks(const swale_context *context) {
  return context->ranks;
}

void swl_context_set_waits(swale_context *context, void (*waits)(void *user, int first), void *user) {
  context->waits = waits;
  context->waits_user = user;
}

void swl_context_wait(const swale_context *context, int first) {
  if (context->waits) context->waits(context->waits_user, first);
}

void swl_explain(swale_context *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&context->lock);
  vsnprintf(context->message, sizeof context->message, format, arguments);
  pthread_mutex_unlock(&context->lock);
  va_end(arguments);
}

void swl_log(swale_context *context, const char *format, ...) {
  if (!context->log) return;
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  context->log(context->log_user, line);
}

void *swl_allocate(swale_context *context, size_t count, size_t size) {
  size_t bytes = 0;
  void *pointer = NULL;
  if (!__builtin_mul_overflow(count, size, &bytes)) {
    pointer = context->allocator.allocate(context->allocator.user, bytes ? bytes : 1);
  }
  if (!pointer) {
    swl_explain(context, "out of memory: %zu × %zu bytes were asked for", count, size);
    return NULL;
  }
  memset(pointer, 0, bytes);
  return pointer;
}

void swl_release(swale_context *context, void *pointer) {
  if (pointer) context->allocator.release(context->allocator.user, pointer);
}
