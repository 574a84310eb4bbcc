/* test_example_weights.c - f = (1/B) Σ_b w_b l_b, whatever finds its way from examples to a step.
 *
 * Hand argument. At given draws the losses of a group, heat's step (its weights of draws are differences of losses) and
 * the gradient of a batch are linear in w: what w gives is Σ_b w_b times what a batch gives in which only example b counts,
 * and without weights the same with w_b = 1. Local entropy with draws per example takes exp(-beta w_b l_b): twice the
 * weight is twice beta, and examples add up. With shared draws weight 2 is a row twice, and weight 0 a row that is not
 * there: with weights of mean 1 the means are the same. A linear network with squared errors is a quadratic, MATH §5.
 */
#include "test_subspace.h"

#include "data/batches.h"
#include "problem/assessment.h"
#include "train/resolve.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 7, LOSSES = 4096 };
#define ROUNDING 1e-5 /* of four updates in single precision */

static const double mixed[BATCH] = {0.25, 2, 0, 1.5, 0.75, 1, 1.5}; /* mean 1 */

typedef struct way {
  const char *spec, *options;
} way;

static const way ways[] = {
    {"mlp:5-4-3 relu cross-entropy", "noise=weights group=0"},
    {"mlp:5-4-3 tanh squared", "noise=weights group=3 antithetic=false"},
    {"mlp:5-4-3 sign zero-one", "noise=weights group=1"},
    {"mlp:5-4-3 relu cross-entropy", "noise=subspace group=1 smoothing=layerwise"}, /* split */
    {"mlp:5-4-3 sign huber", "noise=subspace group=1 smoothing=layerwise"},
    {"mlp:5-4-3 tanh cross-entropy", "noise=subspace group=1 smoothing=layerwise"}, /* scale */
    {"mlp:5-4-4-3 relu squared", "noise=subspace group=1 smoothing=joint antithetic=false"},
    {"mlp:5-4-3 relu cross-entropy", "noise=subspace group=3 smoothing=joint"}, /* lanes */
    {"mlp:5-4-3 relu huber", "noise=subspace group=3 smoothing=joint"},
    {"mlp:5-4-3 relu cross-entropy", "noise=subspace group=0 smoothing=layerwise"}, /* L Z, by columns */
    {"mlp:5-4-3 gelu squared", "noise=subspace group=7 smoothing=layerwise antithetic=false"},
    {"mlp:2-4-3 relu zero-one", "noise=subspace group=0 smoothing=joint"}, /* E itself */
    {"mlp:5-4-3 relu cross-entropy", "noise=low-rank group=0"},
};
enum { WAYS = sizeof ways / sizeof *ways };

static void weighted_stage(stage *s, const way *how, double *weights, const char *more) {
  char words[STAGE_WORDS];
  snprintf(words, sizeof words, "%s %s", how->options, more);
  stage_open(s, how->spec, STAGE_PLAIN, BATCH, words);
  s->seen.weights = weights; /* the batch is the whole table */
  assert_true(s->draws * s->groups <= LOSSES);
}

static void only(size_t example, double weight, double *weights) {
  for (size_t b = 0; b < BATCH; b++) weights[b] = b == example ? weight : 0;
}

static void losses_are_weighed_by_every_noise(void **state) {
  (void)state;
  for (size_t i = 0; i < WAYS; i++) {
    double weights[BATCH], sum[2][LOSSES] = {{0}}, losses[LOSSES];
    stage s;
    weighted_stage(&s, &ways[i], weights, "");
    const size_t count = s.draws * s.groups;
    for (size_t b = 0; b < BATCH; b++) {
      only(b, 1, weights);
      stage_losses(&s, 0, 1, losses);
      for (size_t k = 0; k < count; k++) sum[0][k] += losses[k], sum[1][k] += mixed[b] * losses[k];
    }
    memcpy(weights, mixed, sizeof mixed);
    stage_losses(&s, 0, 1, losses);
    for (size_t k = 0; k < count; k++) check_close(losses[k], sum[1][k], 1e-13 * (1 + fabs(sum[1][k])));
    s.seen.weights = NULL;
    stage_losses(&s, 0, 1, losses);
    for (size_t k = 0; k < count; k++) check_close(losses[k], sum[0][k], 1e-13 * (1 + fabs(sum[0][k])));
    stage_close(&s);
  }
}

