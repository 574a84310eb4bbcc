/* test_subspace_split_numbers.c - what a draw of the layer below the outputs is, number by number, and in what pieces.
 *
 * Hand arguments.
 * (1) Weight 1 on one loss of the table: `combine` hands over V = E[E | losses' view], on that layer alone. Each example
 *     has draws of its own, so V = (h, 1)ᵀ v / |(h, 1)|, v one number per unit, and the pre-activations at x + sqrt(tau) V
 *     are u + s v. Over the units that only add, v = W G⁺ Wᵀ ξ is the projection of ξ on the range of W: the outputs move
 *     as by ξ, |v_j| <= |g|, the size of its at most c normals, and only if u + s v_j stays above 0 the network itself
 *     agrees; which is asserted, with 5 % of room at each unit for |g| < 1.05 UNITS_MOST, odds of 1e-7 for c = 3. A unit
 *     that bends keeps ξ or, off in all members of the draw, has the mean of those ξ that keep it off; a sign has the
 *     mean of those that leave it as it is; so the network at x + sqrt(tau) V has the loss of the draw, for relu and
 *     sign. Rounding: as in test_subspace_draws.c, 2^-14 (1 + |f|).
 * (2) Of what the losses cannot see nothing is left: v = 0 exactly at silent units and at signs that cannot flip, no
 *     part of v over the adding units is orthogonal to W, v = 0 where the unit is off in both
 *     members.
 * (3) Sums over draws are linear in the weights, but for their rounding, 2^-24 of a few summands times the condition of W
 *     over the units that only add, up to 1e5 for outputs that are nearly twins; so here, in (1) and in (2). A draw is a
 *     function of its number, so cuts, shards, micro-batches and threads do not change a byte of a loss, nor threads one of a
 *     sum; stream hands over what combine does of its weights.
 * (4) Normals of different draws, examples, layers, updates and rounds are not the same: with a chain of single units that
 *     only add, losses are monotone in one normal each, so equal normals would give a correlation near 1; those of
 *     independent ones are N(0, 1/n).
 */
#include "test_subspace_units.h"

#include "noise/subspace.h"
#include "regularizer/regularizer.h"
#include "train/resolve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY 1e-4
static const double bound = 0x1p-14;

/* A noise without a trainer: any size, any number of threads. */
typedef struct piece {
  swale_context *context;
  swale_options *options;
  swl_settings settings;
  swl_network network;
  swl_table table, seen;
  swale_problem *problem;
  swl_team *team;
  swl_arena *arena;
  swl_plan plan;
  swl_covariance covariance;
  void *self;
  float *x, *sum;
  double *losses;
  size_t draws, cells, members, smoothing;
} piece;

static void piece_words(piece *p, const char *words) {
  char copy[STAGE_WORDS], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    assert_non_null(value);
    *value = '\0';
    check_ok(p->context, swale_options_set(p->options, word, value + 1));
  }
}

static void piece_table(piece *p, size_t count) {
  const size_t n = p->network.inputs, m = p->network.outputs;
  uint64_t state = 99 + n;
  p->table = (swl_table){.count = count,
                         .inputs = calloc(count * n, sizeof(float)),
                         .labels = calloc(count, sizeof(uint32_t)),
                         .targets = calloc(count * m, sizeof(float))};
  for (size_t i = 0; i < count * n; i++) p->table.inputs[i] = (float)stage_number(&state);
  for (size_t i = 0; i < count * m; i++) p->table.targets[i] = (float)stage_number(&state);
  for (size_t b = 0; b < count; b++) p->table.labels[b] = (uint32_t)((stage_number(&state) + 1) / 2 * (double)m);
  p->seen = p->table;
  if (p->network.loss->classification)
    p->seen.targets = NULL;
  else
    p->seen.labels = NULL;
}

static void piece_parameters(piece *p, units_layout layout) {
  uint64_t state = 31;
  p->x = calloc(p->network.dim, sizeof(float));
  for (size_t l = 0; l < p->network.depth; l++) {
    const swl_layer *layer = &p->network.layers[l];
    for (size_t i = 0; i < (layer->inputs + 1) * layer->outputs; i++) {
      p->x[layer->offset + i] = (float)(1.7 / sqrt((double)layer->inputs) * stage_number(&state));
    }
  }
  units_place(&p->network, p->x, &p->table, p->settings.tau, layout);
}

