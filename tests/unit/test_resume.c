/* test_resume.c - a run that stops and goes on ends in the same bytes as one that never stopped.
 *
 * No hand solution: the model file and every record of the log but its seconds, threads and folder are those of the
 * uninterrupted run, for breaks at random updates, by an end in order or by none at all, on other numbers of threads.
 */
#include "test_run.h"

#define PLAIN "data=csv:@/words.csv model=mlp:2-5-2 batch=8 evaluate-every=3 updates=25 "
#define SMALL PLAIN "samples=8 "
#define LOST                                                                                                           \
  "data=csv:@/numbers.csv model=mlp:2-3-1 batch=8 regularizer=none rate-schedule=constant evaluate-every=2 "           \
  "restores=99 "
#define IMAGES "data=digits:60 model=mlp:784-3-10 batch=9 evaluate-every=4 updates=13 "

static const char *const ways[] = {
    IMAGES "samples=4",
    IMAGES "samples=4 average=0.9 patience=9",
    IMAGES "regularizer=local-entropy samples=8 optimizer=adam",
    IMAGES "regularizer=local-entropy samples=8 optimizer=matching group=3 beta=3",
    IMAGES "noise=low-rank samples=8 smoothing=joint",
    IMAGES "layer-samples=4/8 conditioning=false generator=block",
    IMAGES "regularizer=none optimizer=adam weight-decay=0.01",
    SMALL "regularizer=local-entropy noise=weights optimizer=adam beta=auto:0.5 tau-schedule=cosine",
    SMALL "regularizer=local-entropy noise=weights optimizer=sgd momentum=0.9 rate-schedule=step tau-schedule=step",
    SMALL "regularizer=heat optimizer=robbins-monro inner=3 average=0.8",
    SMALL "regularizer=local-entropy optimizer=matching monotone=true tau-schedule=scoping scoping-rate=0.01",
    SMALL "regularizer=heat estimator=pathwise optimizer=sgd",
    SMALL "regularizer=heat noise=weights shaping=rank optimizer=sgd",
    SMALL "sampler=langevin chains=2 activation=tanh",
    SMALL "sampler=mala chains=2 activation=tanh optimizer=matching",
    SMALL "sampler=hmc chains=2 activation=tanh",
    SMALL "sampler=pcn chains=2 beta=5",
    SMALL "sampler=elliptical chains=2 beta=5 optimizer=matching",
    SMALL "sampler=tempered chains=2 beta=5 average=0.5",
    SMALL "sampler=entropy-sgd optimizer=matching beta=1000",
    PLAIN "regularizer=sharpness optimizer=sgd",
    PLAIN "regularizer=none optimizer=sgd rate=1e4 rate-schedule=constant restores=1000 patience=2", /* goes back */
    LOST "loss=squared optimizer=sgd rate=20 updates=60", /* goes back to a good state that is not the first */
    LOST "loss=squared optimizer=adam rate=300 updates=150 average=0.9", /* the same, lost for 68 updates in a row */
    SMALL "loss=zero-one activation=sign samples=16 patience=4",
    "data=csv:@/numbers.csv loss=huber model=mlp:2-3-1 batch=0 updates=20 samples=6 validation=0 evaluate-every=7",
};

/* The log as objects, without what a break may change. */
static json_t *plain_log(stage *s, const char *name) {
  static const char *const free_to_change[] = {"seconds", "planned", "threads", "run", "options"};
  size_t count = 0;
  char *bytes = stage_bytes(s, name, &count);
  json_t *lines = json_array();
  for (char *line = bytes; *line; line = strchr(line, '\n') + 1) {
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);
    assert_true(json_is_object(object));
    if (strcmp(json_string_value(json_object_get(object, "event")), "resume") == 0) { /* it says only that it went on */
      json_decref(object);
      continue;
    }
    for (size_t i = 0; i < sizeof free_to_change / sizeof *free_to_change; i++)
      json_object_del(object, free_to_change[i]);
    assert_int_equal(json_array_append_new(lines, object), 0);
  }
  free(bytes);
  return lines;
}

static void check_same_runs(stage *s, const char *words) {
  json_t *whole = plain_log(s, "whole/log.jsonl"), *broken = plain_log(s, "broken/log.jsonl");
  for (size_t i = 0; i < json_array_size(whole); i++) {
    if (json_equal(json_array_get(whole, i), json_array_get(broken, i))) continue;
    print_error("%s: record %zu differs:\n", words, i);
    print_error("  %s\n", json_dumps(json_array_get(whole, i), 0));
    print_error("  %s\n", json_dumps(json_array_get(broken, i), 0));
    break;
  }
  assert_true(json_equal(whole, broken));
  json_decref(whole), json_decref(broken);
  stage_check_equal(s, "whole/model.safetensors", "broken/model.safetensors");
}

