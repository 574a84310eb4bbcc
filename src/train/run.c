/* run.c - a training run from options to model file. */
#include "train/run.h"

#include "files/output.h"
#include "options/number.h"
#include "train/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { RUN_OUT_MAX = 1000 }; /* bytes of `out`: leaves room for the names of the files in it (files/output.h) */

/* Set the updates that the epochs make, and what else was automatic, in the run's copy of the options. */
static swale_status run_plan(swale_run *run) {
  const swl_settings *given = swl_options_settings(run->options);
  const size_t examples = run->setup.dataset.split[SWL_SPLIT_TRAIN].count;
  const size_t batch = given->batch > 0 ? (size_t)given->batch : examples;
  if (batch > examples) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option batch: %zu is more than the %zu training examples", batch,
                    examples);
  }
  run->per_epoch = examples / batch;
  run->planned = given->updates > 0 ? (uint64_t)given->updates : (uint64_t)ceil(given->epochs * (double)run->per_epoch);
  char text[SWL_REAL_TEXT_MAX];
  snprintf(text, sizeof text, "%llu", (unsigned long long)run->planned);
  SWL_TRY(swale_options_set(run->options, "updates", text));
  run->every = given->evaluate_every > 0 ? (uint64_t)given->evaluate_every : run->per_epoch;
  swl_settings resolved;
  SWL_TRY(swl_settings_resolve(run->context, run->options, &resolved));
  swl_real_text(resolved.rate.value, text);
  SWL_TRY(swale_options_set(run->options, "rate", text));
  SWL_TRY(swale_options_set(run->options, "rate_schedule", resolved.rate_schedule));
  const int tilts = swl_find_regularizer(run->context, resolved.regularizer)->tilt != NULL;
  if (tilts && given->beta.automatic && !resolved.beta.automatic) return swale_options_set(run->options, "beta", "1");
  return SWALE_OK;
}

static size_t run_most(const swl_dataset *dataset) {
  size_t most = 0;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    if (dataset->split[split].count > most) most = dataset->split[split].count;
  }
  return most;
}

static swale_status run_build(swale_run *run) {
  swl_setup *setup = &run->setup;
  swl_settings settings;
  SWL_TRY(swl_settings_resolve(run->context, run->options, &settings)); /* refuse what cannot work before loading */
  SWL_TRY(swl_setup_load(run->arena, run->options, 0, setup));
  SWL_TRY(run_plan(run));
  SWL_TRY(swl_settings_resolve(run->context, run->options, &settings));
  const int backward = swl_needs_gradients(&settings);
  const int smooth = setup->network.loss->gradient &&
                     (setup->network.depth == 1 || setup->network.activation->backward);
  if (backward && !smooth) {
    return swl_fail(run->context, SWALE_ERROR_UNSUPPORTED,
                    "loss %s with activation %s has no gradient, which this method needs; use local-entropy, or heat "
                    "with estimator = score, by sampler importance",
                    setup->network.loss->name, setup->network.activation->name);
  }
  SWL_TRY(swl_network_problem_create(run->context, &settings, &setup->network, &setup->dataset.split[SWL_SPLIT_TRAIN],
                                     (size_t)settings.threads, backward, &run->problem));
  SWL_TRY(swale_trainer_create(run->options, run->problem, &run->trainer));
  SWL_TRY(swale_trainer_set_parameters(run->trainer, setup->x));
  return swl_assessor_create(run->arena, &setup->network, swl_kernels_find(settings.kernels), run_most(&setup->dataset),
                             run->trainer->team, &run->assessor);
}

static swale_status run_write_config(swale_run *run) {
  char path[SWL_TEXT_MAX + 16];
  swl_output output;
  snprintf(path, sizeof path, "%s/config.conf", run->folder);
  SWL_TRY(swl_output_open(run->context, path, &output));
  const swale_status status = swl_options_write(run->context, run->options, output.stream);
  if (status != SWALE_OK) {
    swl_output_abandon(&output);
    return status;
  }
  return swl_output_commit(run->context, &output);
}

