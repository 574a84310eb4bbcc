/* number.c - see number.h.
 *
 * Most numbers have at most 15 digits and no exponent: m / 10^k with m < 2^53 and k <= 22 is then one rounding of exact
 * numbers (source: W. D. Clinger, "How to read floating point numbers accurately", 1990), the same that strtod gives. Others
 * cost a thread-local switch of the locale. No memory.
 */
#include "options/number.h"

#include "base/locale.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIMPLE = 15 }; /* digits */

/* [sign] digits [point digits], few of them; 0 if it is something else. */
static int number_simple(const char *text, char point, double *value) {
  static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const int negative = *text == '-';
  int64_t whole = 0;
  int digits = 0, after = 0, points = 0;
  text += negative || *text == '+';
  for (; *text; text++) {
    if (*text >= '0' && *text <= '9') {
      whole = 10 * whole + (*text - '0');
      after += points;
      if (++digits > NUMBER_SIMPLE) return 0;
    } else if (*text != point || points++) {
      return 0;
    }
  }
  if (digits == 0) return 0;
  const double size = (double)whole / powers[after];
  *value = negative ? -size : size;
  return 1;
}

static size_t number_digits(const char *text) { return strspn(text, "0123456789"); }

/* Where the text stops following the grammar of number.h; NULL if it follows it to the end. */
static const char *number_grammar(const char *text) {
  if (*text == '+' || *text == '-') text++;
  const size_t whole = number_digits(text);
  text += whole;
  size_t fraction = 0;
  if (*text == '.') {
    fraction = number_digits(text + 1);
    text += 1 + fraction;
  }
  if (whole + fraction == 0) return text;
  if (*text == 'e' || *text == 'E') {
    const char *exponent = text + 1;
    if (*exponent == '+' || *exponent == '-') exponent++;
    if (number_digits(exponent) == 0) return text;
    text = exponent + number_digits(exponent);
  }
  return *text ? text : NULL;
}

const char *swl_real_parse(const char *text, double *value) {
  if (number_simple(text, '.', value)) return NULL;
  if (number_grammar(text)) return "is not a number";
  const locale_t before = swl_locale_enter();
  const int kept = errno;
  errno = 0;
  char *end = NULL;
  const double parsed = strtod(text, &end);
  const int reason = errno;
  errno = kept;
  swl_locale_leave(before);
  if (*end) return "is not a number";
  if (!isfinite(parsed)) return "is too large";
  if (reason == ERANGE && parsed == 0.0) return "is too close to 0";
  *value = parsed;
  return NULL;
}

const char *swl_real_parse_comma(char *text, double *value) {
  if (number_simple(text, ',', value)) return NULL;
  char *at = strchr(text, '.') ? NULL : strchr(text, ',');
  if (at) *at = '.';
  const char *why = swl_real_parse(text, value);
  if (at) *at = ',';
  return why;
}

const char *swl_integer_parse(const char *text, int64_t *value) {
  const char *digits = text + (*text == '+' || *text == '-');
  if (!*digits || digits[number_digits(digits)]) return "is not an integer";
  const int kept = errno;
  errno = 0;
  const long long parsed = strtoll(text, NULL, 10);
  const int reason = errno;
  errno = kept;
  if (reason == ERANGE) return *text == '-' ? "is too small" : "is too large";
  *value = (int64_t)parsed;
  return NULL;
}

void swl_real_text(double value, char text[SWL_REAL_TEXT_MAX]) {
  char shortest[SWL_REAL_TEXT_MAX] = "";
  const locale_t before = swl_locale_enter();
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(shortest, sizeof shortest, "%.*g", digits, value);
    if (strtod(shortest, NULL) == value) break;
  }
  swl_locale_leave(before);
  memcpy(text, shortest, sizeof shortest);
}
