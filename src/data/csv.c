/* csv.c - how do the fields of a CSV file become numbers, labels and targets?
 *
 * (1) The header names the columns; one of them is the target, every other one a feature, in file order.
 * (2) Every row has as many fields as the header; a feature is a finite decimal number that fits a float.
 * (3) Regression: the target is such a number. Classification: it is text of 1 to 63 bytes; the classes are the
 *     distinct texts, sorted as integers if all of them are (then as bytes), else as bytes.
 *
 * Numbers are read in the C locale whatever the program's is. Memory is bounded by the size of the file: a row of
 * c fields takes at least 2c - 1 bytes and a line end.
 */
#include "base/locale.h"
#include "data/source.h"

#include "data/csv_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CSV_LIST_CAPACITY = 400, CSV_INTEGER_DIGITS = 18 };

typedef struct csv_table {
  swale_context *context;
  swl_csv_text text;
  char **names; /* columns: into the text; the target's is taken out at the end */
  size_t columns, target;
  swl_data_task task;
  size_t capacity; /* rows that the rest of the file can hold at most */
  char **keys;     /* classification: the target's text of each row, into the text */
  char **sorted;   /* classification: the same, sorted, then only the distinct ones */
  swl_rows rows;
} csv_table;

static swale_status csv_field_fail(const csv_table *table, const swl_csv_field *field, const char *problem,
                                   const char *allowed) {
  return swl_fail(table->context, SWALE_ERROR_FORMAT, "%s, line %zu, column %zu (\"%.64s\"): \"%.64s\" %s; %s",
                  table->text.path, field->line, field->column, table->names[field->column - 1], field->text, problem,
                  allowed);
}

/* [sign] digits [. digits] [e [sign] digits], with a digit before or after the point */
static int csv_is_decimal(const char *text) {
  const char *at = text + (*text == '-' || *text == '+');
  const size_t whole = strspn(at, "0123456789");
  at += whole;
  size_t fraction = 0;
  if (*at == '.') {
    fraction = strspn(at + 1, "0123456789");
    at += 1 + fraction;
  }
  if (whole + fraction == 0) return 0;
  if (*at == 'e' || *at == 'E') {
    at += 1 + (at[1] == '-' || at[1] == '+');
    const size_t digits = strspn(at, "0123456789");
    if (digits == 0) return 0;
    at += digits;
  }
  return *at == 0;
}

static const double csv_largest = 1e100; /* so that sums of squares of 2^32 of them are finite */

static swale_status csv_number(const csv_table *table, const swl_csv_field *field, double *number) {
  if (field->length == 0) {
    return csv_field_fail(table, field, "is an empty field", "a number is due; fill in or remove missing values");
  }
  if (!csv_is_decimal(field->text)) {
    char *end = NULL;
    const double value = strtod(field->text, &end);
    if (*end == 0 && !isfinite(value)) {
      return csv_field_fail(table, field, "is not finite", "a finite number is due");
    }
    return csv_field_fail(table, field, "is not a number", "a number such as -1.5 or 2e-3 is due");
  }
  const double value = strtod(field->text, NULL);
  if (!(fabs(value) <= csv_largest)) {
    return csv_field_fail(table, field, "is too large", "numbers within ±1e100 are allowed");
  }
  *number = value;
  return SWALE_OK;
}

/* An upper bound of the number of fields of the header, without changing the text. */
static size_t csv_count_columns(const swl_csv_text *text) {
  size_t columns = 1;
  int quoted = 0;
  for (const char *at = text->bytes + text->at; *at; at++) {
    if (*at == '"') quoted = !quoted;
    if (quoted) continue;
    if (*at == '\n') break;
    columns += *at == ',';
  }
  return columns;
}

static swale_status csv_header_check(const csv_table *table) {
  const char *path = table->text.path;
  size_t numbers = 0;
  for (size_t i = 0; i < table->columns; i++) numbers += (size_t)csv_is_decimal(table->names[i]);
  if (numbers == table->columns) {
    return swl_fail(table->context, SWALE_ERROR_FORMAT,
                    "%s, line 1: every field is a number; a header line with the names of the columns is required",
                    path);
  }
  for (size_t i = 0; i < table->columns; i++) {
    if (table->names[i][0]) continue;
    return swl_fail(table->context, SWALE_ERROR_FORMAT, "%s, line 1, column %zu has no name; every column needs one",
                    path, i + 1);
  }
  if (table->columns < 2) {
    return swl_fail(table->context, SWALE_ERROR_FORMAT,
                    "%s, line 1: one column, \"%.100s\"; at least two (a feature and the target), separated by "
                    "commas, are due",
                    path, table->names[0]);
  }
  return SWALE_OK;
}

