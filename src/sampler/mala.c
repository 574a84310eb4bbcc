/* mala.c - Metropolis-adjusted Langevin chains on the tilted density, their Gaussian part exact.
 *
 * source: Roberts, Tweedie 1996; with the Gaussian part exact: Cotter, Roberts, Stuart, White, "MCMC methods for
 *         functions", Statistical Science 28, 2013, §4.3 (pCNL); MATH §6.2.
 *
 * computes  E_q X by chains (chains.h). The proposal is the step of langevin.c, in units of the Gaussian
 *
 *             v = a u - (1 - a) beta g(u) + sqrt(1 - a²) xi,     a = exp(-h),  g(u) = sqrt(tau) grad f(x + sqrt(tau) u)
 *
 *           and the decision makes it exact at every h. With k(u, v) the log density of the proposal without what is
 *           symmetric in u and v,
 *
 *             k(u, v) = - beta <v - a u, g(u)> / (1 + a) - beta² (1 - a) / (2 (1 + a)) |g(u)|²
 *             accepted with probability min(1, exp(beta (f(u) - f(v)) + k(v, u) - k(u, v)))
 *             k(v, u) - k(u, v) = beta / (1 + a) (<v - a u + c g(u), g(u)> - <u - a v + c g(v), g(v)>),
 *             c = beta (1 - a) / 2
 *
 *   symbol | code       | shape | meaning
 *   -------|------------|-------|------------------------------------------------------------
 *   u, v   | u, v       | dim   | where it is and what is proposed, in units of the Gaussian
 *   g      | g, h       | dim   | the gradient at u and at v
 *   xi     | z          | dim   | standard normals
 *   h      | step       |       | time step, in units of tau
 *
 * steps     (1) propose (2) evaluate (3) decide. h is adapted to an acceptance of 0.574 in the burn-in.
 * cost      one gradient and dim normals per step.
 * randomness  normals: xi; uniforms: 0 the decision.
 * deviates  the paper has a = (2 - delta) / (2 + delta): the same family of proposals, in the time of the exact
 *           Ornstein-Uhlenbeck process.
 */
#include "numeric/vector.h"
#include "sampler/chains.h"

#include <math.h>

double swl_mala_ratio(const swl_walker *walker, double a, double loss) {
  if (isnan(loss)) return NAN;
  const double beta = walker->beta;
  const double pulls = swl_vector()->mala(walker->problem->dim, a, beta * (1 - a) / 2, walker->u, walker->v, walker->g,
                                          walker->h);
  return beta * (walker->loss - loss) + beta / (1 + a) * pulls;
}

static swale_status mala_move(swl_walker *walker, double step, double *probability) {
  const double a = exp(-step);
  const float keep = (float)a, drift = (float)(-expm1(-step) * walker->beta), diffuse = (float)sqrt(-expm1(-2 * step));
  double loss = 0;
  swl_walker_normals(walker);
  for (size_t i = 0; i < walker->problem->dim; i++) { /* (1) */
    walker->v[i] = keep * walker->u[i] - drift * walker->g[i] + diffuse * walker->z[i];
  }
  SWL_TRY(swl_walker_look(walker, walker->v, walker->h, &loss));                   /* (2) */
  *probability = swl_walker_decide(walker, swl_mala_ratio(walker, a, loss), loss); /* (3) */
  return SWALE_OK;
}

const swl_transition swl_transition_mala = {
    .gradients = 1,
    .target = 0.574, /* paper: Roberts, Rosenthal 1998 */
    .first = 0.1,
    .most = 5, /* heuristic: a proposal that remembers less than 1 % */
    .move = mala_move,
};

static swale_status mala_create(const swl_sampling *sampling, void **self) {
  return swl_chains_create(sampling, &swl_transition_mala, self);
}

const swl_sampler_ops swl_sampler_mala = {
    .head = {"mala", "Langevin chains with accept and reject on the tilted density; needs gradients",
             "Roberts, Tweedie 1996; Cotter, Roberts, Stuart, White 2013"},
    .chains = 1,
    .decides = 1,
    .walks = 1,
    .gradients = 1,
    .create = mala_create,
    .draw = swl_chains_draw,
};
