/* subspace.h - the slots of swl_noise_ops that noises in the layers of a network share. */
#ifndef SWL_NOISE_SUBSPACE_H
#define SWL_NOISE_SUBSPACE_H

#include "noise/noise.h"
#include "noise/subspace_sweep.h"

/* The slots of swl_noise_ops. low_rank 0: exact; else Z = A Bᵀ / sqrt(rank) (low_rank.c). */
SWALE_NODISCARD swale_status subspace_create(const swl_settings *settings, swale_problem *problem, swl_arena *arena,
                                             swl_team *team, swl_plan *plan, size_t low_rank, void **self);
swl_range subspace_examples(void *self, const swl_team *team);
SWALE_NODISCARD swale_status subspace_prepare(void *self, swl_team *team, const float *x, double sig,
                                              swl_covariance *covariance);
SWALE_NODISCARD swale_status subspace_evaluate(void *self, size_t worker, const swl_draws *draws, const float *x,
                                               swl_range range, double *losses);
const size_t *subspace_owned(void *self);
const double *subspace_reference(void *self);
double subspace_dimension(void *self);

#endif
