/* state.h - what a trainer can go back to: parameters, what the optimizer remembers, the average. */
#ifndef SWL_TRAIN_STATE_H
#define SWL_TRAIN_STATE_H

#include "base/arena.h"
#include "parallel/reduce.h"
#include "train/trainer_parts.h"

/* What the optimizer remembers, *count × dim, in its place; NULL and 0 if nothing. */
float *swl_state_memory(const swale_trainer *trainer, size_t *count);

/* Memory of the arena. `whole`: with the average, if the trainer has one. The trainer's optimizer must exist. */
SWALE_NODISCARD swale_status swl_state_create(swl_arena *arena, const swale_trainer *trainer, int whole,
                                              swl_state *state);
void swl_state_save(const swale_trainer *trainer, swl_state *state);
/* The coordinates `range` of it; what is no coordinate goes with the first. memory: 0 without what the optimizer remembers,
 * which is another rank's. */
void swl_state_save_range(const swale_trainer *trainer, swl_range range, int memory, swl_state *state);
/* Where steps are dealt, a rank's optimizer remembers its own pieces: this brings those of all to everyone, of the trainer
 * and of `state`. All ranks call it, when none has failed. */
SWALE_NODISCARD swale_status swl_state_collect(swale_trainer *trainer, swl_state *state);
/* The number of the update stays: draws and batches that come are new ones. */
void swl_state_restore(swale_trainer *trainer, const swl_state *state);

#endif
