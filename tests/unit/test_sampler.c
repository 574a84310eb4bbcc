/* test_sampler.c - what samplers that are chains share: step sizes, autocorrelation, counters, bounds, bad losses.
 *
 * Hand solutions: the recursion of dual averaging where the acceptance is the target, and where it is a function of the
 * step alone; tau_int = (1 + a)/(1 - a) of an autoregression; the mean and the mass of a Gaussian that is cut off.
 */
#include "trained.h"

#include "sampler/chains.h"
#include "sampler/dual_averaging.h"
#include "sampler/mixing.h"
#include "train/trainer_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* H stays 0, so every log h_t is log(10 h_0), and so is their average. */
static void the_target_keeps_the_step(void **state) {
  (void)state;
  swl_dual_averaging a;
  swl_dual_averaging_begin(0.6, 0.1, 5, &a);
  check_close(a.step, 0.1, 0);
  swl_dual_averaging_freeze(&a);
  check_close(a.step, 0.1, 0); /* nothing was seen */
  for (int t = 0; t < 50; t++) {
    swl_dual_averaging_add(&a, 0.6);
    check_close(a.step, 1, 1e-12);
  }
  swl_dual_averaging_freeze(&a);
  check_close(a.step, 1, 1e-12);
  swl_dual_averaging_begin(0.25, 0.1, 5, &a);
  swl_dual_averaging_add(&a, 0); /* H_1 = 0.25/11; log h_1 = log 1 - 0.25/(11 · 0.05) */
  check_close(a.step, exp(-0.25 / 0.55), 1e-12);
}

/* Acceptance exp(-c h): the target is met at h = -log(target)/c, over ten decades of c, within the bounds. */
static void the_step_meets_the_target(void **state) {
  (void)state;
  static const double steep[] = {1e-3, 1, 1e3, 1e7};
  for (size_t i = 0; i < 4; i++) {
    swl_dual_averaging a;
    swl_dual_averaging_begin(0.6, 0.1, 5, &a);
    for (int t = 0; t < 1000; t++) swl_dual_averaging_add(&a, exp(-steep[i] * a.step));
    swl_dual_averaging_freeze(&a);
    const double wanted = fmin(-log(0.6) / steep[i], 5);
    check_close(a.step / wanted, 1, 0.05);
  }
}

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) * 0x1p-53;
}

/* f_{s+1} = a f_s + sqrt(1 - a²) noise, noise uniform of variance 1. tau_int of 40 × 2000 losses has a relative error of
 * about sqrt(4 (2 m + 1) / n), m the lags used (Sokal 1997, (3.19)), m <= 10 tau_int: 10 % at tau_int 19. */
static void autocorrelation_of_an_autoregression(void **state) {
  (void)state;
  enum { CHAINS = 40, KEPT = 2000 };
  static const double memory[] = {0, 0.5, 0.9, -0.5};
  double *trace = malloc(CHAINS * KEPT * sizeof *trace);
  uint64_t seed = 3;
  for (size_t i = 0; i < 4; i++) {
    const double a = memory[i], tau = (1 + a) / (1 - a);
    swl_tilt tilt;
    swl_mixing mixing = SWL_MIXING_NONE;
    for (size_t c = 0; c < CHAINS; c++) {
      double f = 0;
      for (int s = -200; s < KEPT; s++) {
        f = a * f + sqrt(1 - a * a) * sqrt(12) * (uniform(&seed) - 0.5);
        if (s >= 0) trace[c * KEPT + (size_t)s] = 5 + f;
      }
    }
    swl_mixing_measure(CHAINS, KEPT, trace, &tilt, &mixing);
    printf("# memory %.1f: tau_int %.3f of %.3f, loss %.4f +- %.4f\n", a, mixing.time, tau, tilt.loss, tilt.loss_se);
    check_close(mixing.time / tau, 1, 0.1);
    check_close(tilt.ess, CHAINS * KEPT / mixing.time, 1e-6);
    check_close(tilt.loss, 5, 4 * tilt.loss_se);
    check_close(tilt.loss_se / sqrt(tau / (CHAINS * KEPT)), 1, 4 / sqrt(2.0 * (CHAINS - 1)));
  }
  free(trace);
}

/* Chains that never move, each elsewhere: lag t has covariance (kept - t)/kept, so tau_int = 1 + 2 Σ_{t=1}^{7} (1 - t/8) = 8.
 * Losses before the first finite one do not count; equal losses have no autocorrelation. */
