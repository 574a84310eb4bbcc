/* test_runs.c - whole runs of every combination of the registry, on data at the edge of what can be learned.
 *
 * No hand solution but the contract: a run is refused with a sentence, or ends, by its budget or as diverged with a
 * sentence; its log and its result are JSON, in which no number is infinite or none (jansson reads neither); its model
 * file can be read, which refuses parameters that are not finite.
 */
#include "combination.h"
#include "test_run.h"

#include "files/model_file.h"

/* A table of two features and a number or word, and the options that go with it. */
typedef struct scenery {
  const char *name;
  size_t rows;
  double scale; /* of the features and numbers */
  int classes, learns;
  const char *options; /* those that do not apply to a combination are left out */
} scenery;

#define COMMON "threads=1 samples=4 inner=2 chains=2 leapfrog=2 updates=4 evaluate-every=2 "
static const scenery sceneries[] = {
    {"one example", 1, 1, 0, 1, COMMON "batch=0 model=mlp:2-3-1 loss=huber validation=0 test=0"},
    {"one number", 1, 1, 0, 1, COMMON "batch=1 model=mlp:2-3-1 loss=squared validation=0 test=0 samples=2 chains=1"},
    {"checked", 40, 1, 1, 1, COMMON "batch=10 model=mlp:2-3-2 validation=0.2 test=0.2 monotone=true average=0.5"},
    {"alike", 40, 0, 0, 1, COMMON "batch=1 model=mlp:2-3-1 loss=squared validation=0.2 test=0.2 patience=1"},
    {"huge", 40, 1e38, 0, 0, COMMON "batch=10 model=mlp:2-3-1 loss=squared standardize=none activation=tanh"},
    {"too steep", 40, 1, 1, 0, COMMON "batch=10 model=mlp:2-3-2 rate=1e6 tau=1e6 beta=1e12 monotone=true restores=1"},
};

static void scenery_write(stage *s, const scenery *of) {
  FILE *stream = fopen(stage_path(s, "table.csv"), "w");
  assert_non_null(stream);
  fprintf(stream, "a,b,y\n");
  for (size_t i = 0; i < of->rows; i++) {
    fprintf(stream, "%g,%g,", of->scale * ((double)(i % 7) / 7 - 0.5), of->scale * (double)(i % 5) / 5);
    if (of->classes)
      fprintf(stream, "%s\n", i % 2 ? "odd" : "even");
    else
      fprintf(stream, "%g\n", of->scale * (double)(i % 3) / 3);
  }
  assert_int_equal(fclose(stream), 0);
}

static void check_json(const char *text, const char *what) {
  json_error_t error;
  json_t *object = json_loads(text, 0, &error);
  if (!object) print_error("%s: %s in %s\n", what, error.text, text);
  assert_true(json_is_object(object));
  json_decref(object);
}

static void check_folder_is_sound(stage *s, const char *what) {
  size_t count = 0, lines = 0;
  char *log = stage_bytes(s, "run/log.jsonl", &count), *rest = NULL;
  for (char *line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++) {
    check_json(line, what);
  }
  assert_true(lines > 0);
  free(log);
  swl_arena *arena = NULL;
  swl_model model;
  check_ok(s->context, swl_arena_create(s->context, &arena));
  check_ok(s->context, swl_model_read(s->context, arena, stage_path(s, "run/model.safetensors"), &model));
  swl_arena_destroy(arena);
}

/* 1 if the run could be made. */
static int run_ends(stage *s, const scenery *of, const char *combination) {
  swale_run *run = NULL;
  char what[2 * COMBINATION_TEXT];
  snprintf(what, sizeof what, "%s, %s", combination, of->name);
  stage_options(s, "data=csv:@/table.csv out=@/run");
  combination_set(s->context, s->options, combination, 0);
  combination_set(s->context, s->options, of->options, 1);
  const swale_status created = swale_run_create(s->options, &run);
  if (!run) {
    scene_check_error(s->context, created);
    return 0;
  }
  swale_status status = SWALE_OK;
  for (int done = 0; !done && status == SWALE_OK;) status = swale_run_advance(run, &done);
  if (of->learns && status != SWALE_OK) print_error("%s: %s\n", what, swale_context_message(s->context));
  assert_true(status == SWALE_OK || (status == SWALE_ERROR_NUMERIC && !of->learns));
  if (status != SWALE_OK) assert_true(strlen(swale_context_message(s->context)) > 20);
  check_ok(s->context, swale_run_finish(run, swale_run_stop(run)));
  check_json(swale_run_json(run), what);
  swale_run_destroy(run);
  check_folder_is_sound(s, what);
  check_remove(stage_path(s, "run"));
  return 1;
}

static void runs_end_with_a_sound_folder(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof sceneries / sizeof *sceneries; i++) {
    stage s;
    size_t made = 0;
    stage_make(&s, "");
    scenery_write(&s, &sceneries[i]);
    for (size_t c = 0; c < combination_count(); c++) {
      char text[COMBINATION_TEXT];
      combination_text(c, text);
      made += (size_t)run_ends(&s, &sceneries[i], text);
    }
    printf("# %s: %zu runs\n", sceneries[i].name, made);
    assert_true(made > 30);
    stage_free(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_end_with_a_sound_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
