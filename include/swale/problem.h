/* problem.h - what is minimized: any loss that can be evaluated. */
#ifndef SWALE_PROBLEM_H
#define SWALE_PROBLEM_H

#include <swale/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swale_problem swale_problem;

/* A loss of the caller's own. Both functions return 0 on success; any other number ends the step with
 * SWALE_ERROR_CALLBACK. A loss that is not finite is no failure: that draw gets weight 0 and is counted.
 * (Chains never go there; langevin, which rejects nothing, ends the step with SWALE_ERROR_NUMERIC.) They are called from
 * several threads at once unless the option `threads` is 1, with signals held back until they return. */
typedef struct swale_function {
  size_t dim;                                                                           /* numbers in x, 1 to 2^34 */
  int (*loss)(void *user, const float *x, double *loss);                                /* NULL: ask and tell only */
  int (*gradient)(void *user, const float *x, float *gradient /* dim */, double *loss); /* NULL: gradient-free only */
  void *user;
} swale_function;

/* `function` is copied; what `user` points to must outlive the problem. Destroy trainers before their problem. */
SWALE_API SWALE_NODISCARD swale_status swale_problem_create(swale_context *context, const swale_function *function,
                                                            swale_problem **problem);
SWALE_API void swale_problem_destroy(swale_problem *problem); /* NULL is legal */

SWALE_API size_t swale_problem_dim(const swale_problem *problem);

#ifdef __cplusplus
}
#endif
#endif
