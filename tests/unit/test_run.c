/* test_run.c - what a run writes, that it can be repeated and continued, and what its model is worth.
 *
 * Hand solutions: counts from the options (180 training digits in batches of 20 are 9 updates an epoch); a run without an
 * update leaves the model it started from; y = 2 a - b + 1 is a model of one layer, so R² reaches 1; at tau = 1e-12 the
 * draws do not leave x, so heat and local entropy are the loss.
 */
#include "test_run.h"

#include <dirent.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define DIGITS "data=digits:200 model=mlp:784-4-10 batch=20 samples=4 "
#define EVALUATION_KEYS                                                                                                \
  "event update planned epoch draws seconds train_loss train_value value value_se ess beta tau rate step rejected "    \
  "validation_loss validation_accuracy "
#define FINAL_KEYS                                                                                                     \
  "event stop test_accuracy test_loss validation_accuracy validation_loss train_accuracy train_loss updates epochs "   \
  "draws seconds data model dim regularizer sampler noise optimizer seed threads ranks rejected restored run version " \
  "test_balanced_accuracy test_f1 "
#define MONOTONE_KEYS "held undecided violated "

/* How many files a folder holds; 0 if there is none. */
static size_t count_files(const char *path) {
  struct dirent **entries = NULL;
  size_t count = 0;
  const int all = scandir(path, &entries, NULL, alphasort);
  for (int i = 0; i < all; i++) {
    count += entries[i]->d_name[0] != '.';
    free(entries[i]);
  }
  free(entries);
  return count;
}

/* Every line of a log, parsed: a JSON array. */
static json_t *read_log(stage *s, const char *name) {
  size_t count = 0;
  char *bytes = stage_bytes(s, name, &count);
  json_t *lines = json_array();
  assert_true(count > 0 && bytes[count - 1] == '\n');
  for (char *line = bytes; *line; line = strchr(line, '\n') + 1) {
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);
    assert_true(json_is_object(object));
    assert_int_equal(json_array_append_new(lines, object), 0);
  }
  free(bytes);
  return lines;
}

static void the_folder_holds_what_is_promised(void **state) {
  (void)state;
  stage s;
  stage_make(&s, DIGITS "regularizer=local-entropy out=@/run epochs=2.5 evaluate-every=10");
  swale_run *run = NULL;
  check_ok(s.context, swale_run_create(s.options, &run));
  assert_int_equal(count_files(stage_path(&s, "run")), 2);
  assert_string_equal(swale_run_folder(run), s.text);
  assert_string_equal(swale_run_json(run), "");
  for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_INTERRUPTED));
  assert_int_equal(count_files(stage_path(&s, "run")), 4); /* and a checkpoint */
  json_t *lines = read_log(&s, "run/log.jsonl"), *final = json_loads(swale_run_json(run), 0, NULL);
  assert_int_equal(json_array_size(lines), 5); /* the beginning, updates 10, 20, 23 = ceil(2.5 × 9), and the end */
  assert_true(record_is(json_array_get(lines, 0), "event", "begin"));
  for (size_t i = 0; i < 3; i++) {
    const json_t *line = json_array_get(lines, i + 1);
    const double update = i < 2 ? 10.0 * (double)(i + 1) : 23;
    check_keys(line, EVALUATION_KEYS);
    assert_true(record_is(line, "event", "evaluation"));
    check_close(record_real(line, "update"), update, 0);
    check_close(record_real(line, "epoch"), update / 9, 1e-15);
    check_close(record_real(line, "draws"), 4 * update, 0);
    assert_true(record_real(line, "train_loss") > 0 && record_real(line, "validation_loss") > 0);
  }
  check_keys(final, FINAL_KEYS);
  assert_true(json_equal(final, json_array_get(lines, 4)));
  assert_true(record_is(final, "stop", "interrupted") && record_is(final, "event", "final"));
  assert_true(record_is(final, "model", "mlp:784-4-10") && record_is(final, "sampler", "importance"));
  check_close(record_real(final, "dim"), 785 * 4 + 5 * 10, 0);
  check_close(record_real(final, "test_loss"), swale_run_number(run, SWALE_NUMBER_TEST_LOSS), 0);
  check_close(record_real(final, "train_accuracy"), swale_run_number(run, SWALE_NUMBER_TRAIN_ACCURACY), 0);
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES_PLANNED), 23, 0);
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 23, 0);
  check_close(swale_run_number(run, SWALE_NUMBER_EVALUATIONS), 3, 0);
  assert_true(swale_run_classifies(run));
  json_decref(lines), json_decref(final);
  swale_run_destroy(run);
  stage_free(&s);
}

