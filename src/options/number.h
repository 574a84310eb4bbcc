/* number.h - numbers as text, the same in every locale.
 */
#ifndef SWL_OPTIONS_NUMBER_H
#define SWL_OPTIONS_NUMBER_H

#include <stdint.h>

enum { SWL_REAL_TEXT_MAX = 32 }; /* bytes; "-1.7976931348623157e+308" and its NUL need 25 */

/* The whole of `text` must be [+-] digits [. digits] [e [+-] digits] with a digit before the exponent: no spaces, no
 * hexadecimal, no "nan" or "inf". Returns NULL and sets *value, or returns the reason why not (a constant phrase that
 * completes "'1e999' …"). Too large for a double, and so small that a double becomes 0, are reasons. */
const char *swl_real_parse(const char *text, double *value);

/* The same where a comma may take the place of the point; `text` is put back as it was. */
const char *swl_real_parse_comma(char *text, double *value);

/* The same for [+-] digits within int64. */
const char *swl_integer_parse(const char *text, int64_t *value);

/* The fewest of 15, 16 or 17 significant digits that read back as exactly `value`, which must be finite. */
void swl_real_text(double value, char text[SWL_REAL_TEXT_MAX]);

#endif
