/* model_texts.c - what the metadata of a model says about columns, target, classes and images, read with suspicion: every
 * text is plain, every count is what the network has.
 */
#include "data/csv_text.h"
#include "files/model_parts.h"

#include <math.h>
#include <string.h>

/* A copy of a text; *copy = NULL if it is none, or not plain. */
static swale_status texts_copy(const swl_model_reader *reader, const char *text, const char **copy) {
  *copy = NULL;
  if (!text || !swl_text_is_plain(text)) return SWALE_OK;
  *copy = swl_arena_text(reader->arena, text);
  return *copy ? SWALE_OK : SWALE_ERROR_MEMORY;
}

/* The texts of a JSON list, of which all are plain; *list = NULL, and *bad the first that is not, otherwise. */
static swale_status texts_list(const swl_model_reader *reader, const json_t *json, const char ***list, size_t *bad) {
  const size_t count = json_array_size(json);
  const char **made = swl_arena_take(reader->arena, count, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  *list = NULL;
  for (*bad = 0; *bad < count; ++*bad) {
    SWL_TRY(texts_copy(reader, json_string_value(json_array_get(json, *bad)), &made[*bad]));
    if (!made[*bad]) return SWALE_OK;
  }
  *list = made;
  return SWALE_OK;
}

static swale_status texts_classes(const swl_model_reader *reader, const json_t *json, swl_schema *schema) {
  size_t bad = 0;
  if (json_array_size(json) != schema->outputs) { /* 0 of what is no list */
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': 'classes' is not a list of %zu names", reader->path,
                    schema->outputs);
  }
  SWL_TRY(texts_list(reader, json, &schema->classes, &bad));
  if (schema->classes) return SWALE_OK;
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': class %zu has a name that is not plain text",
                  reader->path, bad);
}

/* One column; 0 inputs: it is not sound. */
static swale_status texts_column(const swl_model_reader *reader, const json_t *json, swl_column *column,
                                 size_t *inputs) {
  const json_t *fill = json_object_get(json, "fill"), *values = json_object_get(json, "values");
  size_t bad = 0;
  *inputs = 0;
  *column = (swl_column){.fill = NAN};
  SWL_TRY(texts_copy(reader, json_string_value(json_object_get(json, "name")), &column->name));
  const size_t known = 1 + (fill ? 1 : 0) + (values ? 1 : 0);
  if (!column->name || !column->name[0] || json_object_size(json) != known || (fill && values)) return SWALE_OK;
  if (values) {
    SWL_TRY(texts_list(reader, values, &column->values, &bad));
    column->kind = SWL_COLUMN_TEXT;
    column->value_count = json_array_size(values);
    *inputs = column->values ? column->value_count : 0;
    return SWALE_OK;
  }
  if (fill && !json_is_number(fill)) return SWALE_OK;
  if (fill) column->fill = json_number_value(fill);
  *inputs = !fill || isfinite(column->fill);
  return SWALE_OK;
}

static swale_status texts_columns(const swl_model_reader *reader, const json_t *json, swl_schema *schema) {
  const size_t count = json_array_size(json);
  size_t sum = 0;
  if (count == 0 || count > schema->inputs) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': 'columns' is not a list of 1 to %zu columns",
                    reader->path, schema->inputs);
  }
  schema->column = swl_arena_take(reader->arena, count, sizeof *schema->column);
  if (!schema->column) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) {
    size_t inputs = 0;
    SWL_TRY(texts_column(reader, json_array_get(json, i), &schema->column[i], &inputs));
    if (inputs == 0) {
      return swl_fail(reader->context, SWALE_ERROR_FORMAT,
                      "'%s': column %zu is not a plain name with a finite fill, or with a list of plain values",
                      reader->path, i);
    }
    sum += inputs;
  }
  if (sum != schema->inputs) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': its columns make %zu inputs; the network has %zu",
                    reader->path, sum, schema->inputs);
  }
  schema->columns = count;
  return SWALE_OK;
}

static swale_status texts_image(const swl_model_reader *reader, const json_t *json, swl_schema *schema) {
  const json_int_t height = json_integer_value(json_array_get(json, 0));
  const json_int_t width = json_integer_value(json_array_get(json, 1));
  const json_int_t most = (json_int_t)schema->inputs;
  if (json_array_size(json) != 2 || height < 1 || width < 1 || height > most || width > most ||
      height * width != most || schema->columns) {
    return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': 'image' is not [height, width] of %zu inputs",
                    reader->path, schema->inputs);
  }
  schema->height = (size_t)height;
  schema->width = (size_t)width;
  return SWALE_OK;
}

swale_status swl_model_read_word(const swl_model_reader *reader, const char *key, const char **word) {
  const char *text = swl_safetensors_metadata(&reader->file, key);
  SWL_TRY(texts_copy(reader, text ? text : "", word));
  if (*word) return SWALE_OK;
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': '%s' in its metadata is not plain text", reader->path,
                  key);
}

static swale_status texts_target(const swl_model_reader *reader, swl_schema *schema) {
  if (!swl_safetensors_metadata(&reader->file, "target")) return SWALE_OK;
  SWL_TRY(swl_model_read_word(reader, "target", &schema->target));
  if (schema->target[0]) return SWALE_OK;
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': 'target' in its metadata is empty", reader->path);
}

swale_status swl_model_read_texts(const swl_model_reader *reader, swl_schema *schema) {
  static const struct {
    const char *key;
    swale_status (*take)(const swl_model_reader *, const json_t *, swl_schema *);
  } parts[] = {{"classes", texts_classes}, {"columns", texts_columns}, {"image", texts_image}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    const char *text = swl_safetensors_metadata(&reader->file, parts[i].key);
    if (!text) continue;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL); /* NULL is no list */
    const swale_status status = parts[i].take(reader, json, schema);
    json_decref(json);
    SWL_TRY(status);
  }
  return texts_target(reader, schema);
}
