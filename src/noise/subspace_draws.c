/* subspace_draws.c - the draws of one micro-batch of examples, from normals to losses and back to credit.
 *
 * Matrices are unit-major: row i is unit i, column (member, draw, example). See subspace.c for what is computed.
 */
#include "noise/subspace_draws.h"

#include "noise/subspace_lanes.h"
#include "noise/subspace_split.h"

#include "random/gaussian.h"

#include <math.h>
#include <string.h>

void subspace_open(subspace_pass *pass, subspace *noise, size_t worker, const swl_draws *draws, const float *x,
                   size_t smoothing, size_t microbatch) {
  const size_t step = noise->width, first = microbatch * step;
  const size_t rest = noise->batch - first;
  *pass = (subspace_pass){.noise = noise,
                          .scratch = &noise->scratch[worker],
                          .draws = draws,
                          .x = x,
                          .smoothing = smoothing,
                          .microbatch = microbatch,
                          .first = first,
                          .w = rest < step ? rest : step,
                          .group = noise->group == 1 ? first : microbatch};
  const size_t m = noise->network->layers[smoothing].outputs;
  if (noise->lanes || noise->source[smoothing].way == SUBSPACE_SPLIT) return;
  noise->columns->transpose(m, pass->w, noise->clean.u[smoothing] + first * m, m, pass->scratch->base, noise->pad);
  for (size_t i = 0; pass->w < noise->pad && i < m; i++) { /* columns without an example */
    memset(pass->scratch->base + i * noise->pad + pass->w, 0, (noise->pad - pass->w) * sizeof(float));
  }
}

/* The normals first .. first+count-1 of one layer of one pair: rows × m, or low rank: A (rows × rank) and Bᵀ (rank × m),
 * one after the other. */
static void draws_normals(const subspace_pass *pass, size_t layer, size_t pair, size_t first, size_t count, float *z) {
  const subspace *noise = pass->noise;
  const swl_draws *draws = pass->draws;
  const swl_stream stream = swl_stream_make(draws->key, draws->purpose, draws->update, draws->offset + pair,
                                            (uint32_t)(noise->group == 1 ? pass->microbatch : pass->group));
  swl_gaussian_fill(&stream, noise->place[layer] + first, count, z);
}

static size_t draws_number(const subspace_pass *pass, size_t q) {
  const subspace *noise = pass->noise;
  return noise->plan.first[pass->smoothing] / noise->members + pass->pair + q;
}

/* The activation of the first `rows` units of a layer, `count` columns of each member from `column` on, where `bend` has
 * not done it. */
static void draws_activate(const subspace_pass *pass, size_t layer, swl_bend bend, size_t rows, size_t column,
                           size_t count) {
  const swl_activation *activation = swl_network_activation(pass->noise->network, layer);
  const size_t members = pass->noise->members, ld = pass->ld;
  float *h = pass->scratch->h[layer] + column;
  if (!activation || bend != SWL_BEND_NONE) return;
  if (members == 2 && count == ld) { /* all there is, in one piece */
    activation->forward(rows * 2 * ld, h, h);
    return;
  }
  for (size_t i = 0; i < rows; i++) {
    for (size_t member = 0; member < members; member++) {
      float *row = h + (2 * i + member) * ld;
      activation->forward(count, row, row);
    }
  }
}

static void draws_fill(size_t count, float value, float *v) {
  for (size_t i = 0; i < count; i++) v[i] = value;
}

/* S (rows × w), units `from` on, of one draw of a source whose examples share it: (L Z)ᵀ, and of low rank
 * ((L A) Bᵀ)ᵀ / sqrt(rank). */
