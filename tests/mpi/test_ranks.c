/* test_ranks.c - more ranks, same bytes (law 7); run by mpirun with 2, 3 and 4 ranks (tests/mpi/run-ranks).
 *
 * test_ranks [THREADS]: a short form for tools that are slow: only the small network, with so many threads.
 *
 * No hand solution: what a process gives alone with one thread must come out on every rank, to the byte, for every
 * sampler, noise, group and optimizer. What a rank receives is counted by hand for one method; a failure on one rank must
 * be that of all, in every place where it can happen. Rank 0 prints for all: what one of them found is agreed on first.
 */
#include "conformance/combination.h"
#include "trained.h"
#include "training.h"

#include <swale/mpi.h>
#include <swale/run.h>

#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIM = 2500 };

static int rank, size;
static size_t only; /* number of threads; 0 = several */

/* 1 if any rank says so. */
static int any(int mine) {
  int all = 0;
  MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return all;
}

static void check_all(int good, const char *what) {
  if (!good) fprintf(stderr, "rank %d of %d: %s\n", rank, size, what);
  assert_false(any(!good));
}

static const char *const nets[] = {
    "regularizer=heat", /* layers one after the other, each example on its own */
    "regularizer=heat samples=26 layer-samples=14/6 batch=140",
    "regularizer=heat samples=8 batch=300",                /* two leaves: two ranks have their own examples only */
    "regularizer=heat samples=8 batch=521 optimizer=adam", /* four, uneven */
    "regularizer=heat samples=8 batch=300 optimizer=robbins-monro inner=3 rate=1",
    "regularizer=heat samples=8 batch=300 monotone=true sig=0",
    "regularizer=heat samples=8 batch=300 shaping=rank",
    "regularizer=heat smoothing=layerwise group=7 samples=12",
    "regularizer=heat smoothing=joint group=1 samples=12",
    "regularizer=heat smoothing=joint group=1 samples=12 batch=3 shards=5 antithetic=false",
    "regularizer=heat smoothing=joint group=7 samples=26 sig=0.2 shards=3",
    "regularizer=heat smoothing=joint group=0 samples=40 batch=150",
    "regularizer=heat noise=low-rank rank=2 group=0 samples=40",
    "regularizer=heat noise=low-rank row-space=false group=7 samples=12",
    "regularizer=heat noise=weights group=0 samples=20",
    "regularizer=heat noise=weights group=11 samples=6 sig=0.1",
    "regularizer=heat estimator=pathwise noise=weights samples=20",
    "regularizer=heat shaping=rank samples=12 group=7",
    "regularizer=heat optimizer=robbins-monro inner=3 rate=1 samples=12",
    "regularizer=heat smoothing=joint group=1 samples=12 monotone=true",
    "regularizer=local-entropy group=0 samples=300",
    "regularizer=local-entropy group=0 samples=300 monotone=true optimizer=matching rate=1",
    "regularizer=local-entropy group=1 samples=20",
    "regularizer=local-entropy noise=weights samples=40",
    "regularizer=local-entropy noise=weights samples=40 monotone=true",
    "regularizer=local-entropy sampler=langevin samples=70 chains=14",
    "regularizer=local-entropy sampler=mala samples=66 chains=33",
    "regularizer=local-entropy sampler=hmc samples=24 chains=3 leapfrog=3",
    "regularizer=local-entropy sampler=pcn samples=70 chains=35",
    "regularizer=local-entropy sampler=elliptical samples=24 chains=4 shards=2",
    "regularizer=local-entropy sampler=tempered samples=40 chains=5 stages=4",
    "regularizer=local-entropy sampler=entropy-sgd samples=3",
    "regularizer=none",
    "regularizer=sharpness",
};

static void networks_give_the_bytes_of_one_process(void **state) {
  training_data alone, shared;
  (void)state;
  training_open(&alone, 0);
  training_open(&shared, 1);
  assert_int_equal(swale_context_ranks(shared.context), size);
  for (size_t k = 0; k < 2 * (sizeof nets / sizeof *nets); k++) {
    const char *spec = k % 2 ? "mlp:784-96-10" : "mlp:784-12-9-10", *words = nets[k / 2];
    if (only && k % 2) continue;
    training_result one = training_run(&alone, spec, "relu", words, 1);
    for (size_t threads = only ? only : 1; threads <= (only ? only : 4); threads += k % 2 ? 2 : 1) {
      training_result all = training_run(&shared, spec, "relu", words, threads);
      check_all(training_same(&one, &all), words);
      training_free(&all);
    }
    training_free(&one);
  }
  training_close(&shared);
  training_close(&alone);
}

