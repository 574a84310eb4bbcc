/* checkpoint.c - see checkpoint.h. */
#include "train/checkpoint.h"

#include "data/checksum.h"
#include "options/number.h"
#include "options/table.h"
#include "parallel/ranks.h"
#include "train/checkpoint_files.h"
#include "train/checkpoint_values.h"
#include "train/clock.h"
#include "train/state.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CHECKPOINT_FORMAT "swale-checkpoint 1"
#define CHECKPOINT_OPTION "option."

static const double checkpoint_share = 0.01; /* of the time that writing them may take, where time decides */
enum { CHECKPOINT_EXAMPLES = 1000 };         /* whose inputs the checksum of the data looks at: below a millisecond */

/* --- tensors ------------------------------------------------------------------------------------------------------ */

/* A vector of the run that a checkpoint holds under `name`: rows × dim. */
typedef struct checkpoint_tensor {
  const char *name;
  size_t rows;
  float *data; /* NULL: this run has none */
} checkpoint_tensor;

enum { CHECKPOINT_STATE = 3, CHECKPOINT_TENSORS = 2 * CHECKPOINT_STATE + 1 };

/* The current state, the good one in the same order, the best parameters. */
static void checkpoint_tensors(const swl_snapshot *run, checkpoint_tensor tensors[CHECKPOINT_TENSORS]) {
  const swale_trainer *trainer = run->trainer;
  const swl_state *good = &run->control->good;
  size_t rows = 0;
  float *memory = swl_state_memory(trainer, &rows);
  const checkpoint_tensor all[CHECKPOINT_TENSORS] = {{"x", 1, trainer->x},
                                                     {"optimizer", rows, memory},
                                                     {"average", 1, trainer->average.mean},
                                                     {"good.x", 1, good->x},
                                                     {"good.optimizer", rows, good->optimizer},
                                                     {"good.average", 1, good->mean},
                                                     {"best", 1, run->control->best}};
  memcpy(tensors, all, sizeof all);
}

/* 1 if the good state is the current one, as after an evaluation: it is not written twice then. */
static int checkpoint_is_good(const swl_snapshot *run, const checkpoint_tensor tensors[CHECKPOINT_TENSORS]) {
  for (size_t i = 0; i < CHECKPOINT_STATE; i++) {
    const size_t bytes = tensors[i].rows * run->setup->network.dim * sizeof(float);
    if (!tensors[i].data) continue;
    if (memcmp(tensors[i].data, tensors[i + CHECKPOINT_STATE].data, bytes) != 0) return 0;
  }
  return 1;
}

/* --- the data ----------------------------------------------------------------------------------------------------- */

/* Counts, labels and targets of all examples that training or an evaluation on the way looks at, and the inputs of some:
 * standardized, so that most changes of others are seen too. */
static uint32_t checkpoint_data(const swl_dataset *dataset) {
  uint32_t sum = 0;
  for (int split = 0; split < SWL_SPLIT_TEST; split++) {
    sum = swl_dataset_checksum(sum, dataset, (swl_split)split, CHECKPOINT_EXAMPLES);
  }
  return sum;
}

