/* probe.c - see probe.h. */
#include "train/probe.h"

#include "numeric/numeric.h"
#include "parallel/reduce.h"
#include "problem/outputs.h"
#include "random/gaussian.h"

#include <math.h>

struct swl_probe {
  swl_outputs outputs;
  swl_team *team;
  float **points; /* one per worker, dim each */
  /* Of the running call. */
  const float *x;
  const swl_table *table;
  swl_probe_point point;
  const void *self;
  swl_assessment *seen;
  double *each;
};

swale_status swl_probe_create(swl_arena *arena, const swl_network *network, const swl_kernels *kernels, swl_team *team,
                              swl_probe **probe) {
  const size_t workers = swl_team_size(team);
  swl_probe *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->team = team;
  made->points = swl_arena_take(arena, workers, sizeof *made->points);
  if (!made->points) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_outputs_create(arena, network, kernels, workers, &made->outputs));
  for (size_t w = 0; w < workers; w++) {
    made->points[w] = swl_arena_take(arena, network->dim, sizeof(float));
    if (!made->points[w]) return SWALE_ERROR_MEMORY;
  }
  *probe = made;
  return SWALE_OK;
}

static swale_status probe_item(void *pointer, size_t worker, size_t item) {
  swl_probe *probe = pointer;
  const swl_outputs *from = &probe->outputs;
  const swl_table *table = probe->table;
  swl_assessment_part part = {0};
  float *point = probe->points[worker];
  probe->point(probe->self, item, probe->x, point);
  for (size_t chunk = 0; chunk < swl_outputs_chunks(table); chunk++) {
    swl_examples examples;
    const float *outputs = swl_outputs_of(from, worker, point, table, chunk, &examples);
    const size_t first = chunk * SWL_OUTPUTS_CHUNK;
    double *losses = probe->each ? probe->each + item * table->count + first : from->losses[worker];
    swl_assess_add(from->network, outputs, &examples, losses, &part);
  }
  swl_assess_finish(from->network, table, &part, &probe->seen[item]);
  return SWALE_OK;
}

swale_status swl_probe_run(swl_probe *probe, const float *x, const swl_table *table, size_t items,
                           swl_probe_point point, const void *self, swl_assessment *seen, double *each) {
  probe->x = x;
  probe->table = table;
  probe->point = point;
  probe->self = self;
  probe->seen = seen;
  probe->each = each;
  const swl_dealt outputs[] = {SWL_DEALT(1, seen), SWL_DEALT(table->count, each)};
  return swl_team_deal(probe->team, items, items, probe_item, probe, each ? 2 : 1, outputs);
}

void swl_probe_perturb(const swl_stream *stream, size_t dim, float scale, const float *x, float *point) {
  float z[SWL_TILE];
  for (size_t tile = 0; tile < swl_tiles(dim); tile++) {
    const swl_range range = swl_tile_range(dim, tile);
    const size_t count = range.end - range.first;
    swl_gaussian_fill(stream, range.first, count, z);
    swl_perturb(count, x + range.first, scale, z, point + range.first);
  }
}

swl_mean swl_mean_of(size_t count, const double *values) {
  double mean = 0, square = 0;
  for (size_t i = 0; i < count; i++) mean += values[i] / (double)count;
  for (size_t i = 0; i < count; i++) square += (values[i] - mean) * (values[i] - mean);
  const double units = (double)count;
  return (swl_mean){mean, count > 1 ? sqrt(square / (units * (units - 1))) : (double)NAN};
}
