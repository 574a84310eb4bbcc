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

#include "files/jsonl.h"
#include "files/safetensors.h"
#include "train/control.h"
#include "train/run_progress.h"
#include "train/setup.h"

/* What of a run a checkpoint holds, or gets its state from one; everything is the run's. Before the run is built there are
 * context, folder and log only. */
typedef struct swl_snapshot {
  swale_context *context;
  const char *folder;         /* "" = none */
  swl_jsonl *log;             /* NULL = no folder, or another rank's */
  const swale_options *given; /* by the caller, as in config.conf */
  const swl_setup *setup;
  swale_trainer *trainer;
  swl_control *control;
  swl_progress *progress;
} swl_snapshot;

/* When checkpoints are written. */
typedef struct swl_checkpoints {
  double wait; /* seconds from one to the next */
  double last; /* when the last one was finished, see clock.h */
  uint32_t data;
  int data_known; /* 1: `data` is the checksum of the data */
  int written;    /* 1: the folder holds one, the newest of update `saved` */
  uint64_t saved;
} swl_checkpoints;

/* Now. Nothing happens without a folder, or where the option `checkpoints` is 0. */
SWALE_NODISCARD swale_status swl_checkpoint_write(const swl_snapshot *run, swl_checkpoints *checkpoints);

/* After an update: 1 if it is time to write one. `now`: see clock.h. */
int swl_checkpoint_is_due(const swl_snapshot *run, swl_checkpoints *checkpoints, double now);
/* Write it. One that cannot be written is said, and tried again when the next is due: the older ones are whole. */
void swl_checkpoint_save(const swl_snapshot *run, swl_checkpoints *checkpoints);

/* The newest checkpoint of the folder that is whole and whose part of the log is there; what is wrong with newer ones is
 * said. *file has no tensors if there is no checkpoint at all. Memory of `arena`. The same one on all ranks. */
SWALE_NODISCARD swale_status swl_checkpoint_find(const swl_snapshot *run, swl_arena *arena, swl_safetensors *file);

/* Set the options that the run was given. */
SWALE_NODISCARD swale_status swl_checkpoint_options(const swl_snapshot *run, const swl_safetensors *file,
                                                    swale_options *options);

/* Give the run, which was built from the options, its state; the error names what does not fit. *log: bytes of the log
 * that belong to it. */
SWALE_NODISCARD swale_status swl_checkpoint_apply(const swl_snapshot *run, swl_checkpoints *checkpoints,
                                                  const swl_safetensors *file, uint64_t *log);

#endif
