/* test_monotone.c - each scheme decreases its objective by |step|²/(2 tau), and the check with samples says so.
 *
 * Hand solution, quadratic f, exact expectations: both schemes map e = x - c to (I + tau beta A)⁻¹ e. In an
 * eigenvector, with s = tau beta lambda, in units of e²/(2 tau):
 *               F(x+) - F(x)           required decrease     sum of the two, negative
 *   F_LE        -s²(2+s)/(1+s)³        s²/(1+s)²             -s²/(1+s)³
 *   beta F_H    -s²(2+s)/(1+s)²        s²/(1+s)²             -s²/(1+s)
 * With samples: the number of verdicts that are wrong by chance is at most binomial with p = P(Z > 3) = 0.00135.
 * The decrease is that of the exact scheme. A step that is mostly noise (at the minimum, without antithetic pairs) does
 * increase F and is rightly flagged, so the well sampled runs start far from c.
 */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>

#define TAU 0.2
#define BETA 1.5

static double squared_distance(const quadratic *q, const float *a, const float *b) {
  double sum = 0;
  for (size_t i = 0; i < q->dim; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
  return sum;
}

/* Every step of the exact schemes, from many points, soft and stiff; float points cost 2^-24 |F|. */
static void exact_schemes_decrease(void **state) {
  (void)state;
  const size_t dims[] = {1, 3, 20};
  for (size_t i = 0; i < 60; i++) {
    quadratic q = quadratic_make(dims[i % 3], 0, pow(10, (double)(i / 3 % 5) - 2), i);
    for (size_t k = 0; k < 20; k++) {
      double mean[QUADRATIC_MAX];
      float next[QUADRATIC_MAX];
      quadratic_mean(&q, TAU, BETA, q.x, mean);
      for (size_t j = 0; j < q.dim; j++) next[j] = (float)mean[j];
      const double required = squared_distance(&q, next, q.x) / (2 * TAU * BETA);
      const double le = quadratic_local_entropy(&q, TAU, BETA, q.x), heat = quadratic_heat(&q, TAU, q.x);
      const double rounding = 0x1p-22 * (1 + fabs(le) + fabs(heat)) * sqrt(required + 1e-12);
      assert_true(quadratic_local_entropy(&q, TAU, BETA, next) <= le - required + rounding);
      assert_true(quadratic_heat(&q, TAU, next) <= heat - required + rounding);
      for (size_t j = 0; j < q.dim; j++) q.x[j] = next[j];
    }
  }
}

/* Ten runs of 12 updates each, far from c: violations by chance only, and almost all decreases seen to hold. */
static void well_sampled_runs_are_not_violated(void **state) {
  (void)state;
  const char *const ways[] = {
      "optimizer=matching tau=0.2 beta=1.5 samples=4000 monotone=true",
      "optimizer=matching tau=0.2 beta=1.5 samples=4000 antithetic=false monotone=true",
      "regularizer=heat optimizer=robbins-monro inner=20 tau=0.2 beta=1.5 samples=1000 monotone=true",
      "regularizer=heat estimator=pathwise optimizer=robbins-monro inner=9 tau=0.2 beta=1.5 samples=1000 monotone=true",
      "regularizer=heat optimizer=robbins-monro inner=20 antithetic=false tau=0.2 beta=1.5 samples=1000 monotone=true"};
  enum { RUNS = 10, UPDATES = 12 };
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    double held = 0, undecided = 0, violated = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
      quadratic q = quadratic_make(3, 0, 0.7, 16);
      for (size_t j = 0; j < 3; j++) q.x[j] = (float)(q.c[j] + 1.5);
      const outcome run = quadratic_run(&q, ways[i], seed, UPDATES);
      held += run.statistic[SWALE_STATISTIC_HELD];
      undecided += run.statistic[SWALE_STATISTIC_UNDECIDED];
      violated += run.statistic[SWALE_STATISTIC_VIOLATED];
    }
    printf("# held %3.0f undecided %3.0f violated %3.0f: %s\n", held, undecided, violated, ways[i]);
    assert_true(held + undecided + violated == RUNS * UPDATES);
    assert_true(violated <= 2); /* P(binomial(120, 0.00135) > 2) = 0.0006 */
    assert_true(held >= 0.5 * RUNS * UPDATES);
  }
}

typedef struct bad_case {
  const char *options;
  int heat;
  double s, rate;
} bad_case;

/* Overshooting by hand: e -> e (1 - rate s/(1+s)) for local entropy, e (1 - rate s) for heat's explicit step; both
 * factors below -1, so F grows. Change, its s.e. and the requirement against the closed form at the x that was reached:
 * the fresh draws do not depend on it, so the z-scores are calibrated. */
