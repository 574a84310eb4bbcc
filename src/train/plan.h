/* plan.h - how long a run trains, and on how much at a time. */
#ifndef SWL_TRAIN_PLAN_H
#define SWL_TRAIN_PLAN_H

#include "train/run_parts.h"

/* Set per_epoch, planned and every, and in run->options what updates, batch, epochs, weight-decay and patience become;
 * run->given stays as it was. The data are loaded. */
SWALE_NODISCARD swale_status swl_run_plan(swale_run *run);

#endif
