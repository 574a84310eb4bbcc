/* test_closed_forms.c - values, standard errors and one step against MATH §5, by importance sampling.
 *
 * Hand solution: quadratic.h. A run at N draws reports value, value_se, loss, loss_se and moves x to the estimate of
 * E_q X. Tolerances: 4 standard errors, reported ones for a value, those of R independent seeds for a step. Where the
 * estimate is biased the bias is bounded by quadratic_bias and required to be below half a standard error.
 *   bias of the value: E F^ - F = (rho - 1)/(2 N beta) + …, against se = sqrt(rho - 1)/(beta sqrt N):
 *   sqrt((rho-1)/N)/2 of a standard error, 0.02 for rho = 2, N = 500; it shifts the mean z by that, where 4/sqrt(400)
 *   = 0.2 is allowed.
 */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t dims[] = {1, 3, 20};
enum { DIMS = 3, SEEDS = 64, CALIBRATION = 400 };
#define TAU 0.2
#define BETA 1.5

static quadratic problem_of(size_t dim, int linear) { return quadratic_make(dim, linear, linear ? 0.9 : 1.0, 11); }

typedef struct value_case {
  const char *options;
  int heat;
} value_case;

/* The reported value and loss are as far from the truth as their s.e. say, over many seeds. */
static void values_and_their_standard_errors(void **state) {
  (void)state;
  const value_case cases[] = {
      {"tau=0.2 beta=1.5 samples=1000 antithetic=false optimizer=matching", 0},
      {"tau=0.2 beta=1.5 samples=1000 antithetic=true optimizer=matching", 0},
      {"regularizer=heat tau=0.2 beta=1.5 samples=1000 antithetic=false optimizer=matching", 1},
      {"regularizer=heat tau=0.2 beta=1.5 samples=1000 antithetic=true optimizer=matching", 1},
      {"regularizer=heat tau=0.2 beta=1.5 samples=500 antithetic=false estimator=pathwise optimizer=matching", 1},
      {"tau=0.2 beta=1.5 samples=500 chains=500 sampler=langevin optimizer=matching", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (size_t k = 0; k < 2 * (size_t)DIMS; k++) {
      const int linear = k >= DIMS, chains = strstr(cases[i].options, "chains") != NULL;
      const int flat = linear && strstr(cases[i].options, "antithetic=true"); /* f(x+z) + f(x-z) = 2 f(x): no noise */
      const quadratic q = problem_of(dims[k % DIMS], linear);
      const double heat = quadratic_heat(&q, TAU, q.x);
      const double value = cases[i].heat ? heat : quadratic_local_entropy(&q, TAU, BETA, q.x);
      sample value_z = {0}, loss_z = {0};
      for (uint64_t seed = 0; seed < CALIBRATION; seed++) {
        const outcome run = quadratic_run(&q, cases[i].options, seed, 1);
        const double *s = run.statistic;
        sample_add(&value_z, (s[SWALE_STATISTIC_VALUE] - value) / s[SWALE_STATISTIC_VALUE_SE]);
        if (!chains) sample_add(&loss_z, (s[SWALE_STATISTIC_LOSS] - heat) / s[SWALE_STATISTIC_LOSS_SE]);
        if (flat) check_close(s[SWALE_STATISTIC_LOSS], heat, 4 * 0x1p-24 * (double)q.dim);
        assert_true(s[SWALE_STATISTIC_REJECTED] == 0);
      }
      char what[128];
      snprintf(what, sizeof what, "%s d=%zu case %zu", linear ? "linear" : "quadratic", q.dim, i);
      if (!(flat && cases[i].heat)) check_calibrated(&value_z, what);
      strcat(what, " loss");
      if (!flat && !chains) check_calibrated(&loss_z, what);
    }
  }
}

/* The mean over seeds of where one update lands, against `exact`. */
static void check_landing(const quadratic *q, const char *options, const double *exact, double bias) {
  sample landing[QUADRATIC_MAX] = {{0, 0, 0}};
  double worst = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    const outcome run = quadratic_run(q, options, 1000 + seed, 1);
    for (size_t i = 0; i < q->dim; i++) sample_add(&landing[i], run.x[i]);
  }
  for (size_t i = 0; i < q->dim; i++) {
    const double se = sample_se(&landing[i]), rounding = 0x1p-23 * (fabs(exact[i]) + fabs((double)q->x[i]));
    const double z = (sample_mean(&landing[i]) - exact[i]) / (se + rounding);
    worst = fabs(z) > worst ? fabs(z) : worst;
    if (bias > 0.5 * se) print_error("bias bound %g is above half of the s.e. %g\n", bias, se);
    assert_true(bias <= 0.5 * se);
    check_close(sample_mean(&landing[i]), exact[i], 4 * se + bias + rounding);
  }
  printf("# %-100s d=%2zu largest |z| %.2f\n", options, q->dim, worst);
}

