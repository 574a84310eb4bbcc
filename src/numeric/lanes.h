/* lanes.h - one register of floats and one of doubles, for the instruction set that this file is compiled for.
 *
 * Included by vector_loops.c and columns_loops.c. `lanes` is a register of LANES floats, `wides` one of LANES / 2 doubles. Arithmetic
 * is written with the compiler's vector operators; what they do not offer is here: partial loads and stores, max,
 * select, reductions, and the functions of SLEEF (https://sleef.org; Shibata and Petrogalli, IEEE TPDS 2020). Their
 * `_u10` forms have at most 1.0 ulp of error, `_u35` at most 3.5 (tanh: a third of the time of `_u10`).
 */
#ifndef SWL_NUMERIC_LANES_H
#define SWL_NUMERIC_LANES_H

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <float.h>
#include <math.h>
#include <sleef.h>
#include <stddef.h>
#include <string.h>

#define LANES_INLINE static inline __attribute__((always_inline, unused))

#if defined(__AVX512F__)

enum { LANES = 16, WIDES = 8 };
typedef __m512 lanes;
typedef __m512d wides;

LANES_INLINE lanes lanes_set(float value) { return _mm512_set1_ps(value); }
LANES_INLINE lanes lanes_load(const float *p) { return _mm512_loadu_ps(p); }
LANES_INLINE void lanes_store(float *p, lanes v) { _mm512_storeu_ps(p, v); }
LANES_INLINE __mmask16 lanes_first(size_t n) { return (__mmask16)((1U << n) - 1U); }
LANES_INLINE lanes lanes_load_part(const float *p, size_t n, float rest) {
  return _mm512_mask_loadu_ps(_mm512_set1_ps(rest), lanes_first(n), p);
}
LANES_INLINE void lanes_store_part(float *p, size_t n, lanes v) { _mm512_mask_storeu_ps(p, lanes_first(n), v); }
LANES_INLINE lanes lanes_max(lanes a, lanes b) { return _mm512_max_ps(a, b); }
LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }
LANES_INLINE lanes lanes_abs(lanes a) { return _mm512_abs_ps(a); }
LANES_INLINE lanes lanes_if_less(lanes a, lanes b, lanes yes, lanes no) {
  return _mm512_mask_mov_ps(no, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), yes);
}
LANES_INLINE lanes lanes_stride(const float *p, size_t stride) {
  const __m512i step = _mm512_set1_epi32((int)stride);
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_i32gather_ps(_mm512_mullo_epi32(step, lane), p, 4);
}
LANES_INLINE lanes lanes_where_positive(lanes a, lanes v) {
  return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_LE_OQ), _mm512_setzero_ps());
}
LANES_INLINE lanes lanes_sign(lanes a) {
  const lanes one = _mm512_mask_mov_ps(_mm512_set1_ps(1.0F), _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_LT_OQ),
                                       _mm512_set1_ps(-1.0F));
  return _mm512_mask_mov_ps(one, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), a);
}
LANES_INLINE float lanes_top(lanes v) { return _mm512_reduce_max_ps(v); }
LANES_INLINE float lanes_total(lanes v) { return _mm512_reduce_add_ps(v); }
LANES_INLINE lanes lanes_exp(lanes v) { return Sleef_expf16_u10avx512f(v); }
LANES_INLINE lanes lanes_tanh(lanes v) { return Sleef_tanhf16_u35avx512f(v); }
LANES_INLINE lanes lanes_erfc(lanes v) { return Sleef_erfcf16_u15avx512f(v); }

LANES_INLINE wides wides_set(double value) { return _mm512_set1_pd(value); }
LANES_INLINE wides wides_load(const double *p) { return _mm512_loadu_pd(p); }
LANES_INLINE void wides_store(double *p, wides v) { _mm512_storeu_pd(p, v); }
LANES_INLINE wides wides_low(lanes v) { return _mm512_cvtps_pd(_mm512_castps512_ps256(v)); }
LANES_INLINE wides wides_high(lanes v) {
  return _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)));
}
LANES_INLINE wides wides_where_finite(wides a, wides yes) {
  return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(_mm512_abs_pd(a), _mm512_set1_pd(DBL_MAX), _CMP_LE_OQ), yes);
}
LANES_INLINE wides wides_exp(wides v) { return Sleef_expd8_u10avx512f(v); }
LANES_INLINE wides wides_log(wides v) { return Sleef_logd8_u10avx512f(v); }