static swl_draws piece_draws(const piece *p, uint64_t update, uint64_t offset) {
  return (swl_draws){.key = swl_settings_key(&p->settings),
                     .purpose = SWL_PURPOSE_DRAW,
                     .update = update,
                     .offset = offset,
                     .samples = p->draws,
                     .antithetic = p->settings.antithetic,
                     .covariance = &p->covariance};
}

static void piece_prepare(piece *p) {
  swl_covariance_even(p->problem, p->settings.tau, &p->covariance);
  check_ok(p->context, swl_noise_subspace.prepare(p->self, p->team, p->x, 0, &p->covariance));
}

/* spec as in stage_open; `samples` of the layer; options on top of what it takes to split. */
static void piece_open(piece *p, const char *spec, size_t count, const char *options, size_t samples, double tau,
                       units_layout layout, size_t threads) {
  char copy[STAGE_WORDS], words[STAGE_WORDS], numbers[STAGE_WORDS], *rest = NULL;
  *p = (piece){0};
  snprintf(copy, sizeof copy, "%s", spec);
  const char *model = strtok_r(copy, " ", &rest), *activation = strtok_r(NULL, " ", &rest);
  const char *loss = strtok_r(NULL, " ", &rest);
  assert_int_equal(swale_context_create(NULL, &p->context), SWALE_OK);
  check_ok(p->context, swale_options_create(p->context, &p->options));
  check_ok(p->context, swl_network_parse(p->context, model, activation, loss, &p->network));
  units_samples(p->network.depth, samples, numbers, sizeof numbers);
  snprintf(words, sizeof words,
           "kernels=reference batch=0 regularizer=heat optimizer=sgd noise=subspace smoothing=layerwise group=1 sig=0 "
           "beta=1 seed=5 threads=%zu tau=%.17g",
           threads, tau);
  piece_words(p, words);
  piece_words(p, numbers);
  piece_words(p, options);
  check_ok(p->context, swl_settings_resolve(p->context, p->options, 1, &p->settings));
  piece_table(p, count);
  piece_parameters(p, layout);
  check_ok(p->context,
           swl_network_problem_create(p->context, &p->settings, &p->network, &p->seen, threads, 0, &p->problem));
  check_ok(p->context, swl_team_create(p->context, threads, &p->team));
  check_ok(p->context, swl_arena_create(p->context, &p->arena));
  p->plan = (swl_plan){.count = 1, .first = {0, (size_t)p->settings.samples}};
  check_ok(p->context, swl_noise_subspace.create(&p->settings, p->problem, p->arena, p->team, &p->plan, &p->self));
  p->draws = p->plan.first[p->plan.count];
  p->cells = p->draws * p->problem->groups;
  p->members = p->settings.antithetic ? 2 : 1;
  p->smoothing = p->network.depth - 2;
  p->losses = calloc(p->cells, sizeof *p->losses);
  p->sum = calloc(p->network.dim, sizeof *p->sum);
  piece_prepare(p);
}

static void piece_close(piece *p) {
  swl_arena_destroy(p->arena);
  swl_team_destroy(p->team);
  swale_problem_destroy(p->problem);
  swale_options_destroy(p->options);
  swale_context_destroy(p->context);
  free(p->table.inputs), free(p->table.labels), free(p->table.targets);
  free(p->x), free(p->sum), free(p->losses);
}

static void piece_evaluate(piece *p, const swl_draws *draws, size_t first, size_t end, double *losses) {
  check_ok(p->context,
           swl_noise_subspace.evaluate(p->self, 0, draws, p->x, (swl_range){.first = first, .end = end}, losses));
}

static void piece_losses(piece *p, uint64_t update, uint64_t offset, double *losses) {
  const swl_draws draws = piece_draws(p, update, offset);
  for (size_t b = 0; b < p->plan.count; b++) piece_evaluate(p, &draws, p->plan.first[b], p->plan.first[b + 1], losses);
}

