/* elliptical.c - elliptical slice sampling of the tilted density: no step size; losses only.
 *
 * source: Murray, Adams, MacKay, "Elliptical slice sampling", AISTATS 2010, Figure 2; MATH §6.2.
 *
 * computes  E_q X by chains (chains.h). Through u and a draw xi of the Gaussian runs an ellipse,
 *
 *             v(theta) = u cos theta + xi sin theta
 *
 *           on which the Gaussian is the same everywhere. A point of it is drawn from where beta f is below a random
 *           level, by a bracket of angles that shrinks towards u until one is found.
 *
 *   symbol | code      | shape | meaning
 *   -------|-----------|-------|----------------------------------------------------
 *   u, v   | u, v      | dim   | where it is and what is tried
 *   xi     | z         | dim   | standard normals
 *   theta  | angle     |       | of what is tried
 *          | low, high |       | the bracket, around 0
 *
 * steps     (1) level (2) first angle, bracket (3) evaluate (4) go, or (5) shrink and draw another angle.
 * cost      dim normals and at least one loss per step, usually 2 to 5: they are counted.
 * randomness  normals: xi; uniforms: 0 the level, 1 the first angle, 2 … the others.
 * deviates  after ELLIPTICAL_MOST losses it stays where it is, so that the cost of a step is bounded. The density of a
 *           way from u to v of at most so many angles is that of the way back, and staying is its own reverse: q remains
 *           invariant.
 */
#include "sampler/chains.h"

#include <math.h>

enum { ELLIPTICAL_MOST = 50 }; /* heuristic: each angle takes a third of the bracket or more in the mean: 1e-9 of it */
#define ELLIPTICAL_TURN 6.28318530717958648

static swale_status elliptical_move(swl_walker *walker, double step, double *probability) {
  const double level = walker->beta * walker->loss - log(1 - swl_uniform(&walker->chance, 0)); /* (1) */
  double angle = ELLIPTICAL_TURN * swl_uniform(&walker->chance, 1), low = angle - ELLIPTICAL_TURN,
         high = angle; /* (2) */
  (void)step;
  *probability = 0;
  swl_walker_normals(walker);
  for (size_t tried = 0; tried < ELLIPTICAL_MOST; tried++) {
    const float c = (float)cos(angle), s = (float)sin(angle);
    double loss = 0;
    for (size_t i = 0; i < walker->problem->dim; i++) walker->v[i] = c * walker->u[i] + s * walker->z[i];
    SWL_TRY(swl_walker_look(walker, walker->v, NULL, &loss)); /* (3) */
    walker->proposals += 1;
    if (walker->beta * loss <= level) { /* (4) NaN is not */
      swl_walker_go(walker, loss);
      walker->accepted += 1;
      *probability = 1;
      return SWALE_OK;
    }
    if (angle < 0) /* (5) */
      low = angle;
    else
      high = angle;
    angle = low + (high - low) * swl_uniform(&walker->chance, tried + 2);
  }
  return SWALE_OK;
}

const swl_transition swl_transition_elliptical = {.move = elliptical_move};

static swale_status elliptical_create(const swl_sampling *sampling, void **self) {
  return swl_chains_create(sampling, &swl_transition_elliptical, self);
}

const swl_sampler_ops swl_sampler_elliptical = {
    .head = {"elliptical", "elliptical slice sampling of the tilted density, no step size; losses only",
             "Murray, Adams, MacKay 2010"},
    .chains = 1,
    .walks = 1,
    .create = elliptical_create,
    .draw = swl_chains_draw,
};
