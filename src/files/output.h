/* output.h - writing files so that nothing is ever lost: beside, synced, renamed. */
#ifndef SWL_FILES_OUTPUT_H
#define SWL_FILES_OUTPUT_H

#include "base/context.h"

#include <stdio.h>

/* One file being written. Open a file beside it, `path`.partial or, while another writes that, `path`.N.partial; commit: flush, fsync, rename to path, fsync the folder; abandon: close
 * and unlink. Errors name the path and the reason. */
typedef struct swl_output {
  FILE *stream;
  char path[1024];
  char partial[1056];
} swl_output;

SWALE_NODISCARD swale_status swl_output_open(swale_context *context, const char *path, swl_output *output);

/* Append bytes. After a failure only abandon is left to do. */
SWALE_NODISCARD swale_status swl_output_put(swale_context *context, swl_output *output, const void *bytes,
                                            size_t count);

/* On failure the output is abandoned already. */
SWALE_NODISCARD swale_status swl_output_commit(swale_context *context, swl_output *output);
void swl_output_abandon(swl_output *output); /* after a commit: nothing */

/* Create a new folder (parents too); SWALE_ERROR_EXISTS if it exists already. */
SWALE_NODISCARD swale_status swl_folder_create(swale_context *context, const char *path);

#endif
