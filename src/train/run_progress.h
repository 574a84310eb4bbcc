/* run_progress.h - how far a run has come, apart from its trainer. */
#ifndef SWL_TRAIN_RUN_PROGRESS_H
#define SWL_TRAIN_RUN_PROGRESS_H

#include "problem/assessment.h"

typedef struct swl_progress {
  double seconds;                      /* in steps */
  double loss_sum, value_sum;          /* since the last evaluation */
  uint64_t summed;                     /* updates in those sums */
  double recent_loss, recent_value;    /* means at the last evaluation */
  uint64_t evaluations;                /* so far */
  swl_assessment now[SWL_SPLIT_COUNT]; /* as it was measured last */
} swl_progress;

#endif
