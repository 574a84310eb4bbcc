/* csv_source.c - which column of a CSV file is which?
 *
 * (1) The separator, the first row, the columns' names: given, or column1, column2, … without a header line. (2) The
 * target: the one that is asked for, or the model's, or the last one. (3) The features: with a schema that has names, its
 * columns by name, whatever else there is; else all the others but those to drop and the weight, in their order.
 */
#include "data/csv_source.h"

#include "data/csv_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *source_or(const char *text, const char *standard) { return text && *text ? text : standard; }

/* --- (1) ---------------------------------------------------------------------------------------------------------- */

/* 0: to be found. */
static char source_separator(swl_word word) {
  return word == SWL_SEPARATOR_COMMA       ? ','
         : word == SWL_SEPARATOR_SEMICOLON ? ';'
         : word == SWL_SEPARATOR_TAB       ? '\t'
         : word == SWL_SEPARATOR_BAR       ? '|'
                                           : 0;
}

/* A name is hardly ever a number. */
static swale_status source_looks_like_data(const swl_csv_source *source) {
  const swl_csv_text *text = &source->text;
  for (size_t i = 0; i < text->count; i++) {
    double number = 0;
    char plain[SWL_PLAIN_MAX];
    if (swl_csv_number(text->bytes + text->fields[i].start, swl_csv_comma(source), &number)) continue;
    return swl_fail(source->context, SWALE_ERROR_FORMAT,
                    "%s, line %zu looks like data: field %zu is the number %s, where a header line with names is due; "
                    "without one use --header=false, and --header=true where it is a name",
                    text->path, text->fields[i].line, i + 1, swl_plain(swl_csv_field_at(text, i), plain));
  }
  return SWALE_OK;
}

static swale_status source_name(swl_csv_source *source) {
  swl_csv_text *text = &source->text;
  const swl_word header = source->request->header;
  const int named = header != SWL_HEADER_FALSE;
  if (named && header != SWL_HEADER_TRUE) SWL_TRY(source_looks_like_data(source));
  source->columns = text->count;
  source->names = swl_arena_take(source->arena, text->count, sizeof *source->names);
  if (!source->names) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < text->count; i++) {
    char number[32];
    const char *name = swl_csv_field_at(text, i);
    snprintf(number, sizeof number, "column%zu", i + 1);
    if (named && i == 0 && !*name) source->unnamed = 1;
    source->names[i] = swl_arena_text(source->arena, named && *name ? name : number);
    if (!source->names[i]) return SWALE_ERROR_MEMORY;
  }
  text->again = !named;
  SWL_TRY(swl_names_index(source->arena, source->columns, source->names, &source->index));
  const char *twice = swl_names_repeated(&source->index);
  if (!twice) return SWALE_OK;
  char list[SWL_NAMES_TEXT], plain[SWL_PLAIN_MAX];
  return swl_fail(
      source->context, SWALE_ERROR_FORMAT,
      "%s, line 1: two columns are named \"%s\"; names of columns must differ: %s (--header=false if they are data)",
      text->path, swl_plain(twice, plain), swl_names_text(source->columns, source->names, list));
}

/* --- (2) ---------------------------------------------------------------------------------------------------------- */

static swale_status source_lacks(const swl_csv_source *source, const char *name, const char *what) {
  char list[SWL_NAMES_TEXT], plain[SWL_PLAIN_MAX];
  return swl_fail(source->context, SWALE_ERROR_USAGE, "%s has no column \"%s\" %s; its columns are: %s",
                  source->text.path, swl_plain(name, plain), what,
                  swl_names_text(source->columns, source->names, list));
}

/* The column that an option names, NULL if none: as it is, or in double quotes as in a list of names. */
static swale_status source_given(swl_csv_source *source, const char *option, const char *text, const char **name) {
  const char **list = NULL;
  size_t count = 0;
  *name = source_or(text, NULL);
  if (!*name || **name != '"' || swl_names_find(&source->index, *name) >= 0) return SWALE_OK;
  SWL_TRY(swl_names_parse(source->context, source->arena, option, *name, &count, &list));
  if (count == 1) *name = list[0];
  return SWALE_OK;
}

