/* subspace_draws.h - draws of one smoothing that go through the layers of a micro-batch. */
#ifndef SWL_NOISE_SUBSPACE_DRAWS_H
#define SWL_NOISE_SUBSPACE_DRAWS_H

#include "noise/subspace_plan.h"

void subspace_open(subspace_pass *pass, subspace *noise, size_t worker, const swl_draws *draws, const float *x,
                   size_t smoothing, size_t microbatch);

/* The pairs first .. end-1 of the smoothing. losses: the table of all draws × groups, or NULL. credit (of the pass) and parts
 * (per layer, of the shard) get Σ w Z unless `weights` is empty. */
void subspace_run(subspace_pass *pass, size_t first, size_t end, double *losses, const subspace_weights *weights,
                  float *credit, float *const *parts);

#endif