static uint32_t checkpoint_data_known(const swl_snapshot *run, swl_checkpoints *checkpoints) {
  if (!checkpoints->data_known) checkpoints->data = checkpoint_data(&run->setup->dataset);
  checkpoints->data_known = 1;
  return checkpoints->data;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

enum {
  CHECKPOINT_PAIRS = SWL_CHECKPOINT_VALUES_MAX + SWL_OPTION_COUNT + 8,
  CHECKPOINT_TEXT = (SWL_CHECKPOINT_VALUES_MAX + 8) * (SWL_CHECKPOINT_NAME_MAX + SWL_CHECKPOINT_TEXT_MAX) +
                    SWL_OPTION_COUNT * (SWL_OPTION_NAME_MAX + SWL_TEXT_MAX + 16)
};

/* Everything that goes into the file but the numbers of the tensors, which stay where they are. */
typedef struct checkpoint_writer {
  swl_metadata pairs[CHECKPOINT_PAIRS];
  swl_tensor tensors[CHECKPOINT_TENSORS];
  size_t pair_count, tensor_count, used; /* used: of text */
  char text[CHECKPOINT_TEXT];
  swl_checkpoint_value values[SWL_CHECKPOINT_VALUES_MAX];
} checkpoint_writer;

static const char *checkpoint_keep(checkpoint_writer *writer, const char *first, const char *second) {
  char *kept = writer->text + writer->used;
  writer->used += (size_t)snprintf(kept, CHECKPOINT_TEXT - writer->used, "%s%s", first, second) + 1;
  return kept;
}

static void checkpoint_put(checkpoint_writer *writer, const char *group, const char *name, const char *value) {
  const char *key = checkpoint_keep(writer, group, name);
  writer->pairs[writer->pair_count++] = (swl_metadata){key, checkpoint_keep(writer, value, "")};
}

static void checkpoint_put_count(checkpoint_writer *writer, const char *name, uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, value);
  checkpoint_put(writer, "", name, text);
}

static swale_status checkpoint_put_options(checkpoint_writer *writer, const swale_options *options) {
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const char *name = swale_option_name(swale_option_at(i));
    char value[SWL_TEXT_MAX];
    if (!swl_options_is_set(options, name)) continue;
    SWL_TRY(swale_options_get(options, name, value, sizeof value));
    checkpoint_put(writer, CHECKPOINT_OPTION, name, value);
  }
  return SWALE_OK;
}

static swale_status checkpoint_fill(const swl_snapshot *run, swl_checkpoints *checkpoints, checkpoint_writer *writer) {
  checkpoint_tensor tensors[CHECKPOINT_TENSORS];
  uint64_t log = 0;
  SWL_TRY(swl_jsonl_sync(run->log, &log));
  checkpoint_put(writer, "", "format", CHECKPOINT_FORMAT);
  checkpoint_put(writer, "", "library", swale_version());
  checkpoint_put(writer, "", "model", run->setup->network.spec);
  checkpoint_put_count(writer, "data", checkpoint_data_known(run, checkpoints));
  checkpoint_put_count(writer, "log", log);
  const size_t count = swl_checkpoint_values(run->progress, run->control, run->setup->network.depth, writer->values);
  for (size_t i = 0; i < count; i++) {
    char text[SWL_CHECKPOINT_TEXT_MAX];
    swl_checkpoint_value_text(&writer->values[i], text);
    checkpoint_put(writer, "", writer->values[i].name, text);
  }
  SWL_TRY(checkpoint_put_options(writer, run->given));
  checkpoint_tensors(run, tensors);
  const int good = checkpoint_is_good(run, tensors);
  for (size_t i = 0; i < CHECKPOINT_TENSORS; i++) {
    const int again = good && i >= CHECKPOINT_STATE && i < 2 * CHECKPOINT_STATE;
    if (!tensors[i].data || again) continue;
    swl_tensor *tensor = &writer->tensors[writer->tensor_count++];
    *tensor = (swl_tensor){
        .dimensions = 2, .shape = {tensors[i].rows, run->setup->network.dim}, .data = tensors[i].data};
    snprintf(tensor->name, sizeof tensor->name, "%s", tensors[i].name);
  }
  return SWALE_OK;
}

swale_status swl_checkpoint_write(const swl_snapshot *run, swl_checkpoints *checkpoints) {
  const size_t keep = (size_t)swl_options_settings(run->given)->checkpoints;
  char path[SWL_CHECKPOINT_PATH_MAX];
  if (!run->folder[0] || keep == 0) return SWALE_OK;
  checkpoint_writer *writer = swl_allocate(run->context, 1, sizeof *writer);
  if (!writer) return SWALE_ERROR_MEMORY;
  swl_checkpoint_path(run->folder, run->trainer->update, path);
  swale_status status = checkpoint_fill(run, checkpoints, writer);
  if (status == SWALE_OK) {
    status = swl_safetensors_write(run->context, path, writer->tensors, writer->tensor_count, writer->pairs,
                                   writer->pair_count);
  }
  swl_release(run->context, writer);
  if (status != SWALE_OK) return status;
  swl_checkpoint_prune(run->context, run->folder, run->trainer->update, keep);
  checkpoints->written = 1;
  checkpoints->saved = run->trainer->update;
  return SWALE_OK;
}

