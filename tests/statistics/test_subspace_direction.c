/* test_subspace_direction.c - the mean of the sampled direction is the gradient of F / beta.
 *
 * Hand arguments.
 *   heat       grad F_H(x) = E grad f(x + sqrt(tau) Z) where f has a gradient: averaged here by backpropagation over
 *              normals of another generator (LCG, Box and Muller 1958), in pairs. One layer with the squared loss: F_H
 *              is f and a constant, so the gradient is that of f, exactly. Layers smoothed on their own: the same with
 *              noise on that layer only.
 *   no slope   sign units or the zero-one loss: the mean with noise = weights, whose proof is test_schemes.c.
 *   local      same N, beta, tau and groups: weights are functions of the losses, whose law is the same; so is the
 *   entropy    mean of the direction with E[Z | losses] in the place of Z, its bias of order 1/N included.
 *   angle      of the mean of n directions: the error is a mean of n independent ones, so its size falls as n^(-1/2).
 * z-scores of projections on random directions, of all coordinates and of each layer, from the standard errors of both
 * means; levels of a family add up to 1e-4 (Bonferroni). The cosine: an angle below acos 0.999, which the number of
 * draws was chosen to reach with room to spare.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPDATES = 1500, PAIRS = 12000, PROJECTIONS = 4 };
#define FAMILY 1e-4

static const char *const models[] = {"mlp:5-3", "mlp:5-4-3", "mlp:5-4-4-3", "mlp:5-3-4-3-2"};

/* Rows (count × dim) whose mean is a direction. */
typedef struct sampled {
  size_t count, dim;
  float *rows;
} sampled;

static sampled sampled_new(size_t count, size_t dim) {
  return (sampled){count, dim, malloc(count * dim * sizeof(float))};
}

static void direction_normals(uint64_t *state, size_t count, double *z) {
  for (size_t i = 0; i < count; i += 2) {
    const double radius = sqrt(-2 * log((stage_number(state) + 1) / 2 + 0x1p-54));
    const double angle = acos(-1) * stage_number(state);
    z[i] = radius * cos(angle);
    if (i + 1 < count) z[i + 1] = radius * sin(angle);
  }
}

/* (grad f(x + sqrt(tau) Z) + grad f(x - sqrt(tau) Z)) / 2 of the whole batch; `layer`: noise on it only, unless
 * depth. */
static sampled direction_slopes(stage *s, const swl_covariance *covariance, size_t layer, size_t pairs) {
  sampled made = sampled_new(pairs, s->dim);
  uint64_t state = 991 + layer;
  double z[STAGE_DIM], loss = 0;
  float point[STAGE_DIM], slope[STAGE_DIM];
  assert_int_equal(s->groups, 1);
  for (size_t k = 0; k < pairs; k++) {
    float *row = made.rows + k * s->dim;
    memset(row, 0, s->dim * sizeof *row);
    direction_normals(&state, s->dim, z);
    for (int sign = -1; sign < 2; sign += 2) {
      for (size_t l = 0; l < covariance->count; l++) {
        const double size = layer == covariance->count || layer == l ? sign * sqrt(covariance->blocks[l].tau) : 0;
        for (size_t i = covariance->blocks[l].first; i < covariance->blocks[l].end; i++) {
          point[i] = (float)(s->trainer->x[i] + size * z[i]);
        }
      }
      check_ok(s->context, s->problem->ops->gradient(s->problem->self, 0, 0, point, slope, &loss));
      for (size_t i = 0; i < s->dim; i++) row[i] += 0.5F * slope[i];
    }
  }
  return made;
}

static sampled direction_rows(stage *s, size_t updates) {
  sampled made = sampled_new(updates, s->dim);
  stage_gradients(s, updates, made.rows);
  return made;
}

/* z-scores of the difference of the means, on random directions of the coordinates first .. end-1 */
static void direction_compare(stage_levels *levels, const sampled *a, const sampled *b, size_t first, size_t end,
                              const char *what) {
  uint64_t state = 31 + first;
  for (int p = 0; p < PROJECTIONS; p++) {
    double direction[STAGE_DIM] = {0};
    for (size_t i = first; i < end; i++) direction[i] = stage_number(&state);
    const stage_moments x = stage_project(a->count, a->dim, a->rows, direction);
    const stage_moments y = stage_project(b->count, b->dim, b->rows, direction);
    const double variance = x.variance / (double)a->count + y.variance / (double)b->count;
    const double floor = 0x1p-20 * (fabs(x.mean) + fabs(y.mean)); /* rounding, where there is no noise at all */
    stage_z(levels, (x.mean - y.mean) / sqrt(variance + floor * floor), what);
  }
}

