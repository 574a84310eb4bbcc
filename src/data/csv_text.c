/* csv_text.c - how does the text of a CSV file become fields?
 *
 * source: Y. Shafranovich, RFC 4180, 2005: fields separated by commas, rows by line ends; a field within double
 * quotes may hold commas, line ends, and "" for a quote. Deviations: LF as well as CR LF ends a row, a UTF-8 byte
 * order mark is skipped, empty lines at the end of the file are no rows, blanks around an unquoted field do not
 * belong to it (so that "a, b" has the column b), and the bytes may be any but NUL.
 */
#include "data/csv_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CSV_FIRST_CAPACITY = 1 << 16 }; /* bytes; doubled as needed */

static swale_status csv_grow(swl_csv_text *text, size_t *capacity) {
  char *more = swl_allocate(text->context, *capacity, 2);
  if (!more) return SWALE_ERROR_MEMORY;
  memcpy(more, text->bytes, text->size);
  swl_release(text->context, text->bytes);
  text->bytes = more;
  *capacity *= 2;
  return SWALE_OK;
}

/* The stream to its end: a pipe has no size to ask for. */
static swale_status csv_slurp(swl_csv_text *text, FILE *stream) {
  size_t capacity = CSV_FIRST_CAPACITY;
  text->bytes = swl_allocate(text->context, capacity, 1);
  if (!text->bytes) return SWALE_ERROR_MEMORY;
  for (;;) {
    errno = 0;
    text->size += fread(text->bytes + text->size, 1, capacity - 1 - text->size, stream);
    if (ferror(stream)) {
      return swl_fail(text->context, SWALE_ERROR_IO, "%s: cannot read: %s", text->path, strerror(errno));
    }
    if (text->size < capacity - 1) break;
    SWL_TRY(csv_grow(text, &capacity));
  }
  text->bytes[text->size] = 0;
  return SWALE_OK;
}

/* A NUL byte means that this is no text: a binary file, or UTF-16. */
static swale_status csv_check(const swl_csv_text *text) {
  if (text->size == 0) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s is empty; a header line and rows are due", text->path);
  }
  const char *nul = memchr(text->bytes, 0, text->size);
  if (nul) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, byte %zu is NUL: a text file in UTF-8 is due", text->path,
                    (size_t)(nul - text->bytes));
  }
  return SWALE_OK;
}

swale_status swl_csv_open(swale_context *context, const char *path, swl_csv_text *text) {
  *text = (swl_csv_text){.context = context, .path = path, .line = 1, .column = 1};
  FILE *stream = fopen(path, "rb");
  if (!stream) return swl_fail(context, SWALE_ERROR_IO, "%s: cannot open: %s", path, strerror(errno));
  swale_status status = csv_slurp(text, stream);
  (void)fclose(stream); /* only read */
  SWL_TRY(status);
  SWL_TRY(csv_check(text));
  if (text->size >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0) text->at = 3;
  return SWALE_OK;
}

void swl_csv_close(swl_csv_text *text) {
  swl_release(text->context, text->bytes);
  text->bytes = NULL;
}

int swl_csv_at_end(const swl_csv_text *text) { return text->at + strspn(text->bytes + text->at, "\r\n") == text->size; }

static int csv_blank(char c) { return c == ' ' || c == '\t'; }

/* What follows a field: a comma, a line end, or the end. Moves behind it. */
static swale_status csv_separator(swl_csv_text *text, swl_csv_field *field) {
  char *end = text->bytes + text->at;
  if (*end == ',') {
    text->at++;
    text->column++;
    field->last = 0;
    return SWALE_OK;
  }
  if (*end == '\r' && end[1] == '\n') end++;
  if (*end == '\n' || *end == 0) {
    text->at = (size_t)(end - text->bytes) + (*end == '\n');
    text->line += *end == '\n';
    text->column = 1;
    field->last = 1;
    return SWALE_OK;
  }
  if (*end == '\r') {
    return swl_fail(text->context, SWALE_ERROR_FORMAT,
                    "%s, line %zu, column %zu: a carriage return without a line feed; lines end with LF or CR LF",
                    text->path, text->line, field->column);
  }
  return swl_fail(text->context, SWALE_ERROR_FORMAT,
                  "%s, line %zu, column %zu: \"%c\" after a closing quote; a comma or the end of the line is due",
                  text->path, text->line, field->column, *end);
}

static swale_status csv_quoted(swl_csv_text *text, swl_csv_field *field) {
  char *from = text->bytes + text->at + 1, *to = from;
  field->text = to;
  for (;; from++) {
    if (*from == 0) {
      return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu, column %zu: a quote is opened and never closed",
                      text->path, field->line, field->column);
    }
    if (*from == '"') {
      if (from[1] != '"') break;
      from++;
    }
    text->line += *from == '\n';
    *to++ = *from;
  }
  for (from++; csv_blank(*from); from++) continue;
  text->at = (size_t)(from - text->bytes);
  field->length = (size_t)(to - field->text);
  SWL_TRY(csv_separator(text, field));
  *to = 0; /* at the latest the place of the closing quote */
  return SWALE_OK;
}

static swale_status csv_plain(swl_csv_text *text, swl_csv_field *field) {
  const size_t length = strcspn(field->text, ",\r\n\"");
  char *to = field->text + length;
  if (*to == '"') {
    return swl_fail(text->context, SWALE_ERROR_FORMAT,
                    "%s, line %zu, column %zu: a quote within an unquoted field; quote the field and write it twice",
                    text->path, text->line, field->column);
  }
  text->at = (size_t)(to - text->bytes);
  SWL_TRY(csv_separator(text, field));
  while (to > field->text && csv_blank(to[-1])) to--;
  *to = 0;
  field->length = (size_t)(to - field->text);
  return SWALE_OK;
}

swale_status swl_csv_next(swl_csv_text *text, swl_csv_field *field) {
  while (csv_blank(text->bytes[text->at])) text->at++;
  *field = (swl_csv_field){.text = text->bytes + text->at, .line = text->line, .column = text->column};
  return text->bytes[text->at] == '"' ? csv_quoted(text, field) : csv_plain(text, field);
}