/* sum += scale × the sampler's direction with these weights */
static void add_gradient(stage *s, double *weights, double scale, double *sum, double *size) {
  s->seen.weights = weights;
  const float *gradient = stage_gradient(s, 3);
  for (size_t i = 0; i < s->dim; i++) {
    sum[i] += scale * gradient[i];
    size[i] += fabs(scale * gradient[i]);
  }
}

/* Gradients with `weights` are the sum over b of scale_b times those where only b counts, with weight weight_b. */
static void check_sum(stage *s, double *whole, const double *weight, const double *scale) {
  double weights[BATCH], sum[STAGE_DIM] = {0}, size[STAGE_DIM] = {0}, largest = 0;
  for (size_t b = 0; b < BATCH; b++) {
    only(b, weight[b], weights);
    add_gradient(s, weights, scale[b], sum, size);
  }
  add_gradient(s, whole, -1, sum, size);
  for (size_t i = 0; i < s->dim; i++) largest = fmax(largest, size[i]);
  assert_true(largest > 0);
  for (size_t i = 0; i < s->dim; i++) check_close(sum[i], 0, 16 * FLT_EPSILON * largest);
}

static void gradients_are_weighed_by_every_estimator(void **state) {
  (void)state;
  static const double ones[BATCH] = {1, 1, 1, 1, 1, 1, 1};
  double weights[BATCH];
  memcpy(weights, mixed, sizeof mixed);
  for (size_t i = 0; i < WAYS; i++) {
    stage s;
    weighted_stage(&s, &ways[i], NULL, "regularizer=heat");
    check_sum(&s, weights, ones, mixed);
    check_sum(&s, NULL, ones, ones);
    stage_close(&s);
  }
  const way smooth[] = {{"mlp:5-4-3 relu cross-entropy", "noise=weights group=0 estimator=pathwise"},
                        {"mlp:5-4-3 tanh squared", "noise=weights group=3 estimator=pathwise"},
                        {"mlp:5-4-3 gelu huber", "noise=weights group=1 estimator=pathwise"}};
  for (size_t i = 0; i < sizeof smooth / sizeof *smooth; i++) {
    stage s;
    weighted_stage(&s, &smooth[i], NULL, "");
    check_sum(&s, weights, ones, mixed);
    check_sum(&s, NULL, ones, ones);
    stage_close(&s);
  }
}

static void per_example_local_entropy_takes_the_weight_into_the_exponent(void **state) {
  (void)state;
  static const double ones[BATCH] = {1, 1, 1, 1, 1, 1, 1};
  const way how[] = {{"mlp:5-4-3 relu cross-entropy", "noise=weights group=1"},
                     {"mlp:5-4-3 relu squared", "noise=subspace group=1"}};
  for (size_t i = 0; i < 2; i++) {
    double weights[BATCH], sum[STAGE_DIM] = {0}, size[STAGE_DIM] = {0};
    stage s, doubled;
    memcpy(weights, mixed, sizeof mixed);
    weighted_stage(&s, &how[i], NULL, "regularizer=local-entropy beta=1");
    check_sum(&s, weights, mixed, ones);
    weighted_stage(&doubled, &how[i], NULL, "regularizer=local-entropy beta=2");
    for (size_t b = 0; b < BATCH; b++) weights[b] = 2;
    add_gradient(&s, weights, 1, sum, size);
    add_gradient(&doubled, NULL, -2, sum, size); /* F / beta */
    for (size_t k = 0; k < s.dim; k++) check_close(sum[k], 0, 1e-5 * (1e-3 + size[k]));
    stage_close(&s);
    stage_close(&doubled);
  }
}

