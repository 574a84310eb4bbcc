/* test_subspace_split.c - the layer below the outputs, drawn by its split: law, mean and variance.
 *
 * Hand arguments. f is the loss of one example, E ((n + 1) × m) the noise of that layer alone, tau its variance.
 * (1) The loss of a draw has the law of f(x + sqrt(tau) E), that of a pair the joint law of f(x ± sqrt(tau) E), those of
 *     two examples are independent. Here E is made by an LCG and Box and Muller, and f by the network at the point in
 *     the space of all parameters. Kolmogorov and Smirnov, for single examples. Units that only add, that bend and that
 *     are silent occur, as counted from a clean pass of the test's own.
 * (2) Mean of the direction = the layer's part of grad E f(x + sqrt(tau) E): where f has a slope by backpropagation at
 *     normals of the test's own, averaged; else that of conditioning = false, whose draws are another way (SCALE).
 * (3) The sum Σ w E[E | losses' view] / … has the covariance of Σ w E less that of what is left out, so a smaller trace.
 * (4) Trace by hand, one example, no unit bends. The outputs move by s Wᵀ ξ over the units A that only add; a f that is
 *     linear over that range moves by s q·ξ with q = W ∂f/∂outputs, zero where a unit is silent. K pairs (or draws) with
 *     ξ in R^d give (1/K) Σ (q·ξ) ξ, of mean q, and since E (q·ξ)² |ξ|² = (d + 2) |q|², of trace (d + 1) |q|² / K. All
 *     units: d = m. The split: ξ is projected on the range of W over A, which q is in: d = rank W <= c. So the ratio is
 *     (rank + 1) / (m + 1), and, as the layer's part is (h, 1) (s/…) times it, |grad f|² (d + 1) / K the trace itself.
 *     Curvature adds terms of the order of s² |w|² = 1e-5 here; losses are rounded by 2^-24 of 1, s |q| is 1e-3:
 *     1e-3 are allowed for both.
 * Levels of a family add up to 1e-4 (Bonferroni); variances: four standard errors.
 */
#include "test_subspace_units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 4000, EXAMPLES = 3, COUNT = 7, UPDATES = 1200, PROJECTIONS = 4, NORMALS = 8000 };
#define FAMILY 1e-4

typedef struct law_case {
  const char *spec, *options;
  size_t samples;  /* of the layer, per update */
  double tau, off; /* off: factor of the tau of the draws; 1 */
  units_layout layout;
  int classes; /* bits: 1 some add, 2 some bend, 4 some are silent, and no others; 0: whatever */
} law_case;

static const size_t law_examples[EXAMPLES] = {0, 3, COUNT - 1};

static int law_classes(const stage *s, double tau, size_t example) {
  const units_count count = units_of(&s->network, s->trainer->x, s->table.inputs + example * s->network.inputs, tau);
  return (count.adds > 0) + 2 * (count.bends > 0) + 4 * (count.silent > 0);
}

/* f of the examples at x ± sqrt(tau) E: [member][example][draw]; each example has an E of its own. */
typedef double law_losses[2][EXAMPLES][PAIRS];

static void law_oracle(stage *s, double tau, uint64_t seed, law_losses out) {
  const swl_layer *layer = &s->network.layers[s->network.depth - 2];
  const size_t size = (layer->inputs + 1) * layer->outputs;
  const double scale = sqrt(tau);
  float point[STAGE_DIM];
  double z[STAGE_DIM];
  memcpy(point, s->trainer->x, s->dim * sizeof *point);
  for (size_t k = 0; k < PAIRS; k++) {
    for (size_t e = 0; e < EXAMPLES; e++) {
      units_normals(&seed, size, z);
      for (int member = 0; member < 2; member++) {
        const double sign = member ? -scale : scale;
        for (size_t i = 0; i < size; i++) {
          point[layer->offset + i] = (float)(s->trainer->x[layer->offset + i] + sign * z[i]);
        }
        check_ok(s->context,
                 s->problem->ops->evaluate(s->problem->self, 0, law_examples[e], point, &out[member][e][k]));
      }
    }
  }
}

