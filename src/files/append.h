/* append.h - a file that grows record by record: each goes in whole, in one write, or not at all. */
#ifndef SWL_FILES_APPEND_H
#define SWL_FILES_APPEND_H

#include "base/context.h"

typedef struct swl_append {
  swale_context *context;
  const char *path; /* the caller's */
  int file;         /* open to read and to append */
} swl_append;

/* A new file, or an existing one that open_write.h allows. Errors name the path and the reason. */
SWALE_NODISCARD swale_status swl_append_open(swale_context *context, const char *path, swl_append *append);

/* After a write that failed half way the file is cut back to what it was. */
SWALE_NODISCARD swale_status swl_append_put(const swl_append *append, const void *bytes, size_t count);

/* "cannot VERB 'PATH': " and errno. */
SWALE_NODISCARD swale_status swl_append_fail(const swl_append *append, const char *verb);
void swl_append_close(const swl_append *append);

#endif