/* The configuration of a run folder, read into new options, gives the same model: also with more threads. */
static void a_configuration_repeats_its_run(void **state) {
  (void)state;
  const char *const ways[] = {
      DIGITS "updates=7",
      DIGITS "epochs=1 optimizer=matching beta=3 weighting=literal antithetic=false group=7 tau-schedule=cosine",
      DIGITS "updates=4 regularizer=heat optimizer=robbins-monro inner=3 monotone=true",
      DIGITS "updates=4 regularizer=heat estimator=pathwise optimizer=sgd seed=9 shards=3",
      DIGITS "updates=4 sampler=langevin chains=2 activation=tanh standardize=full",
      "data=digits:200 model=mlp:784-4-10 batch=20 updates=20 regularizer=none optimizer=sgd weight-decay=0.01 "
      "rate-schedule=step",
      DIGITS "updates=18 average=0.9 patience=1 evaluate-every=3 restores=1",
      "data=csv:@/words.csv target=y batch=0 updates=5 samples=6 test=0.3 limit=30",
      "data=csv:@/numbers.csv loss=huber model=mlp:2-3-1 batch=8 updates=5 samples=6 validation=0",
      "data=csv:@/words.csv model=mlp:2-3-2 updates=5 samples=6", /* fewer examples than a batch has by default */
  };
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    stage s;
    stage_make(&s, "");
    stage_csv(&s, "words.csv", 60, "low", "high");
    stage_csv(&s, "numbers.csv", 60, NULL, NULL);
    stage_options(&s, ways[i]);
    stage_set(&s, "out", stage_path(&s, "first"));
    swale_run_destroy(stage_run(&s));
    stage_options(&s, "");
    check_ok(s.context, swale_options_read(s.options, stage_path(&s, "first/config.conf")));
    stage_set(&s, "out", stage_path(&s, "second"));
    stage_set(&s, "threads", "3");
    swale_run_destroy(stage_run(&s));
    stage_check_equal(&s, "first/model.safetensors", "second/model.safetensors");
    stage_free(&s);
  }
}

/* A run from a file without an update: the same numbers, and the same file again. */
static void a_model_file_is_a_start(void **state) {
  (void)state;
  stage s;
  stage_make(&s, DIGITS "out=@/first updates=5 activation=tanh");
  swale_run *first = stage_run(&s), *second = NULL;
  stage_options(&s, "data=digits:200 model=@/first/model.safetensors out=@/second batch=20");
  check_ok(s.context, swale_run_create(s.options, &second));
  assert_string_equal(swale_run_model(second), "mlp:784-4-10");
  check_ok(s.context, swale_run_finish(second, SWALE_STOP_BUDGET));
  for (int i = SWALE_NUMBER_VALIDATION_LOSS; i <= SWALE_NUMBER_TEST_ACCURACY; i++) {
    check_close(swale_run_number(second, (swale_number)i), swale_run_number(first, (swale_number)i), 0);
  }
  check_close(swale_run_number(second, SWALE_NUMBER_EVALUATIONS), 1, 0);
  stage_check_tensors(&s, "first/model.safetensors", "second/model.safetensors");
  swale_run_destroy(first);
  swale_run_destroy(second);
  stage_free(&s);
}

