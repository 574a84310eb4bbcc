/* test_threads.c - more workers, same bytes (law 7), for every combination of the registry.
 *
 * No hand solution: five updates with 1, 2, 3 and 5 threads must give the same parameters and statistics, to the
 * byte, on three tiles of coordinates and on one, with more shards than threads and fewer; and another seed must not.
 */
#include "conformance/combination.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 5, DIMS = 2500 };

static int run(const char *text, const char *extras, size_t threads, size_t dim, float *x, double *statistic) {
  char all[COMBINATION_TEXT];
  scene s;
  snprintf(all, sizeof all, "%s threads=%zu", extras, threads);
  scene_make(&s, text, all, dim, "fine", 0);
  const int able = s.trainer != NULL;
  for (int k = 0; able && k < STEPS; k++) check_ok(s.context, swale_trainer_step(s.trainer));
  for (int i = 0; able && i <= SWALE_STATISTIC_VIOLATED; i++) {
    statistic[i] = swale_trainer_statistic(s.trainer, (swale_statistic)i);
  }
  if (able) memcpy(x, swale_trainer_parameters(s.trainer), dim * sizeof *x);
  scene_free(&s);
  return able;
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
  (void)state;
  const char *const extras[] = {"samples=70 chains=35 shards=16 inner=2 tau=1e-4 beta=0.5 updates=9 rate=0.001",
                                "samples=42 chains=3 shards=2 inner=2 tau=1e-4 beta=0.5 updates=9 monotone=true"};
  static const size_t threads[] = {2, 3, 5};
  float *x = malloc(DIMS * sizeof *x), *y = malloc(DIMS * sizeof *y);
  double before[SWALE_STATISTIC_VIOLATED + 1], after[SWALE_STATISTIC_VIOLATED + 1];
  size_t able = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    for (size_t e = 0; e < 2; e++) {
      const size_t dim = e ? 3 : DIMS;
      if (!run(text, extras[e], 1, dim, x, before)) continue;
      able++;
      for (size_t t = 0; t < 3; t++) {
        assert_true(run(text, extras[e], threads[t], dim, y, after));
        if (memcmp(x, y, dim * sizeof *x) != 0) print_error("%s with %zu threads differs\n", text, threads[t]);
        assert_memory_equal(x, y, dim * sizeof *x);
        assert_memory_equal(before, after, sizeof before);
      }
    }
  }
  printf("# %zu combinations\n", able);
  assert_true(able > 30);
  free(x), free(y);
}

/* The same seed gives the same bytes again; another seed, or another number of shards where sums are sharded, need
 * not. */
static void the_seed_decides(void **state) {
  (void)state;
  size_t differ = 0, able = 0;
  float x[3], y[3];
  double s[SWALE_STATISTIC_VIOLATED + 1], t[SWALE_STATISTIC_VIOLATED + 1];
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    if (!run(text, "samples=12 chains=3 inner=2 tau=0.01 beta=0.5 updates=9 seed=1", 1, 3, x, s)) continue;
    able++;
    assert_true(run(text, "samples=12 chains=3 inner=2 tau=0.01 beta=0.5 updates=9 seed=1", 1, 3, y, t));
    assert_memory_equal(x, y, sizeof x);
    assert_memory_equal(s, t, sizeof s);
    assert_true(run(text, "samples=12 chains=3 inner=2 tau=0.01 beta=0.5 updates=9 seed=4294967297", 1, 3, y, t));
    int other = 0;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) other |= x[i] != y[i];
    differ += (size_t)other;
  }
  printf("# %zu of %zu combinations depend on the high half of the seed\n", differ, able);
  assert_true(differ > able / 2); /* all that sample */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
      cmocka_unit_test(the_seed_decides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
