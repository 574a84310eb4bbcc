/* subspace.c - exact Gaussian noise on all weights of a dense network, at near the cost of the forward passes.
 *
 * source: MATH §6.4 and §6.5. One row of H: local reparameterization, Kingma, Salimans, Welling 2015; see also Wen et al.
 *         2018 (Flipout). The conditional expectation: Rao 1945, Blackwell 1947.
 *
 * computes  the same law of losses as noise = weights, and the sum Σ w E[E | losses' view of E] in the place of Σ w E.
 *
 *   symbol | code          | shape        | meaning
 *   -------|---------------|--------------|---------------------------------------------------------------------
 *   H      | clean.h       | B × n        | inputs of a layer; a column of ones belongs to it (the bias)
 *   E      |               | (n + 1) × m  | noise of a layer's weights, iid N(0, 1), times sqrt(tau)
 *   S      | seen          | w × m        | [H 1] E for the w examples that share E: all that the losses see of it
 *   L, Q   | factor        | w × r, r × (n + 1) | H Hᵀ = L Lᵀ; S has the law of L Z; E[E | S] = Qᵀ Z (factor.h)
 *   Z      | z             | r × m        | iid N(0, 1)
 *   ξ      | z             | m per example| group 1: S = |(h, 1)| ξ and E[E | S] = (h, 1) ξᵀ / |(h, 1)|
 *   w      | weights       | N × groups   | of the regularizer
 *
 * steps     prepare: (1) the clean pass; what lies before the first noisy layer is never computed again (2) L, Q per group.
 *           a pair of draws, in columns side by side: (3) normals, S, activation of both members in one pass over them
 *           (4) the layers above; a noisy layer with noisy inputs draws |(h, 1)| ξ for each example where group = 1, and
 *           E itself where examples share it (5) losses, weights (6) credit: Σ w Z, per pass.
 *           at the end: (7) Qᵀ Σ w Z, a matrix product per layer.
 *
 * way       Of a layer with clean inputs, whichever costs less per update for the w examples of a group: L Z needs
 *           w (n+w) w double multiply-adds once and r m normals per draw; E itself (n + 1) m normals and w (n + 1) m
 *           multiply-adds per draw (subspace_way_of). It never changes the law.
 * conditioning  (group 1, ReLU and sign units with clean inputs) what the unit hides of ξ is replaced by its mean (columns.h):
 *           the mean of the sum stays, its variance falls.
 * layerwise each layer is smoothed on its own, the others clean: then the sum's part for a layer comes from draws of that
 *           layer alone, and the objective is not the joint F_H (MATH §6.5): its gradient w.r.t. a layer is that of
 *           E f(x + noise on that layer).
 * low rank  (noise = low-rank) Z = A Bᵀ / sqrt(rank): approximate; see low_rank.c.
 *
 * cost      per pair, example and unit of a noisy layer about one normal, ten operations and the products of the layers
 *           above for both members. Memory: per worker 2 ld × Σ m floats (ld, 16 to 256 columns) and the normals of those
 *           columns; per pass the credit of its examples, B × m in all (× chunks where there are few micro-batches);
 *           shards × parameters of noisy layers with noisy inputs. Nothing grows with the number of draws but the table
 *           of losses.
 * randomness  purpose and update of `draws`; draw = number of the pair over all smoothings; group, or where group = 1 the micro-batch
 *           of 16 examples (64 in wide networks); coordinate = place of the layer + number.
 * deviates  sums over draws are in single precision within a pass: their rounding, 2^-25 sqrt(N) relative to the
 *           sum's standard deviation, is far below it; across passes in double.
 */
#include "noise/subspace.h"

#include "noise/subspace_draws.h"
#include "noise/subspace_lanes.h"
#include "noise/subspace_leaves.h"
#include "noise/subspace_split.h"

#include <math.h>
#include <string.h>

static size_t subspace_round(size_t count, size_t to) { return (count + to - 1) / to * to; }

/* Samples of layer `layer`: the last number of the option stands for the layers after it. */
static swale_status subspace_layer_samples(const swl_settings *settings, swale_context *context, size_t layer,
                                           size_t *samples) {
  const swl_list *given = &settings->layer_samples;
  *samples = (size_t)settings->samples;
  if (given->count > 0) *samples = (size_t)given->values[layer < given->count ? layer : given->count - 1];
  if (settings->antithetic && *samples % 2 != 0) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option layer-samples: %zu is odd; antithetic pairs need an even number (or antithetic = false)",
                    *samples);
  }
  return SWALE_OK;
}

