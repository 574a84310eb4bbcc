/* load.c - what is in a run folder? log.jsonl must be there and be that of a run; the rest may be missing. */
#include "report/load.h"

#include "files/begin.h"
#include "files/file_bytes.h"
#include "files/run_files.h"
#include "report/measured_check.h"
#include "train/resolve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LOAD_CONFIG_MAX = 1 << 20 };

/* A record that a run writes has an event; the numbers that a report cannot do without are numbers. */
static swale_status load_check(swale_context *context, const char *path, const swl_record *record) {
  const swale_event event = swl_record_event(record);
  if (event == SWALE_EVENT_NONE) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%s:%zu: there is no text 'event'; this is not the log of a run", path,
                    record->line);
  }
  const int begins = event == SWALE_EVENT_BEGIN || event == SWALE_EVENT_RESUME;
  const swl_record_key needed = event == SWALE_EVENT_FINAL ? SWL_KEY_UPDATES : SWL_KEY_UPDATE;
  const double number = swl_key_real(record, needed);
  /* a later version may write more events */
  if (event == SWALE_EVENT_OTHER || begins || (isfinite(number) && number >= 0)) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_FORMAT, "%s:%zu: '%s' is not a number of updates", path, record->line,
                  swl_key_name(needed));
}

/* The log, its records sorted by event. */
static swale_status load_log(swale_context *context, swl_arena *arena, swl_report_run *run) {
  char path[SWL_PATH_MAX];
  size_t begun = 0;
  SWL_TRY(swl_run_file(context, run->folder, SWL_RUN_LOG, path));
  SWL_TRY(swl_jsonl_read(context, arena, path, &run->log));
  run->evaluation = swl_arena_take(arena, run->log.count, sizeof *run->evaluation);
  run->restored = swl_arena_take(arena, run->log.count, sizeof *run->restored);
  run->monotone = swl_arena_take(arena, run->log.count, sizeof *run->monotone);
  if (!run->evaluation || !run->restored || !run->monotone) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < run->log.count; i++) {
    const swl_record *record = &run->log.record[i];
    SWL_TRY(load_check(context, path, record));
    switch (swl_record_event(record)) {
    case SWALE_EVENT_BEGIN:
    case SWALE_EVENT_RESUME: begun++; break;
    case SWALE_EVENT_EVALUATION: run->evaluation[run->evaluation_count++] = record; break;
    case SWALE_EVENT_RESTORED: run->restored[run->restored_count++] = record; break;
    case SWALE_EVENT_MONOTONE: run->monotone[run->monotone_count++] = record; break;
    case SWALE_EVENT_FINAL: run->final = record; break;
    case SWALE_EVENT_NONE:
    case SWALE_EVENT_OTHER: break;
    }
  }
  swl_begin *begin = swl_arena_take(arena, 1, sizeof *begin);
  if (!begin) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_begin_find(context, path, &run->log, begin));
  run->resolved = begin->record != NULL;
  run->used = begin->used;
  if (run->log.count > begun) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_FORMAT, "'%s' has no record: the run ended before its first evaluation", path);
}

/* The text of config.conf; and the settings that it means, where the log does not say what was used. */
static swale_status load_config(swale_context *context, swl_arena *arena, swl_report_run *run) {
  char path[SWL_PATH_MAX];
  struct stat info;
  swl_file_bytes file;
  swale_options *options = NULL;
  SWL_TRY(swl_run_file(context, run->folder, SWL_RUN_CONFIG, path));
  if (stat(path, &info)) return SWALE_OK;
  SWL_TRY(swale_options_create(context, &options));
  swale_status status = swale_options_read(options, path);
  if (status == SWALE_OK) {
    if (!run->resolved && swl_settings_resolve(context, options, 1, &run->used.settings) == SWALE_OK) {
      run->resolved = run->guessed = 1;
      swl_used_make(&run->used.settings, &run->used);
    }
    status = swl_file_open(context, path, &file);
  }
  swale_options_destroy(options);
  if (status != SWALE_OK) return status;
  const size_t size = file.size < LOAD_CONFIG_MAX ? file.size : LOAD_CONFIG_MAX;
  char *text = swl_arena_take(arena, size + 1, 1);
  status = text ? swl_file_read(&file, text, size) : SWALE_ERROR_MEMORY;
  swl_file_close(&file);
  if (status == SWALE_OK) run->config = text;
  return status;
}

/* The message of the context, kept; SWALE_ERROR_MEMORY where that is what failed. */
static swale_status load_sentence(swale_context *context, swl_arena *arena, swale_status failed,
                                  const char **sentence) {
  if (failed == SWALE_ERROR_MEMORY) return failed;
  *sentence = swl_arena_text(arena, swale_context_message(context));
  return *sentence ? SWALE_OK : SWALE_ERROR_MEMORY;
}

/* A model that cannot be read leaves a sentence, not a failure: what the log says is worth a page without it. */
static swale_status load_model(swale_context *context, swl_arena *arena, swl_report_run *run) {
  char path[SWL_PATH_MAX];
  SWL_TRY(swl_run_file(context, run->folder, SWL_RUN_MODEL, path));
  swl_model *model = swl_arena_take(arena, 1, sizeof *model);
  if (!model) return SWALE_ERROR_MEMORY;
  const swale_status status = swl_model_read(context, arena, path, model);
  if (status != SWALE_OK) return load_sentence(context, arena, status, &run->model_gone);
  run->model = model;
  return SWALE_OK;
}

/* So does an evaluation that cannot be read, or is none, or that of another model. */
static swale_status load_measured(swale_context *context, swl_arena *arena, swl_report_run *run) {
  char path[SWL_PATH_MAX];
  struct stat info;
  SWL_TRY(swl_run_file(context, run->folder, SWL_RUN_EVALUATION, path));
  if (stat(path, &info)) return SWALE_OK;
  swl_json_value *measured = swl_arena_take(arena, 1, sizeof *measured);
  if (!measured) return SWALE_ERROR_MEMORY;
  swale_status status = swl_json_read(context, arena, path, measured);
  if (status == SWALE_OK) status = swl_report_check_measured(context, path, measured, run->model);
  if (status != SWALE_OK) return load_sentence(context, arena, status, &run->measured_gone);
  run->measured = measured;
  return SWALE_OK;
}

swale_status swl_report_load(swale_context *context, swl_arena *arena, const char *folder, swl_report_run *run) {
  *run = (swl_report_run){.folder = folder};
  SWL_TRY(load_log(context, arena, run));
  SWL_TRY(load_config(context, arena, run));
  SWL_TRY(load_model(context, arena, run));
  return load_measured(context, arena, run);
}
