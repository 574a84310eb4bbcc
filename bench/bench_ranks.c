/* bench_ranks.c [--json] [--quick] [--only=TEXT] - updates shared by many against the same updates by one thread alone.
 *
 *   ninja -C build bench/bench_ranks
 *   mpirun -n 2 --bind-to core build/bench/bench_ranks    ranks of one thread each
 *   build/bench/bench_ranks                               without mpirun: the threads of one process, one per core
 *
 * Rank 0 does some updates alone while the others wait in the first exchange of the shared ones; the two alternate, and a
 * ratio is that of neighbors.
 */
#include "updates.h"

#include <stdio.h>

enum { WORDS = 512 };

typedef struct shared {
  const char *what, *spec, *words;
  size_t examples; /* 0: one batch, again and again */
  int steps;
} shared;

static void ranks_row(const shared *one, const char *what, double *values, const char *unit, size_t rank) {
  char text[WORDS];
  snprintf(text, sizeof text, "%.160s: %.160s", one->what, what);
  if (rank == 0) bench_row(text, values, unit);
}

static void ranks_compare(const shared *one) {
  double seconds[2][BENCH_RUNS_MOST] = {{0}}, ratio[BENCH_RUNS_MOST] = {0}, bytes[BENCH_RUNS_MOST] = {0};
  bench alone, all;
  char text[WORDS];
  const size_t rank = swale_context_rank(NULL), ranks = swale_context_ranks(NULL);
  const size_t threads = ranks > 1 ? 1 : swl_team_available(NULL);
  snprintf(text, sizeof text, "%.256s threads=1", one->words);
  bench_open(&alone, one->spec, text, one->examples, 0);
  snprintf(text, sizeof text, "%.256s threads=%zu", one->words, threads);
  bench_open(&all, one->spec, text, one->examples, 1);
  for (int warm = 0; warm < 2; warm++) {
    (void)bench_steps(&alone, 1);
    (void)bench_steps(&all, 1);
  }
  for (int run = 0; run < bench_runs; run++) {
    if (rank == 0) seconds[0][run] = 1e3 * bench_steps(&alone, one->steps);
    (void)bench_steps(&all, 1); /* here the others have waited */
    seconds[1][run] = 1e3 * bench_steps(&all, one->steps);
    ratio[run] = seconds[0][run] / seconds[1][run];
    bytes[run] = (double)all.trainer->traffic.bytes / (double)all.trainer->update / 1e3;
  }
  ranks_row(one, "one alone, per update", seconds[0], "ms", rank);
  snprintf(text, sizeof text, "%zu %s, per update", ranks * threads, ranks > 1 ? "ranks" : "threads");
  ranks_row(one, text, seconds[1], "ms", rank);
  snprintf(text, sizeof text, "%zu %s against one", ranks * threads, ranks > 1 ? "ranks" : "threads");
  ranks_row(one, text, ratio, "×", rank);
  if (ranks > 1) ranks_row(one, "received by rank 0 per update", bytes, "kB", rank);
  bench_close(&alone);
  bench_close(&all);
}

int main(int count, char **words) {
  static const shared all[] = {
      {"10,000 draws, 784-200-10, batch 20", "mlp:784-200-10",
       "regularizer=local-entropy noise=subspace batch=20 samples=10000 tau=1e-3", 0, 20},
      {"10,000 draws, 784-200-10, batch 128", "mlp:784-200-10",
       "regularizer=local-entropy noise=subspace batch=128 samples=10000 tau=1e-3", 0, 4},
      {"heat, one draw each, 784-256-10, batch 500, an epoch of 54,000", "mlp:784-256-10", "regularizer=heat batch=500",
       54000, 108},
      {"256 draws of noise on all weights, 784-200-10, batch 100", "mlp:784-200-10",
       "regularizer=local-entropy noise=weights batch=100 samples=256 tau=1e-4", 0, 2},
  };
  const size_t which = swale_context_rank(NULL);
  if (which > 0 && !freopen("/dev/null", "w", stdout)) return 1;
  bench_begin(count, words, 7);
  swale_context *keep = NULL; /* MPI runs until the last row */
  bench_check(NULL, swale_context_create(NULL, &keep));
  bench_check(keep, swale_context_join(keep, NULL));
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (bench_wants(all[i].what)) ranks_compare(&all[i]);
  }
  swale_context_destroy(keep);
  return 0;
}
