/* open_write.c - see open_write.h. */
#include "files/open_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NULL if the open file may be written. */
static const char *open_write_refuses(int file) {
  struct stat info;
  if (fstat(file, &info)) return strerror(errno);
  if (!S_ISREG(info.st_mode)) return "it is a device or a pipe, not a file";
  return info.st_nlink > 1 ? "it has a second name (a hard link), and what lies there would be written too" : NULL;
}

swale_status swl_open_write(swale_context *context, const char *path, int flags, const char *name, int *file) {
  const int made = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                        0666); /* a pipe without a reader would block */
  if (made < 0) {
    return swl_fail(context, errno == ENOMEM ? SWALE_ERROR_MEMORY : SWALE_ERROR_IO, "cannot write '%s': %s", name,
                    errno == ELOOP ? "it is a symbolic link, which is not followed" : strerror(errno));
  }
  const char *why = open_write_refuses(made);
  if (why) {
    const swale_status status = swl_fail(context, SWALE_ERROR_IO, "cannot write '%s': %s", name, why);
    close(made);
    return status;
  }
  *file = made;
  return SWALE_OK;
}