static float *draws_seen(const subspace_pass *pass, const subspace_source *source, size_t m, size_t from, size_t rows,
                         const float *z) {
  const subspace *noise = pass->noise;
  const swl_factor *factor = &source->factors[pass->group];
  float *seen = pass->scratch->seen;
  if (noise->low_rank == 0) { /* where L is triangular, a panel of columns ends what rows of Z it needs */
    const size_t panel = factor->triangular ? 2 * SUBSPACE_LANES : pass->w;
    for (size_t j = 0; j < pass->w; j += panel) {
      const size_t end = j + panel < pass->w ? j + panel : pass->w, k = factor->triangular ? end : factor->rows;
      noise->columns->outer(rows, end - j, k, z + from, m, factor->lt + j, noise->pad, 0, seen + j, noise->pad);
    }
    return seen;
  }
  float *thin = pass->scratch->left; /* rank × pad */
  const float *b = z + factor->rows * noise->low_rank;
  if (from == 0) {
    noise->columns->outer(noise->low_rank, pass->w, factor->rows, z, noise->low_rank, factor->lt, noise->pad, 0, thin,
                          noise->pad);
    swl_vector()->scale(noise->low_rank * noise->pad, 1 / sqrtf((float)noise->low_rank), thin);
  }
  noise->columns->outer(rows, pass->w, noise->low_rank, b + from, m, thin, noise->pad, 0, seen, noise->pad);
  return seen;
}

/* Numbers that one draw of a source takes. */
static size_t draws_size(const subspace_pass *pass, const subspace_source *source, size_t m) {
  const subspace *noise = pass->noise;
  if (source->way == SUBSPACE_SCALE) return m * noise->width;
  const size_t rows = source->factors[pass->group].rows;
  return noise->low_rank ? noise->low_rank * (rows + m) : rows * m;
}

/* What all draws of a source have in common; sets the scales. */
static swl_pair draws_job(const subspace_pass *pass) {
  const subspace *noise = pass->noise;
  const size_t layer = pass->smoothing;
  subspace_scratch *scratch = pass->scratch;
  const float sigma = (float)sqrt(pass->draws->covariance->blocks[layer].tau);
  const int alone = noise->source[layer].way == SUBSPACE_SCALE;
  draws_fill(noise->pad, sigma, scratch->scale);
  for (size_t b = 0; alone && b < pass->w; b++) {
    scratch->scale[b] = sigma * sqrtf(noise->clean.square[layer][pass->first + b]);
  }
  return (swl_pair){
      .bend = noise->bend[layer],
      .condition = alone && noise->conditioned,
      .w = alone ? noise->width : pass->w,
      .ldu = noise->pad,
      .scale = scratch->scale,
      .scale_m = scratch->scale,
      .ldz = noise->pad,
      .ldh = 2 * pass->ld,
  };
}

/* Both members of draw q of a source, units from .. from + rows - 1, to `h` (rows × 2 ld). z: all normals of the draw;
 * those of an example's own are made here, while they are about to be used. */
static void draws_members(const subspace_pass *pass, const swl_pair *common, size_t q, size_t from, size_t rows,
                          float *z, float *h) {
  const subspace *noise = pass->noise;
  const subspace_source *source = &noise->source[pass->smoothing];
  const int alone = source->way == SUBSPACE_SCALE;
  swl_pair job = *common;
  if (alone) {
    draws_normals(pass, pass->smoothing, draws_number(pass, q), from * noise->width, rows * noise->width,
                  z + from * noise->width);
  }
  job.m = rows;
  job.up = job.um = pass->scratch->base + from * noise->pad;
  job.z = alone ? z + from * noise->width
                : draws_seen(pass, source, noise->network->layers[pass->smoothing].outputs, from, rows, z);
  job.plus = h + q * noise->width;
  job.minus = noise->members == 2 ? job.plus + pass->ld : NULL;
  noise->columns->pair(&job);
}

/* The normals of draw q of a source, unless they are made unit by unit. */
static float *draws_source_normals(const subspace_pass *pass, size_t q) {
  const subspace *noise = pass->noise;
  const subspace_source *source = &noise->source[pass->smoothing];
  const size_t size = draws_size(pass, source, noise->network->layers[pass->smoothing].outputs);
  float *z = pass->scratch->z[pass->smoothing] + q * size;
  if (source->way != SUBSPACE_SCALE) draws_normals(pass, pass->smoothing, draws_number(pass, q), 0, size, z);
  return z;
}

/* The layer whose inputs are clean. */
static void draws_source(const subspace_pass *pass) {
  const swl_pair job = draws_job(pass);
  const size_t m = pass->noise->network->layers[pass->smoothing].outputs;
  for (size_t q = 0; q < pass->count; q++) {
    draws_members(pass, &job, q, 0, m, draws_source_normals(pass, q), pass->scratch->h[pass->smoothing]);
  }
  draws_activate(pass, pass->smoothing, job.bend, m, 0, pass->ld);
}

