/* evaluation_data.c - which examples are measured, and are they those of the run that made the model?
 *
 * The split belongs to the run: the log beside the model says what its data was, how it was split, and the checksums of its
 * splits (record_begin.c). The examples of a split are the run's if their checksum is: whatever else was said, a split that
 * is not is never called test.
 *
 * steps     (1) what the run used becomes the options that were not set; a path from where the run was started, if it is
 *           not found from here (2) load, split as the run did (3) the split whose checksum is the run's: that of the option,
 *           or test (4) else all rows, loaded anew without a split; a split that was asked for by name is refused, but a test
 *           set of the source's own.
 * An older log has no checksums: then it is assumed that nothing has changed, and said.
 */
#include "train/evaluation_parts.h"

#include "data/split.h"
#include "files/begin.h"
#include "files/keys.h"
#include "files/run_files.h"
#include "options/table.h"
#include "train/resolve.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DATA_SAID_MAX = 512, DATA_RUN = -1 };

static const swl_record_key data_checksums[SWL_SPLIT_COUNT] = {SWL_KEY_TRAINING_CHECKSUM, SWL_KEY_VALIDATION_CHECKSUM,
                                                               SWL_KEY_TEST_CHECKSUM};

/* What is known of the run that made the model. */
typedef struct data_run {
  swl_begin begin;
  char log[SWL_PATH_MAX];             /* what says it; "" = nothing does */
  char directory[SWL_PATH_MAX];       /* where the run was started; "" = not known */
  char checksum[SWL_SPLIT_COUNT][16]; /* "" = not known */
} data_run;

static int data_is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* The name of a file beside the model. 0 if it is too long. */
static int data_beside(const char *model, const char *name, char path[SWL_PATH_MAX]) {
  const char *slash = strrchr(model, '/');
  const int folder = slash ? (int)(slash - model + 1) : 0;
  return snprintf(path, SWL_PATH_MAX, "%.*s%s", folder, model, name) < SWL_PATH_MAX;
}

static void data_take_record(data_run *run) {
  const swl_record *record = run->begin.record;
  const char *directory = swl_key_text(record, SWL_KEY_DIRECTORY);
  snprintf(run->directory, sizeof run->directory, "%s", directory ? directory : "");
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const char *checksum = swl_key_text(record, data_checksums[split]);
    snprintf(run->checksum[split], sizeof run->checksum[split], "%s", checksum ? checksum : "");
  }
}

/* What the log beside the model says; else, of an older run, what config.conf lets guess. */
static swale_status data_find_run(swale_evaluation *evaluation, data_run *run) {
  swale_context *context = evaluation->context;
  swl_records records = {.count = 0};
  char path[SWL_PATH_MAX];
  swale_options *options = NULL;
  if (data_beside(evaluation->path, SWL_RUN_LOG, path) && data_is_file(path)) {
    SWL_TRY(swl_jsonl_read(context, evaluation->arena, path, &records));
    SWL_TRY(swl_begin_find(context, path, &records, &run->begin));
    snprintf(run->log, sizeof run->log, "%s", run->begin.record ? path : "");
    if (run->begin.record) data_take_record(run);
    if (run->begin.record) return SWALE_OK;
  }
  if (!data_beside(evaluation->path, SWL_RUN_CONFIG, path) || !data_is_file(path)) return SWALE_OK;
  SWL_TRY(swale_options_create(context, &options));
  swale_status status = swale_options_read(options, path);
  if (status == SWALE_OK) {
    swl_settings *settings = &run->begin.used.settings;
    *settings = *swl_options_settings(options);
    if (settings->split_seed == SWL_AUTO_COUNT) settings->split_seed = settings->seed;
    swl_used_make(settings, &run->begin.used);
    snprintf(run->log, sizeof run->log, "%s", path);
  }
  swale_options_destroy(options);
  return status;
}

/* The file of a source, such as csv:FILE; NULL where it has none. */
static const char *data_file(const char *source) {
  const size_t length = strcspn(source, ":");
  const int file = strncmp(source, "csv:", length + 1) == 0 || strncmp(source, "idx:", length + 1) == 0;
  return file && source[length] && strcmp(source + length, ":-") != 0 ? source + length + 1 : NULL;
}

/* A source of the run, or a text that ends in the path `file`, as it is found from here. */
static void data_from_here(const data_run *run, char source[SWL_TEXT_MAX], const char *file) {
  char there[SWL_PATH_MAX + SWL_TEXT_MAX];
  struct stat info;
  if (!file || !file[0] || file[0] == '/' || !run->directory[0] || stat(file, &info) == 0) return;
  const int prefix = (int)(file - source);
  const int length = snprintf(there, sizeof there, "%.*s%s/%s", prefix, source, run->directory, file);
  if (length < SWL_TEXT_MAX && stat(there + prefix, &info) == 0) memcpy(source, there, (size_t)length + 1);
}

