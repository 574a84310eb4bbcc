/* test_parallel.c - every item once, the lowest failure wins, sums in one order whoever makes them.
 *
 * Hand solution of the tree, by recursion: T(first, width) = T(first, width/2) + T(first + width/2, width/2), rows
 * that do not exist left out. Compared byte for byte: addition of doubles is not associative, so another order would
 * differ.
 */
#include "check.h"

#include <swale/mpi.h>

#include "parallel/reduce.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEAMS = 4, MANY = 5000 };
static const size_t sizes[TEAMS] = {1, 2, 3, 8};

typedef struct job {
  swl_team *team;
  double *out;          /* one per item */
  atomic_int *runs;     /* one per item */
  atomic_int *inside;   /* one per worker: 1 while it runs */
  size_t fail[3];       /* items that fail, … */
  swale_status with[3]; /* … and how; 0 = none */
  int pace;             /* 1: fail[1] waits until fail[0] runs too, and ends before it; 2: after it */
} job;

static void pause_for_others(void) { nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); }

/* Order two items that fail: fail[1] is the lower one. */
static void job_pace(job *j, size_t item) {
  if (!j->pace || swl_team_size(j->team) == 1) return;
  while (item == j->fail[1] && !atomic_load(&j->runs[j->fail[0]])) pause_for_others();
  if ((j->pace == 1 && item == j->fail[0]) || (j->pace == 2 && item == j->fail[1])) pause_for_others();
}

static swale_status job_item(void *self, size_t worker, size_t item) {
  job *j = self;
  assert_true(worker < swl_team_size(j->team));
  assert_int_equal(atomic_fetch_add(&j->inside[worker], 1), 0);
  atomic_fetch_add(&j->runs[item], 1);
  j->out[item] = sin((double)item) / (double)(item + 1);
  swale_status status = SWALE_OK;
  for (int i = 0; i < 3; i++) {
    if (j->with[i] && j->fail[i] == item) status = j->with[i];
  }
  if (status != SWALE_OK) job_pace(j, item);
  atomic_fetch_sub(&j->inside[worker], 1);
  return status;
}

static job job_make(swl_team *team) {
  job j = {.team = team,
           .out = calloc(MANY, sizeof *j.out),
           .runs = calloc(MANY, sizeof *j.runs),
           .inside = calloc(64, sizeof *j.inside)};
  return j;
}

static void job_free(job *j) { free(j->out), free(j->runs), free(j->inside); }

static swale_context *context_make(void) {
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  return context;
}

static void every_item_runs_once(void **state) {
  (void)state;
  swale_context *context = context_make();
  const size_t counts[] = {0, 1, 2, 3, 7, 8, 9, MANY};
  for (size_t t = 0; t < TEAMS; t++) {
    swl_team *team = NULL;
    check_ok(context, swl_team_create(context, sizes[t], &team));
    assert_int_equal(swl_team_size(team), sizes[t]);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
      job j = job_make(team);
      assert_int_equal(swl_team_run(team, counts[c], job_item, &j), SWALE_OK);
      for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(atomic_load(&j.runs[i]), i < counts[c]);
        assert_true(i >= counts[c] || j.out[i] == sin((double)i) / (double)(i + 1));
      }
      job_free(&j);
    }
    swl_team_destroy(team);
  }
  swale_context_destroy(context);
}

/* Three neighbors fail differently, the lowest first or last: the status is its own; every item below it ran, and the
 * team still works. */