static void evaluation_agrees_with_the_run(void **state) {
  (void)state;
  stage s;
  stage_make(&s, DIGITS "out=@/run updates=5");
  swale_run *run = stage_run(&s);
  const char *const ways[] = {"tau=0.01 samples=40", "tau=0.01 samples=33 antithetic=false threads=3 beta=10",
                              "tau=1e-12 samples=8"};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    swale_evaluation *evaluation = NULL;
    double number[SWALE_MEASURE_DIM + 1];
    char words[256];
    snprintf(words, sizeof words, "data=digits:200 model=@/run/model.safetensors %s", ways[i]);
    stage_options(&s, words);
    check_ok(s.context, swale_evaluation_create(s.options, &evaluation));
    for (int k = 0; k <= SWALE_MEASURE_DIM; k++) {
      number[k] = swale_evaluation_number(evaluation, (swale_measure)k);
      assert_true(isfinite(number[k]));
    }
    check_close(number[SWALE_MEASURE_LOSS], swale_run_number(run, SWALE_NUMBER_TEST_LOSS), 0);
    check_close(number[SWALE_MEASURE_ACCURACY], swale_run_number(run, SWALE_NUMBER_TEST_ACCURACY), 0);
    check_close(number[SWALE_MEASURE_EXAMPLES], 100, 0);
    check_close(number[SWALE_MEASURE_BETA], i == 1 ? 10 : 1, 0);
    const double se = hypot(number[SWALE_MEASURE_LOCAL_ENTROPY_SE], number[SWALE_MEASURE_HEAT_SE]);
    assert_true(number[SWALE_MEASURE_LOCAL_ENTROPY] <= number[SWALE_MEASURE_HEAT] + 4 * se);
    assert_true(number[SWALE_MEASURE_ESS] >= 1);
    assert_true(number[SWALE_MEASURE_ESS] <= number[SWALE_MEASURE_SAMPLES] * (1 + 1e-12));
    if (i == 2) { /* f moves by at most sqrt(tau dim) |grad f|, and by rounding */
      check_close(number[SWALE_MEASURE_HEAT], number[SWALE_MEASURE_LOSS], 1e-3);
      check_close(number[SWALE_MEASURE_LOCAL_ENTROPY], number[SWALE_MEASURE_LOSS], 1e-3);
    }
    json_t *record = json_loads(swale_evaluation_json(evaluation), 0, NULL);
    check_keys(record, "format model fingerprint architecture data split own dim examples loss accuracy subset "
                       "subset_loss local_entropy "
                       "local_entropy_se heat heat_se ess tau beta samples rejected seed root_mean_square profile_tau "
                       "balanced_accuracy precision recall f1 by_class "
                       "directions classes confusion taus noise relative_noise rounding profile");
    check_close(record_real(record, "heat"), number[SWALE_MEASURE_HEAT], 0);
    assert_string_equal(swale_evaluation_model(evaluation), "mlp:784-4-10");
    json_decref(record);
    swale_evaluation_destroy(evaluation);
  }
  swale_run_destroy(run);
  stage_free(&s);
}

/* Plain gradient descent on y = 2 a - b + 1 by one layer: R² = 1 up to what is left after 400 updates. */
/* Each split has the loss and the accuracy that the run had on it; a split without examples is refused. */
static void evaluation_takes_the_split_it_is_told(void **state) {
  (void)state;
  stage s;
  stage_make(&s, DIGITS "out=@/run updates=5");
  swale_run *run = stage_run(&s);
  const struct {
    const char *name;
    double count;
    swale_number loss, accuracy;
  } splits[] = {{"training", 180, SWALE_NUMBER_TRAIN_LOSS, SWALE_NUMBER_TRAIN_ACCURACY},
                {"validation", 20, SWALE_NUMBER_VALIDATION_LOSS, SWALE_NUMBER_VALIDATION_ACCURACY},
                {"test", 100, SWALE_NUMBER_TEST_LOSS, SWALE_NUMBER_TEST_ACCURACY}};
  for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
    swale_evaluation *evaluation = NULL;
    char words[256];
    snprintf(words, sizeof words, "data=digits:200 model=@/run/model.safetensors samples=8 perturb-taus=1e-12 split=%s",
             splits[i].name);
    stage_options(&s, words);
    check_ok(s.context, swale_evaluation_create(s.options, &evaluation));
    const double loss = swale_run_number(run, splits[i].loss);
    check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_EXAMPLES), splits[i].count, 0);
    check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET), splits[i].count, 0);
    check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_LOSS), loss, 0);
    check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_ACCURACY), swale_run_number(run, splits[i].accuracy),
                0);
    /* f moves by at most sqrt(tau dim) |grad f| */
    check_close(swale_evaluation_cell(evaluation, SWALE_SECTION_NOISE, 0, SWALE_COLUMN_LOSS), loss, 1e-3);
    swale_evaluation_destroy(evaluation);
  }
  stage_options(&s, "data=digits:200 model=@/run/model.safetensors validation=0 split=validation");
  swale_evaluation *none = NULL;
  check_fails(s.context, swale_evaluation_create(s.options, &none), SWALE_ERROR_USAGE,
              "option split: 'validation', but digits:200 is not what ");
  swale_run_destroy(run);
  stage_free(&s);
}

