/* subspace_split.c - draws of the layer below the outputs, one example at a time, where each example has its own.
 *
 * source: MATH §6.5 (what the loss cannot see of a draw is replaced by its conditional mean), applied from above as
 *         subspace.c applies it from below.
 *
 * A normal number is never drawn beyond SWL_GAUSSIAN_MOST. So of the units of a ReLU layer that get the noise s ξ,
 * s = sqrt(tau) |(h, 1)|, most only add, or are silent, in every draw; few bend. The outputs see those that only add
 * through c numbers:
 *
 *   symbol | code     | shape       | meaning
 *   -------|----------|-------------|-------------------------------------------------------------------
 *   u      | clean.u  | m           | clean pre-activations of the example
 *   A      |          |             | units that only add: ReLU, u > SWL_GAUSSIAN_MOST s
 *   M      | unit     | k           | units that may bend: |u| <= SWL_GAUSSIAN_MOST s
 *   W      | rows     | m × c       | weights of the output layer
 *   G      | gram     | c × c       | Σ over A of w wᵀ, w a row of W
 *   L      | lower    | c × c       | G = L Lᵀ
 *   g      | z, first | c × LANES   | iid N(0, 1): s Wᵀξ over A has the law of s L g
 *   ξ      | z, rest  | k × LANES   | iid N(0, 1) of the units in M
 *
 * computes  the same law of losses as drawing ξ for every unit, and E[ξ | what the losses see]: over A, W G⁺ Wᵀξ =
 *           W L⁻ᵀ g; over M as in columns.h; 0 over the silent ones. c + k numbers in the place of m, and a sum whose
 *           variance comes from as many directions.
 *
 * steps     prepare: (1) G and L of each example. LANES draws (pairs) of one example at once, a lane each:
 *           (2) normals (3) outputs = Σ over rows of [s L; W_M] times [±g; g(u ± s ξ)], and what is clean
 *           (4) losses, weights (5) credit: Σ w [g; E ξ]. At the end of an example: (6) its row of Σ w E[ξ | …].
 * exact     G is summed and factored in double. A pivot below 2^-40 of the largest entry counts as zero: then its output
 *           is a combination of those before it.
 * cost      an example: |A| c²/2 + c³/6 multiply-adds; a pair: c + k normals, 2 c (c + k) multiply-adds.
 * randomness  purpose and update of `draws`; draw = number of the first of LANES pairs; group = example; coordinate =
 *           LANES × row + lane.
 */
#include "noise/subspace_split.h"

#include "random/gaussian.h"

#include <math.h>
#include <string.h>

#define SPLIT_TOLERANCE 0x1p-40 /* as in factor.c */
#define SPLIT_SINGLE 0x1p-8     /* heuristic: of the pivots' roots; then W y keeps 16 of 24 bits */

enum { LANES = SUBSPACE_LANES };

/* Entries of a symmetric c × c matrix, and the same rounded up for whole registers. */
static size_t split_triangle(size_t c) { return c * (c + 1) / 2; }
static size_t split_padded(size_t c) { return (split_triangle(c) + 7) / 8 * 8; }

int subspace_is_split(const subspace *noise, size_t smoothing) {
  const swl_network *network = noise->network;
  return noise->group == 1 && noise->low_rank == 0 && noise->layerwise && noise->conditioned &&
         smoothing + 2 == network->depth && network->outputs <= SUBSPACE_NARROW &&
         (noise->bend[smoothing] == SWL_BEND_RELU || noise->bend[smoothing] == SWL_BEND_SIGN);
}

swale_status subspace_split_create(subspace *noise, swl_arena *arena) {
  const swl_network *network = noise->network;
  const size_t c = network->outputs, m = network->layers[network->depth - 1].inputs;
  noise->split.lower = swl_arena_take(arena, noise->batch * c * c, sizeof(double));
  noise->split.products = swl_arena_take(arena, m * split_padded(c), sizeof(double));
  noise->split.turned = swl_arena_take(arena, m * c, sizeof(float));
  return noise->split.lower && noise->split.products && noise->split.turned ? SWALE_OK : SWALE_ERROR_MEMORY;
}

