/* test_combinations.c - what every variant must do, in every combination with the others.
 *
 * No hand solution but the contract: a combination is made or refused with a sentence; a step succeeds or fails
 * leaving x as it was, to the byte; x is always finite; a step allocates nothing; a refused allocation is
 * SWALE_ERROR_MEMORY and leaves nothing behind; a callback's failure can be retried as if it had not happened; ask
 * and tell are step.
 */
#include "combination.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM = 5, STEPS = 10 };
#define SMALL "threads=1 samples=8 chains=2 inner=3 tau=0.05 beta=2 shards=4 updates=20"

/* Returns how many of the steps succeeded. */
static size_t walk(scene *s, size_t steps, const char *text) {
  size_t good = 0;
  for (size_t k = 0; k < steps; k++) good += (size_t)scene_step(s, text);
  return good;
}

/* One scene: 1 if it could be made. */
static int steps_in(const char *text, const char *extras, const weather *now, size_t dim, int usual) {
  scene s;
  char what[2 * COMBINATION_TEXT];
  snprintf(what, sizeof what, "%s with %s", text, extras);
  scene_make(&s, text, extras, dim, now->name, 0);
  const int made = s.trainer != NULL;
  if (made) {
    const size_t calls = s.counting.calls, good = walk(&s, STEPS, what);
    if ((now->ends == WEATHER_BAD && good > 0) || (now->ends == WEATHER_GOOD && usual && good < STEPS))
      print_error("%s, weather %s: %zu steps succeeded\n", what, now->name, good);
    assert_int_equal(s.counting.calls, calls); /* allocate at birth, free at death, nothing between */
    if (now->ends == WEATHER_BAD) assert_int_equal(good, 0);
    if (now->ends == WEATHER_GOOD && usual) assert_int_equal(good, STEPS);
  }
  scene_free(&s);
  return made;
}

static void steps_succeed_or_leave_no_trace(void **state) {
  (void)state;
  const char *const extras[] = {SMALL, /* the usual ones */
                                "threads=1 updates=20 chains=1 samples=1 tau=0.05 beta=2 inner=3",
                                "threads=1 updates=20 chains=1 samples=2 tau=0.05 beta=2 inner=3",
                                SMALL " tau=1e-12",
                                SMALL " tau=1e6",
                                SMALL " beta=1e-12",
                                SMALL " beta=1e12",
                                SMALL " beta=auto:0.5",
                                SMALL " rate=1e6 average=0.5",
                                SMALL " monotone=true",
                                SMALL " tau=1e-12 beta=1e-12",
                                SMALL " tau=1e6 beta=1e12 monotone=true",
                                SMALL " tau-schedule=cosine tau-final=1e-12 rate-schedule=step",
                                "threads=1 samples=8 chains=16 updates=20",
                                SMALL " burn=0 step=10 leapfrog=1 moves=1 stages=1",
                                SMALL " samples=60 chains=1 burn=0.99 step=1e-6 leapfrog=40 moves=4 stages=10000",
                                SMALL " samples=60 chains=1 burn=0.99 step=1 tau=1e6 beta=1e-12"};
  size_t made = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    for (size_t e = 0; e < sizeof extras / sizeof *extras; e++) {
      for (size_t w = 0; w < weather_count; w++) {
        if (!steps_in(text, extras[e], &weathers[w], DIM, e == 0)) break; /* whatever the weather */
        (void)steps_in(text, extras[e], &weathers[w], 1, e == 0);
        made += 2;
      }
    }
  }
  printf("# %zu trainers of %zu legal combinations\n", made, combination_count());
  assert_true(made > 10000);
}

/* Is there a combination with this sampler that makes its steps? */
static int sampler_works(const char *name) {
  char wanted[COMBINATION_TEXT];
  snprintf(wanted, sizeof wanted, " sampler=%s ", name);
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    scene s;
    combination_text(c, text);
    if (!strstr(text, wanted)) continue;
    scene_make(&s, text, SMALL, DIM, "fine", 0);
    const int works = s.trainer && walk(&s, STEPS, text) == STEPS;
    scene_free(&s);
    if (works) return 1;
  }
  return 0;
}