/* U (m × columns) = Xᵀ H + bias, X ((n + 1) × m) row-major, H (n × columns). Large products are oneDNN's. */
static void draws_product(const subspace_pass *pass, size_t n, size_t m, size_t columns, const float *weights,
                          const float *h, float *u) {
  enum { SMALL = 1 << 20 }; /* multiply-adds: below, the call costs more than it gains */
  const subspace *noise = pass->noise;
  const size_t ld = 2 * pass->ld;
  if (m * n * columns > SMALL && m >= 32)
    noise->kernels->gemm(1, 0, m, columns, n, weights, m, h, ld, u, ld);
  else
    noise->columns->outer(m, columns, n, weights, m, h, ld, 0, u, ld);
  noise->columns->add_bias(m, columns, weights + n * m, u, ld);
}

/* A layer without noise behind a noisy one. */
static void draws_plain(const subspace_pass *pass, size_t layer) {
  const subspace *noise = pass->noise;
  const swl_layer *at = &noise->network->layers[layer];
  draws_product(pass, at->inputs, at->outputs, noise->members * pass->ld, pass->x + at->offset,
                pass->scratch->h[layer - 1], pass->scratch->h[layer]);
  draws_activate(pass, layer, SWL_BEND_NONE, at->outputs, 0, pass->ld);
}

/* A noisy layer behind noisy ones, each example with draws of its own: the scale is |(h, 1)| of the draw. */
static void draws_alone(const subspace_pass *pass, size_t layer) {
  const subspace *noise = pass->noise;
  const swl_layer *at = &noise->network->layers[layer];
  subspace_scratch *scratch = pass->scratch;
  const size_t n = at->inputs, m = at->outputs, ld = pass->ld, columns = noise->members * ld;
  const float sigma = (float)sqrt(pass->draws->covariance->blocks[layer].tau);
  float *u = scratch->h[layer], *z = scratch->z[layer];
  const float *h = scratch->h[layer - 1];
  draws_product(pass, n, m, columns, pass->x + at->offset, h, u);
  noise->columns->squares(n, columns, h, 2 * ld, scratch->square);
  for (size_t c = 0; c < columns; c++) scratch->scale[c] = sigma * sqrtf(scratch->square[c]);
  for (size_t q = 0; q < pass->count; q++) {
    float *one = scratch->seen; /* m × width */
    draws_normals(pass, layer, draws_number(pass, q), 0, m * noise->width, one);
    for (size_t i = 0; i < m; i++) {
      memcpy(z + i * ld + q * noise->width, one + i * noise->width, noise->width * sizeof *z);
    }
  }
  const swl_pair job = {
      .bend = noise->bend[layer],
      .m = m,
      .w = ld,
      .up = u,
      .um = u + ld,
      .ldu = 2 * ld,
      .scale = scratch->scale,
      .scale_m = scratch->scale + ld,
      .z = z,
      .ldz = ld,
      .plus = u,
      .minus = noise->members == 2 ? u + ld : NULL,
      .ldh = 2 * ld,
  };
  noise->columns->pair(&job);
  draws_activate(pass, layer, job.bend, m, 0, pass->ld);
}

/* E ((n + 1) × m) of one draw of a layer with noisy inputs that are shared. */
static void draws_weights(const subspace_pass *pass, size_t layer, size_t pair, float *e) {
  const subspace *noise = pass->noise;
  const swl_layer *at = &noise->network->layers[layer];
  const size_t rows = at->inputs + 1, m = at->outputs, low_rank = noise->low_rank;
  if (low_rank == 0) {
    draws_normals(pass, layer, pair, 0, rows * m, e);
    return;
  }
  float *thin = pass->scratch->panel[0]; /* A as (low_rank × rows), then Bᵀ (low_rank × m) */
  draws_normals(pass, layer, pair, 0, low_rank * (rows + m), thin);
  swl_vector()->scale(low_rank * rows, 1 / sqrtf((float)low_rank), thin);
  noise->columns->outer(rows, m, low_rank, thin, rows, thin + low_rank * rows, m, 0, e, m);
}

