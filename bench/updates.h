/* updates.h - a trainer on images of the size and sparsity of MNIST, for benchmarks of its updates. */
#ifndef SWL_BENCH_UPDATES_H
#define SWL_BENCH_UPDATES_H

#include "bench.h"

#include "train/trainer_parts.h"

typedef struct bench {
  swale_context *context;
  swl_network network;
  swl_table table;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer;
} bench;

/* words: options, as bench_set takes them. examples: of the table; 0 = a batch. ranks: 1 to join those of mpirun. */
void bench_open(bench *b, const char *spec, const char *words, size_t examples, int ranks);
void bench_close(bench *b);

/* Seconds per update. */
double bench_steps(bench *b, int steps);

#endif
