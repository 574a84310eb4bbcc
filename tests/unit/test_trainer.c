/* test_trainer.c - schedules, optimizers, ask and tell, and what a failed step leaves behind.
 *
 * Hand solutions: schedules by their formulas at chosen updates; optimizers by their published recursions in double
 * on a fixed table of gradients, within a bound that adds up every rounding of single precision (eps = 2^-24 relative
 * each).
 */
#include "trained.h"

#include "options/options_parts.h"
#include "train/resolve.h"
#include "train/schedule.h"

#include <swale/trainer.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double eps = 0x1p-24;

static swale_context *context_make(void) {
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  return context;
}

static swale_options *options_make(swale_context *context, const char *words) {
  swale_options *options = NULL;
  char copy[512], *rest = NULL;
  check_ok(context, swale_options_create(context, &options));
  check_ok(context, swale_options_set(options, "threads", "1"));
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(context, swale_options_set(options, word, value + 1));
  }
  return options;
}

typedef struct moment {
  uint64_t update;
  double rate, tau;
} moment;

static void check_schedule(const char *words, const moment *moments, size_t count) {
  swale_context *context = context_make();
  swale_options *options = options_make(context, words);
  swl_settings settings;
  check_ok(context, swl_settings_resolve(context, options, 0, &settings));
  for (size_t i = 0; i < count; i++) {
    check_close(swl_schedule_rate(&settings, moments[i].update), moments[i].rate, 1e-13 * moments[i].rate + 1e-300);
    check_close(swl_schedule_tau(&settings, moments[i].update), moments[i].tau, 1e-13 * moments[i].tau);
  }
  swale_options_destroy(options);
  swale_context_destroy(context);
}

#define CHECK_SCHEDULE(words, ...)                                                                                     \
  check_schedule(words, (const moment[]){__VA_ARGS__}, sizeof((const moment[]){__VA_ARGS__}) / sizeof(moment))

static void schedules_by_hand(void **state) {
  (void)state;
  const double pi = acos(-1);
  CHECK_SCHEDULE("optimizer=sgd rate=2 tau=3 rate-schedule=constant updates=100", {0, 2, 3}, {50, 2, 3}, {99, 2, 3},
                 {100, 2, 3}, {12345, 2, 3});
  CHECK_SCHEDULE("optimizer=sgd rate=2 tau=3 rate-schedule=cosine rate-final=0.1 tau-schedule=cosine tau-final=0.5 "
                 "updates=100",
                 {0, 2, 3}, {50, 2 * 0.55, 3 * 0.75},
                 {99, 2 * (0.1 + 0.45 * (1 + cos(0.99 * pi))), 3 * (0.5 + 0.25 * (1 + cos(0.99 * pi)))},
                 {100, 0.2, 1.5}, {4000, 0.2, 1.5});
  const double r = cbrt(0.1), t = cbrt(0.5);
  CHECK_SCHEDULE("optimizer=sgd rate=2 tau=3 rate-schedule=step rate-final=0.1 tau-schedule=step tau-final=0.5 steps=3 "
                 "updates=100",
                 {0, 2, 3}, {24, 2, 3}, {25, 2 * r, 3 * t}, {49, 2 * r, 3 * t}, {50, 2 * r * r, 3 * t * t},
                 {75, 0.2, 1.5}, {99, 0.2, 1.5}, {100, 0.2, 1.5}, {101, 0.2, 1.5});
  CHECK_SCHEDULE("optimizer=sgd rate=3 tau=1 rate-schedule=step rate-final=0 steps=3 updates=8", {0, 3, 1}, {1, 3, 1},
                 {2, 2, 1}, {3, 2, 1}, {4, 1, 1}, {6, 0, 1}, {7, 0, 1});
  CHECK_SCHEDULE("optimizer=matching tau=3 tau-schedule=scoping scoping-rate=0.5 tau-final=0.1", {0, 1, 3}, {1, 1, 1.5},
                 {3, 1, 0.375}, {4, 1, 0.3}, {1000000, 1, 0.3});
  /* 48 steps down in 49 updates are one step down per update, also where (update/49)·49 rounds below the integer */
  moment each[49];
  for (uint64_t k = 0; k < 49; k++) each[k] = (moment){k, 48 - (double)k, 1};
  check_schedule("optimizer=sgd rate=48 tau=1 rate-schedule=step rate-final=0 steps=48 updates=49", each, 49);
}

