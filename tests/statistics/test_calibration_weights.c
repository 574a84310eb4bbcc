/* test_calibration_weights.c - what importance weights say of their own errors.
 *
 * Hand solution: quadratic.h, E_q X and F_LE / beta of linear and quadratic losses. Over R seeds
 *   value_se  is not known below 20 effective draws, whatever share of the draws that is. In settings in which nearly all
 *             sets of draws have as many, a z-score is beyond 3 in at most 3 %: the number that are is binomial, within 4 of
 *             its standard deviations (a false alarm in 30,000; measured: 0.3 to 2.6 %).
 *   mean_se   the numbers |x+ - E_q X|²/tau - mean_se² have mean 0 within 4 of their standard errors, and what is of order
 *             1/N: the delta method is too small by a fraction of about 1/ESS.
 *   shared    one draw for all examples without pairs is centered by 1/N: as if every weight were known before any is used.
 */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEEDS = 600 };
#define TAU 0.2
#define BETA 1.5

typedef struct setting {
  size_t dim;
  double strength; /* linear (dim 1): sd of beta f; else tau beta times curvature */
  int samples, pairs;
} setting;

static quadratic setting_loss(const setting *s) {
  const double apart = sqrt((double)s->dim / 4);
  quadratic q = quadratic_make(s->dim, s->dim == 1, 1, 5);
  if (q.linear) q.c[0] = s->strength / (BETA * sqrt(TAU));
  for (size_t i = 0; !q.linear && i < s->dim; i++) {
    for (size_t j = 0; j < s->dim; j++) q.a[i][j] = i == j ? s->strength / (TAU * BETA) / apart : 0;
    q.c[i] = q.x[i] + 0.5 * sqrt(TAU) / apart;
  }
  return q;
}

static outcome setting_run(const setting *s, const quadratic *q, uint64_t seed) {
  char words[160];
  snprintf(words, sizeof words, "optimizer=matching tau=%g beta=%g samples=%d antithetic=%s", TAU, BETA, s->samples,
           s->pairs ? "true" : "false");
  return quadratic_run(q, words, seed, 1);
}

static void few_effective_draws_know_no_error(void **state) {
  (void)state;
  const setting cases[] = {{1, 0.5, 4, 1}, {1, 0.5, 4, 0}, {20, 0.5, 4, 1}, {1, 0.5, 18, 1}, {20, 1, 18, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const quadratic q = setting_loss(&cases[i]);
    for (uint64_t seed = 0; seed < 50; seed++) {
      const outcome run = setting_run(&cases[i], &q, seed);
      assert_true(isnan(run.statistic[SWALE_STATISTIC_VALUE_SE]) && isnan(run.statistic[SWALE_STATISTIC_MEAN_SE]));
    }
  }
  const quadratic q = quadratic_make(3, 0, 0.7, 16); /* the value beside chains, from their 8 first points */
  const char *const words = "optimizer=matching tau=0.2 beta=1.5 samples=80 sampler=pcn";
  for (uint64_t seed = 0; seed < 50; seed++) {
    assert_true(isnan(quadratic_run(&q, words, seed, 1).statistic[SWALE_STATISTIC_VALUE_SE]));
  }
}

static void errors_that_are_told_are_calibrated(void **state) {
  (void)state;
  const setting cases[] = {{1, 0.5, 100, 0}, {1, 0.5, 100, 1}, {1, 1, 400, 1},    {4, 0.5, 50, 0},
                           {4, 1, 100, 1},   {4, 2.5, 200, 0}, {4, 2.5, 400, 1},  {20, 0.5, 50, 1},
                           {20, 1, 200, 0},  {20, 1, 200, 1},  {20, 1.5, 400, 0}, {20, 1.5, 400, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const quadratic q = setting_loss(&cases[i]);
    const double exact = quadratic_local_entropy(&q, TAU, BETA, q.x);
    double mean[QUADRATIC_MAX], beyond = 0;
    sample z = {0}, excess = {0}, claimed = {0}, ess = {0};
    quadratic_mean(&q, TAU, BETA, q.x, mean);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
      const outcome run = setting_run(&cases[i], &q, seed);
      const double *s = run.statistic, square = s[SWALE_STATISTIC_MEAN_SE] * s[SWALE_STATISTIC_MEAN_SE];
      double off = 0;
      if (isnan(s[SWALE_STATISTIC_VALUE_SE])) continue;
      for (size_t k = 0; k < q.dim; k++) off += (run.x[k] - mean[k]) * (run.x[k] - mean[k]) / TAU;
      sample_add(&z, (s[SWALE_STATISTIC_VALUE] - exact) / s[SWALE_STATISTIC_VALUE_SE]);
      beyond += fabs(s[SWALE_STATISTIC_VALUE] - exact) > 3 * s[SWALE_STATISTIC_VALUE_SE];
      sample_add(&excess, off - square);
      sample_add(&claimed, square);
      sample_add(&ess, s[SWALE_STATISTIC_ESS]);
    }
    const double known = (double)z.count;
    printf("# d %2zu strength %.1f N %3d pairs %d  ESS %3.0f known %.3f  z mean %+.2f sd %.2f beyond 3: %.1f %%  "
           "mean_se true / claimed %.2f (%+.1f)\n",
           q.dim, cases[i].strength, cases[i].samples, cases[i].pairs, sample_mean(&ess), known / SEEDS,
           sample_mean(&z), sqrt(sample_variance(&z)), 100 * beyond / known,
           sqrt((sample_mean(&excess) + sample_mean(&claimed)) / sample_mean(&claimed)),
           sample_mean(&excess) / sample_se(&excess));
    assert_true(known >= 0.95 * SEEDS);
    assert_true(beyond <= 0.03 * known + 4 * sqrt(0.03 * 0.97 * known));
    check_close(sample_mean(&excess), 0, 4 * sample_se(&excess) + 3 / sample_mean(&ess) * sample_mean(&claimed));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(few_effective_draws_know_no_error),
      cmocka_unit_test(errors_that_are_told_are_calibrated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
