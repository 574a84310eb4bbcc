/* test_control.c - runs that go wrong, and runs that go no further.
 *
 * Hand solutions: a run whose parameters are set to 0 before every update has the loss of a blind guess, so it is lost
 * after at most 68 of them (train/divergence.h); what it goes back to is what was there at the evaluation, to the byte;
 * a run whose parameters are set to 0 after an evaluation gets no better, so patience = p ends it p evaluations later,
 * and its model is that of the evaluation before.
 */
#include "test_run.h"

#include "train/run_parts.h"

#include <math.h>

#define LEARNS "data=digits:400 model=mlp:784-8-10 batch=20 evaluate-every=18 "
#define DRAWS LEARNS "regularizer=local-entropy noise=weights optimizer=adam samples=4 "
#define BACK LEARNS "regularizer=none rate=0.01 rate-schedule=constant "
enum { DIM = 785 * 8 + 9 * 10, POISON = 270, ENOUGH = 68 };

typedef struct notes {
  size_t count;
  char last[512];
} notes;

static void note(void *user, const char *line) {
  notes *n = user;
  n->count++;
  snprintf(n->last, sizeof n->last, "%s", line);
}

/* What a state holds. */
typedef struct snapshot {
  float x[DIM], mean[DIM], memory[2 * DIM];
  uint64_t age;
  swl_divergence detector;
} snapshot;

static void snapshot_take(const swale_run *run, snapshot *to) {
  const swale_trainer *trainer = run->trainer;
  size_t bytes = 0;
  const void *memory = trainer->optimizer->state(trainer->optimizer_self, &bytes);
  assert_int_equal(trainer->problem->dim, DIM);
  assert_true(bytes <= sizeof to->memory);
  memset(to, 0, sizeof *to);
  to->age = trainer->age;
  to->detector = run->control.divergence;
  memcpy(to->x, trainer->x, sizeof to->x);
  memcpy(to->mean, swale_trainer_average(trainer), sizeof to->mean);
  memcpy(to->memory, memory, bytes);
}

/* Set all parameters, not as a user would: the average goes on. */
static void poison(swale_run *run, float value) {
  for (size_t i = 0; i < DIM; i++) run->trainer->x[i] = value;
}

/* Up to update `until`; *at is the state of the last evaluation. */
static void advance(stage *s, swale_run *run, uint64_t until, snapshot *at) {
  int done = 0;
  while (run->trainer->update < until) {
    check_ok(s->context, swale_run_advance(run, &done));
    if (run->trainer->update % 18 == 0) snapshot_take(run, at);
  }
  assert_int_equal(run->control.restored, 0);
}

/* The lines of the log with this event; the last of them in *last. */
static size_t records(stage *s, const char *event, json_t **last) {
  size_t count = 0, found = 0;
  char *bytes = stage_bytes(s, "run/log.jsonl", &count), *rest = NULL;
  *last = NULL;
  for (char *line = strtok_r(bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    json_t *object = json_loads(line, 0, NULL);
    if (!record_is(object, "event", event)) {
      json_decref(object);
      continue;
    }
    json_decref(*last);
    *last = object;
    found++;
  }
  free(bytes);
  return found;
}

static void what_is_lost_goes_back(void **state) {
  (void)state;
  const char *const ways[] = {BACK "updates=600 out=@/run optimizer=adam average=0.9",
                              BACK "updates=600 out=@/run optimizer=sgd momentum=0.9",
                              BACK "updates=600 out=@/run optimizer=adam validation=0"};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    stage s;
    notes said = {0};
    swale_run *run = NULL;
    snapshot before, after;
    json_t *record = NULL;
    stage_make(&s, ways[w]);
    swale_context_set_log(s.context, note, &said);
    check_ok(s.context, swale_run_create(s.options, &run));
    advance(&s, run, POISON, &before);
    const size_t calls = s.counting.calls;
    int done = 0;
    while (run->control.restored == 0) {
      poison(run, 0);
      check_ok(s.context, swale_run_advance(run, &done));
    }
    snapshot_take(run, &after);
    assert_memory_equal(&after, &before, sizeof after);
    assert_in_range(run->trainer->update, POISON + 1, POISON + ENOUGH);
    assert_int_equal(s.counting.calls, calls);
    assert_int_equal(said.count, 1);
    assert_non_null(
        strstr(said.last, "back to the state of update 270, on from there at 0.5 of the rate (restore 1 of 3)"));
    assert_non_null(strstr(said.last, "the training loss is 2.303, after a best mean of"));
    assert_int_equal(records(&s, "restored", &record), 1);
    check_keys(record, "event update from_update reason rate_factor");
    check_close(record_real(record, "update"), (double)run->trainer->update, 0);
    check_close(record_real(record, "from_update"), POISON, 0);
    check_close(record_real(record, "rate_factor"), 0.5, 0);
    assert_true(record_is(record, "reason", "loss"));
    json_decref(record);
    while (!done) check_ok(s.context, swale_run_advance(run, &done));
    check_close(run->trainer->rate, 0.005, 1e-17);
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    assert_int_equal(run->trainer->update, 600);
    check_close(swale_run_number(run, SWALE_NUMBER_RESTORED), 1, 0);
    assert_true(swale_run_number(run, SWALE_NUMBER_TRAIN_ACCURACY) > 0.7);
    swale_run_destroy(run);
    stage_free(&s);
  }
}

