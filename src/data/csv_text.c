/* csv_text.c - how does the text of a CSV file become fields?
 *
 * source: Y. Shafranovich, RFC 4180, 2005: fields separated by commas, rows by line ends; a field within double
 * quotes may hold separators, line ends, and "" for a quote. Deviations: the separator may also be a semicolon, a tab, or
 * another one that is given (found as the most frequent one outside quotes of the first line); LF as well as CR LF ends a
 * row, a UTF-8 byte order mark is skipped, empty lines at the end of the file are no rows, blanks around an unquoted field
 * do not belong to it (so that "a, b" has the column b). The file may be compressed (gzip).
 *
 * (1) The end of the row is looked for, and more is read until it is there. (2) Its bytes must be UTF-8 without control
 * characters other than tab and line ends: names and classes go into messages and models. (3) Fields are cut out.
 */
#include "data/csv_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

enum { CSV_FIRST_CAPACITY = 1 << 18, CSV_ROW_MAX = 1 << 28, CSV_FIRST_FIELDS = 32 }; /* bytes, bytes, fields */

/* Double an array of `size` bytes per element. */
static void *csv_double(swale_context *context, void *old, size_t count, size_t size) {
  char *more = swl_allocate(context, 2 * count, size);
  if (!more) return NULL;
  memcpy(more, old, count * size);
  swl_release(context, old);
  return more;
}

/* --- (1) ---------------------------------------------------------------------------------------------------------- */

static swale_status csv_read_failed(const swl_csv_text *text, int bytes) {
  int error = Z_OK;
  const char *reason = gzerror(text->stream, &error);
  if (error == Z_ERRNO) {
    return swl_fail(text->context, SWALE_ERROR_IO, "%s: cannot read: %s", text->path, strerror(errno));
  }
  if (error == Z_MEM_ERROR) return swl_fail(text->context, SWALE_ERROR_MEMORY, "%s: out of memory", text->path);
  if (bytes < 0 || error == Z_BUF_ERROR) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s: the gzip data is damaged: %s", text->path, reason);
  }
  return SWALE_OK;
}

/* Read more behind what is there, after what is used up was let go. */
static swale_status csv_fill(swl_csv_text *text) {
  if (!text->keep && text->at > 0) {
    memmove(text->bytes, text->bytes + text->at, text->size - text->at);
    text->before += text->at;
    text->size -= text->at;
    text->at = 0;
  }
  if (text->size + 1 >= text->capacity) {
    if (text->size - text->at > CSV_ROW_MAX) {
      return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu: a row of more than %d bytes", text->path,
                      text->line, CSV_ROW_MAX);
    }
    char *more = csv_double(text->context, text->bytes, text->capacity, 1);
    if (!more) return SWALE_ERROR_MEMORY;
    text->bytes = more;
    text->capacity *= 2;
  }
  const size_t room = text->capacity - 1 - text->size;
  errno = 0;
  const int got = gzread(text->stream, text->bytes + text->size, room < 1u << 30 ? (unsigned)room : 1u << 30);
  if (got <= 0) SWL_TRY(csv_read_failed(text, got));
  text->over = got <= 0;
  text->size += got > 0 ? (size_t)got : 0;
  text->bytes[text->size] = 0;
  return SWALE_OK;
}

static swale_status csv_nul(const swl_csv_text *text, size_t at) {
  return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, byte %zu is NUL: a text file in UTF-8 is due", text->path,
                  text->before + at);
}

/* The place of the line feed that ends the row, or the size of the file. */
static swale_status csv_find_end(swl_csv_text *text, size_t *end) {
  int quoted = 0;
  size_t done = 0; /* bytes of the row that were looked at */
  for (;;) {
    for (size_t i = text->at + done; i < text->size; i++) {
      const char c = text->bytes[i];
      if (c > '"') continue;
      if (c == '"') quoted = !quoted;
      if (c == 0) return csv_nul(text, i);
      if (c != '\n' || quoted) continue;
      *end = i;
      return SWALE_OK;
    }
    done = text->size - text->at;
    *end = text->size;
    if (text->over) return SWALE_OK;
    SWL_TRY(csv_fill(text));
  }
}

/* --- (2) ---------------------------------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 character that begins here (source: RFC 3629, section 4), 0 if there is none; C1 control characters,
 * which terminals obey too, are none here. */