static void piece_combine(piece *p, uint64_t update, const double *weights, float *sum) {
  const swl_draws draws = piece_draws(p, update, 0);
  check_ok(p->context, swl_noise_subspace.combine(p->self, p->team, &draws, p->x, weights, sum));
}

static double piece_loss_at(piece *p, size_t example, const float *sum) {
  float *point = calloc(p->network.dim, sizeof *point);
  double loss = NAN;
  for (size_t i = 0; i < p->network.dim; i++) point[i] = (float)(p->x[i] + sqrt(p->settings.tau) * sum[i]);
  check_ok(p->context, p->problem->ops->evaluate(p->problem->self, 0, example, point, &loss));
  free(point);
  return loss;
}

/* V = (h, 1)ᵀ v / |(h, 1)|, and nothing elsewhere; v (m). */
static void numbers_unfold(const piece *p, const units_clean *clean, double *v) {
  const swl_layer *layer = &p->network.layers[p->smoothing];
  const size_t n = layer->inputs, m = layer->outputs;
  const double size = sqrt(clean->square);
  for (size_t i = 0; i < p->network.dim; i++) {
    if (i < layer->offset || i >= layer->offset + (n + 1) * m) assert_true(p->sum[i] == 0);
  }
  for (size_t j = 0; j < m; j++) {
    v[j] = 0;
    for (size_t i = 0; i <= n; i++) {
      v[j] += (i < n ? clean->h[i] : 1) * p->sum[layer->offset + i * m + j] / size;
    }
    for (size_t i = 0; i <= n; i++) {
      const double hand = (i < n ? clean->h[i] : 1) * v[j] / size;
      check_close(p->sum[layer->offset + i * m + j], hand, 0x1p-20 * (1 + fabs(v[j])));
    }
  }
}

/* |part of v (over the units in `adds`) that is orthogonal to the columns of W|², by Gram and Schmidt, twice. condition
 * becomes at least the most that a column loses in size. */
static double numbers_rest(const piece *p, const int *adds, const double *v, double *condition) {
  const swl_layer *top = &p->network.layers[p->smoothing + 1];
  const size_t m = top->inputs, c = top->outputs;
  double *q = calloc((c + 1) * m, sizeof *q), rest = 0;
  for (size_t a = 0; a <= c; a++) {
    double *column = q + a * m, before = 0, after = 0;
    for (size_t j = 0; j < m; j++) {
      column[j] = !adds[j] ? 0 : a == c ? v[j] : p->x[top->offset + j * c + a];
      before += column[j] * column[j];
    }
    for (size_t k = 0; k < 2 * a; k++) {
      double dot = 0;
      for (size_t j = 0; j < m; j++) dot += q[k % a * m + j] * column[j];
      for (size_t j = 0; j < m; j++) column[j] -= dot * q[k % a * m + j];
    }
    for (size_t j = 0; j < m; j++) after += column[j] * column[j];
    const double scale = after > 1e-12 * before ? 1 / sqrt(after) : 0; /* a combination of those before it */
    for (size_t j = 0; a < c && j < m; j++) column[j] *= scale;
    if (a < c && scale > 0) *condition = fmax(*condition, sqrt(before / after));
    if (a == c) rest = after;
  }
  free(q);
  return rest;
}

static double numbers_rounding(double condition) { return 0x1p-19 + 0x1p-22 * condition; }

/* (2) of one draw */
static void numbers_check_view(const piece *p, const units_clean *clean, const double *v, double *condition) {
  const size_t m = p->network.layers[p->smoothing].outputs;
  const double s = sqrt(p->settings.tau * clean->square), edge = UNITS_MOST * s;
  const int relu = strcmp(p->network.activation->name, "relu") == 0;
  int adds[UNITS_LAYER];
  double square = 0;
  for (size_t j = 0; j < m; j++) {
    const double u = clean->u[j];
    adds[j] = relu && u > edge;
    square += adds[j] ? v[j] * v[j] : 0;
    if (u < -edge || (!relu && u > edge)) assert_true(v[j] == 0);
    if (adds[j]) assert_true(u + s * v[j] > 0 && u - s * v[j] > 0);
    if (p->members == 2 && relu && !adds[j] && u + s * fabs(v[j]) < -1e-5) assert_true(v[j] == 0);
    if (p->members == 2 && !relu && v[j] != 0) assert_true(s * fabs(v[j]) > fabs(u) * 0.9999);
  }
  const double rest = numbers_rest(p, adds, v, condition), rounding = numbers_rounding(*condition);
  assert_true(rest <= 16 * rounding * rounding * (square + 0x1p-20));
}

