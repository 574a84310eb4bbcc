/* subspace_lanes.c - draws that few examples share, sixteen draws (pairs) side by side in the lanes of a register.
 *
 * source: MATH §6.4; the arithmetic of subspace.c in another order.
 *
 * Where the columns of a product are the examples of a group, small groups leave registers half empty, every draw's
 * perturbed weights serve few columns, and a triangular L saves nothing. Here a lane is a draw: every operation fills its
 * registers, whatever the size of the group, and L Z stops at the diagonal. What a draw needs must be in the cache for
 * sixteen of them: for groups and layers that are small (subspace_is_lanes).
 *
 *   symbol | code   | shape              | meaning (LANES = 16 draws)
 *   -------|--------|--------------------|--------------------------------------------------------------
 *   Z      | z[0]   | m/U × r × U × LANES| normals of the first layer, by blocks of U units
 *   S      | seen   | w × U × LANES      | L Z of U units
 *   E      | z[l]   | (n + 1) × m × LANES| noise of a layer above
 *          | panel  | U × m × LANES      | x ± sigma E of U of its rows, a member each
 *          | u[l]   | w × m × LANES      | pre-activations, then outputs of a layer above, a member each
 *
 * steps     per LANES draws: (1) normals and S of U units (2) both members' outputs of these (3) their part of the layer
 *           above; then (4) the other layers (5) losses, weights (6) credit: Σ_lanes w Z.
 * cost      per pair as in subspace.c, with r (r + 1)/2 for r w multiply-adds in L Z. Memory: per worker LANES floats for
 *           each normal of a draw.
 * randomness  as in subspace.c, but a draw's number is that of the first pair of its LANES and the coordinate is LANES ×
 *           (its place among the normals of one draw) + lane.
 */
#include "noise/subspace_lanes.h"

#include "random/gaussian.h"

#include <math.h>
#include <string.h>

enum {
  LANES = SUBSPACE_LANES,
  UNITS = 8 /* heuristic: their S, members and panels fit into the first-level cache for 20 examples */
};

static size_t lanes_round(size_t count) { return (count + UNITS - 1) / UNITS * UNITS; }

/* Normals of a draw of a layer. */
static size_t lanes_numbers(const subspace *noise, size_t layer) {
  const swl_layer *at = &noise->network->layers[layer];
  return (layer == 0 ? noise->group * lanes_round(at->outputs) : (at->inputs + 1) * at->outputs);
}

int subspace_is_lanes(const subspace *noise) {
  enum { EXAMPLES = 64, NUMBERS = 1 << 13 }; /* heuristic: above, columns fill registers; half a megabyte of cache */
  const swl_network *network = noise->network;
  size_t numbers = 0;
  for (size_t l = 0; l < network->depth; l++) numbers += lanes_numbers(noise, l);
  return noise->group > 1 && noise->group <= EXAMPLES && noise->low_rank == 0 && !noise->layerwise &&
         network->depth > 1 && numbers <= NUMBERS && noise->source[0].way == SUBSPACE_FACTOR;
}

swale_status subspace_lanes_create(const subspace *noise, swl_arena *arena, subspace_lanes *made) {
  const swl_network *network = noise->network;
  const size_t w = noise->group, c = network->outputs;
  size_t widest = 0;
  for (size_t l = 0; l < network->depth; l++) {
    const size_t m = network->layers[l].outputs;
    made->z[l] = swl_arena_take(arena, lanes_numbers(noise, l) * LANES, sizeof(float));
    if (!made->z[l]) return SWALE_ERROR_MEMORY;
    for (size_t i = 0; l > 0 && i < noise->members; i++) {
      made->u[i][l] = swl_arena_take(arena, w * m * LANES, sizeof(float));
      if (!made->u[i][l]) return SWALE_ERROR_MEMORY;
    }
    widest = m > widest && l > 0 ? m : widest;
  }
  for (size_t i = 0; i < 2; i++) {
    made->h[i] = swl_arena_take(arena, w * UNITS * LANES, sizeof(float));
    made->panel[i] = swl_arena_take(arena, UNITS * widest * LANES, sizeof(float));
    if (!made->h[i] || !made->panel[i]) return SWALE_ERROR_MEMORY;
  }
  made->seen = swl_arena_take(arena, w * UNITS * LANES, sizeof(float));
  made->ones = swl_arena_take(arena, w * LANES, sizeof(float));
  made->rows = swl_arena_take(arena, LANES * c, sizeof(float));
  made->targets = swl_arena_take(arena, LANES * c, sizeof(float));
  if (!made->seen || !made->ones || !made->rows || !made->targets) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < w * LANES; i++) made->ones[i] = 1;
  return SWALE_OK;
}

/* LANES draws that are going through. */
typedef struct lanes_pass {
  const subspace_pass *pass;
  const subspace_lanes *scratch;
  swl_stream stream;
  size_t pair, first, end; /* the first pair; the lanes that are asked for */
  double f[2][LANES], w[2][LANES];
} lanes_pass;

