/* run_files.h - what a run folder holds, under which names. Checkpoints: train/checkpoint_files.h. */
#ifndef SWL_FILES_RUN_FILES_H
#define SWL_FILES_RUN_FILES_H

#include <swale/status.h>

#include "base/path.h"

#define SWL_RUN_CONFIG "config.conf"
#define SWL_RUN_LOG "log.jsonl"
#define SWL_RUN_MODEL "model.safetensors"
#define SWL_RUN_EVALUATION "evaluation.json"
#define SWL_RUN_EVENTS "events.out.tfevents.swale" /* TensorBoard takes files with "tfevents" in their name */

/* folder/name, whether the folder has slashes at its end or not. An empty or too long one: SWALE_ERROR_USAGE. */
SWALE_NODISCARD swale_status swl_run_file(swale_context *context, const char *folder, const char *name,
                                          char path[SWL_PATH_MAX]);

#endif
