/* trained.h - a trainer of a function, and what it is made of. */
#ifndef SWL_TESTS_TRAINED_H
#define SWL_TESTS_TRAINED_H

#include "check.h"

#include <swale/trainer.h>

#include <stdio.h>
#include <string.h>

typedef struct trained {
  swale_context *context;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer;
} trained;

/* A context and options; the rest is made below. */
static inline void trained_open(trained *t) {
  *t = (trained){.context = NULL};
  assert_int_equal(swale_context_create(NULL, &t->context), SWALE_OK);
  check_ok(t->context, swale_options_create(t->context, &t->options));
}

/* "name=value name=value" */
static inline void trained_set(trained *t, const char *words) {
  char copy[512], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(t->context, swale_options_set(t->options, word, value + 1));
  }
}

static inline void trained_make(trained *t, const swale_function *function) {
  check_ok(t->context, swale_problem_create(t->context, function, &t->problem));
  check_ok(t->context, swale_trainer_create(t->options, t->problem, &t->trainer));
}

static inline void trained_free(trained *t) {
  swale_trainer_destroy(t->trainer);
  swale_problem_destroy(t->problem);
  swale_options_destroy(t->options);
  swale_context_destroy(t->context);
}

#endif
