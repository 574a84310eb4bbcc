/* subspace_sweep.c - all draws of all smoothings by the team, and from their credit to the sum; the page is in subspace.c.
 *
 * What ranks exchange, in each smoothing (layer) with clean inputs:
 *
 *   losses   by pass (subspace_ranks.c), unless a rank has examples of its own and weighs them while it draws
 *   credit   one chunk per micro-batch of examples, each with draws of its own: as it is, so that every rank can make every row
 *            of the product; otherwise the chunks of all ranks, turned (deal.h): a rank adds up a part of the columns
 *   sum      rows of the product, where it is large enough to be dealt; also where the credit is the sum itself
 *
 * and in each layer with noisy inputs the shards' sums, turned, and their total.
 */
#include "noise/subspace_sweep.h"

#include "noise/subspace_draws.h"
#include "noise/subspace_leaves.h"
#include "noise/subspace_ranks.h"

#include <string.h>

typedef struct subspace_job {
  subspace *noise;
  const swl_draws *draws;
  const float *x;
  double *losses;
  subspace_weights weights;
  float *sum;
  const swl_team *team;
  size_t layer; /* of the final products */
} subspace_job;

static void sweep_shard_of(const subspace_job *job, size_t worker, size_t smoothing, size_t shard) {
  subspace *noise = job->noise;
  const swl_range passes = swl_shard_range(subspace_passes(noise, smoothing), subspace_shards(noise, smoothing), shard);
  const size_t chunks = subspace_chunks(noise, smoothing);
  float *parts[SWL_LAYERS_MAX] = {NULL};
  for (size_t l = 0; l < noise->network->depth; l++) {
    const size_t size = (noise->network->layers[l].inputs + 1) * noise->network->layers[l].outputs;
    if (!noise->parts[l]) continue;
    parts[l] = noise->parts[l] + shard * size;
    memset(parts[l], 0, size * sizeof(float));
  }
  for (size_t number = passes.first; number < passes.end; number++) {
    const subspace_source *source = &noise->source[smoothing];
    const swl_range pairs = subspace_chunk(noise, smoothing, number % chunks);
    float *credit = source->credit + number * source->stride;
    subspace_pass pass;
    memset(credit, 0, source->stride * sizeof *credit);
    subspace_open(&pass, noise, worker, job->draws, job->x, smoothing, number / chunks);
    subspace_run(&pass, pairs.first, pairs.end, job->losses, &job->weights, credit, parts); /* (3) to (6) */
  }
}

/* An item of the team is the same shard of every smoothing, of those that this rank has: mostly the same examples. */
static swale_status sweep_item(void *self, size_t worker, size_t item) {
  const subspace_job *job = self;
  for (size_t smoothing = 0; smoothing < job->noise->plan.count; smoothing++) {
    const swl_range mine = swl_team_part(job->team, subspace_shards(job->noise, smoothing));
    if (mine.first + item < mine.end) sweep_shard_of(job, worker, smoothing, mine.first + item);
  }
  return SWALE_OK;
}

/* Some columns of a source's credit, chunks added up; of DIRECT the groups, too, which is the sum. */
static swale_status sweep_columns(void *self, size_t worker, size_t tile) {
  const subspace_job *job = self;
  const subspace *noise = job->noise;
  const subspace_source *source = &noise->source[job->layer];
  const size_t chunks = subspace_chunks(noise, job->layer), stride = source->stride;
  const swl_range range = swl_tile_range(stride, tile);
  float *sum = job->sum + noise->network->layers[job->layer].offset;
  double all[SWL_TILE] = {0};
  (void)worker;
  for (size_t t = 0; t < noise->microbatches; t++) {
    float *total = source->credit + t * chunks * stride;
    for (size_t i = range.first; i < range.end; i++) {
      double one = 0;
      for (size_t c = 0; c < chunks; c++) one += total[c * stride + i];
      total[i] = (float)one;
      all[i - range.first] += total[i];
    }
  }
  if (source->way != SUBSPACE_DIRECT) return SWALE_OK;
  for (size_t i = range.first; i < range.end; i++) sum[i] = (float)all[i - range.first];
  return SWALE_OK;
}