static void every_sampler_is_made(void **state) {
  (void)state;
  for (size_t v = 0; swale_variant_at("sampler", v); v++) {
    const char *name = swale_variant_name(swale_variant_at("sampler", v));
    if (!sampler_works(name)) print_error("%s was in no combination\n", name);
    assert_true(sampler_works(name));
  }
}

/* The n-th allocation of problem and trainer fails, n = 1, 2, 3 … until nothing does. */
static void every_refused_allocation_is_an_error(void **state) {
  (void)state;
  size_t tried = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    for (size_t n = 1;; n++) {
      scene s;
      scene_open(&s, text, SMALL " threads=2 monotone=true", DIM);
      s.counting.fail_at = s.counting.calls + n;
      scene_create(&s);
      tried++;
      const int done = s.trainer || s.status != SWALE_ERROR_MEMORY;
      if (!s.trainer && done) scene_check_error(s.context, s.status);
      if (s.trainer) assert_true(n > 5 && s.counting.calls < s.counting.fail_at);
      if (!done) assert_non_null(strstr(swale_context_message(s.context), "out of memory"));
      scene_free(&s);
      assert_true(n < 500);
      if (done) break;
    }
  }
  printf("# %zu creations\n", tried);
}

/* The k-th call fails: the step does, x and the count stay, and the next step is the one that a fresh trainer makes. */
static void a_failed_callback_can_be_retried(void **state) {
  (void)state;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    scene fresh;
    scene_make(&fresh, text, SMALL, DIM, "fine", 0);
    if (fresh.trainer) {
      float start[DIM];
      memcpy(start, swale_trainer_parameters(fresh.trainer), sizeof start);
      check_ok(fresh.context, swale_trainer_step(fresh.trainer));
      for (size_t k = 1;; k++) {
        scene s;
        scene_make(&s, text, SMALL, DIM, "fine", k);
        const swale_status status = swale_trainer_step(s.trainer);
        if (status != SWALE_OK) {
          check_fails(s.context, status, SWALE_ERROR_CALLBACK, "returned 7");
          assert_memory_equal(swale_trainer_parameters(s.trainer), start, sizeof start);
          assert_int_equal(swale_trainer_updates(s.trainer), 0);
          check_ok(s.context, swale_trainer_step(s.trainer));
        }
        assert_memory_equal(swale_trainer_parameters(s.trainer), swale_trainer_parameters(fresh.trainer), sizeof start);
        scene_free(&s);
        assert_true(k < 1000);
        if (status == SWALE_OK) break;
      }
    }
    scene_free(&fresh);
  }
}

/* A step that met only NaN leaves nothing behind, in the optimizer's memory neither: in fine weather the next one is
 * that of a fresh trainer. */
static void a_numeric_failure_leaves_nothing_behind(void **state) {
  (void)state;
  size_t made = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    scene fresh, s;
    scene_make(&fresh, text, SMALL, DIM, "fine", 0);
    scene_make(&s, text, SMALL, DIM, "nan", 0);
    if (s.trainer) {
      made++;
      assert_int_equal(swale_trainer_step(s.trainer), SWALE_ERROR_NUMERIC);
      s.weather = weather_find("fine");
      for (int k = 0; k < 3; k++) {
        check_ok(s.context, swale_trainer_step(s.trainer));
        check_ok(fresh.context, swale_trainer_step(fresh.trainer));
        assert_memory_equal(swale_trainer_parameters(s.trainer), swale_trainer_parameters(fresh.trainer),
                            DIM * sizeof(float));
      }
    }
    scene_free(&fresh);
    scene_free(&s);
  }
  assert_true(made > 10);
}

/* One update by ask and tell; 0 where this combination cannot. Blocks of three, from the last to the first. */
static int ask_and_tell(scene *s, size_t samples) {
  const uint64_t updates = swale_trainer_updates(s->trainer);
  float points[8 * DIM];
  double losses[8];
  while (swale_trainer_updates(s->trainer) == updates) {
    for (size_t end = samples; end > 0;) {
      const size_t first = end > 3 ? end - 3 : 0;
      const swale_status status = swale_trainer_ask(s->trainer, first, end - first, points);
      if (status != SWALE_OK) {
        assert_int_equal(status, SWALE_ERROR_UNSUPPORTED);
        scene_check_error(s->context, status);
        scene_check_error(s->context, swale_trainer_tell(s->trainer, losses, samples));
        return 0;
      }
      for (size_t i = first; i < end; i++) scene_loss(s, points + (i - first) * DIM, &losses[i]);
      end = first;
    }
    check_ok(s->context, swale_trainer_tell(s->trainer, losses, samples));
  }
  return 1;
}

