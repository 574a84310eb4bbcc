/* bench_update.c [--json] [--quick] - whole updates and what they are made of.
 */
#include "updates.h"

#include "numeric/numeric.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { WORDS = 512 };

static int bench_count(bench *b, double budget) {
  const double one = bench_steps(b, 2);
  return one > budget ? 1 : (int)(budget / one) + 1;
}

typedef struct update {
  const char *what, *spec, *words;
} update;

/* Local entropy with a shared draw, and heat with one draw per example: milliseconds per update, 1 and 2 threads. */
static void bench_updates(void) {
  static const update all[] = {
      {"10,000 draws, 784-200-10, batch 20, subspace", "mlp:784-200-10",
       "regularizer=local-entropy noise=subspace batch=20 samples=10000 tau=1e-3"},
      {"10,000 draws, 784-200-10, batch 128, subspace", "mlp:784-200-10",
       "regularizer=local-entropy noise=subspace batch=128 samples=10000 tau=1e-3"},
      {"1,000 draws, 784-200-10, batch 20, weights", "mlp:784-200-10",
       "regularizer=local-entropy noise=weights batch=20 samples=1000 tau=1e-3"},
      {"1,000 draws, 784-200-10, batch 128, weights", "mlp:784-200-10",
       "regularizer=local-entropy noise=weights batch=128 samples=1000 tau=1e-3"},
      {"1,000 draws, 784-200-10, batch 20, low-rank", "mlp:784-200-10",
       "regularizer=local-entropy noise=low-rank batch=20 samples=1000 tau=1e-3"},
      {"heat, one draw each, 784-256-10, batch 250, 32 samples", "mlp:784-256-10",
       "regularizer=heat batch=250 samples=32"},
      {"heat, one draw each, 784-256-10, batch 250, 128 samples", "mlp:784-256-10",
       "regularizer=heat batch=250 samples=128"},
      {"heat, joint, one draw each, 784-256-10, batch 250, 32 samples", "mlp:784-256-10",
       "regularizer=heat smoothing=joint batch=250 samples=32"},
      {"heat, groups of 5, 784-256-10, batch 250, 32 samples", "mlp:784-256-10",
       "regularizer=heat smoothing=joint group=5 sig=0.1 batch=250 samples=32"},
  };
  static const char *const generators[] = {"philox", "block"};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    bench b[4]; /* threads 1, 2 × generators */
    int steps[4];
    double seconds[4][BENCH_RUNS_MOST] = {{0}}, ratio[2][BENCH_RUNS_MOST] = {{0}};
    for (int i = 0; i < 4; i++) {
      char words[WORDS];
      snprintf(words, sizeof words, "%s threads=%d generator=%s", all[k].words, i % 2 + 1, generators[i / 2]);
      bench_open(&b[i], all[k].spec, words, 0, 0);
      steps[i] = bench_count(&b[i], 0.3);
    }
    for (int run = 0; run < bench_runs; run++) {
      for (int i = 0; i < 4; i++) seconds[i][run] = 1e3 * bench_steps(&b[i], steps[i]);
      ratio[0][run] = seconds[0][run] / seconds[1][run];
      ratio[1][run] = seconds[0][run] / seconds[2][run];
    }
    for (int i = 0; i < 4; i++) {
      char what[WORDS];
      snprintf(what, sizeof what, "%s, %s, %d thread%s", all[k].what, generators[i / 2], i % 2 + 1, i % 2 ? "s" : "");
      bench_row(what, seconds[i], "ms");
      bench_close(&b[i]);
    }
    char what[WORDS];
    snprintf(what, sizeof what, "%s: two threads against one", all[k].what);
    bench_row(what, ratio[0], "×");
    snprintf(what, sizeof what, "%s: block generator against philox", all[k].what);
    bench_row(what, ratio[1], "×");
  }
}

/* What one update of heat with draws of one's own evaluates, and nothing else: the batch through all layers, then for each
 * layer 2 K copies of its clean pre-activations through its activation and the layers above, to losses. */
typedef struct passes {
  const bench *b;
  const float *x;
  size_t copies; /* 2 K */
  float *u[SWL_LAYERS_MAX], *h[2];
  uint32_t *labels;
  double *losses;
} passes;

enum { PASSES_CHUNK = 1024 }; /* rows that go through together */

static void passes_above(const passes *p, size_t layer, size_t rows, const float *u, const uint32_t *labels) {
  const swl_network *network = &p->b->network;
  const swl_kernels *kernels = swl_kernels_list()[0];
  const float *top = u;
  for (size_t l = layer; l + 1 < network->depth; l++) {
    float *h = p->h[0], *above = p->h[1];
    if (l == layer) network->activation->forward(rows * network->layers[l].outputs, u, h);
    swl_dense_forward(kernels, &network->layers[l + 1], swl_network_activation(network, l + 1), p->x, rows, h, above,
                      l + 2 < network->depth ? h : above);
    top = above;
  }
  network->loss->evaluate(rows, network->outputs, top, labels, NULL, p->losses);
}

