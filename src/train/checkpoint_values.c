/* checkpoint_values.c - the numbers of a run that its future depends on: one list for writing and reading. */
#include "train/checkpoint_values.h"

#include "options/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A list that grows; `group` is the first word of the names. */
typedef struct checkpoint_list {
  swl_checkpoint_value *values;
  size_t count;
  const char *group;
} checkpoint_list;

static swl_checkpoint_value *checkpoint_add(checkpoint_list *list, const char *name) {
  swl_checkpoint_value *value = &list->values[list->count++];
  *value = (swl_checkpoint_value){.least = -INFINITY, .most = INFINITY, .unknown = 1};
  snprintf(value->name, sizeof value->name, "%s.%s", list->group, name);
  return value;
}

static void checkpoint_count(checkpoint_list *list, const char *name, uint64_t *count) {
  swl_checkpoint_value *value = checkpoint_add(list, name);
  value->count = count;
  value->least = 0;
  value->most = 0x1p32; /* updates, and what there is at most one of in each */
}

static void checkpoint_real(checkpoint_list *list, const char *name, double *real) {
  checkpoint_add(list, name)->real = real;
}

/* The value that was added last: what is possible, and whether it may be unknown (NaN). */
static void checkpoint_bound(checkpoint_list *list, double least, double most, int unknown) {
  swl_checkpoint_value *value = &list->values[list->count - 1];
  value->least = least;
  value->most = most;
  value->unknown = unknown;
}

/* The field of a struct, under its own name. */
#define COUNT(from, field) checkpoint_count(list, #field, &(from)->field)
#define REAL(from, field) checkpoint_real(list, #field, &(from)->field)
#define BOUND(least, most, unknown) checkpoint_bound(list, least, most, unknown)
static const double checkpoint_largest = 1e300; /* finite */

static void checkpoint_progress(checkpoint_list *list, swl_progress *progress) {
  list->group = "run";
  REAL(progress, seconds);
  BOUND(0, 1e12, 0);
  REAL(progress, loss_sum);
  REAL(progress, value_sum);
  COUNT(progress, summed);
  REAL(progress, recent_loss);
  REAL(progress, recent_value);
  COUNT(progress, evaluations);
  list->group = "validation"; /* as people see it before the next evaluation */
  COUNT(&progress->now[SWL_SPLIT_VALIDATION], count);
  REAL(&progress->now[SWL_SPLIT_VALIDATION], loss);
  REAL(&progress->now[SWL_SPLIT_VALIDATION], accuracy);
  BOUND(-INFINITY, 1, 1);
}

static void checkpoint_trainer(checkpoint_list *list, swale_trainer *trainer) {
  list->group = "trainer";
  COUNT(trainer, update);
  COUNT(trainer, draws);
  BOUND(0, 0x1p63, 0);
  COUNT(trainer, rejected);
  BOUND(0, 0x1p63, 0);
  COUNT(trainer, age);
  REAL(trainer, factor);
  BOUND(0, 1, 0);
  REAL(trainer, rate);
  BOUND(0, checkpoint_largest, 1);
  REAL(trainer, length);
  BOUND(0, INFINITY, 1);
  list->group = "average";
  COUNT(&trainer->average, count);
}

/* Of the last update: an evaluation may come before the next one. */
static void checkpoint_step(checkpoint_list *list, swl_step *step, swl_monotone *monotone) {
  list->group = "step";
  REAL(step, tau);
  BOUND(0, checkpoint_largest, 1);
  REAL(step, noise);
  REAL(&step->tilt, beta);
  REAL(&step->tilt, value);
  REAL(&step->tilt, value_se);
  REAL(&step->tilt, loss);
  REAL(&step->tilt, loss_se);
  REAL(&step->tilt, ess);
  list->group = "mixing";
  REAL(&step->mixing, acceptance);
  BOUND(0, 1, 1);
  REAL(&step->mixing, time);
  BOUND(0, INFINITY, 1);
  REAL(&step->mixing, step);
  BOUND(0, INFINITY, 1);
  REAL(&step->mixing, stages);
  BOUND(0, INFINITY, 1);
  list->group = "monotone";
  REAL(monotone, change);
  REAL(monotone, change_se);
  REAL(monotone, required);
  COUNT(monotone, held);
  COUNT(monotone, undecided);
  COUNT(monotone, violated);
}

