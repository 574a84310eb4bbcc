/* test_run_failures.c - runs and evaluations that cannot be: the sentence, and nothing left behind.
 *
 * Hand solution: none but the contract of run.h: outputs untouched, memory given back, no file that was not there before;
 * a run that diverged keeps finite parameters, and its model can be loaded.
 */
#include "test_run.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define TINY "batch=8 updates=2 samples=4 threads=2 "

static int exists(const char *path) {
  struct stat info;
  return stat(path, &info) == 0;
}

static void check_refused(stage *s, const char *words, swale_status status, const char *text) {
  swale_run *run = NULL;
  const size_t live = s->counting.live;
  stage_options(s, words);
  check_fails(s->context, swale_run_create(s->options, &run), status, text);
  assert_null(run);
  assert_int_equal(s->counting.live, live);
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  stage s;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "up");
  stage_csv(&s, "others.csv", 60, "less", "more");
  stage_csv(&s, "numbers.csv", 60, NULL, NULL);
  stage_options(&s, TINY "data=csv:@/words.csv model=mlp:2-3-2 out=@/words activation=tanh");
  swale_run_destroy(stage_run(&s));
#define MODEL TINY "model=@/words/model.safetensors "
  check_refused(&s, MODEL "data=digits:20", SWALE_ERROR_USAGE, "takes 2 inputs; the data has 784 features");
  check_refused(&s, MODEL "data=csv:@/others.csv", SWALE_ERROR_FORMAT,
                "others.csv, line 2, column 3 (\"y\"): \"less\" is none of the model's classes; low, up");
  check_refused(&s, MODEL "data=csv:@/numbers.csv", SWALE_ERROR_FORMAT, "is none of the model's classes; low, up");
  check_refused(&s, MODEL "data=csv:@/words.csv activation=sigmoid", SWALE_ERROR_USAGE, "was trained with 'tanh'");
  check_refused(&s, MODEL "data=csv:@/words.csv loss=squared", SWALE_ERROR_USAGE, "was trained with 'cross-entropy'");
  check_refused(&s, MODEL "data=csv:@/absent.csv", SWALE_ERROR_IO, "absent.csv");
  check_refused(&s, TINY "model=mlp:3-2 data=csv:@/words.csv", SWALE_ERROR_USAGE, "takes 3 inputs; the data has 2");
  check_refused(&s, TINY "model=@/words/config.conf data=csv:@/words.csv", SWALE_ERROR_FORMAT, "config.conf");
  check_refused(&s, "batch=100 data=csv:@/words.csv", SWALE_ERROR_USAGE, "100 is more than the 43 training examples");
  check_refused(&s, "batch=8 data=csv:@/words.csv loss=zero-one regularizer=none", SWALE_ERROR_UNSUPPORTED,
                "no gradient");
  check_refused(&s, "batch=8 data=csv:@/words.csv regularizer=none optimizer=matching", SWALE_ERROR_UNSUPPORTED,
                "optimizer matching");
  swale_evaluation *evaluation = NULL;
  stage_options(&s, "model=mlp:2-3-2 data=csv:@/words.csv");
  check_fails(s.context, swale_evaluation_create(s.options, &evaluation), SWALE_ERROR_USAGE,
              "a model.safetensors file is needed");
  stage_options(&s, "model=@/words/model.safetensors data=csv:@/others.csv");
  check_fails(s.context, swale_evaluation_create(s.options, &evaluation), SWALE_ERROR_FORMAT,
              "is none of the model's classes; low, up");
  stage_options(&s, "model=@/words/model.safetensors data=csv:@/words.csv samples=7");
  check_fails(s.context, swale_evaluation_create(s.options, &evaluation), SWALE_ERROR_USAGE, "7 is odd");
  assert_null(evaluation);
  stage_free(&s);
}

/* A regression whose file names classes: there are none in the data to compare them with. */
static void classes_of_a_regression_are_not_compared(void **state) {
  (void)state;
  static const char mark[] = "\"__metadata__\":{", classes[] = "\"classes\":\"[\\\"y\\\"]\",    ";
  const size_t more = sizeof classes - 1;
  stage s;
  size_t count = 0;
  stage_make(&s, "");
  stage_csv(&s, "numbers.csv", 60, NULL, NULL);
  stage_options(&s, TINY "data=csv:@/numbers.csv loss=squared model=mlp:2-1 out=@/run");
  swale_run_destroy(stage_run(&s));
  char *bytes = stage_bytes(&s, "run/model.safetensors", &count), *header = strstr(bytes + 8, mark);
  assert_non_null(header);
  assert_int_equal(more % 8, 0); /* the header's length is a multiple of 8, and fits a byte or two */
  char *made = malloc(count + more), *to = made;
  const size_t head = (size_t)(header - bytes) + sizeof mark - 1;
  memcpy(to, bytes, head);
  memcpy(to + head, classes, more);
  memcpy(to + head + more, bytes + head, count - head);
  const size_t length = ((size_t)(unsigned char)bytes[0] | (size_t)(unsigned char)bytes[1] << 8) + more;
  made[0] = (char)(length & 255);
  made[1] = (char)(length >> 8);
  check_write(stage_path(&s, "named.safetensors"), made, count + more);
  free(bytes), free(made);
  swale_run *run = NULL;
  stage_options(&s, TINY "data=csv:@/numbers.csv model=@/named.safetensors");
  check_ok(s.context, swale_run_create(s.options, &run));
  swale_run_destroy(run);
  stage_free(&s);
}