swale_status subspace_split_scratch_create(const subspace *noise, swl_arena *arena, subspace_split_scratch *made) {
  const swl_network *network = noise->network;
  const size_t c = network->outputs, m = network->layers[network->depth - 1].inputs;
  made->unit = swl_arena_take(arena, m, sizeof *made->unit);
  made->u = swl_arena_take(arena, (c + m) * LANES, sizeof(float));
  made->z = swl_arena_take(arena, (c + m) * LANES, sizeof(float));
  made->sum = swl_arena_take(arena, (c + m) * LANES, sizeof(float));
  made->h = swl_arena_take(arena, (c + m) * 2 * LANES, sizeof(float));
  made->rows = swl_arena_take(arena, (c + m) * c, sizeof(float));
  made->outputs = swl_arena_take(arena, c * 2 * LANES, sizeof(float));
  made->base = swl_arena_take(arena, c, sizeof(float));
  made->turned = swl_arena_take(arena, 2 * LANES * c, sizeof(float));
  made->targets = swl_arena_take(arena, 2 * LANES * c, sizeof(float));
  made->gram = swl_arena_take(arena, split_padded(c), sizeof(double));
  made->y = swl_arena_take(arena, c, sizeof(float));
  made->all = swl_arena_take(arena, m, sizeof(float));
  return made->unit && made->u && made->z && made->sum && made->h && made->rows && made->outputs && made->base &&
                 made->turned && made->targets && made->gram && made->y && made->all
             ? SWALE_OK
             : SWALE_ERROR_MEMORY;
}

static const float *split_weights(const subspace *noise, const float *x) {
  return x + noise->network->layers[noise->network->depth - 1].offset;
}

static size_t split_smoothing(const subspace *noise) { return noise->network->depth - 2; }

/* s of an example. */
static float split_scale(const subspace *noise, const swl_covariance *covariance, size_t example) {
  const size_t smoothing = split_smoothing(noise);
  return (float)sqrt(covariance->blocks[smoothing].tau * (double)noise->clean.square[smoothing][example]);
}

/* Row by row: products[j][] = w_ja w_jb, a >= b; turned = Wᵀ. */
static void split_products(subspace *noise, const float *x) {
  const size_t c = noise->network->outputs, m = noise->network->layers[noise->network->depth - 1].inputs;
  const float *w = split_weights(noise, x);
  for (size_t j = 0; j < m; j++, w += c) {
    double *product = noise->split.products + j * split_padded(c);
    for (size_t a = 0; a < c; a++) {
      noise->split.turned[a * m + j] = w[a];
      for (size_t b = 0; b <= a; b++) *product++ = (double)w[a] * w[b];
    }
  }
}

/* L (c × c) of gram (lower triangle, row by row). Rows whose pivot is zero get L_aa = 0. */
static void split_cholesky(size_t c, const double *gram, double *lower) {
  double largest = 0, inverse[SUBSPACE_NARROW]; /* of the pivots' roots; 0 where there is none */
  for (size_t a = 0; a < c; a++) largest = fmax(largest, gram[split_triangle(a) + a]);
  for (size_t a = 0; a < c; a++) {
    double *row = lower + a * c;
    const double *from = gram + split_triangle(a);
    double pivot = from[a];
    for (size_t b = 0; b < a; b++) {
      double sum = from[b];
      for (size_t k = 0; k < b; k++) sum -= row[k] * lower[b * c + k];
      row[b] = sum * inverse[b];
      pivot -= row[b] * row[b];
    }
    row[a] = pivot > SPLIT_TOLERANCE * largest ? sqrt(pivot) : 0;
    inverse[a] = row[a] > 0 ? 1 / row[a] : 0;
  }
}

