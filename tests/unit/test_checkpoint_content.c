/* test_checkpoint_content.c - checkpoints with a right seal and wrong contents, and too little memory.
 *
 * Hand solution: none but the contracts. Every entry but the options is needed and must be of its kind; what misses is
 * named; a failure leaves the folder as it was, and nothing allocated.
 */
#include "test_run.h"

#include "files/safetensors.h"

#include <math.h>

#define LAST "run/checkpoint-0000000003.safetensors"

static char notes[1024];

static void keep_note(void *user, const char *line) {
  (void)user;
  snprintf(notes, sizeof notes, "%s", line);
}

/* Three updates of nine, with one evaluation, so that the good state is not the last one. */
static void stage_trained(stage *s) {
  stage_make(s, "");
  stage_csv(s, "words.csv", 60, "low", "up");
  stage_options(
      s, "data=csv:@/words.csv model=mlp:2-3-2 batch=8 samples=4 evaluate-every=2 updates=9 checkpoints=1 average=0.9 "
         "patience=9 out=@/run");
  swale_run *run = NULL;
  int done = 0;
  check_ok(s->context, swale_run_create(s->options, &run));
  for (int update = 0; update < 3; update++) check_ok(s->context, swale_run_advance(run, &done));
  check_ok(s->context, swale_run_finish(run, SWALE_STOP_INTERRUPTED));
  swale_run_destroy(run);
}

static swale_status resume(stage *s, swale_run **run) {
  swale_options *changes = NULL;
  const swale_status made = swale_options_create(s->context, &changes);
  if (made != SWALE_OK) return made;
  const swale_status status = swale_run_resume(changes, stage_path(s, "run"), run);
  swale_options_destroy(changes);
  return status;
}

/* The checkpoint in memory, to be written anew without its seal's entry, which is the first. */
typedef struct content {
  swl_arena *arena;
  swl_safetensors file;
} content;

static content content_of(stage *s) {
  content made = {NULL, {0}};
  check_ok(s->context, swl_arena_create(s->context, &made.arena));
  check_ok(s->context, swl_safetensors_read(s->context, made.arena, stage_path(s, LAST), &made.file));
  assert_string_equal(made.file.metadata[0].key, "crc32");
  return made;
}

static void content_write(stage *s, const swl_safetensors *file) {
  check_ok(s->context, swl_safetensors_write(s->context, stage_path(s, LAST), file->tensors, file->tensor_count,
                                             file->metadata + 1, file->metadata_count - 1));
}

/* The state that is in the file is that of the run: by a whole network of 17 parameters. */
static void tensors_are_those_of_the_run(void **state) {
  (void)state;
  stage s;
  stage_trained(&s);
  content c = content_of(&s);
  const char *const names[] = {"x", "optimizer", "average", "good.x", "good.optimizer", "good.average", "best"};
  assert_int_equal(c.file.tensor_count, sizeof names / sizeof *names);
  for (size_t i = 0; i < c.file.tensor_count; i++) {
    const swl_tensor *tensor = swl_safetensors_find(&c.file, names[i]);
    assert_non_null(tensor);
    assert_int_equal(tensor->dimensions, 2);
    assert_int_equal(tensor->shape[0], strstr(names[i], "optimizer") ? 2 : 1);
    assert_int_equal(tensor->shape[1], 3 * 3 + 4 * 2);
  }
  assert_string_equal(swl_safetensors_metadata(&c.file, "trainer.update"), "3");
  assert_string_equal(swl_safetensors_metadata(&c.file, "trainer.draws"), "24"); /* 4 for each layer and update */
  assert_string_equal(swl_safetensors_metadata(&c.file, "good.update"), "2"); /* of the last evaluation but the end's */
  assert_string_equal(swl_safetensors_metadata(&c.file, "option.updates"), "9");
  swl_arena_destroy(c.arena);
  stage_free(&s);
}

static void every_entry_is_needed(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  stage_trained(&s);
  content c = content_of(&s);
  swl_metadata *pairs = c.file.metadata, *kept = malloc(c.file.metadata_count * sizeof *kept);
  const size_t count = c.file.metadata_count;
  for (size_t i = 1; i < count; i++) {
    char text[128];
    swl_safetensors other = {c.file.tensor_count, c.file.tensors, count - 1, kept};
    if (strncmp(pairs[i].key, "option.", 7) == 0) continue;
    memcpy(kept, pairs, i * sizeof *kept);
    memcpy(kept + i, pairs + i + 1, (count - i - 1) * sizeof *kept);
    content_write(&s, &other);
    snprintf(text, sizeof text, "has no '%s' in its metadata", pairs[i].key);
    check_fails(s.context, resume(&s, &run), SWALE_ERROR_FORMAT, text);
    if (strcmp(pairs[i].key, "library") == 0) continue; /* any text will do */
    memcpy(kept, pairs, count * sizeof *kept);
    kept[i].value = "1x";
    other.metadata_count = count;
    content_write(&s, &other);
    assert_int_not_equal(resume(&s, &run), SWALE_OK);
    assert_null(run);
  }
  free(kept);
  swl_arena_destroy(c.arena);
  stage_free(&s);
}

