/* run.c - a training run from options to model file. */
#include "train/run_parts.h"

#include "files/run_files.h"
#include "train/clock.h"
#include "train/folder.h"
#include "train/record.h"
#include "train/record_begin.h"
#include "train/resolve.h"
#include "train/run_data.h"
#include "train/same.h"
#include "train/state.h"
#include "train/stored.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static size_t run_most(const swl_dataset *dataset) {
  size_t most = 0;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    if (dataset->split[split].count > most) most = dataset->split[split].count;
  }
  return most;
}

/* What training would not look at is refused, like every option that does not apply. */
static swale_status run_check_options(const swale_run *run) {
  for (size_t i = 0; swale_option_at(i); i++) {
    const swale_option_info *info = swale_option_at(i);
    if (strcmp(swale_option_group(info), "evaluate") != 0) continue;
    if (!swl_options_is_changed(run->options, swale_option_name(info))) continue;
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option %s applies to swale evaluate, not to training",
                    swale_option_name(info));
  }
  return SWALE_OK;
}

swale_status swl_run_build(swale_run *run) {
  swl_setup *setup = &run->setup;
  swl_settings settings;
  SWL_TRY(run_check_options(run));
  SWL_TRY(swl_settings_resolve(run->context, run->options, 1, &settings)); /* refuse what cannot work before loading */
  SWL_TRY(swl_setup_load(run->arena, run->options, setup));
  SWL_TRY(swl_same_dataset(run->context, &setup->dataset));
  SWL_TRY(swl_options_copy(run->options, &run->given));
  SWL_TRY(swl_stored_plan(run, &settings));
  SWL_TRY(swl_same_settings(run->context, &settings, setup->network.dim));
  SWL_TRY(swl_same_network(run->context, setup));
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
  SWL_TRY(swl_trainer_make(run->options, run->problem, &run->trainer));
  SWL_TRY(swale_trainer_set_parameters(run->trainer, setup->x));
  SWL_TRY(swl_assessor_create(run->arena, &setup->network, swl_kernels_find(swl_word_text(settings.kernels)),
                              run_most(&setup->dataset), run->trainer->team, &run->assessor));
  SWL_TRY(swl_control_create(run->arena, run->trainer, run->assessor, &setup->dataset, &run->control));
  return swl_run_use(run, &run->trainer->settings);
}

static const double run_patience = 60; /* seconds that a person would wonder about */

/* A rank that is stopped, or hangs, is no error that could be seen here: all that can be done is to say it. */
void swl_run_wait(swale_run *run, double now, int first) {
  if (first) run->waits = now;
  if (now - run->waits < run_patience) return;
  run->waits = INFINITY;
  swl_log(run->context, "waiting for other ranks for %.0f s now; one may be stopped, or hang", run_patience);
}

static void run_waits(void *user, int first) { swl_run_wait(user, swl_clock(), first); }

swale_status swl_run_begin(swale_context *context, swale_run **run) {
  swl_arena *arena = NULL;
  swale_run *made = swl_arena_owner(context, sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  made->arena = arena;
  made->checkpoints.last = swl_clock();
  made->progress.recent_loss = made->progress.recent_value = NAN;
  made->measures = SWL_MEASURES_NONE;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) made->progress.now[split] = (swl_assessment){0, NAN, NAN};
  swl_context_set_waits(context, run_waits, made);
  *run = made;
  return SWALE_OK;
}

swl_snapshot swl_run_snapshot(swale_run *run) {
  return (swl_snapshot){.context = run->context,
                        .folder = run->folder,
                        .log = run->log,
                        .given = run->given,
                        .setup = &run->setup,
                        .trainer = run->trainer,
                        .control = &run->control,
                        .progress = &run->progress};
}

