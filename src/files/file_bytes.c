/* file_bytes.c - see file_bytes.h. */
#include "files/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static swale_status file_bytes_fail(swale_context *context, const char *verb, const char *path, const char *why) {
  return swl_fail(context, SWALE_ERROR_IO, "cannot %s '%s': %s", verb, path, why);
}

swale_status swl_file_open(swale_context *context, const char *path, swl_file_bytes *file) {
  struct stat info;
  const int made = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer would block */
  if (made < 0) return file_bytes_fail(context, "open", path, strerror(errno));
  const char *why = NULL;
  if (fstat(made, &info)) {
    why = strerror(errno);
  } else if (!S_ISREG(info.st_mode)) {
    why = S_ISDIR(info.st_mode) ? "it is a folder, not a file" : "it is a device or a pipe, not a file";
  }
  if (why) {
    const swale_status status = file_bytes_fail(context, "read", path, why);
    close(made);
    return status;
  }
  *file = (swl_file_bytes){.context = context, .path = path, .file = made, .size = (size_t)info.st_size};
  return SWALE_OK;
}

swale_status swl_file_read(swl_file_bytes *file, void *bytes, size_t count) {
  char *to = bytes;
  while (count > 0) {
    const ssize_t got = read(file->file, to, count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_bytes_fail(file->context, "read", file->path, strerror(errno));
    if (got == 0) return file_bytes_fail(file->context, "read", file->path, "it ended while it was read");
    to += got;
    file->position += (size_t)got;
    count -= (size_t)got;
  }
  return SWALE_OK;
}

void swl_file_close(swl_file_bytes *file) { close(file->file); }

swale_status swl_file_whole(swale_context *context, swl_arena *arena, const char *path, size_t most, char **bytes,
                            size_t *size) {
  swl_file_bytes file;
  SWL_TRY(swl_file_open(context, path, &file));
  swale_status status = SWALE_OK;
  if (file.size > most) {
    status = swl_fail(context, SWALE_ERROR_FORMAT, "'%s' has %zu bytes; allowed are at most %zu", path, file.size,
                      most);
  } else {
    *bytes = swl_arena_take(arena, file.size + 1, 1);
    *size = file.size;
    status = *bytes ? swl_file_read(&file, *bytes, file.size) : SWALE_ERROR_MEMORY;
  }
  swl_file_close(&file);
  return status;
}