static void refused_with(stage *s, content *c, const char *key, const char *value, swale_status status,
                         const char *text) {
  swale_run *run = NULL;
  for (size_t i = 0; i < c->file.metadata_count; i++) {
    swl_metadata *pair = &c->file.metadata[i];
    if (strcmp(pair->key, key) != 0) continue;
    const char *before = pair->value;
    pair->value = value;
    content_write(s, &c->file);
    pair->value = before;
    check_fails(s->context, resume(s, &run), status, text);
    return;
  }
  fail_msg("there is no %s", key);
}

static void values_must_make_sense(void **state) {
  (void)state;
  stage s;
  stage_trained(&s);
  content c = content_of(&s);
  refused_with(&s, &c, "format", "swale-checkpoint 2", SWALE_ERROR_FORMAT, "this version reads 'swale-checkpoint 1'");
  refused_with(&s, &c, "model", "mlp:2-4-2", SWALE_ERROR_USAGE, "trains mlp:2-4-2");
  refused_with(&s, &c, "data", "12", SWALE_ERROR_USAGE, "is not what the run in '");
  refused_with(&s, &c, "log", "99999", SWALE_ERROR_FORMAT, "log.jsonl' was cut short");
  refused_with(&s, &c, "log", "-1", SWALE_ERROR_FORMAT, "'log' is no count");
  refused_with(&s, &c, "trainer.update", "-1", SWALE_ERROR_FORMAT, "'trainer.update' is no number");
  refused_with(&s, &c, "trainer.update", "1e3", SWALE_ERROR_FORMAT, "'trainer.update' is no number");
  refused_with(&s, &c, "trainer.factor", "0x1p3", SWALE_ERROR_FORMAT, "'trainer.factor' is no number");
  refused_with(&s, &c, "trainer.factor", "1e999", SWALE_ERROR_FORMAT, "'trainer.factor' is no number");
  static const char *const impossible[][2] = {
      {"trainer.update", "4294967297"}, {"trainer.factor", "-1"},    {"trainer.factor", "2"},
      {"trainer.factor", "nan"},        {"run.seconds", "-1"},       {"run.seconds", "nan"},
      {"run.seconds", "inf"},           {"trainer.rate", "-0.5"},    {"step.tau", "inf"},
      {"validation.accuracy", "1.5"},   {"run.evaluations", "9e15"}, {"first_tau.0", "-1"}};
  for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
    char text[64];
    const char *said = i == 10 ? "is no number" : "; allowed are ";
    refused_with(&s, &c, impossible[i][0], impossible[i][1], SWALE_ERROR_FORMAT, said);
    snprintf(text, sizeof text, "'%s' is ", impossible[i][0]);
    assert_non_null(strstr(swale_context_message(s.context), text));
  }
  refused_with(&s, &c, "trainer.age", "99", SWALE_ERROR_FORMAT, "'trainer.age' is 99; allowed are up to its update, ");
  refused_with(&s, &c, "control.best_update", "99", SWALE_ERROR_FORMAT,
               "'control.best_update' is 99; allowed are up to");
  refused_with(&s, &c, "first_tau.count", "3", SWALE_ERROR_FORMAT, "'3' layers, not 2");
  refused_with(&s, &c, "option.model", "mlp:2-x", SWALE_ERROR_USAGE, "mlp:2-x");
  refused_with(&s, &c, "option.updates", "many", SWALE_ERROR_USAGE, "option updates: 'many'");
  swl_arena_destroy(c.arena);
  stage_free(&s);
}

