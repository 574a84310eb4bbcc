/* folder.h - the run folder. */
#ifndef SWL_TRAIN_FOLDER_H
#define SWL_TRAIN_FOLDER_H

#include "files/output.h"
#include "train/run_parts.h"

enum { SWL_FOLDER_MAX = 1000 }; /* bytes of its path: leaves room for the names of the files in it (files/output.h) */

/* check: the option `out` can be used, nothing is created. open: create it, with config.conf and log.jsonl. remove: undo
 * open; only files that this run made are removed. open_config: config.conf anew, written but not committed. */
SWALE_NODISCARD swale_status swl_folder_check(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open_events(swale_run *run); /* if asked for; behind the updates there are */
void swl_folder_remove(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open_config(swale_run *run, swl_output *output);

#endif
