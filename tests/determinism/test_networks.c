/* test_networks.c - more workers, same bytes (law 7), for noise that lives in the layers of a network.
 *
 * No hand solution: three updates with 1, 2, 3 and 5 threads must give the same parameters and statistics, to the byte,
 * for every way that a layer is drawn: one example or more per draw, a partial last group, L or E, layers together or
 * each on its own, one pass or two, tau as given or per layer, either generator, more shards than units of work and
 * fewer. Another seed must give other bytes, and the two generators too.
 */
#include "check.h"

#include "train/schedule.h"
#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 3, WORDS = 512, STATISTICS = SWALE_STATISTIC_VIOLATED + 1 };

typedef struct fixture {
  swale_context *context;
  swl_arena *arena;
  swl_dataset data;
} fixture;

static int fixture_open(void **state) {
  static fixture made;
  const swl_dataset_request request = {"digits:200", "", 1, 0.1, 0, 3, 0};
  assert_int_equal(swale_context_create(NULL, &made.context), SWALE_OK);
  check_ok(made.context, swl_arena_create(made.context, &made.arena));
  check_ok(made.context, swl_dataset_load(made.context, made.arena, &request, &made.data));
  check_ok(made.context, swl_dataset_standardize(made.context, made.arena, "auto", &made.data));
  *state = &made;
  return 0;
}

static int fixture_close(void **state) {
  fixture *made = *state;
  swl_arena_destroy(made->arena);
  swale_context_destroy(made->context);
  return 0;
}

typedef struct result {
  size_t dim;
  float *x;
  double statistic[STATISTICS];
} result;

static void result_free(result *r) { free(r->x); }

static void words_set(swale_context *context, swale_options *options, const char *words) {
  char copy[WORDS], *rest = NULL;
  assert_true(strlen(words) < sizeof copy);
  strcpy(copy, words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(context, swale_options_set(options, word, value + 1));
  }
}

static result run(const fixture *f, const char *spec, const char *activation, const char *words, size_t threads) {
  result made = {0};
  swale_options *options = NULL;
  swl_settings settings;
  swl_network network;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  char text[WORDS];
  snprintf(text, sizeof text, "updates=9 optimizer=sgd rate=0.02 batch=40 %s threads=%zu", words, threads);
  check_ok(f->context, swale_options_create(f->context, &options));
  words_set(f->context, options, text);
  check_ok(f->context, swl_network_parse(f->context, spec, activation, "cross-entropy", &network));
  check_ok(f->context, swl_settings_resolve(f->context, options, 1, &settings));
  check_ok(f->context, swl_network_problem_create(f->context, &settings, &network, &f->data.split[SWL_SPLIT_TRAIN],
                                                  (size_t)settings.threads, swl_needs_gradients(&settings), &problem));
  check_ok(f->context, swale_trainer_create(options, problem, &trainer));
  made.dim = network.dim;
  made.x = malloc(made.dim * sizeof *made.x);
  swl_network_initialize(&network, 5, made.x);
  check_ok(f->context, swale_trainer_set_parameters(trainer, made.x));
  for (int k = 0; k < STEPS; k++) check_ok(f->context, swale_trainer_step(trainer));
  for (int i = 0; i < STATISTICS; i++) made.statistic[i] = swale_trainer_statistic(trainer, (swale_statistic)i);
  memcpy(made.x, swale_trainer_parameters(trainer), made.dim * sizeof *made.x);
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
  return made;
}

static int same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

static int same(const result *a, const result *b) {
  return same_bytes(a->x, b->x, a->dim * sizeof *a->x) && same_bytes(a->statistic, b->statistic, sizeof a->statistic);
}

static void check_threads(const fixture *f, const char *spec, const char *activation, const char *words) {
  static const size_t threads[] = {2, 3, 5};
  result one = run(f, spec, activation, words, 1);
  for (size_t t = 0; t < 3; t++) {
    result more = run(f, spec, activation, words, threads[t]);
    if (!same(&one, &more)) print_error("%s %s: %zu threads differ\n", spec, words, threads[t]);
    assert_true(same(&one, &more));
    result_free(&more);
  }
  result_free(&one);
}

