/* csv_text.h - a CSV file as rows of fields, one row after the other. */
#ifndef SWL_DATA_CSV_TEXT_H
#define SWL_DATA_CSV_TEXT_H

#include "base/context.h"

typedef struct swl_csv_field {
  size_t start; /* of its text, which ends with NUL: text->bytes + start */
  size_t line;  /* where it begins, from 1 */
} swl_csv_field;

/* A part of the file, or all that was read, in temporary memory of the context; fields are cut out of it in place. */
typedef struct swl_csv_text {
  swale_context *context;
  const char *path; /* for messages; "-" is the standard input */
  void *stream;     /* zlib's: plain or gzip */
  char separator;   /* 0: to be found from the first line */
  int keep;         /* 1: all fields stay valid, in memory of the size of the file; 0: those of one row */
  int over, again;  /* nothing is left to be read from the stream; the row is given once more */
  char *bytes;      /* capacity; NUL at size */
  size_t capacity, size, at;
  size_t before;         /* bytes of the file before bytes[0] */
  size_t line;           /* of `at`, from 1 */
  swl_csv_field *fields; /* of the row */
  size_t count, room;
} swl_csv_text;

/* Opens the file and reads its begin. Release with swl_csv_close, also after failure. */
SWALE_NODISCARD swale_status swl_csv_open(swale_context *context, const char *path, char separator, int keep,
                                          swl_csv_text *text);
void swl_csv_close(swl_csv_text *text);

/* The next row: text->fields and text->count; 0 fields when nothing but empty lines is left. */
SWALE_NODISCARD swale_status swl_csv_row(swl_csv_text *text);

/* Field i of the row. */
static inline const char *swl_csv_field_at(const swl_csv_text *text, size_t i) {
  return text->bytes + text->fields[i].start;
}

/* 1 if a text may be the name of something: UTF-8 without control characters but tab and line ends, as fields are. */
int swl_text_is_plain(const char *text);

enum { SWL_PLAIN_MAX = 80 };
/* `text` for a message: cut after 64 bytes, never within a character, without control characters. */
const char *swl_plain(const char *text, char plain[SWL_PLAIN_MAX]);

#endif