static swale_status csv_header(csv_table *table) {
  const size_t columns = csv_count_columns(&table->text);
  table->names = swl_allocate(table->context, columns, sizeof *table->names);
  if (!table->names) return SWALE_ERROR_MEMORY;
  swl_csv_field field = {0};
  while (!field.last && table->columns < columns) {
    SWL_TRY(swl_csv_next(&table->text, &field));
    table->names[table->columns++] = field.text;
  }
  return csv_header_check(table);
}

/* "a, b, c", cut short when there are many columns */
static void csv_list(const csv_table *table, char list[CSV_LIST_CAPACITY]) {
  size_t length = 0;
  list[0] = 0;
  for (size_t i = 0; i < table->columns; i++) {
    const size_t need = strlen(table->names[i]) + 2;
    if (length + need + 8 > CSV_LIST_CAPACITY) {
      snprintf(list + length, CSV_LIST_CAPACITY - length, "%s…", i ? ", " : "");
      return;
    }
    length += (size_t)snprintf(list + length, CSV_LIST_CAPACITY - length, "%s%s", i ? ", " : "", table->names[i]);
  }
}

/* The column of that name; "" = the last. */
static swale_status csv_find_target(csv_table *table, const char *target) {
  size_t found = 0;
  table->target = table->columns - 1;
  const char *name = *target ? target : table->names[table->target];
  for (size_t i = 0; i < table->columns; i++) {
    if (strcmp(table->names[i], name) != 0) continue;
    if (*target) table->target = i;
    found++;
  }
  if (found == 1) return SWALE_OK;
  char list[CSV_LIST_CAPACITY];
  csv_list(table, list);
  if (found > 1) {
    return swl_fail(table->context, SWALE_ERROR_FORMAT,
                    "%s, line 1: %zu columns are named \"%.64s\", the target; names of columns must differ: %s",
                    table->text.path, found, name, list);
  }
  return swl_fail(table->context, SWALE_ERROR_USAGE, "%s has no column \"%.64s\" for the target; its columns are: %s",
                  table->text.path, target, list);
}

