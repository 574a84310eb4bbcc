/* test_gaussian.c - are the normals normal, and independent along every direction of the counter?
 *
 * Hand solution: n = 2^24 values. Raw moments 0, 1, 0, 3 have variances 1, 2, 15, 96 over n. Kolmogorov-Smirnov by the
 * histogram of Phi(z) in 2^16 bins: sqrt(n) D < 2.2 (p = 1.3e-4; bins can only lower D). Counts beyond 3, 4, 5 are
 * Poisson with n P(|Z| > k). The smallest uniform is 2^-32, so |z| <= sqrt(64 ln 2) = 6.66 (missing mass 3e-11). Sums
 * of products of two independent streams have standard deviation sqrt(n), of (z²-1)(z'²-1) 2 sqrt(n).
 */
#include "check.h"

#include "random/gaussian.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DRAWS = 1 << 14, COORDINATES = 1 << 10, BINS = 1 << 16 };

typedef struct tally {
  double power[4];
  double beyond[3]; /* 3, 4, 5 standard deviations */
  double largest;
  uint32_t *bins;
} tally;

static void tally_add(tally *t, const float *z, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const double v = z[i], size = fabs(v), p = 0.5 * erfc(-v * 0.70710678118654752440);
    double power = v;
    for (int k = 0; k < 4; k++, power *= v) t->power[k] += power;
    for (int k = 0; k < 3; k++) t->beyond[k] += size > 3 + k;
    t->largest = fmax(t->largest, size);
    t->bins[(size_t)fmin(p * BINS, BINS - 1)]++;
  }
}

static void moments_tails_and_distribution(void **state) {
  (void)state;
  const double n = (double)DRAWS * COORDINATES, expected[] = {0, 1, 0, 3}, variance[] = {1, 2, 15, 96};
  static float z[COORDINATES];
  tally t = {.bins = calloc(BINS, sizeof *t.bins)};
  for (uint64_t draw = 0; draw < DRAWS; draw++) {
    const swl_stream stream = swl_stream_make(2024, SWL_PURPOSE_DRAW, draw / 128, draw % 128, 0);
    swl_gaussian_fill(&stream, 0, COORDINATES, z);
    tally_add(&t, z, COORDINATES);
  }
  for (int k = 0; k < 4; k++) {
    printf("# moment %d: z %+.2f\n", k + 1, (t.power[k] / n - expected[k]) / sqrt(variance[k] / n));
    check_close(t.power[k] / n, expected[k], 4 * sqrt(variance[k] / n));
  }
  for (int k = 0; k < 3; k++) {
    const double mean = n * erfc((3 + k) * 0.70710678118654752440);
    printf("# beyond %d: %.0f, expected %.1f\n", 3 + k, t.beyond[k], mean);
    check_close(t.beyond[k], mean, 4 * sqrt(mean));
  }
  double below = 0, distance = 0, chi = 0;
  for (size_t i = 0; i < BINS; i++) {
    chi += (t.bins[i] - n / BINS) * (t.bins[i] - n / BINS) / (n / BINS);
    below += t.bins[i];
    distance = fmax(distance, fabs(below / n - (double)(i + 1) / BINS));
  }
  printf("# Kolmogorov-Smirnov %.3f, chi-square of %d bins as z %+.2f, largest %.3f\n", distance * sqrt(n), BINS,
         (chi - BINS + 1) / sqrt(2.0 * BINS), t.largest);
  assert_true(distance * sqrt(n) < 2.2);
  check_close(chi, BINS - 1, 4 * sqrt(2.0 * BINS));
  assert_true(t.largest <= 6.661);
  free(t.bins);
}

static void check_independent(const swl_stream *a, const swl_stream *b, size_t shift, const char *what,
                              double sums[2]) {
  static float x[COORDINATES + 64], y[COORDINATES + 64];
  (void)what;
  swl_gaussian_fill(a, 0, COORDINATES, x);
  swl_gaussian_fill(b, 0, COORDINATES + 64, y);
  for (size_t i = 0; i < COORDINATES; i++) {
    const double u = x[i], v = y[i + shift];
    sums[0] += u * v;
    sums[1] += (u * u - 1) * (v * v - 1) / 2;
  }
}

typedef struct direction {
  const char *what;
  uint64_t seed, update, draw;
  uint32_t group;
  size_t shift;
  swl_purpose purpose;
} direction;

static void every_direction_of_the_counter_is_independent(void **state) {
  (void)state;
  const direction all[] = {{"coordinate + 1", 0, 0, 0, 0, 1, SWL_PURPOSE_DRAW},
                           {"coordinate + 16 (cos, sin)", 0, 0, 0, 0, 16, SWL_PURPOSE_DRAW},
                           {"coordinate + 32", 0, 0, 0, 0, 32, SWL_PURPOSE_DRAW},
                           {"coordinate + 48", 0, 0, 0, 0, 48, SWL_PURPOSE_DRAW},
                           {"coordinate + 64", 0, 0, 0, 0, 64, SWL_PURPOSE_DRAW},
                           {"draw + 1", 0, 0, 1, 0, 0, SWL_PURPOSE_DRAW},
                           {"draw + 2^16", 0, 0, 1 << 16, 0, 0, SWL_PURPOSE_DRAW},
                           {"update + 1", 0, 1, 0, 0, 0, SWL_PURPOSE_DRAW},
                           {"group + 1", 0, 0, 0, 1, 0, SWL_PURPOSE_DRAW},
                           {"seed + 1", 1, 0, 0, 0, 0, SWL_PURPOSE_DRAW},
                           {"seed + 2^32", 1ULL << 32, 0, 0, 0, 0, SWL_PURPOSE_DRAW},
                           {"purpose", 0, 0, 0, 0, 0, SWL_PURPOSE_CHECK}};
  enum { STREAMS = 1024 };
  const double root = sqrt((double)STREAMS * COORDINATES);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    const direction *d = &all[i];
    double sums[2] = {0, 0};
    for (uint64_t k = 0; k < STREAMS; k++) { /* streams 2 apart, so that neighbors of one are not another */
      const uint64_t seed = 4 * (k % 8), update = 2 * (k / 8 % 8), draw = 2 * (k / 64);
      const swl_stream a = swl_stream_make(seed, SWL_PURPOSE_DRAW, update, draw, 6);
      const swl_stream b = swl_stream_make(seed + d->seed, d->purpose, update + d->update, draw + d->draw,
                                           6 + d->group);
      check_independent(&a, &b, d->shift, d->what, sums);
    }
    printf("# %-28s correlation z %+.2f, of squares %+.2f\n", d->what, sums[0] / root, sums[1] / root);
    check_close(sums[0] / root, 0, 4);
    check_close(sums[1] / root, 0, 4);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moments_tails_and_distribution),
      cmocka_unit_test(every_direction_of_the_counter_is_independent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
