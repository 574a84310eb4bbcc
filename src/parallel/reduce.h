/* reduce.h - sums whose bytes do not depend on who computed what.
 *
 * Work that must be added up is dealt in shards, a fixed number that is part of the configuration. Each shard sums its
 * own items in order; the shard sums are combined by a fixed binary tree:
 *
 *   ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + …)
 */
#ifndef SWL_PARALLEL_REDUCE_H
#define SWL_PARALLEL_REDUCE_H

#include "parallel/deal.h"

/* parts (shards × dim), a row per shard, each filled on the rank that swl_team_deal gave the shard to. Afterwards, on
 * every rank, sum (dim) = scale times their sum, and *square the sum's own |·|². The rows are scratch; squares: swl_tiles
 * (dim) numbers of scratch. A rank sums the whole subtrees that it has; their roots travel to the rank that ends the
 * tree for a tile of coordinates, and the sum to everyone. */
SWALE_NODISCARD swale_status swl_reduce_tree(swl_team *team, size_t shards, size_t dim, double *parts, double scale,
                                             float *sum, double *squares, double *square);

/* Coordinates 0..dim are cut into tiles; run task(self, worker, tile) for each. A tile starts at tile * SWL_TILE. */
enum { SWL_TILE = 1024 };
static inline size_t swl_tiles(size_t dim) { return (dim + SWL_TILE - 1) / SWL_TILE; }
static inline swl_range swl_tile_range(size_t dim, size_t tile) {
  const size_t first = tile * SWL_TILE, end = first + SWL_TILE;
  return (swl_range){first, end < dim ? end : dim};
}

/* Coordinates that a step takes together: whole tiles. Also how they are dealt to ranks. */
enum { SWL_PIECE = 4 * SWL_TILE };
static inline size_t swl_pieces(size_t dim) { return (dim + SWL_PIECE - 1) / SWL_PIECE; }
static inline swl_range swl_piece_range(size_t dim, size_t piece) {
  const size_t first = piece * SWL_PIECE, end = first + SWL_PIECE;
  return (swl_range){first, end < dim ? end : dim};
}

#endif
