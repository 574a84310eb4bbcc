/* monotone.h - does each update decrease the objective, as the theory promises?
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3; MATH §2 and §3:
 *
 *   F(x_{k+1}) <= F(x_k) - |x_{k+1} - x_k|² / (2 tau)
 *
 * for the exact schemes (F of local entropy; beta F of heat). A step that was sampled is x_{k+1} - x_k = Delta + n, Delta
 * exact and n the sampling error. Both proofs bound F by |x - (x_k + Delta)|²/(2 tau) + constant, hence in the mean
 *
 *   F(x_{k+1}) <= F(x_k) - (|Delta|² - |n|²) / (2 tau),    E|step|² = |Delta|² + E|n|²,
 *
 * so that |step|² - 2 E|n|² takes the place of |step|² (with a rate r, (2 - r)/r |step|² - 2 r E|n|²), and where that is
 * negative only F(x_{k+1}) <= F(x_k) is asked for. E|n|² comes from the weights of the draws. Both sides are estimated on the batch of the update with
 * fresh draws, the same at both points: draws that made the step would flatter it. Everything is divided by beta, so it
 * is in units of the loss. So "violated" speaks of the sampled step: it fell short of what a step of that length promises.
 */
#ifndef SWL_TRAIN_MONOTONE_H
#define SWL_TRAIN_MONOTONE_H

#include "sampler/sampler.h"

/* heuristic: standard errors on each side. Normal errors of the change alone make 0.13 % of the verdicts wrong on either
 * side; but the promise is made of the step that was sampled, and a step that came out too long promises too much: on a
 * linear loss 0.8 to 1.6 % of the updates are called violated although F fell. */
#define MONOTONE_BAND 3.0
enum { MONOTONE_UNITS = 20 }; /* heuristic: pairs or draws; of fewer the errors are skewed, and not a number */

typedef struct swl_monotone {
  int on;
  double *before, *after;   /* samples × groups */
  double change, change_se; /* of F / beta over the last update */
  double required;          /* the decrease that is promised: see above; 0 for what is not a scheme's step */
  const char *verdict;      /* on the last update: "held", "undecided" or "violated"; NULL before the first */
  uint64_t held, undecided, violated;
} swl_monotone;

SWALE_NODISCARD swale_status swl_monotone_create(const swl_sampling *sampling, swl_monotone *monotone);

/* Judge the update from `start` to `x`. */
SWALE_NODISCARD swale_status swl_monotone_judge(swl_monotone *monotone, const swl_sampling *sampling,
                                                const swl_step *step, const float *start, const float *x,
                                                double required);

#endif
