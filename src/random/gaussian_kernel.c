/* gaussian_kernel.c - words and normals; compiled once per instruction set (GAUSSIAN_OPS, GAUSSIAN_NAME).
 *
 * sources:  Salmon, Moraes, Dror, Shaw 2011 (Philox4x32-10); Doty-Humphrey, PractRand (sfc32); inversion: Devroye 1986,
 *           §II.2; minimax polynomials: Remez 1934, their table by scripts/make-gaussian-table.
 *
 * computes  z = ± -Phi^-1(q) from one 32-bit word w: its highest bit is the sign, and with m = (w mod 2^31) | 1 the
 *           probability beyond |z| is q = 2^-32 m, the middle of one of 2^30 cells of width 2^-31. The exponent e of
 *           float(m) = 2^e t chooses the octave 2^(e-32) <= q < 2^(e-31), and the octave a polynomial of degree 5 in
 *           t - 3/2.
 *
 * steps     per 1024 coordinates (they stay in the first-level cache):
 *           (1) words: one Philox application per four, or sfc32 on 16 lanes from 64 words of Philox;
 *           (2) normals from the words, in place.
 *
 * exact     32-bit integers; conversion (m is rounded to 24 bits), one subtraction without rounding error, five fused
 *           multiply-adds. IEEE 754 defines each of them exactly, hence the same bytes from every instruction set; the
 *           compiler is not allowed to fuse anything by itself (-ffp-contract=off). Little-endian machines only.
 *
 * error     |z - exact| < 4e-6: 3.5e-6 of the polynomials (their script reports each octave), the rest rounding. Hence
 *           the law is within 1.5e-6 of the normal one in Kolmogorov's distance: no test sees it from fewer than 10^11
 *           values. |z| <= 6.2303. It is symmetric; E z² = 1 + 1.4e-7, E z^4 = 3 + 4e-7, E z^6 = 15 - 1.8e-6.
 *
 * cost      ns per value, Emerald Rapids at about 2.9 GHz, best of many runs:
 *
 *             form     | Philox | block
 *             ---------|--------|------
 *             avx512   |   0.53 |  0.33
 *             avx2     |   1.3  |  0.8
 *             portable |   5.5  |  4.5
 */
#include "random/gaussian.h"
#include "random/gaussian_forms.h"
#include "random/gaussian_table.h"
#include "random/philox.h"

#include <math.h>
#include <string.h>

#if defined __SSE2__
#include <immintrin.h>
#endif

/* WIDTH 32-bit lanes in a register, or COUNTERS counters, one per 64-bit lane. AT_ONCE such registers of counters are
 * worked on together, so that the latency of one hides behind the others. */
#if defined __AVX512F__
enum { WIDTH = 16, AT_ONCE = 4 };
#elif defined __AVX2__
enum { WIDTH = 8, AT_ONCE = 4 };
#else
enum { WIDTH = 4, AT_ONCE = 2 };
#endif
enum { COUNTERS = WIDTH / 2, STATES = SWL_BLOCK_LANES / WIDTH };
enum { CHUNK = SWL_BLOCK / SWL_GAUSSIAN_STRIPE }; /* stripes between passes (1) and (2) */

/* One register of lanes (GNU C vectors). Vectors of the same size reinterpret each other's bits by a cast. */
typedef float lanes_f __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t lanes_u __attribute__((vector_size(4 * WIDTH)));
typedef uint64_t lanes_q __attribute__((vector_size(4 * WIDTH)));

#define INLINE static inline __attribute__((always_inline))

/* kernel_product: the 64-bit products of the low halves of a with m. */
#if defined __AVX512F__
static const lanes_q kernel_count = {0, 1, 2, 3, 4, 5, 6, 7};

INLINE lanes_q kernel_product(lanes_q a, uint32_t m) {
  return (lanes_q)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(m));
}
#elif defined __AVX2__
static const lanes_q kernel_count = {0, 1, 2, 3};

INLINE lanes_q kernel_product(lanes_q a, uint32_t m) {
  return (lanes_q)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(m));
}
#else
static const lanes_q kernel_count = {0, 1};

INLINE lanes_q kernel_product(lanes_q a, uint32_t m) {
#if defined __SSE2__
  return (lanes_q)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(m));
#else
  return (a & 0xffffffffu) * m;