/* The columns that are neither features nor the target: 1 each in `apart` (columns). */
static swale_status source_set_apart(swl_csv_source *source, char *apart) {
  const char *weight = NULL, **drop = NULL;
  size_t count = 0;
  SWL_TRY(source_given(source, "weight", source->request->weight, &weight));
  SWL_TRY(swl_names_parse(source->context, source->arena, "drop", source_or(source->request->drop, ""), &count, &drop));
  for (size_t i = 0; i < count; i++) {
    const ptrdiff_t column = swl_names_find(&source->index, drop[i]);
    if (column < 0 && !source->request->schema) return source_lacks(source, drop[i], "to drop");
    if (column >= 0) apart[column] = 1;
    if (column == 0) source->unnamed = 0;
  }
  source->weight = weight ? swl_names_find(&source->index, weight) : SWL_NAMES_NONE;
  if (weight && source->weight < 0 && !source->request->schema) return source_lacks(source, weight, "for the weights");
  if (source->weight >= 0) apart[source->weight] = 1;
  return SWALE_OK;
}

static swale_status source_find_target(swl_csv_source *source, const char *apart, int need) {
  const swl_schema *schema = source->request->schema;
  const char *given = NULL, *own = schema ? schema->target : NULL;
  SWL_TRY(source_given(source, "target", source->request->target, &given));
  char plain[SWL_PLAIN_MAX], list[SWL_PLAIN_MAX];
  if (given && own && strcmp(given, own) != 0) {
    return swl_fail(source->context, SWALE_ERROR_USAGE, "target is \"%s\", but the model predicts \"%s\"",
                    swl_plain(given, plain), swl_plain(own, list));
  }
  const char *name = given ? given : own;
  source->target = name ? swl_names_find(&source->index, name) : (ptrdiff_t)source->columns - 1;
  if (name && source->target < 0 && need) {
    if (!own) return source_lacks(source, name, "for the target");
    char columns[SWL_NAMES_TEXT];
    return swl_fail(
        source->context, SWALE_ERROR_USAGE,
        "%s has no column \"%s\", which the model predicts; its last one is \"%s\", and its columns are: %s",
        source->text.path, swl_plain(name, plain), swl_plain(source->names[source->columns - 1], list),
        swl_names_text(source->columns, source->names, columns));
  }
  while (!name && source->target >= 0 && apart[source->target]) source->target--;
  if (source->target >= 0 && apart[source->target]) {
    return swl_fail(source->context, SWALE_ERROR_USAGE,
                    "column \"%s\" is the target, and so cannot be dropped or hold weights",
                    swl_plain(source->names[source->target], plain));
  }
  return SWALE_OK;
}

/* --- (3) ---------------------------------------------------------------------------------------------------------- */

/* Text like ["a", "b"] of what is missing. */
static swale_status source_missing(swl_csv_source *source, const swl_schema *schema) {
  const char **missing = swl_arena_take(source->arena, schema->columns, sizeof *missing);
  char lacks[SWL_NAMES_TEXT], list[SWL_NAMES_TEXT];
  size_t count = 0;
  if (!missing) return SWALE_ERROR_MEMORY;
  for (size_t k = 0; k < schema->columns; k++) {
    if (swl_names_find(&source->index, schema->column[k].name) < 0) missing[count++] = schema->column[k].name;
  }
  return swl_fail(source->context, SWALE_ERROR_USAGE,
                  "%s lacks %zu of the model's %zu columns: %s; its columns are: %s", source->text.path, count,
                  schema->columns, swl_names_text(count, missing, lacks),
                  swl_names_text(source->columns, source->names, list));
}

/* By name. What else there is gets no meaning, and that is said. */
static swale_status source_match(swl_csv_source *source, const swl_schema *schema, char *apart) {
  const char **extra = swl_arena_take(source->arena, source->columns, sizeof *extra);
  char list[SWL_NAMES_TEXT];
  size_t extras = 0;
  if (!extra) return SWALE_ERROR_MEMORY;
  for (size_t k = 0; k < schema->columns; k++) {
    const ptrdiff_t column = swl_names_find(&source->index, schema->column[k].name);
    if (column < 0) return source_missing(source, schema);
    source->feature[source->features++] = (size_t)column;
    apart[column] = 1;
  }
  source->unnamed = 0;
  for (size_t i = 0; i < source->columns; i++) {
    if (!apart[i] && (ptrdiff_t)i != source->target) extra[extras++] = source->names[i];
  }
  if (extras > 0) {
    swl_log(source->context, "%s: the model does not look at %zu column%s: %s", source->text.path, extras,
            extras == 1 ? "" : "s", swl_names_text(extras, extra, list));
  }
  return SWALE_OK;
}

