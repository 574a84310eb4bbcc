/* subspace_sweep.h - all draws of all smoothings, and the sum that they make: slots of swl_noise_ops. */
#ifndef SWL_NOISE_SUBSPACE_SWEEP_H
#define SWL_NOISE_SUBSPACE_SWEEP_H

#include "noise/subspace_plan.h"

SWALE_NODISCARD swale_status subspace_table(void *self, swl_team *team, const swl_draws *draws, const float *x,
                                            double *losses);
SWALE_NODISCARD swale_status subspace_combine(void *self, swl_team *team, const swl_draws *draws, const float *x,
                                              const double *weights, float *sum);
SWALE_NODISCARD swale_status subspace_stream(void *self, swl_team *team, const swl_draws *draws, const float *x,
                                             const swl_rule *rule, double *losses, float *sum);

#endif
