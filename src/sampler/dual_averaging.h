/* dual_averaging.h - a step size that meets a target acceptance, found while a chain warms up.
 *
 * source: Hoffman, Gelman, "The No-U-Turn Sampler", JMLR 15, 2014, §3.2.1 (Nesterov 2009).
 *
 * computes  after step t with acceptance probability alpha_t, target delta:
 *
 *             H_t = (1 - 1/(t + t0)) H_{t-1} + (delta - alpha_t)/(t + t0)
 *             log h_t = mu - sqrt(t)/gamma H_t,        mu = log(10 h_0)
 *             log h = t^-kappa log h_t + (1 - t^-kappa) log h       the one to freeze at the end
 *
 *           with gamma = 0.05, t0 = 10, kappa = 0.75.
 * deviates  log h_t is held within the bounds of the transition.
 */
#ifndef SWL_SAMPLER_DUAL_AVERAGING_H
#define SWL_SAMPLER_DUAL_AVERAGING_H

typedef struct swl_dual_averaging {
  double target, first, least, most;
  double step;                   /* to use now: h_t, or once frozen the averaged h */
  double seen, error, logarithm; /* t, H_t, averaged log h */
} swl_dual_averaging;

void swl_dual_averaging_begin(double target, double first, double most, swl_dual_averaging *adaptation);
void swl_dual_averaging_add(swl_dual_averaging *adaptation, double probability);
void swl_dual_averaging_freeze(swl_dual_averaging *adaptation); /* without a step seen it stays at the first */

#endif