/* The perturbed weights of both members of draw q. */
static void draws_panels(const subspace_pass *pass, size_t layer, size_t q) {
  const subspace *noise = pass->noise;
  const swl_layer *at = &noise->network->layers[layer];
  const size_t size = (at->inputs + 1) * at->outputs;
  const float sigma = (float)sqrt(pass->draws->covariance->blocks[layer].tau);
  float *e = pass->scratch->z[layer] + q * size;
  draws_weights(pass, layer, draws_number(pass, q), e);
  for (size_t member = 0; member < noise->members; member++) {
    swl_perturb(size, pass->x + at->offset, member ? -sigma : sigma, e, pass->scratch->panel[member]);
  }
}

/* A noisy layer behind noisy ones, examples sharing their draws: the weights themselves are perturbed. */
static void draws_shared(const subspace_pass *pass, size_t layer) {
  const subspace *noise = pass->noise;
  const swl_layer *at = &noise->network->layers[layer];
  subspace_scratch *scratch = pass->scratch;
  for (size_t q = 0; q < pass->count; q++) {
    draws_panels(pass, layer, q);
    for (size_t member = 0; member < noise->members; member++) {
      const size_t column = member * pass->ld + q * noise->width;
      draws_product(pass, at->inputs, at->outputs, pass->w, scratch->panel[member], scratch->h[layer - 1] + column,
                    scratch->h[layer] + column);
    }
  }
  draws_activate(pass, layer, SWL_BEND_NONE, at->outputs, 0, pass->ld);
}

/* The weights of a member in the layer above a source: perturbed by draws_panels, or clean. */
static const float *draws_above(const subspace_pass *pass, size_t layer, size_t member) {
  return pass->noise->layerwise ? pass->x + pass->noise->network->layers[layer].offset
                                : pass->scratch->panel[member ? 1 : 0];
}

/* A source and the layer above it in one pass over the source's units, some at a time, which never leave the first-level
 * cache. For a small layer above, whose own inputs are not asked for again. */
static void draws_fused(const subspace_pass *pass) {
  enum { UNITS = 64 }; /* × 16 examples or more: whole blocks of the generator */
  const subspace *noise = pass->noise;
  const size_t layer = pass->smoothing + 1, ld = pass->ld;
  const swl_layer *at = &noise->network->layers[layer];
  const size_t n = at->inputs, m = at->outputs;
  subspace_scratch *scratch = pass->scratch;
  const swl_pair job = draws_job(pass);
  for (size_t q = 0; q < pass->count; q++) {
    float *z = draws_source_normals(pass, q), *h = scratch->h[pass->smoothing], *u = scratch->h[layer];
    if (!noise->layerwise) draws_panels(pass, layer, q);
    for (size_t from = 0; from < n; from += UNITS) {
      const size_t rows = n - from < UNITS ? n - from : UNITS;
      draws_members(pass, &job, q, from, rows, z, h);
      draws_activate(pass, pass->smoothing, job.bend, rows, q * noise->width, pass->w);
      for (size_t member = 0; member < noise->members; member++) {
        const size_t column = member * ld + q * noise->width;
        noise->columns->outer(m, pass->w, rows, draws_above(pass, layer, member) + from * m, m, h + column, 2 * ld,
                              from > 0, u + column, 2 * ld);
      }
    }
    for (size_t member = 0; member < noise->members; member++) {
      const size_t column = member * ld + q * noise->width;
      noise->columns->add_bias(m, pass->w, draws_above(pass, layer, member) + n * m, u + column, 2 * ld);
    }
  }
  draws_activate(pass, layer, SWL_BEND_NONE, m, 0, pass->ld);
}

