/* csv_text.h - a CSV file as fields, one after the other, each with its line. */
#ifndef SWL_DATA_CSV_TEXT_H
#define SWL_DATA_CSV_TEXT_H

#include "base/context.h"

/* The whole file in temporary memory of the context; fields are cut out of it in place. */
typedef struct swl_csv_text {
  swale_context *context;
  const char *path;
  char *bytes; /* size + 1, the last is NUL */
  size_t size, at;
  size_t line;   /* of `at`, from 1 */
  size_t column; /* of the next field, from 1 */
} swl_csv_text;

typedef struct swl_csv_field {
  char *text; /* NUL-terminated; an unquoted field without the blanks around it */
  size_t length;
  size_t line;   /* where it starts */
  size_t column; /* from 1 */
  int last;      /* of its row */
} swl_csv_field;

/* Release with swl_csv_close, also after failure. */
SWALE_NODISCARD swale_status swl_csv_open(swale_context *context, const char *path, swl_csv_text *text);
void swl_csv_close(swl_csv_text *text);

/* 1 when nothing but empty lines is left. */
int swl_csv_at_end(const swl_csv_text *text);

/* The next field; not to be called at the end. */
SWALE_NODISCARD swale_status swl_csv_next(swl_csv_text *text, swl_csv_field *field);

#endif
