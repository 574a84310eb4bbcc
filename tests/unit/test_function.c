/* test_function.c - a caller's function, whatever its unit and its numbers are: steps without units, the best point seen,
 * evaluations counted, sentences for what cannot be minimized.
 *
 * Hand solutions: losses times a power of two give the same bytes; every evaluation is written down by the loss itself, so
 * that its least and their number are known.
 */
#include "check.h"

#include <swale/swale.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM = 5, TEXT = 4096 };

typedef struct scene {
  swale_context *context;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer;
  char log[TEXT];
  /* The loss is scale × (shape(x) + shift), and what is known of its calls. */
  double scale, shift;
  double (*shape)(const float *x);
  pthread_mutex_t lock;
  size_t calls;
  double least;
  float at[DIM];
} scene;

static double shape_bowl(const float *x) {
  double sum = 0;
  for (size_t i = 0; i < DIM; i++) sum += ((double)x[i] - 1) * ((double)x[i] - 1);
  return sum;
}
static double shape_constant(const float *x) { return x[0] > 1e30F ? 0 : 3; }
static double shape_nan(const float *x) { return x[0] > 1e30F ? 0 : (double)NAN; }
static double shape_holes(const float *x) {
  return x[0] < 0 ? (double)NAN : x[1] < 0 ? (double)INFINITY : shape_bowl(x);
}
static double shape_steps(const float *x) { return floor(4 * shape_bowl(x)); }
static double shape_cliff(const float *x) { return shape_bowl(x) > 5.2 ? (double)INFINITY : shape_bowl(x); }

static double scene_value(const scene *s, const float *x) { return s->scale * (s->shape(x) + s->shift); }

static void scene_see(scene *s, const float *x, double loss) {
  pthread_mutex_lock(&s->lock);
  s->calls++;
  if (loss < s->least) {
    s->least = loss;
    memcpy(s->at, x, sizeof s->at);
  }
  pthread_mutex_unlock(&s->lock);
}

static int scene_loss(void *user, const float *x, double *loss) {
  scene *s = user;
  *loss = scene_value(s, x);
  scene_see(s, x, *loss);
  return 0;
}

static int scene_gradient(void *user, const float *x, float *gradient, double *loss) {
  scene *s = user;
  *loss = scene_value(s, x);
  for (size_t i = 0; i < DIM; i++) gradient[i] = (float)(s->scale * 2 * ((double)x[i] - 1));
  scene_see(s, x, *loss);
  return 0;
}

static void scene_log(void *user, const char *line) {
  scene *s = user;
  const size_t used = strlen(s->log);
  snprintf(s->log + used, sizeof s->log - used, "%s\n", line);
}

static void scene_close(scene *s) {
  swale_trainer_destroy(s->trainer);
  swale_problem_destroy(s->problem);
  swale_options_destroy(s->options);
  swale_context_destroy(s->context);
  pthread_mutex_destroy(&s->lock);
}

static swale_status scene_try(scene *s, double (*shape)(const float *x), double scale, double shift,
                              const char *words) {
  const swale_function function = {DIM, scene_loss, scene_gradient, s};
  char copy[512], *rest = NULL;
  *s = (scene){.scale = scale, .shift = shift, .shape = shape, .least = INFINITY};
  pthread_mutex_init(&s->lock, NULL);
  assert_int_equal(swale_context_create(NULL, &s->context), SWALE_OK);
  swale_context_set_log(s->context, scene_log, s);
  check_ok(s->context, swale_options_create(s->context, &s->options));
  check_ok(s->context, swale_options_set(s->options, "threads", "1"));
  const int samples = !strstr(words, "=none") && !strstr(words, "=sharpness");
  if (samples) check_ok(s->context, swale_options_set(s->options, "tau", "0.01"));
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(s->context, swale_options_set(s->options, word, value + 1));
  }
  check_ok(s->context, swale_problem_create(s->context, &function, &s->problem));
  return swale_trainer_create(s->options, s->problem, &s->trainer);
}

static void scene_open(scene *s, double (*shape)(const float *x), double scale, double shift, const char *words) {
  const swale_status status = scene_try(s, shape, scale, shift, words); /* makes the context */
  check_ok(s->context, status);
}

static double scene_number(const scene *s, swale_statistic statistic) {
  return swale_trainer_statistic(s->trainer, statistic);
}