/* (1), (2) and that sums are linear; some cells of the layer's block. The share of losses that the noise moved. */
static double numbers_check(piece *p, size_t cells, const char *what) {
  const size_t groups = p->problem->groups, from = p->plan.first[p->smoothing] * groups;
  const size_t count = p->plan.first[p->smoothing + 1] * groups - from, skip = count < cells ? 1 : count / cells;
  double *one = calloc(p->cells, sizeof *one), *all = calloc(p->cells, sizeof *all), v[UNITS_LAYER];
  double *total = calloc(p->network.dim, sizeof *total), *size = calloc(p->network.dim, sizeof *size);
  uint64_t state = 8;
  double condition = 1;
  size_t differ = 0, seen = 0;
  piece_losses(p, 3, 0, p->losses);
  for (size_t c = from + count % skip; c < from + count; c += skip, seen++) {
    const size_t example = c % groups;
    units_clean clean;
    units_pass(&p->network, p->x, p->table.inputs + example * p->network.inputs, &clean);
    all[c] = stage_number(&state), one[c] = 1;
    piece_combine(p, 3, one, p->sum);
    one[c] = 0;
    numbers_unfold(p, &clean, v);
    numbers_check_view(p, &clean, v, &condition);
    const double close = bound + numbers_rounding(condition);
    const double at = piece_loss_at(p, example, p->sum);
    if (!(fabs(p->losses[c] - at) <= close * (1 + fabs(at)))) print_error("%s: cell %zu\n", what, c);
    check_close(p->losses[c], at, close * (1 + fabs(at)));
    for (size_t i = 0; i < p->network.dim; i++) total[i] += all[c] * p->sum[i], size[i] += fabs(all[c] * p->sum[i]);
    memset(p->sum, 0, p->network.dim * sizeof *p->sum);
    differ += fabs(at - piece_loss_at(p, example, p->sum)) > 10 * bound * (1 + fabs(at));
  }
  piece_combine(p, 3, all, p->sum);
  for (size_t i = 0; i < p->network.dim; i++)
    check_close(p->sum[i], total[i], numbers_rounding(condition) * (size[i] + 1));
  free(one), free(all), free(total), free(size);
  return (double)differ / (double)seen;
}

/* Depth, activation, loss, pairs, layout, examples and samples go round. */
static void a_loss_is_that_at_what_it_sees_of_its_noise(void **state) {
  (void)state;
  static const char *const models[] = {"mlp:5-9-3", "mlp:5-4-8-3", "mlp:5-4-9",
                                       "mlp:4-7-1", "mlp:3-40-5",  "mlp:2-3-4-33-2"};
  static const char *const losses[] = {"cross-entropy", "squared", "zero-one", "huber"};
  static const size_t samples[] = {2, 34, 64, 90}, counts[] = {1, 19, 33};
  static const units_layout layouts[] = {UNITS_PLACED, UNITS_AS_IS,  UNITS_TWINS, UNITS_NEAR,
                                         UNITS_PLACED, UNITS_ADDING, UNITS_ZEROS};
  double moved = 0;
  for (size_t k = 0; k < 84; k++) {
    char spec[STAGE_WORDS], what[2 * STAGE_WORDS];
    piece p;
    snprintf(spec, sizeof spec, "%s %s %s", models[k % 6], k % 5 < 3 ? "relu" : "sign", losses[k % 6 == 3 ? 1 : k % 4]);
    const double tau = k % 3 ? 0.05 : 0.003;
    const char *options = k / 2 % 2 ? "antithetic=true" : "antithetic=false generator=block shards=7";
    snprintf(what, sizeof what, "%s %s tau=%g layout %d", spec, options, tau, (int)layouts[k % 7]);
    piece_open(&p, spec, counts[k / 3 % 3], options, samples[k / 5 % 4], tau, layouts[k % 7], 1);
    moved += numbers_check(&p, 60, what) / 84;
    piece_close(&p);
  }
  printf("# %.0f %% of the losses moved\n", 100 * moved);
  assert_true(moved > 0.4); /* zero-one and sign often stay */
}

