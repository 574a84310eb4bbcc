/* record.h - the lines of log.jsonl as fields: views of a run, which they leave as it is. */
#ifndef SWL_TRAIN_RECORD_H
#define SWL_TRAIN_RECORD_H

#include "files/keys.h"
#include "train/run_parts.h"

enum { SWL_RECORD_FIELDS_MAX = 40 };

/* How many there are; texts are the run's, and of `restored`. */
size_t swl_record_evaluation(const swale_run *run, swl_field all[SWL_RECORD_FIELDS_MAX]);
size_t swl_record_monotone(const swale_run *run, swl_field all[SWL_RECORD_FIELDS_MAX]); /* the last update */
size_t swl_record_restored(const swale_run *run, const swl_restored *restored, swl_field all[SWL_RECORD_FIELDS_MAX]);
size_t swl_record_final(const swale_run *run, swale_stop stop, swl_field all[SWL_RECORD_FIELDS_MAX]);

#endif
