/* hmc.c - Hamiltonian Monte Carlo on the tilted density, its Gaussian part exact.
 *
 * source: Duane, Kennedy, Pendleton, Roweth 1987; the split: Beskos, Pinski, Sanz-Serna, Stuart, "Hybrid Monte Carlo on
 *         Hilbert spaces", Stochastic Processes and their Applications 121, 2011; step size: Hoffman, Gelman 2014,
 *         Algorithm 5; MATH §6.2.
 *
 * computes  E_q X by chains (chains.h). With a momentum p ~ N(0, I), in units of the Gaussian,
 *
 *             H(u, p) = beta f(x + sqrt(tau) u) + |u|²/2 + |p|²/2
 *
 *           is split into the oscillator |u|²/2 + |p|²/2, whose flow is the rotation of (u, p), and beta f, whose flow is
 *           a kick p <- p - k beta g(u). One step is half a kick, a rotation by e, half a kick; half kicks that meet are
 *           one. Without f every trajectory is exact and accepted.
 *
 *   symbol | code     | shape | meaning
 *   -------|----------|-------|------------------------------------------------------------------------
 *   u      | u, v     | dim   | where it is, and the end of the trajectory
 *   p      | z        | dim   | momentum
 *   g      | g, h     | dim   | sqrt(tau) grad f at u and at v
 *   h      | step     |       | angle of a rotation before it is varied, in radians (time in units of sqrt(tau))
 *   e      | angle    |       | of this trajectory: h (0.8 + 0.4 U)
 *   L      | kicks    |       | rotations: as many of angle h as are nearest to a quarter turn, at least 1
 *
 * steps     (1) momentum, angle (2) half a kick (3) rotate (4) gradient (5) kick (6) decide by what the energy changed,
 *           beta (f(v) - f(u)) + the work of the kicks, each - k beta <p, g> + k² beta² |g|²/2: rotations change
 *           nothing, so no difference of large numbers of size dim is taken. h is adapted to an acceptance of 0.65.
 * cost      L <= leapfrog gradients and dim normals per step.
 * randomness  normals: p; uniforms: 0 the decision, 1 the angle.
 * deviates  a quarter turn, after which a trajectory without f has forgotten where it began, is the length of all
 *           trajectories but for the angle's variation, which keeps directions in which q is narrow from coming back
 *           to where they were at every step.
 */
#include "numeric/vector.h"
#include "sampler/chains.h"

#include <math.h>
#include <string.h>

#define HMC_QUARTER 1.57079632679489662
#define HMC_VARIES 0.2 /* heuristic: Neal 2011, §5.4.2.2 */

/* p -= k beta g; returns what that adds to |p|²/2. */
static double hmc_kick(swl_walker *walker, double k, const float *g) {
  const size_t dim = walker->problem->dim;
  const double force = k * walker->beta;
  const swl_vector_ops *vector = swl_vector();
  const double work = force * (0.5 * force * vector->dot_floats(dim, g, g) - vector->dot_floats(dim, walker->z, g));
  vector->axpy(dim, -(float)force, g, walker->z);
  return work;
}

static void hmc_rotate(swl_walker *walker, double angle) {
  const float c = (float)cos(angle), s = (float)sin(angle);
  for (size_t i = 0; i < walker->problem->dim; i++) {
    const float u = walker->v[i], p = walker->z[i];
    walker->v[i] = c * u + s * p;
    walker->z[i] = c * p - s * u;
  }
}

static size_t hmc_kicks(const swl_walker *walker, double step) {
  const double kicks = fmin(fmax(round(HMC_QUARTER / step), 1), (double)walker->leapfrog);
  return (size_t)kicks;
}

static swale_status hmc_move(swl_walker *walker, double step, double *probability) {
  const double angle = step * (1 + HMC_VARIES * (2 * swl_uniform(&walker->chance, 1) - 1)); /* (1) */
  const size_t kicks = hmc_kicks(walker, step), size = walker->problem->dim * sizeof(float);
  double work = 0, loss = walker->loss;
  swl_walker_normals(walker);
  memcpy(walker->v, walker->u, size);
  work += hmc_kick(walker, 0.5 * angle, walker->g); /* (2) */
  for (size_t l = 0; l < kicks && !isnan(loss); l++) {
    hmc_rotate(walker, angle);                                                /* (3) */
    SWL_TRY(swl_walker_look(walker, walker->v, walker->h, &loss));            /* (4) */
    work += hmc_kick(walker, l + 1 < kicks ? angle : 0.5 * angle, walker->h); /* (5) */
  }
  *probability = swl_walker_decide(walker, walker->beta * (walker->loss - loss) - work, loss); /* (6) */
  return SWALE_OK;
}

const swl_transition swl_transition_hmc = {
    .gradients = 1,
    .target = 0.65, /* paper: Hoffman, Gelman 2014, §4.2 */
    .first = 0.15,
    .most = 1.5, /* heuristic: a quarter turn at once */
    .move = hmc_move,
};

static swale_status hmc_create(const swl_sampling *sampling, void **self) {
  return swl_chains_create(sampling, &swl_transition_hmc, self);
}

const swl_sampler_ops swl_sampler_hmc = {
    .head = {"hmc", "Hamiltonian Monte Carlo on the tilted density; needs gradients",
             "Duane, Kennedy, Pendleton, Roweth 1987; Beskos, Pinski, Sanz-Serna, Stuart 2011"},
    .chains = 1,
    .decides = 1,
    .walks = 1,
    .gradients = 1,
    .create = hmc_create,
    .draw = swl_chains_draw,
};
