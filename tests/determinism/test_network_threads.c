/* test_network_threads.c - more workers, same bytes (law 7), for noise that lives in the layers of a network.
 *
 * No hand solution: three updates with 1, 2, 3 and 5 threads must give the same parameters and statistics, to the byte,
 * for every way that a layer is drawn: one example or more per draw, a partial last group, L or E, layers together or
 * each on its own, one pass or two, tau as given or per layer, either generator, more shards than units of work and
 * fewer. Another seed must give other bytes, and the two generators too.
 */
#include "training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int fixture_open(void **state) {
  static training_data made;
  training_open(&made, 0);
  *state = &made;
  return 0;
}

static int fixture_close(void **state) {
  training_close(*state);
  return 0;
}

static void check_threads(const training_data *f, const char *spec, const char *activation, const char *words) {
  static const size_t threads[] = {2, 3, 5};
  training_result one = training_run(f, spec, activation, words, 1);
  for (size_t t = 0; t < 3; t++) {
    training_result more = training_run(f, spec, activation, words, threads[t]);
    if (!training_same(&one, &more)) print_error("%s %s: %zu threads differ\n", spec, words, threads[t]);
    assert_true(training_same(&one, &more));
    training_free(&more);
  }
  training_free(&one);
}

static const char *const noises[] = {"noise=subspace", "noise=low-rank rank=2", "noise=low-rank row-space=false"};
static const char *const groups[] = {"group=1", "group=7", "group=0", "group=40"};

/* Every way to lay out the draws of heat. */
static void heat_gives_the_same_bytes(void **state) {
  size_t able = 0;
  for (size_t k = 0; k < 3 * 4 * 2 * 2 * 2; k++) {
    const size_t noise = k % 3, group = k / 3 % 4, layerwise = k / 12 % 2, antithetic = k / 24 % 2, deep = k / 48;
    char words[TRAINING_WORDS];
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
    char words[TRAINING_WORDS];
    training_result made[4];
    static const char *const changes[] = {"seed=1", "seed=1", "seed=4294967297", "seed=1 generator=block"};
    for (int i = 0; i < 4; i++) {
      snprintf(words, sizeof words, "batch=0 %s %s", ways[k], changes[i]);
      made[i] = training_run(*state, "mlp:784-9-10", "relu", words, 2);
    }
    assert_true(training_same(&made[0], &made[1]));
    assert_false(training_same(&made[0], &made[2]));
    assert_false(training_same(&made[0], &made[3]));
    for (int i = 0; i < 4; i++) training_free(&made[i]);
  }
}

/* The number of shards decides into how many leaves a large batch is cut: one, two or four, summed as a tree. All that
 * changes is rounding. */
static void leaves_change_rounding_only(void **state) {
  static const char *const batches[] = {"batch=300", "batch=521"};
  for (size_t k = 0; k < 2; k++) {
    char words[TRAINING_WORDS];
    training_result made[2];
    double largest = 0, size = 0;
    for (int i = 0; i < 2; i++) {
      snprintf(words, sizeof words, "regularizer=heat samples=8 %s shards=%d", batches[k], i ? 16 : 1);
      made[i] = training_run(*state, "mlp:784-66-10", "relu", words, 2);
    }
    for (size_t i = 0; i < made[0].dim; i++) {
      largest = fmax(largest, fabs((double)made[0].x[i] - (double)made[1].x[i]));
      size = fmax(size, fabs((double)made[0].x[i]));
    }
    assert_true(largest > 0);
    assert_true(largest < 1e-6 * size);
    for (int i = 0; i < 2; i++) training_free(&made[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heat_gives_the_same_bytes),
      cmocka_unit_test(the_other_ways_give_the_same_bytes),
      cmocka_unit_test(seed_and_generator_decide),
      cmocka_unit_test(leaves_change_rounding_only),
  };
  return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
