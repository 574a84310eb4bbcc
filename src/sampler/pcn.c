/* pcn.c - preconditioned Crank-Nicolson chains on the tilted density; losses only.
 *
 * source: Cotter, Roberts, Stuart, White, "MCMC methods for functions", Statistical Science 28, 2013, §4; MATH §6.2.
 *
 * computes  E_q X by chains (chains.h) whose proposal leaves the Gaussian alone, so that only f decides:
 *
 *             v = a u + rho xi,     a = exp(-h),  rho = sqrt(1 - a²)
 *             accepted with probability min(1, exp(beta (f(u) - f(v))))
 *
 *   symbol | code  | shape | meaning
 *   -------|-------|-------|------------------------------------------------------------
 *   u, v   | u, v  | dim   | where it is and what is proposed, in units of the Gaussian
 *   xi     | z     | dim   | standard normals
 *   h      | step  |       | time of the Ornstein-Uhlenbeck process that the proposal is
 *
 * steps     (1) propose (2) evaluate (3) decide. h is adapted to an acceptance of 0.25 in the burn-in.
 * cost      one loss and dim normals per step.
 * randomness  normals: xi; uniforms: 0 the decision.
 * deviates  the paper gives rho; rho² = 1 - exp(-2h), so that `step` means the same as for langevin and mala.
 */
#include "sampler/chains.h"

#include <math.h>

static swale_status pcn_move(swl_walker *walker, double step, double *probability) {
  const float keep = (float)exp(-step), rho = (float)sqrt(-expm1(-2 * step));
  double loss = 0;
  swl_walker_normals(walker);
  for (size_t i = 0; i < walker->problem->dim; i++) walker->v[i] = keep * walker->u[i] + rho * walker->z[i]; /* (1) */
  SWL_TRY(swl_walker_look(walker, walker->v, NULL, &loss));                                                  /* (2) */
  *probability = swl_walker_decide(walker, walker->beta * (walker->loss - loss), loss);                      /* (3) */
  return SWALE_OK;
}

const swl_transition swl_transition_pcn = {
    .target = 0.25, /* heuristic: between 0.234 of many dimensions and 0.44 of one (Roberts, Rosenthal 2001) */
    .first = 0.1,
    .most = 5, /* heuristic: a proposal that remembers less than 1 % */
    .move = pcn_move,
};

static swale_status pcn_create(const swl_sampling *sampling, void **self) {
  return swl_chains_create(sampling, &swl_transition_pcn, self);
}

const swl_sampler_ops swl_sampler_pcn = {
    .head = {"pcn", "preconditioned Crank-Nicolson chains on the tilted density; losses only",
             "Cotter, Roberts, Stuart, White 2013"},
    .chains = 1,
    .decides = 1,
    .walks = 1,
    .create = pcn_create,
    .draw = swl_chains_draw,
};
