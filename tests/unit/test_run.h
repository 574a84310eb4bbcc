/* test_run.h - a stage for the tests of whole runs: a context that counts, options, a folder, small data. */
#ifndef SWL_TESTS_TEST_RUN_H
#define SWL_TESTS_TEST_RUN_H

#include "check.h"

#include <swale/swale.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct stage {
  counting_allocator counting;
  swale_context *context;
  swale_options *options;
  char folder[64]; /* of this test */
  char text[1200]; /* of the last stage_path */
} stage;

static inline const char *stage_path(stage *s, const char *name) {
  snprintf(s->text, sizeof s->text, "%s/%s", s->folder, name);
  return s->text;
}

static inline void stage_set(stage *s, const char *name, const char *value) {
  check_ok(s->context, swale_options_set(s->options, name, value));
}

/* Fresh options: "name=value name=value"; @ at the start of a value, or after csv:, is the folder. */
static inline void stage_options(stage *s, const char *words) {
  char copy[1024], value[1024], *rest = NULL;
  swale_options_destroy(s->options);
  s->options = NULL;
  check_ok(s->context, swale_options_create(s->context, &s->options));
  stage_set(s, "threads", "1");
  stage_set(s, "out", "none");
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(word, '='), *at = strchr(word, '@');
    *equals = '\0';
    if (at) *at = '\0';
    snprintf(value, sizeof value, "%s%s%s", equals + 1, at ? s->folder : "", at ? at + 1 : "");
    stage_set(s, word, value);
  }
}

static inline void stage_make(stage *s, const char *words) {
  *s = (stage){.options = NULL};
  s->context = check_context(&s->counting);
  check_folder(s->folder);
  stage_options(s, words);
}

static inline void stage_free(stage *s) {
  swale_options_destroy(s->options);
  check_context_gone(&s->counting, s->context);
  check_remove(s->folder);
}

/* A run of the stage's options to its end. */
static inline swale_run *stage_run(stage *s) {
  swale_run *run = NULL;
  check_ok(s->context, swale_run_create(s->options, &run));
  for (int done = 0; !done;) check_ok(s->context, swale_run_advance(run, &done));
  check_ok(s->context, swale_run_finish(run, SWALE_STOP_BUDGET));
  return run;
}

/* y = 2 a - b + 1 on `rows` points of a grid, as numbers or, by its sign, as one of two words. */
static inline void stage_csv(stage *s, const char *name, size_t rows, const char *low, const char *high) {
  FILE *stream = fopen(stage_path(s, name), "w");
  assert_non_null(stream);
  fprintf(stream, "a,b,y\n");
  for (size_t i = 0; i < rows; i++) {
    const double a = (double)(i % 7) / 2 - 1, b = (double)(i * 3 % 11) / 4 - 1, y = 2 * a - b + 1;
    if (low)
      fprintf(stream, "%g,%g,%s\n", a, b, y < 1 ? low : high);
    else
      fprintf(stream, "%g,%g,%g\n", a, b, y);
  }
  assert_int_equal(fclose(stream), 0);
}

/* The bytes of a file, to be freed. */
static inline char *stage_bytes(stage *s, const char *name, size_t *count) {
  FILE *stream = fopen(stage_path(s, name), "rb");
  if (!stream) print_error("there is no %s\n", s->text);
  assert_non_null(stream);
  assert_int_equal(fseek(stream, 0, SEEK_END), 0);
  *count = (size_t)ftell(stream);
  rewind(stream);
  char *bytes = malloc(*count + 1);
  assert_int_equal(fread(bytes, 1, *count, stream), *count);
  bytes[*count] = '\0';
  fclose(stream);
  return bytes;
}

static inline void stage_check_equal(stage *s, const char *name, const char *other) {
  size_t count = 0, others = 0;
  char *bytes = stage_bytes(s, name, &count), *same = stage_bytes(s, other, &others);
  assert_int_equal(count, others);
  assert_memory_equal(bytes, same, count);
  free(bytes), free(same);
}

/* Two model files have the same tensors, whatever their metadata says. */
static inline void stage_check_tensors(stage *s, const char *name, const char *other) {
  size_t count[2];
  char *bytes[2] = {stage_bytes(s, name, &count[0]), stage_bytes(s, other, &count[1])};
  const char *tensors[2];
  for (int i = 0; i < 2; i++) {
    uint64_t head = 0;
    memcpy(&head, bytes[i], sizeof head);
    count[i] -= sizeof head + head;
    tensors[i] = bytes[i] + sizeof head + head;
  }
  assert_int_equal(count[0], count[1]);
  assert_memory_equal(tensors[0], tensors[1], count[0]);
  free(bytes[0]), free(bytes[1]);
}

/* The object has exactly the keys of a list in one string, in any order. */
static inline void check_keys(const json_t *object, const char *keys) {
  char copy[1024], *rest = NULL;
  size_t count = 0;
  snprintf(copy, sizeof copy, "%s", keys);
  for (char *key = strtok_r(copy, " ", &rest); key; key = strtok_r(NULL, " ", &rest), count++) {
    if (!json_object_get(object, key)) print_error("there is no key %s\n", key);
    assert_non_null(json_object_get(object, key));
  }
  assert_int_equal(json_object_size(object), count);
}

static inline double record_real(const json_t *object, const char *key) {
  return json_number_value(json_object_get(object, key));
}

static inline int record_is(const json_t *object, const char *key, const char *text) {
  const char *value = json_string_value(json_object_get(object, key));
  return value && strcmp(value, text) == 0;
}

#endif
