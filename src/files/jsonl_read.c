/* jsonl_read.c - see jsonl_read.h. source: RFC 8259; https://jsonlines.org (one value per line). */
#include "files/jsonl_read.h"

#include "files/file_bytes.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { JSONL_READ_MAX = 1 << 30 }; /* bytes of a file; a line of a run has about 400 */

typedef struct jsonl_reader {
  swale_context *context;
  swl_arena *arena;
  const char *path;
} jsonl_reader;

const swl_field *swl_record_field(const swl_record *record, const char *name) {
  for (size_t i = 0; i < record->count; i++) {
    if (strcmp(record->fields[i].name, name) == 0) return &record->fields[i];
  }
  return NULL;
}

double swl_record_real(const swl_record *record, const char *name) {
  const swl_field *field = swl_record_field(record, name);
  return field && field->type == SWL_FIELD_REAL ? field->real : (double)NAN;
}

const char *swl_record_text(const swl_record *record, const char *name) {
  const swl_field *field = swl_record_field(record, name);
  return field && field->type == SWL_FIELD_TEXT ? field->text : NULL;
}

/* Append a copy of the text to *to and move it behind. */
static const char *jsonl_keep(char **to, const char *text) {
  const size_t bytes = strlen(text) + 1;
  char *kept = memcpy(*to, text, bytes);
  *to += bytes;
  return kept;
}

static int jsonl_is_plain(const json_t *value) { return !json_is_array(value) && !json_is_object(value); }

/* One object into memory of its own: the fields, then the characters of their names and texts. */
static swale_status jsonl_keep_record(const jsonl_reader *reader, json_t *object, swl_record *record) {
  const char *name = NULL;
  json_t *value = NULL;
  size_t count = 0, characters = 0;
  json_object_foreach(object, name, value) {
    if (!jsonl_is_plain(value)) continue;
    characters += strlen(name) + 1 + (json_is_string(value) ? strlen(json_string_value(value)) + 1 : 0);
    count++;
  }
  swl_field *fields = swl_arena_take(reader->arena, count * sizeof *fields + characters, 1);
  if (!fields) return SWALE_ERROR_MEMORY;
  char *to = (char *)(fields + count);
  swl_field *field = fields;
  json_object_foreach(object, name, value) {
    if (!jsonl_is_plain(value)) continue;
    *field = (swl_field){.name = jsonl_keep(&to, name), .type = SWL_FIELD_REAL, .real = (double)NAN};
    if (json_is_number(value)) {
      field->real = json_number_value(value);
    } else if (json_is_string(value)) {
      field->type = SWL_FIELD_TEXT;
      field->text = jsonl_keep(&to, json_string_value(value));
    } else if (json_is_boolean(value)) {
      field->type = SWL_FIELD_FLAG;
      field->integer = json_is_true(value);
    }
    field++;
  }
  record->count = count;
  record->fields = fields;
  return SWALE_OK;
}

/* The line is `length` bytes at `text`. *torn becomes 1, and nothing is kept, where it is the cut-off end of the file. */
static swale_status jsonl_read_line(const jsonl_reader *reader, const char *text, size_t length, int last,
                                    swl_record *record, int *torn) {
  json_error_t error;
  json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
  if (!object && last) {
    *torn = 1;
    return SWALE_OK;
  }
  if (!object) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "%s:%zu: the line is not JSON: %s", reader->path, record->line,
                    error.text);
  }
  const swale_status status = json_is_object(object)
                                  ? jsonl_keep_record(reader, object, record)
                                  : swl_fail(reader->context, SWALE_ERROR_FORMAT,
                                             "%s:%zu: the line is not a JSON object", reader->path, record->line);
  json_decref(object);
  return status;
}

static size_t jsonl_lines(const char *bytes, size_t size) {
  size_t lines = 1;
  for (size_t i = 0; i < size; i++) lines += bytes[i] == '\n';
  return lines;
}

static int jsonl_is_blank(const char *text, size_t length) {
  size_t i = 0;
  while (i < length && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r')) i++;
  return i == length;
}

swale_status swl_jsonl_read(swale_context *context, swl_arena *arena, const char *path, swl_records *records) {
  const jsonl_reader reader = {context, arena, path};
  swl_records made = {.count = 0};
  char *bytes = NULL;
  size_t size = 0, line = 0;
  SWL_TRY(swl_file_whole(context, arena, path, JSONL_READ_MAX, &bytes, &size));
  swl_record *record = swl_arena_take(arena, jsonl_lines(bytes, size), sizeof *record);
  if (!record) return SWALE_ERROR_MEMORY;
  for (size_t at = 0; at < size;) {
    const char *end = memchr(bytes + at, '\n', size - at);
    const size_t length = end ? (size_t)(end - (bytes + at)) : size - at;
    line++;
    if (!jsonl_is_blank(bytes + at, length)) {
      record[made.count].line = line;
      SWL_TRY(jsonl_read_line(&reader, bytes + at, length, !end, &record[made.count], &made.torn));
      if (!made.torn) made.count++;
    }
    at += length + 1;
  }
  made.record = record;
  *records = made;
  return SWALE_OK;
}
