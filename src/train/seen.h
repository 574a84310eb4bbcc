/* seen.h - what a trainer has seen of a caller's function: how often it was evaluated, the best point, and whether the
 * steps lead away from it.
 *
 * The trainer works on a copy of the problem whose functions look at every evaluation on its way, so that no sampler needs
 * to know. Each worker keeps the best of its own, and at the end of an update these are brought together: the least finite
 * loss, and of points with the same loss the first in the order of their bytes, so that neither threads nor ranks decide.
 *
 *   symbol | code  | meaning
 *   -------|-------|----------------------------------------------------------------------------
 *   f_k    | loss  | mean loss of update k, as the statistic
 *   B      | best  | least loss of any point so far
 *   D      | unit  | f_k - B at the first update where it is not 0
 *   L      | level | f_1 + 10^6 max(D, f_1 - B)
 *
 * It diverges if f_k > L for 10 updates in a row: losses have no units here, a step may land somewhere steep and come back,
 * and a mean may have an outlier. That is said once, and changes nothing.
 */
#ifndef SWL_TRAIN_SEEN_H
#define SWL_TRAIN_SEEN_H

#include "base/arena.h"
#include "problem/problem_parts.h"

typedef struct swl_sight {
  double loss;          /* INFINITY before the first */
  float *x;             /* dim */
  uint64_t evaluations; /* not yet in the total */
  int fresh;            /* 1: x is new since the ranks met */
} swl_sight;

typedef struct swl_seen {
  int on;
  swale_problem inner, problem; /* the caller's, and the one to work on */
  swl_problem_ops ops;
  swl_team *team;
  size_t workers;
  swl_sight *by_worker;
  swl_sight mine, best; /* of this rank; of all */
  float *told;          /* dim: scratch of those who offer a point */
  float *others;        /* up to ranks × dim: points that travel */
  struct seen_note {
    uint64_t evaluations;
    double loss; /* of the rank's best point; INFINITY if that is not a new one */
  } * notes;     /* ranks: what they tell each other first */
  uint64_t evaluations;
  double first, unit; /* f_1, D; NaN before they are known */
  int above;          /* updates in a row */
  int said_away, said_still;
} swl_seen;

/* Nothing, if the problem is a network: then seen->on is 0. Memory: workers + 3 points, with ranks as many more. */
SWALE_NODISCARD swale_status swl_seen_create(swl_arena *arena, swale_problem *problem, swl_team *team, swl_seen *seen);

/* A loss that was evaluated elsewhere, once on every rank. */
void swl_seen_count(swl_seen *seen, uint64_t evaluations);
void swl_seen_offer(swl_seen *seen, const float *x, double loss);

/* What the workers of this rank have seen, brought together: after an update that failed. Allocates nothing. */
void swl_seen_collect(swl_seen *seen);
/* What all ranks have seen: at the end of an update that was made, where they meet. Allocates nothing. */
SWALE_NODISCARD swale_status swl_seen_gather(swl_seen *seen);

/* After an update with this mean loss, which moved x by sqrt(square). Tells people what they should know, once each. */
void swl_seen_judge(swl_seen *seen, uint64_t update, double loss, double square);

#endif
