/* jsonl.c - see jsonl.h. One write per line: a reader that follows the file never sees half a record.
 *
 * After a write that failed half way the file is cut back to its last whole line. A file that ends in half a line (its
 * writer was killed) gets a line ending first, so that only that line is lost. The lock is flock's: it belongs to the open
 * file and ends with it, so a dead process holds none; a file system without locks goes without.
 */
#include "files/jsonl.h"

#include "files/json_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JSONL_LINE_MAX = 65536 };

struct swl_jsonl {
  swale_context *context;
  int file, appended; /* appended: 1 after the first line of ours */
  const char *path;
  char line[JSONL_LINE_MAX];
};

static void jsonl_put_field(swl_json_text *json, const swl_field *field) {
  swl_json_put_string(json, field->name);
  swl_json_put(json, ":");
  switch (field->type) {
  case SWL_FIELD_REAL: swl_json_put_real(json, field->real); break;
  case SWL_FIELD_INTEGER: swl_json_put_integer(json, field->integer); break;
  case SWL_FIELD_TEXT: swl_json_put_string(json, field->text); break;
  case SWL_FIELD_FLAG: swl_json_put(json, field->integer ? "true" : "false"); break;
  }
}

swale_status swl_json_line(swale_context *context, const swl_field *fields, size_t count, char *text, size_t capacity) {
  swl_json_text measure = {NULL, 0, 0}, json = {text, capacity, 0};
  for (int pass = 0; pass < 2; pass++) { /* measured first, so that a text that is too small stays untouched */
    swl_json_text *to = pass == 0 ? &measure : &json;
    swl_json_put(to, "{");
    for (size_t i = 0; i < count; i++) {
      if (i > 0) swl_json_put(to, ",");
      jsonl_put_field(to, &fields[i]);
    }
    swl_json_put(to, "}\n");
    if (to->length >= capacity) {
      return swl_fail(context, SWALE_ERROR_USAGE, "a line of JSON needs %zu bytes, %zu were given", to->length + 1,
                      capacity);
    }
  }
  (void)swl_json_end(&json);
  return SWALE_OK;
}

static swale_status jsonl_fail(swale_context *context, const char *verb, const char *path) {
  return swl_fail(context, SWALE_ERROR_IO, "cannot %s '%s': %s", verb, path, strerror(errno));
}

static int jsonl_write(int file, const char *bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = write(file, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    bytes += written;
    count -= (size_t)written;
  }
  return 0;
}

/* 1 if the file is not empty and its last byte does not end a line. */
static int jsonl_is_torn(int file) {
  struct stat info;
  char last = '\n';
  if (fstat(file, &info) || !S_ISREG(info.st_mode) || info.st_size == 0) return 0;
  return pread(file, &last, 1, info.st_size - 1) == 1 && last != '\n';
}

swale_status swl_jsonl_open(swale_context *context, const char *path, swl_jsonl **log) {
  const size_t length = strlen(path);
  swl_jsonl *made = swl_allocate(context, 1, sizeof *made + length + 1);
  if (!made) return SWALE_ERROR_MEMORY;
  char *kept = (char *)(made + 1);
  memcpy(kept, path, length + 1);
  made->context = context;
  made->path = kept;
  made->file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (made->file < 0) {
    const swale_status status = jsonl_fail(context, "open", path);
    swl_release(context, made);
    return status;
  }
  if (flock(made->file, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
    swl_jsonl_close(made);
    return swl_fail(context, SWALE_ERROR_EXISTS, "'%s' is in use: another process is writing this run", path);
  }
  *log = made;
  return SWALE_OK;
}

swale_status swl_jsonl_append(swl_jsonl *log, const swl_field *fields, size_t count) {
  struct stat info;
  SWL_TRY(swl_json_line(log->context, fields, count, log->line, sizeof log->line));
  if (!log->appended && jsonl_is_torn(log->file) && jsonl_write(log->file, "\n", 1)) {
    return jsonl_fail(log->context, "write", log->path);
  }
  log->appended = 1;
  const int known = fstat(log->file, &info) == 0 && S_ISREG(info.st_mode);
  if (jsonl_write(log->file, log->line, strlen(log->line)) == 0) return SWALE_OK;
  const swale_status status = jsonl_fail(log->context, "write", log->path);
  if (known && ftruncate(log->file, info.st_size)) {
    /* The disk that refused the line refuses this too; the next open ends the half line. */
  }
  return status;
}

swale_status swl_jsonl_sync(swl_jsonl *log, uint64_t *size) {
  struct stat info;
  if (fsync(log->file) || fstat(log->file, &info)) return jsonl_fail(log->context, "sync", log->path);
  *size = (uint64_t)info.st_size;
  return SWALE_OK;
}

swale_status swl_jsonl_check(const swl_jsonl *log, uint64_t size) {
  struct stat info;
  char last = '\0';
  if (size == 0) return SWALE_OK;
  if (fstat(log->file, &info)) return jsonl_fail(log->context, "read", log->path);
  if ((uint64_t)info.st_size < size) {
    return swl_fail(log->context, SWALE_ERROR_FORMAT, "'%s' was cut short: it has %llu bytes; there were %llu",
                    log->path, (unsigned long long)info.st_size, (unsigned long long)size);
  }
  if (pread(log->file, &last, 1, (off_t)size - 1) == 1 && last == '\n') return SWALE_OK;
  return swl_fail(log->context, SWALE_ERROR_FORMAT, "'%s' was changed: no line ends at byte %llu", log->path,
                  (unsigned long long)size);
}

swale_status swl_jsonl_cut(swl_jsonl *log, uint64_t size) {
  SWL_TRY(swl_jsonl_check(log, size));
  return ftruncate(log->file, (off_t)size) ? jsonl_fail(log->context, "cut", log->path) : SWALE_OK;
}

void swl_jsonl_close(swl_jsonl *log) {
  if (!log) return;
  close(log->file);
  swl_release(log->context, log);
}
