/* test_subspace_exact.c - noise = subspace gives losses of exactly the law of noise = weights.
 *
 * Hand argument (MATH §6.4): a dense layer sees its noise E only through S = [H 1] E, whose columns are N(0, H Hᵀ), the
 * law of L Z; so two samples of losses, one from each noise, come from one law: their distribution functions differ by
 * chance only (Kolmogorov, Smirnov). That holds
 *   - for each group's loss, of either member of a pair: every combination here;
 *   - for the sum and the difference of two groups' losses: their draws are independent in both;
 *   - for the sum of a pair's losses wherever one E, or S of clean inputs, serves both members: groups of 2 and more,
 *     one layer, or layers smoothed on their own. Where each example has draws of its own behind a noisy layer, the
 *     members share ξ but not E: that joint law is another one, on purpose, and is not tested.
 * Level of the family 1e-4, divided by the number of tests (Bonferroni). Discrete losses: ties make the test stricter
 * than its level, never wrong.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DRAWS = 10000, FAMILY_BATCH = 7 };
#define FAMILY 1e-4

/* One number per pair (or draw): a statistic of the row of losses. */
typedef enum pick { PICK_PLUS, PICK_MINUS, PICK_PAIR, PICK_SUM, PICK_DIFFERENCE } pick;

static size_t exact_pick(const stage *s, size_t draws, const double *losses, pick what, size_t group, double *out) {
  const size_t step = s->settings.antithetic ? 2 : 1, other = (group + 1) % s->groups;
  for (size_t k = 0; k < draws / step; k++) {
    const double *row = losses + k * step * s->groups, *next = row + (step - 1) * s->groups;
    out[k] = what == PICK_PLUS    ? row[group]
             : what == PICK_MINUS ? next[group]
             : what == PICK_PAIR  ? row[group] + next[group]
             : what == PICK_SUM   ? row[group] + row[other]
                                  : row[group] - row[other];
  }
  return draws / step;
}

typedef struct laws {
  stage_levels levels;
  double *losses[2], *picked[2];
} laws;

/* `common` and each noise's words; `updates` of `draws` each. pairs: the joint law of a pair is the same. */
static void exact_compare(laws *l, const char *spec, stage_kind kind, size_t count, const char *common,
                          const char *words, int pairs, size_t updates) {
  stage s[2];
  char text[STAGE_WORDS];
  for (int i = 0; i < 2; i++) {
    snprintf(text, sizeof text, "%s %s", common, i ? words : "noise=weights seed=900");
    stage_open(&s[i], spec, kind, count, text);
    assert_true(s[i].draws * updates == DRAWS);
    stage_losses(&s[i], 0, updates, l->losses[i]);
  }
  assert_int_equal(s[0].groups, s[1].groups);
  for (pick what = PICK_PLUS; what <= PICK_DIFFERENCE; what++) {
    const int antithetic = s[0].settings.antithetic, two = what == PICK_SUM || what == PICK_DIFFERENCE;
    if ((what == PICK_MINUS && !antithetic) || (what == PICK_PAIR && (!pairs || !antithetic))) continue;
    if (two && s[0].groups < 2) continue;
    for (size_t g = 0; g<s[0].groups; g += s[0].groups> 2 ? s[0].groups - 1 : 1) {
      size_t n[2];
      for (int i = 0; i < 2; i++) n[i] = exact_pick(&s[i], DRAWS, l->losses[i], what, g, l->picked[i]);
      char where[STAGE_WORDS];
      snprintf(where, sizeof where, "%s: %s %s, statistic %d, group %zu", spec, common, words, (int)what, g);
      const double level = stage_smirnov(n[0], l->picked[0], n[1], l->picked[1]);
      stage_level(&l->levels, level, where);
    }
  }
  stage_close(&s[0]);
  stage_close(&s[1]);
}

static laws laws_open(void) {
  laws l = {.levels = {0}};
  for (int i = 0; i < 2; i++) {
    l.losses[i] = malloc((size_t)DRAWS * 32 * sizeof(double));
    l.picked[i] = malloc(DRAWS * sizeof(double));
  }
  return l;
}

static void laws_free(laws *l) {
  for (int i = 0; i < 2; i++) free(l->losses[i]), free(l->picked[i]);
}

static void laws_close(laws *l) {
  laws_free(l);
  stage_check(&l->levels, FAMILY);
}