int swl_checkpoint_is_due(const swl_snapshot *run, swl_checkpoints *checkpoints, double now) {
  const swl_settings *settings = swl_options_settings(run->given);
  const uint64_t every = (uint64_t)settings->checkpoint_every;
  if (!run->folder[0] || settings->checkpoints == 0) return 0;
  if (checkpoints->wait == 0) checkpoints->wait = settings->checkpoint_seconds;
  return (every > 0 && run->trainer->update % every == 0) ||
         (settings->checkpoint_seconds > 0 && now - checkpoints->last >= checkpoints->wait);
}

void swl_checkpoint_save(const swl_snapshot *run, swl_checkpoints *checkpoints) {
  const double now = swl_clock(), least = swl_options_settings(run->given)->checkpoint_seconds;
  if (swl_checkpoint_write(run, checkpoints) != SWALE_OK) {
    char why[512];
    snprintf(why, sizeof why, "%s", swale_context_message(run->context));
    swl_log(run->context, "no checkpoint at update %llu: %s; training goes on, and the older ones stay",
            (unsigned long long)run->trainer->update, why);
  }
  checkpoints->last = swl_clock();
  checkpoints->wait = fmax(least, (checkpoints->last - now) / checkpoint_share);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* The text under that key; NULL, with the error recorded, if there is none. */
static const char *checkpoint_text(const swl_snapshot *run, const swl_safetensors *file, const char *key) {
  const char *text = swl_safetensors_metadata(file, key);
  if (!text) swl_explain(run->context, "the checkpoint of '%s' has no '%s' in its metadata", run->folder, key);
  return text;
}

static swale_status checkpoint_count(const swl_snapshot *run, const swl_safetensors *file, const char *key,
                                     uint64_t *count) {
  const swl_checkpoint_value value = {.count = count};
  const char *text = checkpoint_text(run, file, key);
  if (!text) return SWALE_ERROR_FORMAT;
  if (swl_checkpoint_value_parse(&value, text)) return SWALE_OK;
  return swl_fail(run->context, SWALE_ERROR_FORMAT, "the checkpoint of '%s': '%s' is no count", run->folder, key);
}

/* (1) whole (2) of this format (3) with a log that goes as far. */
static swale_status checkpoint_read(const swl_snapshot *run, swl_arena *arena, const char *path,
                                    swl_safetensors *file) {
  swl_safetensors made = {.tensor_count = 0};
  uint64_t log = 0;
  SWL_TRY(swl_safetensors_check_seal(run->context, path, 1));
  SWL_TRY(swl_safetensors_read(run->context, arena, path, &made));
  const char *format = checkpoint_text(run, &made, "format");
  if (!format) return SWALE_ERROR_FORMAT;
  if (strcmp(format, CHECKPOINT_FORMAT) != 0) {
    return swl_fail(run->context, SWALE_ERROR_FORMAT, "'%s' has the format '%.64s'; this version reads '%s'", path,
                    format, CHECKPOINT_FORMAT);
  }
  SWL_TRY(checkpoint_count(run, &made, "log", &log));
  if (run->log) SWL_TRY(swl_jsonl_check(run->log, log)); /* of ranks one has it */
  *file = made;
  return SWALE_OK;
}

static swale_status checkpoint_newest(const swl_snapshot *run, swl_arena *arena, swl_safetensors *file,
                                      uint64_t *update) {
  swl_checkpoint_files files;
  char path[SWL_CHECKPOINT_PATH_MAX], why[512];
  SWL_TRY(swl_checkpoint_list(run->context, run->folder, UINT64_MAX, &files));
  for (size_t i = 0; i < files.count; i++) {
    swl_checkpoint_path(run->folder, files.update[i], path);
    const swale_status status = checkpoint_read(run, arena, path, file);
    if (status == SWALE_OK) *update = files.update[i];
    if (status == SWALE_OK || status == SWALE_ERROR_MEMORY) return status;
    snprintf(why, sizeof why, "%s", swale_context_message(run->context));
    if (i + 1 == files.count)
      return swl_fail(run->context, status, "%s; there is no older checkpoint to go on from", why);
    swl_log(run->context, "%s; going on from the older checkpoint of update %llu", why,
            (unsigned long long)files.update[i + 1]);
  }
  return SWALE_OK;
}

/* Of ranks one has the log, and looks; the others take what it found, or say why they cannot. */
swale_status swl_checkpoint_find(const swl_snapshot *run, swl_arena *arena, swl_safetensors *file) {
  swl_ranks *ranks = swl_context_ranks(run->context);
  const int looks = swl_ranks_rank(ranks) == 0;
  uint64_t update = UINT64_MAX; /* none */
  char path[SWL_CHECKPOINT_PATH_MAX];
  *file = (swl_safetensors){.tensor_count = 0};
  SWL_TRY(swl_ranks_agree(ranks, looks ? checkpoint_newest(run, arena, file, &update) : SWALE_OK));
  SWL_TRY(swl_ranks_tell(ranks, &update, sizeof update));
  if (looks || update == UINT64_MAX) return SWALE_OK;
  swl_checkpoint_path(run->folder, update, path);
  return checkpoint_read(run, arena, path, file);
}

swale_status swl_checkpoint_options(const swl_snapshot *run, const swl_safetensors *file, swale_options *options) {
  const char *version = checkpoint_text(run, file, "library");
  if (!version) return SWALE_ERROR_FORMAT;
  for (size_t i = 0; i < file->metadata_count; i++) {
    const swl_metadata *pair = &file->metadata[i];
    if (strncmp(pair->key, CHECKPOINT_OPTION, sizeof CHECKPOINT_OPTION - 1) != 0) continue;
    SWL_TRY(swale_options_set(options, pair->key + sizeof CHECKPOINT_OPTION - 1, pair->value));
  }
  if (strcmp(version, swale_version()) != 0) {
    swl_log(run->context, "the run was begun by version %.32s, and this is %s: what follows may differ in its bytes",
            version, swale_version());
  }
  return SWALE_OK;
}

/* Is it the same network on the same data? */
static swale_status checkpoint_fits(const swl_snapshot *run, swl_checkpoints *checkpoints,
                                    const swl_safetensors *file) {
  const char *spec = checkpoint_text(run, file, "model");
  uint64_t data = 0;
  if (!spec) return SWALE_ERROR_FORMAT;
  if (strcmp(spec, run->setup->network.spec) != 0) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option model: %s; the run in '%s' trains %.512s",
                    run->setup->network.spec, run->folder, spec);
  }
  SWL_TRY(checkpoint_count(run, file, "data", &data));
  if (data == checkpoint_data_known(run, checkpoints)) return SWALE_OK;
  return swl_fail(run->context, SWALE_ERROR_USAGE,
                  "option data: '%.256s' is not what the run in '%s' was trained on; it must be the same",
                  swl_options_settings(run->given)->data, run->folder);
}