static void ask_and_tell_are_step(void **state) {
  (void)state;
  size_t able = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    scene a, b;
    scene_make(&a, text, SMALL, DIM, "holes", 0);
    scene_make(&b, text, SMALL, DIM, "holes", 0);
    for (int k = 0; a.trainer && k < 4; k++) {
      const size_t calls = a.counting.calls;
      if (!ask_and_tell(&a, 8)) break;
      able++;
      assert_int_equal(a.counting.calls, calls);
      check_ok(b.context, swale_trainer_step(b.trainer));
      assert_memory_equal(swale_trainer_parameters(a.trainer), swale_trainer_parameters(b.trainer),
                          DIM * sizeof(float));
      for (int i = 0; i <= SWALE_STATISTIC_STEP; i++) {
        const double left = swale_trainer_statistic(a.trainer, (swale_statistic)i);
        const double right = swale_trainer_statistic(b.trainer, (swale_statistic)i);
        assert_true(left == right || (isnan(left) && isnan(right)));
      }
    }
    scene_free(&a);
    scene_free(&b);
  }
  printf("# %zu updates by ask and tell\n", able);
  assert_true(able > 20);
}

/* The numbers next to those that the extras above go to. */
static void what_is_out_of_bounds_is_refused(void **state) {
  (void)state;
  static const char *const wrong[][2] = {{"tau", "0"},      {"tau", "9e-13"},   {"tau", "1.1e6"}, {"beta", "0"},
                                         {"beta", "9e-13"}, {"beta", "1.1e12"}, {"samples", "0"}, {"chains", "0"},
                                         {"batch", "-1"},   {"step", "0"},      {"rank", "0"},    {"tau", "nan"},
                                         {"tau", "inf"},    {"beta", "inf"},    {"rate", "nan"}};
  scene s;
  scene_open(&s, "", "", DIM);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const swale_status status = swale_options_set(s.options, wrong[i][0], wrong[i][1]);
    check_fails(s.context, status, SWALE_ERROR_USAGE, "allowed");
    check_fails(s.context, status, SWALE_ERROR_USAGE, wrong[i][1]);
  }
  scene_free(&s);
}

/* Every variant says what it is; names are words for the command line; lists end with NULL. */
static void variants_describe_themselves(void **state) {
  (void)state;
  for (size_t k = 0; swale_kind_at(k); k++) {
    assert_non_null(swale_variant_at(swale_kind_at(k), 0));
    for (size_t v = 0; swale_variant_at(swale_kind_at(k), v); v++) {
      const swale_variant *variant = swale_variant_at(swale_kind_at(k), v);
      assert_true(strlen(swale_variant_name(variant)) > 0 && strlen(swale_variant_brief(variant)) > 10);
      assert_true(strlen(swale_variant_source(variant)) > 5);
      assert_int_equal(strspn(swale_variant_name(variant), "abcdefghijklmnopqrstuvwxyz0123456789-"),
                       strlen(swale_variant_name(variant)));
    }
    assert_null(swale_variant_at(swale_kind_at(k), SIZE_MAX));
  }
  assert_null(swale_kind_at(SIZE_MAX));
  assert_null(swale_variant_at("nothing", 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(variants_describe_themselves),
      cmocka_unit_test(what_is_out_of_bounds_is_refused),
      cmocka_unit_test(every_sampler_is_made),
      cmocka_unit_test(steps_succeed_or_leave_no_trace),
      cmocka_unit_test(every_refused_allocation_is_an_error),
      cmocka_unit_test(a_failed_callback_can_be_retried),
      cmocka_unit_test(a_numeric_failure_leaves_nothing_behind),
      cmocka_unit_test(ask_and_tell_are_step),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