static swale_status subspace_plan(const swl_settings *settings, const subspace *made, swl_plan *plan) {
  if (!made->layerwise) return SWALE_OK;
  plan->count = made->network->depth;
  if (settings->layer_samples.count > plan->count) {
    return swl_fail(made->problem->context, SWALE_ERROR_USAGE,
                    "option layer-samples: %zu numbers are more than the %zu layers", settings->layer_samples.count,
                    plan->count);
  }
  for (size_t l = 0; l < plan->count; l++) {
    size_t samples = 0;
    SWL_TRY(subspace_layer_samples(settings, made->problem->context, l, &samples));
    plan->first[l + 1] = plan->first[l] + samples;
  }
  return SWALE_OK;
}

/* The cheaper way for a layer with clean inputs, in nanoseconds of a core; never another law. */
static subspace_way subspace_way_of(const subspace *noise, size_t smoothing) {
  const double normal = 0.5, single = 0.012, exact = 0.15; /* heuristic: measured; a multiply-add in float, in double */
  const double n = (double)noise->network->layers[smoothing].inputs + 1,
               m = (double)noise->network->layers[smoothing].outputs;
  const double w = (double)noise->group, r = w < n ? w : n, pairs = (double)subspace_pairs(noise, smoothing);
  if (noise->group == 1) return subspace_is_split(noise, smoothing) ? SUBSPACE_SPLIT : SUBSPACE_SCALE;
  if (noise->low_rank) return noise->row_space && w <= n ? SUBSPACE_FACTOR : SUBSPACE_DIRECT;
  const double factor = w * (n + w) * w * exact + pairs * (r * m * normal + w * r * m * single);
  const double direct = pairs * (n * m * normal + w * n * m * single);
  return w <= n && factor < direct ? SUBSPACE_FACTOR : SUBSPACE_DIRECT;
}

static swale_status subspace_create_source(subspace *made, swl_arena *arena, size_t smoothing) {
  subspace_source *source = &made->source[smoothing];
  const size_t n = made->network->layers[smoothing].inputs, m = made->network->layers[smoothing].outputs;
  const size_t passes = subspace_passes(made, smoothing);
  source->stride = subspace_is_alone(source) ? m * made->width : source->most * m;
  source->credit = swl_arena_take(arena, passes * source->stride, sizeof(float));
  if (!source->credit) return SWALE_ERROR_MEMORY;
  source->rows = subspace_is_alone(source) ? made->batch : made->groups * source->most;
  if (source->way != SUBSPACE_DIRECT) {
    source->right = swl_arena_take(arena, source->rows * m, sizeof(float));
    if (!source->right) return SWALE_ERROR_MEMORY;
  }
  if (source->way == SUBSPACE_SPLIT) return subspace_split_create(made, arena);
  if (source->way == SUBSPACE_SCALE) return SWALE_OK;
  source->factors = swl_arena_take(arena, made->groups, sizeof *source->factors);
  float *lt = swl_arena_take(arena, source->rows * made->pad, sizeof(float));
  if (source->way == SUBSPACE_FACTOR) source->left = swl_arena_take(arena, source->rows * (n + 1), sizeof(float));
  if (!source->factors || !lt || (source->way == SUBSPACE_FACTOR && !source->left)) return SWALE_ERROR_MEMORY;
  for (size_t g = 0; g < made->groups; g++) {
    source->factors[g].lt = lt + g * source->most * made->pad;
    source->factors[g].q = source->left ? source->left + g * source->most * (n + 1) : NULL;
  }
  return SWALE_OK;
}

static size_t subspace_most(size_t a, size_t b) { return a > b ? a : b; }

/* Numbers of one draw (pair) of a layer. */
static size_t subspace_numbers(const subspace *noise, size_t layer) {
  const size_t n = noise->network->layers[layer].inputs, m = noise->network->layers[layer].outputs;
  if (noise->group == 1) return m * noise->width;
  const size_t rows = subspace_is_source(noise, layer) ? noise->source[layer].most : n + 1;
  return subspace_most(rows * m, noise->low_rank * (rows + m));
}

static int subspace_has_split(const subspace *noise) {
  const size_t depth = noise->network->depth;
  return depth > 1 && noise->source[depth - 2].way == SUBSPACE_SPLIT;
}