static void direction_compare_all(stage_levels *levels, const stage *s, const sampled *a, const sampled *b,
                                  const char *what) {
  direction_compare(levels, a, b, 0, s->dim, what);
  for (size_t l = 0; l < s->network.depth; l++) {
    const swl_layer *layer = &s->network.layers[l];
    direction_compare(levels, a, b, layer->offset, layer->offset + (layer->inputs + 1) * layer->outputs, what);
  }
}

static void direction_mean(const sampled *rows, size_t first, size_t count, double *mean) {
  memset(mean, 0, rows->dim * sizeof *mean);
  for (size_t k = first; k < first + count; k++) {
    for (size_t i = 0; i < rows->dim; i++) mean[i] += rows->rows[k * rows->dim + i] / (double)count;
  }
}

/* tan² of the angle between the mean of some rows and g */
static double direction_tangent2(const sampled *rows, size_t first, size_t count, const double *g) {
  double mean[STAGE_DIM], dot = 0, square = 0, size = 0;
  direction_mean(rows, first, count, mean);
  for (size_t i = 0; i < rows->dim; i++) dot += mean[i] * g[i], square += mean[i] * mean[i], size += g[i] * g[i];
  return fmax(square * size / (dot * dot) - 1, 0);
}

static void direction_cosine(const sampled *rows, const sampled *exact, const char *what) {
  double g[STAGE_DIM];
  direction_mean(exact, 0, exact->count, g);
  const double cosine = 1 / sqrt(1 + direction_tangent2(rows, 0, rows->count, g));
  if (!(cosine >= 0.999)) print_error("%s: cosine %.5f\n", what, cosine);
  assert_true(cosine >= 0.999);
}

/* Heat and backpropagation: depth 1-4, relu and tanh, groups of 1, 3 and all, pairs and not, tau per layer or one. */
static void heat_is_the_gradient_of_its_objective(void **state) {
  (void)state;
  static const int groups[] = {1, 3, 0};
  stage_levels levels = {0};
  for (size_t k = 0; k < 8; k++) {
    char spec[STAGE_WORDS], options[STAGE_WORDS], where[2 * STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[k % 4], k / 4 ? "tanh" : "relu",
             k % 3 ? "cross-entropy" : "squared");
    stage exact;
    stage_open(&exact, spec, STAGE_PLAIN, 7, "noise=weights group=0");
    sampled slopes = {0};
    for (size_t g = 0; g < 3; g++) {
      stage s;
      snprintf(options, sizeof options, "noise=subspace smoothing=joint group=%d samples=160 antithetic=%s %s",
               groups[g], (k + g) % 4 ? "true" : "false", k % 2 ? "sig=0.3" : "tau=0.04");
      stage_open(&s, spec, STAGE_PLAIN, 7, options);
      const sampled rows = direction_rows(&s, UPDATES);
      if (g == 0) slopes = direction_slopes(&exact, &s.trainer->step.covariance, s.network.depth, PAIRS);
      snprintf(where, sizeof where, "%s %s", spec, options);
      direction_compare_all(&levels, &s, &rows, &slopes, where);
      if (s.settings.antithetic) direction_cosine(&rows, &slopes, where);
      free(rows.rows);
      stage_close(&s);
    }
    free(slopes.rows);
    stage_close(&exact);
  }
  stage_check(&levels, FAMILY);
}

/* One layer, squared loss: grad F_H = grad f, to the rounding of backpropagation, at any tau. */
static void heat_of_a_linear_model_has_a_closed_form(void **state) {
  (void)state;
  stage_levels levels = {0};
  for (size_t k = 0; k < 6; k++) {
    static const char *const groups[] = {"group=1", "group=3", "group=0"};
    char options[STAGE_WORDS];
    stage s, exact;
    double loss = 0;
    snprintf(options, sizeof options, "noise=subspace smoothing=joint %s samples=40 tau=0.3 antithetic=%s",
             groups[k % 3], k / 3 ? "true" : "false");
    stage_open(&s, "mlp:5-3 relu squared", STAGE_SINGULAR, 11, options);
    stage_open(&exact, "mlp:5-3 relu squared", STAGE_SINGULAR, 11, "noise=weights group=0");
    const sampled rows = direction_rows(&s, UPDATES);
    sampled slope = sampled_new(2, s.dim); /* twice the same: no variance */
    check_ok(s.context, exact.problem->ops->gradient(exact.problem->self, 0, 0, exact.trainer->x, slope.rows, &loss));
    memcpy(slope.rows + s.dim, slope.rows, s.dim * sizeof *slope.rows);
    direction_compare_all(&levels, &s, &rows, &slope, options);
    free(rows.rows), free(slope.rows);
    stage_close(&s);
    stage_close(&exact);
  }
  stage_check(&levels, FAMILY);
}