/* What is not finite, or frozen, goes back at once: to the beginning where no evaluation was. */
static void what_is_not_finite_goes_back(void **state) {
  (void)state;
  const struct {
    const char *words, *reason, *text;
    float value;
    uint64_t updates;
    int said; /* losses that are counts are often equal: then also that no beta gives the ESS that was asked for */
  } ways[] = {
      {BACK "optimizer=sgd", "gradient", "the gradient is not finite", 3e38F, 0, 1},
      {DRAWS, "losses", "no loss of a group of examples is finite", 3e38F, 0, 1},
      {DRAWS "loss=zero-one activation=sign", "rounding", "the noise is lost in their rounding", 1e9F, 17, 2},
  };
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    stage s;
    notes said = {0};
    char words[256];
    swale_run *run = NULL;
    snapshot before, after;
    json_t *record = NULL;
    int done = 0;
    snprintf(words, sizeof words, "%s updates=40 out=@/run", ways[w].words);
    stage_make(&s, words);
    swale_context_set_log(s.context, note, &said);
    check_ok(s.context, swale_run_create(s.options, &run));
    snapshot_take(run, &before);
    for (uint64_t k = 0; k < ways[w].updates; k++) check_ok(s.context, swale_run_advance(run, &done));
    poison(run, ways[w].value);
    check_ok(s.context, swale_run_advance(run, &done));
    snapshot_take(run, &after);
    assert_memory_equal(&after, &before, sizeof after);
    assert_int_equal(run->trainer->update, ways[w].updates + 1); /* a failed update is spent */
    assert_int_equal(records(&s, "restored", &record), 1);
    assert_true(record_is(record, "reason", ways[w].reason));
    check_close(record_real(record, "update"), (double)ways[w].updates + 1, 0);
    check_close(record_real(record, "from_update"), 0, 0);
    assert_int_equal(said.count, ways[w].said);
    assert_non_null(strstr(said.last, ways[w].text));
    json_decref(record);
    while (!done) check_ok(s.context, swale_run_advance(run, &done));
    swale_run_destroy(run);
    stage_free(&s);
  }
}

/* Used up: the last good parameters are there, and the run is over. */
static void restores_are_limited(void **state) {
  (void)state;
  for (uint64_t most = 0; most <= 2; most++) {
    stage s;
    char words[256];
    swale_run *run = NULL;
    snapshot before, after;
    int done = 0;
    snprintf(words, sizeof words, BACK "updates=100 optimizer=adam restores=%d", (int)most);
    stage_make(&s, words);
    check_ok(s.context, swale_run_create(s.options, &run));
    advance(&s, run, 36, &before);
    for (uint64_t k = 1; k <= most; k++) {
      poison(run, 3e38F);
      check_ok(s.context, swale_run_advance(run, &done));
      check_close(run->trainer->factor, ldexp(1, -(int)k), 0);
    }
    poison(run, 3e38F);
    check_fails(s.context, swale_run_advance(run, &done), SWALE_ERROR_NUMERIC, "the parameters of update 36 are kept");
    snprintf(words, sizeof words, "after %d restores (option restores: %d)", (int)most, (int)most);
    assert_non_null(strstr(swale_context_message(s.context), words));
    snapshot_take(run, &after);
    assert_memory_equal(&after, &before, sizeof after);
    assert_int_equal(swale_run_stop(run), SWALE_STOP_DIVERGED);
    assert_int_equal(done, 0);
    check_ok(s.context, swale_run_finish(run, SWALE_STOP_DIVERGED));
    check_close(swale_run_number(run, SWALE_NUMBER_RESTORED), (double)most, 0);
    swale_run_destroy(run);
    stage_free(&s);
  }
}

