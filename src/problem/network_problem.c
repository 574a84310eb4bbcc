/* network_problem.c - the mean loss of a network over the groups of a batch. */
#include "data/batches.h"
#include "problem/examples.h"
#include "problem/problem_parts.h"
#include "random/stream.h"

enum { NETWORK_CHUNK = 1024 }; /* examples that pass through the layers together: bounds memory, fills the cache */

typedef struct network_worker {
  swl_workspace *workspace;
  double *losses; /* chunk */
  float *part;    /* dim: gradient of one chunk; NULL if a group is one chunk */
} network_worker;

typedef struct network_problem {
  swl_network network;
  swl_batches *batches;
  const swl_table *batch; /* of the current update */
  size_t group;           /* examples per group, the last one may have fewer */
  size_t chunk;           /* <= NETWORK_CHUNK */
  network_worker *workers;
} network_problem;

static size_t network_group_end(const network_problem *self, size_t group) {
  const size_t end = (group + 1) * self->group;
  return end < self->batch->count ? end : self->batch->count;
}

static double network_sum(const double *losses, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += losses[i];
  return sum;
}

static swale_status network_evaluate(void *pointer, size_t worker, size_t group, const float *x, double *loss) {
  const network_problem *self = pointer;
  const network_worker *mine = &self->workers[worker];
  const size_t first = group * self->group, end = network_group_end(self, group);
  double sum = 0;
  for (size_t at = first; at < end; at += self->chunk) {
    const size_t count = end - at < self->chunk ? end - at : self->chunk;
    const swl_examples examples = swl_examples_of(&self->network, self->batch, at, count);
    swl_network_losses(&self->network, mine->workspace, x, &examples, mine->losses);
    sum += network_sum(mine->losses, count);
  }
  *loss = sum / (double)(end - first);
  return SWALE_OK;
}

static swale_status network_gradient(void *pointer, size_t worker, size_t group, const float *x, float *gradient,
                                     double *loss) {
  const network_problem *self = pointer;
  const network_worker *mine = &self->workers[worker];
  const size_t first = group * self->group, end = network_group_end(self, group);
  double sum = 0;
  for (size_t at = first; at < end; at += self->chunk) {
    const size_t count = end - at < self->chunk ? end - at : self->chunk;
    const swl_examples examples = swl_examples_of(&self->network, self->batch, at, count);
    const int alone = count == end - first;
    float *into = alone ? gradient : mine->part;
    swl_network_gradient(&self->network, mine->workspace, x, &examples, into, mine->losses);
    sum += network_sum(mine->losses, count);
    if (alone) continue;
    const float share = (float)((double)count / (double)(end - first));
    for (size_t i = 0; i < self->network.dim; i++) gradient[i] = (at == first ? 0 : gradient[i]) + share * into[i];
  }
  *loss = sum / (double)(end - first);
  return SWALE_OK;
}

static void network_prepare(void *pointer, swl_team *team, swl_range examples, uint64_t update) {
  network_problem *self = pointer;
  self->batch = swl_batches_at(self->batches, team, examples, update);
}

static const swl_table *network_batch(void *pointer) {
  const network_problem *self = pointer;
  return self->batch;
}

static const swl_problem_ops network_ops = {
    .name = "network", .evaluate = network_evaluate, .prepare = network_prepare, .batch = network_batch};
static const swl_problem_ops network_ops_gradient = {.name = "network",
                                                     .evaluate = network_evaluate,
                                                     .gradient = network_gradient,
                                                     .prepare = network_prepare,
                                                     .batch = network_batch};

static swale_status network_check(swale_context *context, const swl_network *network, const swl_table *table) {
  if (network->loss->classification && !table->labels) {
    return swl_fail(context, SWALE_ERROR_USAGE, "loss %s needs labels; the data has numbers to predict",
                    network->loss->name);
  }
  if (!network->loss->classification && !table->targets) {
    return swl_fail(context, SWALE_ERROR_USAGE, "loss %s needs numbers to predict; the data has labels",
                    network->loss->name);
  }
  return SWALE_OK;
}

static swale_status network_fill(swale_context *context, swl_arena *arena, const swl_settings *settings,
                                 const swl_table *table, size_t workers, int backward, network_problem *self,
                                 swale_problem *made) {
  const swl_network *network = &self->network;
  SWL_TRY(swl_batches_create(context, arena, table, network->inputs, network->outputs, (size_t)settings->batch,
                             (uint64_t)settings->seed, &self->batches));
  const size_t batch = swl_batches_size(self->batches);
  const size_t group = settings->group ? (size_t)settings->group : batch;
  if (group > batch) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option group: %zu is more than the %zu examples of a batch", group,
                    batch);
  }
  self->group = made->group = group;
  made->batch = batch;
  self->chunk = group < NETWORK_CHUNK ? group : NETWORK_CHUNK;
  made->groups = (batch + group - 1) / group;
  if (made->groups > SWL_GROUP_LIMIT) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option group: %zu makes %zu groups; allowed are at most %d", group,
                    made->groups, SWL_GROUP_LIMIT);
  }
  double *shares = swl_arena_take(arena, made->groups, sizeof *shares);
  self->workers = swl_arena_take(arena, workers, sizeof *self->workers);
  if (!shares || !self->workers) return SWALE_ERROR_MEMORY;
  for (size_t g = 0; g < made->groups; g++) {
    const size_t end = (g + 1) * group < batch ? (g + 1) * group : batch;
    shares[g] = (double)(end - g * group) / (double)batch;
  }
  made->shares = shares;
  const swl_kernels *kernels = swl_kernels_find(swl_word_text(settings->kernels));
  for (size_t w = 0; w < workers; w++) {
    network_worker *mine = &self->workers[w];
    SWL_TRY(swl_workspace_create(arena, network, kernels, self->chunk, backward, &mine->workspace));
    mine->losses = swl_arena_take(arena, self->chunk, sizeof *mine->losses);
    if (!mine->losses) return SWALE_ERROR_MEMORY;
    if (!backward || self->chunk == group) continue;
    mine->part = swl_arena_take(arena, network->dim, sizeof *mine->part);
    if (!mine->part) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

swale_status swl_network_problem_create(swale_context *context, const swl_settings *settings,
                                        const swl_network *network, const swl_table *table, size_t workers,
                                        int backward, swale_problem **problem) {
  SWL_TRY(network_check(context, network, table));
  swl_arena *arena = NULL;
  SWL_TRY(swl_arena_create(context, &arena));
  swale_problem *made = swl_arena_take(arena, 1, sizeof *made);
  network_problem *self = swl_arena_take(arena, 1, sizeof *self);
  swale_status status = made && self ? SWALE_OK : SWALE_ERROR_MEMORY;
  if (status == SWALE_OK) {
    self->network = *network;
    *made = (swale_problem){
        .context = context,
        .arena = arena,
        .ops = backward ? &network_ops_gradient : &network_ops,
        .self = self,
        .dim = network->dim,
        .workers = workers,
        .network = &self->network,
    };
    status = network_fill(context, arena, settings, table, workers, backward, self, made);
  }
  if (status != SWALE_OK) {
    swl_arena_destroy(arena);
    return status;
  }
  network_prepare(self, NULL, swl_everything, 0);
  *problem = made;
  return SWALE_OK;
}
