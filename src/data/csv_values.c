/* csv_values.c - see csv_values.h. */
#include "data/csv_values.h"

#include "options/number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const double csv_largest = 1e100; /* so that sums of squares of 2^32 of them are finite */

int swl_csv_is_missing(const char *text) {
  static const char *const words[] = {"", "NA", "NaN", "null", "?", "N/A"};
  if (strlen(text) > 4) return 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcasecmp(words[i], text) == 0) return 1;
  }
  return 0;
}

const char *swl_csv_number(char *text, int comma, double *number) {
  double value = 0;
  const char *why = comma ? swl_real_parse_comma(text, &value) : swl_real_parse(text, &value);
  if (!why && fabs(value) > csv_largest) why = "is too large";
  if (!why) *number = value;
  return why;
}

int swl_csv_same(const char *a, const char *b) {
  if (strcmp(a, b) == 0) return 1;
  double left = 0, right = 0;
  return !swl_real_parse(a, &left) && !swl_real_parse(b, &right) && left == right;
}