#endif
}
#endif

/* pairs[p][h] lane i = words 2h + 1 and 2h of the counter (first + COUNTERS p + i, draw, update, place).
 * Philox reads only the low halves of 64-bit lanes; what the products leave in the high halves does no harm until the
 * last round, which puts the even words there. Words that are the same in all lanes are scalars: c1 to c3 in the first
 * round, c0, c1 in the second, c3 in the third. */
INLINE void kernel_philox(const swl_stream *stream, uint32_t first, int at_once, lanes_q pairs[AT_ONCE][2]) {
  lanes_q c0[AT_ONCE], c1[AT_ONCE], c2[AT_ONCE], c3[AT_ONCE];
  uint32_t key0 = stream->key[0], key1 = stream->key[1];
  const uint64_t same1 = (uint64_t)PHILOX_M1 * stream->update;
  const uint64_t same0 = (uint64_t)PHILOX_M0 * ((uint32_t)(same1 >> 32) ^ stream->draw ^ key0);
  const uint32_t xor2 = stream->place ^ key1;
  key0 += PHILOX_W0, key1 += PHILOX_W1;
  const uint32_t xor0 = (uint32_t)same1 ^ key0, xor3 = (uint32_t)(same0 >> 32) ^ key1;
#pragma GCC unroll 4
  for (int p = 0; p < at_once; p++) { /* rounds 1 and 2 */
    const lanes_q product0 = kernel_product(kernel_count + first + (uint64_t)(COUNTERS * p), PHILOX_M0);
    c1[p] = kernel_product((product0 >> 32) ^ xor2, PHILOX_M1);
    c0[p] = (c1[p] >> 32) ^ xor0;
    c2[p] = product0 ^ xor3;
    c3[p] = (lanes_q){0} + (uint32_t)same0;
  }
#pragma GCC unroll 8
  for (int round = 3; round <= PHILOX_ROUNDS; round++) {
    key0 += PHILOX_W0, key1 += PHILOX_W1;
#pragma GCC unroll 4
    for (int p = 0; p < at_once; p++) {
      const lanes_q product0 = kernel_product(c0[p], PHILOX_M0), product1 = kernel_product(c2[p], PHILOX_M1);
      pairs[p][0] = product1 ^ (c1[p] << 32) ^ ((uint64_t)key0 << 32);
      pairs[p][1] = product0 ^ (c3[p] << 32) ^ ((uint64_t)key1 << 32);
      c0[p] = (product1 >> 32) ^ c1[p] ^ key0;
      c2[p] = (product0 >> 32) ^ c3[p] ^ key1;
      c1[p] = product1;
      c3[p] = product0;
    }
  }
}

/* (1) AT_ONCE registers of counters from number `counter` of z's range on, in the layout of gaussian.h. */
INLINE void kernel_philox_store(const swl_stream *stream, uint32_t first, size_t counter, int at_once, float *z) {
  lanes_q pairs[AT_ONCE][2];
  kernel_philox(stream, first + (uint32_t)counter, at_once, pairs);
#pragma GCC unroll 4
  for (int p = 0; p < at_once; p++, counter += COUNTERS) {
    float *stripe = z + counter / GAUSSIAN_LANES * SWL_GAUSSIAN_STRIPE + 2 * (counter % GAUSSIAN_LANES);
    memcpy(stripe, &pairs[p][0], sizeof pairs[p][0]);
    memcpy(stripe + SWL_GAUSSIAN_STRIPE / 2, &pairs[p][1], sizeof pairs[p][1]);
  }
}

static void kernel_philox_words(const swl_stream *stream, uint64_t stripe, size_t stripes, float *z) {
  enum { STRIDE = COUNTERS * AT_ONCE, STEP = GAUSSIAN_LANES < STRIDE ? GAUSSIAN_LANES : STRIDE };
  const uint32_t first = (uint32_t)(stripe * GAUSSIAN_LANES);
  const size_t counters = stripes * GAUSSIAN_LANES;
  size_t counter = 0;
  for (; counter + STRIDE <= counters; counter += STRIDE) kernel_philox_store(stream, first, counter, AT_ONCE, z);
  for (; counter < counters; counter += STEP) kernel_philox_store(stream, first, counter, STEP / COUNTERS, z);
}

