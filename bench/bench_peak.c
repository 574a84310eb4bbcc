/* bench_peak.c [--json] [--quick] - what one core can do at best: fp32 multiply-adds per second, two operations each.
 *
 * Independent chains of fused multiply-adds in registers, more of them than latency × issue width, so that nothing but
 * the arithmetic units limits them. The widest instructions that the processor has are chosen at run time; the portable
 * form multiplies and adds separately.
 */
#include "bench.h"

#include <stdio.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { STEPS = 2000000, CHAINS = 16, SHORT_CHAINS = 12 };

typedef struct peak_way {
  const char *name;
  int (*usable)(void);
  float (*chains)(long steps); /* returns something that depends on every step */
  double operations;           /* per step */
} peak_way;

#if defined(__x86_64__)
static int peak_has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
static int peak_has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

__attribute__((target("avx512f"))) static float peak_avx512(long steps) {
  __m512 a[CHAINS];
  const __m512 b = _mm512_set1_ps(0.999f), c = _mm512_set1_ps(0.001f);
  for (int i = 0; i < CHAINS; i++) a[i] = _mm512_set1_ps((float)i);
  for (long k = 0; k < steps; k++) {
#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++) a[i] = _mm512_fmadd_ps(a[i], b, c);
  }
  for (int i = 1; i < CHAINS; i++) a[0] = _mm512_add_ps(a[0], a[i]);
  return _mm512_cvtss_f32(a[0]);
}

__attribute__((target("avx2,fma"))) static float peak_avx2(long steps) {
  __m256 a[SHORT_CHAINS]; /* 16 registers: 12 chains, two constants */
  const __m256 b = _mm256_set1_ps(0.999f), c = _mm256_set1_ps(0.001f);
  for (int i = 0; i < SHORT_CHAINS; i++) a[i] = _mm256_set1_ps((float)i);
  for (long k = 0; k < steps; k++) {
#pragma GCC unroll 12
    for (int i = 0; i < SHORT_CHAINS; i++) a[i] = _mm256_fmadd_ps(a[i], b, c);
  }
  for (int i = 1; i < SHORT_CHAINS; i++) a[0] = _mm256_add_ps(a[0], a[i]);
  return _mm256_cvtss_f32(a[0]);
}
#endif

typedef float peak_vector __attribute__((vector_size(16)));

static int peak_always(void) { return 1; }

static float peak_portable(long steps) {
  peak_vector a[SHORT_CHAINS];
  const peak_vector b = {0.999f, 0.999f, 0.999f, 0.999f}, c = {0.001f, 0.001f, 0.001f, 0.001f};
  for (int i = 0; i < SHORT_CHAINS; i++) a[i] = (peak_vector){(float)i, (float)i, (float)i, (float)i};
  for (long k = 0; k < steps; k++) {
#pragma GCC unroll 12
    for (int i = 0; i < SHORT_CHAINS; i++) a[i] = a[i] * b + c;
  }
  for (int i = 1; i < SHORT_CHAINS; i++) a[0] += a[i];
  return a[0][0];
}

static const peak_way peak_ways[] = {
#if defined(__x86_64__)
    {"AVX-512", peak_has_avx512, peak_avx512, 2.0 * 16 * CHAINS},
    {"AVX2", peak_has_avx2, peak_avx2, 2.0 * 8 * SHORT_CHAINS},
#endif
    {"portable", peak_always, peak_portable, 2.0 * 4 * SHORT_CHAINS},
};

/* Seconds of this thread alone: other programs on the core take nothing from its peak. */
static double peak_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int count, char **words) {
  const peak_way *way = peak_ways;
  double rates[BENCH_RUNS_MOST] = {0};
  char what[64];
  volatile float sink = 0;
  bench_begin(count, words, BENCH_RUNS_MOST);
  while (!way->usable()) way++;
  for (int run = -1; run < bench_runs; run++) { /* the first is to wake the core up */
    const double begin = peak_clock();
    sink = sink + way->chains(STEPS);
    if (run >= 0) rates[run] = 1e-9 * STEPS * way->operations / (peak_clock() - begin);
  }
  snprintf(what, sizeof what, "fp32 peak of one core, %s", way->name);
  bench_row(what, rates, "GFLOP/s");
  return 0;
}
