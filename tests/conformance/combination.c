/* combination.c - see combination.h. */
#include "combination.h"

#include "options/options_parts.h"

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

static size_t *legal, legal_count; /* numbers of the combinations that the option table allows */

const weather weathers[] = {
    {"fine", .scale = 1, .ends = WEATHER_GOOD},
    {"holes", .scale = 1, .holes = 1},
    {"equal", .shift = 1, .ends = WEATHER_GOOD},
    {"steep", .scale = 1e30},
    {"huge", .scale = 1e300},
    {"high", .scale = 1, .shift = 1e300},
    {"limit", .shift = 1.7e308},
    {"tiny", .scale = 1e-300, .ends = WEATHER_GOOD},
    {"nan", .shift = NAN, .slope = NAN, .ends = WEATHER_BAD},
    {"inf", .shift = INFINITY, .slope = INFINITY, .ends = WEATHER_BAD},
    {"-inf", .shift = -INFINITY, .slope = -INFINITY, .ends = WEATHER_BAD},
    {"slope nan", .scale = 1, .slope = NAN},
    {"slope inf", .scale = 1, .slope = INFINITY},
    {"slope -inf", .scale = 1, .slope = -INFINITY},
};
const size_t weather_count = sizeof weathers / sizeof *weathers;

const weather *weather_find(const char *name) {
  for (size_t w = 0; w < weather_count; w++) {
    if (strcmp(weathers[w].name, name) == 0) return &weathers[w];
  }
  fail_msg("there is no weather '%s'", name);
  return NULL;
}

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

static size_t axes_product(void) {
  size_t count = 1;
  for (size_t a = 0; a < axes_used; a++) count *= axes[a].count;
  return count;
}

static void axes_text(size_t index, char text[COMBINATION_TEXT]) {
  size_t used = 0;
  for (size_t a = 0; a < axes_used; a++) {
    const char *word = axes[a].words[index % axes[a].count];
    used += (size_t)snprintf(text + used, COMBINATION_TEXT - used, "%s%s=%s", a ? " " : "", axes[a].name, word);
    assert_true(used < COMBINATION_TEXT);
    index /= axes[a].count;
  }
}

/* Find what is legal. An option that has its default is as good as not set, so one set of options serves all. */
static void axes_judge(void) {
  scene s;
  scene_open(&s, "", "", 1);
  legal = malloc(axes_product() * sizeof *legal);
  for (size_t index = 0, left = 0; index < axes_product(); index++) {
    left = index;
    for (size_t a = 0; a < axes_used; left /= axes[a++].count) {
      check_ok(s.context, swale_options_set(s.options, axes[a].name, axes[a].words[left % axes[a].count]));
    }
    const swale_status status = swl_options_check(s.options);
    if (status == SWALE_OK) {
      legal[legal_count++] = index;
      continue;
    }
    scene_check_error(s.context, status);
    scene_create(&s); /* creation must refuse too */
    scene_check_error(s.context, s.status);
  }
  scene_free(&s);
}

size_t combination_count(void) {
  if (!legal) axes_make();
  if (!legal) axes_judge();
  return legal_count;
}

void combination_text(size_t index, char text[COMBINATION_TEXT]) {
  assert_true(index < combination_count());
  axes_text(legal[index], text);
}

static double scene_value(const scene *s, const float *x, float *gradient) {
  const weather *now = s->weather;
  double sum = 0, bad = 0;
  for (size_t i = 0; i < s->dim; i++) {
    const double far = (double)x[i] - 0.3, curve = now->scale * (double)(i % 5 + 1);
    sum += 0.5 * curve * far * far;
    if (gradient) gradient[i] = (float)(curve * far + now->slope);
  }
  if (now->holes && x[0] > 0.4F)
    bad = (double)NAN;
  else if (now->holes && s->dim > 1 && x[1] > 0.6F)
    bad = (double)INFINITY;
  else if (now->holes && s->dim > 2 && x[2] < -0.5F)
    bad = -(double)INFINITY;
  for (size_t i = 0; gradient && bad != 0 && i < s->dim; i++) gradient[i] = (float)bad;
  return sum + now->shift + bad;
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

void scene_check_error(swale_context *context, swale_status status) {
  if (status != SWALE_ERROR_USAGE && status != SWALE_ERROR_UNSUPPORTED) {
    print_error("status is %s: %s\n", swale_status_name(status), swale_context_message(context));
  }
  assert_true(status == SWALE_ERROR_USAGE || status == SWALE_ERROR_UNSUPPORTED);
  assert_true(strlen(swale_context_message(context)) > 20);
}

void combination_set(swale_context *context, swale_options *options, const char *words, int back) {
  char copy[COMBINATION_TEXT], before[SWL_TEXT_MAX], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(context, swale_options_get(options, word, before, sizeof before));
    check_ok(context, swale_options_set(options, word, value + 1));
    if (back && swl_options_check(options) != SWALE_OK) check_ok(context, swale_options_set(options, word, before));
  }
  check_ok(context, swl_options_check(options));
}

int scene_joins;

void scene_open(scene *s, const char *combination, const char *extras, size_t dim) {
  *s = (scene){.dim = dim, .weather = weather_find("fine")};
  s->context = check_context(&s->counting);
  if (scene_joins) check_ok(s->context, swale_context_join(s->context, NULL));
  check_ok(s->context, swale_options_create(s->context, &s->options));
  combination_set(s->context, s->options, combination, 0);
  combination_set(s->context, s->options, extras, 1);
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

void scene_make(scene *s, const char *combination, const char *extras, size_t dim, const char *now, size_t fail_at) {
  scene_open(s, combination, extras, dim);
  s->weather = weather_find(now);
  s->fail_at = fail_at;
  scene_create(s);
  if (!s->trainer) scene_check_error(s->context, s->status);
}

int scene_step(scene *s, const char *what) {
  const size_t bytes = s->dim * sizeof(float);
  const uint64_t updates = swale_trainer_updates(s->trainer);
  const float *x = swale_trainer_parameters(s->trainer);
  float *before = malloc(bytes);
  int sound = 1;
  memcpy(before, x, bytes);
  const swale_status status = swale_trainer_step(s->trainer);
  const int good = status == SWALE_OK;
  for (size_t i = 0; i < s->dim; i++) sound &= isfinite(x[i]) != 0;
  for (int i = 0; i <= SWALE_STATISTIC_VIOLATED; i++) sound &= !isinf(swale_trainer_statistic(s->trainer, i));
  if (good && s->weather->ends == WEATHER_GOOD)
    sound &= isfinite(swale_trainer_statistic(s->trainer, SWALE_STATISTIC_LOSS)) != 0;
  if (!good) sound &= status == SWALE_ERROR_NUMERIC && strlen(swale_context_message(s->context)) > 20;
  if (!good) sound &= memcmp(before, x, bytes) == 0;
  sound &= swale_trainer_updates(s->trainer) == updates + (uint64_t)good;
  free(before);
  if (!sound) {
    print_error("%s, weather %s: %s (%s)\n", what, s->weather->name, swale_status_name(status),
                good ? "" : swale_context_message(s->context));
    for (int i = 0; i <= SWALE_STATISTIC_VIOLATED; i++)
      print_error("statistic %d is %g\n", i, swale_trainer_statistic(s->trainer, i));
  }
  assert_true(sound);
  return good;
}

void scene_free(scene *s) {
  swale_trainer_destroy(s->trainer);
  swale_problem_destroy(s->problem);
  swale_options_destroy(s->options);
  check_context_gone(&s->counting, s->context);
}