/* Blocks of 1, 10 and 100 updates: log of the root mean square tangent against log n has the slope -1/2. The standard
 * error is that of the mean of the squares over the blocks. */
static void the_angle_falls_as_the_root_of_the_draws(void **state) {
  (void)state;
  static const char *const ways[] = {"mlp:5-3 relu cross-entropy",   "group=1 samples=400",
                                     "mlp:5-4-3 relu cross-entropy", "group=3 samples=400",
                                     "mlp:5-4-3 tanh squared",       "group=1 samples=600"};
  for (size_t k = 0; k < 3; k++) {
    char options[STAGE_WORDS];
    stage s, exact;
    double g[STAGE_DIM], mean[3] = {0}, square[3] = {0}, angle = 0;
    snprintf(options, sizeof options, "noise=subspace smoothing=joint tau=0.04 %s", ways[2 * k + 1]);
    stage_open(&s, ways[2 * k], STAGE_PLAIN, 7, options);
    stage_open(&exact, ways[2 * k], STAGE_PLAIN, 7, "noise=weights group=0 tau=0.04");
    const sampled rows = direction_rows(&s, 2000);
    const sampled slopes = direction_slopes(&exact, &s.trainer->step.covariance, s.network.depth, 2 * PAIRS);
    direction_mean(&slopes, 0, slopes.count, g);
    for (size_t d = 0, block = 1; d < 3; d++, block *= 10) {
      const double blocks = (double)(rows.count / block);
      for (size_t b = 0; b + block <= rows.count; b += block) {
        const double t = direction_tangent2(&rows, b, block, g);
        mean[d] += t / blocks;
        square[d] += t * t / blocks;
      }
      square[d] = sqrt((square[d] - mean[d] * mean[d]) / blocks) / mean[d]; /* relative error of the mean square */
    }
    angle = sqrt(direction_tangent2(&rows, 0, rows.count, g));
    const double slope = 0.5 * log(mean[2] / mean[0]) / log(100), se = 0.5 * hypot(square[0], square[2]) / log(100);
    printf("# %s: tangent %.4f %.4f %.4f, all %.4f; slope %.4f, s.e. %.4f\n", ways[2 * k], sqrt(mean[0]), sqrt(mean[1]),
           sqrt(mean[2]), angle, slope, se);
    assert_true(sqrt(mean[0]) < 0.4); /* the tangent's denominator is the mean's, to first order */
    check_close(slope, -0.5, 4 * se + 0.5 * mean[0] / log(100));
    assert_true(angle < sqrt(1 / (0.999 * 0.999) - 1));
    free(rows.rows), free(slopes.rows);
    stage_close(&s);
    stage_close(&exact);
  }
}

/* Each layer on its own: its part is the gradient of E f(x + noise on it). */
static void layerwise_is_the_gradient_of_each_layers_objective(void **state) {
  (void)state;
  static const int groups[] = {1, 3, 0};
  stage_levels levels = {0};
  for (size_t k = 0; k < 6; k++) {
    char spec[STAGE_WORDS], options[STAGE_WORDS];
    stage s, exact;
    snprintf(spec, sizeof spec, "%s %s cross-entropy", models[1 + k % 2], k / 3 ? "tanh" : "relu");
    snprintf(options, sizeof options,
             "noise=subspace smoothing=layerwise layer-samples=60/40 group=%d antithetic=%s tau=0.08", groups[k % 3],
             k % 4 ? "true" : "false");
    stage_open(&s, spec, STAGE_PLAIN, 7, options);
    stage_open(&exact, spec, STAGE_PLAIN, 7, "noise=weights group=0 tau=0.08");
    const sampled rows = direction_rows(&s, UPDATES);
    for (size_t l = 0; l < s.network.depth; l++) {
      const swl_layer *layer = &s.network.layers[l];
      const sampled slopes = direction_slopes(&exact, &s.trainer->step.covariance, l, PAIRS / 2);
      direction_compare(&levels, &rows, &slopes, layer->offset, layer->offset + (layer->inputs + 1) * layer->outputs,
                        spec);
      free(slopes.rows);
    }
    free(rows.rows);
    stage_close(&s);
    stage_close(&exact);
  }
  stage_check(&levels, FAMILY);
}

