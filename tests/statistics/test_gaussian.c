/* test_gaussian.c - are the normals of both generators normal, and independent along every direction of the counter?
 *
 * Every finding is a probability under the exact law: two-sided for a z-score, Kolmogorov's, chi-square's (Wilson and
 * Hilferty) or binomial, the last summed exactly. Level of the whole family: 1 %, so each of the TESTS probabilities
 * must exceed 0.01/TESTS (Bonferroni); the last case sees to it that TESTS is their number. Seeds are fixed.
 *
 * Hand solutions: n = 2^24 values. Raw moments 1 to 6 of a normal are 0, 1, 0, 3, 0, 15 and have variances 1, 2, 15,
 * 96, 945, 10170 over n. Kolmogorov-Smirnov by the histogram of Phi(z) in 2^16 bins (which can only lower it). Sums
 * of products of two independent streams have standard deviation sqrt(n), of (z²-1)(z'²-1) 2 sqrt(n). The map's own
 * error, 1.4e-7 in the variance (test_inverse.c), is 1/2500 of a standard error here.
 */
#include "check.h"

#include "random/gaussian.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DRAWS = 1 << 12, COORDINATES = 1 << 12, BINS = 1 << 16, LANES = SWL_BLOCK_LANES, MOMENTS = 6 };
enum { DIRECTIONS = 22, TESTS = 2 * (MOMENTS + 6 + 2 + 2 * DIRECTIONS + 10) };
static const double root_half = 0.70710678118654752440;
static const char *const names[] = {"philox", "block"};
static int tests_done;

static void check_probability(double p, const char *what) {
  tests_done++;
  printf("# %-42s p %.4f\n", what, p);
  if (!(p > 0.01 / TESTS)) fail_msg("%s: p = %g", what, p);
}

static void check_score(double z, const char *what) { check_probability(erfc(fabs(z) * root_half), what); }

/* Sum of squares of `degrees` standard scores. */
static void check_squares(double sum, double degrees, const char *what) {
  const double v = 2 / (9 * degrees);
  check_score((cbrt(sum / degrees) - 1 + v) / sqrt(v), what);
}

static double log_binomial(double n, double k, double p) {
  return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p);
}

/* Twice the smaller of P(X <= k) and P(X >= k): terms fall faster than geometrically away from the mean. */
static double binomial_probability(double n, double p, double k) {
  const double step = k < n * p ? -1 : 1;
  double sum = 0;
  for (double i = k; i >= 0 && i <= n; i += step) {
    const double term = exp(log_binomial(n, i, p));
    sum += term;
    if (term < 1e-17 * sum) break;
  }
  return fmin(1, 2 * sum);
}

static swl_stream stream_of(int generator, uint64_t seed, swl_purpose purpose, uint64_t update, uint64_t draw,
                            uint32_t group) {
  swl_stream stream = swl_stream_make(swl_philox(seed), purpose, update, draw, group);
  if (generator) stream.generator = SWL_GENERATOR_BLOCK;
  return stream;
}

typedef struct tally {
  double power[MOMENTS];
  double beyond[2][3]; /* below, above; 3, 4, 5 standard deviations */
  uint32_t *bins;
} tally;

static void tally_add(tally *t, const float *z, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const double v = z[i], size = fabs(v), p = 0.5 * erfc(-v * root_half);
    double power = v;
    for (int k = 0; k < MOMENTS; k++, power *= v) t->power[k] += power;
    for (int k = 0; k < 3; k++) t->beyond[v > 0][k] += size > 3 + k;
    t->bins[(size_t)fmin(p * BINS, BINS - 1)]++;
  }
}

static void check_distribution(const tally *t, double n, int generator) {
  char what[96];
  double below = 0, distance = 0, chi = 0, tail = 0;
  for (size_t i = 0; i < BINS; i++) {
    chi += (t->bins[i] - n / BINS) * (t->bins[i] - n / BINS) / (n / BINS);
    below += t->bins[i];
    distance = fmax(distance, sqrt(n) * fabs(below / n - (double)(i + 1) / BINS));
  }
  snprintf(what, sizeof what, "%s: chi-square of %d bins", names[generator], BINS);
  check_squares(chi, BINS - 1, what);
  for (int k = 1; k < 40; k++) tail += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * distance * distance);
  snprintf(what, sizeof what, "%s: Kolmogorov-Smirnov %.3f", names[generator], distance);
  check_probability(distance < 0.3 ? 1 : tail, what);
}