static void scene_steps(scene *s, int count) {
  for (int k = 0; k < count; k++) check_ok(s->context, swale_trainer_step(s->trainer));
}

static void check_log(const scene *s, const char *text, int times) {
  int found = 0;
  for (const char *at = s->log; (at = strstr(at, text)) != NULL; at++) found++;
  if (found != times) fail_msg("'%s' is %d times in the log, not %d:\n%s", text, found, times, s->log);
}

/* x after `steps` of the bowl in another unit, and what is reported in units of the loss. */
static void run_in_unit(const char *words, double scale, int steps, float x[DIM], double numbers[4]) {
  scene s;
  scene_open(&s, shape_bowl, scale, 0, words);
  scene_steps(&s, steps);
  memcpy(x, swale_trainer_parameters(s.trainer), DIM * sizeof *x);
  numbers[0] = scene_number(&s, SWALE_STATISTIC_ESS);
  numbers[1] = scene_number(&s, SWALE_STATISTIC_VALUE) / scale;
  numbers[2] = scene_number(&s, SWALE_STATISTIC_BETA) * scale;
  numbers[3] = scene_number(&s, SWALE_STATISTIC_BEST_LOSS) / scale;
  scene_close(&s);
}

static void auto_beta_has_no_unit(void **state) {
  (void)state;
  const char *const methods[] = {"optimizer=matching", "optimizer=adam rate=0.05",
                                 "optimizer=matching weighting=literal antithetic=false samples=50",
                                 "optimizer=adam rate=0.02 beta=auto:0.9 weight-decay=0.01"};
  const int powers[] = {-50, 50, -1, 13};
  const double factors[] = {1e-15, 1e15, 3, 1e-3};
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    float x[DIM], y[DIM];
    double one[4], other[4];
    run_in_unit(methods[m], 1, 40, x, one);
    assert_true(x[0] > 0.3F); /* something has moved */
    for (size_t p = 0; p < sizeof powers / sizeof *powers; p++) {
      run_in_unit(methods[m], ldexp(1, powers[p]), 40, y, other);
      assert_memory_equal(x, y, sizeof x);
      assert_memory_equal(one, other, sizeof one);
    }
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
      run_in_unit(methods[m], factors[f], 40, y, other);
      for (size_t i = 0; i < DIM; i++) check_close(y[i], x[i], 1e-4); /* beta is found to 1e-6, and 40 steps follow */
      check_close(other[0], one[0], 0.01);
      check_close(other[2], one[2], 1e-3 * one[2]);
    }
  }
}

static void a_scheme_has_no_unit_either(void **state) {
  (void)state;
  float x[DIM], y[DIM];
  double one[4], other[4];
  run_in_unit("optimizer=matching", 1, 60, x, one);
  const int powers[] = {-900, -200, 200, 900};
  for (size_t p = 0; p < 4; p++) { /* gradients far beyond single precision */
    run_in_unit("optimizer=matching", ldexp(1, powers[p]), 60, y, other);
    assert_memory_equal(x, y, sizeof x);
    assert_memory_equal(one, other, sizeof one);
  }
  scene s;
  scene_open(&s, shape_bowl, 1e300, 0, "optimizer=adam");
  check_fails(s.context, swale_trainer_step(s.trainer), SWALE_ERROR_NUMERIC,
              "beyond single precision; multiply the loss");
  scene_close(&s);
}

static void an_offset_changes_nothing(void **state) {
  (void)state;
  scene s;
  scene_open(&s, shape_bowl, 1, 1e9, "optimizer=matching");
  scene_steps(&s, 100);
  for (size_t i = 0; i < DIM; i++) check_close(swale_trainer_parameters(s.trainer)[i], 1, 0.02);
  scene_close(&s);
}

