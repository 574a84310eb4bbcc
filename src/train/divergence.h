/* divergence.h - is this run lost? Asked after every update, of its training loss; confirmed by what it still can.
 *
 * A run may be lost while every number is finite: Adam blows up late, all units die, and the loss goes back to where it
 * was before anything was learned, or far above. Losses are noisy, may have heavy tails and may rise for good reasons
 * (rates that warm up, a hard batch), so neither a single loss nor a mean that one outlier can move decides, but how
 * many of the recent losses are above a level that no run gets to which is well. And where the outputs of a network are
 * large its loss may be thousands of times that of a blind guess while nine of ten answers are right: so a suspicion is
 * dismissed by the skill, the accuracy (or R²) on up to 1000 examples.
 *
 *   symbol | code        | meaning (losses as they are: >= 0)
 *   -------|-------------|-------------------------------------------------------------------------------------------
 *   f_k    | loss        | training loss of update k
 *   I, J   | blind       | loss and skill of a network that knows nothing: all parameters 0
 *   m_k    | slow        | slow mean of f: of all losses so far, after 100 updates the exponential one of weight 1/100
 *   s_k²   | variance    | mean of (f - m)² with the same weights
 *   B, S   | best        | the least m_k so far from update 100 on, and s_k there
 *   L      | level       | B <= I/2 (it has learned something):  B + max((I - B)/2, 2 S)
 *          |             | otherwise:                            10 max(I, f_1)
 *   p_k    | share       | fast mean, of weight 1/30, of [f_k > L]: the share of the recent losses above the level
 *   C      | best_skill  | the greatest skill at an evaluation so far, at least J
 *   T      | enough      | J + max((C - J)/2, (1 - J)/10)
 *
 * computes  suspect, if p_k > 0.9: 68 losses in a row above the level, or nearly all of somewhat more.
 *           lost, if suspect and the skill is not above T. If it is, p_k begins again at 0.
 * steps     (1) level (2) share (3) slow mean and variance (4) best (5) enough.
 * cost      a dozen operations per update; a suspicion, at most every 68 updates, one evaluation of 1000 examples.
 *
 * Why a healthy run is not called lost. Whatever the distribution, at most a fifth of the losses lie two standard
 * deviations above their mean (Cantelli), and p_k of such losses has mean 0.2 and standard deviation 0.05. The mean
 * itself may rise by half of all that was learned. Before anything was learned only ten times the loss of a blind
 * guess, or of the first update (whose noise may be large), counts, and not as an outlier but for 68 updates. And then more
 * than half of the skill must be gone as well.
 *
 * Losses on held-out examples alone are no sign: overfitting makes them grow without bound while training goes well.
 * Not meant for an objective that is changed to a larger one on the way (tau that grows).
 */
#ifndef SWL_TRAIN_DIVERGENCE_H
#define SWL_TRAIN_DIVERGENCE_H

#include <stdint.h>

/* Plain numbers: a copy is a state to go back to. */
typedef struct swl_divergence {
  double blind, blind_skill; /* I, J */
  double first;              /* f_1 */
  double slow, variance;     /* m_k, s_k² */
  double best, best_sd;      /* B, S */
  double share;              /* p_k */
  double good, best_skill;   /* the least loss at an evaluation; C */
  uint64_t seen;
} swl_divergence;

/* Where I is not finite only losses that are not finite are above the level. */
void swl_divergence_begin(swl_divergence *divergence, double blind, double blind_skill);

/* Take the next training loss in; 1 if the run is suspect. A loss that is not finite is above every level. */
int swl_divergence_add(swl_divergence *divergence, double loss);

/* The skill of a suspect: 1 if it is lost. A skill that is not a number (R² of equal targets) dismisses nothing. */
int swl_divergence_confirm(swl_divergence *divergence, double skill);

/* Loss and skill at an evaluation: 1 if this state is one to go back to: the loss is finite, and below the level with
 * the least such loss in the place of B, or the skill is above half of the way from J to 1 and 0.9 of that to C. */
int swl_divergence_good(swl_divergence *divergence, double loss, double skill);

#endif