/* right: the credit of a microbatch, a row per example or per row of Z. */
static swale_status sweep_rows(void *self, size_t worker, size_t microbatch) {
  const subspace_job *job = self;
  const subspace *noise = job->noise;
  const subspace_source *source = &noise->source[job->layer];
  const size_t m = noise->network->layers[job->layer].outputs, chunks = subspace_chunks(noise, job->layer);
  const float *total = source->credit + microbatch * chunks * source->stride;
  (void)worker;
  if (source->way == SUBSPACE_SCALE) {
    const size_t first = microbatch * noise->width, rest = noise->batch - first;
    const size_t w = rest < noise->width ? rest : noise->width;
    noise->columns->transpose(w, m, total, noise->width, source->right + first * m, m);
  } else if (source->way == SUBSPACE_SPLIT) {
    const size_t first = microbatch * noise->width, rest = noise->batch - first;
    memcpy(source->right + first * m, total, (rest < noise->width ? rest : noise->width) * m * sizeof *total);
  } else if (source->way == SUBSPACE_FACTOR) {
    float *rows = source->right + microbatch * source->most * m;
    const size_t used = source->factors[microbatch].rows * m;
    memcpy(rows, total, used * sizeof *rows);
    memset(rows + used, 0, (source->most * m - used) * sizeof *rows);
  }
  return SWALE_OK;
}

/* (7) some rows of leftᵀ right; where examples are alone the last item makes the row of the biases, too. */
static swale_status sweep_project(void *self, size_t worker, size_t item) {
  const subspace_job *job = self;
  const subspace *noise = job->noise;
  const subspace_source *source = &noise->source[job->layer];
  const swl_layer *layer = &noise->network->layers[job->layer];
  const size_t m = layer->outputs, first = item * SUBSPACE_ROWS, rows = layer->inputs + 1, rest = rows - first;
  if (subspace_is_alone(source)) {
    subspace_leaves_rows(noise, job->team, worker, job->layer, item, job->sum);
    return SWALE_OK;
  }
  noise->kernels->gemm(1, 0, rest < SUBSPACE_ROWS ? rest : SUBSPACE_ROWS, m, source->rows, source->left + first, rows,
                       source->right, m, job->sum + layer->offset + first * m, m);
  return SWALE_OK;
}

/* A layer with noisy inputs: its shards added up. */
static swale_status sweep_total(void *self, size_t worker, size_t tile) {
  const subspace_job *job = self;
  const subspace *noise = job->noise;
  const swl_layer *layer = &noise->network->layers[job->layer];
  const size_t size = (layer->inputs + 1) * layer->outputs, shards = subspace_shards(noise, 0);
  const swl_range range = swl_tile_range(size, tile);
  (void)worker;
  for (size_t i = range.first; i < range.end; i++) {
    double sum = 0;
    for (size_t s = 0; s < shards; s++) sum += noise->parts[job->layer][s * size + i];
    job->sum[layer->offset + i] = (float)sum;
  }
  return SWALE_OK;
}

/* All draws of all smoothings, once. */
static swale_status sweep_all(swl_team *team, subspace_job *job) {
  size_t items = 0;
  for (size_t b = 0; b < job->noise->plan.count; b++) {
    const swl_range mine = swl_team_part(team, subspace_shards(job->noise, b));
    if (mine.end - mine.first > items) items = mine.end - mine.first;
  }
  SWL_TRY(swl_ranks_agree(swl_team_ranks(team), swl_team_run(team, items, sweep_item, job)));
  const int owned = job->weights.rule && job->noise->firsts;
  return job->losses && !owned ? subspace_gather_losses(job->noise, team, job->losses) : SWALE_OK;
}

static swale_status sweep_noisy(swl_team *team, subspace_job *job, size_t layer) {
  const subspace *noise = job->noise;
  const swl_layer *at = &noise->network->layers[layer];
  const size_t size = (at->inputs + 1) * at->outputs, tiles = swl_tiles(size), shards = subspace_shards(noise, 0);
  const size_t bytes = size * sizeof(float), tile = SWL_TILE * sizeof(float);
  const swl_dealt sum = {job->sum + at->offset, tile, bytes};
  SWL_TRY(swl_team_turn(team, shards, shards, noise->parts[layer], bytes, tile, NULL, NULL));
  return swl_team_deal(team, tiles, tiles, sweep_total, job, 1, &sum);
}