/* Losses of the columns to scratch->f. */
static void draws_losses(const subspace_pass *pass) {
  const subspace *noise = pass->noise;
  const swl_network *network = noise->network;
  const swl_table *table = noise->clean.table;
  const size_t m = network->outputs, ld = pass->ld;
  const float *outputs = pass->scratch->h[network->depth - 1];
  const uint32_t *labels = table->labels ? table->labels + pass->first : NULL;
  const float *targets = table->targets ? table->targets + pass->first * m : NULL;
  const double *weights = table->weights ? table->weights + pass->first : NULL;
  for (size_t member = 0; member < noise->members; member++) {
    for (size_t q = 0; q < pass->count; q++) {
      const size_t column = member * ld + q * noise->width;
      double *f = pass->scratch->f + column;
      if (noise->entropy) {
        noise->columns->cross_entropy(m, pass->w, outputs + column, 2 * ld, labels, f);
      } else {
        noise->columns->transpose(pass->w, m, outputs + column, 2 * ld, pass->scratch->rows, m);
        network->loss->evaluate(pass->w, m, pass->scratch->rows, labels, targets, f);
      }
      swl_weigh_losses(pass->w, weights, 1, f);
    }
  }
}

/* Per draw and group: the loss to its place in the table, if there is one, and its weight to scratch->w: per column where
 * examples are alone, else in the first column of the draw. */
static void draws_weigh(const subspace_pass *pass, double *losses, const subspace_weights *weights) {
  const subspace *noise = pass->noise;
  const size_t first = noise->plan.first[pass->smoothing], samples = noise->plan.first[pass->smoothing + 1] - first;
  const int alone = noise->group == 1;
  const size_t count = alone ? pass->w : 1;
  for (size_t member = 0; member < noise->members; member++) {
    for (size_t q = 0; q < pass->count; q++) {
      const size_t column = member * pass->ld + q * noise->width;
      const size_t at = (first + (pass->pair + q) * noise->members + member) * noise->groups + pass->group;
      double *f = pass->scratch->f + column, *w = pass->scratch->w + column;
      if (!alone) {
        double sum = 0;
        for (size_t b = 0; b < pass->w; b++) sum += f[b];
        f[0] = sum / (double)pass->w;
      }
      if (losses) memcpy(losses + at, f, count * sizeof *f);
      if (weights->table) {
        memcpy(w, weights->table + at, count * sizeof *w);
      } else if (weights->rule) {
        weights->rule->stream(weights->rule->beta, noise->problem->shares[pass->group], samples, count, f,
                              noise->clean.reference + pass->group, w);
      }
    }
  }
}

/* The weight of pair q in column b: w+ - w-. */
static double draws_difference(const subspace_pass *pass, size_t q, size_t b) {
  const subspace *noise = pass->noise;
  const double *w = pass->scratch->w + q * noise->width + b;
  return noise->members == 2 ? w[0] - w[pass->ld] : w[0];
}

/* credit += Σ (w+ - w-) Z, of the source layer: examples alone: column by column, over |(h, 1)|; shared: rows of Z. */
static void draws_credit_source(const subspace_pass *pass, float *credit) {
  const subspace *noise = pass->noise;
  const subspace_source *source = &noise->source[pass->smoothing];
  const size_t m = noise->network->layers[pass->smoothing].outputs, size = draws_size(pass, source, m);
  for (size_t q = 0; q < pass->count; q++) {
    const float *z = pass->scratch->z[pass->smoothing] + q * size;
    if (source->way == SUBSPACE_SCALE) {
      float *c = pass->scratch->coef;
      memset(c, 0, noise->width * sizeof *c);
      for (size_t b = 0; b < pass->w; b++) {
        c[b] = (float)draws_difference(pass, q, b) / sqrtf(noise->clean.square[pass->smoothing][pass->first + b]);
      }
      noise->columns->credit(m, noise->width, c, z, noise->width, credit, noise->width);
    } else if (noise->low_rank == 0) {
      swl_axpy(size, (float)draws_difference(pass, q, 0), z, credit);
    } else { /* A Bᵀ, with the weight in A */
      const size_t rows = source->factors[pass->group].rows, low_rank = noise->low_rank;
      const float c = (float)draws_difference(pass, q, 0) / sqrtf((float)low_rank);
      float *at = pass->scratch->left; /* low_rank × rows */
      noise->columns->transpose(low_rank, rows, z, low_rank, at, rows);
      swl_vector()->scale(low_rank * rows, c, at);
      noise->columns->outer(rows, m, low_rank, at, rows, z + rows * low_rank, m, 1, credit, m);
    }
  }
}

