/* clean.c - see clean.h. Examples go through in chunks; a chunk is an item of the team. */
#include "noise/clean.h"

enum { CLEAN_CHUNK = 64 }; /* heuristic: examples; enough for the matrix products' full speed, few enough to deal */

swale_status swl_clean_create(const swl_settings *settings, const swale_problem *problem, swl_arena *arena,
                              swl_clean *clean) {
  const swl_network *network = problem->network;
  const size_t batch = problem->batch;
  *clean = (swl_clean){
      .network = network, .kernels = swl_kernels_find(swl_word_text(settings->kernels)), .group = problem->group};
  for (size_t l = 0; l < network->depth; l++) {
    const size_t outputs = network->layers[l].outputs;
    clean->u[l] = swl_arena_take(arena, batch * outputs, sizeof(float));
    clean->square[l] = swl_arena_take(arena, batch, sizeof(float));
    if (!clean->u[l] || !clean->square[l]) return SWALE_ERROR_MEMORY;
    if (l + 1 == network->depth) break;
    clean->h[l + 1] = clean->y[l] = swl_arena_take(arena, batch * outputs, sizeof(float));
    if (!clean->y[l]) return SWALE_ERROR_MEMORY;
  }
  clean->losses = swl_arena_take(arena, batch, sizeof(double));
  clean->reference = swl_arena_take(arena, problem->groups, sizeof(double));
  return clean->losses && clean->reference ? SWALE_OK : SWALE_ERROR_MEMORY;
}

static float clean_square(size_t n, const float *h) {
  enum { LANES = 16 };
  float sums[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (size_t k = 0; k < LANES; k++) sums[k] += h[i + k] * h[i + k];
  }
  double sum = 1;
  for (; i < n; i++) sum += (double)h[i] * h[i];
  for (size_t k = 0; k < LANES; k++) sum += sums[k];
  return (float)sum;
}

static swale_status clean_chunk(void *self, size_t worker, size_t item) {
  swl_clean *clean = self;
  const swl_network *network = clean->network;
  const size_t first = item * CLEAN_CHUNK, rest = clean->count - first;
  const size_t count = rest < CLEAN_CHUNK ? rest : CLEAN_CHUNK;
  (void)worker;
  for (size_t l = 0; l < network->depth; l++) {
    const swl_layer *layer = &network->layers[l];
    const float *h = clean->h[l] + first * layer->inputs;
    float *u = clean->u[l] + first * layer->outputs;
    for (size_t b = 0; b < count; b++) clean->square[l][first + b] = clean_square(layer->inputs, h + b * layer->inputs);
    swl_dense_forward(clean->kernels, layer, swl_network_activation(network, l), clean->x, count, h, u,
                      clean->y[l] ? clean->y[l] + first * layer->outputs : u);
  }
  const swl_table *table = clean->table;
  const float *outputs = clean->u[network->depth - 1] + first * network->outputs;
  network->loss->evaluate(count, network->outputs, outputs, table->labels ? table->labels + first : NULL,
                          table->targets ? table->targets + first * network->outputs : NULL, clean->losses + first);
  swl_weigh_losses(count, table->weights ? table->weights + first : NULL, 1, clean->losses + first);
  return SWALE_OK;
}

/* What others have not sent: h = g(u) of the layers below the outputs. */
static swale_status clean_activate(void *self, size_t worker, size_t item) {
  swl_clean *clean = self;
  const swl_network *network = clean->network;
  const size_t first = item * CLEAN_CHUNK, rest = clean->count - first;
  const size_t count = rest < CLEAN_CHUNK ? rest : CLEAN_CHUNK;
  (void)worker;
  for (size_t l = 0; l + 1 < network->depth; l++) {
    const size_t m = network->layers[l].outputs;
    swl_network_activation(network, l)->forward(count * m, clean->u[l] + first * m, clean->y[l] + first * m);
  }
  return SWALE_OK;
}