static void matching_lands_at_the_mean_of_q(void **state) {
  (void)state;
  const char *const ways[] = {"weighting=centered antithetic=true", "weighting=centered antithetic=false",
                              "weighting=literal antithetic=true", "weighting=literal antithetic=false"};
  for (size_t i = 0; i < 4; i++) {
    for (size_t k = 0; k < 2 * (size_t)DIMS; k++) {
      const quadratic q = problem_of(dims[k % DIMS], k >= DIMS);
      const size_t samples = 20000; /* bias/se = O(sqrt(SEEDS/N)) */
      char options[256];
      double exact[QUADRATIC_MAX];
      snprintf(options, sizeof options, "optimizer=matching tau=%g beta=%g samples=%zu %s", TAU, BETA, samples,
               ways[i]);
      quadratic_mean(&q, TAU, BETA, q.x, exact);
      check_landing(&q, options, exact, quadratic_bias(&q, TAU, BETA, q.x, samples, strstr(ways[i], "true") != NULL));
    }
  }
}

/* Heat's explicit step is x - tau beta grad f(x) for these losses; both estimators are unbiased. With sgd, momentum 0
 * and rate r it is x - r grad F_H; with local entropy x - r (x - E_q X)/(tau beta). */
static void gradients_have_the_right_scale(void **state) {
  (void)state;
  const char *const ways[] = {"estimator=score antithetic=false", "estimator=score antithetic=true",
                              "estimator=pathwise antithetic=false"};
  const char *const steps[] = {"optimizer=matching rate=0.5", "optimizer=sgd momentum=0 rate=0.07"};
  const double scales[] = {0.5 * TAU * BETA, 0.07};
  for (size_t i = 0; i < 6; i++) {
    for (size_t k = 0; k < 2 * (size_t)DIMS; k++) {
      const quadratic q = problem_of(dims[k % DIMS], k >= DIMS);
      char options[256];
      double exact[QUADRATIC_MAX], at[QUADRATIC_MAX], slope[QUADRATIC_MAX];
      for (size_t j = 0; j < q.dim; j++) at[j] = q.x[j];
      (void)quadratic_loss(&q, at, slope);
      for (size_t j = 0; j < q.dim; j++) exact[j] = at[j] - scales[i / 3] * slope[j];
      snprintf(options, sizeof options, "regularizer=heat tau=%g beta=%g samples=2000 %s %s", TAU, BETA, ways[i % 3],
               steps[i / 3]);
      check_landing(&q, options, exact, 0);
    }
  }
  const quadratic q = problem_of(3, 0);
  double exact[QUADRATIC_MAX];
  quadratic_mean(&q, TAU, BETA, q.x, exact);
  for (size_t j = 0; j < q.dim; j++) exact[j] = q.x[j] + 0.07 * (exact[j] - q.x[j]) / (TAU * BETA);
  const double bias = quadratic_bias(&q, TAU, BETA, q.x, 20000, 1) * 0.07 / (TAU * BETA);
  check_landing(&q, "tau=0.2 beta=1.5 samples=20000 optimizer=sgd momentum=0 rate=0.07", exact, bias);
}

/* auto:F bisects to ESS/N = F (within 1e-6: the losses are continuous), and x lands at E_q X of the beta that is
 * said. */
static void automatic_beta_meets_its_target(void **state) {
  (void)state;
  const quadratic q = problem_of(3, 0);
  sample z = {0};
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    const outcome run = quadratic_run(&q, "optimizer=matching tau=0.2 beta=auto:0.7 samples=1000", seed, 1);
    const double beta = run.statistic[SWALE_STATISTIC_BETA];
    check_close(run.statistic[SWALE_STATISTIC_ESS], 700, 1e-3);
    assert_true(beta > 0.01 && beta < 1e6);
    sample_add(&z, (run.statistic[SWALE_STATISTIC_VALUE] - quadratic_local_entropy(&q, TAU, beta, q.x)) /
                       run.statistic[SWALE_STATISTIC_VALUE_SE]);
  }
  check_close(sample_mean(&z), 0, 4 / sqrt(SEEDS)); /* beta depends on the draws: variance 1 is not promised */
}

/* f = g·x in d = 1: ESS/N -> 1/rho = e^(-tau beta² g²) = e^(-0.2 · 2.25 · 0.81), relative s.e. O(1/sqrt N). */
static void effective_sample_size(void **state) {
  (void)state;
  const quadratic q = problem_of(1, 1);
  sample ess = {0};
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    const outcome run = quadratic_run(&q, "optimizer=matching tau=0.2 beta=1.5 samples=10000 antithetic=false", seed,
                                      1);
    sample_add(&ess, run.statistic[SWALE_STATISTIC_ESS] / 10000);
  }
  check_close(sample_mean(&ess), exp(-0.2 * 2.25 * 0.81), 4 * sample_se(&ess) + 1e-3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_and_their_standard_errors),
      cmocka_unit_test(matching_lands_at_the_mean_of_q),
      cmocka_unit_test(gradients_have_the_right_scale),
      cmocka_unit_test(automatic_beta_meets_its_target),
      cmocka_unit_test(effective_sample_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
