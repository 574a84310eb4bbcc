/* subspace_plan.c - see subspace_plan.h. */
#include "noise/subspace_plan.h"

size_t subspace_pairs(const subspace *noise, size_t smoothing) {
  return (noise->plan.first[smoothing + 1] - noise->plan.first[smoothing]) / noise->members;
}

/* Pairs that go through together, in lanes or columns, and are not taken apart. */
static size_t plan_step(const subspace *noise, size_t smoothing) {
  return noise->lanes || noise->source[smoothing].way == SUBSPACE_SPLIT ? SUBSPACE_LANES : noise->together;
}

static size_t plan_steps(const subspace *noise, size_t smoothing) {
  const size_t step = plan_step(noise, smoothing);
  return (subspace_pairs(noise, smoothing) + step - 1) / step;
}

/* As many as make up for micro-batches that are fewer than shards, but not so many that draws no longer go through together. */
size_t subspace_chunks(const subspace *noise, size_t smoothing) {
  const size_t wanted = (noise->shards + noise->microbatches - 1) / noise->microbatches,
               most = plan_steps(noise, smoothing);
  return wanted < most ? wanted : most;
}

swl_range subspace_chunk(const subspace *noise, size_t smoothing, size_t chunk) {
  const size_t step = plan_step(noise, smoothing), pairs = subspace_pairs(noise, smoothing);
  const swl_range steps = swl_shard_range(plan_steps(noise, smoothing), subspace_chunks(noise, smoothing), chunk);
  return (swl_range){steps.first * step, steps.end * step < pairs ? steps.end * step : pairs};
}

size_t subspace_passes(const subspace *noise, size_t smoothing) {
  return noise->microbatches * subspace_chunks(noise, smoothing);
}

int subspace_is_fused(const subspace *noise, size_t smoothing) {
  const size_t above = smoothing + 1;
  return above < noise->network->depth && noise->network->layers[above].outputs <= SUBSPACE_NARROW &&
         (noise->layerwise || noise->group > 1);
}

size_t subspace_shards(const subspace *noise, size_t smoothing) {
  const size_t passes = subspace_passes(noise, smoothing);
  return passes < noise->shards ? passes : noise->shards;
}

size_t subspace_first_pass(const subspace *noise, const swl_team *team, size_t smoothing, size_t rank) {
  return swl_team_first(team, subspace_passes(noise, smoothing), subspace_shards(noise, smoothing), rank);
}
