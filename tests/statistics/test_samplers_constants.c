/* test_samplers_constants.c - log Z, the normalizing constant of q, by tempering: F_LE = - log Z.
 *
 * Hand solution: targets.h. One update reports F_LE / beta with a standard error, from the differences of the populations.
 * Over R seeds the z-scores are calibrated (quadratic.h); of 32 populations few enough degrees of freedom are missing.
 * On 20 wells each of 3 estimates is within 4 of its standard errors, whereas importance
 * sampling with at least as many losses misses by more than 10 such standard errors, and the library's says that it
 * does not know its own.
 */
#include "targets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 60, FEW = 3, PLAIN = 6000000 };

typedef struct constant {
  double log_z, se, stages, ess, acceptance;
} constant;

static constant run(const target *t, const char *words, uint64_t seed) {
  swale_context *context = NULL;
  float x[TARGET_MAX];
  double s[STATISTICS];
  char all[256];
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  swale_problem *problem = target_problem(t, context);
  snprintf(all, sizeof all, "regularizer=local-entropy optimizer=matching tau=%g beta=%g %s", t->tau, t->beta, words);
  statistics_run(problem, context, all, seed, 1, t->x, x, s);
  swale_problem_destroy(problem);
  swale_context_destroy(context);
  return (constant){-t->beta * s[SWALE_STATISTIC_VALUE], t->beta * s[SWALE_STATISTIC_VALUE_SE],
                    s[SWALE_STATISTIC_STAGES], s[SWALE_STATISTIC_ESS], s[SWALE_STATISTIC_ACCEPTANCE]};
}

static void standard_errors_are_calibrated(void **state) {
  (void)state;
  const target targets[] = {target_make(TARGET_GAUSS, 2, 0.2, 1.5), target_make(TARGET_GAUSS, 20, 0.2, 1.5),
                            target_make(TARGET_WELLS, 2, 0.5, 1.5), target_make(TARGET_WELLS, 20, 0.5, 1.5)};
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
    const double exact = target_log_z(&targets[i]);
    sample z = {0}, se = {0};
    char what[64];
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
      const constant made = run(&targets[i], "sampler=tempered samples=3200 chains=32 moves=4", seed);
      sample_add(&z, (made.log_z - exact) / made.se);
      sample_add(&se, made.se);
    }
    snprintf(what, sizeof what, "%s d=%zu log Z %.3f s.e. %.3f", target_name(&targets[i]), targets[i].dim, exact,
             sample_mean(&se));
    check_calibrated(&z, what);
  }
}

/* log Z by importance sampling and its standard error by the delta method, whether or not it would be believed. */
static constant importance(const target *t, size_t samples, uint64_t seed) {
  dice d = {seed * 2 + 1};
  double *a = malloc(samples * sizeof *a), low = INFINITY, sum = 0, square = 0, y[TARGET_MAX];
  for (size_t j = 0; j < samples; j++) {
    for (size_t i = 0; i < t->dim; i++) y[i] = t->x[i] + sqrt(t->tau) * dice_normal(&d);
    a[j] = t->beta * target_loss(t, y, NULL);
    low = fmin(low, a[j]);
  }
  for (size_t j = 0; j < samples; j++) {
    sum += exp(low - a[j]);
    square += exp(2 * (low - a[j]));
  }
  free(a);
  const double n = (double)samples;
  return (constant){log(sum / n) - low, sqrt(square / (sum * sum) - 1 / n), 1, sum * sum / square, 1};
}

static void tempering_finds_what_importance_misses(void **state) {
  (void)state;
  const target t = target_make(TARGET_WELLS, 20, 2, 6);
  const double exact = target_log_z(&t);
  sample far = {0}, own = {0}, ess = {0};
  for (uint64_t seed = 0; seed < FEW; seed++) {
    const constant made = run(&t, "sampler=tempered samples=1600 chains=16 moves=30", 70 + seed);
    const constant plain = importance(&t, PLAIN, seed), library = run(&t, "samples=100000", seed);
    if (seed < 4) {
      printf(
          "# log Z %.3f  tempered %.3f +- %.3f (%+.1f s.e.), %.1f temperatures, acceptance %.2f, ess %.0f;  importance "
          "of 6e6 %.2f +- %.2f (%+.0f s.e., ess %.1f), library %.2f +- %.2f\n",
          exact, made.log_z, made.se, (made.log_z - exact) / made.se, made.stages, made.acceptance, made.ess,
          plain.log_z, plain.se, (plain.log_z - exact) / made.se, plain.ess, library.log_z, library.se);
    }
    check_close(made.log_z, exact, 4 * made.se);
    sample_add(&far, (plain.log_z - exact) / made.se);
    sample_add(&own, (plain.log_z - exact) / plain.se);
    sample_add(&ess, plain.ess);
    assert_true(isnan(library.se)); /* it says that it does not know */
    assert_true(1600 * (1 + 30 * made.stages / made.acceptance) <= PLAIN);
  }
  printf("# importance misses by %.0f standard errors of tempered, %.1f of its own; ess %.1f of 6e6\n",
         sample_mean(&far), sample_mean(&own), sample_mean(&ess));
  assert_true(sample_mean(&far) < -10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(standard_errors_are_calibrated),
      cmocka_unit_test(tempering_finds_what_importance_misses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
