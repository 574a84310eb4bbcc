/* stored.h - what a run used stays what it uses. */
#ifndef SWL_TRAIN_STORED_H
#define SWL_TRAIN_STORED_H

#include "train/run_parts.h"

/* find: run->stored, from the log at `path`; arena: for what is read. plan: swl_run_plan, and the resolved settings;
 * options that were left open are what they were. check: the others are the same, else an error that names one and its
 * values. */
SWALE_NODISCARD swale_status swl_stored_find(swale_run *run, swl_arena *arena, const char *path);
SWALE_NODISCARD swale_status swl_stored_plan(swale_run *run, swl_settings *settings);
SWALE_NODISCARD swale_status swl_stored_check(const swale_run *run);

#endif
