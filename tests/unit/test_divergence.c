/* test_divergence.c - the detector on series of losses whose health is known because they were made so.
 *
 * Hand solutions: from 0, the share of n losses in a row above the level is 1 - (29/30)^n, above 0.9 from n = 68 on, so
 * what is lost is suspect after 68 updates (fewer where some losses were high before). B and S of a constant series are
 * that constant and 0. Healthy are: a mean that falls, and rises again by less than half of what it fell; any noise
 * around it; bumps of any height for up to 40 updates.
 */
#include "check.h"

#include "train/divergence.h"

#include <math.h>
#include <stdio.h>

enum { SERIES = 240, UPDATES = 5000, KINDS = 8, ENOUGH = 68 };
static const double blind = 2.302585092994046, blind_skill = 0.1;

/* Uniform in (0, 1), and a standard normal, by a generator of the test's own. */
static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t *state) {
  const double radius = sqrt(-2 * log(uniform(state)));
  return radius * cos(6.283185307179586 * uniform(state));
}

/* Update k of a healthy run that goes from I to 0.2. */
static double healthy(int kind, int k, uint64_t *random) {
  const double mean = 0.2 + (blind - 0.2) * exp(-k / 300.0), z = normal(random), u = uniform(random);
  switch (kind) {
  case 0: return fmax(mean + 0.02 * z, 0);
  case 1: return mean * exp(1.5 * z - 1.125);     /* lognormal: a standard deviation of three means */
  case 2: return u < 0.02 ? 40 * mean : mean * u; /* rare outliers */
  case 3: return mean * z * z;                    /* a batch of one */
  case 4: return mean / sqrt(u);                  /* no variance at all */
  case 5:                                         /* falls to 0.2 and comes back by 0.45 of the way */
    return mean + (k > 1500 ? 0.45 * (blind - 0.2) * (k - 1500) / 3500.0 : 0) + 0.05 * z;
  case 6: /* a rate that warms up: nearly all is lost for 40 updates in 400, the first time far more */
    return k % 400 < 40 && k > 30 ? (k < 500 ? 15 * blind : blind) + 0.1 * z : fmax(mean + 0.1 * z, 0);
  default: return blind + 0.1 * z; /* a plateau: nothing is learned, nothing lost */
  }
}

static void healthy_runs_are_not_suspect(void **state) {
  (void)state;
  double most[KINDS] = {0};
  for (int series = 0; series < SERIES; series++) {
    uint64_t random = (uint64_t)series * 7919 + 1;
    const int kind = series % KINDS;
    swl_divergence d;
    swl_divergence_begin(&d, blind, blind_skill);
    for (int k = 0; k < UPDATES; k++) {
      const int suspect = swl_divergence_add(&d, healthy(kind, k, &random));
      if (suspect) print_error("series %d of kind %d is suspect at update %d\n", series, kind, k);
      assert_false(suspect);
      if (d.share > most[kind]) most[kind] = d.share;
    }
  }
  for (int kind = 0; kind < KINDS; kind++) printf("# kind %d: share at most %.2f\n", kind, most[kind]);
}

/* How many updates after the turn at `turn` a run is suspect; the lost losses are `level` exp(noise z). */
static int delay(int kind, int turn, double level, double noise, uint64_t seed) {
  uint64_t random = seed;
  swl_divergence d;
  swl_divergence_begin(&d, blind, blind_skill);
  for (int k = 0; k < turn; k++) assert_false(swl_divergence_add(&d, healthy(kind, k, &random)));
  for (int k = 1; k < UPDATES; k++) {
    if (swl_divergence_add(&d, level * exp(noise * normal(&random)))) return k;
  }
  return UPDATES;
}

static void lost_runs_are_suspect_in_time(void **state) {
  (void)state;
  const int kinds[] = {0, 2, 5, 6};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
      const int turn = kinds[i] == 5 ? 1400 : 1000 + 13 * (int)seed;
      if (kinds[i] == 0 || kinds[i] == 5) /* dead units; after outliers or bumps of 15 I that is nothing to remark */
        assert_in_range(delay(kinds[i], turn, blind, 0.05, seed), 1, ENOUGH);
      assert_in_range(delay(kinds[i], turn, 1e3 * blind, 0.3, seed), 1, ENOUGH); /* blown up */
      assert_in_range(delay(kinds[i], turn, NAN, 0, seed), 1, ENOUGH);
      assert_in_range(delay(kinds[i], turn, INFINITY, 0, seed), 1, ENOUGH);
    }
  }
  assert_int_equal(delay(0, 1000, blind, 0, 1), ENOUGH);
  assert_int_equal(delay(0, 1, 11 * blind, 0, 1), ENOUGH); /* from the second update on */
  assert_int_equal(delay(0, 1, 9 * blind, 0, 1), UPDATES); /* not ten times a blind guess, and nothing learned */
}