/* Parameters after some updates on `count` rows of the stage's table, with weights or without. */
static void after_updates(stage *s, const char *method, size_t count, const size_t *rows, double *weights, float *x) {
  float inputs[(BATCH + 1) * 5];
  uint32_t labels[BATCH + 1];
  swl_table table = {.count = count, .inputs = inputs, .labels = labels, .weights = weights};
  char words[STAGE_WORDS], *rest = NULL;
  swale_options *options = NULL;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  swl_settings settings;
  for (size_t i = 0; i < count; i++) {
    memcpy(inputs + i * 5, s->table.inputs + rows[i] * 5, 5 * sizeof(float));
    labels[i] = s->table.labels[rows[i]];
  }
  check_ok(s->context, swale_options_create(s->context, &options));
  snprintf(words, sizeof words, "threads=1 kernels=reference batch=0 rate-schedule=constant %s", method);
  for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(s->context, swale_options_set(options, word, value + 1));
  }
  check_ok(s->context, swl_settings_resolve(s->context, options, 1, &settings));
  check_ok(s->context, swl_network_problem_create(s->context, &settings, &s->network, &table, 1, 1, &problem));
  check_ok(s->context, swale_trainer_create(options, problem, &trainer));
  check_ok(s->context, swale_trainer_set_parameters(trainer, s->trainer->x));
  for (size_t k = 0; k < 4; k++) check_ok(s->context, swale_trainer_step(trainer));
  memcpy(x, trainer->x, s->dim * sizeof *x);
  assert_memory_not_equal(x, s->trainer->x, s->dim * sizeof *x);
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
}

#define SHARED "noise=weights group=0 sig=0 tau=0.09 samples=8 "
#define CHAINS "regularizer=local-entropy tau=0.09 beta=1 samples=40 optimizer=matching "

static void weight_two_is_a_row_twice_and_weight_zero_none(void **state) {
  (void)state;
  const char *const methods[] = {
      SHARED "regularizer=local-entropy beta=1 optimizer=matching",
      SHARED "regularizer=local-entropy optimizer=adam rate=0.01",
      SHARED "regularizer=heat optimizer=matching",
      SHARED "regularizer=heat optimizer=sgd rate=0.1",
      SHARED "regularizer=heat optimizer=robbins-monro inner=4",
      SHARED "regularizer=heat estimator=pathwise optimizer=sgd rate=0.1",
      SHARED "regularizer=heat shaping=rank optimizer=sgd rate=0.1",
      "regularizer=none optimizer=sgd rate=0.1",
      "regularizer=none optimizer=adam rate=0.01",
      "regularizer=sharpness optimizer=sgd rate=0.1",
      CHAINS "sampler=langevin chains=4",
      CHAINS "sampler=mala chains=4",
      CHAINS "sampler=hmc chains=4 leapfrog=4",
      CHAINS "sampler=pcn chains=4",
      CHAINS "sampler=elliptical chains=4",
      CHAINS "sampler=tempered chains=4",
      "regularizer=local-entropy tau=0.09 beta=1 samples=10 sampler=entropy-sgd optimizer=sgd rate=0.1",
  };
  static const size_t once[BATCH] = {0, 1, 2, 3, 4, 5, 6}, twice[BATCH + 1] = {0, 1, 2, 3, 4, 5, 6, 3};
  static const size_t less[BATCH - 1] = {0, 1, 2, 4, 5, 6};
  double two[BATCH], zero[BATCH];
  for (size_t b = 0; b < BATCH; b++) {
    two[b] = (b == 3 ? 2.0 : 1.0) * BATCH / (BATCH + 1);
    zero[b] = b == 3 ? 0 : (double)BATCH / (BATCH - 1);
  }
  stage s;
  stage_open(&s, "mlp:5-4-3 tanh cross-entropy", STAGE_PLAIN, BATCH + 1, "noise=weights group=0");
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    float x[4][STAGE_DIM];
    after_updates(&s, methods[i], BATCH, once, two, x[0]);
    after_updates(&s, methods[i], BATCH + 1, twice, NULL, x[1]);
    after_updates(&s, methods[i], BATCH, once, zero, x[2]);
    after_updates(&s, methods[i], BATCH - 1, less, NULL, x[3]);
    double away = 0;
    for (size_t k = 0; k < s.dim; k++) {
      check_close(x[0][k], x[1][k], ROUNDING);
      check_close(x[2][k], x[3][k], ROUNDING);
      away = fmax(away, fabs(x[0][k] - x[2][k]));
    }
    if (away <= 30 * ROUNDING) print_error("%s\n", methods[i]);
    assert_true(away > 30 * ROUNDING); /* the weight matters */
  }
  stage_close(&s);
}