/* Chunks of examples, dealt to the ranks where that is worth sending pre-activations. */
static swale_status clean_all(swl_clean *clean, swl_team *team) {
  const swl_network *network = clean->network;
  const size_t count = clean->count, chunks = (count + CLEAN_CHUNK - 1) / CLEAN_CHUNK;
  swl_dealt outputs[2 * SWL_LAYERS_MAX + 1];
  size_t used = 0;
  if (!swl_team_ranks(team) || !swl_deal_pays((double)count * (double)network->dim)) {
    return swl_team_run(team, chunks, clean_chunk, clean);
  }
  for (size_t l = 0; l < network->depth; l++) {
    const size_t u = network->layers[l].outputs * sizeof(float);
    outputs[used++] = (swl_dealt){clean->u[l], CLEAN_CHUNK * u, count * u};
    outputs[used++] = (swl_dealt){clean->square[l], CLEAN_CHUNK * sizeof(float), count * sizeof(float)};
  }
  outputs[used++] = (swl_dealt){clean->losses, CLEAN_CHUNK * sizeof(double), count * sizeof(double)};
  SWL_TRY(swl_team_deal(team, chunks, chunks, clean_chunk, clean, used, outputs));
  const swl_range mine = swl_team_part(team, chunks);
  SWL_TRY(swl_team_run_part(team, (swl_range){0, mine.first}, clean_activate, clean));
  return swl_team_run_part(team, (swl_range){mine.end, chunks}, clean_activate, clean);
}

/* The chunks that this rank's examples are in. */
static swl_range clean_chunks(const swl_team *team, const size_t *firsts) {
  const size_t rank = swl_ranks_rank(swl_team_ranks(team));
  return (swl_range){firsts[rank] / CLEAN_CHUNK, (firsts[rank + 1] + CLEAN_CHUNK - 1) / CLEAN_CHUNK};
}

swl_range swl_clean_examples(const swl_team *team, const size_t *firsts) {
  const swl_range chunks = clean_chunks(team, firsts);
  return (swl_range){chunks.first * CLEAN_CHUNK, chunks.end * CLEAN_CHUNK};
}

static swale_status clean_deal_squares(swl_clean *clean, swl_team *team, const size_t *firsts, swale_status mine) {
  swl_ranks *ranks = swl_team_ranks(team);
  size_t *bounds = swl_ranks_bounds(ranks);
  SWL_TRY(swl_ranks_agree(ranks, mine));
  for (size_t r = 0; r <= swl_ranks_size(ranks); r++) bounds[r] = firsts[r] * sizeof *clean->square[0];
  for (size_t l = 0; l < clean->network->depth; l++) SWL_TRY(swl_ranks_gather(ranks, clean->square[l], bounds));
  return SWALE_OK;
}

static void clean_reference(swl_clean *clean, swl_range groups) {
  for (size_t g = groups.first; g < groups.end; g++) {
    const size_t first = g * clean->group, rest = clean->count - first;
    const size_t count = rest < clean->group ? rest : clean->group;
    double sum = 0;
    for (size_t b = first; b < first + count; b++) sum += clean->losses[b];
    clean->reference[g] = sum / (double)count;
  }
}

swale_status swl_clean_run(swl_clean *clean, const swale_problem *problem, swl_team *team, const size_t *firsts,
                           const float *x, double sig, swl_covariance *covariance) {
  const size_t rank = swl_ranks_rank(swl_team_ranks(team));
  const swl_range own = firsts ? (swl_range){firsts[rank], firsts[rank + 1]} : (swl_range){0, problem->groups};
  clean->table = problem->ops->batch(problem->self);
  clean->count = clean->table->count;
  clean->h[0] = clean->table->inputs;
  clean->x = x;
  const swale_status passed = firsts ? swl_team_run_part(team, clean_chunks(team, firsts), clean_chunk, clean)
                                     : clean_all(clean, team);
  SWL_TRY(firsts && sig > 0 ? clean_deal_squares(clean, team, firsts, passed) : passed);
  clean_reference(clean, own);
  for (size_t l = 0; sig > 0 && l < clean->network->depth; l++) {
    double sum = 0;
    for (size_t b = 0; b < clean->count; b++) sum += clean->square[l][b];
    covariance->blocks[l].tau = sig * sig * (double)clean->count / sum;
  }
  return SWALE_OK;
}
