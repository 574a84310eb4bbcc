/* save.c - a file that somebody else writes, and that nobody ever sees half written. */
#include <swale/model.h>

#include "files/output.h"

#include <errno.h>
#include <string.h>

swale_status swale_save(swale_context *context, const char *path, swale_write_fn write, void *user) {
  swl_output output;
  SWL_TRY(swl_output_open(context, path, &output));
  errno = 0;
  const swale_status status = write(user, output.stream);
  if (status != SWALE_OK || ferror(output.stream)) {
    const int reason = errno;
    swl_output_abandon(&output);
    return status != SWALE_OK ? status
                              : swl_fail(context, SWALE_ERROR_IO, "cannot write '%s': %s", path, strerror(reason));
  }
  return swl_output_commit(context, &output);
}