/* What is there stays as it was; a path too long for the files in it is refused before the work, not after. */
static void folders_that_cannot_be(void **state) {
  (void)state;
  stage s;
  char deep[1100];
  stage_make(&s, TINY "data=digits:20 out=@/file");
  check_write(stage_path(&s, "file"), "kept", 4);
  check_refused(&s, TINY "data=digits:20 out=@/file", SWALE_ERROR_EXISTS, "a run needs a new folder");
  check_refused(&s, TINY "data=digits:20 out=@", SWALE_ERROR_EXISTS, s.folder);
  check_refused(&s, TINY "data=digits:20 out=@/file/run", SWALE_ERROR_IO, "file");
  stage_options(&s, TINY "data=digits:20");
  snprintf(deep, sizeof deep, "%s/%0*d", s.folder, 1001 - (int)strlen(s.folder) - 1, 0);
  swale_run *run = NULL;
  stage_set(&s, "out", deep);
  check_fails(s.context, swale_run_create(s.options, &run), SWALE_ERROR_USAGE, "1001 bytes; allowed are at most 1000");
  size_t count = 0;
  char *bytes = stage_bytes(&s, "file", &count);
  assert_string_equal(bytes, "kept");
  free(bytes);
  stage_free(&s);
}

static void run_of(stage *s, swale_status *status, void **made) {
  *status = swale_run_create(s->options, (swale_run **)made);
}
static void run_off(void *made) { swale_run_destroy(made); }
static void evaluation_of(stage *s, swale_status *status, void **made) {
  *status = swale_evaluation_create(s->options, (swale_evaluation **)made);
}
static void evaluation_off(void *made) { swale_evaluation_destroy(made); }
static void data_of(stage *s, swale_status *status, void **made) {
  *status = swale_data_load(s->options, (swale_data **)made);
}
static void data_off(void *made) { swale_data_destroy(made); }

/* The first allocation fails, then the second, …, until it is one that is never asked for. */
static void fail_each(stage *s, const char *words, void (*create)(stage *, swale_status *, void **),
                      void (*destroy)(void *)) {
  stage_options(s, words);
  char path[1200];
  snprintf(path, sizeof path, "%s", stage_path(s, "run"));
  const size_t live = s->counting.live;
  size_t n = 1;
  for (;; n++) {
    void *made = NULL;
    swale_status status = SWALE_OK;
    s->counting.calls = 0;
    s->counting.fail_at = n;
    create(s, &status, &made);
    s->counting.fail_at = 0;
    if (status == SWALE_OK) {
      assert_true(s->counting.calls < n);
      destroy(made);
      break;
    }
    if (status != SWALE_ERROR_MEMORY) print_error("%s, allocation %zu: %s\n", words, n, swale_status_name(status));
    assert_int_equal(status, SWALE_ERROR_MEMORY);
    assert_non_null(strstr(swale_context_message(s->context), "out of memory"));
    assert_null(made);
    assert_int_equal(s->counting.live, live);
    assert_false(exists(path));
  }
  printf("# %zu allocations: %s\n", n - 1, words);
  assert_int_equal(s->counting.live, live);
  check_remove(path);
}

static void every_refused_allocation_leaves_nothing(void **state) {
  (void)state;
  stage s;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "up");
  stage_csv(&s, "numbers.csv", 60, NULL, NULL);
  stage_options(&s, TINY "data=csv:@/words.csv model=mlp:2-3-2 out=@/trained");
  swale_run_destroy(stage_run(&s));
