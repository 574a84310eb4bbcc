/* csv_table.h - all rows of a CSV file, while it is found out what its columns hold. */
#ifndef SWL_DATA_CSV_TABLE_H
#define SWL_DATA_CSV_TABLE_H

#include "data/csv_source.h"
#include "data/source.h"

enum { SWL_VALUES_MAX = 64 }; /* different texts of a column that becomes inputs */

/* A field's text, in the file, until it has become what it says. */
typedef union swl_csv_value {
  size_t start;
  double number;
} swl_csv_value;

typedef struct swl_csv_table {
  swl_csv_source source;
  swl_arena *arena;       /* of what the schema keeps */
  swl_schema *schema;     /* that is made, or NULL where it is given */
  swl_csv_value *cells;   /* capacity × features */
  swl_csv_value *targets; /* capacity */
  double *weights;        /* capacity, or NULL */
  size_t *lines;          /* capacity: where each row begins */
  uint32_t *labels;       /* count; classification */
  size_t count, capacity;
  const char *reason;
} swl_csv_table;

/* Different texts, sorted by bytes. */
typedef struct swl_csv_words {
  const char **text; /* count, room for `most` + 1 */
  size_t count, most;
} swl_csv_words;

SWALE_NODISCARD swale_status swl_csv_words_make(swl_arena *arena, size_t most, swl_csv_words *words);
/* The text is put among the words, not copied. 0 if it is new, and there are more than `most` now. */
int swl_csv_words_add(swl_csv_words *words, const char *text);
/* Words that differ in upper and lower case only are said. */
void swl_csv_words_notice(const swl_csv_table *table, size_t column, size_t count, const char *const *words);

/* A first line that was taken for names, but whose texts are those of data, is refused. With all rows, before the columns. */
SWALE_NODISCARD swale_status swl_csv_doubt_header(const swl_csv_table *table);
/* Says that the table has decimal commas and points. */
void swl_csv_doubt_signs(const swl_csv_table *table);
/* 1 if the text is a number as people write it, such as $1,234.5 or 12 %; `number` is then 1234.5. Plain numbers are, too. */
int swl_csv_number_for_people(const char *text, char number[SWL_PLAIN_MAX]);

/* The features: kinds of columns, values of texts, texts to cells. */
SWALE_NODISCARD swale_status swl_csv_columns(swl_csv_table *table);

/* The target: task, classes, labels or numbers. */
SWALE_NODISCARD swale_status swl_csv_target(swl_csv_table *table);

static inline char *swl_csv_text_of(const swl_csv_table *table, swl_csv_value value) {
  return table->source.text.bytes + value.start;
}

#endif