static void overshooting_is_flagged(void **state) {
  (void)state;
  const bad_case cases[] = {
      {"optimizer=matching rate=3 tau=0.2 beta=1.5 samples=4000 monotone=true", 0, 6, 3},
      {"optimizer=matching rate=3 tau=0.2 beta=1.5 samples=4000 antithetic=false monotone=true", 0, 6, 3},
      {"regularizer=heat optimizer=matching rate=3 tau=0.2 beta=1.5 samples=4000 antithetic=false monotone=true", 1, 1,
       3},
      {"optimizer=sgd rate=1 momentum=0 tau=0.2 beta=1.5 samples=4000 monotone=true", 0, 3, 0},
  };
  enum { SEEDS = 200 };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    quadratic q = quadratic_make(1, 0, 1, 17);
    q.a[0][0] = cases[i].s / (TAU * BETA);
    q.x[0] = (float)(q.c[0] + 0.6);
    sample z = {0};
    double flagged = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
      const outcome run = quadratic_run(&q, cases[i].options, seed, 1);
      const double change = cases[i].heat ? quadratic_heat(&q, TAU, run.x) - quadratic_heat(&q, TAU, q.x)
                                          : quadratic_local_entropy(&q, TAU, BETA, run.x) -
                                                quadratic_local_entropy(&q, TAU, BETA, q.x);
      const double square = squared_distance(&q, run.x, q.x);
      assert_true(change > 0);
      sample_add(&z, (run.statistic[SWALE_STATISTIC_CHANGE] - change) / run.statistic[SWALE_STATISTIC_CHANGE_SE]);
      check_close(run.statistic[SWALE_STATISTIC_STEP], sqrt(square), 1e-12);
      check_close(run.statistic[SWALE_STATISTIC_REQUIRED], 0, 0); /* nothing is promised to an overshooting step */
      flagged += run.statistic[SWALE_STATISTIC_VIOLATED];
    }
    check_calibrated(&z, cases[i].options);
    printf("# flagged %.0f of %d\n", flagged, SEEDS);
    assert_true(flagged >= SEEDS - 1);
  }
}

/* Local entropy at rate r promises (2 - r)/r |step|²/(2 tau) less 2 r E|n|²/(2 tau), by hand: with m = x + Delta the
 * surrogate |. - m|²/(2 tau) falls by (|Delta|² - |(r - 1) Delta + r n|²)/(2 tau), and |step|² = r² (|Delta|² + |n|²) in the
 * mean. E|n|² is tau times the square of the standard error that is told. With exact expectations, e -> e (1 - r s/(1+s)),
 * the decrease beta k e²/(2 (1+s)) (1 - (1 - r s/(1+s))²) is never less than what is promised. */
static void the_promise_depends_on_the_rate(void **state) {
  (void)state;
  const double rates[] = {0.25, 1, 1.5, 2.5};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    char options[128];
    const double r = rates[i], promise = r < 2 ? (2 - r) / r : 0;
    quadratic q = quadratic_make(3, 0, 0.7, 21);
    snprintf(options, sizeof options,
             "optimizer=matching rate=%g tau=0.2 beta=1.5 samples=1000 antithetic=false monotone=true", r);
    const outcome run = quadratic_run(&q, options, 1, 1);
    const double noise = TAU * run.statistic[SWALE_STATISTIC_MEAN_SE] * run.statistic[SWALE_STATISTIC_MEAN_SE];
    const double decrease = promise * squared_distance(&q, run.x, q.x) - 2 * r * noise;
    check_close(run.statistic[SWALE_STATISTIC_REQUIRED], fmax(decrease, 0) / (2 * TAU * BETA), 1e-12);
    for (int power = -7; power < 7; power++) {
      const double e = 1, s = ldexp(1, power), keep = 1 - r * s / (1 + s), k = s / TAU; /* s = tau beta curvature */
      const double exact = k * e * e / (2 * (1 + s)) * (1 - keep * keep);
      if (r < 2) assert_true(exact >= promise * (1 - keep) * (1 - keep) * e * e / (2 * TAU) * (1 - 1e-12));
    }
  }
}

/* The implicit heat step promises |step|²/(2 tau) whatever the inner rate; gradients of a quadratic, in pairs, have no
 * sampling error that is known to the check. A step that is nothing but noise (at the minimum) promises nothing. */
