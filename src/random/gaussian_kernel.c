/* gaussian_kernel.c - one tile of 64 normals; compiled once per instruction set (GAUSSIAN_OPS, GAUSSIAN_NAME).
 *
 * source: Box, Muller 1958; polynomials of Cephes (Moshier) for log on [sqrt(1/2), sqrt(2)] and sin, cos on
 * [-pi/4, pi/4], relative error below 2^-23.
 *
 * Only operations that IEEE 754 defines exactly (+, ×, sqrt, conversion) and no fused multiply-add: hence the same
 * bytes from every instruction set. Only the 32 × 32 -> 64 bit products of Philox, which compilers do poorly, and the
 * square root differ in their text.
 */
#include "random/gaussian.h"
#include "random/philox.h"

#include <math.h>
#include <string.h>

#if defined __SSE2__
#include <immintrin.h>
#endif

/* WIDTH counter blocks fill a register of 32-bit words; AT_ONCE such registers are worked on together, so that the
 * latency of one hides behind the others (AVX-512 has registers enough for two). */
#if defined __AVX512F__
enum { WIDTH = 16, AT_ONCE = 2 };
#elif defined __AVX2__
enum { WIDTH = 8, AT_ONCE = 1 };
#else
enum { WIDTH = 4, AT_ONCE = 1 };
#endif
enum { PARTS = 2 * AT_ONCE }; /* registers of 64-bit lanes */

/* One register of lanes (GNU C vectors). Vectors of the same size reinterpret each other's bits by a cast. */
typedef float lanes_f __attribute__((vector_size(4 * WIDTH)));
typedef int32_t lanes_i __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t lanes_u __attribute__((vector_size(4 * WIDTH)));
typedef uint64_t lanes_q __attribute__((vector_size(4 * WIDTH)));

#define INLINE static inline __attribute__((always_inline))

/* The 64-bit products of the low halves of a with m; square roots; 0, 2, 4, … */
#if defined __AVX512F__
INLINE lanes_q kernel_product(lanes_q a, uint32_t m) {
  return (lanes_q)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(m));
}

INLINE lanes_f kernel_sqrt(lanes_f a) { return (lanes_f)_mm512_sqrt_ps((__m512)a); }

static const lanes_q kernel_even = {0, 2, 4, 6, 8, 10, 12, 14};
#elif defined __AVX2__
INLINE lanes_q kernel_product(lanes_q a, uint32_t m) {
  return (lanes_q)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(m));
}

INLINE lanes_f kernel_sqrt(lanes_f a) { return (lanes_f)_mm256_sqrt_ps((__m256)a); }

static const lanes_q kernel_even = {0, 2, 4, 6};
#elif defined __SSE2__
INLINE lanes_q kernel_product(lanes_q a, uint32_t m) { return (lanes_q)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(m)); }

INLINE lanes_f kernel_sqrt(lanes_f a) { return (lanes_f)_mm_sqrt_ps((__m128)a); }
#else
INLINE lanes_q kernel_product(lanes_q a, uint32_t m) { return (a & 0xffffffffu) * m; }

INLINE lanes_f kernel_sqrt(lanes_f a) {
  for (int i = 0; i < WIDTH; i++) a[i] = sqrtf(a[i]);
  return a;
}
#endif
#if !defined __AVX2__
static const lanes_q kernel_even = {0, 2};
#endif

/* words[r][k] lane i = word k of the block with counter (first + WIDTH r + i, draw, update, place).
 * A block lives in a 64-bit lane, of which Philox reads the low half: the products then need no repacking, and what is
 * left in the high half does no harm. Part 2r holds the even blocks of register r, part 2r + 1 the odd ones. */
INLINE void kernel_philox(const swl_stream *stream, uint32_t first, lanes_u words[AT_ONCE][4]) {
  lanes_q c0[PARTS], c1[PARTS], c2[PARTS], c3[PARTS];
  uint32_t key0 = stream->key[0], key1 = stream->key[1];
  for (int p = 0; p < PARTS; p++) {
    const lanes_q zero = {0};
    c0[p] = kernel_even + first + (uint64_t)(p / 2 * WIDTH + p % 2); /* a carry into the high half is dropped too */
    c1[p] = zero + stream->draw;
    c2[p] = zero + stream->update;
    c3[p] = zero + stream->place;
  }
#pragma GCC unroll 10
  for (int round = 0; round < PHILOX_ROUNDS; round++, key0 += PHILOX_W0, key1 += PHILOX_W1) {
#pragma GCC unroll 4
    for (int p = 0; p < PARTS; p++) {
      const lanes_q product0 = kernel_product(c0[p], PHILOX_M0), product1 = kernel_product(c2[p], PHILOX_M1);
      c0[p] = (product1 >> 32) ^ c1[p] ^ key0;
      c2[p] = (product0 >> 32) ^ c3[p] ^ key1;
      c1[p] = product1;
      c3[p] = product0;
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < AT_ONCE; r++) {
    const lanes_q *const all[4] = {c0, c1, c2, c3};
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      words[r][k] = (lanes_u)((all[k][2 * r] & 0xffffffffu) | (all[k][2 * r + 1] << 32)); /* little-endian lanes */
    }
  }
}

