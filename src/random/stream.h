/* stream.h - randomness is a function, not a state.
 *
 * source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox4x32-10).
 *
 * A number is a pure function of (seed, purpose, update, draw, group; coordinate). The seed is the 64-bit key; the
 * rest is the 128-bit counter, so no two streams of one seed ever meet and none is derived by adding seeds:
 *
 *   word | holds                                   | range
 *   -----|-----------------------------------------|---------------------------------
 *   c0   | number of four coordinates              | 2^32 × 4 = 2^34 numbers
 *   c1   | draw                                    | 2^32
 *   c2   | update (or epoch, or example)           | 2^32
 *   c3   | purpose (high 8 bits), group (low 24)   | 256 purposes, 2^24 groups
 */
#ifndef SWL_RANDOM_STREAM_H
#define SWL_RANDOM_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers are for. Values are part of every saved run: append, never renumber. */
typedef enum swl_purpose {
  SWL_PURPOSE_DRAW = 1,     /* Z of an update's draws (update, draw, group) */
  SWL_PURPOSE_CHAIN = 2,    /* noise of a Markov chain (update, chain × steps + step; tempered: step as group) */
  SWL_PURPOSE_ACCEPT = 3,   /* its uniforms: accept or reject, angles (the same) */
  SWL_PURPOSE_INIT = 4,     /* initial weights (layer as update) */
  SWL_PURPOSE_SHUFFLE = 5,  /* permutation of an epoch (epoch as update) */
  SWL_PURPOSE_SPLIT = 6,    /* train/validation/test split */
  SWL_PURPOSE_DIGITS = 7,   /* synthetic digits (example as update) */
  SWL_PURPOSE_CHECK = 8,    /* fresh draws of the monotonicity check */
  SWL_PURPOSE_EVALUATE = 9, /* draws of `swale evaluate` */
  SWL_PURPOSE_RESAMPLE = 10 /* systematic resampling of a population (update, population, stage as group) */
} swl_purpose;

enum { SWL_GROUP_LIMIT = 1 << 24 };

/* Where the words of swl_gaussian_fill come from (gaussian.h). The other functions always use Philox. */
typedef enum swl_generator {
  SWL_GENERATOR_PHILOX = 0, /* every four words from a counter of their own */
  SWL_GENERATOR_BLOCK = 1   /* sfc32, started from Philox once per block of coordinates: faster */
} swl_generator;

/* What all streams of a run have in common. */
typedef struct swl_key {
  uint64_t seed;
  swl_generator generator;
} swl_key;

/* Of streams that do not depend on the option `generator`. */
static inline swl_key swl_philox(uint64_t seed) { return (swl_key){seed, SWL_GENERATOR_PHILOX}; }

typedef struct swl_stream {
  uint32_t key[2];
  uint32_t draw, update, place; /* c1, c2, c3 */
  swl_generator generator;
} swl_stream;

/* group < SWL_GROUP_LIMIT; update and draw < 2^32: the options' bounds, network_problem.c (groups) and trainer.c (draws)
 * see to it. */
swl_stream swl_stream_make(swl_key key, swl_purpose purpose, uint64_t update, uint64_t draw, uint32_t group);

/* One application of Philox4x32-10. */
void swl_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Uniform on [0, 1) with 53 bits, number `index` of the stream (index < 2^33). */
double swl_uniform(const swl_stream *stream, uint64_t index);

/* Uniform integer below n (n >= 1), unbiased to 2^-32 relative (64-bit multiply-shift), number `index` of the stream. */
uint32_t swl_uniform_below(const swl_stream *stream, uint64_t index, uint32_t n);

/* Fill a[0..n) with a uniformly random permutation of 0..n-1 (Fisher-Yates over the stream). */
void swl_permutation(const swl_stream *stream, uint32_t n, uint32_t *a);

#endif