/* A run that blows up by itself says so, and takes the same way with any number of threads. */
static void a_real_one(void **state) {
  (void)state;
  const char *const ways[] = {LEARNS "regularizer=none optimizer=sgd rate=1e3 updates=400 average=0.9 patience=50",
                              LEARNS "regularizer=heat noise=weights optimizer=matching rate=1e6 samples=6 updates=90"};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    stage s;
    stage_make(&s, "");
    for (int threads = 1; threads <= 3; threads++) {
      char words[256];
      notes said = {0};
      swale_run *run = NULL;
      swale_status status = SWALE_OK;
      snprintf(words, sizeof words, "%s threads=%d out=@/run%d", ways[w], threads, threads);
      stage_options(&s, words);
      swale_context_set_log(s.context, note, &said);
      check_ok(s.context, swale_run_create(s.options, &run));
      for (int done = 0; !done && status == SWALE_OK;) status = swale_run_advance(run, &done);
      assert_true(status == SWALE_OK || status == SWALE_ERROR_NUMERIC);
      assert_true(run->control.restored >= 1 && said.count == run->control.restored);
      const swale_stop stop = swale_run_stop(run);
      assert_true((status == SWALE_ERROR_NUMERIC) == (stop == SWALE_STOP_DIVERGED));
      check_ok(s.context, swale_run_finish(run, stop));
      assert_true(isfinite(swale_run_number(run, SWALE_NUMBER_TEST_LOSS)));
      swale_run_destroy(run);
    }
    stage_check_equal(&s, "run1/model.safetensors", "run2/model.safetensors");
    stage_check_equal(&s, "run1/model.safetensors", "run3/model.safetensors");
    stage_free(&s);
  }
}

static void patience_ends_a_run_and_keeps_the_best(void **state) {
  (void)state;
  for (int patience = 1; patience <= 3; patience++) {
    stage s;
    char words[256];
    swale_run *run = NULL;
    snapshot best;
    int done = 0;
    snprintf(words, sizeof words, BACK "updates=500 optimizer=sgd average=0.5 out=@/run patience=%d", patience);
    stage_make(&s, words);
    check_ok(s.context, swale_run_create(s.options, &run));
    assert_int_equal(swale_run_stop(run), SWALE_STOP_INTERRUPTED);
    advance(&s, run, 90, &best);
    check_close(swale_run_number(run, SWALE_NUMBER_BEST_UPDATE), 90, 0);
    const double loss = swale_run_number(run, SWALE_NUMBER_VALIDATION_LOSS);
    for (int k = 1; k <= 18 * patience; k++) {
      assert_false(done);
      poison(run, 0);
      check_ok(s.context, swale_run_advance(run, &done));
    }
    assert_true(done);
    assert_int_equal(swale_run_stop(run), SWALE_STOP_PATIENCE);
    assert_true(swale_run_number(run, SWALE_NUMBER_VALIDATION_LOSS) > loss);
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    check_close(swale_run_number(run, SWALE_NUMBER_VALIDATION_LOSS), loss, 0);
    check_close(swale_run_number(run, SWALE_NUMBER_BEST_UPDATE), 90, 0);
    json_t *final = json_loads(swale_run_json(run), 0, NULL);
    assert_true(record_is(final, "stop", "patience"));
    check_close(record_real(final, "best_update"), 90, 0);
    check_close(record_real(final, "validation_loss"), loss, 0);
    json_decref(final);
    swale_run_destroy(run);
    swale_run *again = NULL;
    stage_options(&s, "data=digits:400 batch=20 model=@/run/model.safetensors");
    check_ok(s.context, swale_run_create(s.options, &again));
    assert_memory_equal(again->trainer->x, best.mean, sizeof best.mean);
    swale_run_destroy(again);
    stage_free(&s);
  }
}

/* Better evaluations begin the count anew, and a run that goes on getting better uses up its budget. */
static void patience_lets_go_on_what_gets_better(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  int done = 0;
  stage_make(&s, BACK "updates=180 optimizer=sgd patience=2");
  check_ok(s.context, swale_run_create(s.options, &run));
  for (int evaluation = 0; !done; evaluation++) {
    float kept[DIM];
    for (int k = 0; k < 17; k++) check_ok(s.context, swale_run_advance(run, &done));
    memcpy(kept, run->trainer->x, sizeof kept);
    if (evaluation % 2) poison(run, 0); /* every other evaluation is a bad one */
    check_ok(s.context, swale_run_advance(run, &done));
    if (evaluation % 2) memcpy(run->trainer->x, kept, sizeof kept);
    assert_int_equal(run->control.worse, evaluation % 2);
  }
  assert_int_equal(swale_run_stop(run), SWALE_STOP_BUDGET);
  check_close(swale_run_number(run, SWALE_NUMBER_BEST_UPDATE), 162, 0);
  swale_run_destroy(run);
  stage_options(&s, BACK "updates=18 patience=5 validation=0");
  run = NULL;
  check_fails(s.context, swale_run_create(s.options, &run), SWALE_ERROR_USAGE,
              "option patience: 5, but there are no validation examples");
  assert_null(run);
  stage_free(&s);
}