/* The trainer reports the rate and tau of the update it made, and the schemes' auto is constant 1. */
static int square_loss(void *user, const float *x, double *loss);
static void the_trainer_uses_its_schedules(void **state) {
  (void)state;
  trained t;
  trained_open(&t);
  trained_set(&t, "threads=1");
  trained_set(
      &t, "optimizer=sgd rate=1 rate-final=0.5 tau=0.5 tau-schedule=step steps=1 tau-final=0.5 samples=4 updates=4");
  const swale_function function = {2, square_loss, NULL, NULL};
  const double rates[] = {1, 0.5 + 0.25 * (1 + sqrt(0.5)), 0.75, 0.5 + 0.25 * (1 - sqrt(0.5)), 0.5};
  const double taus[] = {0.5, 0.5, 0.25, 0.25, 0.25};
  trained_make(&t, &function);
  for (int k = 0; k < 5; k++) {
    check_ok(t.context, swale_trainer_step(t.trainer));
    check_close(swale_trainer_statistic(t.trainer, SWALE_STATISTIC_RATE), rates[k], 1e-14);
    check_close(swale_trainer_statistic(t.trainer, SWALE_STATISTIC_TAU), taus[k], 1e-14);
    assert_int_equal(swale_trainer_updates(t.trainer), k + 1);
  }
  trained_free(&t);
}

enum { DIM = 7, STEPS = 50 };

typedef struct script {
  size_t call;
  float gradient[STEPS][DIM];
} script;

/* Gradients that do not depend on x: sizes 2^-10 … 2^2, changing sign, coordinate 6 always 0. */
static void script_make(script *s) {
  uint64_t random = 5;
  s->call = 0;
  for (size_t k = 0; k < STEPS; k++) {
    for (size_t i = 0; i < DIM; i++) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      s->gradient[k][i] = i == 6 ? 0 : (float)ldexp((double)(int64_t)random, (int)(2 * i) - 73);
    }
  }
}

static int script_gradient(void *user, const float *x, float *gradient, double *loss) {
  script *s = user;
  (void)x;
  memcpy(gradient, s->gradient[s->call++], sizeof s->gradient[0]);
  *loss = 0;
  return 0;
}

static void script_run(const char *words, float x[STEPS][DIM], const float *start) {
  script s;
  trained t;
  trained_open(&t);
  trained_set(&t, "threads=1");
  trained_set(&t, words);
  const swale_function function = {DIM, NULL, script_gradient, &s};
  script_make(&s);
  trained_make(&t, &function);
  check_ok(t.context, swale_trainer_set_parameters(t.trainer, start));
  for (size_t k = 0; k < STEPS; k++) {
    check_ok(t.context, swale_trainer_step(t.trainer));
    memcpy(x[k], swale_trainer_parameters(t.trainer), sizeof x[k]);
  }
  trained_free(&t);
}

static const float start[DIM] = {1, -2, 0.5F, 3, -0.25F, 0.125F, 1.5F};

static void sgd_is_heavy_ball(void **state) {
  (void)state;
  const double rate = 0.05, momentum = 0.9, decay = 0.1;
  float x[STEPS][DIM];
  script s;
  script_make(&s);
  script_run("regularizer=none optimizer=sgd rate=0.05 rate-schedule=constant momentum=0.9 weight-decay=0.1", x, start);
  for (size_t i = 0; i < DIM; i++) {
    double v = 0, at = start[i], v_error = 0, error = 0;
    for (size_t k = 0; k < STEPS; k++) {
      v = momentum * v + s.gradient[k][i];
      at -= rate * (v + decay * at);
      v_error = momentum * v_error + 3 * eps * (fabs(v) + fabs((double)s.gradient[k][i])); /* momentum, product, sum */
      error = error + rate * v_error + 4 * eps * (fabs(at) + rate * fabs(v));
      check_close(x[k][i], at, error);
    }
    if (i < 4) assert_true(error < 1e-4); /* the bound is no licence */
  }
}

