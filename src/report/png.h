/* png.h - small gray images. source: PNG specification (ISO/IEC 15948), zlib RFC 1950, stored blocks of RFC 1951. */
#ifndef SWL_REPORT_PNG_H
#define SWL_REPORT_PNG_H

#include <stddef.h>

enum { SWL_PNG_SIDE_MAX = 128 };

/* Bytes that an image of height × width gray bytes takes as PNG, uncompressed. Both from 1 to SWL_PNG_SIDE_MAX. */
size_t swl_png_size(size_t height, size_t width);

/* Write them to `png` (swl_png_size bytes). gray: height × width, 0 black, 255 white. */
void swl_png_write(size_t height, size_t width, const unsigned char *gray, unsigned char *png);

#endif