/* Create runs/N with the first free N, or the folder that was asked for. */
static swale_status run_create_folder(swale_run *run, const char *out) {
  if (strcmp(out, "none") == 0) return SWALE_OK;
  swale_status status = SWALE_ERROR_EXISTS;
  if (strcmp(out, "auto") != 0) {
    status = swl_folder_create(run->context, out);
    if (status == SWALE_OK) snprintf(run->folder, sizeof run->folder, "%s", out);
    return status;
  }
  for (unsigned number = 1; status == SWALE_ERROR_EXISTS && number < 1000000; number++) {
    char path[32];
    snprintf(path, sizeof path, "runs/%u", number);
    status = swl_folder_create(run->context, path);
    if (status == SWALE_OK) snprintf(run->folder, sizeof run->folder, "%s", path);
  }
  return status;
}

static swale_status run_open_folder(swale_run *run) {
  char out[SWL_TEXT_MAX], path[SWL_TEXT_MAX + 16];
  snprintf(out, sizeof out, "%s", swl_options_settings(run->options)->out);
  SWL_TRY(run_create_folder(run, out));
  if (!run->folder[0]) return SWALE_OK;
  /* The configuration can be fed back: it does not name this folder, nor how this run reported. */
  SWL_TRY(swale_options_set(run->options, "out", "auto"));
  SWL_TRY(swale_options_set(run->options, "json", "false"));
  SWL_TRY(run_write_config(run));
  snprintf(path, sizeof path, "%s/log.jsonl", run->folder);
  return swl_jsonl_open(run->context, path, &run->log);
}

/* Undo run_open_folder. Only files that this run made are removed. */
static void run_remove_folder(swale_run *run) {
  static const char *const made[] = {"config.conf", "log.jsonl"};
  char path[SWL_TEXT_MAX + 16];
  if (!run->folder[0]) return;
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    snprintf(path, sizeof path, "%s/%s", run->folder, made[i]);
    (void)remove(path);
  }
  (void)remove(run->folder);
}

/* A folder that exists, or whose files would have too long a path, is refused before the work of loading. */
static swale_status run_check_out(swale_run *run) {
  const char *out = swl_options_settings(run->options)->out;
  struct stat info;
  if (strlen(out) > RUN_OUT_MAX) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option out: it has %zu bytes; allowed are at most %d",
                    strlen(out), RUN_OUT_MAX);
  }
  if (strcmp(out, "auto") == 0 || strcmp(out, "none") == 0 || stat(out, &info) != 0) return SWALE_OK;
  return swl_fail(run->context, SWALE_ERROR_EXISTS, "option out: '%s' exists already; a run needs a new folder", out);
}

swale_status swale_run_create(const swale_options *options, swale_run **run) {
  swl_arena *arena = NULL;
  SWL_TRY(swl_arena_create(swl_options_context(options), &arena));
  swale_run *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) {
    swl_arena_destroy(arena);
    return SWALE_ERROR_MEMORY;
  }
  made->context = swl_options_context(options);
  made->arena = arena;
  made->recent_loss = made->recent_value = NAN;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) made->now[split] = (swl_assessment){0, NAN, NAN};
  swale_status status = swl_options_copy(options, &made->options);
  if (status == SWALE_OK) status = run_check_out(made);
  if (status == SWALE_OK) status = run_build(made);
  if (status == SWALE_OK) status = run_open_folder(made);
  if (status != SWALE_OK) {
    run_remove_folder(made);
    swale_run_destroy(made);
    return status;
  }
  *run = made;
  return SWALE_OK;
}

void swale_run_destroy(swale_run *run) {
  if (!run) return;
  swl_jsonl_close(run->log);
  swale_trainer_destroy(run->trainer);
  swale_problem_destroy(run->problem);
  swale_options_destroy(run->options);
  swl_arena_destroy(run->arena);
}

static double run_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static swale_status run_evaluate(swale_run *run) {
  run->recent_loss = run->summed ? run->loss_sum / (double)run->summed : NAN;
  run->recent_value = run->summed ? run->value_sum / (double)run->summed : NAN;
  run->loss_sum = run->value_sum = 0;
  run->summed = 0;
  SWL_TRY(swl_assess(run->assessor, run->trainer->x, &run->setup.dataset.split[SWL_SPLIT_VALIDATION],
                     &run->now[SWL_SPLIT_VALIDATION]));
  run->evaluations++;
  return swl_record_evaluation(run);
}