static void adam_is_kingma_and_ba_with_decoupled_decay(void **state) {
  (void)state;
  const double rate = 0.05, b1 = 0.8, b2 = 0.99, epsilon = 1e-6, decay = 0.1;
  float x[STEPS][DIM];
  script s;
  script_make(&s);
  script_run("regularizer=none optimizer=adam rate=0.05 rate-schedule=constant beta1=0.8 beta2=0.99 epsilon=1e-6 "
             "weight-decay=0.1",
             x, start);
  for (size_t i = 0; i < DIM; i++) {
    double m = 0, v = 0, at = start[i], m_error = 0, v_error = 0, error = 0;
    for (size_t k = 0; k < STEPS; k++) {
      const double g = s.gradient[k][i];
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      const double c1 = 1 - pow(b1, (double)k + 1), c2 = 1 - pow(b2, (double)k + 1), root = sqrt(v / c2) + epsilon;
      const double step = rate * m / c1 / root;
      at -= step + rate * decay * at;
      m_error = b1 * m_error + 4 * eps * (fabs(m) + fabs(g));
      v_error = b2 * v_error + 5 * eps * (v + (1 - b2) * g * g);
      const double relative = v > 0 ? v_error / (2 * v) + 4 * eps : 0;
      error += rate / c1 * m_error / root + fabs(step) * (relative + 4 * eps) + 4 * eps * fabs(at);
      check_close(x[k][i], at, error);
    }
    assert_true(error < 1e-3);
  }
  assert_true(fabs(x[STEPS - 1][6] - 1.5 * pow(0.995, STEPS)) < 1e-5); /* no gradient: decay only, no 0/0 */
}

static int square_loss(void *user, const float *x, double *loss) {
  size_t *left = user;
  if (left && *left && --*left == 0) return 42;
  *loss = (double)x[0] * x[0] + 2 * (double)x[1] * x[1];
  return 0;
}

static int square_gradient(void *user, const float *x, float *gradient, double *loss) {
  gradient[0] = 2 * x[0], gradient[1] = 4 * x[1];
  return square_loss(user, x, loss);
}

static int spike_gradient(void *user, const float *x, float *gradient, double *loss) {
  size_t *calls = user;
  (void)x;
  gradient[0] = (*calls)++ ? 1.0F : 1e30F;
  *loss = 0;
  return 0;
}

/* One gradient of 1e30, whose square no float holds: beta2 = 0 forgets it at the next update, beta1 = 0 has no
 * memory, so from then on each step is -rate g/|g| = -0.5. The spike's own step is at most -0.5 · 1e30/sqrt(1e38) by
 * the clamp. */
static void adam_survives_a_square_beyond_float(void **state) {
  (void)state;
  size_t calls = 0;
  trained t;
  trained_open(&t);
  trained_set(&t, "threads=1");
  trained_set(&t, "regularizer=none optimizer=adam rate=0.5 rate-schedule=constant beta1=0 beta2=0");
  const swale_function function = {1, NULL, spike_gradient, &calls};
  trained_make(&t, &function);
  check_ok(t.context, swale_trainer_step(t.trainer));
  assert_true(isfinite(swale_trainer_parameters(t.trainer)[0]) && swale_trainer_parameters(t.trainer)[0] < 0);
  const float zero = 0;
  check_ok(t.context, swale_trainer_set_parameters(t.trainer, &zero));
  for (int k = 1; k <= 3; k++) {
    check_ok(t.context, swale_trainer_step(t.trainer));
    check_close(swale_trainer_parameters(t.trainer)[0], -0.5 * k, 1e-6);
  }
  trained_free(&t);
}

enum { STAIRS = 37 };

static int stairs_gradient(void *user, const float *x, float *gradient, double *loss) {
  (void)user, (void)x;
  for (int i = 0; i < STAIRS; i++) gradient[i] = (float)(i + 1);
  *loss = 0;
  return 0;
}