/* Validated, tested and saved is the average. */
static void the_average_is_what_a_run_is_worth(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL, *again = NULL;
  float mean[DIM];
  stage_make(&s, DRAWS "updates=30 average=0.8 out=@/run");
  run = stage_run(&s);
  memcpy(mean, swale_trainer_average(run->trainer), sizeof mean);
  size_t differ = 0;
  for (size_t i = 0; i < DIM; i++) differ += mean[i] != run->trainer->x[i];
  assert_true(differ > DIM / 2);
  stage_options(&s, "data=digits:400 batch=20 model=@/run/model.safetensors");
  check_ok(s.context, swale_run_create(s.options, &again));
  assert_memory_equal(again->trainer->x, mean, sizeof mean);
  check_ok(s.context, swale_run_finish(again, SWALE_STOP_BUDGET));
  for (int i = SWALE_NUMBER_VALIDATION_LOSS; i <= SWALE_NUMBER_TEST_ACCURACY; i++) {
    check_close(swale_run_number(again, (swale_number)i), swale_run_number(run, (swale_number)i), 0);
  }
  json_t *record = NULL;
  assert_int_equal(records(&s, "evaluation", &record), 2);
  check_close(record_real(record, "validation_loss"), swale_run_number(again, SWALE_NUMBER_VALIDATION_LOSS), 0);
  json_decref(record);
  swale_run_destroy(run);
  swale_run_destroy(again);
  stage_free(&s);
}

static void settings_are_told_as_they_are_used(void **state) {
  (void)state;
  const struct {
    const char *words, *beta;
  } ways[] = {{"samples=8", "auto:0.5"}, {"samples=8 beta=3", "3"}, {"samples=8 regularizer=heat", "1"}};
  char text[64];
  for (size_t w = 0; w < 3; w++) {
    stage s;
    char words[256];
    swale_run *run = NULL;
    snprintf(words, sizeof words, DRAWS "updates=18 %s", ways[w].words);
    stage_make(&s, words);
    check_ok(s.context, swale_run_create(s.options, &run));
    check_ok(s.context, swale_run_setting(run, "beta", text, sizeof text));
    assert_string_equal(text, ways[w].beta);
    check_ok(s.context, swale_run_setting(run, "rate-schedule", text, sizeof text));
    assert_string_equal(text, "cosine");
    check_fails(s.context, swale_run_setting(run, "bta", text, sizeof text), SWALE_ERROR_USAGE, "no option 'bta'");
    check_fails(s.context, swale_run_setting(run, "rate-schedule", text, 6), SWALE_ERROR_USAGE, "7 bytes");
    assert_string_equal(text, "cosine");
    swale_run_destroy(run);
    stage_free(&s);
  }
}

/* Other ranks let it wait, by a clock of our own: nothing is said before a minute of one wait is over, and then once. */
static void a_long_wait_is_said_once(void **state) {
  (void)state;
  const struct {
    double now;
    int first;
    size_t said; /* afterwards, in all */
  } looks[] = {
      {5, 1, 0},   {64.9, 0, 0}, {65, 0, 1},  {66, 0, 1},    {500, 0, 1},  /* a minute after 5, and never again */
      {501, 1, 1}, {560, 0, 1},  {561, 1, 1}, {620.9, 0, 1}, {621, 0, 2}}; /* 501: too short; 561: another */
  stage s;
  notes said = {0};
  swale_run *run = NULL;
  stage_make(&s, LEARNS "updates=1");
  swale_context_set_log(s.context, note, &said);
  check_ok(s.context, swale_run_create(s.options, &run));
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    swl_run_wait(run, looks[i].now, looks[i].first);
    assert_int_equal(said.count, looks[i].said);
  }
  assert_string_equal(said.last, "waiting for other ranks for 60 s now; one may be stopped, or hang");
  swl_context_wait(s.context, 1); /* by the true clock: a wait begins, and ends with the run */
  swale_run_destroy(run);
  swl_context_wait(s.context, 1);
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_lost_goes_back),
      cmocka_unit_test(what_is_not_finite_goes_back),
      cmocka_unit_test(restores_are_limited),
      cmocka_unit_test(a_real_one),
      cmocka_unit_test(patience_ends_a_run_and_keeps_the_best),
      cmocka_unit_test(patience_lets_go_on_what_gets_better),
      cmocka_unit_test(the_average_is_what_a_run_is_worth),
      cmocka_unit_test(settings_are_told_as_they_are_used),
      cmocka_unit_test(a_long_wait_is_said_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
