/* subspace_leaves.c - the products of layers whose examples have draws of their own: by parts of the batch, in a tree.
 *
 * The sum of such a layer is [H 1]ᵀ C over all B examples. A large batch is cut into 2, 4, 8 or 16 leaves of examples:
 * as many as have at least LEAVES_LEAST each, whoever computes them. The product of each is made at once, and they are
 * added in a fixed tree, (p0 + p1) + (p2 + p3), whose terms are single precision.
 *
 * Where the number of ranks divides that of the leaves, a rank passes only its own examples through the network, and has a
 * whole subtree of every layer's sum: all that travels are the roots; a rank gets the sum of its own pieces, and steps
 * them (train/walk.h). Otherwise every rank has the examples
 * and credits of all, and rows of the products are dealt (subspace_sweep.c). The bytes are the same.
 */
#include "noise/subspace_leaves.h"

enum { LEAVES_MOST = 16, LEAVES_LEAST = 128 }; /* heuristic: shorter products are slower */

static size_t leaves_shards(const subspace *noise) {
  return noise->microbatches < noise->shards ? noise->microbatches : noise->shards;
}

static size_t leaves_count(const subspace *noise) {
  size_t leaves = 1;
  if (noise->group != 1) return 1;
  for (size_t l = 0; l < noise->network->depth; l++) {
    if (!subspace_is_source(noise, l) || subspace_chunks(noise, l) > 1) return 1;
  }
  while (2 * leaves <= LEAVES_MOST && leaves_shards(noise) % (2 * leaves) == 0 &&
         noise->batch / (2 * leaves) >= LEAVES_LEAST) {
    leaves *= 2;
  }
  return leaves;
}

/* Examples of the leaves of a range. */
static swl_range leaves_examples(const subspace *noise, swl_range leaves) {
  const size_t shards = leaves_shards(noise), each = shards / noise->leaves;
  const size_t first = swl_shard_range(noise->microbatches, shards, leaves.first * each).first * noise->width;
  const size_t end = swl_shard_range(noise->microbatches, shards, leaves.end * each - 1).end * noise->width;
  return (swl_range){first, end < noise->batch ? end : noise->batch};
}

swale_status subspace_leaves_create(subspace *noise, const swl_team *team, swl_arena *arena) {
  const size_t ranks = swl_ranks_size(swl_team_ranks(team));
  noise->leaves = leaves_count(noise);
  if (ranks == 1 || noise->leaves % ranks != 0) return SWALE_OK;
  noise->firsts = swl_arena_take(arena, ranks + 1, sizeof *noise->firsts);
  noise->roots = swl_arena_take(arena, ranks * noise->network->dim, sizeof *noise->roots);
  if (!noise->firsts || !noise->roots) return SWALE_ERROR_MEMORY;
  for (size_t r = 0; r < ranks; r++) {
    noise->firsts[r] = leaves_examples(noise, swl_shard_range(noise->leaves, ranks, r)).first;
  }
  noise->firsts[ranks] = noise->batch;
  return SWALE_OK;
}

swale_status subspace_leaves_scratch(const subspace *noise, swl_arena *arena, float **spare) {
  size_t depth = 0, widest = 0;
  for (size_t l = 0; l < noise->network->depth; l++) {
    const size_t m = noise->network->layers[l].outputs;
    widest = m > widest ? m : widest;
  }
  while (((size_t)1 << depth) < noise->leaves) depth++;
  *spare = swl_arena_take(arena, depth * (SUBSPACE_ROWS + 1) * widest, sizeof **spare);
  return *spare ? SWALE_OK : SWALE_ERROR_MEMORY;
}

typedef struct leaves_rows {
  const subspace *noise;
  size_t layer, first, rows; /* of H: the last of all, the biases, go with the rows before them */
  int last;
} leaves_rows;

static void leaves_product(const leaves_rows *at, swl_range leaves, float *into, float *spare) {
  const subspace *noise = at->noise;
  const size_t n = noise->network->layers[at->layer].inputs, m = noise->network->layers[at->layer].outputs;
  const size_t count = leaves.end - leaves.first;
  if (count == 1) {
    const swl_range seen = leaves_examples(noise, leaves);
    const float *left = noise->clean.h[at->layer] + seen.first * n, *right = noise->source[at->layer].right;
    noise->kernels->gemm(1, 0, at->rows, m, seen.end - seen.first, left + at->first, n, right + seen.first * m, m, into,
                         m);
    if (at->last) swl_vector()->column_sums(seen.end - seen.first, m, right + seen.first * m, into + at->rows * m);
    return;
  }
  const size_t half = leaves.first + count / 2, size = (at->rows + (at->last != 0)) * m;
  leaves_product(at, (swl_range){leaves.first, half}, into, spare);
  leaves_product(at, (swl_range){half, leaves.end}, spare, spare + size);
  for (size_t i = 0; i < size; i++) into[i] += spare[i];
}

void subspace_leaves_rows(const subspace *noise, const swl_team *team, size_t worker, size_t layer, size_t item,
                          float *sum) {
  const swl_layer *at = &noise->network->layers[layer];
  const size_t first = item * SUBSPACE_ROWS, rest = at->inputs - first;
  const leaves_rows rows = {noise, layer, first, rest < SUBSPACE_ROWS ? rest : SUBSPACE_ROWS, rest <= SUBSPACE_ROWS};
  const swl_range leaves = noise->roots ? swl_team_part(team, noise->leaves) : (swl_range){0, noise->leaves};
  float *whole = noise->roots ? noise->roots + swl_ranks_rank(swl_team_ranks(team)) * noise->network->dim : sum;
  leaves_product(&rows, leaves, whole + at->offset + first * at->outputs, noise->scratch[worker].spare);
}

typedef struct leaves_job {
  const subspace *noise;
  size_t ranks;
  float *sum;
} leaves_job;

/* What is left of the tree above the ranks' roots. */
static swale_status leaves_join(void *self, size_t worker, size_t piece) {
  const leaves_job *job = self;
  const size_t dim = job->noise->network->dim;
  const swl_range range = swl_piece_range(dim, piece);
  (void)worker;
  for (size_t width = 1; width < job->ranks; width *= 2) {
    for (size_t row = 0; row < job->ranks; row += 2 * width) {
      float *left = job->noise->roots + row * dim, *into = 2 * width == job->ranks ? job->sum : left;
      const float *right = left + width * dim;
      for (size_t i = range.first; i < range.end; i++) into[i] = left[i] + right[i];
    }
  }
  return SWALE_OK;
}

swale_status subspace_leaves_join(const subspace *noise, swl_team *team, float *sum) {
  const size_t ranks = swl_ranks_size(swl_team_ranks(team)), dim = noise->network->dim;
  leaves_job job = {noise, ranks, sum};
  /* Without an agreement: nothing since that of the draws can fail on one rank alone. */
  SWL_TRY(swl_team_turn(team, ranks, ranks, noise->roots, dim * sizeof *sum, SWL_PIECE * sizeof *sum, NULL, NULL));
  return swl_team_run_part(team, swl_team_part(team, swl_pieces(dim)), leaves_join, &job);
}
