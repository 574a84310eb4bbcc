/* walk.h - passes over all coordinates around a step, in pieces that the team shares: each as fast as memory allows, and
 * with the same bytes whoever takes a piece. */
#ifndef SWL_TRAIN_WALK_H
#define SWL_TRAIN_WALK_H

#include <swale/trainer.h>

#include "base/arena.h"
#include "optimizer/optimizer.h"

struct swl_state;

typedef struct swl_walk {
  int *bad;        /* per piece */
  double *squares; /* per piece */
} swl_walk;

SWALE_NODISCARD swale_status swl_walk_create(swl_arena *arena, size_t dim, swl_walk *walk);

/* Is the gradient finite? Saves the state on the way. */
SWALE_NODISCARD swale_status swl_walk_look(swale_trainer *trainer, struct swl_state *before, int *finite);

/* The optimizer's step. Is x finite afterwards? */
SWALE_NODISCARD swale_status swl_walk_go(swale_trainer *trainer, const swl_move *move, int *finite);

/* |x - start|² */
SWALE_NODISCARD swale_status swl_walk_distance2(swale_trainer *trainer, double *square);

#endif