static void the_lowest_failing_item_decides(void **state) {
  (void)state;
  swale_context *context = context_make();
  for (size_t t = 0; t < TEAMS; t++) {
    swl_team *team = NULL;
    check_ok(context, swl_team_create(context, sizes[t], &team));
    for (int repeat = 0; repeat < 50; repeat++) {
      job j = job_make(team);
      const size_t low = repeat % 2 ? 400 : 0; /* neighbors fail at nearly the same time */
      j.fail[0] = low + 1, j.with[0] = SWALE_ERROR_CALLBACK;
      j.fail[1] = low, j.with[1] = SWALE_ERROR_NUMERIC;
      j.fail[2] = low + 2, j.with[2] = SWALE_ERROR_USAGE;
      j.pace = repeat / 2 % 3;
      assert_int_equal(swl_team_run(team, 1000, job_item, &j), SWALE_ERROR_NUMERIC);
      for (size_t i = 0; i <= low; i++) assert_int_equal(atomic_load(&j.runs[i]), 1);
      size_t ran = 0;
      for (size_t i = 0; i < 1000; i++) ran += (size_t)atomic_load(&j.runs[i]);
      if (sizes[t] == 1) assert_int_equal(ran, low + 1); /* nothing new is started after a failure */
      memset(j.with, 0, sizeof j.with);
      assert_int_equal(swl_team_run(team, 10, job_item, &j), SWALE_OK);
      job_free(&j);
    }
    swl_team_destroy(team);
  }
  swale_context_destroy(context);
}

/* Lost wake-ups and stale generations show as a hang or a wrong count. Nothing is allocated by a run. */
static void thousands_of_tiny_runs(void **state) {
  (void)state;
  counting_allocator counting;
  counting_allocator_init(&counting);
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(&counting.allocator, &context), SWALE_OK);
  for (size_t t = 0; t < TEAMS; t++) {
    swl_team *team = NULL;
    check_ok(context, swl_team_create(context, sizes[t], &team));
    job j = job_make(team);
    const size_t calls = counting.calls;
    size_t expected = 0;
    for (size_t run = 0; run < 3000; run++) {
      const size_t items = run % 5;
      expected += items;
      assert_int_equal(swl_team_run(team, items, job_item, &j), SWALE_OK);
    }
    size_t ran = 0;
    for (size_t i = 0; i < 5; i++) ran += (size_t)atomic_load(&j.runs[i]);
    assert_int_equal(ran, expected);
    assert_int_equal(counting.calls, calls);
    job_free(&j);
    swl_team_destroy(team);
  }
  swl_team_destroy(NULL);
  check_context_gone(&counting, context);
}

static void a_team_may_end_without_a_run(void **state) {
  (void)state;
  swale_context *context = context_make();
  for (int i = 0; i < 100; i++) {
    swl_team *team = NULL;
    check_ok(context, swl_team_create(context, 8, &team));
    swl_team_destroy(team);
  }
  swale_context_destroy(context);
}

static void failing_allocations_leave_nothing(void **state) {
  (void)state;
  for (size_t fail_at = 2; fail_at <= 3; fail_at++) {
    counting_allocator counting;
    counting_allocator_init(&counting);
    counting.fail_at = fail_at;
    swale_context *context = NULL;
    swl_team *team = NULL;
    assert_int_equal(swale_context_create(&counting.allocator, &context), SWALE_OK);
    check_fails(context, swl_team_create(context, 3, &team), SWALE_ERROR_MEMORY, "out of memory");
    assert_null(team);
    check_context_gone(&counting, context);
  }
}

/* items = shards · least + more: the first `more` shards hold one item more; ranges tile 0..items without a gap. */
static void shards_tile_the_items(void **state) {
  (void)state;
  for (size_t items = 0; items < 70; items++) {
    for (size_t shards = 1; shards < 20; shards++) {
      size_t next = 0;
      for (size_t s = 0; s < shards; s++) {
        const swl_range range = swl_shard_range(items, shards, s);
        assert_int_equal(range.first, next);
        assert_int_equal(range.end - range.first, items / shards + (s < items % shards));
        next = range.end;
      }
      assert_int_equal(next, items);
    }
  }
}

static double tree(const double *row, size_t stride, size_t first, size_t width, size_t shards) {
  if (width == 1) return row[first * stride];
  const double left = tree(row, stride, first, width / 2, shards);
  return first + width / 2 < shards ? left + tree(row, stride, first + width / 2, width / 2, shards) : left;
}

