/* walker.c - see walker.h. */
#include "sampler/walker.h"

#include "numeric/vector.h"
#include "random/gaussian.h"

#include <math.h>
#include <string.h>

swale_status swl_walker_create(swl_arena *arena, swale_problem *problem, const swl_transition *transition,
                               size_t worker, swl_walker *walker) {
  *walker = (swl_walker){.problem = problem, .worker = worker};
  float **all[] = {&walker->u, &walker->v, &walker->z,    &walker->y,
                   &walker->g, &walker->h, &walker->free, &walker->pulled};
  for (size_t i = 0; i < (transition->unadjusted ? 8 : transition->gradients ? 6 : 4); i++) {
    *all[i] = swl_arena_take(arena, problem->dim, sizeof(float));
    if (!*all[i]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

void swl_walker_normals(swl_walker *walker) { swl_gaussian_fill(&walker->normals, 0, walker->problem->dim, walker->z); }

/* y = x + sqrt(tau) u; 1 if all of it is finite. */
static int walker_point(swl_walker *walker, const float *u) {
  const swl_vector_ops *vector = swl_vector();
  vector->perturb(walker->problem->dim, walker->x, (float)walker->scale, u, walker->y);
  return vector->finite(walker->problem->dim, walker->y);
}

swale_status swl_walker_look(swl_walker *walker, const float *u, float *g, double *loss) {
  const swale_problem *problem = walker->problem;
  const swl_vector_ops *vector = swl_vector();
  double found = NAN;
  int good = 1;
  if (walker_point(walker, u)) {
    walker->evaluations++;
    if (!g) SWL_TRY(problem->ops->evaluate(problem->self, walker->worker, 0, walker->y, &found));
    if (g) SWL_TRY(problem->ops->gradient(problem->self, walker->worker, 0, walker->y, g, &found));
    if (g) vector->scale(problem->dim, (float)walker->scale, g);
    if (g) good = vector->finite(problem->dim, g);
  }
  good = good && isfinite(found);
  walker->rejected += !good;
  *loss = good ? found : (double)NAN;
  return SWALE_OK;
}

void swl_walker_go(swl_walker *walker, double loss) {
  float *u = walker->u, *g = walker->g;
  walker->u = walker->v;
  walker->v = u;
  walker->g = walker->h;
  walker->h = g;
  walker->loss = loss;
}

swale_status swl_walker_draw(swl_walker *walker) {
  double loss = 0;
  swl_walker_normals(walker);
  SWL_TRY(swl_walker_look(walker, walker->z, walker->g, &loss));
  float *u = walker->u;
  walker->u = walker->z;
  walker->z = u;
  walker->loss = loss;
  if (walker->free) {
    memcpy(walker->free, walker->u, walker->problem->dim * sizeof(float));
    memset(walker->pulled, 0, walker->problem->dim * sizeof(float));
  }
  return SWALE_OK;
}

double swl_walker_decide(swl_walker *walker, double log_ratio, double loss) {
  const double probability = isnan(loss) || isnan(log_ratio) ? 0 : log_ratio >= 0 ? 1 : exp(log_ratio);
  if (walker->always || swl_uniform(&walker->chance, 0) < probability) swl_walker_go(walker, loss);
  walker->accepted += probability;
  walker->proposals += 1;
  return probability;
}