static void a_target_that_cannot_be_met_is_said_once(void **state) {
  (void)state;
  scene s;
  scene_open(&s, shape_constant, 1, 0, "optimizer=matching");
  scene_steps(&s, 5);
  check_log(&s, "beta = auto:0.5 cannot be met", 1);
  check_log(&s, "x has not moved", 1);
  check_close(scene_number(&s, SWALE_STATISTIC_MISSED), 5, 0);
  check_close(scene_number(&s, SWALE_STATISTIC_BEST_LOSS), 3, 0);
  scene_close(&s);
  /* Nearly all draws have the least loss: no beta brings ESS down to a tenth, but the others still count. */
  scene_open(&s, shape_steps, 1e-9, 0, "optimizer=matching beta=auto:0.1 samples=40 tau=1e-4");
  const float near[DIM] = {1, 1, 1, 1, 0.51F};
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, near));
  scene_steps(&s, 1);
  check_log(&s, "cannot be met", 1);
  assert_true(swale_trainer_parameters(s.trainer)[4] > 0.51F);
  assert_true(scene_number(&s, SWALE_STATISTIC_BETA) > 1e8);
  scene_close(&s);
  scene_open(&s, shape_bowl, 1, 0, "optimizer=matching");
  scene_steps(&s, 5);
  assert_string_equal(s.log, "");
  check_close(scene_number(&s, SWALE_STATISTIC_MISSED), 0, 0);
  scene_close(&s);
}

static void nothing_finite_is_a_sentence(void **state) {
  (void)state;
  const char *const methods[] = {"regularizer=local-entropy", "regularizer=heat",
                                 "regularizer=local-entropy sampler=pcn"};
  for (size_t m = 0; m < 3; m++) {
    scene s;
    scene_open(&s, shape_nan, 1, 0, methods[m]);
    check_fails(s.context, swale_trainer_step(s.trainer), SWALE_ERROR_NUMERIC, "finite");
    for (size_t i = 0; i < DIM; i++) assert_true(swale_trainer_parameters(s.trainer)[i] == 0);
    assert_null(swale_trainer_best(s.trainer));
    assert_true(isnan(scene_number(&s, SWALE_STATISTIC_BEST_LOSS)));
    check_close(scene_number(&s, SWALE_STATISTIC_EVALUATIONS), (double)s.calls, 0);
    scene_close(&s);
  }
}

static void check_best(const scene *s) {
  const float *best = swale_trainer_best(s->trainer);
  check_close(scene_number(s, SWALE_STATISTIC_EVALUATIONS), (double)s->calls, 0);
  check_close(scene_number(s, SWALE_STATISTIC_BEST_LOSS), s->least, 0);
  assert_non_null(best);
  check_close(scene_value(s, best), s->least, 0);
}

static void the_best_point_is_kept_by_every_method(void **state) {
  (void)state;
  const char *const methods[] = {
      "optimizer=matching",
      "regularizer=heat optimizer=sgd rate=0.01",
      "regularizer=heat estimator=pathwise optimizer=sgd rate=0.01",
      "regularizer=none optimizer=sgd rate=0.01",
      "regularizer=sharpness optimizer=adam",
      "optimizer=robbins-monro inner=3",
      "regularizer=local-entropy sampler=pcn",
      "regularizer=local-entropy sampler=elliptical",
      "regularizer=local-entropy sampler=tempered",
      "regularizer=local-entropy sampler=mala",
      "regularizer=local-entropy sampler=hmc",
      "regularizer=local-entropy sampler=langevin",
      "regularizer=local-entropy sampler=entropy-sgd",
      "optimizer=matching monotone=true",
      "optimizer=matching threads=3",
      "regularizer=local-entropy sampler=pcn threads=3",
  };
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    scene s;
    scene_open(&s, shape_bowl, 1, 0, methods[m]);
    assert_null(swale_trainer_best(s.trainer));
    for (int k = 0; k < 4; k++) {
      scene_steps(&s, 1);
      check_best(&s);
      assert_memory_equal(swale_trainer_best(s.trainer), s.at, sizeof s.at); /* no two points have the same loss */
    }
    scene_close(&s);
  }
}