/* (1) of the examples of a micro-batch */
static swale_status split_factor(void *self, size_t worker, size_t microbatch) {
  subspace *noise = self;
  const size_t c = noise->network->outputs, smoothing = split_smoothing(noise),
               m = noise->network->layers[smoothing].outputs;
  const size_t first = microbatch * noise->width, rest = noise->batch - first;
  const size_t end = first + (rest < noise->width ? rest : noise->width);
  subspace_split_scratch *scratch = &noise->scratch[worker].split;
  for (size_t e = first; e < end; e++) {
    const float *u = noise->clean.u[smoothing] + e * m;
    const float edge = SWL_GAUSSIAN_MOST * split_scale(noise, noise->split.covariance, e);
    size_t count = 0;
    for (size_t j = 0; noise->bend[smoothing] == SWL_BEND_RELU && j < m; j++) {
      scratch->unit[count] = j;
      count += u[j] > edge;
    }
    swl_vector()->sum_rows(count, scratch->unit, split_padded(c), noise->split.products, scratch->gram);
    split_cholesky(c, scratch->gram, noise->split.lower + e * c * c);
  }
  return SWALE_OK;
}

swale_status subspace_split_prepare(subspace *noise, swl_team *team, const float *x, const swl_covariance *covariance) {
  const size_t smoothing = split_smoothing(noise), chunks = subspace_chunks(noise, smoothing);
  const size_t rank = swl_ranks_rank(swl_team_ranks(team));
  const swl_range passes = {subspace_first_pass(noise, team, smoothing, rank),
                            subspace_first_pass(noise, team, smoothing, rank + 1)};
  split_products(noise, x);
  noise->split.covariance = covariance;
  return swl_team_run_part(team, (swl_range){passes.first / chunks, (passes.end + chunks - 1) / chunks}, split_factor,
                           noise); /* those whose draws are this rank's */
}

/* An example whose draws are going through. */
typedef struct split_example {
  const subspace_pass *pass;
  subspace_split_scratch *scratch;
  size_t example, c, k; /* k: units that may bend */
  float s;
  uint32_t labels[2 * LANES];
  float one[LANES], scale[LANES];
  size_t first, end; /* the lanes that are asked for */
  double f[2][LANES], w[2][LANES], f0[LANES];
} split_example;

/* unit, rows, u, base: all that the draws of the example have in common. */
static void split_open(split_example *at, const subspace_pass *pass, size_t example) {
  const subspace *noise = pass->noise;
  const size_t smoothing = split_smoothing(noise), c = noise->network->outputs,
               m = noise->network->layers[smoothing].outputs;
  subspace_split_scratch *scratch = &pass->scratch->split;
  const float *u = noise->clean.u[smoothing] + example * m, *w = split_weights(noise, pass->x);
  const double *lower = noise->split.lower + example * c * c;
  at->pass = pass;
  at->scratch = scratch;
  at->example = example;
  at->c = c;
  at->k = 0;
  at->s = split_scale(noise, pass->draws->covariance, example);
  const float edge = SWL_GAUSSIAN_MOST * at->s;
  memcpy(scratch->base, noise->clean.u[smoothing + 1] + example * c, c * sizeof *scratch->base);
  for (size_t r = 0; r < c; r++) {
    for (size_t a = 0; a < c; a++) scratch->rows[r * c + a] = a < r ? 0 : at->s * (float)lower[a * c + r];
  }
  for (size_t j = 0; j < m; j++) {
    scratch->unit[at->k] = j;
    at->k += fabsf(u[j]) <= edge;
  }
  for (size_t i = 0; i < at->k; i++) {
    const float *from = w + scratch->unit[i] * c, h = noise->clean.y[smoothing][example * m + scratch->unit[i]];
    float *row = scratch->rows + (c + i) * c;
    for (size_t a = 0; a < c; a++) row[a] = from[a], scratch->base[a] -= h * from[a];
    for (size_t l = 0; l < LANES; l++) scratch->u[(c + i) * LANES + l] = u[scratch->unit[i]];
  }
  for (size_t l = 0; l < LANES; l++) at->one[l] = 1, at->scale[l] = at->s, at->f0[l] = noise->clean.reference[example];
  const swl_table *table = noise->clean.table;
  for (size_t l = 0; l < (size_t)2 * LANES; l++) {
    if (table->labels) at->labels[l] = table->labels[example];
    if (table->targets) memcpy(scratch->targets + l * c, table->targets + example * c, c * sizeof *scratch->targets);
  }
}

