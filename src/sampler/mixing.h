/* mixing.h - how many independent draws the losses along some chains are worth.
 *
 * source: Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7, 1992, §3.3 (initial monotone sequence).
 *
 * computes  tau_int = 1 + 2 Σ_t rho_t over the lags t >= 1, so that n states of chains are worth n / tau_int draws.
 *
 *   symbol  | code       | shape          | meaning
 *   --------|------------|----------------|--------------------------------------------------------------
 *   f       | trace      | chains × kept  | losses; NaN where a chain had not found a finite one yet
 *   gamma_t |            |                | Σ (f_s - mean)(f_{s+t} - mean) over all chains / number of f
 *   Gamma_m |            |                | gamma_{2m} + gamma_{2m+1}, positive and decreasing in theory
 *
 * steps     (1) mean of the chains' means, and its standard error from their differences (2) Gamma_m, until it is not
 *           positive, none larger than the one before (3) tau_int = 2 Σ Gamma_m / gamma_0 - 1.
 * cost      O(chains × kept) per lag, at most MIXING_LAGS of them: then tau_int is too small.
 * randomness  none.
 * deviates  the mean and gamma_t are those of all chains together: chains that are stuck, each elsewhere, have
 *           tau_int = kept. tau_int is at least 1 / log10(n), as in Stan: chains can be better than independent draws,
 *           but not by what noise says.
 */
#ifndef SWL_SAMPLER_MIXING_H
#define SWL_SAMPLER_MIXING_H

#include "sampler/sampler.h"

/* Fill loss, loss_se and ess of tilt, and time of mixing. loss_se is that between the chains; of one chain, by time. */
void swl_mixing_measure(size_t chains, size_t kept, const double *trace, swl_tilt *tilt, swl_mixing *mixing);

#endif
