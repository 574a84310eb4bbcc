/* subspace_split.h - draws below the outputs, units that only add taken together; the page is in subspace_split.c. */
#ifndef SWL_NOISE_SUBSPACE_SPLIT_H
#define SWL_NOISE_SUBSPACE_SPLIT_H

#include "noise/subspace_plan.h"

/* Whether the smoothing can be drawn that way (its source's way says whether it is), and its pairs first ..
 * end-1; credit: w × m. */
int subspace_is_split(const subspace *noise, size_t smoothing);
SWALE_NODISCARD swale_status subspace_split_create(subspace *noise, swl_arena *arena);
SWALE_NODISCARD swale_status subspace_split_scratch_create(const subspace *noise, swl_arena *arena,
                                                           subspace_split_scratch *made);
SWALE_NODISCARD swale_status subspace_split_prepare(subspace *noise, swl_team *team, const float *x,
                                                    const swl_covariance *covariance);
void subspace_split_run(subspace_pass *pass, size_t first, size_t end, double *losses, const subspace_weights *weights,
                        float *credit);

#endif