static void law_draws(stage *s, law_losses out) {
  const swl_plan *plan = &s->trainer->sampling.plan;
  const size_t block = s->network.depth - 2, members = s->settings.antithetic ? 2 : 1;
  const size_t pairs = (plan->first[block + 1] - plan->first[block]) / members;
  assert_true(PAIRS % pairs == 0);
  double *losses = calloc(PAIRS / pairs * s->draws * s->groups, sizeof *losses);
  stage_losses(s, 0, PAIRS / pairs, losses);
  for (size_t k = 0; k < PAIRS; k++) {
    for (size_t member = 0; member < members; member++) {
      const size_t draw = k / pairs * s->draws + plan->first[block] + k % pairs * members + member;
      for (size_t e = 0; e < EXAMPLES; e++) out[member][e][k] = losses[draw * s->groups + law_examples[e]];
    }
  }
  free(losses);
}

typedef enum pick { PICK_PLUS, PICK_MINUS, PICK_PAIR, PICK_SUM, PICK_DIFFERENCE, PICKS } pick;

static void law_pick(law_losses from, pick what, size_t e, double *out) {
  const size_t other = (e + 1) % EXAMPLES;
  for (size_t k = 0; k < PAIRS; k++) {
    const double plus = from[0][e][k], minus = from[1][e][k], next = from[0][other][k];
    out[k] = what == PICK_PLUS    ? plus
             : what == PICK_MINUS ? minus
             : what == PICK_PAIR  ? plus + minus
             : what == PICK_SUM   ? plus + next
                                  : plus - next;
  }
}

static int law_order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Behind sign units a loss has a few values, which two ways of summing round differently: numbers closer than 1e-6 to
 * the next are made one. */
static void law_join(double *a, double *b) {
  qsort(a, PAIRS, sizeof *a, law_order);
  qsort(b, PAIRS, sizeof *b, law_order);
  double last = -INFINITY, value = last;
  for (size_t i = 0, j = 0; i < PAIRS || j < PAIRS;) {
    double *next = j == PAIRS || (i < PAIRS && a[i] <= b[j]) ? &a[i++] : &b[j++];
    if (*next - last > 1e-6) value = *next;
    last = *next;
    *next = value;
  }
}

static void law_compare(stage_levels *levels, const law_case *with, uint64_t seed) {
  static law_losses made, hand;
  static double a[PAIRS], b[PAIRS];
  stage s;
  units_stage(&s, with->spec, COUNT, with->options, with->samples, with->off * with->tau, UNITS_AS_IS);
  float x[STAGE_DIM];
  memcpy(x, s.trainer->x, s.dim * sizeof *x);
  units_place(&s.network, x, &s.table, with->tau, with->layout);
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, x));
  for (size_t e = 0; e < EXAMPLES; e++) {
    const int classes = law_classes(&s, with->tau, law_examples[e]);
    if (with->classes && classes != with->classes) print_error("%s: classes %d\n", with->spec, classes);
    assert_true(!with->classes || classes == with->classes);
  }
  law_draws(&s, made);
  law_oracle(&s, with->tau, seed, hand);
  for (pick what = PICK_PLUS; what < PICKS; what++) {
    if (!s.settings.antithetic && (what == PICK_MINUS || what == PICK_PAIR)) continue;
    for (size_t e = 0; e < EXAMPLES; e++) {
      char where[2 * STAGE_WORDS];
      snprintf(where, sizeof where, "%s %s tau=%g layout %d, statistic %d, example %zu", with->spec, with->options,
               with->tau, (int)with->layout, (int)what, e);
      law_pick(made, what, e, a);
      law_pick(hand, what, e, b);
      if (strcmp(s.network.activation->name, "sign") == 0) law_join(a, b);
      stage_level(levels, stage_smirnov(PAIRS, a, PAIRS, b), where);
    }
  }
  stage_close(&s);
}

/* Depth × activation × loss × pairs, every one; the generator, the covariance and the number of draws go round. Placed units:
 * some add, some bend, some are silent; every third case with the parameters as they come, near the edges too. */