static swale_status subspace_create_scratch(subspace *made, swl_arena *arena, subspace_scratch *scratch) {
  const swl_network *network = made->network;
  const size_t ld = made->ld;
  size_t widest = 0, left = 0, panel = 0, deepest = 0;
  for (size_t l = 0; l < network->depth; l++) {
    const size_t n = network->layers[l].inputs, m = network->layers[l].outputs;
    const size_t numbers = subspace_most(made->together * subspace_numbers(made, l), m * ld);
    scratch->z[l] = swl_arena_take(arena, numbers, sizeof(float));
    scratch->h[l] = swl_arena_take(arena, m * 2 * ld, sizeof(float));
    if (!scratch->z[l] || !scratch->h[l]) return SWALE_ERROR_MEMORY;
    widest = subspace_most(widest, m);
    left = subspace_most(left, made->low_rank * subspace_most(made->pad, n + 1));
    if (subspace_is_source(made, l)) {
      if (made->group > 1 && made->source[l].way == SUBSPACE_FACTOR) deepest = subspace_most(deepest, n);
    } else {
      left = subspace_most(left, (n + 1) * ld);
      if (made->group > 1) panel = subspace_most(panel, subspace_most((n + 1) * m, made->low_rank * (n + 1 + m)));
    }
  }
  scratch->base = swl_arena_take(arena, widest * made->pad, sizeof(float));
  scratch->seen = swl_arena_take(arena, widest * made->pad, sizeof(float));
  scratch->left = swl_arena_take(arena, left, sizeof(float));
  scratch->square = swl_arena_take(arena, 2 * ld, sizeof(float));
  scratch->scale = swl_arena_take(arena, 2 * ld, sizeof(float));
  scratch->coef = swl_arena_take(arena, 2 * ld, sizeof(float));
  scratch->rows = swl_arena_take(arena, made->pad * network->outputs, sizeof(float));
  scratch->f = swl_arena_take(arena, 2 * ld, sizeof(double));
  scratch->w = swl_arena_take(arena, 2 * ld, sizeof(double));
  for (int i = 0; i < 2; i++) {
    scratch->panel[i] = swl_arena_take(arena, panel, sizeof(float));
    if (!scratch->panel[i]) return SWALE_ERROR_MEMORY;
  }
  SWL_TRY(subspace_leaves_scratch(made, arena, &scratch->spare));
  if (made->lanes) SWL_TRY(subspace_lanes_create(made, arena, &scratch->lanes));
  if (subspace_has_split(made)) {
    SWL_TRY(subspace_split_scratch_create(made, arena, &scratch->split));
  }
  if (!scratch->base || !scratch->seen || !scratch->left || !scratch->square || !scratch->scale || !scratch->coef ||
      !scratch->rows || !scratch->f || !scratch->w) {
    return SWALE_ERROR_MEMORY;
  }
  return deepest ? swl_factor_work_create(arena, made->group, deepest, &scratch->work) : SWALE_OK;
}

static int subspace_is_wide(const swl_network *network) {
  enum { WIDE = 1 << 16 }; /* heuristic: weights of a layer that are worth reading for many columns at once */
  for (size_t l = 1; l < network->depth; l++) {
    if (network->layers[l].outputs > SUBSPACE_NARROW && network->layers[l].inputs * network->layers[l].outputs >= WIDE)
      return 1;
  }
  return 0;
}

/* Examples of a micro-batch where each has draws of its own: a register, or more where large products follow. */
static size_t subspace_examples_together(const subspace *noise) {
  const size_t most = subspace_round(noise->batch, SUBSPACE_LANES), wide = 4 * SUBSPACE_LANES;
  return !subspace_is_wide(noise->network) ? SUBSPACE_LANES : most < wide ? most : wide;
}

/* How many pairs go through together: enough columns for full registers and wide products, few enough for the cache. */
static void subspace_choose_together(subspace *made) {
  const swl_network *network = made->network;
  const int wide = subspace_is_wide(network);
  const size_t budget = wide ? 1 << 20 : 1 << 18; /* heuristic: floats of normals; the smaller stay in the cache */
  size_t columns = SUBSPACE_LANES;                /* or more where a product follows; large ones want 256 */
  for (size_t l = 0; l + 1 < network->depth; l++) columns = subspace_is_fused(made, l) ? columns : wide ? 256 : 64;
  size_t most = 1, largest = 1;
  for (size_t b = 0; b < made->plan.count; b++) most = subspace_most(most, subspace_pairs(made, b));
  for (size_t l = 0; l < network->depth; l++) largest = subspace_most(largest, subspace_numbers(made, l));
  size_t together = made->width >= columns ? 1 : columns / made->width;
  while (together > 1 && together * largest > budget) together--;
  made->together = together < most ? together : most;
  made->ld = subspace_round(made->together * made->width, SUBSPACE_LANES);
}