static const char *const models[] = {"mlp:5-3", "mlp:5-4-3", "mlp:5-4-4-3", "mlp:5-4-3-4-3"};

/* Depth × activation × group × pairs, every one; the loss and the covariance go round, so that each meets all of them. */
static void losses_have_one_law(void **state) {
  (void)state;
  static const char *const activations[] = {"relu", "sign", "tanh"};
  static const char *const losses[] = {"cross-entropy", "squared", "zero-one"};
  static const size_t groups[] = {1, 3, 0};
  laws l = laws_open();
  for (size_t k = 0; k < 72; k++) {
    const size_t depth = k % 4, act = k / 4 % 3, group = k / 12 % 3, antithetic = k / 36;
    char spec[STAGE_WORDS], common[STAGE_WORDS], words[STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[depth], activations[act],
             losses[(depth + act + group + antithetic) % 3]);
    snprintf(common, sizeof common, "group=%zu antithetic=%s %s samples=%d", groups[group],
             antithetic ? "true" : "false", (k + k / 4 + k / 12) % 2 ? "sig=0.4" : "tau=0.09", DRAWS);
    snprintf(words, sizeof words, "noise=subspace smoothing=joint conditioning=%s", k % 2 ? "true" : "false");
    exact_compare(&l, spec, STAGE_PLAIN, FAMILY_BATCH, common, words, groups[group] != 1 || depth == 0, 1);
  }
  laws_close(&l);
}

/* H Hᵀ without an inverse, and the ways that a layer with clean inputs has: more examples than inputs + 1 draw E
 * itself, and so do few draws of few examples; many draws of few go through L. Groups of 9 and 17 end with a partial
 * one. */
static void singular_and_direct_ways_have_the_law(void **state) {
  (void)state;
  static const char *const commons[] = {"group=0", "group=3", "group=9", "group=17", "group=2", "group=1"};
  laws l = laws_open();
  for (size_t k = 0; k < 24; k++) {
    const size_t depth = k / 6 % 2 * 2, few = k / 12;
    char spec[STAGE_WORDS], common[STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s %s", models[depth], k % 2 ? "tanh" : "relu",
             k % 4 < 2 ? "squared" : "cross-entropy");
    snprintf(common, sizeof common, "%s antithetic=%s samples=%d", commons[k % 6], (k + few) % 2 ? "true" : "false",
             few ? 2 : DRAWS);
    exact_compare(&l, spec, STAGE_SINGULAR, 20, common, "noise=subspace smoothing=joint", k % 6 != 5 || depth == 0,
                  few ? DRAWS / 2 : 1);
  }
  laws_close(&l);
}

/* Layers wide and narrow, more examples than a register, other activations and losses, and the other generator. */
static void odd_shapes_have_the_law(void **state) {
  (void)state;
  static const char *const specs[] = {"mlp:1-1 relu squared", "mlp:2-17-2 gelu huber",
                                      "mlp:19-2-3 sigmoid cross-entropy", "mlp:3-1-1-2 tanh squared",
                                      "mlp:2-9-5-1 identity squared"};
  laws l = laws_open();
  for (size_t k = 0; k < 15; k++) {
    char common[STAGE_WORDS];
    snprintf(common, sizeof common, "group=%d antithetic=%s samples=%d", (int)(k / 5 * 5 % 7), k % 2 ? "true" : "false",
             DRAWS);
    exact_compare(&l, specs[k % 5], STAGE_PLAIN, 19, common,
                  k % 3 ? "noise=subspace smoothing=joint" : "noise=subspace smoothing=joint generator=block",
                  k / 5 > 0, 1);
  }
  laws_close(&l);
}

/* The test would see what it is there to see: a tau that is 15 % off in 10,000 draws of a whole batch. */
static void another_law_is_seen(void **state) {
  (void)state;
  laws l = laws_open();
  exact_compare(&l, "mlp:5-4-3 relu squared", STAGE_PLAIN, FAMILY_BATCH, "group=0 antithetic=false samples=10000",
                "noise=subspace smoothing=joint tau=0.1035", 1, 1);
  laws_free(&l);
  assert_true(l.levels.least < FAMILY / 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(losses_have_one_law),
      cmocka_unit_test(singular_and_direct_ways_have_the_law),
      cmocka_unit_test(odd_shapes_have_the_law),
      cmocka_unit_test(another_law_is_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
