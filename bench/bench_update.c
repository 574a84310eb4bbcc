/* bench_update.c - whole updates and what they are made of; one Markdown row per figure, or JSON lines with --json.
 *
 * Each figure is the median of several runs, with the spread (max - min) / median. Where two figures are compared, their
 * runs alternate, so that the ratio does not depend on the moment. The data are images of the size and sparsity of MNIST.
 */
#include <swale/swale.h>

#include "numeric/numeric.h"
#include "problem/problem.h"
#include "train/schedule.h"
#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RUNS_MOST = 99, WORDS = 512 };

static int bench_json, bench_runs = 7;

static double bench_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int bench_order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void bench_row(const char *what, double *values, const char *unit) {
  qsort(values, (size_t)bench_runs, sizeof *values, bench_order);
  const double median = values[bench_runs / 2], spread = (values[bench_runs - 1] - values[0]) / median;
  if (bench_json)
    printf("{\"what\": \"%s\", \"median\": %.6g, \"spread\": %.3g, \"unit\": \"%s\"}\n", what, median, spread, unit);
  else
    printf("| %s | %.4g %s | %.0f %% |\n", what, median, unit, 100 * spread);
  fflush(stdout);
}

static void bench_check(swale_context *context, swale_status status) {
  if (status == SWALE_OK) return;
  fprintf(stderr, "bench_update: %s\n", swale_context_message(context));
  exit(1);
}

typedef struct bench {
  swale_context *context;
  swl_network network;
  swl_table table;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer;
} bench;

/* A fifth of the entries are not zero, as in MNIST. */
static void bench_table(bench *b, size_t count) {
  float *inputs = calloc(count * b->network.inputs, sizeof *inputs);
  uint32_t *labels = calloc(count, sizeof *labels);
  if (!inputs || !labels) exit(1);
  srand(1);
  for (size_t i = 0; i < count * b->network.inputs; i++) {
    if (rand() % 5 == 0) inputs[i] = (float)rand() / (float)RAND_MAX;
  }
  for (size_t i = 0; i < count; i++) labels[i] = (uint32_t)(i % b->network.outputs);
  b->table = (swl_table){.count = count, .inputs = inputs, .labels = labels};
}

static void bench_open(bench *b, const char *spec, const char *words) {
  char copy[WORDS], *rest = NULL;
  swl_settings settings;
  *b = (bench){0};
  bench_check(NULL, swale_context_create(NULL, &b->context));
  bench_check(b->context, swl_network_parse(b->context, spec, "relu", "cross-entropy", &b->network));
  bench_check(b->context, swale_options_create(b->context, &b->options));
  bench_check(b->context, swale_options_set(b->options, "updates", "1000000"));
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    bench_check(b->context, swale_options_set(b->options, word, value + 1));
  }
  bench_check(b->context, swl_settings_resolve(b->context, b->options, 1, &settings));
  bench_table(b, (size_t)settings.batch);
  bench_check(b->context, swl_network_problem_create(b->context, &settings, &b->network, &b->table,
                                                     (size_t)settings.threads, 1, &b->problem));
  bench_check(b->context, swale_trainer_create(b->options, b->problem, &b->trainer));
  float *x = calloc(b->network.dim, sizeof *x);
  if (!x) exit(1);
  swl_network_initialize(&b->network, 1, x);
  bench_check(b->context, swale_trainer_set_parameters(b->trainer, x));
  free(x);
}

static void bench_close(bench *b) {
  swale_trainer_destroy(b->trainer);
  swale_problem_destroy(b->problem);
  swale_options_destroy(b->options);
  swale_context_destroy(b->context);
  free((void *)b->table.inputs);
  free((void *)b->table.labels);
}

/* Seconds per update. */
static double bench_steps(bench *b, int steps) {
  const double begin = bench_clock();
  for (int i = 0; i < steps; i++) bench_check(b->context, swale_trainer_step(b->trainer));
  return (bench_clock() - begin) / steps;
}

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
    double seconds[4][RUNS_MOST], ratio[2][RUNS_MOST];
    for (int i = 0; i < 4; i++) {
      char words[WORDS];
      snprintf(words, sizeof words, "%s threads=%d generator=%s", all[k].words, i % 2 + 1, generators[i / 2]);
      bench_open(&b[i], all[k].spec, words);
      steps[i] = bench_count(&b[i], 0.1);
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

int main(int count, char **words) {
  for (int i = 1; i < count; i++) {
    if (strcmp(words[i], "--json") == 0) bench_json = 1;
    if (strcmp(words[i], "--quick") == 0) bench_runs = 1;
  }
  if (!bench_json) printf("| what | median of %d | spread |\n| --- | --- | --- |\n", bench_runs);
  bench_updates();
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return 0;
}