/* Losses that are equal at many points: the same point whatever the threads, and by ask and tell. */
static void the_best_of_equal_points_is_always_the_same(void **state) {
  (void)state;
  float best[DIM];
  for (int threads = 1; threads <= 4; threads++) {
    scene s;
    char words[64];
    snprintf(words, sizeof words, "optimizer=matching threads=%d", threads);
    scene_open(&s, shape_steps, 1, 0, words);
    scene_steps(&s, 10);
    check_best(&s);
    if (threads == 1)
      memcpy(best, swale_trainer_best(s.trainer), sizeof best);
    else
      assert_memory_equal(swale_trainer_best(s.trainer), best, sizeof best);
    scene_close(&s);
  }
  scene s;
  scene_open(&s, shape_steps, 1, 0, "optimizer=matching");
  float points[200][DIM];
  double losses[200];
  for (int k = 0; k < 10; k++) {
    check_ok(s.context, swale_trainer_ask(s.trainer, 0, 200, points[0]));
    for (size_t j = 0; j < 200; j++) losses[j] = scene_value(&s, points[j]);
    check_ok(s.context, swale_trainer_tell(s.trainer, losses, 200));
  }
  assert_memory_equal(swale_trainer_best(s.trainer), best, sizeof best);
  check_close(scene_number(&s, SWALE_STATISTIC_BEST_LOSS), scene_value(&s, best), 0);
  check_close(scene_number(&s, SWALE_STATISTIC_EVALUATIONS), 2000, 0);
  scene_close(&s);
}

static void steps_that_diverge_are_said(void **state) {
  (void)state;
  scene s;
  swale_status status = SWALE_OK;
  scene_open(&s, shape_bowl, 1, 0, "regularizer=none optimizer=sgd rate=1.5 momentum=0 rate-schedule=constant");
  for (int k = 0; k < 30; k++) check_ok(s.context, swale_trainer_step(s.trainer));
  check_log(&s, "the steps diverge", 1);
  check_log(&s, "swale_trainer_best", 1);
  for (int k = 0; k < 1000 && status == SWALE_OK; k++) status = swale_trainer_step(s.trainer);
  check_fails(s.context, status, SWALE_ERROR_NUMERIC, "not finite");
  check_log(&s, "the steps diverge", 1);
  for (size_t i = 0; i < DIM; i++) assert_true(isfinite(swale_trainer_parameters(s.trainer)[i]));
  for (size_t i = 0; i < DIM; i++) assert_true(swale_trainer_best(s.trainer)[i] == 0); /* where it began */
  check_best(&s);
  scene_close(&s);
  scene_open(&s, shape_bowl, 1, 0, "optimizer=adam"); /* and those that do not are not */
  for (int k = 0; k < 300; k++) check_ok(s.context, swale_trainer_step(s.trainer));
  assert_string_equal(s.log, "");
  scene_close(&s);
}

/* A part of the draws is refused: counted, and nothing else is touched. */
static void a_rejected_draw_poisons_nothing(void **state) {
  (void)state;
  const char *const methods[] = {"optimizer=matching",
                                 "optimizer=matching weighting=literal",
                                 "regularizer=heat optimizer=adam",
                                 "regularizer=heat optimizer=adam shaping=rank",
                                 "regularizer=heat estimator=pathwise optimizer=adam",
                                 "optimizer=robbins-monro",
                                 "regularizer=local-entropy sampler=tempered optimizer=matching",
                                 "regularizer=local-entropy sampler=pcn optimizer=matching"};
  double (*const shapes[])(const float *) = {shape_holes, shape_cliff};
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    for (size_t k = 0; k < 2; k++) {
      scene s;
      scene_open(&s, shapes[k], 1, 0, methods[m]);
      scene_steps(&s, 3);
      assert_true(scene_number(&s, SWALE_STATISTIC_REJECTED) > 0 || s.log[0] == '\0');
      for (size_t i = 0; i < DIM; i++) assert_true(isfinite(swale_trainer_parameters(s.trainer)[i]));
      assert_true(swale_trainer_parameters(s.trainer)[2] > 0); /* towards 1 */
      check_best(&s);
      scene_close(&s);
    }
  }
}

/* Of an update that began elsewhere nothing is left: the next one is that of a trainer that began there. */
static void parameters_set_between_rounds_begin_the_round_again(void **state) {
  (void)state;
  const float there[DIM] = {2, 2, 2, 2, 2};
  scene s, t;
  float points[20][DIM];
  double losses[20];
  scene_open(&s, shape_bowl, 1, 0, "optimizer=robbins-monro inner=3 samples=20");
  scene_open(&t, shape_bowl, 1, 0, "optimizer=robbins-monro inner=3 samples=20");
  check_ok(s.context, swale_trainer_ask(s.trainer, 0, 20, points[0]));
  for (size_t j = 0; j < 20; j++) losses[j] = scene_value(&s, points[j]);
  check_ok(s.context, swale_trainer_tell(s.trainer, losses, 20));
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, there));
  check_ok(t.context, swale_trainer_set_parameters(t.trainer, there));
  for (int round = 0; round < 3; round++) {
    check_ok(s.context, swale_trainer_ask(s.trainer, 0, 20, points[0]));
    for (size_t j = 0; j < 20; j++) losses[j] = scene_value(&s, points[j]);
    assert_int_equal(swale_trainer_updates(s.trainer), 0);
    check_ok(s.context, swale_trainer_tell(s.trainer, losses, 20));
  }
  scene_steps(&t, 1);
  assert_int_equal(swale_trainer_updates(s.trainer), 1);
  assert_memory_equal(swale_trainer_parameters(s.trainer), swale_trainer_parameters(t.trainer), sizeof there);
  scene_close(&s);
  scene_close(&t);
}