static void autocorrelation_at_the_edges(void **state) {
  (void)state;
  double stuck[4 * 8], late[2 * 4] = {NAN, 1, 2, 3, NAN, NAN, NAN, NAN}, one[4] = {1, 2, 3, 2};
  swl_tilt tilt;
  swl_mixing mixing = SWL_MIXING_NONE;
  for (size_t i = 0; i < 32; i++) stuck[i] = (double)(i / 8);
  swl_mixing_measure(4, 8, stuck, &tilt, &mixing);
  check_close(mixing.time, 8, 1e-12);
  check_close(tilt.ess, 4, 1e-12);
  check_close(tilt.loss, 1.5, 1e-12); /* of 0, 1, 2, 3 */
  check_close(tilt.loss_se, sqrt(5.0 / 12), 1e-12);
  swl_mixing_measure(2, 4, late, &tilt, &mixing);
  check_close(tilt.loss, 2, 1e-12);
  assert_true(tilt.ess > 0 && tilt.ess <= 3 / mixing.time + 1e-12);
  swl_mixing_measure(1, 4, one, &tilt, &mixing);
  assert_true(isfinite(tilt.loss_se) && tilt.loss_se > 0);
  for (size_t i = 0; i < 32; i++) stuck[i] = 1;
  swl_mixing_measure(4, 8, stuck, &tilt, &mixing);
  assert_true(isnan(mixing.time) && isnan(tilt.ess));
  check_close(tilt.loss, 1, 0);
}

/* No two steps of an update share a number, and none is 2^32 or more where trainer.c lets it through. */
static void no_two_steps_share_a_number(void **state) {
  (void)state;
  enum { ROUNDS = 3, CHAINS = 5, STEPS = 7, ALL = ROUNDS * CHAINS * (STEPS + 1) };
  int seen[ALL] = {0};
  for (size_t round = 0; round < ROUNDS; round++) {
    for (size_t chain = 0; chain < CHAINS; chain++) {
      for (size_t step = 0; step <= STEPS; step++) {
        const size_t number = swl_chains_number(round, CHAINS, chain, STEPS, step);
        assert_true(number < ALL); /* rounds × (samples + chains) */
        assert_int_equal(seen[number]++, 0);
      }
    }
  }
}

typedef struct cliff {
  size_t calls;
  double edge; /* the loss is NaN, or inf, or -inf in turn, where x_0 > edge, else 0 */
  int rises;   /* every loss is larger than all before */
} cliff;

static int cliff_loss(void *user, const float *x, double *loss) {
  static const double bad[] = {NAN, INFINITY, -INFINITY};
  cliff *c = user;
  c->calls++;
  *loss = x[0] > c->edge ? bad[c->calls % 3] : c->rises ? 1e6 * (double)c->calls : 0;
  return 0;
}

static int cliff_gradient(void *user, const float *x, float *gradient, double *loss) {
  gradient[0] = gradient[1] = 0;
  return cliff_loss(user, x, loss);
}

static swale_status cliff_run(cliff *c, int gradients, const char *words, double statistic[], float x[2],
                              size_t *draws) {
  const swale_function function = {2, cliff_loss, gradients ? cliff_gradient : NULL, c};
  trained t;
  trained_open(&t);
  trained_set(&t, "threads=1 regularizer=local-entropy optimizer=matching tau=0.25 beta=2");
  trained_set(&t, words);
  check_ok(t.context, swale_problem_create(t.context, &function, &t.problem));
  swale_status status = swale_trainer_create(t.options, t.problem, &t.trainer);
  c->calls = 0;
  if (status == SWALE_OK) status = swale_trainer_step(t.trainer);
  if (status == SWALE_OK) {
    memcpy(x, swale_trainer_parameters(t.trainer), 2 * sizeof *x);
    *draws = t.trainer->step.draws;
    for (int i = 0; i <= SWALE_STATISTIC_VIOLATED; i++) {
      statistic[i] = swale_trainer_statistic(t.trainer, (swale_statistic)i);
    }
  }
  trained_free(&t);
  return status;
}

/* q is N(0, 0.25 I) where x_0 <= edge: with a = edge/0.5, E X_0 = -0.5 phi(a)/Phi(a), Z = Phi(a); at a = -1 five of six
 * chains begin where the loss is not finite. Standard errors are those that are claimed. */
static void chains_survive_bad_starts(void **state) {
  (void)state;
  static const char *const ways[] = {"sampler=mala control=false samples=32000",
                                     "sampler=hmc control=false samples=32000", "sampler=pcn samples=64000",
                                     "sampler=elliptical samples=32000", "sampler=tempered samples=3200 moves=10"};
  const double density = exp(-0.5) / sqrt(2 * acos(-1)), mass = 0.5 * erfc(sqrt(0.5)), mean = -0.5 * density / mass;
  for (size_t w = 0; w < 5; w++) {
    cliff c = {.edge = -0.5};
    char words[128];
    double s[SWALE_STATISTIC_VIOLATED + 1];
    float x[2];
    size_t draws = 0;
    snprintf(words, sizeof words, "%s chains=32", ways[w]);
    assert_int_equal(cliff_run(&c, 1, words, s, x, &draws), SWALE_OK);
    const double se = 0.5 * s[SWALE_STATISTIC_MEAN_SE];
    printf("# %s: E X_0 %.4f of %.4f +- %.4f, acceptance %.2f, tau_int %.2f, rejected %.0f of %zu\n", words, x[0], mean,
           se, s[SWALE_STATISTIC_ACCEPTANCE], s[SWALE_STATISTIC_MIXING_TIME], s[SWALE_STATISTIC_REJECTED], draws);
    check_close(x[0], mean, 4 * se);
    check_close(x[1], 0, 4 * se);
    const double few = sqrt((1 - mass) / (32 * mass)) / 2; /* the value is that of the share of 32 starts that count */
    check_close(s[SWALE_STATISTIC_VALUE], -log(mass) / 2, 4 * (w < 4 ? few : s[SWALE_STATISTIC_VALUE_SE]));
    check_close(s[SWALE_STATISTIC_LOSS], 0, 0);
    assert_true(s[SWALE_STATISTIC_REJECTED] >= 15 && draws == c.calls);
  }
}

