/* json_text.c - see json_text.h. source: RFC 8259 §7 (strings), RFC 3629 §4 (what UTF-8 is). */
#include "files/json_text.h"

#include "options/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void json_text_bytes(swl_json_text *json, const char *bytes, size_t count) {
  if (json->length < json->capacity) {
    const size_t room = json->capacity - json->length;
    memcpy(json->text + json->length, bytes, count < room ? count : room);
  }
  json->length += count;
}

void swl_json_put(swl_json_text *json, const char *raw) { json_text_bytes(json, raw, strlen(raw)); }

size_t swl_utf8_length(const char *text) {
  const unsigned char *byte = (const unsigned char *)text;
  if (byte[0] < 0x80) return 1;
  size_t length = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
  if (byte[0] < 0xc2 || byte[0] > 0xf4) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((byte[i] & 0xc0) != 0x80) return 0; /* the final NUL stops here too */
  }
  if (byte[0] == 0xe0 && byte[1] < 0xa0) return 0;  /* overlong */
  if (byte[0] == 0xed && byte[1] >= 0xa0) return 0; /* surrogate */
  if (byte[0] == 0xf0 && byte[1] < 0x90) return 0;  /* overlong */
  if (byte[0] == 0xf4 && byte[1] >= 0x90) return 0; /* above U+10FFFF */
  return length;
}

void swl_json_put_string(swl_json_text *json, const char *text) {
  if (!text) {
    swl_json_put(json, "null");
    return;
  }
  swl_json_put(json, "\"");
  while (*text) {
    const unsigned char byte = (unsigned char)*text;
    const size_t length = swl_utf8_length(text);
    if (byte == '"' || byte == '\\') {
      json_text_bytes(json, "\\", 1);
      json_text_bytes(json, text, 1);
    } else if (byte < 0x20 || byte == 0x7f || (length == 2 && byte == 0xc2 && (unsigned char)text[1] < 0xa0)) {
      char escape[8]; /* control characters, those behind ASCII too: a record may be looked at on a terminal */
      snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(length == 2 ? (unsigned char)text[1] : byte));
      swl_json_put(json, escape);
    } else if (length == 0) {
      swl_json_put(json, "\\ufffd");
    } else {
      json_text_bytes(json, text, length);
    }
    text += length ? length : 1;
  }
  swl_json_put(json, "\"");
}

void swl_json_put_integer(swl_json_text *json, int64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRId64, value);
  swl_json_put(json, digits);
}

void swl_json_put_real(swl_json_text *json, double value) {
  char digits[SWL_REAL_TEXT_MAX];
  if (!isfinite(value)) {
    swl_json_put(json, "null");
    return;
  }
  swl_real_text(value, digits);
  swl_json_put(json, digits);
}

int swl_json_end(swl_json_text *json) {
  if (json->length >= json->capacity) return 0;
  json->text[json->length] = '\0';
  return 1;
}