static swale_status source_take_all(swl_csv_source *source, int need_target, const char *apart) {
  const swl_schema *schema = source->request->schema;
  for (size_t i = 0; i < source->columns; i++) {
    if (!apart[i] && (ptrdiff_t)i != source->target) source->feature[source->features++] = i;
  }
  const size_t all = source->features + (source->target >= 0);
  if (schema && !need_target && all == schema->inputs && source->target >= 0 &&
      !source_or(source->request->target, NULL)) { /* without names, the last column may be a feature too */
    source->feature[source->features++] = (size_t)source->target;
    source->target = SWL_NAMES_NONE;
  }
  if (schema && source->features != schema->inputs) {
    return swl_fail(source->context, SWALE_ERROR_USAGE, "the model takes %zu inputs; the data has %zu features",
                    schema->inputs, source->features);
  }
  if (source->features > 0) return SWALE_OK;
  char list[SWL_NAMES_TEXT];
  return swl_fail(source->context, SWALE_ERROR_FORMAT,
                  "%s, line 1: no column is left for the features, of %s; at least two (a feature and the target), "
                  "separated by commas, semicolons or tabs, are due",
                  source->text.path, swl_names_text(source->columns, source->names, list));
}

/* A feature without a name, other than the first one, which may count the rows. */
static swale_status source_check_names(const swl_csv_source *source) {
  for (size_t k = 0; k < source->features + (source->target >= 0); k++) {
    const size_t column = k < source->features ? source->feature[k] : (size_t)source->target;
    const int first = column == 0 && k < source->features;
    if (first || *swl_csv_field_at(&source->text, column) || source->text.again) continue;
    return swl_fail(source->context, SWALE_ERROR_FORMAT,
                    "%s, line 1, column %zu has no name; every column needs one (--drop=%s leaves it out)",
                    source->text.path, column + 1, source->names[column]);
  }
  return SWALE_OK;
}

static swale_status source_index(swl_csv_source *source, const swl_schema *schema) {
  if (schema->classes) {
    SWL_TRY(swl_names_index(source->arena, schema->outputs, schema->classes, &source->classes));
  }
  source->values = swl_arena_take(source->arena, schema->columns, sizeof *source->values);
  if (!source->values) return SWALE_ERROR_MEMORY;
  for (size_t k = 0; k < schema->columns; k++) {
    const swl_column *column = &schema->column[k];
    if (column->kind != SWL_COLUMN_TEXT) continue;
    SWL_TRY(swl_names_index(source->arena, column->value_count, column->values, &source->values[k]));
  }
  return SWALE_OK;
}

swale_status swl_csv_source_open(swale_context *context, const char *path, const swl_dataset_request *request, int keep,
                                 int need_target, swl_csv_source *source) {
  const swl_schema *schema = request->schema;
  *source = (swl_csv_source){.context = context, .request = request, .text.context = context};
  SWL_TRY(swl_arena_create(context, &source->arena));
  SWL_TRY(swl_csv_open(context, path, source_separator(request->separator), keep, &source->text));
  SWL_TRY(swl_csv_row(&source->text));
  if (source->text.count == 0) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%s has no rows", source->text.path);
  }
  SWL_TRY(source_name(source));
  char *apart = swl_arena_take(source->arena, source->columns, 1);
  const size_t most = source->columns + (schema ? schema->columns : 0);
  source->feature = swl_arena_take(source->arena, most, sizeof *source->feature);
  if (!apart || !source->feature) return SWALE_ERROR_MEMORY;
  SWL_TRY(source_set_apart(source, apart));
  SWL_TRY(source_find_target(source, apart, need_target));
  if (schema) SWL_TRY(source_index(source, schema));
  if (schema && schema->columns > 0) return source_match(source, schema, apart);
  SWL_TRY(source_take_all(source, need_target, apart));
  return source_check_names(source);
}

void swl_csv_source_close(swl_csv_source *source) {
  swl_csv_close(&source->text);
  swl_arena_destroy(source->arena);
  source->arena = NULL;
}

