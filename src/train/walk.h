/* walk.h - the pass over all coordinates that makes a step, in pieces that the team shares: whatever must be done to a
 * coordinate is done while it is in the cache, and the bytes are the same whoever takes a piece. */
#ifndef SWL_TRAIN_WALK_H
#define SWL_TRAIN_WALK_H

#include "base/arena.h"
#include "train/trainer_parts.h"

SWALE_NODISCARD swale_status swl_walk_create(swl_arena *arena, size_t dim, swl_walk *walk);

/* Save the state, then the optimizer's step. If anything was not finite, *end says what, and the caller restores the
 * state; else *square = |x - start|². Where the gradient is dealt a rank steps its own pieces, and x is gathered.
 * Allocates nothing. Cost: one pass over gradient, x and what the optimizer
 * remembers, and their copies. */
SWALE_NODISCARD swale_status swl_walk_step(swale_trainer *trainer, const swl_move *move, swl_state *before,
                                           swl_walk_end *end, double *square);

#endif