/* Both noises with the same words. */
static void direction_both(stage_levels *levels, const char *spec, const char *common, const char *words) {
  char options[STAGE_WORDS], where[2 * STAGE_WORDS];
  sampled rows[2];
  stage s[2];
  for (int i = 0; i < 2; i++) {
    snprintf(options, sizeof options, "%s %s", common, i ? words : "noise=weights seed=77");
    stage_open(&s[i], spec, STAGE_PLAIN, 7, options);
    rows[i] = direction_rows(&s[i], UPDATES);
  }
  snprintf(where, sizeof where, "%s %s", spec, options);
  direction_compare_all(levels, &s[0], &rows[0], &rows[1], where);
  for (int i = 0; i < 2; i++) {
    free(rows[i].rows);
    stage_close(&s[i]);
  }
}

static void losses_without_slopes_give_what_weights_give(void **state) {
  (void)state;
  static const char *const groups[] = {"group=1", "group=3", "group=0"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 12; k++) {
    char spec[STAGE_WORDS], common[STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[k % 4], k % 3 ? "sign" : "relu",
             k / 6 ? "zero-one" : "cross-entropy");
    snprintf(common, sizeof common, "samples=32 %s antithetic=%s", groups[(k + k / 4) % 3], k % 5 ? "true" : "false");
    direction_both(&levels, spec, common, "noise=subspace smoothing=joint");
  }
  stage_check(&levels, FAMILY);
}

/* monotone = true: two passes, so that the centering of both is the same. Pairs only where they mean the same. */
static void local_entropy_gives_what_weights_give(void **state) {
  (void)state;
  static const char *const ways[] = {"group=1 antithetic=false monotone=true",
                                     "group=3",
                                     "group=3 antithetic=false",
                                     "group=0",
                                     "group=0 weighting=literal",
                                     "group=0 antithetic=false monotone=true"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 12; k++) {
    char spec[STAGE_WORDS], common[STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[(k + k / 4) % 4],
             k % 3 == 0   ? "sign"
             : k % 3 == 1 ? "relu"
                          : "tanh",
             k % 2 ? "squared" : "cross-entropy");
    snprintf(common, sizeof common, "regularizer=local-entropy beta=2 samples=32 %s", ways[k % 6]);
    direction_both(&levels, spec, common, "noise=subspace");
  }
  stage_check(&levels, FAMILY);
}

/* The fewest draws there can be, in one pass and (monotone) in two: no baseline may depend on what it is multiplied
 * with. */
static void the_baseline_of_heat_is_unbiased(void **state) {
  (void)state;
  stage_levels levels = {0};
  for (size_t k = 0; k < 8; k++) {
    char options[STAGE_WORDS];
    stage s, exact;
    snprintf(options, sizeof options, "noise=subspace smoothing=joint tau=0.3 samples=2 antithetic=%s %s %s",
             k % 2 ? "true" : "false", k / 2 % 2 ? "group=1" : "group=3", k / 4 ? "monotone=true" : "");
    stage_open(&s, "mlp:5-4-3 tanh squared", STAGE_PLAIN, 7, options);
    stage_open(&exact, "mlp:5-4-3 tanh squared", STAGE_PLAIN, 7, "noise=weights group=0 tau=0.3");
    const sampled rows = direction_rows(&s, 30 * UPDATES);
    const sampled slopes = direction_slopes(&exact, &s.trainer->step.covariance, s.network.depth, PAIRS);
    direction_compare_all(&levels, &s, &rows, &slopes, options);
    free(rows.rows), free(slopes.rows);
    stage_close(&s);
    stage_close(&exact);
  }
  stage_check(&levels, FAMILY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heat_is_the_gradient_of_its_objective),
      cmocka_unit_test(heat_of_a_linear_model_has_a_closed_form),
      cmocka_unit_test(the_baseline_of_heat_is_unbiased),
      cmocka_unit_test(the_angle_falls_as_the_root_of_the_draws),
      cmocka_unit_test(layerwise_is_the_gradient_of_each_layers_objective),
      cmocka_unit_test(losses_without_slopes_give_what_weights_give),
      cmocka_unit_test(local_entropy_gives_what_weights_give),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
