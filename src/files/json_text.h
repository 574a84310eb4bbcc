/* json_text.h - writing JSON into memory that is given, without taking any. */
#ifndef SWL_FILES_JSON_TEXT_H
#define SWL_FILES_JSON_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Like snprintf: what does not fit is dropped but counted, so capacity 0 measures. The text is terminated by NUL only
 * by swl_json_end. */
typedef struct swl_json_text {
  char *text;
  size_t capacity, length; /* bytes */
} swl_json_text;

void swl_json_put(swl_json_text *json, const char *raw); /* as it is: braces, commas, keys known to be plain */

/* In quotes. " and \ and control characters are escaped; a byte that is not UTF-8 becomes U+FFFD, so that the line
 * stays JSON whatever a file name holds. NULL becomes null. */
void swl_json_put_string(swl_json_text *json, const char *text);

void swl_json_put_integer(swl_json_text *json, int64_t value);
void swl_json_put_real(swl_json_text *json, double value); /* the fewest digits that read back; null if not finite */

/* 1 if everything fitted with its final NUL, which is written. */
int swl_json_end(swl_json_text *json);

/* Bytes of the UTF-8 character at `text` (1 to 4), 0 if there is none: stray, overlong, a surrogate, above U+10FFFF. */
size_t swl_utf8_length(const char *text);

#endif