/* The edges: u at 1.1 and 0.9 of UNITS_MOST s, above and below 0, in turn. A single draw leaves no unit that may bend at
 * v = 0, as far as it is from it: φ(0.9 · 6.23) = 6e-8; and draws it on its own: more units than outputs are not in the
 * range of W. */
static void units_bend_as_far_as_normals_reach(void **state) {
  (void)state;
  static const double places[] = {1.1, 0.9, -0.9, -1.1};
  for (size_t k = 0; k < 2; k++) {
    piece p;
    units_clean clean;
    double v[UNITS_LAYER];
    piece_open(&p, k ? "mlp:5-4-16-2 sign squared" : "mlp:5-16-2 relu squared", 1, "antithetic=false", 48, 0.05,
               UNITS_AS_IS, 1);
    const swl_layer *layer = &p.network.layers[p.smoothing];
    units_pass(&p.network, p.x, p.table.inputs, &clean);
    for (size_t j = 0; j < 16; j++) {
      const double u = places[j % 4] * UNITS_MOST * sqrt(p.settings.tau * clean.square);
      p.x[layer->offset + layer->inputs * 16 + j] += (float)(u - clean.u[j]);
    }
    units_pass(&p.network, p.x, p.table.inputs, &clean);
    piece_prepare(&p);
    for (size_t draw = p.plan.first[p.smoothing]; draw < p.plan.first[p.smoothing + 1]; draw++) {
      double *one = calloc(p.cells, sizeof *one), condition = 1;
      int above[UNITS_LAYER];
      one[draw] = 1;
      piece_combine(&p, 3, one, p.sum);
      numbers_unfold(&p, &clean, v);
      numbers_check_view(&p, &clean, v, &condition);
      for (size_t j = 0; j < 16; j++) {
        above[j] = j % 4 < 2;
        if (j % 4 == 1 || j % 4 == 2) assert_true(v[j] != 0);
      }
      if (k == 0) assert_true(numbers_rest(&p, above, v, &condition) > 0.01);
      free(one);
    }
    piece_close(&p);
  }
}

/* Wide micro-batches: 64 examples, and a last one of 6. */
static void wide_networks_too(void **state) {
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    piece p;
    piece_open(&p, k ? "mlp:3-300-256-3 sign squared" : "mlp:3-300-256-3 relu cross-entropy", 70, "", 34, 0.01,
               k ? UNITS_AS_IS : UNITS_PLACED, 1);
    assert_int_equal(((const subspace *)p.self)->width, 64);
    assert_true(numbers_check(&p, 12, "wide") > 0.5);
    piece_close(&p);
  }
}

/* (3): evaluate in any pieces; stream; combine of stream's weights. Sums of the losses' rule to `sum`. */
static void pieces_check(piece *p, const double *whole, float *sum) {
  static const size_t steps[] = {1, 7, 16, 19, 33};
  const size_t groups = p->problem->groups, first = p->plan.first[p->smoothing], end = p->plan.first[p->smoothing + 1];
  const swl_draws draws = piece_draws(p, 9, 0);
  const swl_rule rule = {.beta = 1, .stream = swl_regularizer_heat.stream};
  const double *reference = swl_noise_subspace.reference(p->self);
  double *weights = calloc(p->cells, sizeof *weights);
  for (size_t k = 0; k < 5; k++) {
    memset(p->losses, 0, p->cells * sizeof *p->losses);
    for (size_t at = first; at < end; at += steps[k] * p->members) {
      const size_t to = at + steps[k] * p->members;
      piece_evaluate(p, &draws, at, to < end ? to : end, p->losses);
    }
    assert_memory_equal(p->losses + first * groups, whole + first * groups, (end - first) * groups * sizeof *whole);
  }
  memset(p->losses, 0, p->cells * sizeof *p->losses);
  check_ok(p->context, swl_noise_subspace.stream(p->self, p->team, &draws, p->x, &rule, p->losses, sum));
  assert_memory_equal(p->losses, whole, p->cells * sizeof *whole);
  for (size_t b = 0; b < p->plan.count; b++) {
    for (size_t c = p->plan.first[b] * groups; c < p->plan.first[b + 1] * groups; c++) {
      rule.stream(1, p->problem->shares[c % groups], p->plan.first[b + 1] - p->plan.first[b], 1, whole + c,
                  reference + c % groups, weights + c);
    }
  }
  piece_combine(p, 9, weights, p->sum);
  assert_memory_equal(p->sum, sum, p->network.dim * sizeof *sum);
  free(weights);
}