/* A number below `most` of a sequence of random numbers. */
static size_t choose(uint64_t *state, size_t most) {
  *state = *state * 6364136223846793005U + 1442695040888963407U;
  return (size_t)((*state >> 33) % most);
}

static swale_run *go_on(stage *s, const char *threads) {
  swale_options *changes = NULL;
  swale_run *run = NULL;
  check_ok(s->context, swale_options_create(s->context, &changes));
  check_ok(s->context, swale_options_set(changes, "threads", threads));
  check_ok(s->context, swale_run_resume(changes, stage_path(s, "broken"), &run));
  swale_options_destroy(changes);
  return run;
}

/* Breaks after random numbers of updates, of both kinds, until the run is done. */
static size_t run_with_breaks(stage *s, const char *words, uint64_t *state) {
  static const char *const teams[] = {"1", "2", "3"};
  char all[1024];
  size_t breaks = 0;
  int done = 0;
  swale_run *run = NULL;
  snprintf(all, sizeof all, "%s out=@/broken checkpoint-every=%zu checkpoints=%zu", words, 1 + choose(state, 4),
           1 + choose(state, 2));
  stage_options(s, all);
  check_ok(s->context, swale_run_create(s->options, &run));
  for (;;) {
    for (size_t left = choose(state, 9); left > 0 && !done; left--) check_ok(s->context, swale_run_advance(run, &done));
    if (done) break;
    if (choose(state, 2)) check_ok(s->context, swale_run_finish(run, SWALE_STOP_INTERRUPTED));
    swale_run_destroy(run); /* without an end: as far as the folder knows, it was killed */
    breaks++;
    run = go_on(s, teams[choose(state, 3)]);
  }
  check_ok(s->context, swale_run_finish(run, swale_run_stop(run)));
  swale_run_destroy(run);
  return breaks;
}

static void breaks_change_nothing(void **state) {
  (void)state;
  uint64_t random = 1;
  size_t breaks = 0;
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    stage s;
    char all[1024];
    swale_run *run = NULL;
    stage_make(&s, "");
    stage_csv(&s, "words.csv", 60, "low", "high");
    stage_csv(&s, "numbers.csv", 60, NULL, NULL);
    snprintf(all, sizeof all, "%s out=@/whole", ways[w]);
    stage_options(&s, all);
    check_ok(s.context, swale_run_create(s.options, &run));
    for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    swale_run_destroy(run);
    breaks += run_with_breaks(&s, ways[w], &random);
    check_same_runs(&s, ways[w]);
    stage_free(&s);
  }
  printf("# %zu breaks of %zu ways to train\n", breaks, sizeof ways / sizeof *ways);
  assert_true(breaks > 2 * (sizeof ways / sizeof *ways));
}

/* A limit of time is no different from a signal: what it made on its way out is forgotten. */
static void limits_of_time_change_nothing(void **state) {
  (void)state;
  stage s;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "high");
  stage_options(&s, SMALL "patience=20 out=@/whole");
  swale_run_destroy(stage_run(&s));
  stage_options(&s, SMALL "patience=20 out=@/broken seconds=1e-9");
  swale_run_destroy(stage_run(&s));
  check_ok(s.context, swale_options_create(s.context, &changes));
  check_ok(s.context, swale_options_set(changes, "seconds", "0"));
  check_ok(s.context, swale_run_resume(changes, stage_path(&s, "broken"), &run));
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 1, 0);
  check_close(swale_run_number(run, SWALE_NUMBER_EVALUATIONS), 0, 0);
  for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_BUDGET));
  swale_run_destroy(run);
  swale_options_destroy(changes);
  check_same_runs(&s, "seconds");
  stage_free(&s);
}

/* With constant rates a longer budget, given later, is one that was given at once; what is finished stays as it is when
 * nothing is added. */
static void a_budget_can_be_extended(void **state) {
  (void)state;
  stage s;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "high");
#define LONG "data=csv:@/words.csv model=mlp:2-5-2 batch=8 samples=8 rate-schedule=constant "
  stage_options(&s, LONG "epochs=9 out=@/whole");
  swale_run_destroy(stage_run(&s));
  stage_options(&s, LONG "updates=10 out=@/broken");
  swale_run_destroy(stage_run(&s));
  check_ok(s.context, swale_options_create(s.context, &changes));
  check_ok(s.context, swale_options_set(changes, "epochs", "9"));
  for (int again = 0; again < 3; again++) { /* the later two add nothing */
    int done = 0;
    check_ok(s.context, swale_run_resume(changes, stage_path(&s, "broken"), &run));
    check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), again ? 45 : 10, 0);
    while (!done) check_ok(s.context, swale_run_advance(run, &done));
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    swale_run_destroy(run);
    check_same_runs(&s, "epochs");
  }
  swale_options_destroy(changes);
  stage_free(&s);
}