/* One step of sfc32 in every lane. */
INLINE lanes_u kernel_sfc(lanes_u *a, lanes_u *b, lanes_u *c, lanes_u *d) {
  const lanes_u word = *a + *b + *d;
  *d += 1;
  *a = *b ^ (*b >> 9);
  *b = *c + (*c << 3);
  *c = (*c << 21 | *c >> 11) + word;
  return word;
}

/* (1) `stripes` stripes of one block from its stripe number `skip` on. */
static void kernel_block_words(const swl_stream *stream, uint64_t block, size_t skip, size_t stripes, float *z) {
  enum { STEPS = SWL_GAUSSIAN_STRIPE / SWL_BLOCK_LANES };
  float state[SWL_GAUSSIAN_STRIPE];
  lanes_u a[STATES], b[STATES], c[STATES], d[STATES];
  kernel_philox_words(stream, block, 1, state);
  memcpy(a, state, sizeof a);
  memcpy(b, state + SWL_BLOCK_LANES, sizeof b);
  memcpy(c, state + 2 * SWL_BLOCK_LANES, sizeof c);
  memcpy(d, state + 3 * SWL_BLOCK_LANES, sizeof d);
  for (size_t step = 0; step < skip * STEPS; step++) {
#pragma GCC unroll 4
    for (int s = 0; s < STATES; s++) (void)kernel_sfc(&a[s], &b[s], &c[s], &d[s]);
  }
#pragma GCC unroll 2
  for (size_t step = 0; step < stripes * STEPS; step++, z += SWL_BLOCK_LANES) {
#pragma GCC unroll 4
    for (int s = 0; s < STATES; s++) {
      const lanes_u word = kernel_sfc(&a[s], &b[s], &c[s], &d[s]);
      memcpy(z + s * WIDTH, &word, sizeof word);
    }
  }
}

/* (2) z holds words, then normals. GAUSSIAN_DEGREE + 1 looked-up coefficients, index (e + 127) mod 32. */
#if defined __AVX512F__
static void kernel_normals(size_t count, float *z) {
  __m512 low[GAUSSIAN_DEGREE + 1], high[GAUSSIAN_DEGREE + 1];
  for (int k = 0; k <= GAUSSIAN_DEGREE; k++) {
    low[k] = _mm512_loadu_ps(gaussian_table[k]);
    high[k] = _mm512_loadu_ps(gaussian_table[k] + 16);
  }
#pragma GCC unroll 2
  for (size_t i = 0; i < count; i += WIDTH) {
    lanes_u word;
    memcpy(&word, z + i, sizeof word);
    const lanes_u bits = (lanes_u)_mm512_cvtepi32_ps((__m512i)((word & 0x7fffffffu) | 1));
    const __m512i index = (__m512i)(bits >> 23); /* only its lowest five bits are looked at */
    const __m512 t = (__m512)((lanes_f)((bits & 0x007fffffu) | 0x3f800000u) - 1.5F);
    __m512 p = _mm512_permutex2var_ps(low[GAUSSIAN_DEGREE], index, high[GAUSSIAN_DEGREE]);
#pragma GCC unroll 5
    for (int k = GAUSSIAN_DEGREE - 1; k >= 0; k--) {
      p = _mm512_fmadd_ps(p, t, _mm512_permutex2var_ps(low[k], index, high[k]));
    }
    word = (lanes_u)p ^ (word & 0x80000000u);
    memcpy(z + i, &word, sizeof word);
  }
}
#elif defined __AVX2__
/* One register holds the octaves 23 to 30; a lane in the tails (2^-8 of all) sends its register to memory. */
static void kernel_normals(size_t count, float *z) {
  __m256 near[GAUSSIAN_DEGREE + 1];
  const float *centers = gaussian_table[0] + 22;
  for (int k = 0; k <= GAUSSIAN_DEGREE; k++) {
    float turned[8];
    for (int i = 0; i < 8; i++) turned[(22 + i) % 8] = centers[k * GAUSSIAN_OCTAVES + i];
    near[k] = _mm256_loadu_ps(turned);
  }
  for (size_t i = 0; i < count; i += WIDTH) {
    lanes_u word;
    memcpy(&word, z + i, sizeof word);
    const lanes_u bits = (lanes_u)_mm256_cvtepi32_ps((__m256i)((word & 0x7fffffffu) | 1));
    const __m256i octave = (__m256i)(bits >> 23); /* 127 + e */
    const __m256 t = (__m256)((lanes_f)((bits & 0x007fffffu) | 0x3f800000u) - 1.5F);
    __m256 p;
    if (__builtin_expect(_mm256_testz_si256((__m256i)(bits - (150U << 23)), _mm256_set1_epi32(~((8 << 23) - 1))), 1)) {
      p = _mm256_permutevar8x32_ps(near[GAUSSIAN_DEGREE], octave);
#pragma GCC unroll 5
      for (int k = GAUSSIAN_DEGREE - 1; k >= 0; k--) {
        p = _mm256_fmadd_ps(p, t, _mm256_permutevar8x32_ps(near[k], octave));
      }
    } else {
      const __m256i index = _mm256_and_si256(octave, _mm256_set1_epi32(GAUSSIAN_OCTAVES - 1));
      p = _mm256_i32gather_ps(gaussian_table[GAUSSIAN_DEGREE], index, 4);
      for (int k = GAUSSIAN_DEGREE - 1; k >= 0; k--) {
        p = _mm256_fmadd_ps(p, t, _mm256_i32gather_ps(gaussian_table[k], index, 4));
      }
    }
    word = (lanes_u)p ^ (word & 0x80000000u);
    memcpy(z + i, &word, sizeof word);
  }
}
#else
/* a b + c, rounded once. Without an instruction for it: the product is exact in double, and that the sum is rounded to
 * double before float makes a difference for none of the 2^26 values that t and the octave can take; the test of the
 * law goes through them all. */
