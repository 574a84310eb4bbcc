/* output.c - see output.h.
 *
 * (1) open writes beside the file, so the old one stays whole; (2) commit brings the bytes to the disk before (3) the
 * name, because a rename that survives a power cut without the bytes would be an empty file; (4) the folder is synced
 * so that the name survives too. Any failure before (3) leaves the old file as it was and nothing beside it.
 * Two writers of one path at the same time never share a file beside it: each name is created by one of them (O_EXCL)
 * and locked while it writes. One that is there without a lock was left by a writer that was killed, and is removed. The
 * last to commit wins.
 */
#include "files/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static swale_status output_fail(swale_context *context, const char *verb, const char *path) {
  return swl_fail(context, errno == ENOMEM ? SWALE_ERROR_MEMORY : SWALE_ERROR_IO, "cannot %s '%s': %s", verb, path,
                  strerror(errno));
}

static swale_status output_check_path(swale_context *context, const char *path) {
  const size_t length = strlen(path);
  if (length == 0) return swl_fail(context, SWALE_ERROR_USAGE, "the path of a file or folder is empty");
  if (length < sizeof((swl_output *)0)->path) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_USAGE, "the path '%.64s…' has %zu bytes; allowed are at most %zu", path, length,
                  sizeof((swl_output *)0)->path - 1);
}

enum { OUTPUT_TRIES = 100 };

/* 1 if the name `path` is free again: what a writer that is no more left there is removed. 0: somebody writes it, or
 * errno says why that cannot be known. */
static int output_clear(const char *path) {
  struct stat opened, named;
  const int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return errno == ENOENT; /* its writer has finished */
  errno = 0;
  int free = 0;
  if (flock(file, LOCK_EX | LOCK_NB) == 0) { /* the name is its own only as long as it is that of the locked file */
    free = fstat(file, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino && unlink(path) == 0;
  }
  if (errno == EWOULDBLOCK || errno == ENOENT) errno = 0;
  const int reason = errno;
  close(file);
  errno = reason;
  return free;
}

/* A new file that is this writer's alone, locked where the file system can; -1 and errno. */
static int output_create(swl_output *output) {
  for (int i = 0; i < OUTPUT_TRIES; i++) {
    const int number = i / 2; /* each twice: what was left may have been removed */
    struct stat info;
    if (number == 0) {
      snprintf(output->partial, sizeof output->partial, "%s.partial", output->path);
    } else {
      snprintf(output->partial, sizeof output->partial, "%s.%d.partial", output->path, number);
    }
    const int file = open(output->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0 && errno != EEXIST) return -1;
    if (file < 0 && !output_clear(output->partial) && errno != 0) return -1;
    if (file < 0) continue;
    const int taken = flock(file, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK; /* for left, before it was locked */
    if (!taken && fstat(file, &info) == 0 && info.st_nlink > 0) return file;
    close(file);
  }
  errno = EEXIST;
  return -1;
}

swale_status swl_output_open(swale_context *context, const char *path, swl_output *output) {
  struct stat info;
  swl_output made = {.stream = NULL};
  SWL_TRY(output_check_path(context, path));
  if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) { /* the rename would replace a folder or a device */
    return swl_fail(context, SWALE_ERROR_IO, "cannot write '%s': it is %s, not a file", path,
                    S_ISDIR(info.st_mode) ? "a folder" : "a device or a pipe");
  }
  snprintf(made.path, sizeof made.path, "%s", path);
  const int file = output_create(&made);
  if (file < 0) return output_fail(context, "write", path);
  made.stream = fdopen(file, "wb");
  if (!made.stream) {
    const int reason = errno;
    close(file);
    unlink(made.partial);
    errno = reason;
    return output_fail(context, "write", path);
  }
  *output = made;
  return SWALE_OK;
}

swale_status swl_output_put(swale_context *context, swl_output *output, const void *bytes, size_t count) {
  errno = EIO;
  if (fwrite(bytes, 1, count, output->stream) == count) return SWALE_OK;
  return output_fail(context, "write", output->path);
}

/* fsync the folder that holds `path`. Some file systems cannot (EINVAL): there the rename is all there is. */
static int output_sync_folder(const char *path) {
  char folder[sizeof((swl_output *)0)->path];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (!slash) {
    strcpy(folder, ".");
  } else {
    slash[slash == folder] = '\0'; /* keeps the slash of "/" */
  }
  const int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return errno == EACCES ? 0 : -1; /* a folder that may be written but not read */
  int failed = fsync(file);
  if (failed && (errno == EINVAL || errno == ENOTSUP)) failed = 0;
  const int reason = errno;
  close(file);
  errno = reason;
  return failed;
}

swale_status swl_output_commit(swale_context *context, swl_output *output) {
  errno = EIO; /* if the stream remembers an earlier failure whose reason is lost */
  int failed = ferror(output->stream) || fflush(output->stream) || fsync(fileno(output->stream));
  int reason = errno;
  if (!failed && rename(output->partial, output->path)) { /* under the lock */
    failed = 1;
    reason = errno;
  }
  if (failed) unlink(output->partial);
  if (fclose(output->stream) && !failed) { /* everything has been synced */
    failed = 1;
    reason = errno;
  }
  output->stream = NULL;
  if (failed) {
    errno = reason;
    return output_fail(context, "write", output->path);
  }
  if (output_sync_folder(output->path)) return output_fail(context, "sync the folder of", output->path);
  return SWALE_OK;
}

void swl_output_abandon(swl_output *output) {
  if (!output->stream) return;
  unlink(output->partial); /* under the lock: later it may be another's */
  fclose(output->stream);
  output->stream = NULL;
}

swale_status swl_folder_create(swale_context *context, const char *path) {
  char folder[sizeof((swl_output *)0)->path];
  SWL_TRY(output_check_path(context, path));
  snprintf(folder, sizeof folder, "%s", path);
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') folder[--length] = '\0';
  for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) { /* the parents */
    *slash = '\0';
    struct stat info;
    const int there = stat(folder, &info) == 0 && S_ISDIR(info.st_mode);
    if (!there && mkdir(folder, 0777) && errno != EEXIST) return output_fail(context, "create the folder", folder);
    *slash = '/';
  }
  if (mkdir(folder, 0777) == 0) return SWALE_OK;
  if (errno != EEXIST) return output_fail(context, "create the folder", path);
  return swl_fail(context, SWALE_ERROR_EXISTS, "'%s' exists already; give a path that does not", path);
}