/* Patience that begins late judges from then on; patience that is given up is forgotten. */
static void patience_may_come_and_go(void **state) {
  (void)state;
  static const char *const patience[] = {"0", "50", "0", "60"};
  stage s;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "high");
  stage_options(&s, PLAIN "regularizer=none optimizer=sgd rate=30 rate-schedule=constant patience=40 updates=3 "
                          "out=@/broken"); /* its losses rise: a best one that was not forgotten would stay the best */
  swale_run_destroy(stage_run(&s));
  check_ok(s.context, swale_options_create(s.context, &changes));
  for (size_t i = 0; i < 4; i++) {
    char updates[16];
    snprintf(updates, sizeof updates, "%zu", 6 + 3 * i);
    check_ok(s.context, swale_options_set(changes, "patience", patience[i]));
    check_ok(s.context, swale_options_set(changes, "updates", updates));
    check_ok(s.context, swale_run_resume(changes, stage_path(&s, "broken"), &run));
    for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    if (i % 2) check_close(swale_run_number(run, SWALE_NUMBER_BEST_UPDATE), 6 + 3 * (double)i, 0); /* the only one */
    assert_true(swale_run_number(run, SWALE_NUMBER_TEST_LOSS) > 0);
    swale_run_destroy(run);
  }
  swale_options_destroy(changes);
  stage_free(&s);
}

/* Fewer restores than there were: the next one is one too many. No update of huge inputs finds a finite gradient. */
static void restores_may_become_fewer(void **state) {
  (void)state;
  static const char huge[] = "a,y\n1e30,1\n2e30,2\n-3e30,3\n4e30,4\n-5e30,5\n6e30,6\n7e30,7\n-8e30,8\n9e30,9\n";
  stage s;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  int done = 0;
  stage_make(&s, "");
  check_write(stage_path(&s, "huge.csv"), huge, sizeof huge - 1);
  stage_options(&s, "data=csv:@/huge.csv standardize=none loss=squared model=mlp:1-2-1 regularizer=none batch=2 "
                    "updates=99 restores=9 out=@/broken");
  check_ok(s.context, swale_run_create(s.options, &run));
  for (int i = 0; i < 3; i++) check_ok(s.context, swale_run_advance(run, &done));
  check_close(swale_run_number(run, SWALE_NUMBER_RESTORED), 3, 0);
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_INTERRUPTED));
  swale_run_destroy(run);
  check_ok(s.context, swale_options_create(s.context, &changes));
  check_ok(s.context, swale_options_set(changes, "restores", "2"));
  check_ok(s.context, swale_run_resume(changes, stage_path(&s, "broken"), &run));
  check_fails(s.context, swale_run_advance(run, &done), SWALE_ERROR_NUMERIC, "after 3 restores (option restores: 2)");
  swale_run_destroy(run);
  swale_options_destroy(changes);
  stage_free(&s);
}

typedef struct asker {
  int calls, stop_at;
} asker;

static int asker_asks(void *user) {
  asker *at = user;
  return ++at->calls == at->stop_at;
}

/* Asked for after each of the three rounds of an update; the first two give it up, and it is made again. */
static void stops_between_rounds_change_nothing(void **state) {
  (void)state;
  static const char words[] = SMALL "regularizer=heat optimizer=robbins-monro inner=3 average=0.8 ";
  char text[512];
  stage s;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "high");
  snprintf(text, sizeof text, "%sout=@/whole", words);
  stage_options(&s, text);
  swale_run_destroy(stage_run(&s));
  for (int stop = 1; stop <= 9; stop++) {
    swale_options *changes = NULL;
    swale_run *run = NULL;
    asker at = {0, stop};
    int done = 0;
    snprintf(text, sizeof text, "%sout=@/broken", words);
    stage_options(&s, text);
    check_ok(s.context, swale_run_create(s.options, &run));
    swale_run_set_stop(run, asker_asks, &at);
    while (!done) check_ok(s.context, swale_run_advance(run, &done));
    assert_int_equal(at.calls, stop); /* no round was made after it */
    assert_int_equal(swale_run_stop(run), SWALE_STOP_INTERRUPTED);
    check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), stop / 3, 0);
    check_close(swale_run_number(run, SWALE_NUMBER_DRAWS), (double)(stop / 3) * 3 * 8, 0);
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    swale_run_destroy(run);
    check_ok(s.context, swale_options_create(s.context, &changes));
    check_ok(s.context, swale_run_resume(changes, stage_path(&s, "broken"), &run));
    for (done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    swale_run_destroy(run);
    swale_options_destroy(changes);
    check_same_runs(&s, words);
    check_remove(stage_path(&s, "broken"));
  }
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(breaks_change_nothing),     cmocka_unit_test(limits_of_time_change_nothing),
      cmocka_unit_test(a_budget_can_be_extended),  cmocka_unit_test(patience_may_come_and_go),
      cmocka_unit_test(restores_may_become_fewer), cmocka_unit_test(stops_between_rounds_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
