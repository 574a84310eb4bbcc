/* file_bytes.h - an existing file, read from its begin to its end: how many bytes it has is known before the first. */
#ifndef SWL_FILES_FILE_BYTES_H
#define SWL_FILES_FILE_BYTES_H

#include "base/arena.h"

typedef struct swl_file_bytes {
  swale_context *context;
  const char *path; /* the caller's */
  int file;
  size_t size, position; /* bytes */
} swl_file_bytes;

/* Folders, pipes and devices are refused (SWALE_ERROR_IO): their size means nothing, and a pipe could block. */
SWALE_NODISCARD swale_status swl_file_open(swale_context *context, const char *path, swl_file_bytes *file);

/* Exactly `count` bytes from the position on; a file that got shorter meanwhile is SWALE_ERROR_IO. */
SWALE_NODISCARD swale_status swl_file_read(swl_file_bytes *file, void *bytes, size_t count);

void swl_file_close(swl_file_bytes *file);

/* All of a file of at most `most` bytes; SWALE_ERROR_FORMAT if it has more. Memory is the arena's. */
SWALE_NODISCARD swale_status swl_file_whole(swale_context *context, swl_arena *arena, const char *path, size_t most,
                                            char **bytes, size_t *size);

#endif