swale_status swale_run_advance(swale_run *run, int *done) {
  const double limit = swl_options_settings(run->options)->seconds;
  const uint64_t violated = run->trainer->monotone.violated;
  const double begin = run_clock();
  const swale_status status = swale_trainer_step(run->trainer);
  run->seconds += run_clock() - begin;
  SWL_TRY(status);
  run->loss_sum += run->trainer->step.tilt.loss;
  run->value_sum += run->trainer->step.tilt.value;
  run->summed++;
  if (run->trainer->monotone.violated > violated) SWL_TRY(swl_record_violation(run));
  const int last = run->trainer->update >= run->planned || (limit > 0 && run->seconds >= limit);
  if (run->trainer->update % run->every == 0 || last) SWL_TRY(run_evaluate(run));
  *done = last;
  return SWALE_OK;
}

swale_status swale_run_finish(swale_run *run, swale_stop stop) {
  const swl_setup *setup = &run->setup;
  if (run->summed || run->evaluations == 0) SWL_TRY(run_evaluate(run));
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    SWL_TRY(swl_assess(run->assessor, run->trainer->x, &setup->dataset.split[split], &run->now[split]));
  }
  if (run->folder[0]) {
    char path[SWL_TEXT_MAX + 32];
    const size_t classes = setup->dataset.class_names ? setup->dataset.outputs : 0;
    const char **names = swl_arena_take(run->arena, classes, sizeof *names);
    if (!names) return SWALE_ERROR_MEMORY;
    for (size_t i = 0; i < classes; i++) names[i] = setup->dataset.class_names[i];
    const swl_model model = {setup->network,       run->trainer->x, setup->dataset.shift,
                             setup->dataset.scale, classes,         names};
    snprintf(path, sizeof path, "%s/model.safetensors", run->folder);
    SWL_TRY(swl_model_write(run->context, path, &model));
  }
  return swl_record_final(run, stop);
}

const char *swale_run_folder(const swale_run *run) { return run->folder; }
const char *swale_run_json(const swale_run *run) { return run->json; }
int swale_run_classifies(const swale_run *run) { return run->setup.dataset.classification; }
const char *swale_run_model(const swale_run *run) { return run->setup.network.spec; }

double swale_run_number(const swale_run *run, swale_number number) {
  const swl_settings *settings = &run->trainer->settings;
  const swl_monotone *monotone = &run->trainer->monotone;
  switch (number) {
  case SWALE_NUMBER_UPDATES: return (double)run->trainer->update;
  case SWALE_NUMBER_UPDATES_PLANNED: return (double)run->planned;
  case SWALE_NUMBER_EPOCHS: return (double)run->trainer->update / (double)run->per_epoch;
  case SWALE_NUMBER_DRAWS: return (double)run->trainer->draws;
  case SWALE_NUMBER_SECONDS: return run->seconds;
  case SWALE_NUMBER_DIM: return (double)run->setup.network.dim;
  case SWALE_NUMBER_EVALUATIONS: return (double)run->evaluations;
  case SWALE_NUMBER_RECENT_LOSS: return run->summed ? run->loss_sum / (double)run->summed : run->recent_loss;
  case SWALE_NUMBER_RECENT_VALUE: return run->summed ? run->value_sum / (double)run->summed : run->recent_value;
  case SWALE_NUMBER_ESS_FRACTION: return run->trainer->step.tilt.ess / (double)settings->samples;
  case SWALE_NUMBER_VALIDATION_LOSS: return run->now[SWL_SPLIT_VALIDATION].loss;
  case SWALE_NUMBER_VALIDATION_ACCURACY: return run->now[SWL_SPLIT_VALIDATION].accuracy;
  case SWALE_NUMBER_TRAIN_LOSS: return run->now[SWL_SPLIT_TRAIN].loss;
  case SWALE_NUMBER_TRAIN_ACCURACY: return run->now[SWL_SPLIT_TRAIN].accuracy;
  case SWALE_NUMBER_TEST_LOSS: return run->now[SWL_SPLIT_TEST].loss;
  case SWALE_NUMBER_TEST_ACCURACY: return run->now[SWL_SPLIT_TEST].accuracy;
  case SWALE_NUMBER_HELD: return (double)monotone->held;
  case SWALE_NUMBER_UNDECIDED: return (double)monotone->undecided;
  case SWALE_NUMBER_VIOLATED: return (double)monotone->violated;
  }
  return NAN;
}