/* (1) */
static swale_status data_adopt(swale_evaluation *evaluation, const data_run *run) {
  char said[DATA_SAID_MAX] = "", value[SWL_TEXT_MAX];
  size_t used = 0;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *name = swale_option_name(info);
    if (strcmp(swale_option_group(info), "data") != 0 || strcmp(name, "standardize") == 0) continue;
    if (swl_options_is_set(evaluation->options, name) || !swl_used_text(&run->begin.used, i, value)) continue;
    data_from_here(run, value, strcmp(name, "split-file") == 0 ? value : data_file(value));
    SWL_TRY(swale_options_set(evaluation->options, name, value));
    if (strcmp(value, swale_option_default(info)) == 0 || used >= sizeof said) continue;
    used += (size_t)snprintf(said + used, sizeof said - used, "%s%s=%s", used ? " " : "", name, value);
  }
  if (used) swl_log(evaluation->context, "data as in %s: %s", run->log, said);
  return SWALE_OK;
}

/* 1 if the examples of the split are the run's. */
static int data_is_own(const swale_evaluation *evaluation, const data_run *run, int split) {
  char sum[16];
  snprintf(sum, sizeof sum, "%08lx", (unsigned long)evaluation->setup.dataset.split[split].checksum);
  return strcmp(sum, run->checksum[split]) == 0;
}

static int data_is_wholly_own(const swale_evaluation *evaluation, const data_run *run) {
  int own = 1;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) own &= data_is_own(evaluation, run, split);
  return own;
}

/* 1 if the source brings a test set, which no training example comes into. */
static int data_has_test(const swl_settings *settings) { return strncmp(settings->data, "csv:", 4) != 0; }

/* The splits behind each other. */
static swale_status data_join(swale_evaluation *evaluation) {
  const swl_table *split = evaluation->setup.dataset.split;
  const size_t inputs = evaluation->setup.network.inputs, outputs = evaluation->setup.network.outputs;
  swl_table *all = swl_arena_take(evaluation->arena, 1, sizeof *all);
  if (!all) return SWALE_ERROR_MEMORY;
  size_t parts = 0, last = 0, at = 0;
  int labels = 0, targets = 0, weights = 0;
  for (size_t i = 0; i < SWL_SPLIT_COUNT; i++) {
    if (split[i].count == 0) continue;
    parts++;
    last = i;
    all->count += split[i].count;
    labels |= split[i].labels != NULL;
    targets |= split[i].targets != NULL;
    weights |= split[i].weights != NULL;
  }
  evaluation->table = parts == 1 ? &split[last] : all;
  if (parts == 1) return SWALE_OK;
  all->inputs = swl_arena_take(evaluation->arena, all->count, inputs * sizeof *all->inputs);
  if (labels) all->labels = swl_arena_take(evaluation->arena, all->count, sizeof *all->labels);
  if (targets) all->targets = swl_arena_take(evaluation->arena, all->count, outputs * sizeof *all->targets);
  if (weights) all->weights = swl_arena_take(evaluation->arena, all->count, sizeof *all->weights);
  const int missing = (labels && !all->labels) || (targets && !all->targets) || (weights && !all->weights);
  if (!all->inputs || missing) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < SWL_SPLIT_COUNT; i++) {
    const swl_table *part = &split[i];
    if (part->count == 0) continue;
    memcpy(all->inputs + at * inputs, part->inputs, part->count * inputs * sizeof *all->inputs);
    if (all->labels && part->labels) memcpy(all->labels + at, part->labels, part->count * sizeof *all->labels);
    if (all->targets && part->targets)
      memcpy(all->targets + at * outputs, part->targets, part->count * outputs * sizeof *all->targets);
    for (size_t j = 0; weights && j < part->count; j++) all->weights[at + j] = part->weights ? part->weights[j] : 1;
    at += part->count;
  }
  return SWALE_OK;
}

static swale_status data_load(swale_evaluation *evaluation, const swl_schema *schema) {
  return swl_setup_data(evaluation->arena, evaluation->options, NULL, SWL_STANDARDIZE_NONE, schema,
                        &evaluation->setup.dataset);
}

/* (4) All rows: nothing is cut off, nothing kept aside. */
static swale_status data_load_all(swale_evaluation *evaluation, const swl_schema *schema) {
  static const char *const none[][2] = {{"validation", "0"}, {"test", "0"},     {"limit", "0"},
                                        {"split-file", ""},  {"test-data", ""}, {"validation-data", ""}};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    SWL_TRY(swale_options_set(evaluation->options, none[i][0], none[i][1]));
  }
  SWL_TRY(data_load(evaluation, schema));
  evaluation->split = "all";
  return data_join(evaluation);
}

static swale_status data_empty(const swale_evaluation *evaluation, int split) {
  if (evaluation->setup.dataset.split[split].count > 0) return SWALE_OK;
  return swl_fail(evaluation->context, SWALE_ERROR_USAGE, "option split: '%s', but %s has no such examples",
                  swl_split_names[split], swl_options_settings(evaluation->options)->data);
}

