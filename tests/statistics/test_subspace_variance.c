/* test_subspace_variance.c - the conditional mean has the same mean and less variance (Rao 1945, Blackwell 1947).
 *
 * Hand arguments.
 * (1) noise = subspace hands over Σ w E[E | S] in the place of Σ w E, w functions of losses of one law: in law it is
 *     the conditional mean of the direction of noise = weights, given all S. So its covariance is smaller: the trace,
 *     and the variance of every coordinate. Strictly, if S does not determine E: at most as many
 *     examples in a group as inputs. (Same baselines: two passes. Pairs where a pair has one law in both:
 *     test_subspace_exact.c.) With d coordinates of noise and a linear loss the trace is |g|² (d + 1) / pairs: one
 *     layer, one example, n inputs: d = (n + 1) m becomes m.
 * (2) conditioning = true replaces what a unit hides of its noise by its mean, given everything that losses can see.
 *     Losses do not change, so both directions are of the same draws, g' = E[g | seen]: E(g' - g) = 0, and E|g|² -
 *     E|g'|² = E|g - g'|², that is E (g - g')·g' = 0. Where nothing is hidden (tanh) nothing changes, to the byte.
 *     Smoothed layer by layer, the layer below the outputs is drawn another way where it is conditioned
 *     (subspace_split.c): the same law from other numbers. There means and traces of independent samples are compared;
 *     the other layers stay as they were.
 * Levels: z-scores of sums over independent updates; families of 1e-4. Less variance: more than four standard errors.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPDATES = 1500 };
#define FAMILY 1e-4

static const char *const models[] = {"mlp:5-3", "mlp:5-4-3", "mlp:6-3-4-3"};

typedef struct sampled_variance {
  double trace, trace_se;
  double variance[STAGE_DIM], variance_se[STAGE_DIM];
} sampled_variance;

/* Variances of the columns of rows (count × dim), and their standard errors by the fourth moments. */
static sampled_variance variance_of(size_t count, size_t dim, const float *rows) {
  sampled_variance made = {0};
  double mean[STAGE_DIM] = {0}, fourth[STAGE_DIM] = {0}, square = 0;
  const double n = (double)count;
  for (size_t k = 0; k < count; k++) {
    for (size_t i = 0; i < dim; i++) mean[i] += rows[k * dim + i] / n;
  }
  for (size_t k = 0; k < count; k++) {
    double sum = 0;
    for (size_t i = 0; i < dim; i++) {
      const double far = rows[k * dim + i] - mean[i];
      made.variance[i] += far * far / n;
      fourth[i] += far * far * far * far / n;
      sum += far * far;
    }
    made.trace += sum / n;
    square += sum * sum / n;
  }
  made.trace_se = sqrt((square - made.trace * made.trace) / n);
  for (size_t i = 0; i < dim; i++) made.variance_se[i] = sqrt((fourth[i] - made.variance[i] * made.variance[i]) / n);
  return made;
}

static sampled_variance variance_run(const char *spec, size_t count, const char *options) {
  stage s;
  stage_open(&s, spec, STAGE_PLAIN, count, options);
  float *rows = malloc(UPDATES * s.dim * sizeof *rows);
  stage_gradients(&s, UPDATES, rows);
  const sampled_variance made = variance_of(UPDATES, s.dim, rows);
  free(rows);
  stage_close(&s);
  return made;
}

/* (1) */
static void the_subspace_has_less_variance_than_weights(void **state) {
  (void)state;
  static const char *const ways[] = {"group=1 antithetic=false", "group=3 antithetic=false", "group=3", "group=0",
                                     "group=0 antithetic=false"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 5 * 3 * 2; k++) {
    const size_t depth = k / 5 % 3;
    char spec[STAGE_WORDS], common[STAGE_WORDS], options[2 * STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[depth], k % 2 ? "relu" : "tanh",
             k % 3 ? "squared" : "cross-entropy");
    snprintf(common, sizeof common, "samples=24 monotone=true %s %s", ways[k % 5],
             k / 15  ? "regularizer=local-entropy beta=2"
             : k % 4 ? "smoothing=joint"
                     : "sig=0.3 smoothing=joint");
    snprintf(options, sizeof options, "%s noise=subspace", common);
    const sampled_variance s = variance_run(spec, 4, options);
    char *joint = strstr(common, "smoothing=joint");
    if (joint) *joint = '\0';
    snprintf(options, sizeof options, "%s noise=weights seed=55", common);
    const sampled_variance w = variance_run(spec, 4, options);
    const double z = (w.trace - s.trace) / hypot(w.trace_se, s.trace_se);
    if (!(z > 4)) print_error("%s %s: traces %.4g and %.4g\n", spec, options, s.trace, w.trace);
    assert_true(z > 4);
    for (size_t i = 0; i < STAGE_DIM && w.variance[i] > 0; i++) { /* one-sided: only more would be wrong */
      stage_level(&levels,
                  0.5 * erfc((s.variance[i] - w.variance[i]) / hypot(s.variance_se[i], w.variance_se[i]) / sqrt(2)),
                  options);
    }
  }
  stage_check(&levels, FAMILY);
}

