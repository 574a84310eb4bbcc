/* minimize.c - fit a line that separates two classes by the number of its mistakes: a loss without a gradient.
 * Build: cc minimize.c $(pkg-config --cflags --libs swale) -o minimize */
#include <stdio.h>
#include <swale/swale.h>

enum { POINTS = 400 };

/* Share of the points of a 20 × 20 grid that x[0] u + x[1] v + x[2] > 0 puts on the wrong side of 2u - v > 0.3. */
static int mistakes(void *user, const float *x, double *loss) {
  int wrong = 0;
  for (int i = 0; i < POINTS; i++) {
    float u = (float)(i % 20) / 19, v = (float)(i / 20) / 19;
    wrong += (x[0] * u + x[1] * v + x[2] > 0) != (2 * u - v > 0.3F);
  }
  *loss = (double)wrong / POINTS;
  return user != NULL;
}

int main(void) {
  swale_context *context = NULL;
  swale_options *options = NULL;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  const swale_function function = {.dim = 3, .loss = mistakes};
  swale_status status = swale_context_create(NULL, &context);
  if (status == SWALE_OK) status = swale_options_create(context, &options);
  if (status == SWALE_OK) status = swale_options_set(options, "optimizer", "matching"); /* x <- E_q X */
  if (status == SWALE_OK) status = swale_options_set(options, "tau", "0.05");
  if (status == SWALE_OK) status = swale_problem_create(context, &function, &problem);
  if (status == SWALE_OK) status = swale_trainer_create(options, problem, &trainer);
  for (int k = 0; k < 100 && status == SWALE_OK; k++) status = swale_trainer_step(trainer);
  if (status == SWALE_OK) {
    const float *x = swale_trainer_parameters(trainer);
    double loss = 1;
    mistakes(NULL, x, &loss);
    printf("%.3f u %+.3f v %+.3f > 0 is wrong at %.1f %% of the points\n", x[0], x[1], x[2], 100 * loss);
    status = loss < 0.02 ? SWALE_OK : SWALE_ERROR_NUMERIC;
  }
  if (status != SWALE_OK) fprintf(stderr, "%s: %s\n", swale_status_name(status), swale_context_message(context));
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
  swale_context_destroy(context);
  return status != SWALE_OK;
}
