/* subspace_leaves.h - products of large batches, summed by a tree; the page is in subspace_leaves.c. */
#ifndef SWL_NOISE_SUBSPACE_LEAVES_H
#define SWL_NOISE_SUBSPACE_LEAVES_H

#include "noise/subspace_plan.h"

/* Leaves, firsts and roots; spare of a worker; rows `item` of a layer's sum (or of this rank's root); this
 * rank's pieces of the sum of the roots. */
SWALE_NODISCARD swale_status subspace_leaves_create(subspace *noise, const swl_team *team, swl_arena *arena);
SWALE_NODISCARD swale_status subspace_leaves_scratch(const subspace *noise, swl_arena *arena, float **spare);
void subspace_leaves_rows(const subspace *noise, const swl_team *team, size_t worker, size_t layer, size_t item,
                          float *sum);
SWALE_NODISCARD swale_status subspace_leaves_join(const subspace *noise, swl_team *team, float *sum);

#endif
