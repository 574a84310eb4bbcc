/* bench_core.c [--json] [--quick] - what one core does: Gaussians, matrix products, whole updates.
 *
 * Ratios travel better than times.
 */
#include "bench.h"

#include "numeric/numeric.h"
#include "random/gaussian.h"
#include "random/philox.h"

#include <stdio.h>
#include <stdlib.h>

enum { BUFFER = 1 << 16, UPDATES = 5 };

static void core_gaussians(float *z) {
  static const char *const generators[] = {[SWL_GENERATOR_PHILOX] = "philox", [SWL_GENERATOR_BLOCK] = "block"};
  enum { TILES = BUFFER / SWL_GAUSSIAN_TILE };
  swl_stream stream = swl_stream_make(1, SWL_PURPOSE_DRAW, 1, 1, 0);
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

static void core_product(size_t m, size_t n, size_t k) {
  const double operations = 2.0 * (double)m * (double)n * (double)k;
  float *a = calloc(m * k, sizeof *a), *b = calloc(k * n, sizeof *b), *c = calloc(m * n, sizeof *c);
  if (!a || !b || !c) exit(1);
  for (const swl_kernels *const *kernels = swl_kernels_list(); *kernels; kernels++) {
    double values[BENCH_RUNS_MOST];
    char what[96];
    (*kernels)->gemm(0, 0, m, n, k, a, k, b, n, c, n); /* warm: oneDNN generates code at the first call */
    for (int run = 0; run < bench_runs; run++) {
      const double begin = bench_clock();
      for (int i = 0; i < 5; i++) (*kernels)->gemm(0, 0, m, n, k, a, k, b, n, c, n);
      values[run] = 1e-9 * 5 * operations / (bench_clock() - begin);
    }
    snprintf(what, sizeof what, "product %zu × %zu × %zu, %s", m, k, n, (*kernels)->name);
    bench_row(what, values, "GFLOP/s");
  }
  free(a);
  free(b);
  free(c);
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
  core_product(100, 32, 784);
  core_product(250, 256, 784);
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
