/* append.c - see append.h. */
#include "files/append.h"

#include "files/open_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

swale_status swl_append_fail(const swl_append *append, const char *verb) {
  return swl_fail(append->context, SWALE_ERROR_IO, "cannot %s '%s': %s", verb, append->path, strerror(errno));
}

swale_status swl_append_open(swale_context *context, const char *path, swl_append *append) {
  *append = (swl_append){context, path, -1};
  return swl_open_write(context, path, O_RDWR | O_APPEND | O_CREAT, path, &append->file);
}

static int append_write(int file, const char *bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = write(file, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    bytes += written;
    count -= (size_t)written;
  }
  return 0;
}

swale_status swl_append_put(const swl_append *append, const void *bytes, size_t count) {
  struct stat info;
  const int known = fstat(append->file, &info) == 0;
  if (append_write(append->file, bytes, count) == 0) return SWALE_OK;
  const swale_status status = swl_append_fail(append, "write");
  if (known && ftruncate(append->file, info.st_size)) {
    /* The disk that refused the record refuses this too; the next one to open the file deals with the half of it. */
  }
  return status;
}

void swl_append_close(const swl_append *append) {
  if (append->file >= 0) close(append->file);
}