static void noise_is_promised_nothing(void **state) {
  (void)state;
  quadratic q = quadratic_make(3, 0, 0.7, 22);
  const outcome run = quadratic_run(
      &q,
      "regularizer=heat estimator=pathwise optimizer=robbins-monro rate=0.7 tau=0.2 beta=1.5 samples=100 monotone=true",
      1, 1);
  check_close(run.statistic[SWALE_STATISTIC_REQUIRED], squared_distance(&q, run.x, q.x) / (2 * TAU * BETA), 1e-12);
  q = quadratic_make(20, 0, 0.7, 22); /* many coordinates: no weight depends much on one of them */
  for (size_t j = 0; j < 20; j++) q.x[j] = (float)q.c[j];
  size_t nothing = 0;
  for (uint64_t seed = 0; seed < 100; seed++) {
    const outcome noisy = quadratic_run(
        &q, "optimizer=matching tau=0.2 beta=1.5 samples=100 antithetic=false monotone=true", seed, 1);
    nothing += noisy.statistic[SWALE_STATISTIC_REQUIRED] == 0;
  }
  printf("# nothing is promised to %zu of 100 steps of noise\n", nothing);
  assert_true(nothing >= 94); /* |n|² < 2 E|n|² for about chi-square 20: 99.5 %; less 8 standard errors */
}

/* At x = c with few draws the step is noise. With the step's own draws, corr(step, mean Z) = 2/sqrt(10) for heat in d
 * = 1 (E (Z²-1) Z² = 2, E (Z²-1)² Z² = 10), and the change would be seen about ten standard errors too low. */
static void the_check_has_draws_of_its_own(void **state) {
  (void)state;
  const char *const ways[] = {
      "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=50 antithetic=false monotone=true",
      "optimizer=matching tau=0.2 beta=1.5 samples=50 antithetic=false monotone=true"};
  quadratic q = quadratic_make(1, 0, 3, 23);
  q.c[0] = q.x[0];
  for (size_t k = 0; k < 2; k++) {
    sample excess = {0};
    for (uint64_t seed = 0; seed < 1000; seed++) {
      const outcome run = quadratic_run(&q, ways[k], seed, 1);
      const double change = k ? quadratic_local_entropy(&q, TAU, BETA, run.x) -
                                    quadratic_local_entropy(&q, TAU, BETA, q.x)
                              : quadratic_heat(&q, TAU, run.x) - quadratic_heat(&q, TAU, q.x);
      sample_add(&excess, run.statistic[SWALE_STATISTIC_CHANGE] - change);
    }
    printf("# mean error of the change: %+.2f s.e.\n", sample_mean(&excess) / sample_se(&excess));
    check_close(sample_mean(&excess), 0,
                4 * sample_se(&excess)); /* a ratio's O(1/N) bias has the sign of change: small */
  }
}

/* Heat in antithetic pairs: the pair mean of f(x+ + z) - f(x + z) does not depend on z for a quadratic. The change is
 * exact up to float points: 2^-24 |x| |slope| a point, and its s.e. as small. */
static void change_of_a_quadratic_is_exact_in_pairs(void **state) {
  (void)state;
  quadratic q = quadratic_make(3, 0, 1, 18);
  const outcome run = quadratic_run(
      &q, "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=100 monotone=true", 1, 1);
  const double change = quadratic_heat(&q, TAU, run.x) - quadratic_heat(&q, TAU, q.x);
  check_close(run.statistic[SWALE_STATISTIC_CHANGE], change, 1e-6);
  check_close(run.statistic[SWALE_STATISTIC_CHANGE_SE], 0, 1e-6);
  assert_true(run.statistic[SWALE_STATISTIC_HELD] == 1);
}

/* The error of a change is skewed where few pairs, or draws, are behind it: then there is none, and no verdict. */
static void few_draws_have_no_verdict(void **state) {
  (void)state;
  const quadratic q = quadratic_make(3, 0, 0.7, 16);
  const char *const few[] = {
      "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=38 monotone=true",
      "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=19 antithetic=false monotone=true",
      "optimizer=matching tau=0.2 beta=1.5 samples=38 monotone=true"};
  for (size_t i = 0; i < sizeof few / sizeof *few; i++) {
    const outcome run = quadratic_run(&q, few[i], 1, 5);
    assert_true(isnan(run.statistic[SWALE_STATISTIC_CHANGE_SE]));
    assert_true(run.statistic[SWALE_STATISTIC_UNDECIDED] == 5);
  }
  const outcome run = quadratic_run(
      &q, "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=20 antithetic=false monotone=true", 1, 5);
  assert_false(isnan(run.statistic[SWALE_STATISTIC_CHANGE_SE]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_schemes_decrease),
      cmocka_unit_test(the_promise_depends_on_the_rate),
      cmocka_unit_test(noise_is_promised_nothing),
      cmocka_unit_test(well_sampled_runs_are_not_violated),
      cmocka_unit_test(overshooting_is_flagged),
      cmocka_unit_test(the_check_has_draws_of_its_own),
      cmocka_unit_test(change_of_a_quadratic_is_exact_in_pairs),
      cmocka_unit_test(few_draws_have_no_verdict),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