/* Of the network, what every draw asks for. */
static void subspace_properties(subspace *made) {
  for (size_t l = 0; l < made->network->depth; l++) {
    const swl_activation *activation = swl_network_activation(made->network, l);
    made->bend[l] = activation ? activation->bend : SWL_BEND_NONE;
  }
  made->entropy = made->network->loss->cross_entropy;
}

static swale_status subspace_fill(subspace *made, const swl_settings *settings, swl_arena *arena, swl_team *team,
                                  swl_plan *plan) {
  const swl_network *network = made->network;
  const size_t depth = network->depth;
  uint64_t place = 0;
  SWL_TRY(subspace_plan(settings, made, plan));
  made->plan = *plan;
  SWL_TRY(swl_clean_create(settings, made->problem, arena, &made->clean));
  for (size_t l = 0; l < depth && subspace_is_source(made, l); l++) {
    subspace_source *source = &made->source[l];
    source->way = subspace_way_of(made, l);
    source->most = subspace_is_alone(source)        ? 1
                   : source->way == SUBSPACE_FACTOR ? made->group
                                                    : network->layers[l].inputs + 1;
  }
  subspace_choose_together(made);
  made->lanes = subspace_is_lanes(made);
  for (size_t b = 0; b < plan->count; b++) {
    if (made->lanes || made->source[b].way == SUBSPACE_SPLIT) plan->together = made->members * SUBSPACE_LANES;
  }
  for (size_t l = 0; l < depth; l++) {
    if (subspace_is_source(made, l)) SWL_TRY(subspace_create_source(made, arena, l));
    const size_t n = network->layers[l].inputs, m = network->layers[l].outputs;
    const size_t rows = subspace_most(n + 1, made->width);
    made->place[l] = place;
    place += subspace_round(subspace_most(rows * subspace_round(m, SUBSPACE_LANES), made->low_rank * (rows + m)),
                            SWL_TILE);
    if (subspace_is_source(made, l)) continue;
    const size_t passes = subspace_passes(made, 0), shards = passes < made->shards ? passes : made->shards;
    made->parts[l] = swl_arena_take(arena, shards * (n + 1) * m, sizeof(float));
    if (!made->parts[l]) return SWALE_ERROR_MEMORY;
  }
  if (swl_team_ranks(team)) {
    size_t draws = 0;
    for (size_t b = 0; b < plan->count; b++) draws = subspace_most(draws, plan->first[b + 1] - plan->first[b]);
    made->packed = swl_arena_take(arena, draws * made->groups, sizeof *made->packed);
    if (!made->packed) return SWALE_ERROR_MEMORY;
  }
  SWL_TRY(subspace_leaves_create(made, team, arena));
  made->scratch = swl_arena_take(arena, swl_team_size(team), sizeof *made->scratch);
  if (!made->scratch) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < swl_team_size(team); w++) SWL_TRY(subspace_create_scratch(made, arena, &made->scratch[w]));
  return SWALE_OK;
}

swale_status subspace_create(const swl_settings *settings, swale_problem *problem, swl_arena *arena, swl_team *team,
                             swl_plan *plan, size_t low_rank, void **self) {
  if (!problem->network) {
    return swl_fail(problem->context, SWALE_ERROR_UNSUPPORTED,
                    "noise %s lives in the layers of a network, and this loss is none; use noise = weights",
                    settings->noise);
  }
  if (problem->group > SWL_SUBSPACE_GROUP_MOST) {
    return swl_fail(problem->context, SWALE_ERROR_USAGE,
                    "noise %s: %zu examples share a draw; allowed are at most %d: use a smaller group or batch, or "
                    "noise = weights",
                    settings->noise, problem->group, SWL_SUBSPACE_GROUP_MOST);
  }
  subspace *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->network = problem->network;
  made->kernels = swl_kernels_find(swl_word_text(settings->kernels));
  made->columns = swl_columns();
  made->problem = problem;
  made->group = problem->group;
  made->groups = problem->groups;
  made->batch = problem->batch;
  made->width = made->group == 1 ? subspace_examples_together(made) : made->group;
  made->pad = subspace_round(made->width, SUBSPACE_LANES);
  made->microbatches = made->group == 1 ? (made->batch + made->width - 1) / made->width : made->groups;
  made->members = settings->antithetic ? 2 : 1;
  made->layerwise = settings->smoothing == SWL_SMOOTHING_LAYERWISE;
  made->conditioned = settings->conditioning;
  made->low_rank = low_rank;
  made->row_space = settings->row_space;
  made->shards = (size_t)settings->shards;
  subspace_properties(made);
  SWL_TRY(subspace_fill(made, settings, arena, team, plan));
  *self = made;
  return SWALE_OK;
}

