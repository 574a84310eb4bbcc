/* covariance.h - the covariance of the Gaussian: one variance tau per block of coordinates, a layer of a network.
 *
 * Usually all are the same. With the option `sig` a layer's tau is chosen so that the noise that reaches its
 * pre-activations has standard deviation sig: tau_l = sig² / mean |(h, 1)|², h the clean inputs of the layer over the
 * batch (MATH §6.5). F_LE and F_H are then those of N(x, diag(tau_l)).
 */
#ifndef SWL_NOISE_COVARIANCE_H
#define SWL_NOISE_COVARIANCE_H

#include "parallel/reduce.h"
#include "problem/problem_parts.h"

typedef struct swl_block {
  size_t first, end; /* of the flat vector */
  double tau;
} swl_block;

typedef struct swl_covariance {
  size_t count;
  swl_block blocks[SWL_LAYERS_MAX];
} swl_covariance;

/* One block per layer, or one for a problem that is no network; all of variance tau. */
void swl_covariance_even(const swale_problem *problem, double tau, swl_covariance *covariance);

/* The coordinates of `range` that lie in the block. */
static inline swl_range swl_block_part(const swl_block *block, swl_range range) {
  const size_t first = range.first > block->first ? range.first : block->first;
  const size_t end = range.end < block->end ? range.end : block->end;
  return (swl_range){first, end > first ? end : first};
}

/* Σ over blocks of |a - b|² / tau. */
double swl_covariance_distance2(const swl_covariance *covariance, const float *a, const float *b);

/* v_i *= scale / sqrt(tau_i), by the team: from a sum of standard normals to a gradient. dealt: 1 for this rank's pieces
 * only. */
SWALE_NODISCARD swale_status swl_covariance_divide(const swl_covariance *covariance, swl_team *team, double scale,
                                                   int dealt, float *v);

#endif
