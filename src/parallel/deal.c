/* deal.c - see deal.h. */
#include "parallel/deal.h"

#include "parallel/ranks.h"

swl_range swl_team_part(const swl_team *team, size_t shards) {
  const swl_ranks *ranks = swl_team_ranks(team);
  return swl_shard_range(shards, swl_ranks_size(ranks), swl_ranks_rank(ranks));
}

size_t swl_team_first(const swl_team *team, size_t items, size_t shards, size_t rank) {
  const size_t ranks = swl_ranks_size(swl_team_ranks(team)), all = shards, place = rank;
  const size_t shard = place < ranks ? swl_shard_range(all, ranks, place).first : shards;
  return shard < shards ? swl_shard_range(items, shards, shard).first : items;
}

int swl_deal_pays(double operations) { return operations >= 0x1p21; } /* heuristic: some 20 us of a core */

swale_status swl_team_gather(swl_team *team, size_t items, size_t shards, const swl_dealt *output) {
  swl_ranks *ranks = swl_team_ranks(team);
  if (!ranks) return SWALE_OK;
  size_t *bounds = swl_ranks_bounds(ranks);
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) {
    const size_t item = swl_team_first(team, items, shards, r), at = item * output->item;
    const int within = output->end == SIZE_MAX || (item < items && at < output->end);
    bounds[r] = within ? at : output->end;
  }
  return swl_ranks_gather(ranks, output->data, bounds);
}

swale_status swl_team_deal(swl_team *team, size_t items, size_t shards, swl_task task, void *self, size_t count,
                           const swl_dealt *outputs) {
  const swale_status status = swl_team_run_part(team, swl_team_part(team, shards), task, self);
  swl_ranks *ranks = swl_team_ranks(team);
  if (!ranks) return status;
  SWL_TRY(swl_ranks_agree(ranks, status));
  for (size_t i = 0; i < count; i++) SWL_TRY(swl_team_gather(team, items, shards, &outputs[i]));
  return SWALE_OK;
}

swale_status swl_team_turn(swl_team *team, size_t rows, size_t shards, void *data, size_t bytes, size_t tile,
                           swl_sent sent, const void *self) {
  swl_ranks *ranks = swl_team_ranks(team);
  if (!ranks) return SWALE_OK;
  size_t *bounds = swl_ranks_bounds(ranks), *columns = swl_ranks_columns(ranks);
  const size_t tiles = (bytes + tile - 1) / tile;
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) {
    const size_t at = swl_team_first(team, tiles, tiles, r) * tile;
    bounds[r] = swl_team_first(team, rows, shards, r);
    columns[r] = at < bytes ? at : bytes;
  }
  return swl_ranks_turn(ranks, data, bytes, bounds, columns, sent, self);
}
