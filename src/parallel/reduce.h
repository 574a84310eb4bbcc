/* reduce.h - sums whose bytes do not depend on who computed what.
 *
 * Work that must be added up is dealt in shards, a fixed number that is part of the configuration. Each shard sums its
 * own items in order; the shard sums are combined by a fixed binary tree:
 *
 *   ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + …)
 */
#ifndef SWL_PARALLEL_REDUCE_H
#define SWL_PARALLEL_REDUCE_H

#include "parallel/team.h"

/* Half-open range of items of shard `shard` when `items` are dealt to `shards` as evenly as can be. */
typedef struct swl_range {
  size_t first, end;
} swl_range;
swl_range swl_shard_range(size_t items, size_t shards, size_t shard);

/* parts (shards × dim), row per shard; afterwards row 0 holds the sum and the other rows are scratch. Parallel over
 * coordinates. */
void swl_reduce_tree(swl_team *team, size_t shards, size_t dim, double *parts);

/* Coordinates 0..dim are cut into tiles; run task(self, worker, tile) for each. A tile starts at tile * SWL_TILE. */
enum { SWL_TILE = 1024 };
static inline size_t swl_tiles(size_t dim) { return (dim + SWL_TILE - 1) / SWL_TILE; }
static inline swl_range swl_tile_range(size_t dim, size_t tile) {
  const size_t first = tile * SWL_TILE, end = first + SWL_TILE;
  return (swl_range){first, end < dim ? end : dim};
}

#endif
