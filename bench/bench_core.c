/* bench_core.c - what one core does: Gaussians, matrix products, whole updates; one Markdown table on stdout.
 *
 * Each figure is the median of several runs, with the spread (max - min) / median. Ratios travel better than times.
 */
#include <swale/swale.h>

#include "numeric/numeric.h"
#include "random/gaussian.h"
#include "random/philox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 7, BUFFER = 1 << 16 };

static double bench_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int bench_order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* One line: the median of seconds[RUNS] as `factor / seconds` (a rate) or `seconds × factor` (a time). */
static void bench_line(const char *what, double seconds[RUNS], double factor, int rate, const char *unit) {
  qsort(seconds, RUNS, sizeof *seconds, bench_order);
  const double median = seconds[RUNS / 2], spread = (seconds[RUNS - 1] - seconds[0]) / median;
  printf("| %s | %.4g %s | %.0f %% |\n", what, rate ? factor / median : median * factor, unit, 100 * spread);
  fflush(stdout);
}

static void bench_gaussians(float *z) {
  const swl_stream stream = swl_stream_make(1, SWL_PURPOSE_DRAW, 1, 1, 0);
  for (const gaussian_ops *const *ops = swl_gaussian_available(); *ops; ops++) {
    double seconds[RUNS];
    char what[64];
    for (int run = 0; run < RUNS; run++) {
      const double begin = bench_clock();
      for (int i = 0; i < 20; i++) (*ops)->fill(&stream, (uint64_t)i, BUFFER / SWL_GAUSSIAN_TILE, z);
      seconds[run] = (bench_clock() - begin) / 20;
    }
    snprintf(what, sizeof what, "Gaussian, %s", (*ops)->name);
    bench_line(what, seconds, 1e9 / BUFFER, 0, "ns");
  }
}

static void bench_product(size_t m, size_t n, size_t k) {
  float *a = calloc(m * k, sizeof *a), *b = calloc(k * n, sizeof *b), *c = calloc(m * n, sizeof *c);
  if (!a || !b || !c) exit(1);
  for (const swl_kernels *const *kernels = swl_kernels_list(); *kernels; kernels++) {
    double seconds[RUNS];
    char what[96];
    (*kernels)->gemm(0, 0, m, n, k, a, k, b, n, c, n); /* warm: oneDNN generates code at the first call */
    for (int run = 0; run < RUNS; run++) {
      const double begin = bench_clock();
      for (int i = 0; i < 5; i++) (*kernels)->gemm(0, 0, m, n, k, a, k, b, n, c, n);
      seconds[run] = (bench_clock() - begin) / 5;
    }
    snprintf(what, sizeof what, "product %zu × %zu × %zu, %s", m, k, n, (*kernels)->name);
    bench_line(what, seconds, 2e-9 * (double)m * (double)n * (double)k, 1, "GFLOP/s");
  }
  free(a);
  free(b);
  free(c);
}

static void bench_must(swale_context *context, swale_status status) {
  if (status == SWALE_OK) return;
  fprintf(stderr, "bench: %s\n", swale_context_message(context));
  exit(1);
}

static void bench_run(const char *what, const char *threads, const char *const *settings) {
  swale_context *context = NULL;
  swale_options *options = NULL;
  swale_run *run = NULL;
  double seconds[RUNS];
  int done = 0;
  if (swale_context_create(NULL, &context) != SWALE_OK) exit(1);
  bench_must(context, swale_options_create(context, &options));
  bench_must(context, swale_options_set(options, "out", "none"));
  bench_must(context, swale_options_set(options, "updates", "100000"));
  bench_must(context, swale_options_set(options, "threads", threads));
  for (; settings[0]; settings += 2) bench_must(context, swale_options_set(options, settings[0], settings[1]));
  bench_must(context, swale_run_create(options, &run));
  bench_must(context, swale_run_advance(run, &done)); /* warm */
  const double first = swale_run_number(run, SWALE_NUMBER_DRAWS);
  for (int i = 0; i < RUNS; i++) {
    const double before = swale_run_number(run, SWALE_NUMBER_SECONDS);
    for (int k = 0; k < 5; k++) bench_must(context, swale_run_advance(run, &done));
    seconds[i] = swale_run_number(run, SWALE_NUMBER_SECONDS) - before;
  }
  const double draws = (swale_run_number(run, SWALE_NUMBER_DRAWS) - first) / RUNS;
  if (draws > 0)
    bench_line(what, seconds, draws, 1, "draws/s");
  else
    bench_line(what, seconds, 5, 1, "updates/s");
  swale_run_destroy(run);
  swale_options_destroy(options);
  swale_context_destroy(context);
}

int main(void) {
  static float z[BUFFER];
  static const char *const weights[] = {"data", "digits:2000", NULL};
  static const char *const wide[] = {"data", "digits:2000", "model", "mlp:784-200-10", "batch", "20", NULL};
  static const char *const langevin[] = {"data", "digits:2000", "sampler", "langevin", "samples", "64", NULL};
  static const char *const plain[] = {"data",           "digits:2000", "regularizer", "none", "model",
                                      "mlp:784-256-10", "batch",       "250",         NULL};
  printf("| what | median of %d | spread |\n| --- | --- | --- |\n", RUNS);
  bench_gaussians(z);
  bench_product(100, 32, 784);
  bench_product(250, 256, 784);
  bench_run("weights, 784-32-10, batch 100, 1 thread", "1", weights);
  bench_run("weights, 784-32-10, batch 100, 2 threads", "2", weights);
  bench_run("weights, 784-200-10, batch 20, 1 thread", "1", wide);
  bench_run("langevin, 784-32-10, batch 100, 1 thread", "1", langevin);
  bench_run("backpropagation, 784-256-10, batch 250, 1 thread", "1", plain);
  return 0;
}