static void losses_have_the_law_of_noise_on_the_layer(void **state) {
  (void)state;
  static const char *const models[] = {"mlp:5-9-3", "mlp:5-4-8-3"};
  static const char *const losses[] = {"cross-entropy", "squared", "zero-one"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 24; k++) {
    char spec[STAGE_WORDS], options[STAGE_WORDS];
    const size_t antithetic = k / 12, samples = k % 5 == 4 ? 80 : PAIRS;
    snprintf(spec, sizeof spec, "%s %s %s", models[k % 2], k / 2 % 2 ? "sign" : "relu", losses[k / 4 % 3]);
    snprintf(options, sizeof options, "antithetic=%s generator=%s", antithetic ? "true" : "false",
             (k + k / 2 + k / 4) % 2 ? "block" : "philox");
    const double taus[] = {0.04, 0.15, 0.01, 0.6};
    const law_case with = {.spec = spec,
                           .options = options,
                           .samples = samples * (1 + antithetic),
                           .tau = taus[(k + k / 4) % 4],
                           .off = 1,
                           .layout = k % 3 == 2 ? UNITS_AS_IS : UNITS_PLACED,
                           .classes = k % 3 == 2 ? 0 : 7};
    law_compare(&levels, &with, 1000 + k);
  }
  stage_check(&levels, FAMILY);
}

/* G without an inverse: fewer units that add than outputs, outputs with the same weights, or nearly (one loss sees nothing but their difference), or a combination,
 * units without weights, one output only. */
static void outputs_that_depend_on_each_other_have_the_law(void **state) {
  (void)state;
  static const struct {
    const char *spec;
    units_layout layout;
  } ways[] = {{"mlp:5-4-9 relu cross-entropy", UNITS_PLACED},
              {"mlp:5-9-3 relu squared", UNITS_TWINS},
              {"mlp:5-9-3 relu squared", UNITS_NEAR},
              {"mlp:5-9-4 relu cross-entropy", UNITS_COMBINED},
              {"mlp:5-9-3 relu squared", UNITS_ZEROS},
              {"mlp:5-7-1 relu squared", UNITS_PLACED},
              {"mlp:5-9-2 relu cross-entropy", UNITS_ADDING_NEAR}, /* single: a pair's sum is quadratic, all rounding */
              {"mlp:5-3-32 relu squared", UNITS_PLACED},
              {"mlp:5-9-3 relu zero-one", UNITS_TWINS}};
  stage_levels levels = {0};
  for (size_t k = 0; k < 9; k++) {
    const law_case with = {.spec = ways[k].spec,
                           .options = k % 3 ? "antithetic=true" : "antithetic=false generator=block",
                           .samples = k % 3 ? 2 * PAIRS : PAIRS,
                           .tau = k % 2 ? 0.04 : 0.2,
                           .off = 1,
                           .layout = ways[k].layout,
                           .classes = ways[k].layout < UNITS_ADDING ? 7 : 5};
    law_compare(&levels, &with, 2000 + k);
  }
  stage_check(&levels, FAMILY);
}

/* tau so small that no unit bends, and so large that all do. One pair per update: no lane but the first. */
static void so_have_extreme_covariances_and_single_pairs(void **state) {
  (void)state;
  static const law_case ways[] = {
      {"mlp:5-9-3 relu cross-entropy", "", 2 * PAIRS, 1e-4, 1, UNITS_ADDING, 5},
      {"mlp:5-4-8-3 relu squared", "antithetic=false", PAIRS, 1e-4, 1, UNITS_ADDING, 5},
      {"mlp:5-9-3 relu squared", "", 2 * PAIRS, 9, 1, UNITS_AS_IS, 2},
      {"mlp:5-9-3 sign cross-entropy", "antithetic=false", PAIRS, 9, 1, UNITS_AS_IS, 2},
      {"mlp:5-9-3 relu squared", "", 2, 0.1, 1, UNITS_PLACED, 7},
      {"mlp:5-4-8-3 relu cross-entropy", "antithetic=false generator=block", 2, 0.1, 1, UNITS_PLACED, 7},
      {"mlp:5-9-3 sign squared", "", 2, 0.1, 1, UNITS_PLACED, 7}};
  stage_levels levels = {0};
  for (size_t k = 0; k < 7; k++) law_compare(&levels, &ways[k], 3000 + k);
  stage_check(&levels, FAMILY);
}

