/* test_keys.c - files/keys.def says which keys the records of a run and its evaluation have: each is where the table says, and
 * there are no others.
 */
#include "test_run.h"

#include "train/run_parts.h"

#include <math.h>

enum {
  BEGIN = 1,
  EVALUATION = 2,
  MONOTONE = 4,
  RESTORED = 8,
  FINAL = 16,
  MEASURED = 32,
  TAUS = 64,
  NOISE = 128,
  RELATIVE = 256,
  ROUNDING = 512,
  PROFILE = 1024,
  CLASS = 2048
};

typedef struct place {
  const char *name;
  int bit;
} place;

static const place events[] = {{"begin", BEGIN},       {"resume", BEGIN},      {"evaluation", EVALUATION},
                               {"monotone", MONOTONE}, {"restored", RESTORED}, {"final", FINAL}};
static const place sections[] = {{"taus", TAUS},         {"noise", NOISE},     {"relative_noise", RELATIVE},
                                 {"rounding", ROUNDING}, {"profile", PROFILE}, {"by_class", CLASS}};

static int place_find(const place *places, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(places[i].name, name) == 0) return places[i].bit;
  }
  return 0;
}

static const place keys[] = {
#define KEY(identifier, name, places) {name, places},
#include "files/keys.def"
#undef KEY
};

enum { KEYS = sizeof keys / sizeof *keys };
static int seen[KEYS]; /* places */

static void look(const json_t *object, int where) {
  const char *name = NULL;
  json_t *value = NULL;
  json_object_foreach((json_t *)object, name, value) {
    size_t key = 0;
    while (key < KEYS && strcmp(keys[key].name, name) != 0) key++;
    const int known = key < KEYS && (keys[key].bit & where);
    if (!known) print_error("there is %s at %d\n", name, where);
    assert_true(known);
    if (key < KEYS) seen[key] |= where;
    const int section = where == MEASURED ? place_find(sections, sizeof sections / sizeof *sections, name) : 0;
    for (size_t i = 0; section && i < json_array_size(value); i++) look(json_array_get(value, i), section);
  }
}

static void look_at_log(stage *s, const char *name) {
  size_t count = 0;
  char *bytes = stage_bytes(s, name, &count), *rest = NULL;
  for (char *line = strtok_r(bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    json_t *record = json_loads(line, 0, NULL);
    const char *event = json_string_value(json_object_get(record, "event"));
    const int where = place_find(events, sizeof events / sizeof *events, event);
    if (!where) print_error("there is no event %s\n", event);
    assert_true(where);
    look(record, where);
    json_decref(record);
  }
  free(bytes);
}

/* A run, spoiled once if `spoil`, and its evaluation. */
static void go(stage *s, const char *words, int spoil) {
  char model[256], log[64];
  swale_run *run = NULL;
  swale_evaluation *evaluation = NULL;
  stage_options(s, words);
  check_ok(s->context, swale_run_create(s->options, &run));
  for (int done = 0; !done;) {
    check_ok(s->context, swale_run_advance(run, &done));
    if (spoil && run->trainer->update == 2) run->trainer->x[0] = NAN;
    spoil = spoil && run->trainer->update < 2;
  }
  check_ok(s->context, swale_run_finish(run, SWALE_STOP_BUDGET));
  snprintf(log, sizeof log, "%s/log.jsonl", strrchr(swale_run_folder(run), '/') + 1);
  snprintf(model, sizeof model, "model=%s/model.safetensors samples=4 perturb-draws=2", swale_run_folder(run));
  swale_run_destroy(run);
  look_at_log(s, log);
  stage_options(s, model);
  check_ok(s->context, swale_evaluation_create(s->options, &evaluation));
  json_t *measured = json_loads(swale_evaluation_json(evaluation), 0, NULL);
  assert_non_null(measured);
  look(measured, MEASURED);
  json_decref(measured);
  swale_evaluation_destroy(evaluation);
}

static void every_key_is_where_the_table_says(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "high");
  stage_csv(&s, "numbers.csv", 60, NULL, NULL);
  go(&s, "data=csv:@/words.csv model=mlp:2-3-2 epochs=3 batch=10 samples=4 validation=0.2 patience=5 out=@/words", 1);
  go(&s,
     "data=csv:@/words.csv model=mlp:2-3-2 epochs=3 batch=10 validation=0.2 regularizer=local-entropy sampler=mala "
     "activation=tanh out=@/chains",
     0);
  go(&s,
     "data=csv:@/numbers.csv model=mlp:2-3-1 loss=squared epochs=3 batch=10 samples=4 validation=0.2 regularizer=heat "
     "monotone=true out=@/numbers",
     0);
  swale_options_destroy(s.options);
  check_ok(s.context, swale_options_create(s.context, &s.options));
  stage_set(&s, "epochs", "4");
  check_ok(s.context, swale_run_resume(s.options, stage_path(&s, "numbers"), &run));
  swale_run_destroy(run);
  look_at_log(&s, "numbers/log.jsonl");
  for (size_t key = 0; key < KEYS; key++) {
    const int ranks = strcmp(keys[key].name, "bytes") == 0 || strcmp(keys[key].name, "exchanges") == 0 ||
                      strcmp(keys[key].name, "agreements") == 0; /* tests/mpi */
    if (!ranks && seen[key] != keys[key].bit) print_error("%s: %d, not %d\n", keys[key].name, seen[key], keys[key].bit);
    assert_int_equal(seen[key], ranks ? 0 : keys[key].bit);
    for (size_t other = 0; other < key; other++) assert_string_not_equal(keys[key].name, keys[other].name);
  }
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_key_is_where_the_table_says)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