static const char *const noises[] = {"noise=subspace", "noise=low-rank rank=2", "noise=low-rank row-space=false"};
static const char *const groups[] = {"group=1", "group=7", "group=0", "group=40"};

/* Every way to lay out the draws of heat. */
static void heat_gives_the_same_bytes(void **state) {
  size_t able = 0;
  for (size_t k = 0; k < 3 * 4 * 2 * 2 * 2; k++) {
    const size_t noise = k % 3, group = k / 3 % 4, layerwise = k / 12 % 2, antithetic = k / 24 % 2, deep = k / 48;
    char words[WORDS];
    if (noise > 0 && group == 0) continue;
    snprintf(words, sizeof words, "regularizer=heat %s %s smoothing=%s antithetic=%s samples=%d %s %s shards=%d",
             noises[noise], groups[group], layerwise ? "layerwise" : "joint", antithetic ? "true" : "false",
             group ? 26 : 12, (k + k / 3) % 2 ? "sig=0.2" : "tau=1e-4", (k + k / 12) % 3 ? "" : "generator=block",
             k % 5 ? 16 : 3);
    if (layerwise && k % 2) strcat(words, " layer-samples=14/6");
    check_threads(*state, deep ? "mlp:784-70-5-10" : "mlp:784-9-40-10", k % 2 ? "tanh" : "relu", words);
    able++;
  }
  printf("# %zu combinations\n", able);
}

/* Few examples and many draws go through L; monotone = true takes two passes, and a third of fresh draws. */
static void the_other_ways_give_the_same_bytes(void **state) {
  static const char *const ways[] = {
      "regularizer=heat noise=subspace smoothing=joint group=2 samples=60 batch=9",
      "regularizer=heat noise=subspace smoothing=joint group=1 samples=20 monotone=true",
      "regularizer=heat noise=subspace smoothing=joint group=9 samples=40 monotone=true sig=0.1 antithetic=false",
      "regularizer=local-entropy noise=subspace group=1 samples=20",
      "regularizer=local-entropy noise=subspace group=7 samples=20 antithetic=false beta=2",
      "regularizer=local-entropy noise=subspace group=0 samples=64",
      "regularizer=local-entropy noise=subspace group=0 samples=64 beta=3 generator=block sig=0.1",
      "regularizer=local-entropy noise=subspace group=0 samples=64 weighting=literal antithetic=false",
      "regularizer=local-entropy noise=low-rank group=0 samples=64 beta=auto:0.3",
      "regularizer=local-entropy noise=low-rank group=11 samples=30 row-space=false monotone=true",
      "regularizer=heat noise=subspace smoothing=layerwise group=1 samples=8 conditioning=false kernels=reference",
      "regularizer=heat noise=weights group=7 samples=6 sig=0.1",
      "regularizer=heat optimizer=robbins-monro inner=2 rate=1 noise=subspace smoothing=layerwise group=1 samples=6",
      "regularizer=local-entropy optimizer=matching rate=1 noise=subspace group=0 samples=20 sig=0.1"};
  for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
    check_threads(*state, k % 2 ? "mlp:784-12-10" : "mlp:784-66-10-10", k % 3 ? "relu" : "sign", ways[k]);
  }
}

/* The whole table is the batch: the seed has no order of examples to decide. */
static void seed_and_generator_decide(void **state) {
  static const char *const ways[] = {"noise=subspace group=1 samples=8", "noise=subspace group=0 samples=8",
                                     "noise=low-rank group=5 samples=8"};
  for (size_t k = 0; k < 3; k++) {
    char words[WORDS];
    result made[4];
    static const char *const changes[] = {"seed=1", "seed=1", "seed=4294967297", "seed=1 generator=block"};
    for (int i = 0; i < 4; i++) {
      snprintf(words, sizeof words, "batch=0 %s %s", ways[k], changes[i]);
      made[i] = run(*state, "mlp:784-9-10", "relu", words, 2);
    }
    assert_true(same(&made[0], &made[1]));
    assert_false(same(&made[0], &made[2]));
    assert_false(same(&made[0], &made[3]));
    for (int i = 0; i < 4; i++) result_free(&made[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heat_gives_the_same_bytes),
      cmocka_unit_test(the_other_ways_give_the_same_bytes),
      cmocka_unit_test(seed_and_generator_decide),
  };
  return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
