/* elsewhere.c - a loss that is evaluated outside of this program: ask for points, tell their losses.
 * Build: cc elsewhere.c $(pkg-config --cflags --libs swale) -o elsewhere */
#include <stdio.h>
#include <swale/swale.h>

enum { DIM = 2, SAMPLES = 100 };

/* In earnest another machine, a program, a measurement: a disk of radius 0.1 around (3, -1) in a bowl. */
static double measure(const float *x) {
  const double square = (x[0] - 3.0) * (x[0] - 3.0) + (x[1] + 1.0) * (x[1] + 1.0);
  return 0.1 * square + (square > 0.01);
}

int main(void) {
  swale_context *context = NULL;
  swale_options *options = NULL;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  const swale_function function = {.dim = DIM}; /* no loss: it is evaluated elsewhere */
  float points[SAMPLES * DIM];
  double losses[SAMPLES];
  int failed = swale_context_create(NULL, &context) || swale_options_create(context, &options) ||
               swale_options_set(options, "optimizer", "matching") || swale_options_set(options, "tau", "0.1") ||
               swale_options_set(options, "samples", "100") || swale_problem_create(context, &function, &problem) ||
               swale_trainer_create(options, problem, &trainer);
  for (int k = 0; k < 50 && !failed; k++) {
    failed = swale_trainer_ask(trainer, 0, SAMPLES, points) != SWALE_OK;
    for (size_t j = 0; j < SAMPLES; j++) losses[j] = measure(&points[DIM * j]);
    if (!failed) failed = swale_trainer_tell(trainer, losses, SAMPLES) != SWALE_OK;
  }
  if (failed) fprintf(stderr, "%s\n", swale_context_message(context));
  if (!failed) {
    const float *x = swale_trainer_parameters(trainer);
    printf("x = (%.3f, %.3f)\n", (double)x[0], (double)x[1]);
  }
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
  swale_context_destroy(context);
  return failed;
}