static double lanes_sigma(const lanes_pass *at, size_t layer) {
  return sqrt(at->pass->draws->covariance->blocks[layer].tau);
}

static size_t lanes_rows(const lanes_pass *at) { return at->pass->noise->source[0].factors[at->pass->group].rows; }

/* Units of a layer that are taken together from `from` on. */
static size_t lanes_units(size_t m, size_t from) { return m - from < UNITS ? m - from : UNITS; }

static void lanes_activate(const lanes_pass *at, size_t layer, size_t count, float *h) {
  const subspace *noise = at->pass->noise;
  const swl_activation *activation = swl_network_activation(noise->network, layer);
  if (activation && noise->bend[layer] == SWL_BEND_NONE) activation->forward(count, h, h);
}

/* (1), (2): units from … of the first layer, in `h`. */
static void lanes_source(const lanes_pass *at, size_t from, size_t units) {
  enum { PANEL = 12 }; /* rows of S that end together */
  const subspace_pass *pass = at->pass;
  const subspace *noise = pass->noise;
  const swl_factor *factor = &noise->source[0].factors[pass->group];
  const size_t m = noise->network->layers[0].outputs, w = pass->w, ld = units * LANES;
  float *z = at->scratch->z[0] + from * noise->group * LANES, *seen = at->scratch->seen;
  swl_gaussian_fill(&at->stream, noise->place[0] * LANES + from * noise->group * LANES, factor->rows * ld, z);
  for (size_t b = 0; b < w; b += PANEL) {
    const size_t rows = w - b < PANEL ? w - b : PANEL;
    noise->columns->outer(rows, ld, factor->triangular ? b + rows : factor->rows, factor->lt + b, noise->pad, z, ld, 0,
                          seen + b * ld, ld);
  }
  noise->columns->members(noise->bend[0], w, units, noise->clean.u[0] + pass->first * m + from, m,
                          (float)lanes_sigma(at, 0), seen, at->scratch->h[0],
                          noise->members == 2 ? at->scratch->h[1] : NULL);
  for (size_t i = 0; i < noise->members; i++) lanes_activate(at, 0, w * ld, at->scratch->h[i]);
}

/* (3): the part of `layer` that comes from its inputs from …; h (w × units × LANES, stride ld) a member each. */
static void lanes_add(const lanes_pass *at, size_t layer, size_t from, size_t units, float *const *h, size_t ld) {
  const subspace *noise = at->pass->noise;
  const swl_layer *to = &noise->network->layers[layer];
  const size_t m = to->outputs;
  float *const *panel = at->scratch->panel;
  noise->columns->members(SWL_BEND_NONE, units, m, at->pass->x + to->offset + from * m, m,
                          (float)lanes_sigma(at, layer), at->scratch->z[layer] + from * m * LANES, panel[0],
                          noise->members == 2 ? panel[1] : NULL);
  for (size_t i = 0; i < noise->members && i < 2; i++) {
    noise->columns->weave(at->pass->w, m, units, h[i], ld, panel[i], at->scratch->u[i][layer]);
  }
}

/* Before and after the inputs of a layer: its normals, and zero; the bias, and the activation. */
static void lanes_begin(const lanes_pass *at, size_t layer) {
  const subspace *noise = at->pass->noise;
  swl_gaussian_fill(&at->stream, noise->place[layer] * LANES, lanes_numbers(noise, layer) * LANES,
                    at->scratch->z[layer]);
  for (size_t i = 0; i < noise->members; i++) {
    memset(at->scratch->u[i][layer], 0, at->pass->w * noise->network->layers[layer].outputs * LANES * sizeof(float));
  }
}

static void lanes_end(const lanes_pass *at, size_t layer) {
  const subspace *noise = at->pass->noise;
  const swl_layer *to = &noise->network->layers[layer];
  const swl_activation *activation = swl_network_activation(noise->network, layer);
  float *ones[2] = {at->scratch->ones, at->scratch->ones};
  lanes_add(at, layer, to->inputs, 1, ones, LANES);
  for (size_t i = 0; activation && i < noise->members; i++) {
    float *u = at->scratch->u[i][layer];
    activation->forward(at->pass->w * to->outputs * LANES, u, u);
  }
}

static void lanes_forward(const lanes_pass *at) {
  const subspace *noise = at->pass->noise;
  const swl_network *network = noise->network;
  const size_t m = network->layers[0].outputs;
  lanes_begin(at, 1);
  for (size_t from = 0; from < m; from += UNITS) {
    const size_t units = lanes_units(m, from);
    lanes_source(at, from, units);
    lanes_add(at, 1, from, units, at->scratch->h, units * LANES);
  }
  lanes_end(at, 1);
  for (size_t l = 2; l < network->depth; l++) { /* (4) */
    const size_t n = network->layers[l].inputs;
    lanes_begin(at, l);
    for (size_t from = 0; from < n; from += UNITS) {
      float *h[2] = {NULL};
      for (size_t i = 0; i < noise->members; i++) h[i] = at->scratch->u[i][l - 1] + from * LANES;
      lanes_add(at, l, from, lanes_units(n, from), h, n * LANES);
    }
    lanes_end(at, l);
  }
}