/* f(x) = (1/B) Σ w (a h + c - t)²: A = (2/B) Σ w [h² h; h 1], minimum at the weighted least squares line. */
static void linear_network_has_the_closed_forms_of_the_weighted_quadratic(void **state) {
  (void)state;
  const way how[] = {{"mlp:1-1 relu squared", "noise=weights group=0"},
                     {"mlp:1-1 relu squared", "noise=subspace group=0"}};
  const double tau = 0.09;
  for (size_t i = 0; i < 4; i++) {
    double weights[BATCH], hh = 0, h = 0, one = 0, ht = 0, t = 0, tt = 0;
    stage s;
    memcpy(weights, mixed, sizeof mixed);
    weighted_stage(&s, &how[i % 2], weights,
                   i < 2 ? "regularizer=heat samples=4000" : "regularizer=local-entropy samples=4000 beta=1");
    for (size_t b = 0; b < BATCH; b++) {
      const double w = weights[b] / BATCH, in = s.table.inputs[b], out = s.table.targets[b];
      hh += w * in * in, h += w * in, one += w, ht += w * in * out, t += w * out, tt += w * out * out;
    }
    const double a = s.trainer->x[0], c = s.trainer->x[1];
    const double f = a * a * hh + 2 * a * c * h + c * c * one - 2 * a * ht - 2 * c * t + tt;
    const double det = hh * one - h * h, slope = (ht * one - h * t) / det, offset = (hh * t - h * ht) / det;
    const double least = tt - slope * ht - offset * t;
    const double m[3] = {1 + 2 * tau * hh, 2 * tau * h, 1 + 2 * tau * one}; /* I + tau beta A, beta = 1 */
    const double dm = m[0] * m[2] - m[1] * m[1], da = a - slope, dc = c - offset;
    const double ga = 2 * (hh * da + h * dc), gc = 2 * (h * da + one * dc); /* A (x - c) */
    const double entropy = 0.5 * log(dm) + 0.5 * (ga * (m[2] * da - m[1] * dc) + gc * (m[0] * dc - m[1] * da)) / dm +
                           least;
    const double heat = f + tau * (hh + one);
    (void)stage_gradient(&s, 0);
    const swl_tilt *tilt = &s.trainer->step.tilt;
    check_close(tilt->value, i < 2 ? heat : entropy, 4 * tilt->value_se);
    assert_true(tilt->value_se < 0.05 * heat);
    stage_close(&s);
  }
  double weights[BATCH], loss;
  float gradient[2];
  stage s;
  memcpy(weights, mixed, sizeof mixed);
  weighted_stage(&s, &how[0], weights, "");
  double exact[2] = {0, 0};
  for (size_t b = 0; b < BATCH; b++) {
    const double in = s.table.inputs[b], r = s.trainer->x[0] * in + s.trainer->x[1] - s.table.targets[b];
    exact[0] += 2 * weights[b] * r * in / BATCH, exact[1] += 2 * weights[b] * r / BATCH;
  }
  check_ok(s.context, s.problem->ops->gradient(s.problem->self, 0, 0, s.trainer->x, gradient, &loss));
  for (size_t k = 0; k < 2; k++) check_close(gradient[k], exact[k], 8 * FLT_EPSILON);
  stage_close(&s);
}

static void an_example_of_weight_zero_may_have_any_loss(void **state) {
  (void)state;
  double weights[2] = {0, 2}, losses[2] = {NAN, 3};
  swl_weigh_losses(2, weights, 1, losses);
  assert_true(losses[0] == 0 && losses[1] == 6);
  losses[0] = INFINITY;
  swl_weigh_losses(1, weights, 1, losses);
  assert_true(losses[0] == 0);
  swl_weigh_losses(2, NULL, 1, losses);
  assert_true(losses[0] == 0 && losses[1] == 6);
  swl_weigh_losses(2, weights + 1, 0, losses);
  assert_true(losses[0] == 0 && losses[1] == 12);
}