/* 1, 2 and 3 threads; other shards: the same losses, and sums but for their rounding. */
static void pieces_and_threads_do_not_change_a_byte(void **state) {
  (void)state;
  static const char *const specs[] = {"mlp:5-9-3 relu cross-entropy", "mlp:5-4-8-3 sign squared",
                                      "mlp:3-40-5 relu zero-one", "mlp:3-300-256-3 relu cross-entropy"};
  static const size_t counts[] = {35, 16, 3, 70}, samples[] = {90, 2, 200, 34};
  for (size_t k = 0; k < 8; k++) {
    double *whole = NULL, size = 0;
    float *sums[4];
    for (size_t threads = 1; threads < 5; threads++) { /* the last: two threads, other shards */
      piece p;
      char options[STAGE_WORDS];
      snprintf(options, sizeof options, "antithetic=%s shards=%d", k / 4 ? "false" : "true", threads == 4 ? 3 : 64);
      piece_open(&p, specs[k % 4], counts[k % 4], options, samples[k % 4], 0.05, UNITS_PLACED, threads % 3 + 1);
      assert_int_equal(((const subspace *)p.self)->source[p.smoothing].way, SUBSPACE_SPLIT);
      if (!whole) {
        whole = calloc(p.cells, sizeof *whole);
        piece_losses(&p, 9, 0, whole);
      }
      sums[threads - 1] = calloc(p.network.dim, sizeof(float));
      pieces_check(&p, whole, sums[threads - 1]);
      for (size_t i = 0; i < p.network.dim; i++) size = fmax(size, fabs((double)sums[0][i]));
      for (size_t i = 0; i < p.network.dim; i++) check_close(sums[threads - 1][i], sums[0][i], 0x1p-18 * size);
      if (threads < 4) assert_memory_equal(sums[threads - 1], sums[0], p.network.dim * sizeof(float));
      piece_close(&p);
    }
    free(whole);
    for (size_t t = 0; t < 4; t++) free(sums[t]);
  }
}

enum { BLOCKS = 20, UPDATES = 30, LINE = 16 * BLOCKS * UPDATES, LIKES = 16 };

/* Losses [layer][example] of all draws of all updates. */
typedef double lines[2][LIKES][LINE];

static void streams_lines(piece *p, uint64_t offset, lines out) {
  for (size_t u = 0; u < UPDATES; u++) {
    piece_losses(p, u, offset, p->losses);
    for (size_t layer = 0; layer < 2; layer++) {
      for (size_t d = 0; d < 16 * BLOCKS; d++) {
        for (size_t e = 0; e < LIKES; e++) {
          out[layer][e][u * 16 * BLOCKS + d] = p->losses[(p->plan.first[layer] + d) * p->problem->groups + e];
        }
      }
    }
  }
}

/* sqrt(n) times the correlation of a[0], a[step], … with b[0], b[step], … */
static double streams_z(const double *a, const double *b, size_t step, size_t size) {
  double sum[5] = {0}, n = 0;
  for (size_t i = 0; i < size; i += step, n++) {
    sum[0] += a[i], sum[1] += b[i], sum[2] += a[i] * a[i], sum[3] += b[i] * b[i], sum[4] += a[i] * b[i];
  }
  const double aa = sum[2] / n - sum[0] / n * (sum[0] / n), bb = sum[3] / n - sum[1] / n * (sum[1] / n);
  assert_true(aa > 0 && bb > 0);
  return (sum[4] / n - sum[0] / n * (sum[1] / n)) / sqrt(aa * bb) * sqrt(n);
}