#define WORDS TINY "data=csv:@/words.csv "
  fail_each(&s, WORDS, run_of, run_off);
  fail_each(&s, WORDS "out=@/run monotone=true group=3", run_of, run_off);
  fail_each(&s, WORDS "out=@/run average=0.9 patience=3", run_of, run_off);
  fail_each(&s, WORDS "out=@/run model=@/trained/model.safetensors", run_of, run_off);
  fail_each(&s, WORDS "sampler=langevin chains=2", run_of, run_off);
  fail_each(&s, WORDS "regularizer=heat estimator=pathwise optimizer=robbins-monro", run_of, run_off);
  fail_each(&s, "data=csv:@/numbers.csv loss=huber batch=0 regularizer=none optimizer=sgd", run_of, run_off);
  fail_each(&s, TINY "data=digits:10 out=@/run", run_of, run_off);
  fail_each(&s, "samples=4 data=csv:@/words.csv model=@/trained/model.safetensors", evaluation_of, evaluation_off);
  fail_each(&s, "data=csv:@/words.csv", data_of, data_off);
  fail_each(&s, "data=csv:@/numbers.csv loss=squared", data_of, data_off);
  fail_each(&s, "data=digits:10", data_of, data_off);
  stage_free(&s);
}

/* After swale_run_create no update asks for memory, with or without an evaluation and a line in the log. */
static void updates_ask_for_no_memory(void **state) {
  (void)state;
  const char *const ways[] = {"",
                              "optimizer=matching monotone=true",
                              "average=0.9 patience=5",
                              "group=3 beta=2 antithetic=false",
                              "regularizer=heat optimizer=robbins-monro inner=3",
                              "regularizer=heat estimator=pathwise optimizer=sgd",
                              "sampler=langevin chains=2",
                              "kernels=reference activation=gelu sampler=langevin chains=2"};
  for (size_t i = 0; i <= sizeof ways / sizeof *ways; i++) {
    stage s;
    char words[256];
    snprintf(words, sizeof words, "data=digits:40 model=mlp:784-3-10 batch=10 updates=9 threads=2 out=@/run %s%s",
             i ? "samples=4 " : "regularizer=none", i ? ways[i - 1] : "");
    stage_make(&s, words);
    swale_run *run = NULL;
    check_ok(s.context, swale_run_create(s.options, &run));
    const size_t calls = s.counting.calls, live = s.counting.live;
    for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
    assert_true(swale_run_number(run, SWALE_NUMBER_EVALUATIONS) >= 2);
    assert_int_equal(s.counting.calls, calls);
    assert_int_equal(s.counting.live, live);
    swale_run_destroy(run);
    stage_free(&s);
  }
}

/* A rate of 1e6 on a parabola: the parameters overflow within a few updates. */
static void a_diverging_run_keeps_its_last_good_model(void **state) {
  (void)state;
  const char *const ways[] = {"regularizer=none optimizer=sgd rate=1e6",
                              "regularizer=heat estimator=pathwise optimizer=sgd rate=1e6 samples=4",
                              "regularizer=heat optimizer=robbins-monro inner=50 rate=1000 tau=10 beta=1 samples=4"};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    stage s;
    stage_make(&s, "");
    stage_csv(&s, "numbers.csv", 60, NULL, NULL);
    char words[512];
    snprintf(words, sizeof words, "data=csv:@/numbers.csv loss=squared model=mlp:2-1 batch=0 updates=1000 out=@/run %s",
             ways[i]);
    stage_options(&s, words);
    swale_run *run = NULL;
    swale_status status = SWALE_OK;
    check_ok(s.context, swale_run_create(s.options, &run));
    int done = 0;
    while (status == SWALE_OK && !done) status = swale_run_advance(run, &done);
    assert_int_equal(status, SWALE_ERROR_NUMERIC);
    assert_int_equal(done, 0);
    assert_non_null(
        strstr(swale_context_message(s.context), "after 3 restores (option restores: 3); the parameters of"));
    check_ok(s.context, swale_run_finish(run, SWALE_STOP_DIVERGED));
    json_t *final = json_loads(swale_run_json(run), 0, NULL);
    assert_true(record_is(final, "stop", "diverged"));
    check_close(record_real(final, "updates"), swale_run_number(run, SWALE_NUMBER_UPDATES), 0);
    json_decref(final);
    const double loss = swale_run_number(run, SWALE_NUMBER_TEST_LOSS);
    swale_run_destroy(run);
    stage_options(&s, "data=csv:@/numbers.csv batch=0 model=@/run/model.safetensors"); /* refuses what is not finite */
    run = NULL;
    check_ok(s.context, swale_run_create(s.options, &run));
    check_ok(s.context, swale_run_finish(run, SWALE_STOP_BUDGET));
    check_close(swale_run_number(run, SWALE_NUMBER_TEST_LOSS), loss, 0);
    swale_run_destroy(run);
    stage_free(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_does_not_fit_is_refused), cmocka_unit_test(classes_of_a_regression_are_not_compared),
      cmocka_unit_test(folders_that_cannot_be),       cmocka_unit_test(every_refused_allocation_leaves_nothing),
      cmocka_unit_test(updates_ask_for_no_memory),    cmocka_unit_test(a_diverging_run_keeps_its_last_good_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
