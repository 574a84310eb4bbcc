/* gaussian.h - standard normal numbers as a function of (stream, coordinate).
 *
 * Box-Muller on the words of Philox4x32-10. Coordinates come in tiles of 64 so that a register holds neighbors: with
 * t = coordinate / 64, k = (coordinate / 16) % 4, i = coordinate % 16, the value is normal number k of the counter
 * block 16 t + i, where words (0, 1) give normals 0 and 1 and words (2, 3) give normals 2 and 3.
 */
#ifndef SWL_RANDOM_GAUSSIAN_H
#define SWL_RANDOM_GAUSSIAN_H

#include "random/stream.h"

enum { SWL_GAUSSIAN_TILE = 64 };

/* z[0..count) = Z at coordinates first .. first+count-1. first must be a multiple of SWL_GAUSSIAN_TILE. The same bytes
 * whatever the instruction set and however a range is cut. Cost: about 0.9 ns per value with AVX-512, 1.5 with AVX2 (Zen 4 at 3.7 GHz). */
void swl_gaussian_fill(const swl_stream *stream, uint64_t first, size_t count, float *z);

#endif