/* The test would see what it is there to see: a tau that is 15 % off; 30 % with sign units, which show only
 * whether they flip. */
static void another_law_is_seen(void **state) {
  (void)state;
  static const law_case ways[] = {{"mlp:5-9-3 relu squared", "", 2 * PAIRS, 0.1, 1.15, UNITS_PLACED, 7},
                                  {"mlp:5-9-3 relu squared", "", 2 * PAIRS, 0.1, 1 / 1.15, UNITS_ADDING, 5},
                                  {"mlp:5-4-8-3 sign squared", "", 2 * PAIRS, 0.05, 1.3, UNITS_AS_IS, 0}};
  for (size_t k = 0; k < 3; k++) {
    stage_levels levels = {0};
    law_compare(&levels, &ways[k], 4000 + k);
    printf("# level %.2e\n", levels.least);
    assert_true(levels.least < FAMILY / 1000);
  }
}

/* The layer's part of directions: rows (count × size). */
typedef struct sampled {
  size_t count, size;
  float *rows;
} sampled;

static const swl_layer *sampled_layer(const stage *s) { return &s->network.layers[s->network.depth - 2]; }

static sampled sampled_new(const stage *s, size_t count) {
  const swl_layer *layer = sampled_layer(s);
  const size_t size = (layer->inputs + 1) * layer->outputs;
  return (sampled){count, size, calloc(count * size, sizeof(float))};
}

static sampled sampled_draws(stage *s, size_t updates) {
  const sampled made = sampled_new(s, updates);
  for (size_t u = 0; u < updates; u++) {
    memcpy(made.rows + u * made.size, stage_gradient(s, u) + sampled_layer(s)->offset, made.size * sizeof(float));
  }
  return made;
}

/* grad f of the whole batch at x ± sqrt(tau) E: the mean of a pair. */
static sampled sampled_slopes(const stage *s, stage *whole, uint64_t seed, size_t pairs) {
  const sampled made = sampled_new(s, pairs);
  const size_t offset = sampled_layer(s)->offset;
  float point[STAGE_DIM], slope[STAGE_DIM];
  double z[STAGE_DIM], loss = 0;
  assert_int_equal(whole->groups, 1);
  memcpy(point, s->trainer->x, s->dim * sizeof *point);
  for (size_t k = 0; k < pairs; k++) {
    units_normals(&seed, made.size, z);
    for (int sign = -1; sign < 2; sign += 2) {
      const double scale = sign * sqrt(s->settings.tau);
      for (size_t i = 0; i < made.size; i++) point[offset + i] = (float)(s->trainer->x[offset + i] + scale * z[i]);
      check_ok(s->context, whole->problem->ops->gradient(whole->problem->self, 0, 0, point, slope, &loss));
      for (size_t i = 0; i < made.size; i++) made.rows[k * made.size + i] += 0.5F * slope[offset + i];
    }
  }
  return made;
}

static double sampled_z(const sampled *a, const sampled *b, const double *direction, double *size) {
  const stage_moments x = stage_project(a->count, a->size, a->rows, direction);
  const stage_moments y = stage_project(b->count, b->size, b->rows, direction);
  const double se = sqrt(x.variance / (double)a->count + y.variance / (double)b->count);
  *size = fabs(y.mean) / se;
  return (x.mean - y.mean) / se;
}

/* Random directions, and that of b's own mean, where a factor of the direction would show: more than `least` standard
 * errors long. */
static void sampled_compare(stage_levels *levels, const sampled *a, const sampled *b, double least, const char *what) {
  uint64_t state = 77;
  double size = 0;
  for (int p = 0; p <= PROJECTIONS; p++) {
    double direction[STAGE_DIM] = {0};
    for (size_t i = 0; p < PROJECTIONS && i < a->size; i++) direction[i] = stage_number(&state);
    for (size_t k = 0; p == PROJECTIONS && k < b->count; k++) {
      for (size_t i = 0; i < a->size; i++) direction[i] += b->rows[k * b->size + i] / (double)b->count;
    }
    stage_z(levels, sampled_z(a, b, direction, &size), what);
  }
  printf("# %-110s %4.0f s.e.\n", what, size);
  assert_true(size > least);
}