/* One chain, which begins where the loss is not finite for five seeds of six, finds its way for every seed. */
static void every_bad_start_is_left(void **state) {
  (void)state;
  static const char *const names[] = {"mala", "hmc", "pcn", "elliptical", "tempered"};
  for (size_t i = 0; i < 5 * 16; i++) {
    cliff c = {.edge = -0.5};
    char words[128];
    double s[SWALE_STATISTIC_VIOLATED + 1];
    float x[2];
    size_t draws = 0;
    snprintf(words, sizeof words, "sampler=%s chains=1 samples=100 seed=%zu", names[i % 5], i / 5);
    assert_int_equal(cliff_run(&c, 1, words, s, x, &draws), SWALE_OK);
    assert_true(isfinite(x[0]) && isfinite(x[1]) && draws == c.calls);
  }
}

/* Where no angle is good enough a step ends after 50 losses. */
static void elliptical_steps_are_bounded(void **state) {
  (void)state;
  cliff c = {.edge = INFINITY, .rises = 1};
  double s[SWALE_STATISTIC_VIOLATED + 1];
  float x[2];
  size_t draws = 0;
  assert_int_equal(cliff_run(&c, 0, "sampler=elliptical chains=2 samples=20", s, x, &draws), SWALE_OK);
  assert_int_equal(draws, 2 * (1 + 10 * 50));
  assert_true(s[SWALE_STATISTIC_ACCEPTANCE] == 0);
  assert_int_equal(cliff_run(&c, 0, "sampler=tempered chains=2 samples=20 moves=2 stages=3", s, x, &draws), SWALE_OK);
  assert_true(draws <= 20 * (1 + 3 * 2 * 50) && s[SWALE_STATISTIC_STAGES] <= 3);
}

static void what_cannot_work_is_refused(void **state) {
  (void)state;
  static const char *const wrong[] = {"sampler=mala",
                                      "sampler=hmc",
                                      "sampler=langevin",
                                      "sampler=pcn samples=30 chains=4",
                                      "sampler=tempered samples=3 chains=4",
                                      "sampler=elliptical beta=auto:0.5",
                                      "sampler=elliptical step=0.1",
                                      "sampler=pcn moves=4",
                                      "sampler=mala leapfrog=3",
                                      "sampler=tempered burn=0.1",
                                      "sampler=pcn group=1"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cliff c = {.edge = INFINITY};
    double s[SWALE_STATISTIC_VIOLATED + 1];
    float x[2];
    size_t draws = 0;
    const swale_status status = cliff_run(&c, 0, wrong[i], s, x, &draws);
    if (status == SWALE_OK) print_error("%s\n", wrong[i]);
    assert_true(status == SWALE_ERROR_USAGE || status == SWALE_ERROR_UNSUPPORTED);
  }
}

/* A step that is given is kept; one that is automatic is in the bounds of the transition, and says what it is. */
static void given_steps_are_kept(void **state) {
  (void)state;
  static const char *const names[] = {"langevin", "mala", "hmc", "pcn"};
  for (size_t i = 0; i < 4; i++) {
    cliff c = {.edge = INFINITY};
    char words[128];
    double s[SWALE_STATISTIC_VIOLATED + 1];
    float x[2];
    size_t draws = 0;
    memset(s, 0, sizeof s);
    snprintf(words, sizeof words, "sampler=%s step=0.25 samples=80", names[i]);
    assert_int_equal(cliff_run(&c, 1, words, s, x, &draws), SWALE_OK);
    check_close(s[SWALE_STATISTIC_CHAIN_STEP], 0.25, 0);
    check_close(s[SWALE_STATISTIC_ACCEPTANCE], 1, 1e-12); /* f = 0: the Gaussian part is exact */
    snprintf(words, sizeof words, "sampler=%s samples=80", names[i]);
    assert_int_equal(cliff_run(&c, 1, words, s, x, &draws), SWALE_OK);
    const double step = s[SWALE_STATISTIC_CHAIN_STEP];
    if (i == 0) check_close(step, 0.5, 1e-12);
    if (i > 0) assert_true(step > 0.25 && step <= 5.000001);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_target_keeps_the_step),
      cmocka_unit_test(the_step_meets_the_target),
      cmocka_unit_test(autocorrelation_of_an_autoregression),
      cmocka_unit_test(autocorrelation_at_the_edges),
      cmocka_unit_test(no_two_steps_share_a_number),
      cmocka_unit_test(chains_survive_bad_starts),
      cmocka_unit_test(every_bad_start_is_left),
      cmocka_unit_test(elliptical_steps_are_bounded),
      cmocka_unit_test(what_cannot_work_is_refused),
      cmocka_unit_test(given_steps_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
