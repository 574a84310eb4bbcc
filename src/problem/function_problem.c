/* function_problem.c - the caller's own function as a problem: one group, no batch. */
#include "problem/problem_parts.h"

#define FUNCTION_DIM_MAX ((uint64_t)1 << 34) /* normal numbers in one stream (random/stream.h) */

typedef struct function_problem {
  swale_context *context;
  swale_function function;
} function_problem;

static const double function_share[1] = {1.0};

static swale_status function_evaluate(void *self, size_t worker, size_t group, const float *x, double *loss) {
  const function_problem *problem = self;
  (void)worker, (void)group;
  if (!problem->function.loss) {
    return swl_fail(problem->context, SWALE_ERROR_UNSUPPORTED, "this problem has no loss function: use ask and tell");
  }
  const int code = problem->function.loss(problem->function.user, x, loss);
  if (code != 0) return swl_fail(problem->context, SWALE_ERROR_CALLBACK, "the loss function returned %d", code);
  return SWALE_OK;
}

static swale_status function_gradient(void *self, size_t worker, size_t group, const float *x, float *gradient,
                                      double *loss) {
  const function_problem *problem = self;
  (void)worker, (void)group;
  const int code = problem->function.gradient(problem->function.user, x, gradient, loss);
  if (code != 0) return swl_fail(problem->context, SWALE_ERROR_CALLBACK, "the gradient function returned %d", code);
  return SWALE_OK;
}

static const swl_problem_ops function_ops = {.name = "function", .evaluate = function_evaluate};
static const swl_problem_ops function_ops_gradient = {
    .name = "function", .evaluate = function_evaluate, .gradient = function_gradient};

swale_status swale_problem_create(swale_context *context, const swale_function *function, swale_problem **problem) {
  if (function->dim == 0 || function->dim > FUNCTION_DIM_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE, "problem: dim is %zu; allowed is 1 to 2^34", function->dim);
  }
  swl_arena *arena = NULL;
  SWL_TRY(swl_arena_create(context, &arena));
  swale_problem *made = swl_arena_take(arena, 1, sizeof *made);
  function_problem *self = swl_arena_take(arena, 1, sizeof *self);
  if (!made || !self) {
    swl_arena_destroy(arena);
    return SWALE_ERROR_MEMORY;
  }
  *self = (function_problem){context, *function};
  *made = (swale_problem){
      .context = context,
      .arena = arena,
      .ops = function->gradient ? &function_ops_gradient : &function_ops,
      .self = self,
      .dim = function->dim,
      .groups = 1,
      .shares = function_share,
  };
  *problem = made;
  return SWALE_OK;
}

void swale_problem_destroy(swale_problem *problem) {
  if (problem) swl_arena_destroy(problem->arena);
}

size_t swale_problem_dim(const swale_problem *problem) { return problem->dim; }
