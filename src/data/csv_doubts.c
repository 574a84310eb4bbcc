/* csv_doubts.c - is a table what it seems to be?
 *
 * (1) A first line that holds no number may be data all the same: if no column holds numbers, and at least half of the names
 * occur among the values of their columns. (2) A number as people write it, $1,234.5 or 12 %, is none to this reader; a column
 * of such texts is hardly one of classes. Grammar, blanks (also no-break and thin ones) between the parts left out:
 *
 *   [sign or mark] digits [(separator three digits)…, the same separator] [decimal sign digits] [mark]
 *
 * (3) Where a comma is a decimal sign, a point is one, too; that a table has both is said: 1.234 may have been meant as 1234.
 */
#include "data/csv_table.h"
#include "data/csv_values.h"

#include <stdio.h>
#include <string.h>

enum { DOUBTS_ROWS = 64, DOUBTS_SIGNS = 1024, DOUBTS_NUMBER_MAX = 48, DOUBTS_GROUP = 3 };

/* --- (1) ---------------------------------------------------------------------------------------------------------- */

/* The text of a row in feature k, or in the target where k is their number. */
static char *doubts_text(const swl_csv_table *table, size_t row, size_t k) {
  const size_t features = table->source.features;
  return swl_csv_text_of(table, k < features ? table->cells[row * features + k] : table->targets[row]);
}

static int doubts_holds_numbers(const swl_csv_table *table, size_t k) {
  const size_t rows = table->count < DOUBTS_ROWS ? table->count : DOUBTS_ROWS;
  size_t numbers = 0;
  for (size_t i = 0; i < rows; i++) {
    double number = 0;
    numbers += !swl_csv_number(doubts_text(table, i, k), swl_csv_comma(&table->source), &number);
  }
  return 2 * numbers >= rows;
}

swale_status swl_csv_doubt_header(const swl_csv_table *table) {
  const swl_csv_source *source = &table->source;
  const swl_word header = source->request->header;
  const size_t columns = source->features + 1;
  size_t again = 0, field = 0, row = 0;
  if (header == SWL_HEADER_TRUE || header == SWL_HEADER_FALSE) return SWALE_OK;
  for (size_t k = 0; k < columns; k++) {
    if (doubts_holds_numbers(table, k)) return SWALE_OK;
  }
  for (size_t k = 0; k < columns; k++) {
    const size_t column = k < source->features ? source->feature[k] : (size_t)source->target;
    size_t i = 0;
    while (i < table->count && strcmp(doubts_text(table, i, k), source->names[column]) != 0) i++;
    if (i == table->count || again++) continue;
    field = column;
    row = i;
  }
  if (2 * again < columns) return SWALE_OK;
  char plain[SWL_PLAIN_MAX];
  return swl_fail(
      source->context, SWALE_ERROR_FORMAT,
      "%s, line 1 looks like data: no column holds numbers, and its texts occur again below, such as \"%s\" "
      "(field %zu) in line %zu; without names use --header=false, and --header=true where these are names",
      source->text.path, swl_plain(source->names[field], plain), field + 1, table->lines[row]);
}

/* --- (2) ---------------------------------------------------------------------------------------------------------- */

static const char *const doubts_blanks[] = {" ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", NULL};
static const char *const doubts_signs[] = {"-", "+", "\xe2\x88\x92", NULL}; /* the last one: U+2212 */
static const char *const doubts_marks[] = {"$", "€", "£", "¥", "%", "‰", "EUR", "USD", "GBP", "CHF", NULL};
static const char *const doubts_separators[] = {",", ".", "'", "’", " ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89",
                                                NULL};

/* Bytes of the first word that the text begins with; 0: of none. */
static size_t doubts_begins(const char *text, const char *const *words) {
  for (; *words; words++) {
    if (strncmp(text, *words, strlen(*words)) == 0) return strlen(*words);
  }
  return 0;
}

static size_t doubts_digits(const char *text) { return strspn(text, "0123456789"); }

static const char *doubts_skip(const char *text, const char *const *words) {
  for (size_t length; (length = doubts_begins(text, words)) > 0;) text += length;
  return text;
}

/* Digits in groups, copied without what separates them; returns what follows. */
static const char *doubts_groups(const char *text, char **to) {
  size_t digits = doubts_digits(text);
  const char *after = text + digits;
  const size_t length = doubts_begins(after, doubts_separators);
  const int grouped = digits >= 1 && digits <= DOUBTS_GROUP && *text != '0';
  memcpy(*to, text, digits);
  *to += digits;
  for (const char *next = after; grouped && length > 0 && strncmp(next, after, length) == 0;) {
    digits = doubts_digits(next + length);
    if (digits != DOUBTS_GROUP) return next;
    memcpy(*to, next + length, digits);
    *to += digits;
    next += length + digits;
    text = next;
  }
  return text > after ? text : after;
}

int swl_csv_number_for_people(const char *text, char number[SWL_PLAIN_MAX]) {
  char *to = number;
  if (strlen(text) >= DOUBTS_NUMBER_MAX) return 0;
  for (size_t length = 1; length > 0; text += length) {
    text = doubts_skip(text, doubts_blanks);
    const size_t sign = to == number ? doubts_begins(text, doubts_signs) : 0;
    if (sign > 0 && *text != '+') *to++ = '-';
    length = sign > 0 ? sign : doubts_begins(text, doubts_marks);
  }
  const char *begin = text;
  text = doubts_groups(text, &to);
  if (text == begin) return 0;
  if (*text == '.' || *text == ',') {
    const size_t digits = doubts_digits(text + 1);
    if (digits == 0) return 0;
    *to++ = '.';
    memcpy(to, text + 1, digits);
    to += digits;
    text += 1 + digits;
  }
  *to = 0;
  text = doubts_skip(text, doubts_blanks);
  text = doubts_skip(text, doubts_marks);
  return !*doubts_skip(text, doubts_blanks);
}

/* --- (3) ---------------------------------------------------------------------------------------------------------- */

/* The sign is searched in the first rows, among texts that are numbers; 0 if none has it. */
static int doubts_find_sign(const swl_csv_table *table, char sign, size_t *row, size_t *k) {
  const size_t rows = table->count < DOUBTS_SIGNS ? table->count : DOUBTS_SIGNS;
  for (*k = 0; *k <= table->source.features; ++*k) {
    for (*row = 0; *row < rows; ++*row) {
      char *text = doubts_text(table, *row, *k);
      double number = 0;
      if (strchr(text, sign) && !swl_csv_number(text, 1, &number)) return 1;
    }
  }
  return 0;
}

void swl_csv_doubt_signs(const swl_csv_table *table) {
  size_t row[2] = {0}, k[2] = {0};
  char comma[SWL_PLAIN_MAX], point[SWL_PLAIN_MAX];
  if (!swl_csv_comma(&table->source)) return;
  if (!doubts_find_sign(table, ',', &row[0], &k[0]) || !doubts_find_sign(table, '.', &row[1], &k[1])) return;
  swl_log(table->source.context,
          "%s has numbers with a comma, such as %s in line %zu, and with a point, such as %s in line %zu: both are "
          "taken for "
          "decimal signs, not for separators of thousands",
          table->source.text.path, swl_plain(doubts_text(table, row[0], k[0]), comma), table->lines[row[0]],
          swl_plain(doubts_text(table, row[1], k[1]), point), table->lines[row[1]]);
}
