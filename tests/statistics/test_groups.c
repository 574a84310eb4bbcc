/* test_groups.c - groups of examples, the baseline of heat, and losses that are not finite.
 *
 * Hand solutions. Groups with losses f_g = g_g·x and shares p_g: F/beta is Σ p_g (g_g·x - tau beta |g_g|²/2) for local
 * entropy, Σ p_g g_g·x for heat; one scheme step of either is - tau beta Σ p_g g_g. The leave-one-out baseline makes
 * heat's gradient unbiased at any N >= 2, and a constant added to f changes nothing. A loss that is 0 where
 * x_0 <= start_0 and NaN elsewhere: weights 0 there leave half of the Gaussian, so E_q X_0 - x_0 = -sqrt(2 tau/pi),
 * F_LE/beta = log 2/beta, and half of the draws are rejected (exactly half in pairs).
 */
#include "quadratic.h"

#include "problem/problem_parts.h"

#include <math.h>
#include <stdio.h>

enum { DIM = 3, GROUPS = 3 };
#define TAU 0.2
#define BETA 1.5

static const double slopes[GROUPS][DIM] = {{0.5, -0.2, 0.1}, {-0.7, 0.6, 0.0}, {0.1, 0.3, -0.9}};
static const double shares[GROUPS] = {0.5, 0.3, 0.2};
static const float start[DIM] = {0.25F, -0.5F, 1.0F};

/* `user`: losses of group g are NaN where x_0 > limit[g] */
static swale_status group_gradient(void *self, size_t worker, size_t group, const float *x, float *gradient,
                                   double *loss) {
  const double *limit = self;
  double sum = 0;
  (void)worker;
  for (size_t i = 0; i < DIM; i++) {
    sum += slopes[group][i] * x[i];
    if (gradient) gradient[i] = (float)slopes[group][i];
  }
  *loss = x[0] > limit[group] ? NAN : sum;
  return SWALE_OK;
}

static swale_status group_evaluate(void *self, size_t worker, size_t group, const float *x, double *loss) {
  return group_gradient(self, worker, group, x, NULL, loss);
}

static const swl_problem_ops group_ops = {.name = "groups", .evaluate = group_evaluate, .gradient = group_gradient};

static outcome group_run(const char *options, const double limit[GROUPS], uint64_t seed, size_t updates) {
  outcome made;
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  swale_problem problem = {.context = context,
                           .ops = &group_ops,
                           .self = (void *)(uintptr_t)limit,
                           .dim = DIM,
                           .groups = GROUPS,
                           .shares = shares};
  statistics_run(&problem, context, options, seed, updates, start, made.x, made.statistic);
  swale_context_destroy(context);
  return made;
}

static void mean_slope(double slope[DIM]) {
  for (size_t i = 0; i < DIM; i++) {
    slope[i] = 0;
    for (size_t g = 0; g < GROUPS; g++) slope[i] += shares[g] * slopes[g][i];
  }
}

static void groups_have_shares(void **state) {
  (void)state;
  const double limit[GROUPS] = {INFINITY, INFINITY, INFINITY};
  const char *const ways[] = {"optimizer=matching tau=0.2 beta=1.5 samples=1000 antithetic=false",
                              "optimizer=matching tau=0.2 beta=1.5 samples=1000",
                              "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=1000 antithetic=false",
                              "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=1000"};
  double slope[DIM], value[2] = {0, 0};
  mean_slope(slope);
  for (size_t g = 0; g < GROUPS; g++) {
    double at = 0, square = 0;
    for (size_t i = 0; i < DIM; i++) at += slopes[g][i] * start[i], square += slopes[g][i] * slopes[g][i];
    value[0] += shares[g] * (at - TAU * BETA * square / 2); /* bias 1/(2N beta) Var w: 0.03 s.e. */
    value[1] += shares[g] * at;
  }
  for (size_t k = 0; k < 4; k++) {
    sample landing[DIM] = {{0, 0, 0}}, z = {0}, loss_z = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
      const outcome run = group_run(ways[k], limit, seed, 1);
      for (size_t i = 0; i < DIM; i++) sample_add(&landing[i], run.x[i]);
      sample_add(&z, (run.statistic[SWALE_STATISTIC_VALUE] - value[k / 2]) / run.statistic[SWALE_STATISTIC_VALUE_SE]);
      sample_add(&loss_z, (run.statistic[SWALE_STATISTIC_LOSS] - value[1]) / run.statistic[SWALE_STATISTIC_LOSS_SE]);
    }
    for (size_t i = 0; i < DIM; i++) {
      const double bias = k < 2 ? TAU * BETA * 1.2 * 2 / 1000 : 0; /* rho <= e^(tau beta² 1.21) = 1.7; per group */
      check_close(sample_mean(&landing[i]), start[i] - TAU * BETA * slope[i], 4 * sample_se(&landing[i]) + bias);
    }
    if (k != 3) check_calibrated(&z, ways[k]); /* heat of a linear loss in pairs has no noise */
    if (k % 2 == 0) check_calibrated(&loss_z, "  loss");
  }
}