/* (4) */
static void no_normal_is_used_twice(void **state) {
  (void)state;
  static lines here, later;
  static const float chain[] = {1, 6, 1, 6, 1, 6}; /* three layers, weight and bias: 6 s above any bend */
  stage_levels levels = {0};
  double before = NAN;
  for (size_t k = 0; k < 2; k++) {
    piece p;
    char options[STAGE_WORDS];
    snprintf(options, sizeof options, "antithetic=false generator=%s layer-samples=%d", k ? "block" : "philox",
             16 * BLOCKS);
    piece_open(&p, "mlp:1-1-1-1 relu squared", LIKES, options, 2, 1e-4, UNITS_AS_IS, 1);
    assert_int_equal(p.network.dim, 6);
    memcpy(p.x, chain, sizeof chain);
    piece_prepare(&p);
    streams_lines(&p, 0, here);
    streams_lines(&p, p.draws, later);
    assert_true(here[1][0][0] != before); /* each generator has its own */
    before = here[1][0][0];
    for (size_t e = 0; e < LIKES; e++) {
      const double *line = here[1][e], *next = here[1][(e + 1) % LIKES];
      stage_z(&levels, streams_z(line, next, 1, LINE), "examples");
      stage_z(&levels, streams_z(line, line + 1, 1, LINE - 1), "neighbors");
      stage_z(&levels, streams_z(line, line + 16, 1, LINE - 16), "blocks");
      stage_z(&levels, streams_z(line, line + (size_t)16 * BLOCKS, 1, LINE - 16 * BLOCKS), "updates");
      stage_z(&levels, streams_z(line, later[1][e], 1, LINE), "rounds");
      stage_z(&levels, streams_z(line, here[0][e], 1, LINE), "layers");
      for (size_t f = 0; f < LIKES; f++) { /* lane e of a block, the example f of its first draw below */
        stage_z(&levels, streams_z(line + f, here[0][f], 16, LINE - 15), "lanes and layers");
        stage_z(&levels, streams_z(here[1][f] + e, here[0][e], 16, LINE - 15), "lanes and layers");
      }
    }
    piece_close(&p);
  }
  stage_check(&levels, FAMILY);
}

/* Where an example has draws of its own below few outputs, behind relu or sign, each layer on its own. */
static void the_split_is_where_it_should_be(void **state) {
  (void)state;
  static const struct {
    const char *spec, *options;
    int split;
  } ways[] = {{"mlp:5-9-3 relu squared", "", 1},
              {"mlp:5-9-3 sign cross-entropy", "antithetic=false", 1},
              {"mlp:5-4-9-32 relu zero-one", "", 1},
              {"mlp:5-9-33 relu squared", "", 0},
              {"mlp:5-9-3 tanh squared", "", 0},
              {"mlp:5-9-3 relu squared", "conditioning=false", 0},
              {"mlp:5-9-3 relu squared", "layer-samples= smoothing=joint", 0},
              {"mlp:5-9-3 relu squared", "group=3", 0}};
  for (size_t k = 0; k < 8; k++) {
    piece p;
    piece_open(&p, ways[k].spec, 6, ways[k].options, 8, 0.1, UNITS_AS_IS, 1);
    for (size_t l = 0; l < p.network.depth; l++) {
      const int split = ((const subspace *)p.self)->source[l].way == SUBSPACE_SPLIT;
      assert_int_equal(split, ways[k].split && l == p.smoothing);
    }
    piece_close(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loss_is_that_at_what_it_sees_of_its_noise),
      cmocka_unit_test(units_bend_as_far_as_normals_reach),
      cmocka_unit_test(wide_networks_too),
      cmocka_unit_test(pieces_and_threads_do_not_change_a_byte),
      cmocka_unit_test(no_normal_is_used_twice),
      cmocka_unit_test(the_split_is_where_it_should_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