/* (2), (3) of the pairs that begin with pair `pair` of the smoothing. */
static void split_outputs(split_example *at, size_t pair) {
  const subspace_pass *pass = at->pass;
  const subspace *noise = pass->noise;
  const swl_draws *draws = pass->draws;
  const subspace_split_scratch *scratch = at->scratch;
  const size_t c = at->c, rows = c + at->k, smoothing = split_smoothing(noise), ld = (size_t)2 * LANES;
  const swl_stream stream = swl_stream_make(draws->key, draws->purpose, draws->update,
                                            draws->offset + noise->plan.first[smoothing] / noise->members + pair,
                                            (uint32_t)at->example);
  swl_gaussian_fill(&stream, 0, rows * LANES, scratch->z);
  swl_pair job = {
      .bend = SWL_BEND_NONE,
      .m = c,
      .w = LANES,
      .up = scratch->u, /* its first rows are zero */
      .um = scratch->u,
      .ldu = LANES,
      .scale = at->one,
      .scale_m = at->one,
      .z = scratch->z,
      .ldz = LANES,
      .plus = scratch->h,
      .minus = noise->members == 2 ? scratch->h + LANES : NULL,
      .ldh = ld,
  };
  noise->columns->pair(&job);
  job.bend = noise->bend[smoothing];
  job.condition = 1;
  job.m = at->k;
  job.up = job.um = scratch->u + c * LANES;
  job.scale = job.scale_m = at->scale;
  job.z = scratch->z + c * LANES;
  job.plus += c * ld;
  if (job.minus) job.minus += c * ld;
  noise->columns->pair(&job);
  noise->columns->outer(c, noise->members * LANES, rows, scratch->rows, c, scratch->h, ld, 0, scratch->outputs, ld);
  noise->columns->add_bias(c, noise->members * LANES, scratch->base, scratch->outputs, ld);
}

/* (4): the losses of all lanes, those asked for to the table; their weights. */
static void split_weigh(split_example *at, size_t pair, double *losses, const subspace_weights *weights) {
  const subspace *noise = at->pass->noise;
  const swl_network *network = noise->network;
  const size_t ld = (size_t)2 * LANES, c = at->c, first = noise->plan.first[split_smoothing(noise)];
  const size_t samples = noise->plan.first[split_smoothing(noise) + 1] - first;
  const size_t columns = noise->members * LANES, count = at->end - at->first;
  if (noise->entropy) {
    noise->columns->cross_entropy(c, columns, at->scratch->outputs, ld, at->labels, at->f[0]);
  } else {
    noise->columns->transpose(columns, c, at->scratch->outputs, ld, at->scratch->turned, c);
    network->loss->evaluate(columns, c, at->scratch->turned, noise->clean.table->labels ? at->labels : NULL,
                            noise->clean.table->targets ? at->scratch->targets : NULL, at->f[0]);
  }
  const double *example = noise->clean.table->weights ? noise->clean.table->weights + at->example : NULL;
  swl_weigh_losses(columns, example, 0, at->f[0]);
  for (size_t member = 0; member < noise->members; member++) {
    const size_t at0 = (first + (pair + at->first) * noise->members + member) * noise->groups + at->example;
    const size_t step = noise->members * noise->groups;
    double *f = at->f[member] + at->first, *w = at->w[member] + at->first;
    for (size_t l = 0; losses && l < count; l++) losses[at0 + l * step] = f[l];
    if (weights->table) {
      for (size_t l = 0; l < count; l++) w[l] = weights->table[at0 + l * step];
    } else if (weights->rule) {
      weights->rule->stream(weights->rule->beta, noise->problem->shares[at->example], samples, count, f,
                            at->f0 + at->first, w);
    }
  }
}