/* x: the parameters, then the best point. */
static int run(int ranks, const char *text, const char *extras, float *x, double *statistic) {
  scene s;
  scene_joins = ranks;
  scene_make(&s, text, extras, DIM, "fine", 0);
  scene_joins = 0;
  const int able = s.trainer != NULL;
  for (int k = 0; able && k < 3; k++) check_ok(s.context, swale_trainer_step(s.trainer));
  for (int i = 0; able && i < TRAINING_STATISTICS; i++) {
    statistic[i] = swale_trainer_statistic(s.trainer, (swale_statistic)i);
  }
  if (able) {
    assert_non_null(swale_trainer_best(s.trainer));
    memcpy(x, swale_trainer_parameters(s.trainer), DIM * sizeof *x);
    memcpy(x + DIM, swale_trainer_best(s.trainer), DIM * sizeof *x);
  }
  scene_free(&s);
  return able;
}

static void every_combination_gives_the_bytes_of_one_process(void **state) {
  static const char words[] = "samples=70 chains=35 inner=2 tau=1e-4 beta=0.5 updates=9 rate=0.001 threads=1";
  const size_t bytes = 2 * DIM * sizeof(float);
  float *x = malloc(bytes), *y = malloc(bytes);
  double before[TRAINING_STATISTICS], after[TRAINING_STATISTICS];
  size_t able = 0;
  (void)state;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    if (!run(0, text, words, x, before)) continue;
    able++;
    assert_true(run(1, text, words, y, after));
    const int same = memcmp(x, y, bytes) == 0 && memcmp(before, after, sizeof before) == 0; // NOLINT
    check_all(same, text);
  }
  printf("# %zu combinations\n", able);
  assert_true(able > 30);
  free(x), free(y);
}

/* 20 draws of one loss on 2500 coordinates in tiles of 1024. A rank receives the losses of the others' blocks, 10 of two
 * draws each, and the coordinates of the others' tiles: of R ranks together (R - 1)(20 × 8 + 2500 × 4) bytes. Then they tell
 * each other how many points they saw and their least loss, 16 bytes each, and the one best point goes to the others:
 * (R - 1)(R × 16 + 2500 × 4) more. */
static void what_travels_is_counted(void **state) {
  scene s;
  uint64_t sum = 0;
  (void)state;
  scene_joins = 1;
  scene_make(&s, "", "noise=weights samples=20 tau=1e-4 updates=9 regularizer=heat", DIM, "fine", 0);
  scene_joins = 0;
  check_ok(s.context, swale_trainer_step(s.trainer));
  const uint64_t mine = s.trainer->traffic.bytes;
  MPI_Allreduce(&mine, &sum, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
  assert_int_equal(sum, (uint64_t)(size - 1) * (20 * 8 + DIM * 4 + (uint64_t)size * 16 + DIM * 4));
  assert_int_equal(s.trainer->traffic.exchanges, 4);
  assert_int_equal(s.trainer->traffic.agreements, 3);
  scene_free(&s);
}

typedef struct fragile {
  int fails;  /* on this rank */
  int breaks; /* on this rank: a gradient that is not a number */
} fragile;

static int fragile_loss(void *self, const float *x, double *loss) {
  const fragile *at = self;
  *loss = (double)x[0] * x[0];
  return at->fails ? 7 : 0;
}

static int fragile_gradient(void *self, const float *x, float *gradient, double *loss) {
  for (int i = 0; i < 3; i++) gradient[i] = ((const fragile *)self)->breaks ? NAN : 2 * x[i];
  return fragile_loss(self, x, loss);
}

/* A caller's function fails on the last rank only, in the draws that are dealt, or in a gradient that all make: everyone
 * hears the same, nobody moves, and the next update goes well. */
static void a_failure_of_one_is_a_failure_of_all(void **state) {
  static const char *const methods[] = {"importance", "none", "langevin", "tempered"};
  char wanted[64];
  (void)state;
  snprintf(wanted, sizeof wanted, "rank %d of %d: ", size - 1, size);
  for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
    trained t;
    fragile self = {0};
    const swale_function function = {3, fragile_loss, fragile_gradient, &self};
    trained_open(&t);
    check_ok(t.context, swale_context_join(t.context, NULL));
    check_ok(t.context, swale_options_set(t.options, k == 1 ? "regularizer" : "sampler", methods[k]));
    check_ok(t.context, swale_options_set(t.options, "updates", "9"));
    check_ok(t.context, swale_options_set(t.options, "samples", "16"));
    if (k == 1) check_ok(t.context, swale_options_set(t.options, "samples", "auto"));
    trained_make(&t, &function);
    self.fails = rank == size - 1;
    check_all(swale_trainer_step(t.trainer) == SWALE_ERROR_CALLBACK, "another status");
    check_all(strncmp(swale_context_message(t.context), wanted, strlen(wanted)) == 0, swale_context_message(t.context));
    check_all(swale_trainer_updates(t.trainer) == 0, "an update was counted");
    self.fails = 0;
    check_all(swale_trainer_step(t.trainer) == SWALE_OK, "the update after it");
    trained_free(&t);
  }
}