static void moments_tails_and_distribution(void **state) {
  (void)state;
  static const double variance[] = {1, 2, 15, 96, 945, 10170}, expected[] = {0, 1, 0, 3, 0, 15};
  static float z[COORDINATES];
  const double n = (double)DRAWS * COORDINATES;
  char what[96];
  for (int generator = 0; generator < 2; generator++) {
    tally t = {.bins = calloc(BINS, sizeof *t.bins)};
    assert_non_null(t.bins);
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
      const swl_stream stream = stream_of(generator, 2024, SWL_PURPOSE_DRAW, draw / 128, draw % 128, 0);
      swl_gaussian_fill(&stream, 0, COORDINATES, z);
      tally_add(&t, z, COORDINATES);
    }
    for (int k = 0; k < MOMENTS; k++) {
      snprintf(what, sizeof what, "%s: moment %d", names[generator], k + 1);
      check_score((t.power[k] / n - expected[k]) / sqrt(variance[k] / n), what);
    }
    for (int k = 0; k < 6; k++) {
      const double p = 0.5 * erfc((3 + k / 2) * root_half), seen = t.beyond[k % 2][k / 2];
      snprintf(what, sizeof what, "%s: %s %d, %.0f of %.1f", names[generator], k % 2 ? "above" : "below -", 3 + k / 2,
               seen, n * p);
      check_probability(binomial_probability(n, p, seen), what);
    }
    check_distribution(&t, n, generator);
    free(t.bins);
  }
}

typedef struct direction {
  const char *what;
  uint64_t seed, update, draw;
  uint32_t group;
  size_t shift;
  swl_purpose purpose;
} direction;