static swl_range sweep_own_passes(const subspace *noise, const swl_team *team, size_t smoothing) {
  const size_t rank = swl_ranks_rank(swl_team_ranks(team));
  return (swl_range){subspace_first_pass(noise, team, smoothing, rank),
                     subspace_first_pass(noise, team, smoothing, rank + 1)};
}

/* Every rank gets the credit of all passes, or the sums over their chunks; of DIRECT the sum itself. */
static swale_status sweep_credit(swl_team *team, subspace_job *job, size_t layer) {
  const subspace *noise = job->noise;
  const subspace_source *source = &noise->source[layer];
  const size_t chunks = subspace_chunks(noise, layer), columns = swl_tiles(source->stride);
  const size_t bytes = source->stride * sizeof(float), tile = SWL_TILE * sizeof(float);
  const swl_dealt sum = {job->sum + noise->network->layers[layer].offset, tile, bytes};
  if (chunks == 1 && source->way != SUBSPACE_DIRECT) return subspace_gather_credit(noise, team, layer);
  SWL_TRY(subspace_turn_credit(noise, team, layer, tile));
  SWL_TRY(swl_team_deal(team, columns, columns, sweep_columns, job, source->way == SUBSPACE_DIRECT ? 1 : 0, &sum));
  return source->way == SUBSPACE_DIRECT ? SWALE_OK : subspace_gather_columns(noise, team, layer, tile);
}

static swale_status sweep_source(swl_team *team, subspace_job *job, size_t layer) {
  const subspace *noise = job->noise;
  const subspace_source *source = &noise->source[layer];
  const swl_layer *at = &noise->network->layers[layer];
  const size_t m = at->outputs, rows = subspace_is_alone(source) ? at->inputs : at->inputs + 1;
  const size_t items = (rows + SUBSPACE_ROWS - 1) / SUBSPACE_ROWS;
  float *sum = job->sum + at->offset;
  const swl_dealt product = {sum, SUBSPACE_ROWS * m * sizeof *sum, (at->inputs + 1) * m * sizeof *sum};
  if (noise->roots) {
    const swl_range passes = sweep_own_passes(noise, team, layer);
    SWL_TRY(swl_team_run_part(team, passes, sweep_rows, job)); /* a pass is that of a micro-batch */
    return swl_team_run(team, items, sweep_project, job);
  }
  SWL_TRY(sweep_credit(team, job, layer));
  if (source->way == SUBSPACE_DIRECT) return SWALE_OK;
  SWL_TRY(swl_team_run(team, noise->microbatches, sweep_rows, job));
  if (!swl_deal_pays((double)rows * (double)m * (double)source->rows)) {
    return swl_team_run(team, items, sweep_project, job);
  }
  return swl_team_deal(team, items, items, sweep_project, job, 1, &product);
}

static swale_status subspace_sweep(swl_team *team, subspace_job *job) {
  const subspace *noise = job->noise;
  SWL_TRY(sweep_all(team, job));
  for (size_t l = 0; l < noise->network->depth; l++) {
    job->layer = l;
    SWL_TRY(subspace_is_source(noise, l) ? sweep_source(team, job, l) : sweep_noisy(team, job, l));
  }
  return noise->roots ? subspace_leaves_join(noise, team, job->sum) : SWALE_OK;
}

swale_status subspace_table(void *self, swl_team *team, const swl_draws *draws, const float *x, double *losses) {
  subspace_job job = {self, draws, x, losses, {NULL, NULL}, NULL, team, 0};
  return sweep_all(team, &job);
}

swale_status subspace_combine(void *self, swl_team *team, const swl_draws *draws, const float *x, const double *weights,
                              float *sum) {
  subspace_job job = {self, draws, x, NULL, {weights, NULL}, sum, team, 0};
  return subspace_sweep(team, &job);
}

swale_status subspace_stream(void *self, swl_team *team, const swl_draws *draws, const float *x, const swl_rule *rule,
                             double *losses, float *sum) {
  subspace_job job = {self, draws, x, losses, {NULL, rule}, sum, team, 0};
  return subspace_sweep(team, &job);
}