#elif defined(__AVX2__)

enum { LANES = 8, WIDES = 4 };
typedef __m256 lanes;
typedef __m256d wides;

LANES_INLINE lanes lanes_set(float value) { return _mm256_set1_ps(value); }
LANES_INLINE lanes lanes_load(const float *p) { return _mm256_loadu_ps(p); }
LANES_INLINE void lanes_store(float *p, lanes v) { _mm256_storeu_ps(p, v); }
LANES_INLINE __m256i lanes_first(size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
LANES_INLINE lanes lanes_load_part(const float *p, size_t n, float rest) {
  const __m256i first = lanes_first(n);
  return _mm256_blendv_ps(_mm256_set1_ps(rest), _mm256_maskload_ps(p, first), _mm256_castsi256_ps(first));
}
LANES_INLINE void lanes_store_part(float *p, size_t n, lanes v) { _mm256_maskstore_ps(p, lanes_first(n), v); }
LANES_INLINE lanes lanes_max(lanes a, lanes b) { return _mm256_max_ps(a, b); }
LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return _mm256_fmadd_ps(a, b, c); }
LANES_INLINE lanes lanes_abs(lanes a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
LANES_INLINE lanes lanes_if_less(lanes a, lanes b, lanes yes, lanes no) {
  return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
LANES_INLINE lanes lanes_stride(const float *p, size_t stride) {
  const __m256i step = _mm256_set1_epi32((int)stride), lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_i32gather_ps(p, _mm256_mullo_epi32(step, lane), 4);
}
LANES_INLINE lanes lanes_where_positive(lanes a, lanes v) {
  return _mm256_andnot_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_LE_OQ), v);
}
LANES_INLINE lanes lanes_sign(lanes a) {
  const lanes one = _mm256_blendv_ps(_mm256_set1_ps(1.0F), _mm256_set1_ps(-1.0F),
                                     _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_LT_OQ));
  return _mm256_blendv_ps(one, a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}
LANES_INLINE float lanes_top(lanes v) {
  __m128 top = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  top = _mm_max_ps(top, _mm_movehl_ps(top, top));
  return _mm_cvtss_f32(_mm_max_ss(top, _mm_movehdup_ps(top)));
}
LANES_INLINE float lanes_total(lanes v) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}
LANES_INLINE lanes lanes_exp(lanes v) { return Sleef_expf8_u10avx2(v); }
LANES_INLINE lanes lanes_tanh(lanes v) { return Sleef_tanhf8_u35avx2(v); }
LANES_INLINE lanes lanes_erfc(lanes v) { return Sleef_erfcf8_u15avx2(v); }

LANES_INLINE wides wides_set(double value) { return _mm256_set1_pd(value); }
LANES_INLINE wides wides_load(const double *p) { return _mm256_loadu_pd(p); }
LANES_INLINE void wides_store(double *p, wides v) { _mm256_storeu_pd(p, v); }
LANES_INLINE wides wides_low(lanes v) { return _mm256_cvtps_pd(_mm256_castps256_ps128(v)); }
LANES_INLINE wides wides_high(lanes v) { return _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)); }
LANES_INLINE wides wides_where_finite(wides a, wides yes) {
  const __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), a);
  return _mm256_and_pd(_mm256_cmp_pd(size, _mm256_set1_pd(DBL_MAX), _CMP_LE_OQ), yes);
}
LANES_INLINE wides wides_exp(wides v) { return Sleef_expd4_u10avx2(v); }
LANES_INLINE wides wides_log(wides v) { return Sleef_logd4_u10avx2(v); }

#else /* any machine: registers of four floats by the compiler's vector types, functions on SSE2 or one by one */

enum { LANES = 4, WIDES = 2 };
typedef float lanes __attribute__((vector_size(16)));
typedef double wides __attribute__((vector_size(16)));

LANES_INLINE lanes lanes_set(float value) { return (lanes){value, value, value, value}; }
LANES_INLINE lanes lanes_load(const float *p) {
  lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}