/* 9 inputs, 3 outputs: d = 30 and 3. Cross-entropy's third derivative adds to both, relative to the first of the order
 * of tau |(h, 1)|² = 0.04: 5 % of the ratio are allowed for it. */
static void one_example_leaves_one_direction_of_many(void **state) {
  (void)state;
  const sampled_variance s = variance_run("mlp:9-3 relu cross-entropy", 1,
                                          "noise=subspace group=0 samples=40 tau=0.01 monotone=true");
  const sampled_variance w = variance_run("mlp:9-3 relu cross-entropy", 1, "noise=weights group=0 samples=40 tau=0.01");
  printf("# traces %.4g and %.4g: %.2f, by hand 7.75\n", s.trace, w.trace, w.trace / s.trace);
  check_close(w.trace / s.trace, 31.0 / 4, 4 * 31.0 / 4 * hypot(w.trace_se / w.trace, s.trace_se / s.trace) + 0.4);
}

typedef struct pairing {
  double gain, gain2, cross, cross2, before, after;
} pairing;

/* Of every block but the layer's own, in some updates. */
static void variance_same_losses(stage *a, stage *b, size_t layer) {
  enum { SOME = 20 };
  const size_t cells = a->draws * a->groups;
  const swl_plan *plan = &a->trainer->sampling.plan;
  double *losses[2];
  for (int i = 0; i < 2; i++) {
    losses[i] = malloc(SOME * cells * sizeof **losses);
    stage_losses(i ? b : a, 0, SOME, losses[i]);
  }
  for (size_t u = 0; u < SOME; u++) {
    for (size_t l = 0; l < plan->count; l++) {
      const size_t first = u * cells + plan->first[l] * a->groups;
      const size_t bytes = (plan->first[l + 1] - plan->first[l]) * a->groups * sizeof(double);
      const int same = memcmp(losses[0] + first, losses[1] + first, bytes) == 0;
      assert_true(same == (l != layer)); /* as few as they are, other numbers have other losses */
    }
  }
  free(losses[0]), free(losses[1]);
}

/* (2): g without and g' with conditioning, of the same draws; but for the layer `apart`, if there is one. */
static void variance_condition(stage_levels *levels, const char *spec, const char *common, size_t apart) {
  char options[2 * STAGE_WORDS];
  stage s[2];
  pairing p = {0};
  for (int i = 0; i < 2; i++) {
    snprintf(options, sizeof options, "noise=subspace %s conditioning=%s", common, i ? "true" : "false");
    stage_open(&s[i], spec, STAGE_PLAIN, 18, options);
  }
  const size_t dim = s[0].dim;
  const swl_layer *left = apart < s[0].network.depth ? &s[0].network.layers[apart] : NULL;
  float *far = calloc(UPDATES * dim, sizeof *far);
  if (left) variance_same_losses(&s[0], &s[1], apart);
  for (size_t u = 0; u < UPDATES; u++) {
    const float *g = stage_gradient(&s[0], u), *c = stage_gradient(&s[1], u);
    double gain = 0, cross = 0;
    assert_true(left || s[0].trainer->step.tilt.loss == s[1].trainer->step.tilt.loss);
    for (size_t i = 0; i < dim; i++) {
      if (left && i == left->offset) i += (left->inputs + 1) * left->outputs;
      const double d = (double)g[i] - c[i];
      far[u * dim + i] = (float)d;
      gain += d * d;
      cross += d * c[i];
      p.before += (double)g[i] * g[i];
    }
    p.gain += gain, p.gain2 += gain * gain, p.cross += cross, p.cross2 += cross * cross;
  }
  const double n = UPDATES, cross_se = sqrt((p.cross2 - p.cross * p.cross / n) * n / (n - 1));
  const double gain_se = sqrt((p.gain2 - p.gain * p.gain / n) * n / (n - 1));
  snprintf(options, sizeof options, "%s %s", spec, common);
  if (p.gain > 0) stage_z(levels, p.cross / cross_se, options);
  for (size_t i = 0; i < dim; i++) {
    double direction[STAGE_DIM] = {0};
    direction[i] = 1;
    const stage_moments m = stage_project(UPDATES, dim, far, direction);
    if (m.variance > 0) stage_z(levels, m.mean / sqrt(m.variance / n), options);
  }
  printf("# %-80s %.1f %% of the mean square goes\n", options, 100 * p.gain / p.before);
  if (left && s[0].network.depth == 2) /* the outputs' layer alone, where nothing is hidden */
    assert_true(p.gain == 0 && p.before > 0);
  else
    assert_true(p.gain + 2 * p.cross > 4 * hypot(gain_se, 2 * cross_se)); /* E|g|² - E|g'|² */
  free(far);
  stage_close(&s[0]);
  stage_close(&s[1]);
}

