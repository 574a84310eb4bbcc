/* csv_columns.c - what do the features of a CSV file hold: numbers, or a few texts?
 *
 * (1) A first column without a name that counts the rows is left out. (2) A column is one of numbers if at least half of
 * what is not missing is a number; all of it must be one then; numbers as people write them (csv_doubts.c) are refused.
 * (3) Else it is one of texts, at most 64 different ones, each of which becomes an input. Missing values are refused, or,
 * where they are to be filled in, stay NaN in a number column and become a value of their own, "", in a text column.
 */
#include "data/csv_table.h"
#include "data/csv_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

swale_status swl_csv_words_make(swl_arena *arena, size_t most, swl_csv_words *words) {
  *words = (swl_csv_words){swl_arena_take(arena, most + 1, sizeof *words->text), 0, most};
  return words->text ? SWALE_OK : SWALE_ERROR_MEMORY;
}

int swl_csv_words_add(swl_csv_words *words, const char *text) {
  size_t low = 0, high = words->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(words->text[middle], text);
    if (order == 0) return 1;
    if (order < 0) low = middle + 1;
    if (order > 0) high = middle;
  }
  if (words->count > words->most) return 0;
  memmove(words->text + low + 1, words->text + low, (words->count - low) * sizeof *words->text);
  words->text[low] = text;
  return ++words->count <= words->most;
}

enum { WORDS_NOTICED = 256 };

void swl_csv_words_notice(const swl_csv_table *table, size_t column, size_t count, const char *const *words) {
  for (size_t i = 0; i < count && i < WORDS_NOTICED; i++) {
    for (size_t k = 0; k < i; k++) {
      char left[SWL_PLAIN_MAX], right[SWL_PLAIN_MAX], name[SWL_PLAIN_MAX];
      if (strcasecmp(words[i], words[k]) != 0) continue;
      swl_log(table->source.context, "%s: column \"%s\" holds \"%s\" beside \"%s\"; they are two different values",
              table->source.text.path, swl_plain(table->source.names[column], name), swl_plain(words[k], left),
              swl_plain(words[i], right));
    }
  }
}

/* What the fields of one feature are. */
typedef struct columns_seen {
  size_t numbers, missing, others, people;         /* people: of the others, numbers as people write them */
  size_t first_missing, first_other, first_people; /* rows */
} columns_seen;

static swl_csv_value *columns_cell(const swl_csv_table *table, size_t row, size_t k) {
  return &table->cells[row * table->source.features + k];
}

static columns_seen columns_look(const swl_csv_table *table, size_t k) {
  columns_seen seen = {0};
  const int comma = swl_csv_comma(&table->source);
  for (size_t i = 0; i < table->count; i++) {
    char *text = swl_csv_text_of(table, *columns_cell(table, i, k)), plain[SWL_PLAIN_MAX];
    double number = 0;
    if (!swl_csv_number(text, comma, &number)) {
      seen.numbers++;
      continue;
    }
    if (swl_csv_is_missing(text)) {
      if (!seen.missing++) seen.first_missing = i;
      continue;
    }
    if (!seen.others++) seen.first_other = i;
    if (swl_csv_number_for_people(text, plain) && !seen.people++) seen.first_people = i;
  }
  return seen;
}

static swale_status columns_refuse(const swl_csv_table *table, size_t k, size_t row, const char *problem,
                                   const char *allowed) {
  return swl_csv_refuse(&table->source, table->source.feature[k], table->lines[row],
                        swl_csv_text_of(table, *columns_cell(table, row, k)), problem, allowed);
}

/* Most of the column are numbers, and some of them are written for people. */
static swale_status columns_people(const swl_csv_table *table, size_t k, const columns_seen *seen) {
  char number[SWL_PLAIN_MAX], list[SWL_NAMES_TEXT], allowed[SWL_NAMES_TEXT + 2 * SWL_PLAIN_MAX];
  const char *text = swl_csv_text_of(table, *columns_cell(table, seen->first_people, k));
  (void)swl_csv_number_for_people(text, number);
  snprintf(allowed, sizeof allowed, "write %s, and all of the column like this (--drop=%s leaves it out)", number,
           swl_names_text(1, &table->source.names[table->source.feature[k]], list));
  return columns_refuse(table, k, seen->first_people, "is a number as people write it", allowed);
}

/* (2) */
static swale_status columns_numbers(swl_csv_table *table, size_t k, const columns_seen *seen) {
  const int comma = swl_csv_comma(&table->source);
  if (seen->others > 0) {
    double number = 0;
    char allowed[SWL_NAMES_TEXT + 128], list[SWL_NAMES_TEXT];
    const char *why = swl_csv_number(swl_csv_text_of(table, *columns_cell(table, seen->first_other, k)), comma,
                                     &number);
    snprintf(allowed, sizeof allowed,
             "the column holds numbers, so one such as -1.5 or 2e-3, within ±1e100, is due (--drop=%s leaves it out)",
             swl_names_text(1, &table->source.names[table->source.feature[k]], list));
    return columns_refuse(table, k, seen->first_other, why, allowed);
  }
  for (size_t i = 0; i < table->count; i++) {
    swl_csv_value *cell = columns_cell(table, i, k);
    double number = NAN;
    (void)swl_csv_number(swl_csv_text_of(table, *cell), comma, &number);
    cell->number = number;
  }
  return SWALE_OK;
}

