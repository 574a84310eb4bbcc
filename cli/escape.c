/* escape.c - see escape.h. */
#include "escape.h"

#include <string.h>

enum { ESCAPE_PIECE = 8 };

/* Bytes of the code point that begins here; 0: none does (RFC 3629, section 4). */
static size_t escape_point(const unsigned char *byte) {
  if (byte[0] < 0x80) return 1;
  const size_t length = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
  if (byte[0] < 0xc2 || byte[0] > 0xf4) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((byte[i] & 0xc0) != 0x80) return 0; /* the final NUL stops here, too */
  }
  if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] >= 0xa0)) return 0;
  return (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] >= 0x90) ? 0 : length;
}

/* The first code point or byte of the text as it is shown; returns how many bytes of the text that takes. */
static size_t escape_next(const char *text, char shown[ESCAPE_PIECE]) {
  const unsigned char *byte = (const unsigned char *)text;
  const size_t length = escape_point(byte);
  const int c1 = length == 2 && byte[0] == 0xc2 && byte[1] < 0xa0;
  if (length == 0 || c1 || byte[0] < 0x20 || byte[0] == 0x7f) {
    snprintf(shown, ESCAPE_PIECE, "\\x%02x", (unsigned)(c1 ? byte[1] : byte[0]));
    return c1 ? 2 : 1;
  }
  memcpy(shown, text, length);
  shown[length] = '\0';
  return length;
}

const char *cli_clean(const char *text, char *clean, size_t size) {
  char piece[ESCAPE_PIECE];
  size_t used = 0;
  while (*text) {
    text += escape_next(text, piece);
    const size_t length = strlen(piece);
    if (used + length >= size) break;
    memcpy(clean + used, piece, length);
    used += length;
  }
  clean[used] = '\0';
  return clean;
}

size_t cli_put_point(FILE *stream, const char *text) {
  char piece[ESCAPE_PIECE];
  const size_t taken = escape_next(text, piece);
  fputs(piece, stream);
  return taken;
}

void cli_put(FILE *stream, const char *text) {
  while (*text) text += cli_put_point(stream, text);
}
