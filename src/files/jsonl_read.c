/* jsonl_read.c - see jsonl_read.h. source: RFC 8259; https://jsonlines.org (one value per line). */
#include "files/jsonl_read.h"

#include "files/file_bytes.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
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

/* Where fields are put, and the characters of their names and texts; both NULL: they are only counted. */
typedef struct jsonl_place {
  swl_field *field;
  char *to;
  size_t count, characters;
} jsonl_place;

/* A copy of the text; of "before.text" where there is a `before`. */
static const char *jsonl_keep(jsonl_place *place, const char *before, const char *text) {
  const size_t first = before ? strlen(before) + 1 : 0, bytes = first + strlen(text) + 1;
  char *kept = place->to;
  place->characters += bytes;
  if (!kept) return NULL;
  place->to += bytes;
  if (before) snprintf(kept, first + 1, "%s.", before);
  return strcpy(kept + first, text) - first;
}

static void jsonl_keep_value(jsonl_place *place, const char *before, const char *name, json_t *value) {
  swl_field field = {.name = jsonl_keep(place, before, name), .type = SWL_FIELD_REAL, .real = (double)NAN};
  if (json_is_number(value)) {
    field.real = json_number_value(value);
  } else if (json_is_string(value)) {
    field.type = SWL_FIELD_TEXT;
    field.text = jsonl_keep(place, NULL, json_string_value(value));
  } else if (json_is_boolean(value)) {
    field.type = SWL_FIELD_FLAG;
    field.integer = json_is_true(value);
  }
  if (place->field) place->field[place->count] = field;
  place->count++;
}

static int jsonl_is_plain(const json_t *value) { return !json_is_array(value) && !json_is_object(value); }

static void jsonl_keep_object(jsonl_place *place, json_t *object) {
  const char *outer = NULL, *member = NULL;
  json_t *value = NULL, *inner = NULL;
  json_object_foreach(object, outer, value) {
    if (jsonl_is_plain(value)) jsonl_keep_value(place, NULL, outer, value);
    json_object_foreach(value, member, inner) {
      if (jsonl_is_plain(inner)) jsonl_keep_value(place, outer, member, inner);
    }
  }
}

/* A name with a point in it, which might be that of a member of another; NULL without. */
static const char *jsonl_point(json_t *object) {
  const char *outer = NULL, *member = NULL;
  json_t *value = NULL, *inner = NULL;
  json_object_foreach(object, outer, value) {
    if (strchr(outer, '.')) return outer;
    json_object_foreach(value, member, inner) {
      if (strchr(member, '.')) return member;
    }
  }
  return NULL;
}

/* One object into memory of its own: the fields, then the characters of their names and texts. */
static swale_status jsonl_keep_record(const jsonl_reader *reader, json_t *object, swl_record *record) {
  jsonl_place place = {.field = NULL};
  jsonl_keep_object(&place, object);
  const size_t count = place.count;
  swl_field *fields = swl_arena_take(reader->arena, count * sizeof *fields + place.characters, 1);
  if (!fields) return SWALE_ERROR_MEMORY;
  place = (jsonl_place){.field = fields, .to = (char *)(fields + count)};
  jsonl_keep_object(&place, object);
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
  const char *point = jsonl_point(object);
  const swale_status status = !json_is_object(object)
                                  ? swl_fail(reader->context, SWALE_ERROR_FORMAT,
                                             "%s:%zu: the line is not a JSON object", reader->path, record->line)
                              : point ? swl_fail(reader->context, SWALE_ERROR_FORMAT,
                                                 "%s:%zu: the name '%.64s' has a point in it", reader->path,
                                                 record->line, point)
                                      : jsonl_keep_record(reader, object, record);
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