static void checkpoint_divergence(checkpoint_list *list, const char *group, swl_divergence *divergence) {
  list->group = group;
  REAL(divergence, blind);
  REAL(divergence, blind_skill);
  REAL(divergence, first);
  REAL(divergence, slow);
  REAL(divergence, variance);
  REAL(divergence, best);
  REAL(divergence, best_sd);
  REAL(divergence, share);
  REAL(divergence, good);
  REAL(divergence, best_skill);
  COUNT(divergence, seen);
}

static void checkpoint_control(checkpoint_list *list, swl_control *control) {
  checkpoint_divergence(list, "divergence", &control->divergence);
  checkpoint_divergence(list, "good_divergence", &control->good_divergence);
  list->group = "good";
  COUNT(&control->good, averaged);
  COUNT(&control->good, age);
  COUNT(&control->good, update);
  list->group = "control";
  COUNT(control, restored);
  REAL(control, best_loss);
  COUNT(control, best_update);
  COUNT(control, worse);
}

/* tau of each layer in the first update; there is none before it. */
static void checkpoint_covariance(checkpoint_list *list, size_t layers, swl_covariance *covariance) {
  list->group = "first_tau";
  COUNT(covariance, count);
  for (size_t l = 0; l < layers; l++) {
    char name[24];
    snprintf(name, sizeof name, "%zu", l);
    checkpoint_real(list, name, &covariance->blocks[l].tau);
    BOUND(0, checkpoint_largest, 1);
  }
}

_Static_assert(SWL_CHECKPOINT_VALUES_MAX >= SWL_LAYERS_MAX + 80, "there is room for all values");

size_t swl_checkpoint_values(swl_progress *progress, swl_control *control, size_t layers,
                             swl_checkpoint_value values[SWL_CHECKPOINT_VALUES_MAX]) {
  swale_trainer *trainer = control->trainer;
  checkpoint_list list = {values, 0, ""};
  checkpoint_progress(&list, progress);
  checkpoint_trainer(&list, trainer);
  checkpoint_step(&list, &trainer->step, &trainer->monotone);
  checkpoint_control(&list, control);
  checkpoint_covariance(&list, layers, &control->covariance);
  return list.count;
}

void swl_checkpoint_value_text(const swl_checkpoint_value *value, char text[SWL_CHECKPOINT_TEXT_MAX]) {
  if (value->count) {
    snprintf(text, SWL_CHECKPOINT_TEXT_MAX, "%" PRIu64, *value->count);
  } else if (isfinite(*value->real)) {
    swl_real_text(*value->real, text);
  } else {
    strcpy(text, isnan(*value->real) ? "nan" : *value->real > 0 ? "inf" : "-inf");
  }
}

int swl_checkpoint_value_possible(const swl_checkpoint_value *value) {
  const double number = value->count ? (double)*value->count : *value->real;
  return isnan(number) ? value->unknown : number >= value->least && number <= value->most;
}

int swl_checkpoint_value_parse(const swl_checkpoint_value *value, const char *text) {
  int64_t integer = 0;
  if (value->count) {
    if (swl_integer_parse(text, &integer) || integer < 0) return 0;
    *value->count = (uint64_t)integer;
    return 1;
  }
  if (strcmp(text, "nan") == 0) return *value->real = (double)NAN, 1;
  if (strcmp(text, "inf") == 0) return *value->real = (double)INFINITY, 1;
  if (strcmp(text, "-inf") == 0) return *value->real = -(double)INFINITY, 1;
  return swl_real_parse(text, value->real) == NULL;
}
