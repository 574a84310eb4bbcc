/* gaussian.h - standard normal numbers as a function of (stream, coordinate).
 *
 * One 32-bit word per coordinate, from one of two generators, then the inverse distribution function: the sign from the
 * word's highest bit, the size from the others (gaussian_kernel.c has formula and error bound, 4e-6).
 *
 *   PHILOX  coordinate 64 t + 32 h + 2 i + s (t a stripe; h, s in 0, 1; i in 0 .. 15) has word 2h + 1 - s of Philox counter
 *           c0 = 16 t + i.
 *   BLOCK   coordinate 1024 b + 16 n + i has the output number n (from 0) of sfc32 with state (x_i, x_{16+i}, x_{32+i},
 *           x_{48+i}), where x_0 .. x_63 are the words that PHILOX gives to stripe b. The fourth part of the state is
 *           the counter. All 128 bits of it are random, which is the stationary law of sfc32, so there is nothing to
 *           warm up: every word is as uniform as those of Philox.
 */
#ifndef SWL_RANDOM_GAUSSIAN_H
#define SWL_RANDOM_GAUSSIAN_H

#include "random/stream.h"

enum {
  SWL_GAUSSIAN_STRIPE = 64,
  SWL_BLOCK = 1024,    /* coordinates of one start of sfc32 */
  SWL_BLOCK_LANES = 16 /* generators side by side: neighbors come from different ones */
};

/* No number is ever larger: 6.2303 and a margin for rounding. */
#define SWL_GAUSSIAN_MOST 6.2304F

/* z[0..count) = Z at coordinates first .. first+count-1. first must be a multiple of SWL_GAUSSIAN_STRIPE. The same bytes
 * whatever the instruction set and however a range is cut. Cost: 0.53 ns per value with AVX-512 (BLOCK: 0.33); a BLOCK
 * range that begins or, if count is no multiple of SWL_GAUSSIAN_STRIPE, ends within a block steps to that place, at most
 * 0.1 us each. */
void swl_gaussian_fill(const swl_stream *stream, uint64_t first, size_t count, float *z);

#endif
