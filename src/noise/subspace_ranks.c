/* subspace_ranks.c - what the ranks that made the draws of a smoothing send to each other. */
#include "noise/subspace_ranks.h"

#include "parallel/ranks.h"

#include <string.h>

/* The losses of a pass: a rectangle of the table of draws × groups. */
typedef struct ranks_rectangle {
  size_t draw, draws, group, groups;
} ranks_rectangle;

static ranks_rectangle ranks_losses(const subspace *noise, size_t smoothing, size_t number) {
  const size_t chunks = subspace_chunks(noise, smoothing), microbatch = number / chunks;
  const swl_range pairs = subspace_chunk(noise, smoothing, number % chunks);
  const size_t first = microbatch * noise->width, rest = noise->batch - first,
               w = rest < noise->width ? rest : noise->width;
  const int alone = noise->group == 1;
  return (ranks_rectangle){noise->plan.first[smoothing] + pairs.first * noise->members,
                           (pairs.end - pairs.first) * noise->members, alone ? first : microbatch, alone ? w : 1};
}

/* Passes first .. end-1 between the table and the packed losses, which begin with those of pass `first`. */
static size_t ranks_copy(const subspace *noise, size_t smoothing, size_t first, size_t end, double *losses,
                         double *packed, int pack) {
  size_t used = 0;
  for (size_t number = first; number < end; number++) {
    const ranks_rectangle at = ranks_losses(noise, smoothing, number);
    for (size_t j = at.draw; losses && j < at.draw + at.draws; j++, used += at.groups) {
      double *row = losses + j * noise->groups + at.group;
      memcpy(pack ? packed + used : row, pack ? row : packed + used, at.groups * sizeof *row);
    }
    if (!losses) used += at.draws * at.groups;
  }
  return used;
}

static swale_status ranks_smoothing_losses(const subspace *noise, swl_team *team, size_t smoothing, double *losses) {
  swl_ranks *ranks = swl_team_ranks(team);
  const size_t size = swl_ranks_size(ranks), rank = swl_ranks_rank(ranks);
  size_t *bounds = swl_ranks_bounds(ranks);
  bounds[0] = 0;
  for (size_t r = 0; r < size; r++) {
    const size_t first = subspace_first_pass(noise, team, smoothing, r);
    const size_t end = subspace_first_pass(noise, team, smoothing, r + 1);
    double *packed = noise->packed + bounds[r] / sizeof(double);
    const size_t used = ranks_copy(noise, smoothing, first, end, r == rank ? losses : NULL, packed, 1);
    bounds[r + 1] = bounds[r] + used * sizeof(double);
  }
  SWL_TRY(swl_ranks_gather(ranks, noise->packed, bounds));
  for (size_t r = 0; r < size; r++) {
    const size_t first = subspace_first_pass(noise, team, smoothing, r);
    const size_t end = subspace_first_pass(noise, team, smoothing, r + 1);
    if (r != rank)
      (void)ranks_copy(noise, smoothing, first, end, losses, noise->packed + bounds[r] / sizeof(double), 0);
  }
  return SWALE_OK;
}

swale_status subspace_gather_losses(const subspace *noise, swl_team *team, double *losses) {
  if (!swl_team_ranks(team)) return SWALE_OK;
  for (size_t b = 0; b < noise->plan.count; b++) SWL_TRY(ranks_smoothing_losses(noise, team, b, losses));
  return SWALE_OK;
}

swale_status subspace_gather_credit(const subspace *noise, swl_team *team, size_t smoothing) {
  swl_ranks *ranks = swl_team_ranks(team);
  const subspace_source *source = &noise->source[smoothing];
  if (!ranks) return SWALE_OK;
  size_t *bounds = swl_ranks_bounds(ranks);
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) {
    bounds[r] = subspace_first_pass(noise, team, smoothing, r) * source->stride * sizeof(float);
  }
  return swl_ranks_gather(ranks, source->credit, bounds);
}

/* columns: of the credit of a pass, dealt in tiles. */
static const size_t *ranks_columns(swl_ranks *ranks, const swl_team *team, size_t bytes, size_t tile) {
  size_t *columns = swl_ranks_columns(ranks);
  const size_t tiles = (bytes + tile - 1) / tile;
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) {
    const size_t column = swl_team_first(team, tiles, tiles, r) * tile;
    columns[r] = column < bytes ? column : bytes;
  }
  return columns;
}

swale_status subspace_turn_credit(const subspace *noise, swl_team *team, size_t smoothing, size_t tile) {
  swl_ranks *ranks = swl_team_ranks(team);
  const subspace_source *source = &noise->source[smoothing];
  const size_t bytes = source->stride * sizeof(float);
  if (!ranks) return SWALE_OK;
  size_t *bounds = swl_ranks_bounds(ranks);
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) bounds[r] = subspace_first_pass(noise, team, smoothing, r);
  return swl_ranks_turn(ranks, source->credit, bytes, bounds, ranks_columns(ranks, team, bytes, tile), NULL, NULL);
}

swale_status subspace_gather_columns(const subspace *noise, swl_team *team, size_t smoothing, size_t tile) {
  swl_ranks *ranks = swl_team_ranks(team);
  const subspace_source *source = &noise->source[smoothing];
  const size_t bytes = source->stride * sizeof(float), apart = bytes * subspace_chunks(noise, smoothing);
  if (!ranks) return SWALE_OK;
  return swl_ranks_gather_columns(ranks, source->credit, apart, noise->microbatches,
                                  ranks_columns(ranks, team, bytes, tile));
}
