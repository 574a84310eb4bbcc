/* json_read.c - see json_read.h. source: RFC 8259. */
#include "files/json_read.h"

#include "files/file_bytes.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { JSON_READ_MAX = 1 << 24, JSON_READ_DEPTH = 16 }; /* bytes, levels */

typedef struct json_reader {
  swale_context *context;
  swl_arena *arena;
  const char *path;
} json_reader;

const swl_json_value *swl_json_member(const swl_json_value *object, const char *name) {
  for (size_t i = 0; object->type == SWL_JSON_OBJECT && i < object->count; i++) {
    if (strcmp(object->items[i].name, name) == 0) return &object->items[i];
  }
  return NULL;
}

double swl_json_real(const swl_json_value *object, const char *name) {
  const swl_json_value *member = swl_json_member(object, name);
  return member ? member->number : (double)NAN;
}

const char *swl_json_string(const swl_json_value *object, const char *name) {
  const swl_json_value *member = swl_json_member(object, name);
  return member ? member->text : NULL;
}

static swale_status json_keep(const json_reader *reader, const char *text, const char **kept) {
  *kept = swl_arena_text(reader->arena, text);
  return *kept ? SWALE_OK : SWALE_ERROR_MEMORY;
}

static swale_status json_take(const json_reader *reader, json_t *from, int depth, swl_json_value *to);

/* The items of a list or an object, in their order. */
static swale_status json_take_items(const json_reader *reader, json_t *from, int depth, swl_json_value *to) {
  to->count = to->type == SWL_JSON_LIST ? json_array_size(from) : json_object_size(from);
  if (to->count == 0) return SWALE_OK;
  if (depth == JSON_READ_DEPTH) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s' is nested deeper than %d levels", reader->path,
                    JSON_READ_DEPTH);
  }
  swl_json_value *items = swl_arena_take(reader->arena, to->count, sizeof *items);
  if (!items) return SWALE_ERROR_MEMORY;
  to->items = items;
  if (to->type == SWL_JSON_LIST) {
    for (size_t i = 0; i < to->count; i++) {
      SWL_TRY(json_take(reader, json_array_get(from, i), depth + 1, &items[i]));
    }
    return SWALE_OK;
  }
  const char *name = NULL;
  json_t *value = NULL;
  json_object_foreach(from, name, value) {
    SWL_TRY(json_take(reader, value, depth + 1, items));
    SWL_TRY(json_keep(reader, name, &items->name));
    items++;
  }
  return SWALE_OK;
}

static swale_status json_take(const json_reader *reader, json_t *from, int depth, swl_json_value *to) {
  *to = (swl_json_value){.type = SWL_JSON_NUMBER, .number = (double)NAN};
  if (json_is_number(from)) to->number = json_number_value(from);
  if (json_is_boolean(from)) to->number = json_is_true(from);
  if (json_is_string(from)) {
    to->type = SWL_JSON_TEXT;
    return json_keep(reader, json_string_value(from), &to->text);
  }
  if (!json_is_array(from) && !json_is_object(from)) return SWALE_OK;
  to->type = json_is_array(from) ? SWL_JSON_LIST : SWL_JSON_OBJECT;
  return json_take_items(reader, from, depth, to);
}

swale_status swl_json_read(swale_context *context, swl_arena *arena, const char *path, swl_json_value *value) {
  const json_reader reader = {context, arena, path};
  swl_json_value made;
  char *bytes = NULL;
  size_t size = 0;
  json_error_t error;
  SWL_TRY(swl_file_whole(context, arena, path, JSON_READ_MAX, &bytes, &size));
  json_t *document = json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY,
                                &error);
  if (!document) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%s:%d: the file is not JSON: %s", path, error.line, error.text);
  }
  const swale_status status = json_take(&reader, document, 0, &made);
  json_decref(document);
  if (status == SWALE_OK) *value = made;
  return status;
}
