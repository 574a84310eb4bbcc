/* test_calibration_chains.c - chains whose steps could be too long, or that meet losses that are not finite.
 *
 * Hand solutions, one dimension, in units of the Gaussian, s = tau beta k:
 *   paraboloid  f = k (y - c)²/2: E_q X - x = (c - x) s/(1 + s), whatever the step of an unadjusted chain.
 *   logistic    f = Σ log(1 + exp(-z_i y)): quadrature (trapezoidal, 12 standard deviations to each side).
 *   wall        f = 0 for y >= x, infinite below: q is half of a Gaussian, E_q X - x = sqrt(2 tau/pi).
 * Over R seeds the numbers |estimate - exact|²/tau - mean_se² have mean 0, within 4 of their standard errors (a false alarm
 * in 16,000), the estimates mean 0 as well. `bias` is what an O(h) bias may be, in standard errors of one run.
 */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>

enum { SEEDS = 60, POINTS = 40, GRID = 20001 };
#define TAU 0.2
#define BETA 1.5

typedef enum curve_kind { PARABOLOID, LOGISTIC, WALL } curve_kind;

typedef struct curve {
  curve_kind kind;
  double k, c;
} curve;

static double curve_loss(const curve *f, double y, double *slope) {
  double loss = 0;
  *slope = 0;
  if (f->kind == PARABOLOID) {
    *slope = f->k * (y - f->c);
    return 0.5 * *slope * (y - f->c);
  }
  if (f->kind == WALL) return y >= 0 ? 0 : INFINITY;
  for (int i = 0; i < POINTS; i++) {
    const double z = f->k * ((i % 4 ? 1 : -1) + 0.02 * i), e = exp(-fabs(z * y)); /* log(1 + e^-zy), without overflow */
    loss += log1p(e) + fmax(-z * y, 0);
    *slope -= z * (z * y > 0 ? e : 1) / (1 + e);
  }
  return loss;
}

static int curve_evaluate(void *user, const float *x, double *loss) {
  double slope = 0;
  *loss = curve_loss(user, x[0], &slope);
  return 0;
}

static int curve_gradient(void *user, const float *x, float *gradient, double *loss) {
  double slope = 0;
  *loss = curve_loss(user, x[0], &slope);
  gradient[0] = (float)slope;
  return 0;
}

/* E_q X - x for x = 0. */
static double curve_mean(const curve *f) {
  double total = 0, first = 0, slope = 0;
  if (f->kind == PARABOLOID) return f->c * TAU * BETA * f->k / (1 + TAU * BETA * f->k);
  if (f->kind == WALL) return sqrt(2 * TAU / acos(-1));
  const double low = curve_loss(f, 0, &slope);
  for (int i = 0; i < GRID; i++) {
    const double u = 24.0 * i / (GRID - 1) - 12, y = sqrt(TAU) * u;
    const double density = exp(-0.5 * u * u - BETA * (curve_loss(f, y, &slope) - low));
    total += density;
    first += density * y;
  }
  return first / total;
}

static void check_chains(const curve *f, const char *words, double bias, double least) {
  swale_context *context = NULL;
  swale_problem *problem = NULL;
  const swale_function function = {1, curve_evaluate, curve_gradient, (void *)(uintptr_t)f};
  const double exact = curve_mean(f);
  sample error = {0}, excess = {0}, claimed = {0}, step = {0}, acceptance = {0};
  char all[256];
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_problem_create(context, &function, &problem));
  snprintf(all, sizeof all, "regularizer=local-entropy optimizer=matching chains=20 tau=%g beta=%g %s", TAU, BETA,
           words);
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    const float start = 0;
    float x = 0;
    double s[STATISTICS];
    statistics_run(problem, context, all, seed, 1, &start, &x, s);
    const double off = (x - exact) / sqrt(TAU), se = s[SWALE_STATISTIC_MEAN_SE];
    sample_add(&error, off);
    sample_add(&excess, off * off - se * se);
    sample_add(&claimed, se * se);
    sample_add(&step, s[SWALE_STATISTIC_CHAIN_STEP]);
    sample_add(&acceptance, s[SWALE_STATISTIC_ACCEPTANCE]);
  }
  const double one = sqrt(sample_mean(&claimed));
  printf("# %d k %-5g %-48s off %+.4f (%+.1f s.e. of the mean)  rms %.4f claimed %.4f (%+.1f)  step %.3g acceptance "
         "%.2f\n",
         f->kind, f->k, words, sample_mean(&error), sample_mean(&error) / sample_se(&error), sqrt(error.square / SEEDS),
         one, sample_mean(&excess) / sample_se(&excess), sample_mean(&step), sample_mean(&acceptance));
  check_close(sample_mean(&error), 0, 4 * sample_se(&error) + bias * one);
  check_close(sample_mean(&excess), 0, 4 * sample_se(&excess) + bias * bias * one * one);
  assert_true(!(sample_mean(&acceptance) < least));
  swale_problem_destroy(problem);
  swale_context_destroy(context);
}