swale_status swl_run_take_arrays(swale_run *run, const swale_data *data) {
  run->setup.arrays = swl_data_arrays(data);
  if (!run->setup.arrays) return swl_fail(run->context, SWALE_ERROR_USAGE, "the data set was not made of arrays");
  if (swl_options_is_changed(run->options, "data") &&
      strcmp(swl_options_settings(run->options)->data, SWL_ARRAYS_SOURCE) != 0) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option data: '%.256s', but the run is given arrays",
                    swl_options_settings(run->options)->data);
  }
  return swale_options_set(run->options, "data", SWL_ARRAYS_SOURCE);
}

static swale_status run_create(const swale_options *options, const swale_data *data, swale_run **run) {
  swale_run *made = NULL;
  SWL_TRY(swl_run_begin(swl_options_context(options), &made));
  swale_status status = swl_options_copy(options, &made->options);
  if (status == SWALE_OK && data) status = swl_run_take_arrays(made, data);
  if (status == SWALE_OK) status = swl_folder_check(made);
  if (status == SWALE_OK) status = swl_run_build(made);
  if (status == SWALE_OK) status = swl_folder_open(made);
  if (status == SWALE_OK) status = swl_record_begin(made, SWALE_EVENT_BEGIN);
  if (status != SWALE_OK) {
    swl_folder_remove(made);
    swale_run_destroy(made);
    return status;
  }
  *run = made;
  return SWALE_OK;
}

static swl_ranks *run_ranks(const swale_run *run) { return swl_context_ranks(run->context); }

static swale_status run_create_together(const swale_options *options, const swale_data *data, swale_run **run) {
  swale_run *made = NULL;
  const swale_status mine = run_create(options, data, &made);
  const swale_status status = swl_ranks_settle(swl_context_ranks(swl_options_context(options)), mine, NULL);
  if (status != SWALE_OK && made) { /* another rank failed */
    swl_folder_remove(made);
    swale_run_destroy(made);
  }
  if (status == SWALE_OK) *run = made;
  return status;
}

swale_status swale_run_create(const swale_options *options, swale_run **run) {
  return run_create_together(options, NULL, run);
}

swale_status swale_run_create_with(const swale_options *options, const swale_data *data, swale_run **run) {
  return run_create_together(options, data, run);
}

void swale_run_destroy(swale_run *run) {
  if (!run) return;
  swl_context_set_waits(run->context, NULL, NULL);
  swl_tfevents_close(run->events);
  swl_jsonl_close(run->log);
  swale_trainer_destroy(run->trainer);
  swale_problem_destroy(run->problem);
  swale_options_destroy(run->given);
  swale_options_destroy(run->options);
  swl_arena_destroy(run->arena);
}

/* To the log, to TensorBoard, to the program. */
static swale_status run_write(swale_run *run, swale_event event, const swl_field *fields, size_t count) {
  if (run->log) SWL_TRY(swl_jsonl_append(run->log, fields, count));
  if (run->events) {
    const char *section = event == SWALE_EVENT_FINAL ? swl_event_name(event) : NULL;
    const double now = (double)time(NULL);
    SWL_TRY(swl_tfevents_append(run->events, now, (int64_t)run->trainer->update, section, fields, count));
  }
  SWL_TRY(swl_json_line(run->context, fields, count, run->json, sizeof run->json));
  run->json[strcspn(run->json, "\n")] = '\0';
  if (run->told) run->told(run->told_user, run->json);
  return SWALE_OK;
}

static swale_status run_evaluate(swale_run *run, swl_wrong *wrong) {
  swl_progress *progress = &run->progress;
  swl_field fields[SWL_RECORD_FIELDS_MAX];
  progress->recent_loss = progress->summed ? progress->loss_sum / (double)progress->summed : NAN;
  progress->recent_value = progress->summed ? progress->value_sum / (double)progress->summed : NAN;
  progress->loss_sum = progress->value_sum = 0;
  progress->summed = 0;
  SWL_TRY(swl_assess(run->assessor, swale_trainer_average(run->trainer),
                     &run->setup.dataset.split[SWL_SPLIT_VALIDATION], &progress->now[SWL_SPLIT_VALIDATION]));
  progress->evaluations++;
  SWL_TRY(run_write(run, SWALE_EVENT_EVALUATION, fields, swl_record_evaluation(run, fields)));
  return swl_control_evaluated(&run->control, &progress->now[SWL_SPLIT_VALIDATION], wrong);
}

