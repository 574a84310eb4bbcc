/* resume.c - a run that stopped, for whatever reason, goes on where it was.
 *
 * steps  (1) the folder, and the lock of its log (2) its newest whole checkpoint (3) the options of that, with what may
 *        change, and what they had become (stored.c) (4) the run as swale_run_create builds it (5) its state (6) only now is anything of the folder changed:
 *        the log is cut to where the checkpoint was, the configuration written anew.
 * A run that was killed before its first checkpoint begins again, from config.conf. One that ended, or made a model, and has
 * no checkpoint is refused: beginning again would replace what it made.
 */
#include "files/keys.h"
#include "files/run_files.h"
#include "options/table.h"
#include "parallel/ranks.h"
#include "train/checkpoint_files.h"
#include "train/folder.h"
#include "train/record_begin.h"
#include "train/stored.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* (3) */
static swale_status resume_change(const swale_options *changes, swale_options *options) {
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *name = swale_option_name(info);
    char old[SWL_TEXT_MAX], new[SWL_TEXT_MAX];
    if (!swl_options_is_set(changes, name)) continue;
    SWL_TRY(swale_options_get(options, name, old, sizeof old));
    SWL_TRY(swale_options_get(changes, name, new, sizeof new));
    if (strcmp(old, new) == 0) continue;
    if (!swale_option_resumes(info)) {
      return swl_fail(swl_options_context(changes), SWALE_ERROR_USAGE,
                      "option %s: '%.128s', but the run was begun with '%.128s'; what may change is %s", name, new, old,
                      swl_options_that_resume());
    }
    SWL_TRY(swale_options_set(options, name, new));
  }
  if (swl_options_is_set(changes, "epochs") && !swl_options_is_set(changes, "updates")) {
    SWL_TRY(swale_options_set(options, "updates", "0")); /* the budget is in epochs now */
  }
  return SWALE_OK;
}

/* (1) */
static swale_status resume_folder(swale_run *run, const char *folder) {
  char path[SWL_PATH_MAX];
  const size_t length = swl_path_length(folder);
  if (length == 0 || length > SWL_FOLDER_MAX) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "the path of the run has %zu bytes; allowed are 1 to %d", length,
                    SWL_FOLDER_MAX);
  }
  memcpy(run->folder, folder, length);
  run->folder[length] = '\0';
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_CONFIG, path));
  if (access(path, F_OK)) {
    return swl_fail(run->context, SWALE_ERROR_IO, "'%s' is not a run to go on with: it has no %s", run->folder,
                    SWL_RUN_CONFIG);
  }
  if (swl_ranks_rank(swl_context_ranks(run->context)) > 0) return SWALE_OK; /* one of them writes */
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_LOG, path));
  if (access(path, F_OK)) { /* it is older than config.conf, and opening would make one */
    return swl_fail(run->context, SWALE_ERROR_IO, "'%s' is not a run to go on with: it has no %s", run->folder,
                    SWL_RUN_LOG);
  }
  return swl_jsonl_open(run->context, path, &run->log);
}

/* 1 if the log has the record of an end. */
static int resume_has_ended(const swl_records *records) {
  for (size_t i = 0; i < records->count; i++) {
    if (swl_record_event(&records->record[i]) == SWALE_EVENT_FINAL) return 1;
  }
  return 0;
}

/* Without a checkpoint: may the run begin again? Of ranks one looks. */
static swale_status resume_begins(const swale_run *run, swl_arena *arena) {
  char path[SWL_PATH_MAX];
  swl_records records = {.count = 0};
  struct stat info;
  if (!run->log) return SWALE_OK;
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_MODEL, path));
  const int made = lstat(path, &info) == 0;
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_LOG, path));
  if (!made) SWL_TRY(swl_jsonl_read(run->context, arena, path, &records));
  if (made || resume_has_ended(&records)) {
    return swl_fail(
        run->context, SWALE_ERROR_EXISTS,
        "'%s' has no checkpoint to go on from, and %s: beginning again would replace it; give a new run its "
        "configuration (config.conf) or its model",
        run->folder, made ? "a model" : "a log that has an end");
  }
  swl_log(run->context, "'%s' has no checkpoint: the run begins again", run->folder);
  return SWALE_OK;
}

/* (2), (3) The options become the run's. */
static swale_status resume_options(swale_run *run, swl_arena *arena, const swale_options *changes,
                                   swl_safetensors *file) {
  char path[SWL_PATH_MAX];
  const swl_snapshot empty = swl_run_snapshot(run);
  SWL_TRY(swl_checkpoint_find(&empty, arena, file));
  if (file->tensor_count == 0) SWL_TRY(swl_ranks_agree(swl_context_ranks(run->context), resume_begins(run, arena)));
  SWL_TRY(swale_options_create(run->context, &run->options));
  if (file->tensor_count > 0) {
    SWL_TRY(swl_checkpoint_options(&empty, file, run->options));
    SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_LOG, path));
    SWL_TRY(swl_stored_find(run, arena, path));
  } else {
    SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_CONFIG, path));
    SWL_TRY(swale_options_read(run->options, path));
  }
  return resume_change(changes, run->options);
}

