/* folder.c - the run folder: which one, and what is in it from the first moment. */
#include "train/folder.h"

#include "files/run_files.h"
#include "parallel/ranks.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The configuration can be fed back: it does not name this folder, nor how this run reported. */
static const char *const folder_own[][2] = {{"out", "auto"}, {"json", "false"}, {"progress", "false"}};
enum { FOLDER_OWN = sizeof folder_own / sizeof *folder_own };

static int folder_is_own(const char *name) {
  size_t i = 0;
  while (i < FOLDER_OWN && strcmp(folder_own[i][0], name) != 0) i++;
  return i < FOLDER_OWN;
}

/* What the options became, and which of them did not apply, as comments: the configuration itself stays as it was given,
 * so that a change of one option on top of it still decides the others. */
static void folder_note(const swale_run *run, FILE *stream) {
  size_t said = 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    char given[SWL_TEXT_MAX], used[SWL_TEXT_MAX];
    swl_value_text(info, (const char *)swl_options_settings(run->given) + info->offset, given);
    if (!swl_used_text(run->used, i, used) || strcmp(given, used) == 0) continue;
    if (folder_is_own(swale_option_name(info))) continue;
    if (said++ == 0) fputs("\n# What options became in this run:\n", stream);
    fprintf(stream, "# %s = %s\n", swale_option_name(info), used);
  }
  fputs("\n# Of no effect in this run:", stream);
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    if (run->used->use[i] == SWL_USE_NONE) fprintf(stream, " %s", swale_option_name(swale_option_at(i)));
  }
  fputs("\n", stream);
}

swale_status swl_folder_open_config(swale_run *run, swl_output *output) {
  char path[SWL_PATH_MAX];
  for (size_t i = 0; i < FOLDER_OWN; i++) SWL_TRY(swale_options_set(run->given, folder_own[i][0], folder_own[i][1]));
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_CONFIG, path));
  SWL_TRY(swl_output_open(run->context, path, output));
  swale_status status = swl_options_write(run->context, run->given, output->stream);
  if (status == SWALE_OK) folder_note(run, output->stream); /* a failure shows at the commit */
  if (status != SWALE_OK) swl_output_abandon(output);
  return status;
}

static swale_status folder_write_config(swale_run *run) {
  swl_output output;
  SWL_TRY(swl_folder_open_config(run, &output));
  return swl_output_commit(run->context, &output);
}

/* Create runs/N with the first free N, or the folder that was asked for. */
static swale_status folder_create(swale_run *run, const char *out) {
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

swale_status swl_folder_open_events(swale_run *run) {
  char path[SWL_PATH_MAX];
  if (!run->folder[0] || !swl_options_settings(run->options)->tensorboard) return SWALE_OK;
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_EVENTS, path));
  return swl_tfevents_open(run->context, path, (double)time(NULL), (int64_t)run->trainer->update, &run->events);
}

swale_status swl_folder_open(swale_run *run) {
  char out[SWL_TEXT_MAX], path[SWL_PATH_MAX];
  if (swl_ranks_rank(swl_context_ranks(run->context)) > 0) return SWALE_OK; /* one of them writes */
  snprintf(out, sizeof out, "%s", swl_options_settings(run->options)->out);
  SWL_TRY(folder_create(run, out));
  if (!run->folder[0]) return SWALE_OK;
  SWL_TRY(swl_run_file(run->context, run->folder, SWL_RUN_LOG, path));
  SWL_TRY(swl_jsonl_open(run->context, path, &run->log)); /* locked before there is a configuration to resume from */
  SWL_TRY(folder_write_config(run));
  return swl_folder_open_events(run);
}

/* Undo run_open_folder. Only files that this run made are removed. */
void swl_folder_remove(swale_run *run) {
  static const char *const made[] = {SWL_RUN_CONFIG, SWL_RUN_LOG, SWL_RUN_EVENTS};
  char path[SWL_PATH_MAX];
  if (!run->folder[0]) return;
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    if (swl_run_file(run->context, run->folder, made[i], path) == SWALE_OK) (void)remove(path);
  }
  (void)remove(run->folder);
}

/* A folder that exists, or whose files would have too long a path, is refused before the work of loading. */
swale_status swl_folder_check(swale_run *run) {
  const char *out = swl_options_settings(run->options)->out;
  struct stat info;
  if (swl_ranks_rank(swl_context_ranks(run->context)) > 0) return SWALE_OK; /* rank 0 may have made it already */
  if (strlen(out) > SWL_FOLDER_MAX) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option out: it has %zu bytes; allowed are at most %d",
                    strlen(out), SWL_FOLDER_MAX);
  }
  if (out[0] == '-') { /* no command would take it for a folder */
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option out: '%s' begins with a hyphen; './%s' may be meant", out,
                    out);
  }
  if (strcmp(out, "auto") == 0 || strcmp(out, "none") == 0 || stat(out, &info) != 0) return SWALE_OK;
  return swl_fail(run->context, SWALE_ERROR_EXISTS, "option out: '%s' exists already; a run needs a new folder", out);
}