static void a_line_is_learned(void **state) {
  (void)state;
  stage s;
  stage_make(&s, "");
  stage_csv(&s, "numbers.csv", 77, NULL, NULL);
  stage_options(&s, "data=csv:@/numbers.csv loss=squared model=mlp:2-1 regularizer=none optimizer=sgd batch=0 "
                    "updates=400 out=@/run");
  swale_run *run = stage_run(&s);
  assert_false(swale_run_classifies(run));
  check_close(swale_run_number(run, SWALE_NUMBER_TEST_ACCURACY), 1, 1e-6);
  check_close(swale_run_number(run, SWALE_NUMBER_TEST_LOSS), 0, 1e-6);
  check_close(swale_run_number(run, SWALE_NUMBER_DRAWS), 0, 0);
  assert_true(isnan(swale_run_number(run, SWALE_NUMBER_ESS_FRACTION)));
  json_t *final = json_loads(swale_run_json(run), 0, NULL);
  check_close(record_real(final, "test_r2"), 1, 1e-6);
  assert_true(json_is_null(json_object_get(final, "sampler")) && !json_object_get(final, "test_accuracy"));
  json_decref(final);
  swale_run_destroy(run);
  stage_free(&s);
}

/* Prices 3e5 + 1e5 (u + v²), 400 rows of u and v in [-1, 1): fractions of multiples of two irrational numbers. */
static void stage_prices(stage *s, const char *name) {
  FILE *stream = fopen(stage_path(s, name), "w");
  assert_non_null(stream);
  fprintf(stream, "u,v,price\n");
  for (int i = 0; i < 400; i++) {
    const double u = 2 * fmod(i * 0.7548776662466927, 1) - 1, v = 2 * fmod(i * 0.5698402909980532, 1) - 1;
    fprintf(stream, "%.6f,%.6f,%.3f\n", u, v, 3e5 + 1e5 * (u + v * v));
  }
  assert_int_equal(fclose(stream), 0);
}

/* Prices are learned in units of their own spread, and what reads the model file continues in the same units: the same
 * numbers, bit for bit. Left as they are, they are out of reach of a network that starts near 0: R² stays below 0. */
static void prices_are_learned(void **state) {
  (void)state;
  stage s;
  swale_evaluation *evaluation = NULL;
  swale_run *again = NULL;
  stage_make(&s, "");
  stage_prices(&s, "prices.csv");
  stage_options(&s, "data=csv:@/prices.csv loss=squared epochs=300 out=@/run");
  swale_run *run = stage_run(&s);
  const double r2 = swale_run_number(run, SWALE_NUMBER_TEST_ACCURACY);
  const double loss = swale_run_number(run, SWALE_NUMBER_TEST_LOSS);
  assert_true(r2 > 0.9 && r2 <= 1);
  assert_true(loss > 0 && loss < 0.2); /* in units of the variance: that of the mean is about 1 */
  stage_options(&s, "data=csv:@/prices.csv model=@/run/model.safetensors samples=2");
  check_ok(s.context, swale_evaluation_create(s.options, &evaluation));
  check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_ACCURACY), r2, 0);
  check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_LOSS), loss, 0);
  stage_options(&s, "data=csv:@/prices.csv model=@/run/model.safetensors out=@/again");
  check_ok(s.context, swale_run_create(s.options, &again));
  check_ok(s.context, swale_run_finish(again, SWALE_STOP_BUDGET));
  check_close(swale_run_number(again, SWALE_NUMBER_TEST_ACCURACY), r2, 0);
  stage_check_tensors(&s, "run/model.safetensors", "again/model.safetensors");
  stage_options(&s, "data=csv:@/prices.csv loss=squared standardize=none epochs=1");
  swale_run *raw = stage_run(&s);
  assert_true(swale_run_number(raw, SWALE_NUMBER_TEST_ACCURACY) < 0);
  swale_evaluation_destroy(evaluation);
  swale_run_destroy(run);
  swale_run_destroy(again);
  swale_run_destroy(raw);
  stage_free(&s);
}

