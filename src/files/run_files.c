/* run_files.c - see run_files.h. */
#include "files/run_files.h"

#include "base/context.h"

#include <stdio.h>
#include <string.h>

swale_status swl_run_file(swale_context *context, const char *folder, const char *name, char path[SWL_PATH_MAX]) {
  const size_t length = swl_path_length(folder);
  if (length > 0 && length + strlen(name) + 2 <= SWL_PATH_MAX) {
    snprintf(path, SWL_PATH_MAX, "%.*s%s%s", (int)length, folder, folder[length - 1] == '/' ? "" : "/", name);
    return SWALE_OK;
  }
  return swl_fail(context, SWALE_ERROR_USAGE, "the path of a run folder has %zu bytes; allowed are 1 to %zu", length,
                  SWL_PATH_MAX - strlen(name) - 2);
}
