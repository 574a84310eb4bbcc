/* minimize.c - fit a line that separates two classes by the number of its mistakes: a loss without a gradient.
 * Build: cc minimize.c $(pkg-config --cflags --libs swale) -o minimize */
#include <stdio.h>
#include <swale/swale.h>

/* Share of the points of a 20 × 20 grid that x[0] u + x[1] v + x[2] > 0 puts on the wrong side of 2u - v > 0.3. */
static int mistakes(void *user, const float *x, double *loss) {
  *loss = 0;
  for (int i = 0; i < 20; i++) {
    for (int j = 0; j < 20; j++) {
      const float u = (float)i / 19, v = (float)j / 19;
      *loss += ((x[0] * u + x[1] * v + x[2] > 0) != (2 * u - v > 0.3F)) / 400.0;
    }
  }
  return user != NULL; /* not 0 would end the training */
}

int main(void) {
  swale_context *context = NULL;
  swale_options *options = NULL;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  const swale_function function = {.dim = 3, .loss = mistakes};
  double loss = 1;
  int failed = swale_context_create(NULL, &context) || swale_options_create(context, &options) ||
               swale_options_set(options, "optimizer", "matching") || swale_options_set(options, "tau", "0.05") ||
               swale_problem_create(context, &function, &problem) || swale_trainer_create(options, problem, &trainer);
  for (int k = 0; k < 100 && !failed; k++) failed = swale_trainer_step(trainer) != SWALE_OK;
  if (failed) fprintf(stderr, "%s\n", swale_context_message(context));
  if (!failed) mistakes(NULL, swale_trainer_parameters(trainer), &loss);
  printf("wrong at %.1f %% of the points\n", 100 * loss);
  const float *best = failed ? NULL : swale_trainer_best(trainer);
  if (best) {
    printf("best of %.0f evaluations: wrong at %.1f %%, at %.3f u + %.3f v + %.3f > 0\n",
           swale_trainer_statistic(trainer, SWALE_STATISTIC_EVALUATIONS),
           100 * swale_trainer_statistic(trainer, SWALE_STATISTIC_BEST_LOSS), best[0], best[1], best[2]);
  }
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
  swale_context_destroy(context);
  return loss > 0.02;
}
