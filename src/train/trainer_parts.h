/* trainer_parts.h - the loop of one update, from draws to step, over the parts that the options chose. */
#ifndef SWL_TRAIN_TRAINER_PARTS_H
#define SWL_TRAIN_TRAINER_PARTS_H

#include <swale/trainer.h>

#include <stdatomic.h>

#include "train/average.h"
#include "train/monotone.h"
#include "train/seen.h"
#include "variants.h"

/* What it can go back to (state.h). */
typedef struct swl_state {
  float *x;          /* dim */
  float *optimizer;  /* count × dim: a copy of what its `state` shows */
  float *mean;       /* dim: the average; NULL = not part of this state */
  uint64_t averaged; /* updates in it */
  uint64_t age;      /* of the optimizer's memory, in updates */
  uint64_t update;   /* when it was saved */
} swl_state;

/* The pass that makes a step (walk.h). What was not finite: */
typedef enum swl_walk_end { SWL_WALK_GOOD, SWL_WALK_GRADIENT, SWL_WALK_STEP } swl_walk_end;

typedef struct swl_walk {
  struct swl_walk_piece {
    double square; /* |x - start|² */
    swl_walk_end end;
  } * pieces;
} swl_walk;

struct swale_trainer {
  swale_context *context;
  swl_arena *arena; /* owns everything but the team */
  swl_team *team;
  swl_settings settings;  /* resolved */
  swale_problem *problem; /* the caller's, or what `seen` made of it */
  swl_seen seen;
  const swl_optimizer_ops *optimizer;
  void *optimizer_self;
  const swl_sampler_ops *sampler; /* NULL where the regularizer has nothing to sample */
  void *sampler_self;
  swl_sampling sampling;
  size_t rounds;      /* of draws per update */
  float *x;           /* dim */
  float *point;       /* dim: where the gradient is taken; NULL = at x, or by the sampler */
  swl_state start;    /* at the beginning of the update */
  swl_state safe;     /* before the last move; of rounds > 1 only */
  int moved;          /* 1: start is that of this update, and x has left it */
  const char *broken; /* what the last failed update found not finite, NULL = something else */
  swl_walk walk;
  swl_average average;
  double factor;               /* multiplies the rate of the schedule */
  uint64_t age;                /* updates in the optimizer's memory */
  swl_step step;               /* of the running or last round */
  uint64_t update;             /* done so far */
  uint64_t draws, rejected;    /* so far, over all rounds */
  uint64_t missed;             /* of these rounds, beta = auto:F could not reach F */
  double rate, length, square; /* square: of the last step */
  swl_monotone monotone;
  swl_traffic traffic;     /* of the updates of this process, */
  uint64_t counted;        /* which are so many */
  int (*asks)(void *user); /* between two rounds: is the update to be given up? Then other than 0. NULL = nobody asks */
  void *asks_user;
  uint64_t
      fell_back; /* products of all kernels before this trainer was made that had no memory; UINT64_MAX: it has been said */
  atomic_int busy; /* 1: a step or tell goes on: none of its own functions may ask for another */
  int stop; /* what was answered (the largest of all ranks), and the update was: all is as before it. 0 = it was made */
};

/* What swale_trainer_create and swale_trainer_step do without the agreement of the ranks at their end, which is their
 * caller's (parallel/ranks.h). */
SWALE_NODISCARD swale_status swl_trainer_make(const swale_options *options, swale_problem *problem,
                                              swale_trainer **trainer);
SWALE_NODISCARD swale_status swl_trainer_update(swale_trainer *trainer);
/* A number that ranks who have made the same update agree on. */
uint64_t swl_trainer_check(const swale_trainer *trainer);

#endif
