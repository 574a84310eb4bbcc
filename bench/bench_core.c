/* bench_core.c [--json] [--quick] - what one core does: Gaussians, matrix products, whole updates.
 *
 * Ratios travel better than times.
 */
#include "bench.h"

#include "numeric/numeric.h"
#include "parallel/team.h"
#include "random/gaussian.h"
#include "random/gaussian_forms.h"

#include <stdio.h>
#include <stdlib.h>

enum { BUFFER = 1 << 16, UPDATES = 5 };

static void core_gaussians(float *z) {
  static const char *const generators[] = {[SWL_GENERATOR_PHILOX] = "philox", [SWL_GENERATOR_BLOCK] = "block"};
  enum { TILES = BUFFER / SWL_GAUSSIAN_STRIPE };
  swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_DRAW, 1, 1, 0);
  for (const gaussian_ops *const *ops = swl_gaussian_available(); *ops; ops++) {
    for (size_t g = 0; g < sizeof generators / sizeof *generators; g++) {
      double values[BENCH_RUNS_MOST];
      char what[64];
      stream.generator = (swl_generator)g;
      (*ops)->fill(&stream, 0, TILES, z); /* warm */
      for (int run = 0; run < bench_runs; run++) {
        const double begin = bench_clock();
        for (int i = 0; i < 20; i++) (*ops)->fill(&stream, (uint64_t)i * TILES, TILES, z);
        values[run] = 1e9 * (bench_clock() - begin) / (20 * BUFFER);
      }
      snprintf(what, sizeof what, "Gaussian, %s, %s", generators[g], (*ops)->name);
      bench_row(what, values, "ns");
    }
  }
}

typedef struct product {
  const swl_kernels *kernels;
  size_t m, n, k;
  float *a, *b, *c;
  int times;
} product;

/* As an item of the team, which holds oneDNN to one thread. */
static swale_status product_run(void *self, size_t worker, size_t item) {
  const product *p = self;
  (void)worker, (void)item;
  for (int i = 0; i < p->times; i++) p->kernels->gemm(0, 0, p->m, p->n, p->k, p->a, p->k, p->b, p->n, p->c, p->n);
  return SWALE_OK;
}

static void core_product(swale_context *context, swl_team *team, size_t m, size_t n, size_t k) {
  product p = {.m = m, .n = n, .k = k};
  p.a = calloc(m * k, sizeof *p.a);
  p.b = calloc(k * n, sizeof *p.b);
  p.c = calloc(m * n, sizeof *p.c);
  if (!p.a || !p.b || !p.c) exit(1);
  for (const swl_kernels *const *kernels = swl_kernels_list(); *kernels; kernels++) {
    double values[BENCH_RUNS_MOST];
    char what[96];
    p.kernels = *kernels;
    p.times = 1;
    bench_check(context, swl_team_run(team, 1, product_run, &p)); /* warm: oneDNN generates code at the first call */
    p.times = 5;
    for (int run = 0; run < bench_runs; run++) {
      const double begin = bench_clock();
      bench_check(context, swl_team_run(team, 1, product_run, &p));
      values[run] = 2e-9 * p.times * (double)m * (double)n * (double)k / (bench_clock() - begin);
    }
    snprintf(what, sizeof what, "product %zu × %zu × %zu, %s", m, k, n, (*kernels)->name);
    bench_row(what, values, "GFLOP/s");
  }
  free(p.a);
  free(p.b);
  free(p.c);
}

static void core_products(void) {
  swale_context *context = NULL;
  swl_team *team = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) exit(1);
  bench_check(context, swl_team_create(context, 1, &team));
  core_product(context, team, 100, 32, 784);
  core_product(context, team, 250, 256, 784);
  swl_team_destroy(team);
  swale_context_destroy(context);
}

static void core_run(const char *what, const char *words) {
  swale_context *context = NULL;
  swale_options *options = NULL;
  swale_run *run = NULL;
  double values[BENCH_RUNS_MOST];
  int done = 0, sampled = 0;
  if (swale_context_create(NULL, &context) != SWALE_OK) exit(1);
  bench_check(context, swale_options_create(context, &options));
  bench_set(context, options, "data=digits:2000 updates=100000 out=none");
  bench_set(context, options, words);
  bench_check(context, swale_run_create(options, &run));
  bench_check(context, swale_run_advance(run, &done)); /* warm */
  for (int i = 0; i < bench_runs; i++) {
    const double draws = swale_run_number(run, SWALE_NUMBER_DRAWS);
    const double before = swale_run_number(run, SWALE_NUMBER_SECONDS);
    for (int k = 0; k < UPDATES; k++) bench_check(context, swale_run_advance(run, &done));
    const double made = swale_run_number(run, SWALE_NUMBER_DRAWS) - draws;
    sampled = made > 0;
    values[i] = (sampled ? made : UPDATES) / (swale_run_number(run, SWALE_NUMBER_SECONDS) - before);
  }
  bench_row(what, values, sampled ? "draws/s" : "updates/s");
  swale_run_destroy(run);
  swale_options_destroy(options);
  swale_context_destroy(context);
}

int main(int count, char **words) {
  static float z[BUFFER];
  bench_begin(count, words, 7);
  core_gaussians(z);
  core_products();
  core_run("weights, 784-32-10, batch 100, 1 thread",
           "regularizer=local-entropy noise=weights model=mlp:784-32-10 batch=100 samples=200 threads=1");
  core_run("weights, 784-32-10, batch 100, 2 threads",
           "regularizer=local-entropy noise=weights model=mlp:784-32-10 batch=100 samples=200 threads=2");
  core_run("weights, 784-200-10, batch 20, 1 thread",
           "regularizer=local-entropy noise=weights model=mlp:784-200-10 batch=20 samples=200 threads=1");
  core_run(
      "langevin, 784-32-10, batch 100, 1 thread",
      "regularizer=local-entropy noise=weights sampler=langevin model=mlp:784-32-10 batch=100 samples=64 threads=1");
  core_run("backpropagation, 784-256-10, batch 250, 1 thread",
           "regularizer=none model=mlp:784-256-10 batch=250 threads=1");
  return 0;
}