/* Mean losses over the examples, a lane each. */
static void lanes_losses(lanes_pass *at, size_t member) {
  const subspace_pass *pass = at->pass;
  const subspace *noise = pass->noise;
  const swl_network *network = noise->network;
  const swl_table *table = noise->clean.table;
  const size_t c = network->outputs;
  double *f = at->f[member], one[LANES];
  uint32_t labels[LANES] = {0};
  memset(f, 0, LANES * sizeof *f);
  for (size_t b = 0; b < pass->w; b++) {
    const float *u = at->scratch->u[member][network->depth - 1] + b * c * LANES;
    const size_t example = pass->first + b;
    for (size_t l = 0; table->labels && l < LANES; l++) labels[l] = table->labels[example];
    if (noise->entropy) {
      noise->columns->cross_entropy(c, LANES, u, LANES, labels, one);
    } else {
      float *rows = at->scratch->rows, *targets = at->scratch->targets;
      noise->columns->transpose(LANES, c, u, LANES, rows, c);
      for (size_t l = 0; table->targets && l < LANES; l++) {
        memcpy(targets + l * c, table->targets + example * c, c * sizeof *targets);
      }
      network->loss->evaluate(LANES, c, rows, table->labels ? labels : NULL, table->targets ? targets : NULL, one);
    }
    swl_weigh_losses(LANES, table->weights ? table->weights + example : NULL, 0, one);
    for (size_t l = 0; l < LANES; l++) f[l] += one[l];
  }
  for (size_t l = 0; l < LANES; l++) f[l] /= (double)pass->w;
}

/* (5) */
static void lanes_weigh(lanes_pass *at, double *losses, const subspace_weights *weights) {
  const subspace *noise = at->pass->noise;
  const size_t step = noise->members * noise->groups, count = at->end - at->first;
  const size_t group = at->pass->group;
  for (size_t member = 0; member < noise->members; member++) {
    const size_t place = ((at->pair + at->first) * noise->members + member) * noise->groups + group;
    lanes_losses(at, member);
    double *f = at->f[member] + at->first, *w = at->w[member] + at->first;
    for (size_t l = 0; losses && l < count; l++) losses[place + l * step] = f[l];
    if (weights->table) {
      for (size_t l = 0; l < count; l++) w[l] = weights->table[place + l * step];
    } else if (weights->rule) {
      double f0[LANES];
      for (size_t l = 0; l < count; l++) f0[l] = noise->clean.reference[group];
      weights->rule->stream(weights->rule->beta, noise->problem->shares[group], noise->plan.first[1], count, f, f0, w);
    }
  }
}

/* (6) */
static void lanes_credit(const lanes_pass *at, float *credit, float *const *parts) {
  const subspace *noise = at->pass->noise;
  const size_t m = noise->network->layers[0].outputs, rows = lanes_rows(at);
  float coef[LANES] = {0};
  for (size_t l = at->first; l < at->end; l++) {
    coef[l] = (float)(noise->members == 2 ? at->w[0][l] - at->w[1][l] : at->w[0][l]);
  }
  for (size_t from = 0; from < m; from += UNITS) {
    const size_t units = lanes_units(m, from);
    const float *z = at->scratch->z[0] + from * noise->group * LANES;
    for (size_t r = 0; r < rows; r++) noise->columns->dots(units, coef, z + r * units * LANES, credit + r * m + from);
  }
  for (size_t l = 1; l < noise->network->depth; l++) {
    noise->columns->dots(lanes_numbers(noise, l), coef, at->scratch->z[l], parts[l]);
  }
}

void subspace_lanes_run(subspace_pass *pass, size_t first, size_t end, double *losses, const subspace_weights *weights,
                        float *credit, float *const *parts) {
  const swl_draws *draws = pass->draws;
  for (size_t pair = first / LANES * LANES; pair < end; pair += LANES) {
    lanes_pass at = {.pass = pass, .scratch = &pass->scratch->lanes, .pair = pair};
    at.stream = swl_stream_make(draws->key, draws->purpose, draws->update, draws->offset + pair, (uint32_t)pass->group);
    at.first = pair < first ? first - pair : 0;
    at.end = end - pair < LANES ? end - pair : LANES;
    lanes_forward(&at);
    lanes_weigh(&at, losses, weights);
    if (weights->table || weights->rule) lanes_credit(&at, credit, parts);
  }
}
