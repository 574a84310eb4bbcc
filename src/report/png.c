/* png.c - see png.h. One stored block, so a row is a filter byte 0 and the pixels as they are. */
#include "report/png.h"

#include "data/checksum.h"

#include <stdint.h>
#include <string.h>

enum { PNG_AROUND = 8 + 25 + 12 + 12, PNG_ZLIB = 2 + 5 + 4 }; /* signature, IHDR, IDAT's frame, IEND; stream's frame */

size_t swl_png_size(size_t height, size_t width) { return PNG_AROUND + PNG_ZLIB + height * (width + 1); }

static unsigned char *png_word(unsigned char *to, uint32_t word) {
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = (unsigned char)(word >> shift);
  return to;
}

/* Adler-32, RFC 1950 §8.2. */
static uint32_t png_adler(const unsigned char *bytes, size_t count) {
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < count; i++) {
    a = (a + bytes[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

/* A chunk whose `count` bytes of data lie at to + 8 already; returns where the next one begins. */
static unsigned char *png_chunk(unsigned char *to, const char type[4], size_t count) {
  png_word(to, (uint32_t)count);
  memcpy(to + 4, type, 4);
  return png_word(to + 8 + count, swl_checksum(0, to + 4, count + 4));
}

void swl_png_write(size_t height, size_t width, const unsigned char *gray, unsigned char *png) {
  static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  static const unsigned char kind[5] = {8, 0, 0, 0, 0}; /* bits, gray, deflate, adaptive filters, not interlaced */
  const size_t count = height * (width + 1);            /* at most 128 · 129, below the 65535 of a stored block */
  memcpy(png, signature, sizeof signature);
  png += sizeof signature;
  memcpy(png_word(png_word(png + 8, (uint32_t)width), (uint32_t)height), kind, sizeof kind);
  png = png_chunk(png, "IHDR", 13);
  unsigned char *stream = png + 8, *rows = stream + 7;
  const unsigned char head[7] = {0x78,
                                 0x01,
                                 1, /* the last block, stored */
                                 (unsigned char)(count & 0xff),
                                 (unsigned char)(count >> 8),
                                 (unsigned char)(~count & 0xff),
                                 (unsigned char)(~count >> 8 & 0xff)};
  memcpy(stream, head, sizeof head);
  for (size_t i = 0; i < height; i++) {
    rows[i * (width + 1)] = 0;
    memcpy(rows + i * (width + 1) + 1, gray + i * width, width);
  }
  png_word(rows + count, png_adler(rows, count));
  png = png_chunk(png, "IDAT", PNG_ZLIB + count);
  (void)png_chunk(png, "IEND", 0);
}