/* An order does not know how much an example counts. */
static void ranks_of_each_example_are_refused_with_weights(void **state) {
  (void)state;
  const way how = {"mlp:5-4-3 relu cross-entropy", "noise=weights group=1 shaping=rank"};
  double weights[BATCH];
  swale_trainer *trainer = NULL;
  stage s;
  memcpy(weights, mixed, sizeof mixed);
  weighted_stage(&s, &how, weights, "");
  check_fails(s.context, swale_trainer_create(s.options, s.problem, &trainer), SWALE_ERROR_USAGE,
              "option shaping: rank");
  assert_null(trainer);
  stage_close(&s);
}

static void batches_carry_the_weights_of_their_examples(void **state) {
  (void)state;
  stage s;
  swl_batches *batches = NULL;
  swl_arena *arena = NULL;
  double weights[BATCH];
  memcpy(weights, mixed, sizeof mixed);
  weighted_stage(&s, &ways[0], weights, "");
  check_ok(s.context, swl_arena_create(s.context, &arena));
  check_ok(s.context, swl_batches_create(s.context, arena, &s.seen, 5, 3, 3, 1, &batches));
  for (uint64_t update = 0; update < 6; update++) {
    const swl_table *batch = swl_batches_at(batches, NULL, swl_everything, update);
    for (size_t b = 0; b < 3; b++) {
      size_t from = 0;
      while (batch->inputs[b * 5] != s.seen.inputs[from * 5]) from++; /* normals: no two are equal */
      assert_true(batch->weights[b] == mixed[from]);
    }
  }
  swl_arena_destroy(arena);
  stage_close(&s);
}

/* Of losses 1, 0, … with a network that is sure of class 0: by hand. */
static void a_reported_loss_is_the_weighted_mean_and_accuracy_is_not_weighted(void **state) {
  (void)state;
  stage s;
  swl_arena *arena = NULL;
  swl_assessor *assessor = NULL;
  swl_assessment seen;
  float x[STAGE_DIM] = {0};
  double weights[BATCH] = {4, 1, 1, 1, 1, 1, 1}; /* not of mean 1 */
  weighted_stage(&s, &ways[2], weights, "");
  x[s.dim - 3] = 1;                                            /* the bias of class 0 */
  for (size_t b = 0; b < BATCH; b++) s.seen.labels[b] = b < 2; /* two are wrong */
  check_ok(s.context, swl_arena_create(s.context, &arena));
  check_ok(s.context,
           swl_assessor_create(arena, &s.network, swl_kernels_find("reference"), BATCH, s.trainer->team, &assessor));
  check_ok(s.context, swl_assess(assessor, x, &s.seen, &seen));
  check_close(seen.loss, 5.0 / 10, 1e-15);
  check_close(seen.accuracy, 5.0 / 7, 1e-15);
  s.seen.weights = NULL;
  check_ok(s.context, swl_assess(assessor, x, &s.seen, &seen));
  check_close(seen.loss, 2.0 / 7, 1e-15);
  swl_arena_destroy(arena);
  stage_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(losses_are_weighed_by_every_noise),
      cmocka_unit_test(gradients_are_weighed_by_every_estimator),
      cmocka_unit_test(per_example_local_entropy_takes_the_weight_into_the_exponent),
      cmocka_unit_test(weight_two_is_a_row_twice_and_weight_zero_none),
      cmocka_unit_test(linear_network_has_the_closed_forms_of_the_weighted_quadratic),
      cmocka_unit_test(an_example_of_weight_zero_may_have_any_loss),
      cmocka_unit_test(ranks_of_each_example_are_refused_with_weights),
      cmocka_unit_test(batches_carry_the_weights_of_their_examples),
      cmocka_unit_test(a_reported_loss_is_the_weighted_mean_and_accuracy_is_not_weighted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