static const direction directions[DIRECTIONS] = {{"coordinate + 1", 0, 0, 0, 0, 1, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 2", 0, 0, 0, 0, 2, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 3", 0, 0, 0, 0, 3, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 8", 0, 0, 0, 0, 8, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 16 (a step)", 0, 0, 0, 0, 16, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 32", 0, 0, 0, 0, 32, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 33", 0, 0, 0, 0, 33, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 48", 0, 0, 0, 0, 48, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 64", 0, 0, 0, 0, 64, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 1024 (a block)", 0, 0, 0, 0, 1024, SWL_PURPOSE_DRAW},
                                                 {"coordinate + 2048", 0, 0, 0, 0, 2048, SWL_PURPOSE_DRAW},
                                                 {"draw + 1", 0, 0, 1, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"draw + 2^16", 0, 0, 1 << 16, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"draw + 1, one step on", 0, 0, 1, 0, 16, SWL_PURPOSE_DRAW},
                                                 {"update + 1", 0, 1, 0, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"update + 2^31", 0, 1ULL << 31, 0, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"group + 1", 0, 0, 0, 1, 0, SWL_PURPOSE_DRAW},
                                                 {"group + 2^23", 0, 0, 0, 1 << 23, 0, SWL_PURPOSE_DRAW},
                                                 {"seed + 1", 1, 0, 0, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"seed + 2", 2, 0, 0, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"seed + 2^32", 1ULL << 32, 0, 0, 0, 0, SWL_PURPOSE_DRAW},
                                                 {"purpose", 0, 0, 0, 0, 0, SWL_PURPOSE_CHECK}};

static void add_products(const swl_stream *a, const swl_stream *b, size_t shift, double sums[2]) {
  static float x[COORDINATES], y[2 * COORDINATES];
  swl_gaussian_fill(a, 0, COORDINATES, x);
  swl_gaussian_fill(b, 0, COORDINATES + 2048, y);
  for (size_t i = 0; i < COORDINATES; i++) {
    const double u = x[i], v = y[i + shift];
    sums[0] += u * v;
    sums[1] += (u * u - 1) * (v * v - 1) / 2;
  }
}

static void every_direction_of_the_counter_is_independent(void **state) {
  (void)state;
  enum { STREAMS = 512 };
  const double root = sqrt((double)STREAMS * COORDINATES);
  for (int i = 0; i < 2 * DIRECTIONS; i++) {
    const direction *d = &directions[i / 2];
    double sums[2] = {0, 0};
    char what[96];
    for (uint64_t k = 0; k < STREAMS; k++) { /* streams 2 apart, so that neighbors of one are not another */
      const uint64_t seed = 4 * (k % 8), update = 2 * (k / 8 % 8), draw = 2 * (k / 64);
      const swl_stream a = stream_of(i % 2, seed, SWL_PURPOSE_DRAW, update, draw, 6);
      const swl_stream b = stream_of(i % 2, seed + d->seed, d->purpose, update + d->update, draw + d->draw,
                                     6 + d->group);
      add_products(&a, &b, d->shift, sums);
    }
    snprintf(what, sizeof what, "%s: %s", names[i % 2], d->what);
    check_score(sums[0] / root, what);
    snprintf(what, sizeof what, "%s: %s, squares", names[i % 2], d->what);
    check_score(sums[1] / root, what);
  }
}

/* Sums of products of the 16 lanes of x and the 16 of y. */
typedef struct lane_products {
  double plain[LANES][LANES], squares[LANES][LANES], n;
} lane_products;

static void lanes_add(lane_products *sums, const float *x, const float *y) {
  sums->n++;
  for (size_t i = 0; i < LANES; i++) {
    const double u = x[i], u2 = (u * u - 1) / 2;
    for (size_t j = 0; j < LANES; j++) {
      const double v = y[j];
      sums->plain[i][j] += u * v;
      sums->squares[i][j] += u2 * (v * v - 1);
    }
  }
}

static void lanes_check(const lane_products *sums, int same, const char *generator, const char *what) {
  double plain = 0, squares = 0, degrees = 0;
  char name[96];
  for (size_t i = 0; i < LANES; i++) {
    for (size_t j = same ? i + 1 : 0; j < LANES; j++, degrees++) {
      plain += sums->plain[i][j] * sums->plain[i][j] / sums->n;
      squares += sums->squares[i][j] * sums->squares[i][j] / sums->n;
    }
  }
  snprintf(name, sizeof name, "%s: %s", generator, what);
  check_squares(plain, degrees, name);
  snprintf(name, sizeof name, "%s: %s, squares", generator, what);
  check_squares(squares, degrees, name);
}

/* Every lane against every lane: in one step, a step and 63 steps later, from the start of a block to the start of the
 * next, and from the end of a block to there. Scores of 2^17 (2^13) products are normal enough for a chi-square. */
static void lanes_and_successive_blocks_are_independent(void **state) {
  (void)state;
  enum { BLOCKS = 16, STREAMS = 512, STEPS = SWL_BLOCK / LANES };
  static float z[BLOCKS * SWL_BLOCK];
  for (int generator = 0; generator < 2; generator++) {
    lane_products sums[5] = {{.n = 0}};
    for (uint64_t stream_number = 0; stream_number < STREAMS; stream_number++) {
      const swl_stream stream = stream_of(generator, 11, SWL_PURPOSE_CHAIN, stream_number, 1, 2);
      swl_gaussian_fill(&stream, 0, (size_t)BLOCKS * SWL_BLOCK, z);
      for (size_t b = 0; b < BLOCKS; b++) {
        const float *block = z + b * SWL_BLOCK, *end = block + SWL_BLOCK - LANES;
        for (size_t step = 0; step < STEPS - 1; step += 4) {
          lanes_add(&sums[0], block + step * LANES, block + step * LANES);
          lanes_add(&sums[1], block + step * LANES, block + (step + 1) * LANES);
        }
        lanes_add(&sums[2], block, end);
        if (b + 1 < BLOCKS) lanes_add(&sums[3], block, block + SWL_BLOCK);
        if (b + 1 < BLOCKS) lanes_add(&sums[4], end, block + SWL_BLOCK);
      }
    }
    static const char *const whats[] = {"lanes, same step", "lanes, next step", "lanes, first and last step",
                                        "lanes, starts of blocks", "lanes, end and start of blocks"};
    for (int k = 0; k < 5; k++) lanes_check(&sums[k], k == 0, names[generator], whats[k]);
  }
}

static void the_family_has_as_many_tests_as_its_level_says(void **state) {
  (void)state;
  assert_int_equal(tests_done, TESTS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moments_tails_and_distribution),
      cmocka_unit_test(every_direction_of_the_counter_is_independent),
      cmocka_unit_test(lanes_and_successive_blocks_are_independent),
      cmocka_unit_test(the_family_has_as_many_tests_as_its_level_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
