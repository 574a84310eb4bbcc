/* record_begin.c - what a run was when it began, or went on: the first record of its log, which is the truth about it.
 *
 * {"event":"begin", …, "options":{"data":"digits", …}}: every option of the table by its name, as text that
 * swale_options_set takes, or null where it did not apply. The checksums are those of the examples of each split.
 */
#include "train/record_begin.h"

#include "base/path.h"
#include "numeric/numeric.h"
#include "parallel/ranks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the trainer's settings leave open, because data, budget or folder decide it. */
static void begin_settings(const swale_run *run, swl_settings *settings) {
  const swl_setup *setup = &run->setup;
  const int64_t examples = (int64_t)setup->dataset.split[SWL_SPLIT_TRAIN].count;
  if (swl_options_settings(run->given)->updates > 0)
    settings->epochs = (swl_auto){0, (double)run->planned / (double)run->per_epoch};
  if (settings->batch == 0) settings->batch = examples;
  settings->evaluate_every = (int64_t)run->every;
  settings->standardize = swl_standardize_as(settings->standardize, setup->dataset.schema.height > 0);
  if (setup->dataset.schema.target && strlen(setup->dataset.schema.target) < SWL_TEXT_MAX) {
    strcpy(settings->target, setup->dataset.schema.target);
  }
}

swale_status swl_run_use(swale_run *run, const swl_settings *resolved) {
  run->used = swl_arena_take(run->arena, 1, sizeof *run->used);
  if (!run->used) return SWALE_ERROR_MEMORY;
  swl_settings *settings = &run->used->settings;
  *settings = *resolved;
  begin_settings(run, settings);
  swl_used_make(settings, run->used);
  if (run->setup.from_file) run->used->use[swl_option_find("standardize")] = SWL_USE_NONE; /* it is the file's */
  return SWALE_OK;
}

/* The options as fields: texts, or NULL where one did not apply. */
static swale_status begin_options(const swale_run *run, swl_field **fields) {
  char(*texts)[SWL_TEXT_MAX] = swl_arena_take(run->arena, SWL_OPTION_COUNT, sizeof *texts);
  *fields = swl_arena_take(run->arena, SWL_OPTION_COUNT, sizeof **fields);
  if (!texts || !*fields) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    (*fields)[i] = (swl_field){.name = swale_option_name(swale_option_at(i)),
                               .type = SWL_FIELD_TEXT,
                               .text = swl_used_text(run->used, i, texts[i])};
  }
  return SWALE_OK;
}

swale_status swl_record_begin(swale_run *run, swale_event event) {
  const swl_setup *setup = &run->setup;
  const swl_table *split = setup->dataset.split;
  char sum[SWL_SPLIT_COUNT][16], directory[SWL_PATH_MAX];
  char instructions[128];
  swl_field *options = NULL;
  swl_instruction_set(instructions, sizeof instructions);
  if (run->folder[0]) strcpy(run->used->settings.out, run->folder);
  SWL_TRY(begin_options(run, &options));
  for (int i = 0; i < SWL_SPLIT_COUNT; i++) snprintf(sum[i], sizeof sum[i], "%08lx", (unsigned long)split[i].checksum);
  const swl_field fields[] = {
      swl_text_field(SWL_KEY_EVENT, swl_event_name(event)),
      swl_count_field(SWL_KEY_UPDATE, run->trainer->update),
      swl_text_field(SWL_KEY_VERSION, swale_version()),
      swl_text_field(SWL_KEY_INSTRUCTIONS, instructions),
      swl_count_field(SWL_KEY_TRAINING, split[SWL_SPLIT_TRAIN].count),
      swl_count_field(SWL_KEY_VALIDATION, split[SWL_SPLIT_VALIDATION].count),
      swl_count_field(SWL_KEY_TEST, split[SWL_SPLIT_TEST].count),
      swl_text_field(SWL_KEY_TRAINING_CHECKSUM, sum[SWL_SPLIT_TRAIN]),
      swl_text_field(SWL_KEY_VALIDATION_CHECKSUM, sum[SWL_SPLIT_VALIDATION]),
      swl_text_field(SWL_KEY_TEST_CHECKSUM, sum[SWL_SPLIT_TEST]),
      swl_count_field(SWL_KEY_INPUTS, setup->dataset.schema.inputs),
      swl_count_field(SWL_KEY_OUTPUTS, setup->dataset.schema.outputs),
      swl_count_field(SWL_KEY_DIM, setup->network.dim),
      swl_count_field(SWL_KEY_RANKS, swl_ranks_size(swl_context_ranks(run->context))),
      swl_text_field(SWL_KEY_DIRECTORY, getcwd(directory, sizeof directory)),
      {.name = swl_key_name(SWL_KEY_OPTIONS), .type = SWL_FIELD_OBJECT, .members = options, .count = SWL_OPTION_COUNT},
  };
  const size_t count = sizeof fields / sizeof *fields;
  run->begun = swl_arena_take(run->arena, SWL_JSONL_LINE_MAX, 1);
  if (!run->begun) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_json_line(run->context, fields, count, run->begun, SWL_JSONL_LINE_MAX));
  run->begun[strcspn(run->begun, "\n")] = '\0';
  return run->log ? swl_jsonl_append(run->log, fields, count) : SWALE_OK;
}