INLINE float kernel_fma(float a, float b, float c) {
#if defined FP_FAST_FMAF || defined __aarch64__
  return __builtin_fmaf(a, b, c);
#else
  return (float)((double)a * b + c);
#endif
}

static void kernel_normals(size_t count, float *z) {
  enum { RUN = 16 }; /* values that take each step together: loops that compilers turn into vectors */
  for (; count; count -= RUN, z += RUN) {
    uint32_t word[RUN], bits[RUN], index[RUN];
    float p[RUN], t[RUN], coefficient[RUN];
    memcpy(word, z, sizeof word);
    for (int i = 0; i < RUN; i++) t[i] = (float)(int32_t)((word[i] & 0x7fffffffu) | 1);
    memcpy(bits, t, sizeof bits);
    for (int i = 0; i < RUN; i++) index[i] = bits[i] >> 23 & (GAUSSIAN_OCTAVES - 1);
    for (int i = 0; i < RUN; i++) bits[i] = (bits[i] & 0x007fffffu) | 0x3f800000u;
    memcpy(t, bits, sizeof t);
    for (int i = 0; i < RUN; i++) t[i] -= 1.5F;
    for (int i = 0; i < RUN; i++) p[i] = gaussian_table[GAUSSIAN_DEGREE][index[i]];
    for (int k = GAUSSIAN_DEGREE - 1; k >= 0; k--) {
      for (int i = 0; i < RUN; i++) coefficient[i] = gaussian_table[k][index[i]];
      for (int i = 0; i < RUN; i++) p[i] = kernel_fma(p[i], t[i], coefficient[i]);
    }
    memcpy(bits, p, sizeof bits);
    for (int i = 0; i < RUN; i++) bits[i] ^= word[i] & 0x80000000u;
    memcpy(z, bits, sizeof bits);
  }
}
#endif

static void kernel_fill(const swl_stream *stream, uint64_t stripe, size_t stripes, float *z) {
  while (stripes) {
    const size_t skip = stripe % CHUNK, left = CHUNK - skip, here = stripes < left ? stripes : left;
    if (stream->generator == SWL_GENERATOR_BLOCK) {
      kernel_block_words(stream, stripe / CHUNK, skip, here, z); /* (1) */
    } else {
      kernel_philox_words(stream, stripe, here, z); /* (1) */
    }
    kernel_normals(here * SWL_GAUSSIAN_STRIPE, z); /* (2) */
    stripe += here, stripes -= here, z += here * SWL_GAUSSIAN_STRIPE;
  }
}

const gaussian_ops GAUSSIAN_OPS = {.name = GAUSSIAN_NAME, .fill = kernel_fill, .normals = kernel_normals};