/* A gradient that is not a number on the last rank only, where each makes its own: it gives up after all exchanges of the
 * update but that of the best points, and is met there. */
static void what_one_computes_wrongly_fails_on_all(void **state) {
  trained t;
  fragile self = {0};
  const swale_function function = {3, fragile_loss, fragile_gradient, &self};
  (void)state;
  trained_open(&t);
  check_ok(t.context, swale_context_join(t.context, NULL));
  check_ok(t.context, swale_options_set(t.options, "regularizer", "none"));
  check_ok(t.context, swale_options_set(t.options, "updates", "9"));
  trained_make(&t, &function);
  self.breaks = rank == size - 1;
  check_all(swale_trainer_step(t.trainer) == SWALE_ERROR_NUMERIC, "another status");
  check_all(strstr(swale_context_message(t.context), "gradient is not finite") != NULL,
            swale_context_message(t.context));
  self.breaks = 0;
  trained_free(&t);
}

/* A wrong number of losses on the last rank only: told by all, and nobody waits; then a right one goes well. Losses that
 * differ are no better. */
static void what_one_tells_wrongly_fails_on_all(void **state) {
  const double losses[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2};
  double others[16];
  float points[16 * 3];
  char wanted[128];
  trained t;
  fragile self = {0};
  const swale_function function = {3, fragile_loss, NULL, &self};
  (void)state;
  snprintf(wanted, sizeof wanted, "rank %d of %d: tell: 15 losses; there must be samples = 16", size - 1, size);
  trained_open(&t);
  check_ok(t.context, swale_context_join(t.context, NULL));
  check_ok(t.context, swale_options_set(t.options, "updates", "9"));
  check_ok(t.context, swale_options_set(t.options, "samples", "16"));
  trained_make(&t, &function);
  check_ok(t.context, swale_trainer_ask(t.trainer, 0, 16, points));
  check_all(swale_trainer_tell(t.trainer, losses, rank == size - 1 ? 15 : 16) == SWALE_ERROR_USAGE, "another status");
  check_all(strcmp(swale_context_message(t.context), wanted) == 0, swale_context_message(t.context));
  check_all(swale_trainer_tell(t.trainer, losses, 16) == SWALE_OK, "the update after it");
  memcpy(others, losses, sizeof others);
  others[3] += rank;
  check_all(swale_trainer_tell(t.trainer, others, 16) == SWALE_ERROR_UNSUPPORTED, "losses that differ");
  trained_free(&t);
}

/* Ranks with other options, or another number of parameters, are noticed when the trainer is made. */
static void what_differs_is_named_at_creation(void **state) {
  static const char *const words[][2] = {{"tau", "1e-3"}, {"seed", "7"}, {"samples", "18"}, {"threads", "1"}};
  char wanted[128];
  (void)state;
  for (size_t k = 0; k < sizeof words / sizeof *words + 1; k++) {
    const int last = rank == size - 1, dims = k == sizeof words / sizeof *words;
    trained t;
    fragile self = {0};
    const swale_function function = {last && dims ? 4 : 3, fragile_loss, NULL, &self};
    trained_open(&t);
    check_ok(t.context, swale_context_join(t.context, NULL));
    check_ok(t.context, swale_options_set(t.options, "updates", "9"));
    check_ok(t.context, swale_options_set(t.options, "samples", "16"));
    if (last && !dims) check_ok(t.context, swale_options_set(t.options, words[k][0], words[k][1]));
    check_ok(t.context, swale_problem_create(t.context, &function, &t.problem));
    const swale_status status = swale_trainer_create(t.options, t.problem, &t.trainer);
    const int free = !dims && strcmp(words[k][0], "threads") == 0;
    snprintf(wanted, sizeof wanted, "rank %d of %d: %s%s: ", size - 1, size, dims ? "number of parameters" : "option ",
             dims ? "" : words[k][0]);
    check_all(status == (free ? SWALE_OK : SWALE_ERROR_UNSUPPORTED), wanted);
    check_all(free || strncmp(swale_context_message(t.context), wanted, strlen(wanted)) == 0,
              swale_context_message(t.context));
    trained_free(&t);
  }
}

