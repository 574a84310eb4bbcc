/* walker.h - one point that moves through the tilted density q, and the ways it can move.
 *
 * Everything happens in units of the Gaussian: a point y is u = (y - x) / sqrt(tau), so that
 *
 *   q(u) ∝ exp(-beta f(x + sqrt(tau) u)) exp(-|u|²/2)
 *
 * and no step size knows tau. A loss or a gradient that is not finite has density 0: nobody ever goes there.
 */
#ifndef SWL_SAMPLER_WALKER_H
#define SWL_SAMPLER_WALKER_H

#include "problem/problem_parts.h"
#include "random/stream.h"

typedef struct swl_walker {
  /* For life. */
  swale_problem *problem;
  size_t worker, leapfrog; /* leapfrog: most kicks of a trajectory (hmc) */
  float *u, *v, *z, *y;    /* dim each: where it is, where it might go, normals, the point in weight space */
  float *g, *h;            /* dim each: sqrt(tau) grad f at u and at v; NULL unless the transition takes gradients */
  float *free,
      *pulled; /* dim each: the chain of f = 0 driven by the same normals, and u - free; NULL but for langevin */
  /* Of the update, and of the step. */
  const float *x;             /* dim */
  double scale, beta;         /* sqrt(tau); beta may be tempered */
  swl_stream normals, chance; /* what this step may use: coordinates of normals; uniforms, 0 is that of the decision */
  /* Where it is. */
  double loss; /* at u; NaN: not finite, so it has to begin anew */
  int always;  /* 1: what is proposed is taken, whatever its probability */
  /* Counts. */
  size_t evaluations, rejected; /* of the loss or its gradient; of these, not finite (or no point to evaluate at) */
  double accepted, proposals;   /* acceptance is accepted / proposals */
  unsigned unasked;             /* langevin: steps since the last one that counts in these */
} swl_walker;

/* A Markov transition that leaves q invariant, and reversible; an unadjusted one only where it decides. */
typedef struct swl_transition {
  int gradients;      /* 1: takes gradients of f */
  int unadjusted;     /* 1: decides only while its step is adapted; then every proposal is taken */
  double target;      /* acceptance that its step is adapted to; 0: it has no step */
  double first, most; /* step: where the adaptation begins, and its bound */
  /* From u, where the loss is finite; *probability: of having moved. Fails only if the loss function does. */
  swale_status (*move)(swl_walker *walker, double step, double *probability);
} swl_transition;

extern const swl_transition swl_transition_mala, swl_transition_hmc, swl_transition_pcn, swl_transition_elliptical;

/* Memory for walks on `problem` by this transition. */
SWALE_NODISCARD swale_status swl_walker_create(swl_arena *arena, swale_problem *problem,
                                               const swl_transition *transition, size_t worker, swl_walker *walker);

/* z = the normals of this step. */
void swl_walker_normals(swl_walker *walker);

/* *loss at x + sqrt(tau) u, and its gradient into g unless NULL; NaN, and counted, if anything is not finite. */
SWALE_NODISCARD swale_status swl_walker_look(swl_walker *walker, const float *u, float *g, double *loss);

/* Be at a fresh draw of N(x, tau I), made of the normals of this step. */
SWALE_NODISCARD swale_status swl_walker_draw(swl_walker *walker);

/* Go to v (with loss `loss` and gradient h), which is where it is from now on. */
void swl_walker_go(swl_walker *walker, double loss);

/* The same with probability min(1, exp(log_ratio)), which is returned; 0 if `loss` or log_ratio is not a number. With
 * `always` it goes in any case. */
double swl_walker_decide(swl_walker *walker, double log_ratio, double loss);

/* log of the ratio that decides over the proposal v, with loss `loss` and gradient h, of the step of mala and langevin, a as
 * in mala.c; NaN if the loss is not a number. */
double swl_mala_ratio(const swl_walker *walker, double a, double loss);

#endif