static size_t csv_character(const unsigned char *c) {
  if (c[0] < 0x80) return 1;
  const size_t more = c[0] >= 0xc2 && c[0] <= 0xdf   ? 1
                      : c[0] >= 0xe0 && c[0] <= 0xef ? 2
                      : c[0] >= 0xf0 && c[0] <= 0xf4 ? 3
                                                     : 0;
  for (size_t i = 1; i <= more; i++) {
    if ((c[i] & 0xc0) != 0x80) return 0;
  }
  if (c[0] == 0xc2 && c[1] < 0xa0) return 0;
  if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f)) return 0;
  if ((c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f)) return 0;
  return more ? 1 + more : 0;
}

static int csv_is_control(unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f; }

int swl_text_is_plain(const char *text) {
  for (const unsigned char *byte = (const unsigned char *)text; *byte;) {
    const size_t length = csv_character(byte);
    if (length == 0 || csv_is_control(*byte)) return 0;
    byte += length;
  }
  return 1;
}

/* The text behind the row is NUL or a line feed, so that no character reaches beyond it. */
static swale_status csv_check(const swl_csv_text *text, size_t end) {
  const unsigned char *bytes = (const unsigned char *)text->bytes;
  size_t line = text->line, first = text->at;
  for (size_t i = text->at; i < end;) {
    const unsigned char c = bytes[i];
    const size_t length = c < 0x80 ? 1 : csv_character(bytes + i);
    if (length == 0 || csv_is_control(c)) {
      return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu, byte %zu of the line (0x%02x) is %s",
                      text->path, line, i - first + 1, (unsigned)c,
                      c < 0x80 || c == 0xc2 ? "a control character; text is due"
                                            : "not UTF-8; convert the file, like iconv -f latin1 -t utf-8");
    }
    if (c == '\n') line++, first = i + 1;
    i += length;
  }
  return SWALE_OK;
}

/* --- (3) ---------------------------------------------------------------------------------------------------------- */

static int csv_blank(const swl_csv_text *text, char c) { return (c == ' ' || c == '\t') && c != text->separator; }

static swale_status csv_add_field(swl_csv_text *text, size_t start) {
  if (text->count == text->room) {
    swl_csv_field *more = csv_double(text->context, text->fields, text->room, sizeof *more);
    if (!more) return SWALE_ERROR_MEMORY;
    text->fields = more;
    text->room *= 2;
  }
  text->fields[text->count++] = (swl_csv_field){start, text->line};
  return SWALE_OK;
}

/* A field in quotes that begins at `from`; *next: behind its closing quote and blanks. */
static swale_status csv_quoted(swl_csv_text *text, size_t from, size_t end, size_t *next) {
  char *bytes = text->bytes;
  const size_t line = text->line;
  size_t to = from + 1;
  SWL_TRY(csv_add_field(text, to));
  for (from++;; from++) {
    if (from >= end) {
      return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu, column %zu: a quote is opened and never closed",
                      text->path, line, text->count);
    }
    if (bytes[from] == '"') {
      if (from + 1 >= end || bytes[from + 1] != '"') break;
      from++;
    }
    text->line += bytes[from] == '\n';
    bytes[to++] = bytes[from];
  }
  for (from++; from < end && csv_blank(text, bytes[from]); from++) continue;
  if (from < end && bytes[from] != text->separator) {
    char rest[SWL_PLAIN_MAX];
    bytes[end] = 0;
    return swl_fail(text->context, SWALE_ERROR_FORMAT,
                    "%s, line %zu, column %zu: \"%s\" after a closing quote; a separator or the end of the line is due",
                    text->path, text->line, text->count, swl_plain(bytes + from, rest));
  }
  bytes[to] = 0; /* at the latest the place of the closing quote */
  *next = from;
  return SWALE_OK;
}

static swale_status csv_plain_field(swl_csv_text *text, size_t from, size_t end, size_t *next) {
  char *bytes = text->bytes;
  size_t to = from;
  SWL_TRY(csv_add_field(text, from));
  while (to < end && bytes[to] != text->separator && bytes[to] != '"' && bytes[to] != '\r') to++;
  *next = to;
  if (to < end && bytes[to] != text->separator) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu, column %zu: %s", text->path, text->line,
                    text->count,
                    bytes[to] == '"' ? "a quote within an unquoted field; quote the field and write it twice"
                                     : "a carriage return without a line feed; lines end with LF or CR LF");
  }
  while (to > from && csv_blank(text, bytes[to - 1])) to--;
  bytes[to] = 0;
  return SWALE_OK;
}