/* Pathwise, the slopes do not depend on the draw: the step is exact, whatever each group rejects (about half of group
 * 0, 2 % of group 1, none of group 2), up to the float of x. */
static void pathwise_groups_divide_by_their_own_finite_draws(void **state) {
  (void)state;
  const double limit[GROUPS] = {start[0], start[0] + 2 * sqrt(TAU), INFINITY};
  double slope[DIM];
  mean_slope(slope);
  const outcome run = group_run("regularizer=heat estimator=pathwise optimizer=matching tau=0.2 beta=1.5 samples=1000 "
                                "antithetic=false",
                                limit, 1, 1);
  assert_true(run.statistic[SWALE_STATISTIC_REJECTED] > 450);
  for (size_t i = 0; i < DIM; i++) check_close(run.x[i], start[i] - TAU * BETA * slope[i], 0x1p-23);
}

/* monotone = true for groups: change of Σ p_g F_g, and for heat of linear losses exactly Σ p_g g_g·step in pairs. */
static void monotone_sums_groups_by_share(void **state) {
  (void)state;
  const double limit[GROUPS] = {INFINITY, INFINITY, INFINITY};
  double slope[DIM];
  mean_slope(slope);
  const char *const ways[] = {"optimizer=matching tau=0.2 beta=1.5 samples=2000 antithetic=false monotone=true",
                              "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=1000 monotone=true"};
  for (size_t k = 0; k < 2; k++) {
    sample z = {0};
    for (uint64_t seed = 0; seed < 200; seed++) {
      const outcome run = group_run(ways[k], limit, seed, 1);
      double change = 0;
      for (size_t i = 0; i < DIM; i++) change += slope[i] * ((double)run.x[i] - start[i]);
      sample_add(&z, (run.statistic[SWALE_STATISTIC_CHANGE] - change) / run.statistic[SWALE_STATISTIC_CHANGE_SE]);
      /* f is linear: shifting x shifts every loss by the same, so the paired difference has rounding noise only */
      check_close(run.statistic[SWALE_STATISTIC_CHANGE], change, 0x1p-21);
      assert_true(run.statistic[SWALE_STATISTIC_CHANGE_SE] < 0x1p-21);
    }
    printf("# %s: mean z %+.2f of rounding noise\n", ways[k], sample_mean(&z));
  }
}

typedef struct offset {
  quadratic q;
  double add;
  int half; /* 1: 0, but NaN where x_0 > start_0; 2: the quadratic, but NaN there */
} offset;

static int offset_loss(void *user, const float *x, double *loss) {
  const offset *o = user;
  double at[QUADRATIC_MAX];
  for (size_t i = 0; i < o->q.dim; i++) at[i] = x[i];
  *loss = o->half == 1 ? 0 : quadratic_loss(&o->q, at, NULL) + o->add;
  if (o->half && x[0] > o->q.x[0]) *loss = NAN;
  return 0;
}

static outcome offset_run(const offset *o, const char *options, uint64_t seed) {
  outcome made;
  swale_context *context = NULL;
  swale_problem *problem = NULL;
  const swale_function function = {o->q.dim, offset_loss, NULL, (void *)(uintptr_t)o};
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_problem_create(context, &function, &problem));
  statistics_run(problem, context, options, seed, 1, o->q.x, made.x, made.statistic);
  swale_problem_destroy(problem);
  swale_context_destroy(context);
  return made;
}

/* N = 2: with the mean of all draws as baseline and 1/N the gradient would be half of the truth. The offset 1000 would
 * swamp it (s.e. of the order of 1000) without a baseline. */