/* One rank ends its entry early, the others are met in their next exchange; then everything is as before. */
static void who_leaves_early_is_met(void **state) {
  swale_context *context = NULL;
  (void)state;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_context_join(context, NULL));
  swl_ranks *ranks = swl_context_ranks(context);
  for (int round = 0; round < 2; round++) {
    swale_status status = rank == 1 ? swl_fail(context, SWALE_ERROR_IO, "no such file") : SWALE_OK;
    if (rank != 1) status = swl_ranks_agree(ranks, SWALE_OK); /* the middle of the entry */
    status = swl_ranks_settle(ranks, status, NULL);
    check_all(status == SWALE_ERROR_IO, "another status");
    check_all(strstr(swale_context_message(context), ": no such file") != NULL, swale_context_message(context));
    status = rank == 1 ? swl_fail(context, SWALE_ERROR_FORMAT, "no such option") : SWALE_OK;
    check_all(swale_context_agree(context, status) == SWALE_ERROR_FORMAT, "what a program failed at itself");
    swl_pulse pulse = {rank == 1 ? 5 : 2, 77};
    check_all(swl_ranks_settle(ranks, SWALE_OK, &pulse) == SWALE_OK && pulse.stop == 5, "the entry after it");
    pulse.stop = rank == 1 ? 6 : 3;
    status = rank == 0 ? swl_fail(context, SWALE_ERROR_NUMERIC, "not finite") : SWALE_OK;
    check_all(swl_ranks_settle(ranks, status, &pulse) == SWALE_ERROR_NUMERIC && pulse.stop == 6, "a failure is no end");
    status = rank == 1 ? swl_ranks_settle(ranks, SWALE_OK, NULL) : swl_ranks_agree(ranks, SWALE_OK);
    check_all(status == SWALE_ERROR_UNSUPPORTED, "one goes on where the others see that something is wrong");
    check_all(rank == 1 || swl_ranks_settle(ranks, status, NULL) == status, "the end of the others");
  }
  swl_pulse pulse = {0, rank == 1 ? 1000 : 2000};
  check_all(swl_ranks_settle(ranks, SWALE_OK, &pulse) == SWALE_ERROR_UNSUPPORTED, "different numbers");
  swale_context_destroy(context);
}

/* The last rank has no memory when a run goes on: the others, who find no run, are not kept waiting. */
static void no_memory_to_go_on_keeps_nobody(void **state) {
  counting_allocator counting;
  swale_context *context = NULL;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  (void)state;
  context = check_context(&counting);
  check_ok(context, swale_context_join(context, NULL));
  check_ok(context, swale_options_create(context, &changes));
  if (rank == size - 1) counting.fail_at = counting.calls + 1;
  check_all(swale_run_resume(changes, "/proc/none", &run) == SWALE_ERROR_IO && !run, "another status");
  swale_options_destroy(changes);
  swale_context_destroy(context);
  check_all(counting.live == 0, "memory is left");
}

static void count_waits(void *user, int first) {
  int *waits = user;
  waits[!first]++;
}

/* One comes a twentieth of a second late: the others are told that they wait, at the begin and from then on. */
static void who_waits_is_told(void **state) {
  swale_context *context = NULL;
  int waits[2] = {0, 0}; /* begun, gone on */
  const struct timespec pause = {.tv_nsec = 50000000};
  (void)state;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_context_join(context, NULL));
  check_ok(context, swl_ranks_agree(swl_context_ranks(context), SWALE_OK));
  swl_context_set_waits(context, count_waits, waits);
  if (rank == size - 1) nanosleep(&pause, NULL);
  check_ok(context, swl_ranks_agree(swl_context_ranks(context), SWALE_OK));
  check_all(rank == size - 1 || (waits[0] == 1 && waits[1] > 0), "was not told");
  swale_context_destroy(context);
}

int main(int count, char **words) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(networks_give_the_bytes_of_one_process),
      cmocka_unit_test(every_combination_gives_the_bytes_of_one_process),
      cmocka_unit_test(what_travels_is_counted),
      cmocka_unit_test(a_failure_of_one_is_a_failure_of_all),
      cmocka_unit_test(what_one_computes_wrongly_fails_on_all),
      cmocka_unit_test(what_one_tells_wrongly_fails_on_all),
      cmocka_unit_test(what_differs_is_named_at_creation),
      cmocka_unit_test(who_leaves_early_is_met),
      cmocka_unit_test(no_memory_to_go_on_keeps_nobody),
      cmocka_unit_test(who_waits_is_told),
  };
  MPI_Init(&count, &words);
  if (count > 1) only = (size_t)strtoul(words[1], NULL, 10);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (rank > 0 && !freopen("/dev/null", "w", stdout)) return 1;
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Finalize();
  return failed;
}
