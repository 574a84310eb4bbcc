/* average.h - the exponentially weighted mean of the iterates.
 *
 * source: Polyak, Juditsky 1992; exponential weights with their bias correction: Kingma, Ba 2015, §7.2.
 *
 * computes  a_k = (1 - d)/(1 - d^k) Σ_{j=1…k} d^{k-j} x_j,   x_j (dim) after update j, d the option `average`, as
 *
 *             w_k = (1 - d)/(1 - d^k),   a_k = a_{k-1} + w_k (x_k - a_{k-1}).
 *
 *           w_1 = 1, so that a_1 = x_1: the weights sum to 1 from the first update on.
 *
 * steps     (1) weight (2) one pass over dim, cut into pieces for the team where it is long.
 * cost      dim per update; dim floats. A value depends on its own coordinate only: the same bytes for any team.
 * deviates  in float: an increment below half an ulp is lost, so a coordinate that stands still may be missed by
 *           2^-25/(1 - d) of its size: 3e-5 for d = 0.999.
 */
#ifndef SWL_TRAIN_AVERAGE_H
#define SWL_TRAIN_AVERAGE_H

#include "parallel/team.h"

typedef struct swl_average {
  double decay;   /* d; 0 = no averaging */
  float *mean;    /* dim; NULL = no averaging */
  uint64_t count; /* k */
} swl_average;

/* Take x_k (dim) in. Nothing happens without averaging. */
SWALE_NODISCARD swale_status swl_average_add(swl_average *average, swl_team *team, size_t dim, const float *x);

#endif
