/* stored.h - what a run used stays what it uses. */
#ifndef SWL_TRAIN_STORED_H
#define SWL_TRAIN_STORED_H

#include "train/run_parts.h"

/* What does not enter the numbers that were made already: where the data lies (its checksum is compared), when to stop,
 * how often to look and to write. */
#define SWL_MAY_CHANGE                                                                                                 \
  "checkpoint-every checkpoint-seconds checkpoints data epochs evaluate-every json model patience progress restores "  \
  "seconds tensorboard threads updates"
int swl_may_change(const char *name); /* 1 if the option is one of these */

/* find: run->stored, from the log at `path`; arena: for what is read. plan: swl_run_plan, and the resolved settings;
 * options that were left open are what they were. check: the others are the same, else an error that names one and its
 * values. */
SWALE_NODISCARD swale_status swl_stored_find(swale_run *run, swl_arena *arena, const char *path);
SWALE_NODISCARD swale_status swl_stored_plan(swale_run *run, swl_settings *settings);
SWALE_NODISCARD swale_status swl_stored_check(const swale_run *run);

#endif