static void run_count(swale_run *run) {
  swl_progress *progress = &run->progress;
  progress->loss_sum += run->trainer->step.tilt.loss;
  progress->value_sum += run->trainer->step.tilt.value;
  progress->summed++;
}

int swl_run_is_out_of_time(const swale_run *run) {
  const double limit = swl_options_settings(run->options)->seconds;
  return limit > 0 && run->progress.seconds >= limit;
}

int swl_run_is_over(swale_run *run) {
  const uint64_t patience = (uint64_t)run->trainer->settings.patience;
  const int spent = run->trainer->update >= run->planned || run->spent;
  const int tired = patience > 0 && run->control.worse >= patience;
  if (spent || tired) run->control.stop = spent ? SWALE_STOP_BUDGET : SWALE_STOP_PATIENCE;
  return spent || tired;
}

enum { RUN_ON, RUN_SAVE, RUN_SPENT, RUN_ASKED }; /* in the order of their weight, where ranks differ */

/* Is there a reason to stop now? Only rank 0 looks at the clock. */
static int run_asks(void *user) {
  swale_run *run = user;
  if (run->asked && run->asked(run->asked_user)) return RUN_ASKED;
  run->progress.seconds = run->clock.before + swl_clock() - run->clock.begin;
  return swl_ranks_rank(run_ranks(run)) == 0 && swl_run_is_out_of_time(run) ? RUN_SPENT : RUN_ON;
}

/* One update, and on all ranks whether to go on after it. It is given up where that is known between two of its rounds. */
static swale_status run_step(swale_run *run, int *stop) {
  swale_trainer *trainer = run->trainer;
  const swl_snapshot snapshot = swl_run_snapshot(run);
  const double begin = swl_clock(), before = run->progress.seconds;
  run->clock.begin = begin;
  run->clock.before = before;
  trainer->asks = run_asks;
  trainer->asks_user = run;
  const swale_status mine = swl_trainer_update(trainer);
  const int asked = trainer->stop ? trainer->stop : run_asks(run);
  swl_pulse pulse = {asked                                                              ? asked
                     : swl_checkpoint_is_due(&snapshot, &run->checkpoints, swl_clock()) ? RUN_SAVE
                                                                                        : RUN_ON,
                     swl_trainer_check(trainer)};
  const swale_status status = swl_ranks_settle(run_ranks(run), mine, &pulse);
  run->progress.seconds = before + swl_clock() - begin;
  run->spent = pulse.stop == RUN_SPENT;
  *stop = pulse.stop;
  return status;
}

/* Back to the last good state; what was summed since is of another future. */
static swale_status run_restore(swale_run *run, swl_wrong wrong) {
  swl_field fields[SWL_RECORD_FIELDS_MAX];
  swl_restored restored;
  run->progress.loss_sum = run->progress.value_sum = 0;
  run->progress.summed = 0;
  SWL_TRY(swl_control_restore(&run->control, wrong, &restored));
  return run_write(run, SWALE_EVENT_RESTORED, fields, swl_record_restored(run, &restored, fields));
}

/* After the update: what may be written is written, or tried. The end by time is not one of the evaluations here: a run
 * that goes on from there must not have seen it. */
static swale_status run_after(swale_run *run, swale_status updated, swl_wrong wrong) {
  swl_field fields[SWL_RECORD_FIELDS_MAX];
  if (updated == SWALE_OK && run->trainer->monotone.on) {
    SWL_TRY(run_write(run, SWALE_EVENT_MONOTONE, fields, swl_record_monotone(run, fields)));
  }
  if (wrong != SWL_WRONG_NOTHING) SWL_TRY(run_restore(run, wrong));
  if (run->trainer->update % run->every != 0 && run->trainer->update < run->planned) return SWALE_OK;
  SWL_TRY(run_evaluate(run, &wrong));
  return wrong == SWL_WRONG_NOTHING ? SWALE_OK : run_restore(run, wrong);
}

