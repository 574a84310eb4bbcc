/* test_samplers_means.c - where chains say E_q X is, and how well they say they know it, on targets of known mean.
 *
 * Hand solution: targets.h. With optimizer = matching and rate 1 an update moves x to the estimate of E_q X. Over R
 * seeds its mean is within 4 standard errors (of the R estimates) of the exact one in every coordinate; chains are so
 * long that what is left of their start is below a tenth of that. The mean over a population of N particles has a bias
 * O(1/N): for tempered half of a standard error of one run is allowed on top. The reported standard error is
 * calibrated: R numbers |estimate - exact|²/tau - mean_se² have mean 0, within 4 of their standard errors;
 * and (R - 1) times the variance of the R mean losses over the mean of loss_se² is chi-square with R - 1 degrees of
 * freedom (the noise of that mean, of 7 R degrees, is neglected).
 */
#include "targets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEEDS = 40 };

typedef struct way {
  const char *name, *words;
} way;

static const way ways[] = {
    {"langevin", "sampler=langevin step=0.01 samples=32000 burn=0.25 control=false"},
    {"mala", "sampler=mala samples=4800 control=false"},
    {"mala, gradients", "sampler=mala samples=4800"},
    {"hmc", "sampler=hmc samples=2400 control=false"},
    {"hmc, gradients", "sampler=hmc samples=2400"},
    {"pcn", "sampler=pcn samples=16000"},
    {"elliptical", "sampler=elliptical samples=4800"},
    {"tempered", "sampler=tempered samples=1600 moves=12"},
};
enum { WAYS = sizeof ways / sizeof *ways };

typedef struct verdict {
  sample at[TARGET_MAX], error, square, claimed, loss, loss_claimed, ess, acceptance, time, step, stages;
} verdict;

static verdict run_all(const target *t, const way *w, const double *exact) {
  swale_context *context = NULL;
  verdict v = {0};
  char words[256];
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  swale_problem *problem = target_problem(t, context);
  snprintf(words, sizeof words, "regularizer=local-entropy optimizer=matching chains=8 tau=%g beta=%g %s", t->tau,
           t->beta, w->words);
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    float x[TARGET_MAX];
    double s[STATISTICS], square = 0;
    statistics_run(problem, context, words, 500 + seed, 1, t->x, x, s);
    for (size_t i = 0; i < t->dim; i++) {
      sample_add(&v.at[i], x[i]);
      square += (x[i] - exact[i]) * (x[i] - exact[i]) / t->tau;
    }
    const double claimed = s[SWALE_STATISTIC_MEAN_SE] * s[SWALE_STATISTIC_MEAN_SE];
    sample_add(&v.error, square - claimed);
    sample_add(&v.square, square);
    sample_add(&v.claimed, claimed);
    sample_add(&v.loss, s[SWALE_STATISTIC_LOSS]);
    sample_add(&v.loss_claimed, s[SWALE_STATISTIC_LOSS_SE] * s[SWALE_STATISTIC_LOSS_SE]);
    sample_add(&v.ess, s[SWALE_STATISTIC_ESS]);
    sample_add(&v.acceptance, s[SWALE_STATISTIC_ACCEPTANCE]);
    sample_add(&v.time, s[SWALE_STATISTIC_MIXING_TIME]);
    sample_add(&v.step, s[SWALE_STATISTIC_CHAIN_STEP]);
    sample_add(&v.stages, s[SWALE_STATISTIC_STAGES]);
    assert_true(s[SWALE_STATISTIC_REJECTED] == 0 || strstr(w->name, "hmc")); /* long trajectories may overflow */
  }
  swale_problem_destroy(problem);
  swale_context_destroy(context);
  return v;
}

static void check_way(const target *t, const way *w) {
  double exact[TARGET_MAX], worst = 0;
  target_mean(t, exact);
  const verdict v = run_all(t, w, exact);
  for (size_t i = 0; i < t->dim; i++) {
    const double se = sample_se(&v.at[i]), bias = strcmp(w->name, "tempered") == 0 ? 0.5 * se * sqrt(SEEDS) : 0;
    const double off = fabs(sample_mean(&v.at[i]) - exact[i]);
    worst = fmax(worst, off / se);
    check_close(off, 0, 4 * se + bias);
  }
  printf("# %-7s d=%2zu %-16s largest |z| %.2f  |error| %.4f claimed %.4f (%+.1f s.e.)  loss sd %.4f claimed %.4f  "
         "acceptance %.2f tau_int %.1f ess %.0f step %.3g stages %.1f\n",
         target_name(t), t->dim, w->name, worst, sqrt(sample_mean(&v.square)), sqrt(sample_mean(&v.claimed)),
         sample_mean(&v.error) / sample_se(&v.error), sqrt(sample_variance(&v.loss)),
         sqrt(sample_mean(&v.loss_claimed)), sample_mean(&v.acceptance), sample_mean(&v.time), sample_mean(&v.ess),
         sample_mean(&v.step), sample_mean(&v.stages));
  check_close(chi_square_z((SEEDS - 1) * sample_variance(&v.loss) / sample_mean(&v.loss_claimed), SEEDS - 1), 0, 4);
  check_close(sample_mean(&v.error), 0, 4 * sample_se(&v.error));
}

static void check_target(target_kind kind, size_t dim, double tau, double beta) {
  const target t = target_make(kind, dim, tau, beta);
  for (size_t w = 0; w < WAYS; w++) {
    const int walks = kind != TARGET_GAUSS && w == 0; /* unadjusted: biased but for quadratics */
    if (!walks) check_way(&t, &ways[w]);
  }
}

static void gauss(void **state) {
  (void)state;
  check_target(TARGET_GAUSS, 2, 0.2, 1.5);
  check_target(TARGET_GAUSS, 20, 0.2, 1.5);
}

static void banana(void **state) {
  (void)state;
  check_target(TARGET_BANANA, 2, 0.8, 1.3);
}

static void funnel(void **state) {
  (void)state;
  check_target(TARGET_FUNNEL, 10, 0.5, 0.8);
}

static void wells(void **state) {
  (void)state;
  check_target(TARGET_WELLS, 2, 0.5, 1.5);
  check_target(TARGET_WELLS, 50, 0.5, 0.7);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gauss), cmocka_unit_test(banana), cmocka_unit_test(funnel),
                                     cmocka_unit_test(wells)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