/* The tensor into its place. */
static swale_status checkpoint_take(const swl_snapshot *run, const swl_safetensors *file, const checkpoint_tensor *to) {
  const size_t dim = run->setup->network.dim;
  const swl_tensor *tensor = swl_safetensors_find(file, to->name);
  if (!tensor || tensor->dimensions != 2 || tensor->shape[0] != to->rows || tensor->shape[1] != dim) {
    return swl_fail(run->context, SWALE_ERROR_FORMAT, "the checkpoint of '%s' has no tensor '%s' of shape %zu × %zu",
                    run->folder, to->name, to->rows, dim);
  }
  for (size_t i = 0; i < to->rows * dim; i++) {
    if (isfinite(tensor->data[i])) continue;
    return swl_fail(run->context, SWALE_ERROR_FORMAT, "the checkpoint of '%s': number %zu of '%s' is not finite",
                    run->folder, i, to->name);
  }
  memcpy(to->data, tensor->data, to->rows * dim * sizeof(float));
  return SWALE_OK;
}

static swale_status checkpoint_take_tensors(const swl_snapshot *run, const swl_safetensors *file) {
  checkpoint_tensor tensors[CHECKPOINT_TENSORS];
  swl_control *control = run->control;
  checkpoint_tensors(run, tensors);
  const int good = swl_safetensors_find(file, tensors[CHECKPOINT_STATE].name) != NULL;
  for (size_t i = 0; i < 2 * CHECKPOINT_STATE; i++) {
    checkpoint_tensor from = tensors[i];
    if (!from.data) continue;
    if (!good) from.name = tensors[i % CHECKPOINT_STATE].name;
    SWL_TRY(checkpoint_take(run, file, &from));
  }
  const checkpoint_tensor *best = &tensors[2 * CHECKPOINT_STATE];
  if (best->data && swl_safetensors_find(file, best->name)) return checkpoint_take(run, file, best);
  control->best_loss = INFINITY; /* patience begins now, or has ended */
  control->best_update = control->worse = 0;
  return SWALE_OK;
}