/* The words of the values, which outlive the file. */
static swale_status columns_keep(swl_csv_table *table, const swl_csv_words *words, swl_column *column) {
  column->value_count = words->count;
  column->values = swl_arena_take(table->arena, words->count, sizeof *column->values);
  if (!column->values) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < words->count; i++) {
    column->values[i] = swl_arena_text(table->arena, words->text[i]);
    if (!column->values[i]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

/* (3) */
static swale_status columns_texts(swl_csv_table *table, size_t k, swl_column *column) {
  swl_csv_source *source = &table->source;
  swl_csv_words words;
  swl_names index;
  SWL_TRY(swl_csv_words_make(source->arena, SWL_VALUES_MAX, &words));
  for (size_t i = 0; i < table->count; i++) {
    const char *text = swl_csv_text_of(table, *columns_cell(table, i, k));
    if (swl_csv_words_add(&words, swl_csv_is_missing(text) ? "" : text)) continue;
    char name[SWL_PLAIN_MAX], plain[SWL_PLAIN_MAX], list[SWL_NAMES_TEXT];
    return swl_fail(
        source->context, SWALE_ERROR_FORMAT,
        "%s, line %zu: column \"%s\" holds more than %d different texts (the next one is \"%s\"); each would "
        "be an input, and --drop=%s leaves them out",
        source->text.path, table->lines[i], swl_plain(source->names[source->feature[k]], name), SWL_VALUES_MAX,
        swl_plain(text, plain), swl_names_text(1, &source->names[source->feature[k]], list));
  }
  swl_csv_words_notice(table, source->feature[k], words.count, words.text);
  column->kind = SWL_COLUMN_TEXT;
  SWL_TRY(columns_keep(table, &words, column));
  SWL_TRY(swl_names_index(source->arena, column->value_count, column->values, &index));
  for (size_t i = 0; i < table->count; i++) {
    swl_csv_value *cell = columns_cell(table, i, k);
    const char *text = swl_csv_text_of(table, *cell);
    cell->number = (double)swl_names_find(&index, swl_csv_is_missing(text) ? "" : text);
  }
  return SWALE_OK;
}

static swale_status columns_column(swl_csv_table *table, size_t k, swl_column *column) {
  swl_csv_source *source = &table->source;
  const columns_seen seen = columns_look(table, k);
  char plain[SWL_PLAIN_MAX];
  column->fill = NAN;
  column->name = swl_arena_text(table->arena, source->names[source->feature[k]]);
  if (!column->name) return SWALE_ERROR_MEMORY;
  if (seen.missing > 0 && !source->request->fill) {
    return columns_refuse(table, k, seen.first_missing, "is a missing value", "fill it in, or use --missing=mean");
  }
  if (seen.people > 0 && 2 * seen.people + seen.numbers >= seen.others) return columns_people(table, k, &seen);
  if (seen.missing == table->count) {
    return swl_fail(source->context, SWALE_ERROR_FORMAT,
                    "%s: column \"%s\" holds missing values only; --drop leaves it out", source->text.path,
                    swl_plain(column->name, plain));
  }
  source->filled += seen.missing;
  return seen.numbers >= seen.others ? columns_numbers(table, k, &seen) : columns_texts(table, k, column);
}

/* (1) 0, 1, 2, … or 1, 2, 3, … */
static int columns_counts(const swl_csv_table *table) {
  double first = 0, number = 0;
  for (size_t i = 0; i < table->count; i++) {
    if (swl_csv_number(swl_csv_text_of(table, *columns_cell(table, i, 0)), 0, &number)) return 0;
    if (i == 0) first = number;
    if ((first != 0 && first != 1) || number != first + (double)i) return 0;
  }
  return 1;
}

static swale_status columns_unnamed(swl_csv_table *table) {
  swl_csv_source *source = &table->source;
  if (!source->unnamed) return SWALE_OK;
  if (!columns_counts(table) || source->features == 1) {
    return swl_fail(source->context, SWALE_ERROR_FORMAT,
                    "%s, line 1, column 1 has no name; every column needs one (--drop=column1 leaves it out)",
                    source->text.path);
  }
  swl_log(source->context, "%s: column 1 has no name and counts the rows; it is left out", source->text.path);
  source->features--;
  memmove(source->feature, source->feature + 1, source->features * sizeof *source->feature);
  for (size_t i = 0; i < table->count; i++) {
    memmove(table->cells + i * source->features, table->cells + i * (source->features + 1) + 1,
            source->features * sizeof *table->cells);
  }
  return SWALE_OK;
}

swale_status swl_csv_columns(swl_csv_table *table) {
  swl_schema *schema = table->schema;
  SWL_TRY(columns_unnamed(table));
  schema->columns = table->source.features;
  schema->inputs = 0;
  schema->column = swl_arena_take(table->arena, schema->columns, sizeof *schema->column);
  if (!schema->column) return SWALE_ERROR_MEMORY;
  for (size_t k = 0; k < schema->columns; k++) {
    swl_column *column = &schema->column[k];
    SWL_TRY(columns_column(table, k, column));
    schema->inputs += column->kind == SWL_COLUMN_TEXT ? column->value_count : 1;
  }
  return SWALE_OK;
}
