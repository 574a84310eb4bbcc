/* langevin.c - Langevin chains on the tilted density q, their Gaussian part exact; every step is taken.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §4.1 (SGLD: Welling, Teh 2011); exponential integrator of the
 *         Ornstein-Uhlenbeck part; MATH §6.2, control variate §6.5.
 *
 * computes  E_q X by chains (chains.h) of  dY = -[beta grad f(Y) + (Y - x)/tau] dt + sqrt(2) dW.  In units of the Gaussian,
 *           with h the step in units of tau and a = exp(-h), the step is the proposal of mala.c,
 *
 *             u' = a u - (1 - a) beta g(u) + sqrt(1 - a²) xi,     g(u) = sqrt(tau) grad f(x + sqrt(tau) u)
 *
 *           which leaves N(0, I) invariant at every h when f = 0. Write u = w + p, where w is the chain of f = 0 driven by
 *           the same noise, stationary with mean 0. Then
 *
 *             p' = a p - (1 - a) beta g(w + p),   p_0 = 0
 *
 *           and E_q u is estimated by the mean of p (control variate) or of u. Along a direction of curvature k, with
 *           s = tau beta k, the variance of the mean of p is s² times that of u for long chains: the control variate helps
 *           below s = 1 and hurts above.
 *           The step is stable where s < coth(h/2), about 2/h. For a quadratic f the mean is then the exact one at every
 *           h, but the variance of u is (1 - a²)/(1 - (a - (1 - a) s)²) instead of 1/(1 + s), about 1 + h s/2 times that:
 *           the mean loss is too large by k tau/2 times the difference, summed over the directions. For other f the mean
 *           has a bias O(h) too. No standard error knows of either.
 *
 *   symbol | code   | shape | meaning
 *   -------|--------|-------|------------------------------------------
 *   u, u'  | u, v   | dim   | a chain's position, and the next
 *   w, p   | free, pulled | dim | the two parts of it
 *   xi     | z      | dim   | standard normals of one step
 *
 * steps     (1) move both parts (2) evaluate (3) go there. In the burn-in (3) is the decision of mala.c, by which h is
 *           adapted to an acceptance of 0.9, at most 0.5; then it is frozen, and what the decision would have accepted,
 *           of every fourth step, is only reported. Where that is less than 0.7, errors are not known. An h that is given is used from the start.
 * cost      one gradient and dim normals per step.
 * randomness  normals: xi; uniforms: 0 the decision.
 *           A loss or gradient that is not finite ends the update with SWALE_ERROR_NUMERIC: a chain cannot leave it.
 * deviates  the paper runs one chain with an Euler step; here chains = 1, control = false and a step are closest to it.
 */
#include "numeric/vector.h"
#include "sampler/chains.h"

#include <math.h>

enum { LANGEVIN_UNASKED = 3 }; /* steps after each whose acceptance is looked at, when that is only reported */

static swale_status langevin_move(swl_walker *walker, double step, double *probability) {
  const size_t dim = walker->problem->dim;
  const double a = exp(-step);
  const float by[3] = {(float)a, (float)(-expm1(-step) * walker->beta), (float)sqrt(-expm1(-2 * step))};
  const float *from = walker->u;
  double loss = 0;
  swl_walker_normals(walker);
  swl_vector()->langevin(dim, by, walker->z, walker->g, walker->free, walker->pulled, walker->v); /* (1) */
  SWL_TRY(swl_walker_look(walker, walker->v, walker->h, &loss));                                  /* (2) */
  if (walker->always && walker->proposals > 0 && walker->unasked < LANGEVIN_UNASKED) {
    walker->unasked++;
    swl_walker_go(walker, loss);
    return SWALE_OK;
  }
  walker->unasked = 0;
  *probability = swl_walker_decide(walker, swl_mala_ratio(walker, a, loss), loss); /* (3) */
  for (size_t i = 0; walker->u == from && i < dim; i++) walker->pulled[i] = walker->u[i] - walker->free[i];
  return SWALE_OK;
}

static const swl_transition langevin_transition = {
    .gradients = 1,
    .unadjusted = 1,
    .target = 0.9, /* heuristic: bias and noise of the mean are then alike */
    .first = 0.05, /* dual averaging begins at ten times that */
    .most = 0.5,   /* heuristic: stable for tau beta times curvature below 4 */
    .move = langevin_move,
};

static swale_status langevin_create(const swl_sampling *sampling, void **self) {
  return swl_chains_create(sampling, &langevin_transition, self);
}

const swl_sampler_ops swl_sampler_langevin = {
    .head = {"langevin", "Langevin chains on the tilted density; needs gradients",
             "Welling, Teh 2011; García Trillos, Kaplan, Sanz-Alonso 2019"},
    .chains = 1,
    .walks = 1,
    .gradients = 1,
    .create = langevin_create,
    .draw = swl_chains_draw,
};
