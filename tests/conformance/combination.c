/* combination.c - see combination.h. */
#include "combination.h"

#include "options/options.h"

#include <swale/mpi.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 16, WORDS = 16, WORD = 64 };

typedef struct axis {
  char name[WORD];
  char words[WORDS][WORD];
  size_t count;
} axis;

static axis axes[AXES];
static size_t axes_used;

static void axis_add(axis *a, const char *word, size_t length) {
  assert_true(a->count < WORDS && length < WORD);
  memcpy(a->words[a->count], word, length);
  a->words[a->count++][length] = '\0';
}

static axis *axis_new(const char *name) {
  assert_true(axes_used < AXES);
  snprintf(axes[axes_used].name, WORD, "%s", name);
  return &axes[axes_used++];
}

static void axes_make(void) {
  if (axes_used) return;
  for (size_t k = 0; swale_kind_at(k); k++) {
    axis *a = axis_new(swale_kind_at(k));
    for (size_t v = 0; swale_variant_at(a->name, v); v++) {
      const char *name = swale_variant_name(swale_variant_at(a->name, v));
      axis_add(a, name, strlen(name));
    }
  }
  for (size_t i = 0; swale_option_at(i); i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *group = swale_option_group(info), *type = swale_option_type(info);
    if (strcmp(group, "method") != 0 && strcmp(group, "sampling") != 0) continue;
    if (strcmp(type, "choice") != 0 && strcmp(type, "flag") != 0) continue;
    axis *a = axis_new(swale_option_name(info));
    for (const char *word = swale_option_allowed(info); *word;) {
      const size_t length = strcspn(word, "|");
      axis_add(a, word, length);
      word += length + (word[length] == '|');
    }
  }
}

size_t combination_count(void) {
  size_t count = 1;
  axes_make();
  for (size_t a = 0; a < axes_used; a++) count *= axes[a].count;
  return count;
}

void combination_text(size_t index, char text[COMBINATION_TEXT]) {
  size_t used = 0;
  axes_make();
  for (size_t a = 0; a < axes_used; a++) {
    const char *word = axes[a].words[index % axes[a].count];
    used += (size_t)snprintf(text + used, COMBINATION_TEXT - used, "%s%s=%s", a ? " " : "", axes[a].name, word);
    assert_true(used < COMBINATION_TEXT);
    index /= axes[a].count;
  }
}

static double scene_value(const scene *s, const float *x, float *gradient) {
  const int holes = s->weather == WEATHER_HOLES;
  const double scale = s->weather == WEATHER_STEEP ? 1e30 : s->weather == WEATHER_EQUAL ? 0 : 1;
  double sum = s->weather == WEATHER_EQUAL ? 1 : 0, bad = 0;
  for (size_t i = 0; i < s->dim; i++) {
    const double far = (double)x[i] - 0.3, curve = scale * (double)(i % 5 + 1);
    sum += 0.5 * curve * far * far;
    if (gradient) gradient[i] = (float)(curve * far);
  }
  if (s->weather == WEATHER_NAN || (holes && x[0] > 0.4F))
    bad = (double)NAN;
  else if (holes && s->dim > 1 && x[1] > 0.6F)
    bad = (double)INFINITY;
  else if (holes && s->dim > 2 && x[2] < -0.5F)
    bad = -(double)INFINITY;
  for (size_t i = 0; gradient && bad != 0 && i < s->dim; i++) gradient[i] = (float)bad;
  return sum + bad;
}

int scene_loss(void *self, const float *x, double *loss) {
  scene *s = self;
  if (s->fail_at && ++s->calls == s->fail_at) return 7;
  *loss = scene_value(s, x, NULL);
  return 0;
}

static int scene_gradient(void *self, const float *x, float *gradient, double *loss) {
  scene *s = self;
  if (s->fail_at && ++s->calls == s->fail_at) return 7;
  *loss = scene_value(s, x, gradient);
  return 0;
}

void scene_check_error(const scene *s, swale_status status) {
  if (status != SWALE_ERROR_USAGE && status != SWALE_ERROR_UNSUPPORTED) {
    print_error("status is %s: %s\n", swale_status_name(status), swale_context_message(s->context));
  }
  assert_true(status == SWALE_ERROR_USAGE || status == SWALE_ERROR_UNSUPPORTED);
  assert_true(strlen(swale_context_message(s->context)) > 20);
}

/* Set each word; one that does not go with what is set so far is an error, or is set back. Returns 0 on such an
 * error. */
static int scene_set(scene *s, const char *words, int back) {
  char copy[COMBINATION_TEXT], before[SWL_TEXT_MAX], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(s->context, swale_options_get(s->options, word, before, sizeof before));
    check_ok(s->context, swale_options_set(s->options, word, value + 1));
    if (!back) continue;
    if (swl_options_check(s->options) != SWALE_OK) check_ok(s->context, swale_options_set(s->options, word, before));
  }
  const swale_status status = swl_options_check(s->options);
  if (status != SWALE_OK) scene_check_error(s, status);
  return status == SWALE_OK;
}

int scene_joins;

int scene_open(scene *s, const char *combination, const char *extras, size_t dim, weather now) {
  *s = (scene){.dim = dim, .weather = now};
  counting_allocator_init(&s->counting);
  assert_int_equal(swale_context_create(&s->counting.allocator, &s->context), SWALE_OK);
  if (scene_joins) check_ok(s->context, swale_context_join(s->context, NULL));
  check_ok(s->context, swale_options_create(s->context, &s->options));
  if (!scene_set(s, combination, 0)) {
    scene_create(s); /* creation must refuse too */
    scene_check_error(s, s->status);
    return 0;
  }
  assert_true(scene_set(s, extras, 1));
  return 1;
}

void scene_create(scene *s) {
  const swale_function function = {s->dim, scene_loss, scene_gradient, s};
  if (!s->problem) s->status = swale_problem_create(s->context, &function, &s->problem);
  if (s->problem) s->status = swale_trainer_create(s->options, s->problem, &s->trainer);
  if (!s->trainer) return;
  float *x = malloc(s->dim * sizeof *x);
  for (size_t i = 0; i < s->dim; i++) x[i] = 0.1F * (float)(i % 5);
  check_ok(s->context, swale_trainer_set_parameters(s->trainer, x));
  free(x);
}

int scene_make(scene *s, const char *combination, const char *extras, size_t dim, weather now, size_t fail_at) {
  const int legal = scene_open(s, combination, extras, dim, now);
  s->fail_at = fail_at;
  if (legal) scene_create(s);
  return legal;
}

void scene_free(scene *s) {
  swale_trainer_destroy(s->trainer);
  swale_problem_destroy(s->problem);
  swale_options_destroy(s->options);
  swale_context_destroy(s->context);
  assert_int_equal(s->counting.live, 0);
}