/* (2) by backpropagation */
static void the_mean_is_the_gradient_of_the_smoothed_loss(void **state) {
  (void)state;
  static const law_case ways[] = {
      {"mlp:5-9-3 relu cross-entropy", "", 64, 0.05, 1, UNITS_PLACED, 0},
      {"mlp:5-4-8-3 relu squared", "", 64, 0.05, 1, UNITS_PLACED, 0},
      {"mlp:5-9-3 relu squared", "antithetic=false generator=block", 90, 0.05, 1, UNITS_PLACED, 0},
      {"mlp:5-4-9 relu cross-entropy", "", 30, 0.1, 1, UNITS_PLACED, 0},
      {"mlp:5-9-3 relu squared", "", 40, 0.05, 1, UNITS_TWINS, 0},
      {"mlp:5-9-4 relu cross-entropy", "antithetic=false", 64, 0.05, 1, UNITS_COMBINED, 0},
      {"mlp:5-9-3 relu squared", "", 40, 0.05, 1, UNITS_ZEROS, 0},
      {"mlp:5-9-3 relu cross-entropy", "", 64, 2, 1, UNITS_AS_IS, 0},
      {"mlp:5-4-8-3 relu cross-entropy", "generator=block", 2, 0.03, 1, UNITS_AS_IS, 0}};
  stage_levels levels = {0};
  for (size_t k = 0; k < 9; k++) {
    const law_case *with = &ways[k];
    char what[2 * STAGE_WORDS];
    stage s, whole;
    units_stage(&s, with->spec, COUNT, with->options, with->samples, with->tau, with->layout);
    stage_open(&whole, with->spec, STAGE_PLAIN, COUNT, "noise=weights group=0");
    const sampled a = sampled_draws(&s, UPDATES), b = sampled_slopes(&s, &whole, 5000 + k, NORMALS);
    snprintf(what, sizeof what, "%s %s tau=%g layout %d", with->spec, with->options, with->tau, (int)with->layout);
    sampled_compare(&levels, &a, &b, 15, what);
    free(a.rows), free(b.rows);
    stage_close(&s);
    stage_close(&whole);
  }
  stage_check(&levels, FAMILY);
}

typedef struct trace_of {
  double trace, se;
} trace_of;

static trace_of sampled_trace(const sampled *a) {
  const double n = (double)a->count;
  double *mean = calloc(a->size, sizeof *mean), sum = 0, square = 0;
  for (size_t k = 0; k < a->count; k++) {
    for (size_t i = 0; i < a->size; i++) mean[i] += a->rows[k * a->size + i] / n;
  }
  for (size_t k = 0; k < a->count; k++) {
    double far = 0;
    for (size_t i = 0; i < a->size; i++) {
      far += (a->rows[k * a->size + i] - mean[i]) * (a->rows[k * a->size + i] - mean[i]);
    }
    sum += far, square += far * far;
  }
  free(mean);
  return (trace_of){sum / n, sqrt((square / n - sum / n * (sum / n)) / n)};
}

/* (2) by the other way, and (3) */
static void the_mean_stays_and_the_variance_falls(void **state) {
  (void)state;
  stage_levels levels = {0};
  for (size_t k = 0; k < 12; k++) {
    static const char *const losses[] = {"zero-one", "squared", "cross-entropy"};
    char spec[STAGE_WORDS], options[2 * STAGE_WORDS];
    stage s[2];
    sampled rows[2];
    trace_of t[2];
    snprintf(spec, sizeof spec, "%s %s %s", k % 2 ? "mlp:5-4-8-3" : "mlp:5-9-3", k / 2 % 2 ? "sign" : "relu",
             losses[k / 4]);
    for (int i = 0; i < 2; i++) {
      snprintf(options, sizeof options, "conditioning=%s antithetic=%s generator=%s seed=%d", i ? "true" : "false",
               (k + k / 4) % 2 ? "true" : "false", k % 3 ? "philox" : "block", 60 + i);
      units_stage(&s[i], spec, COUNT, options, 40, 0.15, UNITS_PLACED);
      rows[i] = sampled_draws(&s[i], 2 * UPDATES);
      t[i] = sampled_trace(&rows[i]);
    }
    snprintf(options, sizeof options, "%s antithetic=%d", spec, s[0].settings.antithetic);
    const double z = (t[0].trace - t[1].trace) / hypot(t[0].se, t[1].se);
    printf("# traces %.3g and %.3g, ratio %.3f, %.1f s.e. apart\n", t[0].trace, t[1].trace, t[1].trace / t[0].trace, z);
    sampled_compare(&levels, &rows[1], &rows[0], 5, options);
    assert_true(z > 4);
    for (int i = 0; i < 2; i++) free(rows[i].rows), stage_close(&s[i]);
  }
  stage_check(&levels, FAMILY);
}

