/* training.h - a few updates of a small network on the built-in digits, for tests that compare bytes. */
#ifndef SWL_TESTS_TRAINING_H
#define SWL_TESTS_TRAINING_H

#include "check.h"

#include "train/trainer_parts.h"

enum { TRAINING_STEPS = 3, TRAINING_WORDS = 512, TRAINING_STATISTICS = SWALE_STATISTIC_VIOLATED + 1 };

typedef struct training_data {
  swale_context *context;
  swl_arena *arena;
  swl_dataset data;
} training_data;

/* 200 digits. ranks: 1 if the context joins those of mpirun. */
void training_open(training_data *made, int ranks);
void training_close(training_data *made);

typedef struct training_result {
  size_t dim;
  float *x;
  double statistic[TRAINING_STATISTICS];
} training_result;

/* TRAINING_STEPS updates with the options `words`, "name=value name=value …", on top of sgd with batches of 40. */
training_result training_run(const training_data *f, const char *spec, const char *activation, const char *words,
                             size_t threads);
void training_free(training_result *r);
int training_same(const training_result *a, const training_result *b); /* to the byte */

#endif