static swale_status data_take(swale_evaluation *evaluation, int split) {
  SWL_TRY(data_empty(evaluation, split));
  evaluation->split = swl_split_names[split];
  evaluation->table = &evaluation->setup.dataset.split[split];
  return SWALE_OK;
}

/* (3) The split that was asked for; SWL_SPLIT_COUNT: all; DATA_RUN: auto. */
static int data_wanted(swl_word word) {
  switch (word) {
  case SWL_EXAMPLES_ALL: return SWL_SPLIT_COUNT;
  case SWL_EXAMPLES_TRAINING: return SWL_SPLIT_TRAIN;
  case SWL_EXAMPLES_VALIDATION: return SWL_SPLIT_VALIDATION;
  case SWL_EXAMPLES_TEST: return SWL_SPLIT_TEST;
  default: return DATA_RUN;
  }
}

static swale_status data_refuse(const swale_evaluation *evaluation, const data_run *run, int split) {
  return swl_fail(
      evaluation->context, SWALE_ERROR_USAGE,
      "option split: '%s', but %.400s is not what %.400s says the model was trained on, split in the same way: which "
      "examples those are is not known; allowed are all, and the test set of a source that has one",
      swl_split_names[split], swl_options_settings(evaluation->options)->data,
      run->log[0] ? run->log : "nothing (there is no log beside it)");
}

/* 1 if the options name the source that the run had. */
static int data_is_same_source(const swale_evaluation *evaluation, const data_run *run) {
  const char *here = swl_options_settings(evaluation->options)->data;
  char there[SWL_TEXT_MAX];
  struct stat a, b;
  if (!swl_used_text(&run->begin.used, swl_option_find("data"), there)) return 0;
  data_from_here(run, there, data_file(there));
  if (strcmp(here, there) == 0) return 1;
  const char *one = data_file(here), *other = data_file(there);
  return one && other && stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* (2), (3) The run's own source, split as the run did. *done: the examples are chosen. */
static swale_status data_own(swale_evaluation *evaluation, const data_run *run, const swl_schema *schema, int wanted,
                             int *done) {
  const int split = wanted == DATA_RUN ? SWL_SPLIT_TEST : wanted;
  const int guess = run->begin.record == NULL;
  const swale_status status = data_load(evaluation, schema);
  if (status == SWALE_ERROR_MEMORY) return status;
  if (status != SWALE_OK) return wanted == DATA_RUN || wanted == SWL_SPLIT_COUNT ? SWALE_OK : status;
  if (guess)
    swl_log(evaluation->context, "%s is of an older version: which examples are for the test is guessed", run->log);
  const int tests = evaluation->setup.dataset.split[SWL_SPLIT_TEST].count > 0;
  if (split == SWL_SPLIT_COUNT || (wanted == DATA_RUN && !tests)) return SWALE_OK;
  *done = guess || data_is_own(evaluation, run, split);
  if (!*done) return SWALE_OK;
  evaluation->own = 1;
  return data_take(evaluation, split);
}

swale_status swl_evaluation_data(swale_evaluation *evaluation) {
  data_run *run = swl_arena_take(evaluation->arena, 1, sizeof *run);
  swl_schema schema;
  int done = 0;
  if (!run) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_setup_model(evaluation->arena, evaluation->options, &evaluation->setup, &schema));
  SWL_TRY(data_find_run(evaluation, run));
  if (run->log[0]) SWL_TRY(data_adopt(evaluation, run)); /* (1) */
  const int wanted = data_wanted(evaluation->settings.split), same = data_is_same_source(evaluation, run);
  if (same) SWL_TRY(data_own(evaluation, run, &schema, wanted, &done)); /* (2), (3) */
  if (done) return SWALE_OK;
  if (wanted == SWL_SPLIT_TEST && data_has_test(swl_options_settings(evaluation->options))) {
    SWL_TRY(data_load(evaluation, &schema));
    return data_take(evaluation, SWL_SPLIT_TEST);
  }
  if (wanted != DATA_RUN && wanted != SWL_SPLIT_COUNT) return data_refuse(evaluation, run, wanted);
  evaluation->own = same && run->begin.record && data_is_wholly_own(evaluation, run);
  if (evaluation->own) {
    evaluation->split = "all";
    return data_join(evaluation);
  }
  if (same && run->begin.record) {
    swl_log(evaluation->context,
            "%s, or how it is split, has changed since the run: all rows are measured, and the model may have "
            "been trained on some",
            swl_options_settings(evaluation->options)->data);
  } else if (!same) {
    swl_log(evaluation->context, "%s is not the data of the run: all rows are measured",
            swl_options_settings(evaluation->options)->data);
  }
  return data_load_all(evaluation, &schema);
}