static void langevin_finds_a_step_that_is_stable(void **state) {
  (void)state;
  static const double scales[] = {1, 10, 100, 1000, 10000}; /* s from 0.3 to 3000 */
  for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
    const curve f = {PARABOLOID, scales[i], 0.3};
    check_chains(&f, "sampler=langevin samples=4000", 0, 0.7);
    check_chains(&f, "sampler=langevin samples=4000 control=false", 0, 0.7);
  }
}

static void langevin_is_near_on_a_logistic_posterior(void **state) {
  (void)state;
  static const double scales[] = {1, 4, 16};
  for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
    const curve f = {LOGISTIC, scales[i], 0};
    check_chains(&f, "sampler=langevin samples=4000 control=false", 1, 0.7);
  }
}

static void chains_average_positions_behind_a_wall(void **state) {
  (void)state;
  const curve f = {WALL, 0, 0};
  check_chains(&f, "sampler=mala samples=8000", 0, 0);
  check_chains(&f, "sampler=hmc samples=8000", 0, 0);
  check_chains(&f, "sampler=mala samples=8000 control=false", 0, 0);
  check_chains(&f, "sampler=pcn samples=8000", 0, 0);
}

/* Steps that are given: beyond coth(h/2) < s a chain explodes, just below it samples something else. */
static void langevin_knows_no_error_of_steps_too_long(void **state) {
  (void)state;
  const curve f = {PARABOLOID, 10, 0.3}; /* s = 3; coth(0.3) = 3.4: the variance is 7.8 times what it should be */
  swale_context *context = NULL;
  swale_problem *problem = NULL;
  const swale_function function = {1, curve_evaluate, curve_gradient, (void *)(uintptr_t)&f};
  const float start = 0;
  float x = 0;
  double s[STATISTICS];
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_problem_create(context, &function, &problem));
  statistics_run(problem, context,
                 "regularizer=local-entropy optimizer=matching chains=20 tau=0.2 beta=1.5 sampler=langevin "
                 "samples=4000 step=0.6",
                 1, 1, &start, &x, s);
  printf("# acceptance %.2f\n", s[SWALE_STATISTIC_ACCEPTANCE]);
  assert_true(s[SWALE_STATISTIC_ACCEPTANCE] < 0.7);
  assert_true(isnan(s[SWALE_STATISTIC_MEAN_SE]) && isnan(s[SWALE_STATISTIC_ESS]) && isnan(s[SWALE_STATISTIC_LOSS_SE]));
  swale_problem_destroy(problem);
  swale_context_destroy(context);
}

static void langevin_ends_where_a_loss_is_not_finite(void **state) {
  (void)state;
  const struct {
    curve f;
    const char *words, *says;
  } cases[] = {
      {{WALL, 0, 0}, "samples=400", "sampler langevin: a loss or its gradient is not finite"},
      {{PARABOLOID, 1e4, 0.3}, "samples=4000 step=0.5", "sampler langevin: a loss or its gradient is not finite"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    swale_context *context = NULL;
    swale_problem *problem = NULL;
    swale_options *options = NULL;
    swale_trainer *trainer = NULL;
    const swale_function function = {1, curve_evaluate, curve_gradient, (void *)(uintptr_t)&cases[i].f};
    const float start = 0;
    assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
    check_ok(context, swale_problem_create(context, &function, &problem));
    check_ok(context, swale_options_create(context, &options));
    statistics_set(context, options, "regularizer=local-entropy optimizer=matching tau=0.2 sampler=langevin");
    statistics_set(context, options, cases[i].words);
    check_ok(context, swale_trainer_create(options, problem, &trainer));
    check_ok(context, swale_trainer_set_parameters(trainer, &start));
    check_fails(context, swale_trainer_step(trainer), SWALE_ERROR_NUMERIC, cases[i].says);
    assert_true(swale_trainer_parameters(trainer)[0] == start);
    swale_trainer_destroy(trainer);
    swale_options_destroy(options);
    swale_problem_destroy(problem);
    swale_context_destroy(context);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(langevin_finds_a_step_that_is_stable),
      cmocka_unit_test(langevin_is_near_on_a_logistic_posterior),
      cmocka_unit_test(langevin_knows_no_error_of_steps_too_long),
      cmocka_unit_test(langevin_ends_where_a_loss_is_not_finite),
      cmocka_unit_test(chains_average_positions_behind_a_wall),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
