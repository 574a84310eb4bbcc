/* jsonl_read.h - lines of JSON that somebody wrote, as records; see jsonl.h for writing. */
#ifndef SWL_FILES_JSONL_READ_H
#define SWL_FILES_JSONL_READ_H

#include "base/arena.h"
#include "files/jsonl.h"

/* One line. Every number is a REAL and null is a REAL that is NaN. What is in an object is a field too, called
 * "object.member"; lists, and objects in objects, are left out. */
typedef struct swl_record {
  size_t line; /* of the file, from 1 */
  size_t count;
  const swl_field *fields; /* count */
} swl_record;

typedef struct swl_records {
  size_t count;
  const swl_record *record; /* count */
  int torn;                 /* 1: the last line has no end and is no JSON (its writer was killed); it was left out */
} swl_records;

/* Every line that is not blank must be one JSON object with distinct keys, in UTF-8; errors name the file and the line.
 * Texts are valid UTF-8. All memory is the arena's, and of the order of the file's size. */
SWALE_NODISCARD swale_status swl_jsonl_read(swale_context *context, swl_arena *arena, const char *path,
                                            swl_records *records);

/* The field by its name, or NULL. */
const swl_field *swl_record_field(const swl_record *record, const char *name);
/* A number; NaN where there is none. */
double swl_record_real(const swl_record *record, const char *name);
/* A text; NULL where there is none. */
const char *swl_record_text(const swl_record *record, const char *name);

#endif
