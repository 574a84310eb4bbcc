/* subspace_lanes.h - draws that go through in the lanes of registers; the page is in subspace_lanes.c. */
#ifndef SWL_NOISE_SUBSPACE_LANES_H
#define SWL_NOISE_SUBSPACE_LANES_H

#include "noise/subspace_plan.h"

/* Whether draws go through that way, and the pairs first .. end-1. */
int subspace_is_lanes(const subspace *noise);
SWALE_NODISCARD swale_status subspace_lanes_create(const subspace *noise, swl_arena *arena, subspace_lanes *made);
void subspace_lanes_run(subspace_pass *pass, size_t first, size_t end, double *losses, const subspace_weights *weights,
                        float *credit, float *const *parts);

#endif