static size_t subspace_size(const subspace *noise, size_t group) {
  const size_t first = group * noise->group, rest = noise->batch - first;
  return rest < noise->group ? rest : noise->group;
}

/* lt = [H 1]ᵀ */
static void subspace_direct(const subspace *noise, size_t w, size_t n, const float *h, swl_factor *factor) {
  factor->rows = n + 1;
  factor->triangular = 0;
  noise->columns->transpose(n, w, h, n, factor->lt, noise->pad);
  for (size_t b = 0; b < w; b++) factor->lt[n * noise->pad + b] = 1;
}

static swale_status subspace_factor_item(void *self, size_t worker, size_t item) {
  subspace *noise = self;
  const size_t layer = item / noise->groups, g = item % noise->groups;
  const size_t n = noise->network->layers[layer].inputs, w = subspace_size(noise, g);
  const float *h = noise->clean.h[layer] + g * noise->group * n;
  subspace_source *source = &noise->source[layer];
  if (source->way == SUBSPACE_DIRECT)
    subspace_direct(noise, w, n, h, &source->factors[g]);
  else
    swl_factor_make(&noise->scratch[worker].work, w, n, h, noise->pad, &source->factors[g]);
  return SWALE_OK;
}

swl_range subspace_examples(void *self, const swl_team *team) {
  const subspace *noise = self;
  return noise->firsts ? swl_clean_examples(team, noise->firsts) : swl_everything;
}

swale_status subspace_prepare(void *self, swl_team *team, const float *x, double sig, swl_covariance *covariance) {
  subspace *noise = self;
  SWL_TRY(swl_clean_run(&noise->clean, noise->problem, team, noise->firsts, x, sig, covariance)); /* (1) */
  if (subspace_has_split(noise)) return subspace_split_prepare(noise, team, x, covariance);
  if (noise->group == 1) return SWALE_OK;
  return swl_team_run(team, noise->plan.count * noise->groups, subspace_factor_item, noise); /* (2) */
}

swale_status subspace_evaluate(void *self, size_t worker, const swl_draws *draws, const float *x, swl_range range,
                               double *losses) {
  subspace *noise = self;
  const subspace_weights none = {NULL, NULL};
  size_t smoothing = 0;
  while (noise->plan.first[smoothing + 1] <= range.first) smoothing++;
  const size_t before = noise->plan.first[smoothing];
  for (size_t microbatch = 0; microbatch < noise->microbatches; microbatch++) {
    subspace_pass pass;
    subspace_open(&pass, noise, worker, draws, x, smoothing, microbatch);
    subspace_run(&pass, (range.first - before) / noise->members, (range.end - before) / noise->members, losses, &none,
                 NULL, NULL);
  }
  return SWALE_OK;
}

const size_t *subspace_owned(void *self) {
  const subspace *noise = self;
  return noise->firsts; /* which are groups, too */
}

const double *subspace_reference(void *self) {
  const subspace *noise = self;
  return noise->clean.reference;
}

double subspace_dimension(void *self) {
  const subspace *noise = self;
  double dimension = 0;
  for (size_t l = 0; l < noise->network->depth; l++) {
    const size_t n = noise->network->layers[l].inputs, m = noise->network->layers[l].outputs;
    const size_t rows = subspace_is_source(noise, l) ? noise->source[l].most : noise->group == 1 ? 1 : n + 1;
    dimension += (double)rows * (double)m;
  }
  return dimension;
}

static swale_status subspace_create_full(const swl_settings *settings, swale_problem *problem, swl_arena *arena,
                                         swl_team *team, swl_plan *plan, void **self) {
  return subspace_create(settings, problem, arena, team, plan, 0, self);
}

const swl_noise_ops swl_noise_subspace = {
    .head = {"subspace", "the same noise, drawn only where the losses see it; networks of dense layers, exact",
             "MATH §6.4; Kingma, Salimans, Welling 2015"},
    .layers = 1,
    .own = 1,
    .create = subspace_create_full,
    .examples = subspace_examples,
    .prepare = subspace_prepare,
    .evaluate = subspace_evaluate,
    .table = subspace_table,
    .combine = subspace_combine,
    .stream = subspace_stream,
    .owned = subspace_owned,
    .reference = subspace_reference,
    .dimension = subspace_dimension,
};
