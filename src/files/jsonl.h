/* jsonl.h - one JSON object per line, appended and flushed; numbers that are not finite become null. */
#ifndef SWL_FILES_JSONL_H
#define SWL_FILES_JSONL_H

#include "base/arena.h"

#include <stddef.h>

typedef enum swl_field_type {
  SWL_FIELD_REAL,
  SWL_FIELD_INTEGER,
  SWL_FIELD_TEXT,
  SWL_FIELD_FLAG,
  SWL_FIELD_OBJECT /* of fields that are none; written only: see jsonl_read.h */
} swl_field_type;

typedef struct swl_field {
  const char *name;
  swl_field_type type;
  double real;                     /* REAL */
  int64_t integer;                 /* INTEGER, FLAG (0 or 1) */
  const char *text;                /* TEXT; NULL becomes null */
  const struct swl_field *members; /* OBJECT, count */
  size_t count;
} swl_field;

/* The fields as one line of JSON with a final newline, keys in the given order, doubles with 17 significant digits (or
 * the fewest that read back exactly). Writes at most `capacity` bytes including the NUL; SWALE_ERROR_USAGE if that
 * is too small. */
SWALE_NODISCARD swale_status swl_json_line(swale_context *context, const swl_field *fields, size_t count, char *text,
                                           size_t capacity);

enum { SWL_JSONL_LINE_MAX = 1 << 17 }; /* bytes: room for the texts of all options, each byte escaped */

typedef struct swl_jsonl swl_jsonl;
typedef struct swl_jsonl_rest {
  char *bytes; /* size */
  size_t size;
} swl_jsonl_rest;
/* A new file, or an existing one to append to. It is locked as long as it is open: SWALE_ERROR_EXISTS if somebody else
 * has it open. The lock ends with the process, however that ends. Appending allocates nothing. */
SWALE_NODISCARD swale_status swl_jsonl_open(swale_context *context, const char *path, swl_jsonl **log);
SWALE_NODISCARD swale_status swl_jsonl_append(swl_jsonl *log, const swl_field *fields, size_t count);
/* Bring what was appended to the disk; *size: the bytes of the file. */
SWALE_NODISCARD swale_status swl_jsonl_sync(swl_jsonl *log, uint64_t *size);
/* Does a line end at byte `size`, or does the file begin there? SWALE_ERROR_FORMAT if not. */
SWALE_NODISCARD swale_status swl_jsonl_check(const swl_jsonl *log, uint64_t size);
/* What lies behind byte `size`, copied into the arena. */
SWALE_NODISCARD swale_status swl_jsonl_tail(const swl_jsonl *log, uint64_t size, swl_arena *arena,
                                            swl_jsonl_rest *rest);
/* Forget it. */
SWALE_NODISCARD swale_status swl_jsonl_cut(swl_jsonl *log, uint64_t size);
/* After a cut: put it back, if that can be. */
void swl_jsonl_restore(swl_jsonl *log, const swl_jsonl_rest *rest);
void swl_jsonl_close(swl_jsonl *log); /* NULL is legal */

#endif
