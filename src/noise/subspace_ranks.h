/* subspace_ranks.h - what ranks exchange of losses and credit. */
#ifndef SWL_NOISE_SUBSPACE_RANKS_H
#define SWL_NOISE_SUBSPACE_RANKS_H

#include "noise/subspace_plan.h"

/* Every rank gets the losses of all; the credit of all passes of a smoothing; or of all passes the columns of
 * its part of the tiles of `tile` bytes. On a single rank nothing is to be done. */
SWALE_NODISCARD swale_status subspace_gather_losses(const subspace *noise, swl_team *team, double *losses);
SWALE_NODISCARD swale_status subspace_gather_credit(const subspace *noise, swl_team *team, size_t smoothing);
SWALE_NODISCARD swale_status subspace_turn_credit(const subspace *noise, swl_team *team, size_t smoothing, size_t tile);
/* Every rank gets the sums over the chunks, each in the place of the micro-batch's first, of which a rank has those columns. */
SWALE_NODISCARD swale_status subspace_gather_columns(const subspace *noise, swl_team *team, size_t smoothing,
                                                     size_t tile);

#endif
