/* predict.c - train a network on arrays in memory, then ask it about points that it has not seen: no file of data.
 * Build: cc predict.c $(pkg-config --cflags --libs swale) -lm -o predict */
#include <math.h>
#include <stdio.h>
#include <swale/swale.h>

enum { COUNT = 600, FEATURES = 2 };

/* Points of a spiral that covers the square from 0 to 100 evenly; 1: inside of the disk of radius 30 around its middle. */
static void make(double rows[COUNT * FEATURES], uint32_t labels[COUNT]) {
  for (int i = 0; i < COUNT; i++) {
    const double u = fmod(0.5 + 0.7548776662466927 * i, 1), v = fmod(0.5 + 0.5698402909980532 * i, 1);
    rows[2 * i] = 100 * u;
    rows[2 * i + 1] = 100 * v;
    labels[i] = hypot(100 * u - 50, 100 * v - 50) < 30;
  }
}

static int train(const swale_options *options, const swale_data *data, swale_run **run) {
  int done = 0, failed = swale_run_create_with(options, data, run) != SWALE_OK;
  while (!failed && !done) failed = swale_run_advance(*run, &done) != SWALE_OK;
  return failed || swale_run_finish(*run, swale_run_stop(*run)) != SWALE_OK;
}

int main(void) {
  static double rows[COUNT * FEATURES];
  static uint32_t labels[COUNT];
  static const char *const names[] = {"x", "y"}, *const classes[] = {"outside", "inside"};
  const swale_arrays arrays = {.count = COUNT,
                               .features = FEATURES,
                               .rows = rows,
                               .labels = labels,
                               .classes = 2,
                               .names = names,
                               .class_names = classes,
                               .target = "where"};
  const double asked[3][2] = {{50, 50}, {60, 35}, {5, 90}};
  swale_context *context = NULL;
  swale_options *options = NULL;
  swale_data *data = NULL;
  swale_run *run = NULL;
  swale_model *model = NULL;
  swale_predictor *predictor = NULL;
  double probabilities[3][2];
  uint32_t answers[3];
  make(rows, labels);
  int failed = swale_context_create(NULL, &context) || swale_options_create(context, &options) ||
               swale_options_set(options, "model", "mlp:2-32-2") || swale_options_set(options, "epochs", "200") ||
               swale_data_create(options, &arrays, &data) || train(options, data, &run) ||
               swale_model_open(context, swale_run_folder(run), &model) ||
               swale_predictor_create(context, model, 1, &predictor) ||
               swale_predict(predictor, 3, asked[0], NULL, probabilities[0], answers);
  if (failed) fprintf(stderr, "%s\n", swale_context_message(context));
  for (int i = 0; i < 3 && !failed; i++) {
    printf("(%2.0f, %2.0f) is %s: %.3f\n", asked[i][0], asked[i][1], swale_model_class_name(model, answers[i]),
           probabilities[i][answers[i]]);
  }
  failed = failed || answers[0] != 1 || answers[1] != 1 || answers[2] != 0;
  swale_predictor_destroy(predictor);
  swale_model_destroy(model);
  swale_run_destroy(run);
  swale_data_destroy(data);
  swale_options_destroy(options);
  swale_context_destroy(context);
  return failed;
}