static void leave_one_out_baseline_is_unbiased(void **state) {
  (void)state;
  const char *const ways[] = {"regularizer=heat optimizer=matching antithetic=false tau=0.2 beta=1.5 samples=2",
                              "regularizer=heat optimizer=matching antithetic=false tau=0.2 beta=1.5 samples=3",
                              "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=2"};
  offset o = {.q = quadratic_make(2, 0, 1, 19)};
  double at[2] = {o.q.x[0], o.q.x[1]}, slope[2];
  (void)quadratic_loss(&o.q, at, slope);
  for (size_t k = 0; k < 3; k++) {
    sample landing[2] = {{0, 0, 0}};
    for (uint64_t seed = 0; seed < 4000; seed++) {
      o.add = 1000;
      const outcome high = offset_run(&o, ways[k], seed);
      o.add = 0;
      const outcome low = offset_run(&o, ways[k], seed);
      for (size_t i = 0; i < 2; i++) {
        check_close(high.x[i], low.x[i], 1e-6); /* 2000 · 2^-52 of double, and the float of x */
        sample_add(&landing[i], low.x[i]);
      }
    }
    for (size_t i = 0; i < 2; i++) {
      const double exact = at[i] - TAU * BETA * slope[i];
      check_close(sample_mean(&landing[i]), exact, 4 * sample_se(&landing[i]));
      assert_true(fabs(0.5 * (exact - at[i])) > 5 * sample_se(&landing[i]) || i == 1); /* half would be seen */
    }
  }
}

static void losses_that_are_not_finite_have_weight_zero(void **state) {
  (void)state;
  const char *const ways[] = {"optimizer=matching tau=0.2 beta=1.5 samples=2000 antithetic=false",
                              "optimizer=matching tau=0.2 beta=1.5 samples=2000",
                              "optimizer=matching tau=0.2 beta=1.5 samples=2000 antithetic=false weighting=literal"};
  const offset o = {.q = quadratic_make(2, 0, 1, 20), .half = 1};
  for (size_t k = 0; k < 3; k++) {
    sample first = {0}, second = {0}, rejected = {0}, z = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
      const outcome run = offset_run(&o, ways[k], seed);
      const double *s = run.statistic;
      sample_add(&first, run.x[0]);
      sample_add(&second, run.x[1]);
      sample_add(&rejected, (s[SWALE_STATISTIC_REJECTED] - 1000) / sqrt(500));
      if (k != 1) sample_add(&z, (s[SWALE_STATISTIC_VALUE] - log(2) / BETA) / s[SWALE_STATISTIC_VALUE_SE]);
      check_close(s[SWALE_STATISTIC_ESS], 2000 - s[SWALE_STATISTIC_REJECTED], 1e-9);
      assert_true(s[SWALE_STATISTIC_LOSS] == 0);
      if (k == 1) assert_true(s[SWALE_STATISTIC_REJECTED] == 1000);
      if (k == 1) check_close(s[SWALE_STATISTIC_VALUE], log(2) / BETA, 1e-12);
    }
    check_close(sample_mean(&first), o.q.x[0] - sqrt(2 * TAU / acos(-1)), 4 * sample_se(&first) + 1e-3 / 2000);
    check_close(sample_mean(&second), o.q.x[1], 4 * sample_se(&second) + 0x1p-23);
    if (k != 1) check_calibrated(&rejected, "rejected, binomial");
    if (k != 1) check_calibrated(&z, ways[k]);
  }
}

/* Half of the draws are NaN: 0.7 of all can never be effective, 0.7 of the finite ones can. beta has to be that of
 * the finite half-space: the same as if the others had not been drawn. */
static void automatic_beta_looks_at_finite_losses(void **state) {
  (void)state;
  offset o = {.q = quadratic_make(2, 0, 1, 21), .half = 2};
  for (uint64_t seed = 0; seed < 20; seed++) {
    const outcome run = offset_run(&o, "optimizer=matching tau=0.2 beta=auto:0.7 samples=2000", seed);
    const double finite = 2000 - run.statistic[SWALE_STATISTIC_REJECTED], beta = run.statistic[SWALE_STATISTIC_BETA];
    assert_true(finite > 500 && finite < 1100);
    check_close(run.statistic[SWALE_STATISTIC_ESS], 0.7 * finite, 1e-3);
    assert_true(beta > 0.1 && beta < 1000); /* tau beta lambda of the order of 1 */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_have_shares),
      cmocka_unit_test(pathwise_groups_divide_by_their_own_finite_draws),
      cmocka_unit_test(monotone_sums_groups_by_share),
      cmocka_unit_test(leave_one_out_baseline_is_unbiased),
      cmocka_unit_test(losses_that_are_not_finite_have_weight_zero),
      cmocka_unit_test(automatic_beta_looks_at_finite_losses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