static void sums_are_made_in_the_order_of_the_tree(void **state) {
  (void)state;
  swale_context *context = context_make();
  enum { DIM = 2 * SWL_TILE + 37, SHARDS = 17 };
  double *parts = malloc(SHARDS * DIM * sizeof *parts), *before = malloc(SHARDS * DIM * sizeof *before);
  const size_t dims[] = {1, 3, SWL_TILE, DIM};
  float *sum = malloc(DIM * sizeof *sum);
  double squares[3], square = 0;
  uint64_t random = 1;
  for (size_t i = 0; i < SHARDS * DIM; i++) { /* sizes 2^-30 … 2^30: the order of a sum is seen in its bytes */
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    before[i] = ldexp((double)(int64_t)random, (int)(random >> 33) % 61 - 93);
  }
  for (size_t t = 0; t < TEAMS; t++) {
    swl_team *team = NULL;
    check_ok(context, swl_team_create(context, sizes[t], &team));
    for (size_t shards = 1; shards <= SHARDS; shards++) {
      for (size_t d = 0; d < 4; d++) {
        memcpy(parts, before, shards * dims[d] * sizeof *parts);
        check_ok(context, swl_reduce_tree(team, shards, dims[d], parts, -0.5, sum, squares, &square));
        double wanted = 0, rounding = 0;
        for (size_t i = 0; i < dims[d]; i++) {
          const double total = tree(before + i, dims[d], 0, 32, shards);
          assert_true(sum[i] == (float)(-0.5 * total));
          wanted += total * total;
        }
        rounding = 2 * (double)dims[d] * DBL_EPSILON * wanted; /* of two sums of squares in some order */
        assert_true(fabs(square - wanted) <= rounding);
      }
    }
    swl_team_destroy(team);
  }
  free(parts), free(before), free(sum);
  swale_context_destroy(context);
}

/* Without a launcher there is one rank, whose items begin at 0 and end with all of them. */
static void one_rank_has_everything(void **state) {
  (void)state;
  swale_context *context = context_make();
  swl_team *team = NULL;
  check_ok(context, swale_context_join(context, NULL));
  assert_int_equal(swale_context_rank(context), 0);
  assert_int_equal(swale_context_ranks(context), 1);
  assert_null(swl_context_ranks(context));
  check_ok(context, swl_team_create(context, 2, &team));
  assert_null(swl_team_ranks(team));
  assert_int_equal(swl_team_first(team, 7, 3, 0), 0);
  assert_int_equal(swl_team_first(team, 7, 3, 1), 7);
  job j = job_make(team);
  double rows[4] = {1, 2, 3, 4};
  const swl_dealt shared = SWL_DEALT(1, j.out);
  check_ok(context, swl_team_deal(team, 9, 9, job_item, &j, 1, &shared));
  for (size_t i = 0; i < 9; i++) assert_int_equal(atomic_load(&j.runs[i]), 1);
  check_ok(context, swl_team_turn(team, 2, 2, rows, 2 * sizeof *rows, sizeof *rows, NULL, NULL));
  assert_true(rows[0] == 1 && rows[3] == 4);
  swl_pulse pulse = {3, 5};
  assert_int_equal(swl_ranks_agree(NULL, SWALE_ERROR_IO), SWALE_ERROR_IO);
  assert_int_equal(swale_context_agree(context, SWALE_ERROR_FORMAT), SWALE_ERROR_FORMAT);
  assert_int_equal(swl_ranks_settle(NULL, SWALE_OK, &pulse), SWALE_OK);
  assert_int_equal(pulse.stop, 3);
  assert_int_equal(swl_ranks_traffic(NULL).bytes, 0);
  job_free(&j);
  swl_team_destroy(team);
  swale_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_rank_has_everything),         cmocka_unit_test(every_item_runs_once),
      cmocka_unit_test(the_lowest_failing_item_decides), cmocka_unit_test(thousands_of_tiny_runs),
      cmocka_unit_test(a_team_may_end_without_a_run),    cmocka_unit_test(failing_allocations_leave_nothing),
      cmocka_unit_test(shards_tile_the_items),           cmocka_unit_test(sums_are_made_in_the_order_of_the_tree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
