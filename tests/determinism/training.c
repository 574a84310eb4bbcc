/* training.c - see training.h. */
#include "training.h"

#include "train/resolve.h"

#include <swale/mpi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void training_open(training_data *made, int ranks) {
  const swl_dataset_request request = {.source = "digits:700",
                                       .task = SWL_TASK_CLASSIFY,
                                       .standardize = SWL_STANDARDIZE_AUTO,
                                       .validation_fraction = 0.1,
                                       .seed = 3};
  *made = (training_data){0};
  assert_int_equal(swale_context_create(NULL, &made->context), SWALE_OK);
  if (ranks) check_ok(made->context, swale_context_join(made->context, NULL));
  check_ok(made->context, swl_arena_create(made->context, &made->arena));
  check_ok(made->context, swl_dataset_load(made->context, made->arena, &request, &made->data));
}

void training_close(training_data *made) {
  swl_arena_destroy(made->arena);
  swale_context_destroy(made->context);
}

void training_free(training_result *r) { free(r->x); }

static void training_set(swale_context *context, swale_options *options, const char *words) {
  char copy[TRAINING_WORDS], *rest = NULL;
  assert_true(strlen(words) < sizeof copy);
  strcpy(copy, words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(context, swale_options_set(options, word, value + 1));
  }
}

training_result training_run(const training_data *f, const char *spec, const char *activation, const char *words,
                             size_t threads) {
  training_result made = {0};
  swale_options *options = NULL;
  swl_settings settings;
  swl_network network;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  char text[TRAINING_WORDS];
  snprintf(text, sizeof text, "updates=9 optimizer=sgd rate=0.02 batch=40 %s threads=%zu", words, threads);
  check_ok(f->context, swale_options_create(f->context, &options));
  training_set(f->context, options, text);
  check_ok(f->context, swl_network_parse(f->context, spec, activation, "cross-entropy", &network));
  check_ok(f->context, swl_settings_resolve(f->context, options, 1, &settings));
  check_ok(f->context, swl_network_problem_create(f->context, &settings, &network, &f->data.split[SWL_SPLIT_TRAIN],
                                                  (size_t)settings.threads, swl_needs_gradients(&settings), &problem));
  check_ok(f->context, swale_trainer_create(options, problem, &trainer));
  made.dim = network.dim;
  made.x = malloc(made.dim * sizeof *made.x);
  swl_network_initialize(&network, 5, made.x);
  check_ok(f->context, swale_trainer_set_parameters(trainer, made.x));
  for (int k = 0; k < TRAINING_STEPS; k++) check_ok(f->context, swale_trainer_step(trainer));
  for (int i = 0; i < TRAINING_STATISTICS; i++)
    made.statistic[i] = swale_trainer_statistic(trainer, (swale_statistic)i);
  memcpy(made.x, swale_trainer_parameters(trainer), made.dim * sizeof *made.x);
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
  return made;
}

static int training_same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

int training_same(const training_result *a, const training_result *b) {
  return training_same_bytes(a->x, b->x, a->dim * sizeof *a->x) &&
         training_same_bytes(a->statistic, b->statistic, sizeof a->statistic);
}