/* |g|² = 37 · 38 · 75 / 6 for g = (1, …, 37), at rate 1 from 0: every coordinate counts, whatever the sums in between. */
static void the_length_of_a_step(void **state) {
  (void)state;
  trained t;
  trained_open(&t);
  trained_set(&t, "threads=1");
  trained_set(&t, "regularizer=none optimizer=sgd rate=1 rate-schedule=constant");
  const swale_function function = {STAIRS, NULL, stairs_gradient, NULL};
  trained_make(&t, &function);
  check_ok(t.context, swale_trainer_step(t.trainer));
  check_close(swale_trainer_statistic(t.trainer, SWALE_STATISTIC_STEP), sqrt(37 * 38 * 75 / 6.0), 1e-12);
  trained_free(&t);
}

static trained stage_make(const char *words, const swale_function *function) {
  const float at[2] = {0.5F, -1};
  trained t;
  trained_open(&t);
  trained_set(&t, "threads=1");
  trained_set(&t, words);
  trained_make(&t, function);
  check_ok(t.context, swale_trainer_set_parameters(t.trainer, at));
  return t;
}

static void what_means_nothing_is_nan(void **state) {
  (void)state;
  const swale_function function = {2, square_loss, square_gradient, NULL};
  trained s = stage_make("regularizer=none optimizer=sgd", &function);
  const swale_statistic never[] = {SWALE_STATISTIC_LOSS_SE,   SWALE_STATISTIC_VALUE_SE, SWALE_STATISTIC_ESS,
                                   SWALE_STATISTIC_BETA,      SWALE_STATISTIC_TAU,      SWALE_STATISTIC_CHANGE,
                                   SWALE_STATISTIC_CHANGE_SE, SWALE_STATISTIC_REQUIRED};
  assert_true(isnan(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_LOSS)));
  check_ok(s.context, swale_trainer_step(s.trainer));
  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    assert_true(isnan(swale_trainer_statistic(s.trainer, never[i])));
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_LOSS), 2.25, 1e-12); /* 0.25 + 2 */
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_VALUE), 2.25, 1e-12);
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_STEP), 0.1 * sqrt(17), 1e-6); /* (1, -4) */
  trained_free(&s);
}

/* Pairs: x + sqrt(tau) Z and x - sqrt(tau) Z, so their mean is x up to the rounding of each; blocks in any order. */
static void asked_points_are_pairs_around_x(void **state) {
  (void)state;
  const swale_function function = {2, NULL, NULL, NULL};
  trained s = stage_make("optimizer=matching tau=0.25 beta=1 samples=6", &function);
  float all[12], one[2];
  check_ok(s.context, swale_trainer_ask(s.trainer, 0, 6, all));
  for (size_t draw = 6; draw-- > 0;) {
    check_ok(s.context, swale_trainer_ask(s.trainer, draw, 1, one));
    assert_memory_equal(one, all + 2 * draw, sizeof one);
  }
  for (size_t pair = 0; pair < 3; pair++) {
    for (size_t i = 0; i < 2; i++) {
      const double a = all[4 * pair + i], b = all[4 * pair + 2 + i];
      check_close((a + b) / 2, i ? -1 : 0.5, eps * (fabs(a) + fabs(b)));
      assert_true(a != b);
    }
  }
  /* by hand: weights e^-f; all losses equal but one that is NaN: five weights of 1/5, so x+ = mean of those five */
  const double losses[] = {1, 1, 1, 1, (double)NAN, 1};
  double mean[2] = {0, 0};
  for (size_t j = 0; j < 6; j++) {
    for (size_t i = 0; i < 2 && j != 4; i++) mean[i] += all[2 * j + i] / 5.0;
  }
  check_fails(s.context, swale_trainer_tell(s.trainer, losses, 5), SWALE_ERROR_USAGE, "5 losses");
  check_fails(s.context, swale_trainer_ask(s.trainer, 5, 2, all), SWALE_ERROR_USAGE, "there are 6");
  check_fails(s.context, swale_trainer_ask(s.trainer, SIZE_MAX, 2, all), SWALE_ERROR_USAGE, "there are 6");
  check_ok(s.context, swale_trainer_tell(s.trainer, losses, 6));
  for (size_t i = 0; i < 2; i++) check_close(swale_trainer_parameters(s.trainer)[i], mean[i], 8 * eps * 2);
  assert_true(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_REJECTED) == 1);
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_ESS), 5, 1e-12);
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_VALUE), 1 - log(5 / 6.0), 1e-12);
  check_fails(s.context, swale_trainer_step(s.trainer), SWALE_ERROR_UNSUPPORTED, "ask and tell");
  trained_free(&s);
}