/* As an item of the team, which holds oneDNN to one thread. */
static swale_status passes_run(void *self, size_t worker, size_t item) {
  const passes *p = self;
  (void)worker, (void)item;
  const swl_network *network = &p->b->network;
  const swl_kernels *kernels = swl_kernels_list()[0];
  const size_t batch = p->b->table.count;
  const float *h = p->b->table.inputs;
  for (size_t l = 0; l < network->depth; l++) {
    swl_dense_forward(kernels, &network->layers[l], NULL, p->x, batch, h, p->u[l], p->u[l]);
    if (l + 1 == network->depth) break;
    network->activation->forward(batch * network->layers[l].outputs, p->u[l], p->h[0]);
    h = p->h[0];
  }
  for (size_t l = 0; l < network->depth; l++) {
    const size_t m = network->layers[l].outputs;
    for (size_t copy = 0; copy < p->copies; copy++) {
      for (size_t first = 0; first < batch; first += PASSES_CHUNK) {
        const size_t rows = batch - first < PASSES_CHUNK ? batch - first : PASSES_CHUNK;
        passes_above(p, l, rows, p->u[l] + first * m, p->labels + first);
      }
    }
  }
  return SWALE_OK;
}

static double passes_seconds(passes *p) {
  const double begin = bench_clock();
  bench_check(p->b->context, swl_team_run(p->b->trainer->team, 1, passes_run, p));
  return bench_clock() - begin;
}

static void bench_inference(const char *what, const char *spec, const char *words, size_t samples) {
  bench b;
  passes p = {.b = &b, .copies = samples};
  double seconds[2][BENCH_RUNS_MOST] = {{0}}, ratio[BENCH_RUNS_MOST] = {0};
  char text[WORDS];
  bench_open(&b, spec, words, 0, 0);
  const size_t depth = b.network.depth;
  for (size_t l = 0; l < depth; l++) p.u[l] = calloc(b.table.count * b.network.layers[l].outputs, 4);
  for (int i = 0; i < 2; i++) p.h[i] = calloc(b.table.count * 4096, sizeof *p.h[i]);
  p.labels = (uint32_t *)b.table.labels;
  p.losses = calloc(b.table.count, sizeof *p.losses);
  p.x = swale_trainer_parameters(b.trainer);
  const int steps = bench_count(&b, 0.2);
  for (int run = 0; run < bench_runs; run++) {
    double sum = 0;
    for (int i = 0; i < steps; i++) sum += passes_seconds(&p);
    seconds[0][run] = 1e3 * sum / steps;
    seconds[1][run] = 1e3 * bench_steps(&b, steps);
    ratio[run] = 100 * seconds[0][run] / seconds[1][run];
  }
  snprintf(text, sizeof text, "%s: forward passes alone, 1 thread", what);
  bench_row(text, seconds[0], "ms");
  snprintf(text, sizeof text, "%s: the whole update, 1 thread", what);
  bench_row(text, seconds[1], "ms");
  snprintf(text, sizeof text, "%s: throughput of the update against forward passes alone", what);
  bench_row(text, ratio, "%");
  for (size_t l = 0; l < depth; l++) free(p.u[l]);
  for (int i = 0; i < 2; i++) free(p.h[i]);
  free(p.losses);
  bench_close(&b);
}

/* Megabytes held by this process at most so far. */
static double bench_peak_memory(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

int main(int count, char **words) {
  bench_begin(count, words, 7);
  bench_inference("group 1, 784-256-10, batch 250, 64 samples", "mlp:784-256-10",
                  "regularizer=heat batch=250 samples=64 threads=1", 64);
  bench_inference("group 1, 784-256-10, batch 250, 96 samples", "mlp:784-256-10",
                  "regularizer=heat batch=250 samples=96 threads=1", 96);
  bench_inference("group 1, 784-512-10, batch 250, 128 samples", "mlp:784-512-10",
                  "regularizer=heat batch=250 samples=128 threads=1", 128);
  bench_inference("group 1, 784-1000-1000-10, batch 250, 64 samples", "mlp:784-1000-1000-10",
                  "regularizer=heat batch=250 samples=64 threads=1", 64);
  bench_inference("group 1, 784-1000-1500-1500-500-10, batch 250, 8 samples", "mlp:784-1000-1500-1500-500-10",
                  "regularizer=heat batch=250 samples=8 threads=1", 8);
  double memory[BENCH_RUNS_MOST] = {0};
  for (int run = 0; run < bench_runs; run++) memory[run] = bench_peak_memory();
  bench_row("peak memory of these", memory, "MiB");
  bench_updates();
  return 0;
}