static swale_status run_update(swale_run *run, int *stop) {
  swl_wrong wrong = SWL_WRONG_NOTHING;
  const swale_status status = run_step(run, stop);
  if (status != SWALE_OK && status != SWALE_ERROR_NUMERIC) return status;
  if (run->trainer->stop) return SWALE_OK; /* no update was made */
  SWL_TRY(swl_control_update(&run->control, status, &wrong));
  if (wrong == SWL_WRONG_NOTHING) run_count(run);
  return swl_ranks_settle(run_ranks(run), run_after(run, status, wrong), NULL);
}

swale_status swale_run_advance(swale_run *run, int *done) {
  int stop = RUN_ON;
  if (!swl_run_is_over(run)) SWL_TRY(run_update(run, &stop));
  *done = swl_run_is_over(run) || stop == RUN_ASKED;
  if (*done || stop != RUN_SAVE) return SWALE_OK;
  SWL_TRY(swl_state_collect(run->trainer, &run->control.good));
  const swl_snapshot snapshot = swl_run_snapshot(run);
  swl_checkpoint_save(&snapshot, &run->checkpoints);
  return SWALE_OK;
}

void swale_run_set_stop(swale_run *run, int (*asked)(void *user), void *user) {
  run->asked = asked;
  run->asked_user = user;
}

swale_stop swale_run_stop(const swale_run *run) { return run->control.stop; }

static swale_status run_finish(swale_run *run, swale_stop stop) {
  const swl_setup *setup = &run->setup;
  swl_wrong wrong = SWL_WRONG_NOTHING; /* too late to go back */
  char unsaved[512] = "";
  swl_field fields[SWL_RECORD_FIELDS_MAX];
  const swl_snapshot snapshot = swl_run_snapshot(run);
  const swl_progress *progress = &run->progress;
  SWL_TRY(swl_state_collect(run->trainer, &run->control.good));
  const swale_status saved = swl_checkpoint_write(
      &snapshot, &run->checkpoints); /* before the evaluation that only this end asks for */
  if (saved != SWALE_OK) snprintf(unsaved, sizeof unsaved, "%s", swale_context_message(run->context));
  if (progress->summed || progress->evaluations == 0) SWL_TRY(run_evaluate(run, &wrong));
  float *x = swl_control_parameters(&run->control);
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    SWL_TRY(swl_assess(run->assessor, x, &setup->dataset.split[split], &run->progress.now[split]));
  }
  const swl_table *test = &setup->dataset.split[SWL_SPLIT_TEST];
  if (test->count > 0) {
    const swl_kernels *kernels = swl_kernels_find(swl_word_text(run->trainer->settings.kernels));
    SWL_TRY(swl_measure(run->arena, run->trainer->team, kernels, &setup->network, &setup->dataset.schema, x, test,
                        &run->measures));
  }
  if (run->folder[0]) {
    char path[SWL_PATH_MAX];
    const swl_model model = {.network = setup->network, .x = x, .schema = setup->dataset.schema, .used = run->used};
    SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_MODEL, path));
    SWL_TRY(swl_model_write(run->context, path, &model));
  }
  SWL_TRY(run_write(run, SWALE_EVENT_FINAL, fields, swl_record_final(run, stop, fields)));
  return saved == SWALE_OK ? SWALE_OK
                           : swl_fail(run->context, saved, "no checkpoint: %s%s", unsaved,
                                      run->folder[0] ? "; the model and the log are written" : "");
}

void swale_run_tell(swale_run *run, swale_log_fn told, void *user) {
  run->told = told;
  run->told_user = user;
  if (told && run->begun) told(user, run->begun);
}

swale_status swale_run_finish(swale_run *run, swale_stop stop) {
  return swl_ranks_settle(run_ranks(run), run_finish(run, stop), NULL);
}