/* Constant losses: B = c, S = 0, L = c + (I - c)/2 if c <= I/2, else 10 max(I, f_1). */
static void the_level_by_hand(void **state) {
  (void)state;
  const struct { double loss, level; } rows[] = {{0.4, 1.2}, {1, 1.5}, {1.01, 20}, {2, 20}, {3, 30}, {0, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (int above = 0; above < 2; above++) {
      swl_divergence d;
      swl_divergence_begin(&d, 2, 0.1);
      for (int k = 0; k < 100; k++) assert_false(swl_divergence_add(&d, rows[i].loss));
      check_close(d.slow, rows[i].loss, 1e-14);
      check_close(d.best, rows[i].loss, 1e-14);
      check_close(d.best_sd, 0, 1e-7);
      const double loss = rows[i].level + (above ? 1e-6 : -1e-6);
      (void)swl_divergence_add(&d, loss);
      check_close(d.share, above / 30.0, 1e-15);
    }
  }
  /* alternating 0.3 and 0.5: B = 0.4 and S = 0.1 up to the unequal weights; 2 S < (I - B)/2 = 0.8 */
  swl_divergence d;
  swl_divergence_begin(&d, 2, 0.1);
  for (int k = 0; k < 2000; k++) (void)swl_divergence_add(&d, k % 2 ? 0.3 : 0.5);
  check_close(d.best, 0.4, 0.001); /* half a weight of 0.2 */
  check_close(d.best_sd, 0.1, 0.001);
  /* 0 and 1, of which 1 in 10: S = 0.3 and B near 0.1: L = B + max(0.2, 0.6) for I = 0.5 */
  swl_divergence_begin(&d, 0.5, 0.1);
  for (int k = 0; k < 2000; k++) (void)swl_divergence_add(&d, k % 10 == 9);
  assert_true(d.best > 0.05 && d.best < 0.1 && d.best_sd > 0.25 && d.best_sd < 0.3);
  const double before = d.share;
  (void)swl_divergence_add(&d, 0.6);
  assert_true(d.share < before);
  (void)swl_divergence_add(&d, 0.75);
  assert_true(d.share > before * 29 / 30);
}

/* T = J + max((C - J)/2, (1 - J)/10): 0.19 at first, 0.5 once 0.9 was seen. */
static void skill_dismisses_a_suspicion(void **state) {
  (void)state;
  swl_divergence d;
  swl_divergence_begin(&d, 2, 0.1);
  d.share = 0.95;
  assert_true(swl_divergence_confirm(&d, 0.18));
  assert_true(swl_divergence_confirm(&d, (double)NAN));
  check_close(d.share, 0.95, 0);
  assert_false(swl_divergence_confirm(&d, 0.2));
  check_close(d.share, 0, 0);
  assert_true(swl_divergence_good(&d, 0.3, 0.9));
  assert_true(swl_divergence_confirm(&d, 0.49));
  assert_false(swl_divergence_confirm(&d, 0.51));
}

static void states_worth_going_back_to(void **state) {
  (void)state;
  swl_divergence d;
  swl_divergence_begin(&d, 2, 0.1);
  assert_false(swl_divergence_good(&d, 1e3, 0.54)); /* the best so far, but not most things right: (1 + J)/2 */
  assert_true(swl_divergence_good(&d, 1e3, 0.56));
  swl_divergence_begin(&d, 2, 0.1);
  assert_true(swl_divergence_good(&d, 19, 0.1)); /* below 10 I */
  assert_false(swl_divergence_good(&d, 21, 0.1));
  assert_false(swl_divergence_good(&d, (double)NAN, 1));
  assert_false(swl_divergence_good(&d, INFINITY, 1));
  assert_true(swl_divergence_good(&d, 0.4, 0.8));
  assert_true(swl_divergence_good(&d, 1.19, 0.1)); /* 0.4 + 1.6/2 */
  assert_false(swl_divergence_good(&d, 1.21, 0.72));
  assert_true(swl_divergence_good(&d, 1.21, 0.74)); /* 0.1 + 0.9 · 0.7 */
  assert_true(swl_divergence_good(&d, 1e9, 0.9));   /* large outputs, right answers */
  assert_false(swl_divergence_good(&d, 1e9, 0.81)); /* 0.1 + 0.9 · 0.8 = 0.82 from now on */
}

/* Without a number for knowing nothing only losses that are not finite count. */
static void a_blind_loss_that_is_not_finite(void **state) {
  (void)state;
  swl_divergence d;
  swl_divergence_begin(&d, INFINITY, (double)NAN);
  for (int k = 0; k < 300; k++) assert_false(swl_divergence_add(&d, k < 100 ? 0.1 : 1e9));
  for (int k = 1; k < ENOUGH; k++) assert_false(swl_divergence_add(&d, (double)NAN));
  assert_true(swl_divergence_add(&d, (double)NAN));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(healthy_runs_are_not_suspect),
      cmocka_unit_test(lost_runs_are_suspect_in_time),
      cmocka_unit_test(the_level_by_hand),
      cmocka_unit_test(skill_dismisses_a_suspicion),
      cmocka_unit_test(states_worth_going_back_to),
      cmocka_unit_test(a_blind_loss_that_is_not_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
