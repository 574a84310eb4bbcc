/* control.h - what a run does when training goes wrong, or no further.
 *
 * Wrong: what the trainer found not finite, or divergence.h calls lost, or parameters so large that the noise is lost
 * in their rounding. The run goes back to its last good state (parameters, the optimizer's memory, average, the detector's
 * own), on from there at half the rate, `restores` times at most. Good are the beginning, and the states of evaluations
 * that swl_divergence_good calls so. The number of the update goes on, so draws, batches and the schedules' place are
 * new.
 *
 * No further: the validation loss was not better than its best for `patience` evaluations in a row. The loss and not
 * the accuracy, for classes too: it moves with every example at every evaluation, whereas the accuracy of a few hundred
 * examples moves in steps and ties.
 */
#ifndef SWL_TRAIN_CONTROL_H
#define SWL_TRAIN_CONTROL_H

#include <swale/run.h>

#include "data/dataset.h"
#include "problem/assessment.h"
#include "train/divergence.h"
#include "train/trainer_parts.h"

typedef enum swl_wrong {
  SWL_WRONG_NOTHING,
  SWL_WRONG_TRAINER,    /* the update failed: a gradient, a step or all losses not finite */
  SWL_WRONG_LOSS,       /* lost: see divergence.h */
  SWL_WRONG_ROUNDING,   /* x + sqrt(tau) z is x for a share of the coordinates */
  SWL_WRONG_EVALUATION, /* the loss at an evaluation is not finite */
} swl_wrong;

typedef struct swl_control {
  swale_context *context;
  swale_trainer *trainer; /* what is watched; the caller's */
  swl_assessor *assessor; /* the caller's */
  swl_table judged;       /* examples that tell whether x is lost: of validation, or of training where there are none */
  swl_divergence divergence, good_divergence;
  int watches; /* 0: tau grows, and losses with it */
  swl_state good;
  uint64_t restored;
  swl_covariance covariance; /* of the first update */
  float *best;               /* dim: the parameters of the best evaluation; NULL without patience */
  double best_loss;
  uint64_t best_update, worse; /* evaluations in a row that were not better */
  swale_stop stop;
} swl_control;

/* What it came to. */
typedef struct swl_restored {
  const char *reason; /* one word; valid until the next update */
  uint64_t seen;      /* the update that was wrong */
} swl_restored;

/* After the trainer has its parameters. Memory is the arena's. */
SWALE_NODISCARD swale_status swl_control_create(swl_arena *arena, swale_trainer *trainer, swl_assessor *assessor,
                                                const swl_dataset *dataset, swl_control *control);

/* After an update that was made, or found something not finite (`status`): what is wrong. Part of the training time. */
SWALE_NODISCARD swale_status swl_control_update(swl_control *control, swale_status status, swl_wrong *wrong);

/* Go back, and tell people; SWALE_ERROR_NUMERIC if the restores are used up: then the good state is there, and the run is
 * over. */
SWALE_NODISCARD swale_status swl_control_restore(swl_control *control, swl_wrong wrong, swl_restored *restored);

/* After an evaluation, which gave the average `validation`: keep the state if it is good, the parameters if they are the
 * best. *wrong: what is. */
SWALE_NODISCARD swale_status swl_control_evaluated(swl_control *control, const swl_assessment *validation,
                                                   swl_wrong *wrong);

/* dim: what the model file and the final assessments use. */
float *swl_control_parameters(const swl_control *control);

#endif
