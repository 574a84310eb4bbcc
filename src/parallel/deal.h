/* deal.h - a team's items dealt to the ranks first, and the outputs of all brought to everyone.
 *
 * `items` are dealt in `shards`, and the shards to the ranks, both as evenly as can be; the task runs once per shard. Where
 * every item is a task of its own shards = items. On a single rank this is swl_team_run(team, shards, …).
 */
#ifndef SWL_PARALLEL_DEAL_H
#define SWL_PARALLEL_DEAL_H

#include "parallel/team.h"

/* What the tasks fill: item i the bytes i × item .. (i + 1) × item - 1 of data; the last one those up to `end`, where that
 * is not SIZE_MAX. */
typedef struct swl_dealt {
  void *data;
  size_t item, end;
} swl_dealt;
#define SWL_DEALT(count, data)                                                                                         \
  (swl_dealt) { (data), (count) * sizeof *(data), SIZE_MAX }

/* Shards that this rank runs. */
swl_range swl_team_part(const swl_team *team, size_t shards);
/* The first item of rank `rank`; `items` for rank = number of ranks. */
size_t swl_team_first(const swl_team *team, size_t items, size_t shards, size_t rank);

/* Run the shards of this rank; then every rank has all outputs. Status as of swl_team_run. */
SWALE_NODISCARD swale_status swl_team_deal(swl_team *team, size_t items, size_t shards, swl_task task, void *self,
                                           size_t count, const swl_dealt *outputs);

/* Is work of so many multiply-adds worth an exchange? The same answer on every rank. */
int swl_deal_pays(double operations);

/* The output alone, where each rank has its items already. */
SWALE_NODISCARD swale_status swl_team_gather(swl_team *team, size_t items, size_t shards, const swl_dealt *output);

/* rows (each `bytes` long) dealt like items; afterwards this rank has its columns of all rows: those of its part of the
 * tiles of `tile` bytes. */
SWALE_NODISCARD swale_status swl_team_turn(swl_team *team, size_t rows, size_t shards, void *data, size_t bytes,
                                           size_t tile, swl_sent sent, const void *self);

#endif