/* Draws are counted as they are made: 25 steps of each of 8 chains; every round of robbins-monro. */
static void draws_are_counted(void **state) {
  (void)state;
  const struct {
    const char *words;
    double draws;
  } ways[] = {{"sampler=langevin samples=200", 2 * 208}, /* and where each chain begins */
              {"regularizer=heat optimizer=robbins-monro inner=3 samples=10", 2 * 30},
              {"regularizer=heat estimator=pathwise samples=6 group=5", 2 * 6}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    stage s;
    char words[256];
    snprintf(words, sizeof words, "data=digits:40 model=mlp:784-2-10 batch=10 updates=2 %s", ways[i].words);
    stage_make(&s, words);
    swale_run *run = stage_run(&s);
    check_close(swale_run_number(run, SWALE_NUMBER_DRAWS), ways[i].draws, 0);
    swale_run_destroy(run);
    stage_free(&s);
  }
}

/* One record per update: its verdict is what its numbers say, with a band of three standard errors. */
static void check_verdicts(const json_t *lines, swale_run *run) {
  static const char *const words[] = {"held", "undecided", "violated"};
  static const swale_number numbers[] = {SWALE_NUMBER_HELD, SWALE_NUMBER_UNDECIDED, SWALE_NUMBER_VIOLATED};
  double counts[3] = {0}, records = 0;
  for (size_t i = 0; i < json_array_size(lines); i++) {
    const json_t *line = json_array_get(lines, i);
    if (!record_is(line, "event", "monotone")) continue;
    check_keys(line, "event update decrease decrease_se promised verdict tau beta");
    check_close(record_real(line, "update"), ++records, 0);
    const double more = record_real(line, "decrease") - record_real(line, "promised");
    const double band = 3 * record_real(line, "decrease_se");
    const int known = json_is_number(json_object_get(line, "decrease_se"));
    const int verdict = known && more > band ? 0 : known && more < -band ? 2 : 1;
    assert_true(record_is(line, "verdict", words[verdict]));
    counts[verdict]++;
  }
  check_close(records, swale_run_number(run, SWALE_NUMBER_UPDATES), 0);
  const json_t *final = json_array_get(lines, json_array_size(lines) - 1);
  for (int k = 0; k < 3; k++) {
    check_close(swale_run_number(run, numbers[k]), counts[k], 0);
    check_close(record_real(final, words[k]), counts[k], 0);
  }
}

typedef struct decrease_case {
  const char *options;
  double held, violated; /* of 4 updates */
} decrease_case;

/* A line fitted by least squares: f is a quadratic of three parameters, A = (2/N) HᵀH. The features are standardized, so
 * its eigenvalues are 2 (the bias) and 2 (1 ± r), r their correlation, which is small. Both schemes map an eigenvector's e
 * to e/(1 + s), s = tau beta lambda = 0.2, and F falls by (2 + s)/(1 + s), for heat 2 + s, times the |step|²/(2 tau) that is
 * promised: held, while e is above the sampling error. Broken steps: matching at rate 16 maps e to (1 - 16 s/(1 + s)) e =
 * -1.7 e, heat's explicit step at rate 50 to (1 - 50 s) e, s = 0.6: every update makes F grow, and the log says so. */
