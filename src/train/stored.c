/* stored.c - what a run used stays what it uses: the last beginning or resumption in its log says it.
 *
 * steps  (1) plan and resolve, as this library does (2) if an option that was left to be decided would now become something
 *        else than the log says, all those become what the log says; then (1) once more. An option that was given, or was decided
 *        when the data were loaded, and differs is refused, unless it may change on resume. What does not apply is not compared.
 */
#include "train/stored.h"

#include "files/begin.h"
#include "train/plan.h"
#include "train/record_begin.h"
#include "train/resolve.h"

#include <string.h>

swale_status swl_stored_find(swale_run *run, swl_arena *arena, const char *path) {
  swl_records records = {.count = 0};
  swl_begin *begin = swl_arena_take(run->arena, 1, sizeof *begin);
  if (!begin) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_jsonl_read(run->context, arena, path, &records));
  SWL_TRY(swl_begin_find(run->context, path, &records, begin));
  if (begin->record) run->stored = &begin->used;
  return SWALE_OK;
}

/* 1 if the option has two values, and they differ. */
static int stored_differs(const swale_run *run, size_t i, char then[SWL_TEXT_MAX], char now[SWL_TEXT_MAX]) {
  if (!swl_option_changes_results(swale_option_at(i))) return 0;
  return swl_used_text(run->stored, i, then) && swl_used_text(run->used, i, now) && strcmp(then, now) != 0;
}

/* 1 if the option was left to be decided after the data were loaded. Of what may change on resume: how long the run goes and
 * how often it looks, but a budget of updates says how many epochs they are. */
static int stored_is_open(const swale_run *run, size_t i) {
  const swale_option_info *info = swale_option_at(i);
  const char *name = swale_option_name(info), *other = strcmp(name, "epochs") == 0 ? "updates" : name;
  if (swale_option_resumes(info) && strcmp(info->group, "run") != 0) return 0;
  return swl_option_changes_results(info) && !swl_options_is_changed(run->given, name) &&
         !swl_options_is_changed(run->given, other) && strcmp(info->group, "data") != 0 &&
         strcmp(info->group, "model") != 0;
}

/* (1) */
static swale_status stored_plan(swale_run *run, swl_settings *settings) {
  SWL_TRY(swl_run_plan(run));
  return swl_settings_resolve(run->context, run->options, 1, settings);
}

/* (2) All at once: what one of them is may decide another. */
static swale_status stored_keep(swale_run *run) {
  char then[SWL_TEXT_MAX];
  swale_options_destroy(run->options);
  run->options = NULL;
  SWL_TRY(swl_options_copy(run->given, &run->options));
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    if (!stored_is_open(run, i) || !swl_used_text(run->stored, i, then)) continue;
    SWL_TRY(swale_options_set(run->options, swale_option_name(swale_option_at(i)), then));
  }
  return SWALE_OK;
}

swale_status swl_stored_plan(swale_run *run, swl_settings *settings) {
  char then[SWL_TEXT_MAX], now[SWL_TEXT_MAX];
  int differs = 0;
  SWL_TRY(stored_plan(run, settings));
  if (!run->stored) return SWALE_OK;
  SWL_TRY(swl_run_use(run, settings));
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    if (!stored_is_open(run, i) || !stored_differs(run, i, then, now)) continue;
    swl_log(run->context, "option %s: '%.128s', as the run has used so far; it would now be '%.128s'",
            swale_option_name(swale_option_at(i)), then, now);
    differs = 1;
  }
  if (!differs) return SWALE_OK;
  SWL_TRY(stored_keep(run));
  return stored_plan(run, settings);
}

swale_status swl_stored_check(const swale_run *run) {
  char then[SWL_TEXT_MAX], now[SWL_TEXT_MAX];
  for (size_t i = 0; run->stored && i < SWL_OPTION_COUNT; i++) {
    if (swale_option_resumes(swale_option_at(i)) || !stored_differs(run, i, then, now)) continue;
    return swl_fail(run->context, SWALE_ERROR_USAGE,
                    "option %s: '%.128s', but the log of '%s' says that the run used '%.128s'; it must be the same",
                    swale_option_name(swale_option_at(i)), now, run->folder, then);
  }
  return SWALE_OK;
}
