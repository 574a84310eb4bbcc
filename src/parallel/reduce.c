/* reduce.c - the fixed binary tree. A node at `row` of width w is the sum of the rows row .. row + w - 1 (as far as there
 * are any), w a power of two that divides row; it takes the place of the first of them. */
#include "parallel/reduce.h"

typedef struct reduce_job {
  size_t shards, dim, ranks;
  double *parts, scale;
  float *sum;
  double *squares; /* per tile */
  swl_range rows;  /* of this rank */
} reduce_job;

/* The rows that the owner of `row` has. */
static swl_range reduce_owned(const reduce_job *job, size_t row) {
  const size_t least = job->shards / job->ranks, more = job->shards % job->ranks, larger = more * (least + 1);
  const size_t rank = row < larger ? row / (least + 1) : more + (row - larger) / least;
  return swl_shard_range(job->shards, job->ranks, rank);
}

static size_t reduce_end(const reduce_job *job, size_t row, size_t width) {
  return row + width < job->shards ? row + width : job->shards;
}

/* Is all of the node on one rank? */
static int reduce_is_whole(const reduce_job *job, size_t row, size_t width) {
  return reduce_end(job, row, width) <= reduce_owned(job, row).end;
}

/* Does the row travel: is it a node that is whole, below one that is not, or is the top? */
static int reduce_is_root(const void *self, size_t rank, size_t row) {
  const reduce_job *job = self;
  size_t width = 1;
  (void)rank;
  while (width < job->shards && row % (2 * width) == 0 && reduce_is_whole(job, row, 2 * width)) width *= 2;
  const size_t above = row - row % (2 * width);
  return width >= job->shards || !reduce_is_whole(job, above, 2 * width);
}

/* The nodes of a tile that are whole (within this rank), or all others. */
static void reduce_nodes(const reduce_job *job, size_t tile, int whole) {
  const swl_range range = swl_tile_range(job->dim, tile);
  for (size_t width = 1; width < job->shards; width *= 2) {
    for (size_t row = 0; row + width < job->shards; row += 2 * width) {
      const int inside = reduce_is_whole(job, row, 2 * width);
      if (inside != whole || (whole && (row < job->rows.first || row >= job->rows.end))) continue;
      double *into = job->parts + row * job->dim;
      const double *from = into + width * job->dim;
      for (size_t i = range.first; i < range.end; i++) into[i] += from[i];
    }
  }
}

static swale_status reduce_own(void *self, size_t worker, size_t tile) {
  (void)worker;
  reduce_nodes(self, tile, 1);
  return SWALE_OK;
}

static swale_status reduce_rest(void *self, size_t worker, size_t tile) {
  const reduce_job *job = self;
  const swl_range range = swl_tile_range(job->dim, tile);
  double square = 0;
  (void)worker;
  reduce_nodes(job, tile, 0);
  for (size_t i = range.first; i < range.end; i++) {
    job->sum[i] = (float)(job->scale * job->parts[i]);
    square += job->parts[i] * job->parts[i];
  }
  job->squares[tile] = square;
  return SWALE_OK;
}

swale_status swl_reduce_tree(swl_team *team, size_t shards, size_t dim, double *parts, double scale, float *sum,
                             double *squares, double *square) {
  const size_t tiles = swl_tiles(dim), bytes = sizeof(double);
  reduce_job job = {shards, dim, swl_ranks_size(swl_team_ranks(team)), parts, scale, sum, squares, {0}};
  const swl_dealt outputs[] = {{sum, SWL_TILE * sizeof *sum, dim * sizeof *sum}, SWL_DEALT(1, squares)};
  job.rows = swl_team_part(team, shards);
  SWL_TRY(swl_team_run(team, tiles, reduce_own, &job));
  SWL_TRY(swl_team_turn(team, shards, shards, parts, dim * bytes, SWL_TILE * bytes, reduce_is_root, &job));
  SWL_TRY(swl_team_deal(team, tiles, tiles, reduce_rest, &job, 2, outputs));
  *square = 0;
  for (size_t tile = 0; tile < tiles; tile++) *square += squares[tile];
  return SWALE_OK;
}
