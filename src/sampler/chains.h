/* chains.h - Markov chains on the tilted density q, in parallel: from a transition to the outputs of a sampler.
 *
 * source: MATH §6.2.
 *
 * computes  E_q X by independent chains, each with a step size of its own.
 *
 *   symbol | code   | shape         | meaning
 *   -------|--------|---------------|---------------------------------------------------------
 *   u      | u      | dim           | a chain's position in units of the Gaussian (walker.h)
 *   m_c    | mean   | dim           | mean of u over the kept states of chain c; with `control` that of - beta g, or of
 *          |        |               | the part p of langevin.c
 *   m      | parts  | shards × dim  | sums of m_c, one per shard; in the end row 0 is Σ m_c
 *   f      | trace  | chains × kept | losses at the kept states
 *
 * steps     per chain: (1) begin at a draw of N(x, tau I) (2) move; during the burn-in adapt the step size to the
 *           transition's target (dual_averaging.h), unless the option `step` gives it (3) after the burn-in freeze it
 *           (4) add what is kept. Then (5) combine the shards by the fixed tree (6) the gradient of F / beta,
 *           - m / (beta sqrt tau) (7) its error, Σ_c |m_c - m|² / (chains (chains - 1) beta²) in units of 1 / tau.
 *           A chain at a loss that is not finite draws from N(x, tau I) again, one draw per step; states are kept from
 *           its first finite one on. Only if no chain finds one there is no answer.
 *           With gradients and the option `control` m_c is the mean of - beta g, g = sqrt(tau) grad f(x + sqrt(tau) u),
 *           which has the same expectation under q (integrate grad q by parts; f must be finite and continuous), and
 *           along a direction of curvature k (tau beta k)² times the variance: it helps below 1 and hurts above.
 *           If any loss was not finite the expectation may be another one: all chains run again for the mean of u.
 *           A transition that is unadjusted decides only in the burn-in, while its step is adapted. No error is known
 *           where a decision would then have accepted less than CHAINS_LEAST of its steps.
 *           The value F_LE / beta is that of the chains' first points, which are independent draws of N(x, tau I).
 * cost      (samples + chains) times that of the transition, and one addition per coordinate and kept state.
 *           Memory: 4 dim floats (6 with gradients, 8 for langevin) and dim doubles per worker, shards × dim doubles, samples doubles.
 * randomness  SWL_PURPOSE_CHAIN (normals) and SWL_PURPOSE_ACCEPT (uniforms) by
 *           (update, (round × chains + chain) × (steps + 1) + step), step 0 the start.
 */
#ifndef SWL_SAMPLER_CHAINS_H
#define SWL_SAMPLER_CHAINS_H

#include "sampler/sampler.h"
#include "sampler/walker.h"

/* Do the options make chains? */
SWALE_NODISCARD swale_status swl_chains_check(const swl_sampling *sampling);
/* Of these, what does not ask how many chains there are. */
SWALE_NODISCARD swale_status swl_chains_check_target(const swl_sampling *sampling);

/* The number of step `step` of chain `chain` among all of an update (stream.h: draw). */
static inline size_t swl_chains_number(size_t round, size_t chains, size_t chain, size_t steps, size_t step) {
  return (round * chains + chain) * (steps + 1) + step;
}

/* The output `noise` of a step (sampler.h) from what `chains` chains say of E_q X - x independently, vectors m_c: together
 * is |Σ m_c|², apart Σ |m_c|²; unit is beta for m_c in units of sqrt(tau), else beta sqrt(tau). 0, not known, for one. */
static inline double swl_chains_noise(size_t chains, double together, double apart, double unit) {
  const double count = (double)chains, squares = apart - together / count;
  return chains > 1 && squares > 0 ? squares / (count * (count - 1) * unit * unit) : 0;
}

/* The streams of a walker for one step. */
void swl_chains_streams(const swl_sampling *sampling, uint64_t update, size_t number, uint32_t group,
                        swl_walker *walker);

/* create and draw of a sampler that is a transition. */
SWALE_NODISCARD swale_status swl_chains_create(const swl_sampling *sampling, const swl_transition *transition,
                                               void **self);
SWALE_NODISCARD swale_status swl_chains_draw(void *self, swl_step *step);

#endif