/* (5) */
static void split_credit(split_example *at) {
  const subspace *noise = at->pass->noise;
  float coef[LANES] = {0};
  for (size_t l = at->first; l < at->end; l++) {
    coef[l] = (float)(noise->members == 2 ? at->w[0][l] - at->w[1][l] : at->w[0][l]);
  }
  noise->columns->credit(at->c + at->k, LANES, coef, at->scratch->z, LANES, at->scratch->sum, LANES);
}

static double split_total(const float *lanes) {
  double sum = 0;
  for (size_t l = 0; l < LANES; l++) sum += lanes[l];
  return sum;
}

/* all (m) = W y. In single precision, unless L is so ill conditioned that its terms cancel. */
static void split_project(const split_example *at, const double *y, float *all) {
  const subspace *noise = at->pass->noise;
  const size_t c = at->c, m = noise->network->layers[split_smoothing(noise)].outputs;
  const double *lower = noise->split.lower + at->example * c * c;
  const float *w = split_weights(noise, at->pass->x);
  double least = INFINITY, largest = 0;
  for (size_t a = 0; a < c; a++) {
    const double pivot = lower[a * c + a];
    at->scratch->y[a] = (float)y[a];
    least = pivot > 0 && pivot < least ? pivot : least;
    largest = pivot > largest ? pivot : largest;
  }
  if (least >= SPLIT_SINGLE * largest) {
    noise->columns->outer(1, m, c, at->scratch->y, 1, noise->split.turned, m, 0, all, m);
    return;
  }
  for (size_t j = 0; j < m; j++, w += c) {
    double sum = 0;
    for (size_t a = 0; a < c; a++) sum += w[a] * y[a];
    all[j] = (float)sum;
  }
}

/* (6): row (m) += Σ w E[ξ | …] / |(h, 1)| */
static void split_close(const split_example *at, float *row) {
  const subspace *noise = at->pass->noise;
  const size_t smoothing = split_smoothing(noise), c = at->c, m = noise->network->layers[smoothing].outputs;
  const subspace_split_scratch *scratch = at->scratch;
  const double *lower = noise->split.lower + at->example * c * c;
  const float *u = noise->clean.u[smoothing] + at->example * m, edge = SWL_GAUSSIAN_MOST * at->s;
  const double scale = 1 / sqrt((double)noise->clean.square[smoothing][at->example]);
  double y[SUBSPACE_NARROW];
  for (size_t a = c; a-- > 0;) { /* y = L⁻ᵀ Σ w g */
    double sum = split_total(scratch->sum + a * LANES) * scale;
    for (size_t b = a + 1; b < c; b++) sum -= lower[b * c + a] * y[b];
    y[a] = lower[a * c + a] > 0 ? sum / lower[a * c + a] : 0;
  }
  if (noise->bend[smoothing] == SWL_BEND_RELU) {
    split_project(at, y, scratch->all);
    for (size_t j = 0; j < m; j++) {
      const float all = scratch->all[j]; /* read in any case: no branch */
      row[j] += u[j] > edge ? all : 0;
    }
  }
  for (size_t i = 0; i < at->k; i++) {
    row[scratch->unit[i]] += (float)(split_total(scratch->sum + (c + i) * LANES) * scale);
  }
}

void subspace_split_run(subspace_pass *pass, size_t first, size_t end, double *losses, const subspace_weights *weights,
                        float *credit) {
  const subspace *noise = pass->noise;
  const size_t m = noise->network->layers[split_smoothing(noise)].outputs;
  const int weighted = weights->table || weights->rule;
  for (size_t b = 0; b < pass->w; b++) {
    split_example at;
    split_open(&at, pass, pass->first + b);
    memset(at.scratch->sum, 0, (at.c + at.k) * LANES * sizeof(float));
    for (size_t pair = first / LANES * LANES; pair < end; pair += LANES) {
      at.first = pair < first ? first - pair : 0;
      at.end = end - pair < LANES ? end - pair : LANES;
      split_outputs(&at, pair);
      split_weigh(&at, pair, losses, weights);
      if (weighted) split_credit(&at);
    }
    if (weighted) split_close(&at, credit + b * m);
  }
}