/* A step that fails at any call leaves x as it was, and does not count: in a later round of robbins-monro, and in the
 * check that monotone = true makes after the move. */
static void a_failed_step_leaves_x_alone(void **state) {
  (void)state;
  const char *const ways[] = {"optimizer=matching tau=0.1 beta=1 samples=4",
                              "regularizer=heat optimizer=robbins-monro inner=3 tau=0.1 samples=4",
                              "optimizer=matching tau=0.1 beta=1 samples=4 monotone=true",
                              "optimizer=adam rate=0.1 average=0.5 tau=0.1 beta=1 samples=4 monotone=true",
                              "optimizer=sgd tau=0.1 beta=1 samples=4 monotone=true",
                              "regularizer=heat optimizer=robbins-monro inner=3 tau=0.1 samples=4 monotone=true"};
  const size_t calls[] = {4, 12, 12, 12, 12, 20};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    for (size_t k = 1; k <= calls[w]; k++) {
      size_t left = k;
      const swale_function function = {2, square_loss, NULL, &left};
      const float at[2] = {0.5F, -1};
      trained s = stage_make(ways[w], &function);
      check_fails(s.context, swale_trainer_step(s.trainer), SWALE_ERROR_CALLBACK, "returned 42");
      assert_memory_equal(swale_trainer_parameters(s.trainer), at, sizeof at);
      assert_int_equal(swale_trainer_updates(s.trainer), 0);
      /* again, without failure: as if nothing had happened */
      trained fresh = stage_make(ways[w], &function);
      check_ok(s.context, swale_trainer_step(s.trainer));
      check_ok(fresh.context, swale_trainer_step(fresh.trainer));
      check_ok(s.context, swale_trainer_step(s.trainer)); /* and what the optimizer remembers */
      check_ok(fresh.context, swale_trainer_step(fresh.trainer));
      assert_memory_equal(swale_trainer_parameters(s.trainer), swale_trainer_parameters(fresh.trainer), sizeof at);
      assert_memory_equal(swale_trainer_average(s.trainer), swale_trainer_average(fresh.trainer), sizeof at);
      trained_free(&s);
      trained_free(&fresh);
    }
    size_t left = calls[w] + 1;
    const swale_function function = {2, square_loss, NULL, &left};
    trained s = stage_make(ways[w], &function);
    check_ok(s.context, swale_trainer_step(s.trainer)); /* that many calls and no more */
    assert_int_equal(left, 1);
    trained_free(&s);
  }
}

static void parameters_must_be_finite(void **state) {
  (void)state;
  const swale_function function = {2, square_loss, NULL, NULL};
  const float bad[3][2] = {{NAN, 0}, {0, INFINITY}, {0, -INFINITY}}, at[2] = {0.5F, -1};
  trained s = stage_make("optimizer=matching", &function);
  for (int i = 0; i < 3; i++) {
    check_fails(s.context, swale_trainer_set_parameters(s.trainer, bad[i]), SWALE_ERROR_USAGE, "must be finite");
    assert_memory_equal(swale_trainer_parameters(s.trainer), at, sizeof at);
  }
  trained_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(schedules_by_hand),
      cmocka_unit_test(the_trainer_uses_its_schedules),
      cmocka_unit_test(sgd_is_heavy_ball),
      cmocka_unit_test(adam_is_kingma_and_ba_with_decoupled_decay),
      cmocka_unit_test(adam_survives_a_square_beyond_float),
      cmocka_unit_test(the_length_of_a_step),
      cmocka_unit_test(what_means_nothing_is_nan),
      cmocka_unit_test(asked_points_are_pairs_around_x),
      cmocka_unit_test(a_failed_step_leaves_x_alone),
      cmocka_unit_test(parameters_must_be_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
