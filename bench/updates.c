/* updates.c - see updates.h. */
#include "updates.h"

#include "random/stream.h"
#include "train/resolve.h"

#include <stdlib.h>

/* A fifth of the entries are not zero, as in MNIST. */
static void bench_table(bench *b, size_t count) {
  float *inputs = calloc(count * b->network.inputs, sizeof *inputs);
  uint32_t *labels = calloc(count, sizeof *labels);
  if (!inputs || !labels) exit(1);
  const swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_DIGITS, 0, 0, 0);
  for (size_t i = 0; i < count * b->network.inputs; i++) {
    const double u = swl_uniform(&stream, i);
    if (u < 0.2) inputs[i] = (float)(5 * u);
  }
  for (size_t i = 0; i < count; i++) labels[i] = (uint32_t)(i % b->network.outputs);
  b->table = (swl_table){.count = count, .inputs = inputs, .labels = labels};
}

void bench_open(bench *b, const char *spec, const char *words, size_t examples, int ranks) {
  swl_settings settings;
  *b = (bench){0};
  bench_check(NULL, swale_context_create(NULL, &b->context));
  if (ranks) bench_check(b->context, swale_context_join(b->context, NULL));
  bench_check(b->context, swl_network_parse(b->context, spec, "relu", "cross-entropy", &b->network));
  bench_check(b->context, swale_options_create(b->context, &b->options));
  bench_check(b->context, swale_options_set(b->options, "updates", "1000000"));
  bench_set(b->context, b->options, words);
  bench_check(b->context, swl_settings_resolve(b->context, b->options, 1, &settings));
  bench_table(b, examples ? examples : (size_t)settings.batch);
  bench_check(b->context, swl_network_problem_create(b->context, &settings, &b->network, &b->table,
                                                     (size_t)settings.threads, 1, &b->problem));
  bench_check(b->context, swale_trainer_create(b->options, b->problem, &b->trainer));
  float *x = calloc(b->network.dim, sizeof *x);
  if (!x) exit(1);
  swl_network_initialize(&b->network, 1, x);
  bench_check(b->context, swale_trainer_set_parameters(b->trainer, x));
  free(x);
}

void bench_close(bench *b) {
  swale_trainer_destroy(b->trainer);
  swale_problem_destroy(b->problem);
  swale_options_destroy(b->options);
  swale_context_destroy(b->context);
  free((void *)b->table.inputs);
  free((void *)b->table.labels);
}

double bench_steps(bench *b, int steps) {
  const double begin = bench_clock();
  for (int i = 0; i < steps; i++) bench_check(b->context, swale_trainer_step(b->trainer));
  return (bench_clock() - begin) / steps;
}
