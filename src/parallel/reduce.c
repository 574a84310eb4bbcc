/* reduce.c - the fixed binary tree. */
#include "parallel/reduce.h"

swl_range swl_shard_range(size_t items, size_t shards, size_t shard) {
  const size_t least = items / shards, more = items % shards; /* the first `more` shards hold one item more */
  const size_t first = shard * least + (shard < more ? shard : more);
  return (swl_range){first, first + least + (shard < more)};
}

typedef struct reduce_job {
  size_t shards, dim;
  double *parts;
} reduce_job;

static swale_status reduce_tile(void *self, size_t worker, size_t tile) {
  const reduce_job *job = self;
  const swl_range range = swl_tile_range(job->dim, tile);
  (void)worker;
  for (size_t stride = 1; stride < job->shards; stride *= 2) {
    for (size_t shard = 0; shard + stride < job->shards; shard += 2 * stride) {
      double *into = job->parts + shard * job->dim;
      const double *from = job->parts + (shard + stride) * job->dim;
      for (size_t i = range.first; i < range.end; i++) into[i] += from[i];
    }
  }
  return SWALE_OK;
}

void swl_reduce_tree(swl_team *team, size_t shards, size_t dim, double *parts) {
  reduce_job job = {shards, dim, parts};
  swale_status status = swl_team_run(team, swl_tiles(dim), reduce_tile, &job);
  (void)status; /* reduce_tile cannot fail */
}
