/* batches.c - see batches.h. Epoch e permutes 0 .. count-1 by the stream (seed, SWL_PURPOSE_SHUFFLE, e). */
#include "data/batches.h"

#include "random/stream.h"

#include <string.h>

struct swl_batches {
  const swl_table *table;
  size_t features, outputs;
  size_t size, per_epoch;
  uint64_t seed;
  uint64_t epoch;     /* of `order`; UINT64_MAX = none yet */
  uint32_t *order;    /* count: the permutation of the epoch; NULL when every batch is the whole table */
  swl_table gathered; /* size examples */
};

swale_status swl_batches_create(swale_context *context, swl_arena *arena, const swl_table *table, size_t features,
                                size_t outputs, size_t batch, uint64_t seed, swl_batches **batches) {
  if (table->count == 0) return swl_fail(context, SWALE_ERROR_USAGE, "there are no examples to make batches of");
  if (batch > table->count || table->count > UINT32_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "the batch has %zu examples; 0 (all) to %zu, the number of training examples, are allowed", batch,
                    table->count);
  }
  swl_batches *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  *made = (swl_batches){.table = table,
                        .features = features,
                        .outputs = outputs,
                        .size = batch ? batch : table->count,
                        .per_epoch = swl_updates_per_epoch(table->count, batch),
                        .seed = seed,
                        .epoch = UINT64_MAX};
  if (batch) {
    made->order = swl_arena_take(arena, table->count, sizeof *made->order);
    made->gathered.inputs = swl_arena_take(arena, batch, features * sizeof(float));
    if (table->labels) made->gathered.labels = swl_arena_take(arena, batch, sizeof(uint32_t));
    if (table->targets) made->gathered.targets = swl_arena_take(arena, batch, outputs * sizeof(float));
    if (table->weights) made->gathered.weights = swl_arena_take(arena, batch, sizeof(double));
    if (!made->order || !made->gathered.inputs || (table->weights && !made->gathered.weights) ||
        (table->labels && !made->gathered.labels) || (table->targets && !made->gathered.targets)) {
      return SWALE_ERROR_MEMORY;
    }
    made->gathered.count = batch;
  }
  *batches = made;
  return SWALE_OK;
}

size_t swl_batches_size(const swl_batches *batches) { return batches->size; }

enum { BATCHES_CHUNK = 32 }; /* examples per item of the team */

typedef struct batches_job {
  const swl_batches *batches;
  const uint32_t *which; /* size */
} batches_job;

static swale_status batches_gather(void *self, size_t worker, size_t item) {
  const batches_job *job = self;
  const swl_batches *batches = job->batches;
  const swl_table *table = batches->table, *gathered = &batches->gathered;
  const size_t features = batches->features, outputs = batches->outputs;
  const size_t first = item * BATCHES_CHUNK, rest = batches->size - first;
  (void)worker;
  for (size_t i = first; i < first + (rest < BATCHES_CHUNK ? rest : BATCHES_CHUNK); i++) {
    const size_t from = job->which[i];
    memcpy(gathered->inputs + i * features, table->inputs + from * features, features * sizeof(float));
    if (table->labels) gathered->labels[i] = table->labels[from];
    if (table->weights) gathered->weights[i] = table->weights[from];
    if (table->targets) {
      memcpy(gathered->targets + i * outputs, table->targets + from * outputs, outputs * sizeof(float));
    }
  }
  return SWALE_OK;
}

const swl_table *swl_batches_at(swl_batches *batches, swl_team *team, swl_range examples, uint64_t update) {
  const swl_table *table = batches->table;
  if (!batches->order) return table;
  const uint64_t epoch = update / batches->per_epoch;
  if (epoch != batches->epoch) {
    const swl_stream stream = swl_stream_make(swl_philox(batches->seed), SWL_PURPOSE_SHUFFLE, epoch, 0, 0);
    swl_permutation(&stream, (uint32_t)table->count, batches->order);
    batches->epoch = epoch;
  }
  const uint32_t *which = batches->order + (update % batches->per_epoch) * batches->size;
  batches_job job = {batches, which};
  const size_t end = examples.end < batches->size ? examples.end : batches->size;
  const swl_range items = {examples.first / BATCHES_CHUNK, (end + BATCHES_CHUNK - 1) / BATCHES_CHUNK};
  swale_status status = team ? swl_team_run_part(team, items, batches_gather, &job) : SWALE_OK; /* items cannot fail */
  for (size_t i = items.first; !team && i < items.end; i++) status = batches_gather(&job, 0, i);
  (void)status;
  return &batches->gathered;
}