/* A budget that is smaller than what the run has made would be a lie in its config.conf. */
static swale_status resume_budget(const swale_run *run) {
  const uint64_t made = run->trainer->update;
  if (made <= run->planned) return SWALE_OK;
  return swl_fail(
      run->context, SWALE_ERROR_USAGE,
      "options epochs, updates: a budget of %llu updates, but the run has made %llu; allowed are as many or "
      "more",
      (unsigned long long)run->planned, (unsigned long long)made);
}

/* arena: for what is read, until it is in its place. */
static swale_status resume(swale_run *run, swl_arena *arena, const swale_options *changes, const char *folder,
                           const swale_data *data, uint64_t *cut) {
  swl_safetensors file;
  uint64_t log = 0;
  SWL_TRY(resume_folder(run, folder));
  SWL_TRY(resume_options(run, arena, changes, &file));
  if (data) SWL_TRY(swl_run_take_arrays(run, data));
  SWL_TRY(swl_run_build(run)); /* (4) */
  const swl_snapshot built = swl_run_snapshot(run);
  if (file.tensor_count > 0) SWL_TRY(swl_checkpoint_apply(&built, &run->checkpoints, &file, &log)); /* (5) */
  SWL_TRY(swl_stored_check(run));
  SWL_TRY(resume_budget(run));
  run->spent = swl_run_is_out_of_time(run);
  if (swl_run_is_over(run)) {
    swl_log(run->context,
            "nothing is left to do after update %llu; more epochs, updates, seconds or patience make the "
            "run longer",
            (unsigned long long)run->trainer->update);
  }
  *cut = log;
  return SWALE_OK;
}

/* The log is cut, and the configuration gets its name: both or neither. */
static swale_status resume_commit(swale_run *run, swl_arena *arena, uint64_t log, swl_output *config) {
  swl_jsonl_rest rest;
  swale_status status = swl_folder_open_events(run);
  if (status == SWALE_OK) status = swl_jsonl_tail(run->log, log, arena, &rest);
  if (status == SWALE_OK) status = swl_jsonl_cut(run->log, log);
  if (status != SWALE_OK) {
    swl_output_abandon(config);
    return status;
  }
  status = swl_record_begin(run, log > 0 ? SWALE_EVENT_RESUME : SWALE_EVENT_BEGIN);
  if (status == SWALE_OK) status = swl_output_commit(run->context, config);
  if (status == SWALE_OK) return SWALE_OK;
  swl_output_abandon(config);
  if (swl_jsonl_cut(run->log, log) == SWALE_OK) swl_jsonl_restore(run->log, &rest);
  return status;
}

/* (6) By rank 0, once every rank has read what it needs. */
static swale_status resume_write(swale_run *run, swl_arena *arena, uint64_t log) {
  swl_output config;
  if (!run->log) {
    run->folder[0] = '\0';
    return SWALE_OK;
  }
  SWL_TRY(swl_folder_open_config(run, &config)); /* a folder or a disk that refuses it does so here */
  return resume_commit(run, arena, log, &config);
}

static swale_status resume_together(const swale_options *changes, const char *folder, const swale_data *data,
                                    swale_run **run) {
  swl_ranks *ranks = swl_context_ranks(swl_options_context(changes));
  swl_arena *arena = NULL;
  swale_run *made = NULL;
  uint64_t log = 0;
  swale_status status = swl_arena_create(swl_options_context(changes), &arena);
  if (status == SWALE_OK) status = swl_run_begin(swl_options_context(changes), &made);
  if (status == SWALE_OK) status = resume(made, arena, changes, folder, data, &log);
  status = swl_ranks_settle(ranks, status, NULL);
  if (status == SWALE_OK && made) status = swl_ranks_settle(ranks, resume_write(made, arena, log), NULL);
  swl_arena_destroy(arena);
  if (status != SWALE_OK) {
    swale_run_destroy(made);
    return status;
  }
  *run = made;
  return SWALE_OK;
}

swale_status swale_run_resume(const swale_options *changes, const char *folder, swale_run **run) {
  return resume_together(changes, folder, NULL, run);
}

swale_status swale_run_resume_with(const swale_options *changes, const char *folder, const swale_data *data,
                                   swale_run **run) {
  return resume_together(changes, folder, data, run);
}
