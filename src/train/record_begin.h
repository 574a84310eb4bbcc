/* record_begin.h - what a run uses, and the first record of its log, which says so. */
#ifndef SWL_TRAIN_RECORD_BEGIN_H
#define SWL_TRAIN_RECORD_BEGIN_H

#include "files/keys.h"
#include "train/run_parts.h"

/* run->used, of resolved settings, once the run is planned. */
SWALE_NODISCARD swale_status swl_run_use(swale_run *run, const swl_settings *settings);

/* The record, into the log and run->begun; the event is that of a beginning or a resumption. */
SWALE_NODISCARD swale_status swl_record_begin(swale_run *run, swale_event event);

#endif
