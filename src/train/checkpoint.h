/* checkpoint.h - a run on disk, whole: from it training goes on to the same bytes as if it had never stopped.
 *
 * A checkpoint is the sealed safetensors file RUN/checkpoint-UPDATE.safetensors (docs/checkpoint.md). Tensors: the
 * parameters, what the optimizer remembers, the average, the last good state, the best parameters of `patience`.
 * Metadata: every number that the next update or record depends on (checkpoint_values.c), the position in the log, a
 * checksum of the data, and the options as they were given. Batches, draws, schedules and beta are functions of these,
 * and chains begin anew in each update, so nothing else is needed.
 *
 * Written beside, synced and renamed, after the log has been synced: whatever happens, the files that are there are
 * whole. Afterwards older ones than the newest `checkpoints` are removed, and those of a future that was given up.
 */
#ifndef SWL_TRAIN_CHECKPOINT_H
#define SWL_TRAIN_CHECKPOINT_H

#include <swale/run.h>

#include "files/safetensors.h"

/* When checkpoints are written. */
typedef struct swl_checkpoints {
  double wait; /* seconds from one to the next */
  double last; /* when the last one was finished, by the run's clock */
  uint32_t data;
  int data_known; /* 1: `data` is the checksum of the data */
  int written;    /* 1: the folder holds one, the newest of update `saved` */
  uint64_t saved;
} swl_checkpoints;

/* Now. Nothing happens without a folder, or where the option `checkpoints` is 0. */
SWALE_NODISCARD swale_status swl_checkpoint_write(swale_run *run);

/* After an update: 1 if it is time to write one. `now`: the run's clock, in seconds. */
int swl_checkpoint_is_due(swale_run *run, double now);
/* Write it. One that cannot be written is said, and tried again when the next is due: the older ones are whole. */
void swl_checkpoint_save(swale_run *run);

/* The newest checkpoint of the folder that is whole and whose part of the log is there; what is wrong with newer ones is
 * said. *file has no tensors if there is no checkpoint at all. Memory of `arena`. The same one on all ranks. */
SWALE_NODISCARD swale_status swl_checkpoint_find(swale_run *run, swl_arena *arena, swl_safetensors *file);

/* Set the options that the run was given. */
SWALE_NODISCARD swale_status swl_checkpoint_options(swale_run *run, const swl_safetensors *file,
                                                    swale_options *options);

/* Give the run, which was built from the options, its state; the error names what does not fit. *log: bytes of the log
 * that belong to it. */
SWALE_NODISCARD swale_status swl_checkpoint_apply(swale_run *run, const swl_safetensors *file, uint64_t *log);

/* --- for checkpoint.c -------------------------------------------------------------------------------------------- */

/* A number of the run that the metadata holds under `name`. */
enum { SWL_CHECKPOINT_NAME_MAX = 48, SWL_CHECKPOINT_VALUES_MAX = 192 };
typedef struct swl_checkpoint_value {
  char name[SWL_CHECKPOINT_NAME_MAX];
  uint64_t *count; /* one of these two */
  double *real;
  double least, most; /* what is possible */
  int unknown;        /* 1: also NaN */
} swl_checkpoint_value;
size_t swl_checkpoint_values(swale_run *run, swl_checkpoint_value values[SWL_CHECKPOINT_VALUES_MAX]);
/* As text that reads back to the same bits but for the payload of a NaN; text -> value: 1 if it is one. */
enum { SWL_CHECKPOINT_TEXT_MAX = 32 };
void swl_checkpoint_value_text(const swl_checkpoint_value *value, char text[SWL_CHECKPOINT_TEXT_MAX]);
int swl_checkpoint_value_parse(const swl_checkpoint_value *value, const char *text);
int swl_checkpoint_value_possible(const swl_checkpoint_value *value); /* 1 if a run can have it */

/* The files in a folder: updates of the newest ones that are not above `most`, newest first. */
enum { SWL_CHECKPOINT_FILES_MAX = 64, SWL_CHECKPOINT_PATH_MAX = 1100 };
typedef struct swl_checkpoint_files {
  size_t count;
  uint64_t update[SWL_CHECKPOINT_FILES_MAX];
} swl_checkpoint_files;
SWALE_NODISCARD swale_status swl_checkpoint_list(swale_context *context, const char *folder, uint64_t most,
                                                 swl_checkpoint_files *files);
void swl_checkpoint_path(const char *folder, uint64_t update, char path[SWL_CHECKPOINT_PATH_MAX]);
/* Remove all but the newest `keep` up to `newest`, all above it, and what a killed writer left. */
void swl_checkpoint_prune(swale_context *context, const char *folder, uint64_t newest, size_t keep);

#endif