/* Cut the row, which ends before `end`. */
static swale_status csv_cut(swl_csv_text *text, size_t end) {
  char *bytes = text->bytes;
  size_t from = text->at;
  text->count = 0;
  for (int more = 1; more;) {
    size_t next = from;
    while (from < end && csv_blank(text, bytes[from])) from++;
    SWL_TRY(from < end && bytes[from] == '"' ? csv_quoted(text, from, end, &next)
                                             : csv_plain_field(text, from, end, &next));
    more = next < end;
    bytes[next] = 0;
    from = next + 1;
  }
  return SWALE_OK;
}

/* The most frequent of them outside quotes of the first line; a comma if there is none. */
static char csv_find_separator(const char *bytes, size_t from, size_t end) {
  static const char known[] = ",;\t";
  size_t counts[3] = {0}, best = 0;
  int quoted = 0;
  for (size_t i = from; i < end; i++) {
    if (bytes[i] == '"') quoted = !quoted;
    for (size_t k = 0; k < 3 && !quoted; k++) counts[k] += bytes[i] == known[k];
  }
  for (size_t k = 1; k < 3; k++) best = counts[k] > counts[best] ? k : best;
  return known[best];
}

/* 1 when nothing but line ends is left. */
static swale_status csv_at_end(swl_csv_text *text, int *over) {
  for (size_t i = text->at;; i++) {
    if (i >= text->size && !text->over) {
      const size_t done = i - text->at;
      SWL_TRY(csv_fill(text));
      i = text->at + done;
    }
    *over = i >= text->size;
    if (*over || (text->bytes[i] != '\r' && text->bytes[i] != '\n')) return SWALE_OK;
  }
}

swale_status swl_csv_row(swl_csv_text *text) {
  int over = 0;
  size_t end = 0;
  if (text->again) {
    text->again = 0;
    return SWALE_OK;
  }
  SWL_TRY(csv_at_end(text, &over));
  text->count = 0;
  if (over) return SWALE_OK;
  SWL_TRY(csv_find_end(text, &end));
  const size_t next = end < text->size ? end + 1 : end;
  SWL_TRY(csv_check(text, end));
  if (!text->separator) text->separator = csv_find_separator(text->bytes, text->at, end);
  if (end > text->at && end < text->size && text->bytes[end - 1] == '\r') end--;
  SWL_TRY(csv_cut(text, end));
  text->at = next;
  text->line++;
  return SWALE_OK;
}

swale_status swl_csv_open(swale_context *context, const char *path, char separator, int keep, swl_csv_text *text) {
  const int standard = strcmp(path, "-") == 0;
  *text = (swl_csv_text){
      .context = context, .path = standard ? "standard input" : path, .separator = separator, .keep = keep, .line = 1};
  errno = 0;
  const int file = standard ? dup(STDIN_FILENO) : -1;
  text->stream = !standard ? gzopen(path, "rb") : file < 0 ? NULL : gzdopen(file, "rb");
  if (!text->stream) {
    if (file >= 0) (void)close(file);
    return swl_fail(context, SWALE_ERROR_IO, "%s: cannot open: %s", text->path,
                    errno ? strerror(errno) : "out of memory");
  }
  text->capacity = CSV_FIRST_CAPACITY;
  text->room = CSV_FIRST_FIELDS;
  text->bytes = swl_allocate(context, text->capacity, 1);
  text->fields = swl_allocate(context, text->room, sizeof *text->fields);
  if (!text->bytes || !text->fields) return SWALE_ERROR_MEMORY;
  (void)gzbuffer(text->stream, CSV_FIRST_CAPACITY / 2);
  while (text->size < 3 && !text->over) SWL_TRY(csv_fill(text));
  if (text->size == 0) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%s is empty; a header line and rows are due", text->path);
  }
  if (text->size >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0) text->at = 3;
  return SWALE_OK;
}

void swl_csv_close(swl_csv_text *text) {
  if (text->stream) (void)gzclose_r(text->stream); /* only read */
  swl_release(text->context, text->bytes);
  swl_release(text->context, text->fields);
  text->stream = text->bytes = NULL;
  text->fields = NULL;
}

const char *swl_plain(const char *text, char plain[SWL_PLAIN_MAX]) {
  const unsigned char *from = (const unsigned char *)text;
  size_t to = 0;
  while (*from && to < 64) {
    const size_t length = csv_character(from);
    if (length == 0 || *from < 0x20 || *from == 0x7f) {
      plain[to++] = length == 1 && (*from == '\n' || *from == '\r' || *from == '\t') ? ' ' : '?';
      from++;
      continue;
    }
    memcpy(plain + to, from, length);
    to += length;
    from += length;
  }
  snprintf(plain + to, SWL_PLAIN_MAX - to, "%s", *from ? "…" : "");
  return plain;
}
