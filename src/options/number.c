/* number.c - see number.h. Cost: one thread-local switch of the locale per number; no memory. */
#include "options/number.h"

#include "base/locale.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