LANES_INLINE void lanes_store(float *p, lanes v) { memcpy(p, &v, sizeof v); }
LANES_INLINE lanes lanes_load_part(const float *p, size_t n, float rest) {
  lanes v = lanes_set(rest);
  for (size_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
LANES_INLINE void lanes_store_part(float *p, size_t n, lanes v) {
  for (size_t i = 0; i < n; i++) p[i] = v[i];
}
LANES_INLINE lanes lanes_max(lanes a, lanes b) {
  for (int i = 0; i < LANES; i++) a[i] = a[i] > b[i] ? a[i] : b[i];
  return a;
}
LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return a * b + c; }
LANES_INLINE lanes lanes_abs(lanes a) {
  for (int i = 0; i < LANES; i++) a[i] = fabsf(a[i]);
  return a;
}
LANES_INLINE lanes lanes_if_less(lanes a, lanes b, lanes yes, lanes no) {
  for (int i = 0; i < LANES; i++) no[i] = a[i] < b[i] ? yes[i] : no[i];
  return no;
}
LANES_INLINE lanes lanes_stride(const float *p, size_t stride) {
  return (lanes){p[0], p[stride], p[2 * stride], p[3 * stride]};
}
LANES_INLINE lanes lanes_where_positive(lanes a, lanes v) {
  for (int i = 0; i < LANES; i++) v[i] = a[i] <= 0.0F ? 0.0F : v[i];
  return v;
}
LANES_INLINE lanes lanes_sign(lanes a) {
  for (int i = 0; i < LANES; i++) a[i] = a[i] < 0.0F ? -1.0F : a[i] >= 0.0F ? 1.0F : a[i];
  return a;
}
LANES_INLINE float lanes_top(lanes v) {
  const float low = v[0] > v[1] ? v[0] : v[1], high = v[2] > v[3] ? v[2] : v[3];
  return low > high ? low : high;
}
LANES_INLINE float lanes_total(lanes v) { return (v[0] + v[2]) + (v[1] + v[3]); }
#if defined(__SSE2__)
LANES_INLINE lanes lanes_exp(lanes v) { return Sleef_expf4_u10sse2(v); }
LANES_INLINE lanes lanes_tanh(lanes v) { return Sleef_tanhf4_u35sse2(v); }
LANES_INLINE lanes lanes_erfc(lanes v) { return Sleef_erfcf4_u15sse2(v); }
LANES_INLINE wides wides_exp(wides v) { return Sleef_expd2_u10sse2(v); }
LANES_INLINE wides wides_log(wides v) { return Sleef_logd2_u10sse2(v); }
#else
LANES_INLINE lanes lanes_each(lanes v, float (*g)(float)) {
  for (int i = 0; i < LANES; i++) v[i] = g(v[i]);
  return v;
}
LANES_INLINE lanes lanes_exp(lanes v) { return lanes_each(v, Sleef_expf_u10); }
LANES_INLINE lanes lanes_tanh(lanes v) { return lanes_each(v, Sleef_tanhf_u35); }
LANES_INLINE lanes lanes_erfc(lanes v) { return lanes_each(v, Sleef_erfcf_u15); }
LANES_INLINE wides wides_exp(wides v) { return (wides){exp(v[0]), exp(v[1])}; }
LANES_INLINE wides wides_log(wides v) { return (wides){log(v[0]), log(v[1])}; }
#endif

LANES_INLINE wides wides_set(double value) { return (wides){value, value}; }
LANES_INLINE wides wides_load(const double *p) {
  wides v;
  memcpy(&v, p, sizeof v);
  return v;
}
LANES_INLINE void wides_store(double *p, wides v) { memcpy(p, &v, sizeof v); }
LANES_INLINE wides wides_where_finite(wides a, wides yes) {
  for (int i = 0; i < WIDES; i++) yes[i] = fabs(a[i]) <= DBL_MAX ? yes[i] : 0.0;
  return yes;
}
LANES_INLINE wides wides_low(lanes v) { return (wides){(double)v[0], (double)v[1]}; }
LANES_INLINE wides wides_high(lanes v) { return (wides){(double)v[2], (double)v[3]}; }

#endif

/* The float lanes as doubles, added in pairs. */
LANES_INLINE wides wides_fold(lanes v) { return wides_low(v) + wides_high(v); }

/* Σ of the doubles, in a fixed order. */
LANES_INLINE double wides_sum(wides v) {
  double parts[WIDES];
  wides_store(parts, v);
  for (int half = WIDES / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) parts[i] += parts[i + half];
  }
  return parts[0];
}

#endif