/* sqrt(-2 ln u) for u = (word / 2 + 1/2) 2^-31, so 2^-32 <= u <= 1 */
INLINE lanes_f kernel_radius(lanes_u word) {
  const lanes_f u = __builtin_convertvector((lanes_i)(word >> 1), lanes_f) * 0x1p-31f + 0x1p-32f;
  const lanes_u bits = (lanes_u)u - 0x3f3504f3u; /* sqrt(1/2): the exponent changes there */
  const lanes_f exponent = __builtin_convertvector((lanes_i)bits >> 23, lanes_f);
  const lanes_f x = (lanes_f)((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  const lanes_f x2 = x * x;
  lanes_f p = x * 7.0376836292e-2f - 1.1514610310e-1f;
  p = p * x + 1.1676998740e-1f;
  p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f;
  p = p * x - 1.6668057665e-1f;
  p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f;
  p = p * x + 3.3333331174e-1f;
  const lanes_f log_u = ((p * x * x2 - 0.5f * x2) + exponent * -2.12194440e-4f) + x + exponent * 0.693359375f;
  const lanes_f square = log_u * -2.0f;
  return kernel_sqrt((lanes_f)((lanes_i)square & (square > 0.0f)));
}

/* radius times the cos and the sin of a uniform angle: two bits choose the quadrant, thirty the place in it */
INLINE void kernel_angle(lanes_u word, lanes_f radius, lanes_f *cosine, lanes_f *sine) {
  const lanes_f t = __builtin_convertvector((lanes_i)(word << 2), lanes_f) * (0x1p-32f * 1.57079632679489662f);
  const lanes_f t2 = t * t;
  const lanes_f s = ((t2 * -1.9515295891e-4f + 8.3321608736e-3f) * t2 - 1.6666654611e-1f) * t2 * t + t;
  const lanes_f c = ((t2 * 2.443315711809948e-5f - 1.388731625493765e-3f) * t2 + 4.166664568298827e-2f) * t2 * t2 -
                    0.5f * t2 + 1.0f;
  const lanes_u swap = (lanes_u)((lanes_i)(word << 1) >> 31), sb = (lanes_u)s, cb = (lanes_u)c;
  const lanes_u sign = word & 0x80000000u; /* quadrants 2, 3: both change sign; 1, 3: (c, s) -> (-s, c) */
  *cosine = radius * (lanes_f)(((sb & swap) | (cb & ~swap)) ^ sign ^ (swap & 0x80000000u));
  *sine = radius * (lanes_f)(((cb & swap) | (sb & ~swap)) ^ sign);
}

/* WIDTH AT_ONCE blocks from number `block` of z's range on; z's own tiles start at a multiple of 16 blocks. */
INLINE void kernel_blocks(const swl_stream *stream, uint32_t first, size_t block, float *z) {
  lanes_u words[AT_ONCE][4];
  kernel_philox(stream, first + (uint32_t)block, words);
#pragma GCC unroll 2
  for (size_t r = 0; r < AT_ONCE; r++, block += WIDTH) {
    float *tile = z + block / GAUSSIAN_LANES * SWL_GAUSSIAN_TILE + block % GAUSSIAN_LANES;
#pragma GCC unroll 2
    for (int pair = 0; pair < 2; pair++) {
      lanes_f cosine, sine;
      kernel_angle(words[r][2 * pair + 1], kernel_radius(words[r][2 * pair]), &cosine, &sine);
      memcpy(tile + 2 * pair * GAUSSIAN_LANES, &cosine, sizeof cosine);
      memcpy(tile + (2 * pair + 1) * GAUSSIAN_LANES, &sine, sizeof sine);
    }
  }
}

static void kernel_fill(const swl_stream *stream, uint64_t tile, size_t tiles, float *z) {
  enum { STRIDE = WIDTH * AT_ONCE };
  const uint32_t first = (uint32_t)(tile * GAUSSIAN_LANES);
  const size_t blocks = tiles * GAUSSIAN_LANES, whole = blocks / STRIDE * STRIDE;
  for (size_t block = 0; block < whole; block += STRIDE) kernel_blocks(stream, first, block, z);
  if (whole == blocks) return;
  float last[STRIDE * 4]; /* an odd tile at the end: the tile after it is made and dropped */
  kernel_blocks(stream, first + (uint32_t)whole, 0, last);
  memcpy(z + whole * 4, last, (blocks - whole) * 4 * sizeof *z);
}

const gaussian_ops GAUSSIAN_OPS = {.name = GAUSSIAN_NAME, .fill = kernel_fill};
