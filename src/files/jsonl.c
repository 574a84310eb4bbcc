/* jsonl.c - see jsonl.h. One write per line: a reader that follows the file never sees half a record.
 *
 * A file that ends in half a line (its writer was killed) gets a line ending first, so that only that line is lost. The lock is flock's: it belongs to the open
 * file and ends with it, so a dead process holds none; a file system without locks goes without.
 */
#include "files/jsonl.h"

#include "files/append.h"
#include "files/json_text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct swl_jsonl {
  swl_append to;
  int appended; /* 1 after the first line of ours */
  char line[SWL_JSONL_LINE_MAX];
};

static void jsonl_put_value(swl_json_text *json, const swl_field *field) {
  switch (field->type) {
  case SWL_FIELD_REAL: swl_json_put_real(json, field->real); break;
  case SWL_FIELD_INTEGER: swl_json_put_integer(json, field->integer); break;
  case SWL_FIELD_TEXT: swl_json_put_string(json, field->text); break;
  case SWL_FIELD_FLAG: swl_json_put(json, field->integer ? "true" : "false"); break;
  case SWL_FIELD_OBJECT: break;
  }
}

static void jsonl_put_name(swl_json_text *json, const swl_field *field, size_t place) {
  if (place > 0) swl_json_put(json, ",");
  swl_json_put_string(json, field->name);
  swl_json_put(json, ":");
}

static void jsonl_put_field(swl_json_text *json, const swl_field *field, size_t place) {
  jsonl_put_name(json, field, place);
  if (field->type != SWL_FIELD_OBJECT) {
    jsonl_put_value(json, field);
    return;
  }
  swl_json_put(json, "{");
  for (size_t i = 0; i < field->count; i++) {
    jsonl_put_name(json, &field->members[i], i);
    jsonl_put_value(json, &field->members[i]);
  }
  swl_json_put(json, "}");
}

swale_status swl_json_line(swale_context *context, const swl_field *fields, size_t count, char *text, size_t capacity) {
  swl_json_text measure = {NULL, 0, 0}, json = {text, capacity, 0};
  for (int pass = 0; pass < 2; pass++) { /* measured first, so that a text that is too small stays untouched */
    swl_json_text *to = pass == 0 ? &measure : &json;
    swl_json_put(to, "{");
    for (size_t i = 0; i < count; i++) jsonl_put_field(to, &fields[i], i);
    swl_json_put(to, "}\n");
    if (to->length >= capacity) {
      return swl_fail(context, SWALE_ERROR_USAGE, "a line of JSON needs %zu bytes, %zu were given", to->length + 1,
                      capacity);
    }
  }
  (void)swl_json_end(&json);
  return SWALE_OK;
}

/* 1 if the file is not empty and its last byte does not end a line. */
static int jsonl_is_torn(int file) {
  struct stat info;
  char last = '\n';
  if (fstat(file, &info) || !S_ISREG(info.st_mode) || info.st_size == 0) return 0;
  return pread(file, &last, 1, info.st_size - 1) == 1 && last != '\n';
}

enum { JSONL_TRIES = 20 };

/* 1 if another process writes. One that reads (records.c) holds a shared lock for a moment, to see whether there is a
 * writer: some milliseconds are longer than that. */
static int jsonl_is_taken(int file) {
  for (int i = 0; i < JSONL_TRIES; i++) {
    if (flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return 0;
    (void)poll(NULL, 0, 1);
  }
  return 1;
}

swale_status swl_jsonl_open(swale_context *context, const char *path, swl_jsonl **log) {
  const size_t length = strlen(path);
  swl_jsonl *made = swl_allocate(context, 1, sizeof *made + length + 1);
  if (!made) return SWALE_ERROR_MEMORY;
  char *kept = (char *)(made + 1);
  memcpy(kept, path, length + 1);
  const swale_status status = swl_append_open(context, kept, &made->to);
  if (status != SWALE_OK) {
    swl_release(context, made);
    return status;
  }
  if (jsonl_is_taken(made->to.file)) {
    swl_jsonl_close(made);
    return swl_fail(context, SWALE_ERROR_EXISTS, "'%s' is in use: another process is writing this run", path);
  }
  *log = made;
  return SWALE_OK;
}

swale_status swl_jsonl_append(swl_jsonl *log, const swl_field *fields, size_t count) {
  SWL_TRY(swl_json_line(log->to.context, fields, count, log->line, sizeof log->line));
  if (!log->appended && jsonl_is_torn(log->to.file)) SWL_TRY(swl_append_put(&log->to, "\n", 1));
  log->appended = 1;
  return swl_append_put(&log->to, log->line, strlen(log->line));
}

swale_status swl_jsonl_sync(swl_jsonl *log, uint64_t *size) {
  struct stat info;
  if (fsync(log->to.file) || fstat(log->to.file, &info)) return swl_append_fail(&log->to, "sync");
  *size = (uint64_t)info.st_size;
  return SWALE_OK;
}

swale_status swl_jsonl_check(const swl_jsonl *log, uint64_t size) {
  struct stat info;
  char last = '\0';
  if (size == 0) return SWALE_OK;
  if (fstat(log->to.file, &info)) return swl_append_fail(&log->to, "read");
  if ((uint64_t)info.st_size < size) {
    return swl_fail(log->to.context, SWALE_ERROR_FORMAT, "'%s' was cut short: it has %llu bytes; there were %llu",
                    log->to.path, (unsigned long long)info.st_size, (unsigned long long)size);
  }
  const ssize_t got = pread(log->to.file, &last, 1, (off_t)size - 1);
  if (got < 0) return swl_append_fail(&log->to, "read");
  if (got == 1 && last == '\n') return SWALE_OK;
  return swl_fail(log->to.context, SWALE_ERROR_FORMAT, "'%s' was changed: no line ends at byte %llu", log->to.path,
                  (unsigned long long)size);
}

swale_status swl_jsonl_tail(const swl_jsonl *log, uint64_t size, swl_arena *arena, swl_jsonl_rest *rest) {
  struct stat info;
  if (fstat(log->to.file, &info)) return swl_append_fail(&log->to, "read");
  const size_t bytes = (uint64_t)info.st_size > size ? (size_t)info.st_size - size : 0;
  char *to = swl_arena_take(arena, bytes + 1, 1);
  if (!to) return SWALE_ERROR_MEMORY;
  for (size_t at = 0; at < bytes;) {
    const ssize_t got = pread(log->to.file, to + at, bytes - at, (off_t)(size + at));
    if (got <= 0) return swl_append_fail(&log->to, "read"); /* nobody else has it open: it does not get shorter */
    at += (size_t)got;
  }
  *rest = (swl_jsonl_rest){to, bytes};
  return SWALE_OK;
}

void swl_jsonl_restore(swl_jsonl *log, const swl_jsonl_rest *rest) {
  if (swl_append_put(&log->to, rest->bytes, rest->size) != SWALE_OK) {
    /* The disk refuses everything now; what failed first has been said. */
  }
}

swale_status swl_jsonl_cut(swl_jsonl *log, uint64_t size) {
  SWL_TRY(swl_jsonl_check(log, size));
  return ftruncate(log->to.file, (off_t)size) ? swl_append_fail(&log->to, "cut") : SWALE_OK;
}

void swl_jsonl_close(swl_jsonl *log) {
  if (!log) return;
  swl_append_close(&log->to);
  swl_release(log->to.context, log);
}