/* (2), the layer `apart`: independent samples. */
static void variance_apart(stage_levels *levels, const char *spec, const char *common, size_t apart) {
  enum { MORE = 2 * UPDATES };
  sampled_variance made[2];
  float *rows[2];
  size_t size = 0;
  for (int i = 0; i < 2; i++) {
    char options[2 * STAGE_WORDS];
    stage s;
    snprintf(options, sizeof options, "noise=subspace %s conditioning=%s seed=%d", common, i ? "true" : "false",
             70 + i);
    stage_open(&s, spec, STAGE_PLAIN, 18, options);
    const swl_layer *layer = &s.network.layers[apart];
    size = (layer->inputs + 1) * layer->outputs;
    rows[i] = malloc(MORE * size * sizeof **rows);
    for (size_t u = 0; u < MORE; u++) {
      memcpy(rows[i] + u * size, stage_gradient(&s, u) + layer->offset, size * sizeof **rows);
    }
    made[i] = variance_of(MORE, size, rows[i]);
    stage_close(&s);
  }
  for (size_t i = 0; i < size; i++) {
    double direction[STAGE_DIM] = {0};
    direction[i] = 1;
    const stage_moments a = stage_project(MORE, size, rows[0], direction);
    const stage_moments b = stage_project(MORE, size, rows[1], direction);
    if (a.variance + b.variance > 0)
      stage_z(levels, (a.mean - b.mean) / sqrt((a.variance + b.variance) / MORE), common);
  }
  const double z = (made[0].trace - made[1].trace) / hypot(made[0].trace_se, made[1].trace_se);
  printf("# %s %s: %.1f %% of the trace goes, %.1f s.e.\n", spec, common, 100 * (1 - made[1].trace / made[0].trace), z);
  assert_true(z > 4);
  free(rows[0]), free(rows[1]);
}

static void conditioning_has_less_variance_and_the_same_mean(void **state) {
  (void)state;
  static const char *const ways[] = {"smoothing=joint",
                                     "smoothing=joint antithetic=false",
                                     "smoothing=layerwise",
                                     "smoothing=layerwise antithetic=false layer-samples=24/12",
                                     "regularizer=local-entropy beta=2 antithetic=false",
                                     "monotone=true smoothing=joint sig=0.5"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 24; k++) {
    char spec[STAGE_WORDS], common[STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[1 + k / 12], k / 6 % 2 ? "sign" : "relu",
             k % 2 ? "cross-entropy" : "squared");
    const int layerwise = strstr(ways[k % 6], "layerwise") != NULL; /* less noise: units that only add, or are silent */
    snprintf(common, sizeof common, "group=1 samples=16 tau=%s %s", layerwise ? "0.01" : "0.2", ways[k % 6]);
    const size_t below = k / 12; /* the outputs, which models[1 + k / 12] has k / 12 + 2 layers for */
    variance_condition(&levels, spec, common, layerwise ? below : SWL_LAYERS_MAX);
    if (layerwise) variance_apart(&levels, spec, common, below);
  }
  stage_check(&levels, FAMILY);
}

/* tanh hides nothing, the last layer neither, and examples that share draws are not conditioned. */
static void where_nothing_is_hidden_nothing_changes(void **state) {
  (void)state;
  static const char *const specs[] = {"mlp:5-4-3 tanh squared", "mlp:5-3 relu squared", "mlp:5-4-3 relu squared"};
  static const char *const groups[] = {"group=1", "group=1", "group=3"};
  for (size_t k = 0; k < 3; k++) {
    stage s[2];
    for (int i = 0; i < 2; i++) {
      char options[STAGE_WORDS];
      snprintf(options, sizeof options, "noise=subspace smoothing=joint %s conditioning=%s", groups[k],
               i ? "true" : "false");
      stage_open(&s[i], specs[k], STAGE_PLAIN, 7, options);
    }
    assert_memory_equal(stage_gradient(&s[0], 4), stage_gradient(&s[1], 4), s[0].dim * sizeof(float));
    stage_close(&s[0]);
    stage_close(&s[1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_subspace_has_less_variance_than_weights),
      cmocka_unit_test(one_example_leaves_one_direction_of_many),
      cmocka_unit_test(conditioning_has_less_variance_and_the_same_mean),
      cmocka_unit_test(where_nothing_is_hidden_nothing_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