static swale_status csv_take_storage(csv_table *table) {
  swl_rows *rows = &table->rows;
  rows->columns = table->columns - 1;
  table->capacity = (table->text.size - table->text.at) / (2 * table->columns) + 1;
  rows->cells = swl_allocate(table->context, table->capacity, rows->columns * sizeof *rows->cells);
  if (!rows->cells) return SWALE_ERROR_MEMORY;
  if (table->task == SWL_TASK_CLASSIFY) {
    table->keys = swl_allocate(table->context, table->capacity, sizeof *table->keys);
    if (!table->keys) return SWALE_ERROR_MEMORY;
  } else {
    rows->targets = swl_allocate(table->context, table->capacity, sizeof *rows->targets);
    if (!rows->targets) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

static swale_status csv_target(csv_table *table, const swl_csv_field *field) {
  swl_rows *rows = &table->rows;
  if (table->task == SWL_TASK_REGRESS) return csv_number(table, field, &rows->targets[rows->count]);
  if (field->length == 0) return csv_field_fail(table, field, "is an empty field", "the name of a class is due");
  if (field->length >= SWL_CLASS_NAME_MAX) {
    return csv_field_fail(table, field, "… is too long", "names of classes have at most 63 bytes");
  }
  table->keys[rows->count] = field->text;
  return SWALE_OK;
}

static swale_status csv_ragged(const csv_table *table, size_t line, size_t fields) {
  return swl_fail(table->context, SWALE_ERROR_FORMAT, "%s, line %zu has %zu field%s; the header has %zu",
                  table->text.path, line, fields, fields == 1 ? "" : "s", table->columns);
}

static swale_status csv_row(csv_table *table) {
  swl_rows *rows = &table->rows;
  double *cells = rows->cells + rows->count * rows->columns;
  const size_t line = table->text.line;
  swl_csv_field field = {0};
  for (size_t i = 0; i < table->columns; i++) {
    SWL_TRY(swl_csv_next(&table->text, &field));
    if (i == 0 && field.last && field.length == 0) {
      return swl_fail(table->context, SWALE_ERROR_FORMAT, "%s, line %zu is empty; a row of %zu fields is due",
                      table->text.path, line, table->columns);
    }
    if (field.last && i + 1 < table->columns) return csv_ragged(table, line, i + 1);
    SWL_TRY(i == table->target ? csv_target(table, &field) : csv_number(table, &field, cells++));
  }
  size_t fields = table->columns;
  for (; !field.last; fields++) SWL_TRY(swl_csv_next(&table->text, &field));
  if (fields != table->columns) return csv_ragged(table, line, fields);
  rows->count++;
  return SWALE_OK;
}

/* An integer that a long long can hold. */
static int csv_is_integer(const char *text) {
  const char *at = text + (*text == '-' || *text == '+');
  const size_t digits = strspn(at, "0123456789");
  return digits > 0 && digits <= CSV_INTEGER_DIGITS && at[digits] == 0;
}

static int csv_by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int csv_by_number(const void *a, const void *b) {
  const long long left = strtoll(*(char *const *)a, NULL, 10), right = strtoll(*(char *const *)b, NULL, 10);
  return left < right ? -1 : left > right ? 1 : csv_by_bytes(a, b);
}

static swale_status csv_classes_check(const csv_table *table) {
  const char *name = table->names[table->target];
  if (table->rows.classes < 2) {
    return swl_fail(table->context, SWALE_ERROR_FORMAT,
                    "%s: the column \"%.64s\" holds only the class \"%s\"; at least 2 classes are needed",
                    table->text.path, name, table->sorted[0]);
  }
  if (table->rows.classes > SWL_CLASSES_MAX) {
    return swl_fail(table->context, SWALE_ERROR_FORMAT,
                    "%s: the column \"%.64s\" holds %zu different classes; at most %d are allowed (numbers to predict "
                    "need a regression loss, such as squared)",
                    table->text.path, name, table->rows.classes, SWL_CLASSES_MAX);
  }
  return SWALE_OK;
}

/* keys → labels and class_names */
static swale_status csv_classes(csv_table *table) {
  swl_rows *rows = &table->rows;
  int integers = 1;
  for (size_t i = 0; i < rows->count && integers; i++) integers = csv_is_integer(table->keys[i]);
  int (*compare)(const void *, const void *) = integers ? csv_by_number : csv_by_bytes;
  table->sorted = swl_allocate(table->context, rows->count, sizeof *table->sorted);
  rows->labels = swl_allocate(table->context, rows->count, sizeof *rows->labels);
  if (!table->sorted || !rows->labels) return SWALE_ERROR_MEMORY;
  memcpy(table->sorted, table->keys, rows->count * sizeof *table->sorted);
  qsort(table->sorted, rows->count, sizeof *table->sorted, compare);
  for (size_t i = 0; i < rows->count; i++) {
    if (i > 0 && strcmp(table->sorted[i], table->sorted[rows->classes - 1]) == 0) continue;
    table->sorted[rows->classes++] = table->sorted[i];
  }
  SWL_TRY(csv_classes_check(table));
  rows->class_names = swl_allocate(table->context, rows->classes, sizeof *rows->class_names);
  if (!rows->class_names) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < rows->classes; i++) strcpy(rows->class_names[i], table->sorted[i]); /* length was checked */
  for (size_t i = 0; i < rows->count; i++) {
    char **found = bsearch(&table->keys[i], table->sorted, rows->classes, sizeof *table->sorted, compare);
    rows->labels[i] = (uint32_t)(found - table->sorted);
  }
  return SWALE_OK;
}

/* Names go with the rows, and the text that they point into. */
static void csv_hand_names(csv_table *table) {
  swl_rows *rows = &table->rows;
  rows->target = table->names[table->target];
  for (size_t i = table->target; i + 1 < table->columns; i++) table->names[i] = table->names[i + 1];
  rows->names = table->names;
  rows->text = table->text.bytes;
  table->names = NULL;
  table->text.bytes = NULL;
}

static swale_status csv_read(csv_table *table, const char *path, const char *target) {
  SWL_TRY(swl_csv_open(table->context, path, &table->text));
  SWL_TRY(csv_header(table));
  SWL_TRY(csv_find_target(table, target));
  SWL_TRY(csv_take_storage(table));
  while (!swl_csv_at_end(&table->text)) SWL_TRY(csv_row(table));
  if (table->rows.count == 0) {
    return swl_fail(table->context, SWALE_ERROR_FORMAT, "%s has a header line, but no rows", path);
  }
  SWL_TRY(table->task == SWL_TASK_CLASSIFY ? csv_classes(table) : SWALE_OK);
  csv_hand_names(table);
  return SWALE_OK;
}

void swl_rows_release(swale_context *context, swl_rows *rows) {
  swl_release(context, rows->cells);
  swl_release(context, rows->labels);
  swl_release(context, rows->targets);
  swl_release(context, rows->class_names);
  swl_release(context, rows->names);
  swl_release(context, rows->text);
  *rows = (swl_rows){0};
}

swale_status swl_csv_read(swale_context *context, const char *path, const char *target, swl_data_task task,
                          swl_rows *rows) {
  const locale_t before = swl_locale_enter();
  csv_table table = {.context = context, .text = {.context = context}, .task = task};
  swale_status status = csv_read(&table, path, target);
  swl_locale_leave(before);
  if (status == SWALE_OK) {
    *rows = table.rows;
  } else {
    swl_rows_release(context, &table.rows);
  }
  swl_csv_close(&table.text);
  swl_release(context, table.names);
  swl_release(context, table.keys);
  swl_release(context, table.sorted);
  return status;
}
