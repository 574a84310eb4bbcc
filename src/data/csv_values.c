/* csv_values.c - see csv_values.h.
 *
 * Most numbers of tables have at most 15 digits and no exponent: m / 10^k with m < 2^53 and k <= 22 is then one rounding of
 * exact numbers (source: W. D. Clinger, "How to read floating point numbers accurately", 1990), the same that strtod gives.
 */
#include "data/csv_values.h"

#include "options/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { CSV_DIGITS_MAX = 15 };

static const double csv_largest = 1e100; /* so that sums of squares of 2^32 of them are finite */

int swl_csv_is_missing(const char *text) {
  static const char *const words[] = {"", "NA", "NaN", "null", "?", "N/A"};
  if (strlen(text) > 4) return 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcasecmp(words[i], text) == 0) return 1;
  }
  return 0;
}

/* [sign] digits [point digits], at most 15 of them; 0 if it is something else, and *number is as it was. */
static int csv_simple(const char *text, char point, double *number) {
  static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const int negative = *text == '-';
  int64_t whole = 0;
  int digits = 0, after = 0, points = 0;
  text += negative || *text == '+';
  for (; *text; text++) {
    if (*text >= '0' && *text <= '9') {
      whole = 10 * whole + (*text - '0');
      after += points;
      if (++digits > CSV_DIGITS_MAX) return 0;
    } else if (*text != point || points++) {
      return 0;
    }
  }
  if (digits == 0) return 0;
  const double value = (double)whole / powers[after];
  *number = negative ? -value : value;
  return 1;
}

const char *swl_csv_number(char *text, int comma, double *number) {
  if (csv_simple(text, '.', number) || (comma && csv_simple(text, ',', number))) return NULL;
  char *at = comma && !strchr(text, '.') ? strchr(text, ',') : NULL;
  if (at) *at = '.';
  double value = 0;
  const char *why = swl_real_parse(text, &value);
  if (at) *at = ',';
  if (!why && fabs(value) > csv_largest) why = "is too large";
  if (!why) *number = value;
  return why;
}

int swl_csv_same(const char *a, const char *b) {
  if (strcmp(a, b) == 0) return 1;
  double left = 0, right = 0;
  return !swl_real_parse(a, &left) && !swl_real_parse(b, &right) && left == right;
}
