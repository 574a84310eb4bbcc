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

#if defined __AVX512F__ || defined __AVX2__
#include <immintrin.h>
#endif

#if defined __AVX512F__
enum { WIDTH = 16 };
#elif defined __AVX2__
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif

/* One register of lanes (GNU C vectors). A float vector and an integer vector of the same size reinterpret each other's
 * bits by a cast. */
typedef float lanes_f __attribute__((vector_size(4 * WIDTH)));
typedef int32_t lanes_i __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t lanes_u __attribute__((vector_size(4 * WIDTH)));

#define INLINE static inline __attribute__((always_inline))

/* the high words of the products a * m (the low ones are a * m); square roots; 0, 1, 2, … */
#if defined __AVX512F__
INLINE lanes_u kernel_high(lanes_u a, uint32_t m) {
  const __m512i factor = _mm512_set1_epi32((int)m), value = (__m512i)a;
  const __m512i even = _mm512_mul_epu32(value, factor);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(value, 32), factor);
  return (lanes_u)_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
}

INLINE lanes_f kernel_sqrt(lanes_f a) { return (lanes_f)_mm512_sqrt_ps((__m512)a); }

static const lanes_u kernel_lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif defined __AVX2__
INLINE lanes_u kernel_high(lanes_u a, uint32_t m) {
  const __m256i factor = _mm256_set1_epi32((int)m), value = (__m256i)a;
  const __m256i even = _mm256_mul_epu32(value, factor);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(value, 32), factor);
  return (lanes_u)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

INLINE lanes_f kernel_sqrt(lanes_f a) { return (lanes_f)_mm256_sqrt_ps((__m256)a); }

static const lanes_u kernel_lane = {0, 1, 2, 3, 4, 5, 6, 7};
#else
INLINE lanes_u kernel_high(lanes_u a, uint32_t m) {
  for (int i = 0; i < WIDTH; i++) a[i] = (uint32_t)(((uint64_t)a[i] * m) >> 32);
  return a;
}

INLINE lanes_f kernel_sqrt(lanes_f a) {
  for (int i = 0; i < WIDTH; i++) a[i] = sqrtf(a[i]);
  return a;
}

static const lanes_u kernel_lane = {0, 1, 2, 3};
#endif

/* words[k] lane i = word k of the block with counter (first + i, draw, update, place) */
INLINE void kernel_philox(const swl_stream *stream, uint32_t first, lanes_u words[4]) {
  const lanes_u zero = {0};
  lanes_u c0 = kernel_lane + first, c1 = zero + stream->draw, c2 = zero + stream->update, c3 = zero + stream->place;
  uint32_t key0 = stream->key[0], key1 = stream->key[1];
  for (int round = 0; round < PHILOX_ROUNDS; round++, key0 += PHILOX_W0, key1 += PHILOX_W1) {
    const lanes_u high0 = kernel_high(c0, PHILOX_M0), low0 = c0 * PHILOX_M0;
    const lanes_u high1 = kernel_high(c2, PHILOX_M1), low1 = c2 * PHILOX_M1;
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
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

static void kernel_fill(const swl_stream *stream, uint64_t tile, size_t tiles, float *z) {
  const uint32_t first = (uint32_t)(tile * GAUSSIAN_LANES);
  for (size_t block = 0; block < tiles * GAUSSIAN_LANES; block += WIDTH) {
    lanes_u words[4];
    lanes_f normals[4];
    kernel_philox(stream, first + (uint32_t)block, words);
    kernel_angle(words[1], kernel_radius(words[0]), &normals[0], &normals[1]);
    kernel_angle(words[3], kernel_radius(words[2]), &normals[2], &normals[3]);
    float *tile_z = z + block / GAUSSIAN_LANES * SWL_GAUSSIAN_TILE + block % GAUSSIAN_LANES;
    for (int k = 0; k < 4; k++) memcpy(tile_z + k * GAUSSIAN_LANES, &normals[k], sizeof normals[k]);
  }
}

const gaussian_ops GAUSSIAN_OPS = {.name = GAUSSIAN_NAME, .fill = kernel_fill};