/* (4) */
static void a_linear_loss_has_the_trace_by_hand(void **state) {
  (void)state;
  static const struct {
    law_case with;
    size_t rank;
  } ways[] = {{{"mlp:5-12-3 relu squared", "", 16, 1e-6, 1, UNITS_ADDING, 0}, 3},
              {{"mlp:5-4-24-4 relu cross-entropy", "antithetic=false", 16, 1e-6, 1, UNITS_ADDING, 0}, 4},
              {{"mlp:5-12-4 relu squared", "generator=block", 64, 1e-6, 1, UNITS_ADDING_TWINS, 0}, 3},
              {{"mlp:5-4-9 relu squared", "", 16, 1e-6, 1, UNITS_ADDING, 0}, 3},
              {{"mlp:5-30-1 relu squared", "", 16, 1e-6, 1, UNITS_ADDING, 0}, 1}};
  for (size_t k = 0; k < 5; k++) {
    const law_case *with = &ways[k].with;
    double d[2], trace[2], se[2], square = 0;
    for (int i = 0; i < 2; i++) {
      char options[STAGE_WORDS];
      stage s, whole;
      snprintf(options, sizeof options, "%s conditioning=%s", with->options, i ? "true" : "false");
      units_stage(&s, with->spec, 1, options, with->samples, with->tau, with->layout);
      stage_open(&whole, with->spec, STAGE_PLAIN, 1, "noise=weights group=0");
      const sampled rows = sampled_draws(&s, 4 * UPDATES), slope = sampled_slopes(&s, &whole, 1, 1);
      const trace_of t = sampled_trace(&rows);
      const double pairs = (double)with->samples / (s.settings.antithetic ? 2 : 1);
      square = 0;
      for (size_t j = 0; j < slope.size; j++) square += (double)slope.rows[j] * slope.rows[j];
      d[i] = i ? (double)ways[k].rank : (double)sampled_layer(&s)->outputs;
      trace[i] = t.trace * pairs / square, se[i] = t.se * pairs / square;
      free(rows.rows), free(slope.rows);
      stage_close(&s);
      stage_close(&whole);
    }
    printf("# %-36s K trace / |grad|²: %.3f and %.3f, by hand %.0f and %.0f; ratio %.4f, by hand %.4f\n", with->spec,
           trace[0], trace[1], d[0] + 1, d[1] + 1, trace[1] / trace[0], (d[1] + 1) / (d[0] + 1));
    for (int i = 0; i < 2; i++) check_close(trace[i], d[i] + 1, 4 * se[i] + 1e-3 * (d[i] + 1));
    const double ratio = (d[1] + 1) / (d[0] + 1);
    check_close(trace[1] / trace[0], ratio, ratio * (4 * hypot(se[0] / trace[0], se[1] / trace[1]) + 2e-3));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(losses_have_the_law_of_noise_on_the_layer),
      cmocka_unit_test(outputs_that_depend_on_each_other_have_the_law),
      cmocka_unit_test(so_have_extreme_covariances_and_single_pairs),
      cmocka_unit_test(another_law_is_seen),
      cmocka_unit_test(the_mean_is_the_gradient_of_the_smoothed_loss),
      cmocka_unit_test(the_mean_stays_and_the_variance_falls),
      cmocka_unit_test(a_linear_loss_has_the_trace_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