static void every_verdict_is_written_down(void **state) {
  (void)state;
#define LINE "data=csv:@/numbers.csv loss=squared model=mlp:2-1 batch=0 updates=4 monotone=true out=@/run "
  static const decrease_case cases[] = {
      {LINE "tau=1 beta=0.1 samples=2000 regularizer=local-entropy optimizer=matching", 4, 0},
      {LINE "tau=1 beta=0.1 samples=2000 regularizer=heat optimizer=robbins-monro", 4, 0},
      {LINE "tau=1 beta=0.1 samples=2000 regularizer=local-entropy optimizer=matching rate=16", 0, 4},
      {LINE "tau=0.1 beta=3 samples=500 regularizer=heat optimizer=matching rate=50 restores=0", 0, 4},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stage s;
    stage_make(&s, "");
    stage_csv(&s, "numbers.csv", 60, NULL, NULL);
    stage_options(&s, cases[i].options);
    swale_run *run = stage_run(&s);
    json_t *lines = read_log(&s, "run/log.jsonl");
    check_verdicts(lines, run);
    printf("# held %g, violated %g: %s\n", swale_run_number(run, SWALE_NUMBER_HELD),
           swale_run_number(run, SWALE_NUMBER_VIOLATED), cases[i].options + sizeof LINE - 1);
    check_close(swale_run_number(run, SWALE_NUMBER_HELD), cases[i].held, 0);
    check_close(swale_run_number(run, SWALE_NUMBER_VIOLATED), cases[i].violated, 0);
    check_keys(
        json_array_get(lines, json_array_size(lines) - 1),
        "event stop test_r2 test_loss validation_r2 validation_loss train_r2 train_loss updates epochs draws seconds "
        "data model dim regularizer sampler noise optimizer seed threads ranks rejected restored run "
        "version test_rmse test_mae " MONOTONE_KEYS);
    json_decref(lines);
    swale_run_destroy(run);
    stage_free(&s);
  }
}

static void a_time_limit_ends_a_run(void **state) {
  (void)state;
  stage s;
  stage_make(&s, DIGITS "updates=1000000 seconds=1e-9");
  swale_run *run = stage_run(&s);
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 1, 0);
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES_PLANNED), 1e6, 0);
  assert_true(swale_run_number(run, SWALE_NUMBER_SECONDS) >= 1e-9);
  assert_string_equal(swale_run_folder(run), "");
  assert_int_equal(count_files(s.folder), 0);
  swale_run_destroy(run);
  stage_free(&s);
}

/* auto takes the first free number, in runs/ of the folder where the program stands. */
static void folders_are_numbered(void **state) {
  (void)state;
  stage s;
  char before[1024];
  assert_non_null(getcwd(before, sizeof before));
  stage_make(&s, DIGITS "updates=1 out=auto");
  assert_int_equal(chdir(s.folder), 0);
  for (int number = 1; number <= 3; number++) {
    char expected[32];
    swale_run *run = stage_run(&s);
    snprintf(expected, sizeof expected, "runs/%d", number);
    assert_string_equal(swale_run_folder(run), expected);
    assert_int_equal(count_files(expected), 4);
    swale_run_destroy(run);
  }
  assert_int_equal(chdir(before), 0);
  stage_free(&s);
}

/* A host program that has chosen a decimal comma changes nothing. */
static void locales_do_not_matter(void **state) {
  (void)state;
  if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) skip();
  stage s;
  stage_make(&s, DIGITS "updates=1 out=@/run");
  swale_run_destroy(stage_run(&s));
  stage_options(&s, "");
  check_ok(s.context, swale_options_read(s.options, stage_path(&s, "run/config.conf")));
  setlocale(LC_ALL, "C");
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_folder_holds_what_is_promised),
      cmocka_unit_test(a_configuration_repeats_its_run),
      cmocka_unit_test(a_model_file_is_a_start),
      cmocka_unit_test(evaluation_agrees_with_the_run),
      cmocka_unit_test(evaluation_takes_the_split_it_is_told),
      cmocka_unit_test(a_line_is_learned),
      cmocka_unit_test(prices_are_learned),
      cmocka_unit_test(draws_are_counted),
      cmocka_unit_test(every_verdict_is_written_down),
      cmocka_unit_test(a_time_limit_ends_a_run),
      cmocka_unit_test(folders_are_numbered),
      cmocka_unit_test(locales_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