/* part ((n + 1) × m) += Σ (w+ (h+, 1)/|(h+, 1)| - w- (h-, 1)/|(h-, 1)|) ξᵀ over the columns. */
static void draws_credit_alone(const subspace_pass *pass, size_t layer, float *part) {
  const subspace *noise = pass->noise;
  const swl_layer *at = &noise->network->layers[layer];
  subspace_scratch *scratch = pass->scratch;
  const size_t n = at->inputs, m = at->outputs, ld = pass->ld, used = pass->count * noise->width;
  float *left = scratch->left, *coef = scratch->coef, *square = scratch->square;
  memset(coef, 0, 2 * ld * sizeof *coef);
  noise->columns->squares(n, noise->members * ld, scratch->h[layer - 1], 2 * ld, square);
  for (size_t member = 0; member < noise->members; member++) {
    for (size_t q = 0; q < pass->count; q++) {
      for (size_t b = 0; b < pass->w; b++) {
        const size_t c = member * ld + q * noise->width + b;
        if (!isfinite(square[c])) continue; /* a rejected draw whose inputs here are no numbers, whatever its weight */
        coef[c] = (float)scratch->w[c] / sqrtf(square[c]) * (member ? -1.0F : 1.0F);
      }
    }
  }
  for (size_t i = 0; i < n; i++) {
    const float *plus = scratch->h[layer - 1] + i * 2 * ld, *minus = plus + ld;
    for (size_t c = 0; c < used; c++) { /* a rejected draw's h may be infinite: its weight is 0 */
      left[i * ld + c] = (coef[c] != 0 ? coef[c] * plus[c] : 0) + (coef[ld + c] != 0 ? coef[ld + c] * minus[c] : 0);
    }
  }
  for (size_t c = 0; c < used; c++) left[n * ld + c] = coef[c] + coef[ld + c];
  noise->kernels->gemm_add(0, 1, n + 1, m, used, left, ld, scratch->z[layer], ld, part, m);
}

static void draws_credit_shared(const subspace_pass *pass, size_t layer, float *part) {
  const swl_layer *at = &pass->noise->network->layers[layer];
  const size_t size = (at->inputs + 1) * at->outputs;
  for (size_t q = 0; q < pass->count; q++) {
    swl_axpy(size, (float)draws_difference(pass, q, 0), pass->scratch->z[layer] + q * size, part);
  }
}

static void draws_forth_and_back(const subspace_pass *pass, double *losses, const subspace_weights *weights,
                                 float *credit, float *const *parts) {
  const subspace *noise = pass->noise;
  const size_t depth = noise->network->depth;
  const int alone = noise->group == 1;
  size_t l = pass->smoothing + 1;
  if (subspace_is_fused(noise, pass->smoothing)) {
    draws_fused(pass);
    l++;
  } else {
    draws_source(pass);
  }
  for (; l < depth; l++) {
    if (noise->layerwise)
      draws_plain(pass, l);
    else if (alone)
      draws_alone(pass, l);
    else
      draws_shared(pass, l);
  }
  draws_losses(pass);
  draws_weigh(pass, losses, weights);
  if (!weights->table && !weights->rule) return;
  draws_credit_source(pass, credit);
  for (l = pass->smoothing + 1; !noise->layerwise && l < depth; l++) {
    if (alone)
      draws_credit_alone(pass, l, parts[l]);
    else
      draws_credit_shared(pass, l, parts[l]);
  }
}

void subspace_run(subspace_pass *pass, size_t first, size_t end, double *losses, const subspace_weights *weights,
                  float *credit, float *const *parts) {
  const size_t together = pass->noise->together;
  if (pass->noise->source[pass->smoothing].way == SUBSPACE_SPLIT) {
    subspace_split_run(pass, first, end, losses, weights, credit);
    return;
  }
  if (pass->noise->lanes) {
    subspace_lanes_run(pass, first, end, losses, weights, credit, parts);
    return;
  }
  for (pass->pair = first; pass->pair < end; pass->pair += together) {
    pass->count = end - pass->pair < together ? end - pass->pair : together;
    pass->ld = (pass->count * pass->noise->width + SUBSPACE_LANES - 1) / SUBSPACE_LANES * SUBSPACE_LANES;
    draws_forth_and_back(pass, losses, weights, credit, parts);
  }
}