static void tensors_must_fit(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  stage_trained(&s);
  content c = content_of(&s);
  for (size_t i = 0; i < c.file.tensor_count; i++) {
    swl_tensor *tensor = &c.file.tensors[i], whole = *tensor;
    float bad[64] = {0};
    char text[192];
    snprintf(text, sizeof text, "of '%s' is not finite", whole.name);
    memcpy(bad, whole.data, whole.shape[0] * whole.shape[1] * sizeof *bad);
    bad[16] = (float)INFINITY;
    tensor->data = bad;
    content_write(&s, &c.file);
    check_fails(s.context, resume(&s, &run), SWALE_ERROR_FORMAT, text);
    tensor->data = whole.data;
    tensor->shape[1] = 16;
    content_write(&s, &c.file);
    snprintf(text, sizeof text, "has no tensor '%s' of shape %zu × 17", whole.name, whole.shape[0]);
    check_fails(s.context, resume(&s, &run), SWALE_ERROR_FORMAT, text);
    *tensor = whole;
    if (strcmp(whole.name, "best") == 0 || strcmp(whole.name, "good.x") == 0) continue; /* these may be missing */
    tensor->name[0] = 'Y';
    content_write(&s, &c.file);
    check_fails(s.context, resume(&s, &run), SWALE_ERROR_FORMAT, text);
    *tensor = whole;
  }
  assert_null(run);
  swl_arena_destroy(c.arena);
  stage_free(&s);
}

static void another_version_is_said(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  stage_trained(&s);
  content c = content_of(&s);
  for (size_t i = 0; i < c.file.metadata_count; i++) {
    if (strcmp(c.file.metadata[i].key, "library") == 0) c.file.metadata[i].value = "0.0.9";
  }
  content_write(&s, &c.file);
  swale_context_set_log(s.context, keep_note, NULL);
  stage_options(&s, "");
  swale_options_destroy(s.options);
  check_ok(s.context, swale_options_create(s.context, &s.options));
  check_ok(s.context, swale_run_resume(s.options, stage_path(&s, "run"), &run));
  assert_non_null(strstr(notes, "the run was begun by version 0.0.9, and this is "));
  swale_run_destroy(run);
  swl_arena_destroy(c.arena);
  stage_free(&s);
}

/* The first allocation of going on fails, then the second, …: nothing is left, and the folder is as it was. */
static void memory_for_going_on(void **state) {
  (void)state;
  stage s;
  size_t n = 1, count = 0, size = 0;
  stage_trained(&s);
  char *log = stage_bytes(&s, "run/log.jsonl", &count);
  const size_t live = s.counting.live;
  for (;; n++) {
    swale_run *run = NULL;
    s.counting.calls = 0;
    s.counting.fail_at = n;
    const swale_status status = resume(&s, &run);
    s.counting.fail_at = 0;
    if (status == SWALE_OK) {
      swale_run_destroy(run);
      break;
    }
    if (status != SWALE_ERROR_MEMORY) print_error("%zu: %s\n", n, swale_context_message(s.context));
    assert_int_equal(status, SWALE_ERROR_MEMORY);
    assert_null(run);
    assert_int_equal(s.counting.live, live);
    char *now = stage_bytes(&s, "run/log.jsonl", &size);
    assert_int_equal(size, count);
    assert_memory_equal(now, log, count);
    free(now);
  }
  printf("# %zu allocations\n", n - 1);
  assert_int_equal(s.counting.live, live);
  free(log);
  stage_free(&s);
}

/* Too little memory for a checkpoint ends no training. */
static void memory_for_a_checkpoint(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  size_t n = 1;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "up");
  stage_options(&s, "data=csv:@/words.csv model=mlp:2-3-2 batch=8 samples=4 updates=99 checkpoint-every=1 out=@/run");
  swale_context_set_log(s.context, keep_note, NULL);
  check_ok(s.context, swale_run_create(s.options, &run));
  const size_t live = s.counting.live;
  for (;; n++) {
    int done = 0;
    notes[0] = '\0';
    s.counting.calls = 0;
    s.counting.fail_at = n;
    check_ok(s.context, swale_run_advance(run, &done));
    s.counting.fail_at = 0;
    assert_int_equal(s.counting.live, live);
    if (!notes[0]) break;
    assert_non_null(strstr(notes, "out of memory"));
  }
  assert_int_equal(n, 3); /* its texts, and the header as JSON */
  s.counting.calls = 0;
  s.counting.fail_at = 1;
  check_fails(s.context, swale_run_finish(run, SWALE_STOP_INTERRUPTED), SWALE_ERROR_MEMORY, "no checkpoint: out of");
  assert_non_null(strstr(swale_run_json(run), "\"stop\":\"interrupted\"")); /* and all the rest is there */
  swale_run_destroy(run);
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tensors_are_those_of_the_run), cmocka_unit_test(every_entry_is_needed),
      cmocka_unit_test(values_must_make_sense),       cmocka_unit_test(tensors_must_fit),
      cmocka_unit_test(another_version_is_said),      cmocka_unit_test(memory_for_going_on),
      cmocka_unit_test(memory_for_a_checkpoint),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