swale_status swl_csv_source_row(swl_csv_source *source, int *found) {
  swl_csv_text *text = &source->text;
  SWL_TRY(swl_csv_row(text));
  *found = text->count > 0;
  if (text->count == 0 || text->count == source->columns) return SWALE_OK;
  if (text->count == 1 && !*swl_csv_field_at(text, 0)) {
    return swl_fail(source->context, SWALE_ERROR_FORMAT, "%s, line %zu is empty; a row of %zu fields is due",
                    text->path, text->fields[0].line, source->columns);
  }
  return swl_fail(source->context, SWALE_ERROR_FORMAT, "%s, line %zu has %zu field%s; the first line has %zu",
                  text->path, text->fields[0].line, text->count, text->count == 1 ? "" : "s", source->columns);
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

swale_status swl_csv_refuse(const swl_csv_source *source, size_t column, size_t line, const char *text,
                            const char *problem, const char *allowed) {
  char name[SWL_PLAIN_MAX], plain[SWL_PLAIN_MAX];
  return swl_fail(source->context, SWALE_ERROR_FORMAT, "%s, line %zu, column %zu (\"%s\"): \"%s\" %s; %s",
                  source->text.path, line, column + 1, swl_plain(source->names[column], name), swl_plain(text, plain),
                  problem, allowed);
}

static swale_status source_number(const swl_csv_source *source, size_t column, size_t line, char *text,
                                  double *number) {
  const char *why = swl_csv_number(text, swl_csv_comma(source), number);
  return why ? swl_csv_refuse(source, column, line, text, why, "a number within ±1e100, such as -1.5 or 2e-3, is due")
             : SWALE_OK;
}

swale_status swl_csv_cell(swl_csv_source *source, const swl_schema *schema, size_t k, char *text, size_t line,
                          double *cell) {
  const size_t column = source->feature[k];
  const int named = k < schema->columns, words = named && schema->column[k].kind == SWL_COLUMN_TEXT;
  const int missing = swl_csv_is_missing(text);
  const ptrdiff_t place = words ? swl_names_find(&source->values[k], missing ? "" : text) : 0;
  source->filled += missing;
  if (words && place >= 0) {
    *cell = (double)place;
    return SWALE_OK;
  }
  if (missing && named && !words && !isnan(schema->column[k].fill)) {
    *cell = NAN;
    return SWALE_OK;
  }
  if (missing) {
    return swl_csv_refuse(source, column, line, text, "is a missing value",
                          source->request->schema ? "the model was trained without any in this column"
                                                  : "fill it in, or use --missing=mean");
  }
  if (!words) return source_number(source, column, line, text, cell);
  char list[SWL_NAMES_TEXT];
  return swl_csv_refuse(source, column, line, text, "is not one of the values that the model knows",
                        swl_names_text(schema->column[k].value_count, schema->column[k].values, list));
}

swale_status swl_csv_label(swl_csv_source *source, const swl_schema *schema, const char *text, size_t line,
                           uint32_t *label) {
  const size_t column = (size_t)source->target;
  ptrdiff_t place = swl_names_find(&source->classes, text);
  for (size_t k = 0; place < 0 && k < source->classes.count; k++) {
    if (swl_csv_same(schema->classes[k], text)) place = (ptrdiff_t)k;
  }
  *label = (uint32_t)(place < 0 ? 0 : place);
  if (place >= 0) return SWALE_OK;
  if (swl_csv_is_missing(text)) {
    return swl_csv_refuse(source, column, line, text, "is a missing value", "the name of a class is due");
  }
  char list[SWL_NAMES_TEXT];
  return swl_csv_refuse(source, column, line, text, "is none of the model's classes",
                        swl_names_text(schema->outputs, schema->classes, list));
}

swale_status swl_csv_aim(swl_csv_source *source, char *text, size_t line, double *number) {
  if (!swl_csv_is_missing(text)) return source_number(source, (size_t)source->target, line, text, number);
  return swl_csv_refuse(source, (size_t)source->target, line, text, "is a missing value", "a number to predict is due");
}

swale_status swl_csv_weigh(swl_csv_source *source, char *text, size_t line, double *weight) {
  SWL_TRY(source_number(source, (size_t)source->weight, line, text, weight));
  if (*weight >= 0) return SWALE_OK;
  return swl_csv_refuse(source, (size_t)source->weight, line, text, "is negative", "a weight of at least 0 is due");
}