/* A value of the option that is not its default. */
static void set_another(scene *s, const swale_option_info *info) {
  const char *const values[] = {"7", "0.5", "3", "true", "false", "x"};
  const char *name = swale_option_name(info), *allowed = swale_option_allowed(info);
  char text[1024], word[64];
  if (strcmp(swale_option_type(info), "choice") == 0) {
    const char *last = strrchr(allowed, '|') + 1;
    const size_t first = strcspn(allowed, "|");
    snprintf(word, sizeof word, "%s", last);
    if (strcmp(last, swale_option_default(info)) == 0) snprintf(word, sizeof word, "%.*s", (int)first, allowed);
    check_ok(s->context, swale_options_set(s->options, name, word));
    return;
  }
  for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
    if (swale_options_set(s->options, name, values[v]) != SWALE_OK) continue;
    check_ok(s->context, swale_options_get(s->options, name, text, sizeof text));
    if (strcmp(text, swale_option_default(info)) != 0) return;
  }
  fail_msg("no value for %s", name);
}

/* Every row of the table, so that a new one has a place: about networks, or of some effect here. */
static void options_without_effect_are_refused(void **state) {
  (void)state;
  size_t refused = 0;
  for (size_t i = 0; swale_option_at(i); i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *group = swale_option_group(info);
    const int networks = strcmp(group, "data") == 0 || strcmp(group, "model") == 0 || strcmp(group, "run") == 0 ||
                         strcmp(group, "running") == 0 || strcmp(group, "evaluate") == 0;
    scene s;
    scene_open(&s, shape_bowl, 1, 0, "optimizer=matching");
    swale_trainer_destroy(s.trainer);
    s.trainer = NULL;
    if (networks) {
      char text[128];
      set_another(&s, info);
      snprintf(text, sizeof text, "option %s applies to networks", swale_option_name(info));
      check_fails(s.context, swale_trainer_create(s.options, s.problem, &s.trainer), SWALE_ERROR_USAGE, text);
      check_ok(s.context, swale_options_set(s.options, swale_option_name(info), swale_option_default(info)));
      refused++;
    }
    check_ok(s.context, swale_trainer_create(s.options, s.problem, &s.trainer)); /* a default is no mistake */
    scene_close(&s);
  }
  assert_true(refused > 30);
  const char *const words[] = {"smoothing=joint", "conditioning=false", "layer-samples=4", "batch=50",
                               "group=1",         "epochs=3",           "patience=2"};
  for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
    scene s;
    char text[64];
    snprintf(text, sizeof text, "option %.*s applies to", (int)strcspn(words[w], "="), words[w]);
    const swale_status status = scene_try(&s, shape_bowl, 1, 0, words[w]);
    check_fails(s.context, status, SWALE_ERROR_USAGE, text);
    scene_close(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(auto_beta_has_no_unit),
      cmocka_unit_test(a_scheme_has_no_unit_either),
      cmocka_unit_test(an_offset_changes_nothing),
      cmocka_unit_test(a_target_that_cannot_be_met_is_said_once),
      cmocka_unit_test(nothing_finite_is_a_sentence),
      cmocka_unit_test(the_best_point_is_kept_by_every_method),
      cmocka_unit_test(the_best_of_equal_points_is_always_the_same),
      cmocka_unit_test(steps_that_diverge_are_said),
      cmocka_unit_test(a_rejected_draw_poisons_nothing),
      cmocka_unit_test(options_without_effect_are_refused),
      cmocka_unit_test(parameters_set_between_rounds_begin_the_round_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