/* What was cannot be after what is. */
static swale_status checkpoint_in_order(const swl_snapshot *run) {
  const uint64_t now = run->trainer->update;
  const struct {
    const char *name;
    uint64_t update;
  } earlier[] = {{"trainer.age", run->trainer->age},
                 {"good.update", run->control->good.update},
                 {"good.age", run->control->good.age},
                 {"control.best_update", run->control->best_update}};
  for (size_t i = 0; i < sizeof earlier / sizeof *earlier; i++) {
    if (earlier[i].update <= now) continue;
    return swl_fail(run->context, SWALE_ERROR_FORMAT,
                    "the checkpoint of '%s': '%s' is %llu; allowed are up to its update, %llu", run->folder,
                    earlier[i].name, (unsigned long long)earlier[i].update, (unsigned long long)now);
  }
  return SWALE_OK;
}

swale_status swl_checkpoint_apply(const swl_snapshot *run, swl_checkpoints *checkpoints, const swl_safetensors *file,
                                  uint64_t *log) {
  swl_checkpoint_value values[SWL_CHECKPOINT_VALUES_MAX];
  const size_t depth = run->setup->network.depth;
  const size_t count = swl_checkpoint_values(run->progress, run->control, depth, values);
  SWL_TRY(checkpoint_fits(run, checkpoints, file));
  swl_covariance_even(run->trainer->problem, 0, &run->control->covariance);
  for (size_t i = 0; i < count; i++) {
    const char *text = checkpoint_text(run, file, values[i].name);
    if (!text) return SWALE_ERROR_FORMAT;
    if (swl_checkpoint_value_parse(&values[i], text)) {
      if (swl_checkpoint_value_possible(&values[i])) continue;
      return swl_fail(run->context, SWALE_ERROR_FORMAT, "the checkpoint of '%s': '%s' is %s; allowed are %g to %g",
                      run->folder, values[i].name, text, values[i].least, values[i].most);
    }
    return swl_fail(run->context, SWALE_ERROR_FORMAT, "the checkpoint of '%s': '%s' is no number", run->folder,
                    values[i].name);
  }
  if (run->control->covariance.count != 0 && run->control->covariance.count != depth) {
    return swl_fail(run->context, SWALE_ERROR_FORMAT, "the checkpoint of '%s': '%zu' layers, not %zu", run->folder,
                    run->control->covariance.count, depth);
  }
  SWL_TRY(checkpoint_in_order(run));
  SWL_TRY(checkpoint_take_tensors(run, file));
  checkpoints->written = 1;
  checkpoints->saved = run->trainer->update;
  return checkpoint_count(run, file, "log", log);
}
