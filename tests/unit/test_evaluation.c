/* test_evaluation.c - what swale evaluate says of a model, against what is known by hand.
 *
 * Hand solutions. One linear layer with the squared loss: l_b = r_b + h_b·d squared, d ~ N(0, tau I), h_b = (inputs, 1),
 * r_b the residual at x; f = mean_b l_b is a paraboloid with gradient g = 2 mean r h and Hessian A = 2 mean h hᵀ. So
 *   heat           f + tau/2 tr A
 *   local entropy  f + (½ log det(I + tau beta A) - ½ tau beta² gᵀ (I + tau beta A)⁻¹ g) / beta         (MATH §5)
 *   per example    mean_b (½ log(1 + 2 beta s²) + beta r²/(1 + 2 beta s²)) / beta, s² = tau |h_b|²
 * Tolerances are 4 standard errors of the estimate itself: one check in 16,000 would fail by chance, with a fixed seed
 * none does. Rounding to k bits, the confusion matrix and quantiles: numbers small enough to do in the head.
 */
#include "test_run.h"

#include "noise/noise.h"
#include "random/gaussian.h"
#include "train/evaluation_parts.h"

#include <math.h>

enum { ERRORS = 4 };

/* A model of words "name=value …" on data of the folder, then its evaluation. */
static swale_evaluation *evaluate(stage *s, const char *words) {
  swale_evaluation *evaluation = NULL;
  stage_options(s, words);
  check_ok(s->context, swale_evaluation_create(s->options, &evaluation));
  return evaluation;
}

static void stage_line(stage *s) {
  stage_make(s, "");
  stage_csv(s, "numbers.csv", 60, NULL, NULL);
  stage_options(s, "data=csv:@/numbers.csv loss=squared model=mlp:2-1 regularizer=none optimizer=sgd batch=0 updates=2 "
                   "out=@/run");
  swale_run_destroy(stage_run(s));
}
#define LINE "data=csv:@/numbers.csv model=@/run/model.safetensors "

typedef struct parabola {
  double f, g[3], a[3][3]; /* loss, gradient, Hessian */
  double per_example;
} parabola;

static parabola parabola_of(const swale_evaluation *evaluation, double tau, double beta) {
  const swl_table *table = &evaluation->subset;
  const float *x = evaluation->setup.x;
  const double share = 1 / (double)table->count;
  parabola p = {0};
  for (size_t b = 0; b < table->count; b++) {
    const double h[3] = {table->inputs[2 * b], table->inputs[2 * b + 1], 1};
    double r = -table->targets[b], square = 0;
    for (int i = 0; i < 3; i++) r += h[i] * x[i], square += h[i] * h[i];
    const double wide = 1 + 2 * beta * tau * square;
    p.f += share * r * r;
    p.per_example += share * (0.5 * log(wide) / beta + r * r / wide);
    for (int i = 0; i < 3; i++) {
      p.g[i] += share * 2 * r * h[i];
      for (int k = 0; k < 3; k++) p.a[i][k] += share * 2 * h[i] * h[k];
    }
  }
  return p;
}

/* ½ log det M - ½ tau beta² gᵀ M⁻¹ g with M = I + tau beta A, by elimination. */
static double parabola_entropy(const parabola *p, double tau, double beta) {
  double m[3][4], log_det = 0, form = 0, y[3];
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 3; k++) m[i][k] = (i == k) + tau * beta * p->a[i][k];
    m[i][3] = p->g[i];
  }
  for (int i = 0; i < 3; i++) {
    log_det += log(m[i][i]);
    for (int j = i + 1; j < 3; j++) {
      const double factor = m[j][i] / m[i][i];
      for (int k = i; k < 4; k++) m[j][k] -= factor * m[i][k];
    }
  }
  for (int i = 2; i >= 0; i--) {
    y[i] = m[i][3];
    for (int k = i + 1; k < 3; k++) y[i] -= m[i][k] * y[k];
    y[i] /= m[i][i];
    form += y[i] * p->g[i];
  }
  return p->f + (0.5 * log_det - 0.5 * tau * beta * beta * form) / beta;
}

static double cell(const swale_evaluation *evaluation, size_t row, swale_column column) {
  return swale_evaluation_cell(evaluation, SWALE_SECTION_TAU, row, column);
}

static void check_row(const swale_evaluation *evaluation, size_t row) {
  const double tau = cell(evaluation, row, SWALE_COLUMN_LEVEL), beta = cell(evaluation, row, SWALE_COLUMN_BETA);
  const parabola p = parabola_of(evaluation, tau, beta);
  const double trace = p.a[0][0] + p.a[1][1] + p.a[2][2];
  check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET_LOSS), p.f, 1e-5 * p.f + 1e-6); /* float */
  check_close(cell(evaluation, row, SWALE_COLUMN_HEAT), p.f + 0.5 * tau * trace,
              ERRORS * cell(evaluation, row, SWALE_COLUMN_HEAT_SE));
  check_close(cell(evaluation, row, SWALE_COLUMN_LOCAL_ENTROPY), parabola_entropy(&p, tau, beta),
              ERRORS * cell(evaluation, row, SWALE_COLUMN_LOCAL_ENTROPY_SE));
  check_close(cell(evaluation, row, SWALE_COLUMN_PER_EXAMPLE), p.per_example,
              ERRORS * cell(evaluation, row, SWALE_COLUMN_PER_EXAMPLE_SE));
  check_close(cell(evaluation, row, SWALE_COLUMN_SANDWICH), 1, 0);
}

static void a_linear_layer_has_closed_forms(void **state) {
  (void)state;
  stage s;
  stage_line(&s);
  const char *const ways[] = {LINE "taus=0.001,0.01,0.1 beta=2 samples=4000",
                              LINE "taus=0.01,0.3 beta=0.5 samples=3000 antithetic=false seed=2",
                              LINE "tau=0.05 beta=5 samples=4000 examples=5"};
  const size_t rows[] = {3, 2, 1};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    swale_evaluation *evaluation = evaluate(&s, ways[i]);
    assert_int_equal(swale_evaluation_rows(evaluation, SWALE_SECTION_TAU), rows[i]);
    if (i == 2) check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET), 5, 0);
    for (size_t row = 0; row < rows[i]; row++) {
      check_row(evaluation, row);
      check_close(cell(evaluation, row, SWALE_COLUMN_TEMPERED), 0, 0);
    }
    swale_evaluation_destroy(evaluation);
  }
  stage_free(&s);
}

/* Over seeds (draws, and the split, differ) at most 3 % of the values are beyond three of the errors told, within 4
 * standard deviations of that binomial number; where weights carry the estimates, and where tempering does. */
static void errors_that_are_told_hold(void **state) {
  (void)state;
  static const swale_column columns[] = {SWALE_COLUMN_PER_EXAMPLE, SWALE_COLUMN_LOCAL_ENTROPY};
  static const char *const ways[] = {"tau=0.001 beta=2 samples=200", "tau=0.044 beta=20 samples=200",
                                     "tau=0.3 beta=20 samples=200", "tau=3 beta=20 samples=200",
                                     "tau=30 beta=20 samples=200"};
  enum { SEEDS = 100 };
  stage s;
  stage_line(&s);
  for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
    double known[2] = {0, 0}, beyond[2] = {0, 0}, tempered = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
      char words[160];
      snprintf(words, sizeof words,
               LINE "%s perturb-taus= perturb-relative= bits= directions=1 perturb-draws=1 seed=%d", ways[way], seed);
      swale_evaluation *evaluation = evaluate(&s, words);
      const double tau = cell(evaluation, 0, SWALE_COLUMN_LEVEL), beta = cell(evaluation, 0, SWALE_COLUMN_BETA);
      const parabola p = parabola_of(evaluation, tau, beta);
      const double exact[] = {p.per_example, parabola_entropy(&p, tau, beta)};
      for (int i = 0; i < 2; i++) {
        const double error = cell(evaluation, 0, (swale_column)(columns[i] + 1));
        known[i] += !isnan(error);
        beyond[i] += fabs(cell(evaluation, 0, columns[i]) - exact[i]) > 3 * error;
      }
      tempered += cell(evaluation, 0, SWALE_COLUMN_TEMPERED) == 1;
      swale_evaluation_destroy(evaluation);
    }
    printf("# %-32s per example: known %3.0f, beyond 3 %2.0f; local entropy: known %3.0f, beyond 3 %2.0f, tempered "
           "%3.0f\n",
           ways[way], known[0], beyond[0], known[1], beyond[1], tempered);
    for (int i = 0; i < 2; i++) assert_true(beyond[i] <= 0.03 * known[i] + 4 * sqrt(0.03 * known[i]));
    if (way == 0) assert_true(known[0] == SEEDS && known[1] == SEEDS);
  }
  stage_free(&s);
}

/* tau beta A of some hundreds in three directions: one draw in thousands counts. The tempered estimate meets the closed form. */
static void where_weights_collapse_it_is_tempered(void **state) {
  (void)state;
  stage s;
  stage_line(&s);
  swale_evaluation *evaluation = evaluate(&s, LINE "tau=10 beta=20 samples=1000");
  const parabola p = parabola_of(evaluation, 10, 20);
  assert_true(cell(evaluation, 0, SWALE_COLUMN_ESS) < 10);
  check_close(cell(evaluation, 0, SWALE_COLUMN_TEMPERED), 1, 0);
  const double error = cell(evaluation, 0, SWALE_COLUMN_LOCAL_ENTROPY_SE);
  printf("# tempered %g, error %g, closed form %g\n", cell(evaluation, 0, SWALE_COLUMN_LOCAL_ENTROPY), error,
         parabola_entropy(&p, 10, 20));
  assert_true(error > 0 && error < 0.1 * parabola_entropy(&p, 10, 20));
  check_close(cell(evaluation, 0, SWALE_COLUMN_LOCAL_ENTROPY), parabola_entropy(&p, 10, 20),
              ERRORS * cell(evaluation, 0, SWALE_COLUMN_LOCAL_ENTROPY_SE));
  check_close(cell(evaluation, 0, SWALE_COLUMN_SANDWICH), 1, 0);
  assert_string_equal(swale_evaluation_note(evaluation, 0), "");
  swale_evaluation_destroy(evaluation);
  evaluation = evaluate(&s, LINE "tau=1 beta=auto:0.1 samples=20");
  assert_true(isnan(cell(evaluation, 0, SWALE_COLUMN_TEMPERED)));
  assert_true(strstr(swale_evaluation_note(evaluation, 0), "needs a number for beta") != NULL);
  assert_true(isnan(cell(evaluation, 0, SWALE_COLUMN_SANDWICH)));
  swale_evaluation_destroy(evaluation);
  stage_free(&s);
}

/* Layer 1: weights 1, -7, 3.4, 3.6, bias 100: k = 4 has 7 steps to 7, so s = 1. k = 2: s = 7, and 3.4 / 7 = 0.486 is
 * nearest to 0, 3.6 / 7 = 0.514 to 1. Layer 2: weights 0, 0.5: with k = 3 the scale is 0.5 / 3. Ties go to even: 2.5 is
 * 2 and 3.5 is 4 where s = 1. A layer of zeros stays. */
static void weights_are_rounded(void **state) {
  (void)state;
  swale_context *context = NULL;
  swl_network network;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swl_network_parse(context, "mlp:4-1-1", "relu", "squared", &network));
  assert_int_equal(network.dim, 7);
  const float x[7] = {1, -7, 3.4F, 3.6F, 100.3F, 0.5F, -0.3F};
  float to[7];
  swl_quantize(&network, 4, x, to);
  const float four[7] = {1, -7, 3, 4, 100.3F, 0.5F, -0.3F};
  for (int i = 0; i < 7; i++) check_close(to[i], four[i], 1e-6);
  swl_quantize(&network, 2, x, to);
  const float two[7] = {0, -7, 0, 7, 100.3F, 0.5F, -0.3F};
  for (int i = 0; i < 7; i++) check_close(to[i], two[i], 1e-6);
  const float ties[7] = {2.5F, 7, 3.5F, -2.5F, 0.1F, 0, 0.2F}, even[7] = {2, 7, 4, -2, 0.1F, 0, 0.2F};
  swl_quantize(&network, 4, ties, to);
  for (int i = 0; i < 7; i++) check_close(to[i], even[i], 0);
  swl_quantize(&network, 24, x, to); /* half a step of 7 / (2^23 - 1), and float */
  for (int i = 0; i < 7; i++) check_close(to[i], x[i], 1e-6);
  swale_context_destroy(context);
}

/* Of the line y = w·h + b with r of noise: the loss at w_i (1 + r z_i), z the normals that the page of robustness.c names,
 * and at w_i + sqrt(tau) z_i. */
static void noise_is_as_written(void **state) {
  (void)state;
  stage s;
  stage_line(&s);
  swale_evaluation *evaluation = evaluate(
      &s, LINE "samples=2 perturb-relative=0.5 perturb-taus=0.25 perturb-draws=1 seed=5 bits=");
  const swl_table *table = &evaluation->setup.dataset.split[SWL_SPLIT_TEST];
  const float *x = evaluation->setup.x;
  for (int relative = 0; relative < 2; relative++) {
    const swale_section section = relative ? SWALE_SECTION_RELATIVE : SWALE_SECTION_NOISE;
    const swl_stream stream = swl_stream_make(swl_philox(5), SWL_PURPOSE_EVALUATE,
                                              relative ? SWL_EVALUATE_RELATIVE : SWL_EVALUATE_NOISE, 0, 0);
    float z[3];
    double w[3], f = 0;
    swl_gaussian_fill(&stream, 0, 3, z);
    for (int i = 0; i < 3; i++) w[i] = relative ? x[i] * (1 + 0.5 * z[i]) : x[i] + 0.5 * z[i];
    for (size_t b = 0; b < table->count; b++) {
      const double r = w[0] * table->inputs[2 * b] + w[1] * table->inputs[2 * b + 1] + w[2] - table->targets[b];
      f += r * r / (double)table->count;
    }
    assert_int_equal(swale_evaluation_rows(evaluation, section), 1);
    check_close(swale_evaluation_cell(evaluation, section, 0, SWALE_COLUMN_LOSS), f, 1e-5 * f + 1e-6);
    assert_true(isnan(swale_evaluation_cell(evaluation, section, 0, SWALE_COLUMN_LOSS_SE))); /* one draw */
  }
  assert_int_equal(swale_evaluation_rows(evaluation, SWALE_SECTION_BITS), 0);
  check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_CLASSES), 0, 0);
  swale_evaluation_destroy(evaluation);
  stage_free(&s);
}

/* The loss at x + sqrt(3 tau) z / |z| by the paraboloid, z the normals of direction 0. */
static double line_end(const swale_evaluation *evaluation, double tau) {
  const parabola p = parabola_of(evaluation, tau, 1);
  const swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_EVALUATE, SWL_EVALUATE_PROFILE, 0, 0);
  float z[3];
  double square = 0, loss = p.f;
  swl_gaussian_fill(&stream, 0, 3, z);
  for (int i = 0; i < 3; i++) square += (double)z[i] * z[i];
  const double scale = sqrt(3 * tau / square);
  for (int i = 0; i < 3; i++) {
    loss += scale * z[i] * p.g[i];
    for (int k = 0; k < 3; k++) loss += 0.5 * scale * z[i] * p.a[i][k] * scale * z[k];
  }
  return loss;
}

/* Every line through x is a parabola f + t g·u + t² ½ uᵀA u: from three distances the others follow, on every direction
 * and so on their mean. With one direction lowest, quantiles, highest and mean are the same, and the worst one is it. */
static void lines_are_parabolas(void **state) {
  (void)state;
  stage s;
  stage_line(&s);
  for (int directions = 1; directions <= 6; directions += 5) {
    char words[256];
    snprintf(words, sizeof words, LINE "tau=0.3 samples=2 directions=%d", directions);
    swale_evaluation *evaluation = evaluate(&s, words);
    const double f = swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET_LOSS);
    double at[6][SWL_COLUMNS], highest = 0;
    assert_int_equal(swale_evaluation_rows(evaluation, SWALE_SECTION_PROFILE), 6);
    for (size_t t = 0; t < 6; t++) {
      for (int k = 0; k < SWL_COLUMNS; k++) {
        at[t][k] = swale_evaluation_cell(evaluation, SWALE_SECTION_PROFILE, t, (swale_column)k);
      }
      const double *c = at[t];
      highest = fabs(c[SWALE_COLUMN_LEVEL]) == 1 ? fmax(highest, c[SWALE_COLUMN_HIGHEST]) : highest;
      assert_true(c[SWALE_COLUMN_LOWEST] <= c[SWALE_COLUMN_LOW] && c[SWALE_COLUMN_LOW] <= c[SWALE_COLUMN_MEDIAN]);
      assert_true(c[SWALE_COLUMN_MEDIAN] <= c[SWALE_COLUMN_HIGH] && c[SWALE_COLUMN_HIGH] <= c[SWALE_COLUMN_HIGHEST]);
      if (directions == 1) check_close(c[SWALE_COLUMN_LOWEST], c[SWALE_COLUMN_HIGHEST], 0);
    }
    check_close(at[4][SWALE_COLUMN_WORST], highest, 0);
    if (directions == 1) check_close(at[4][SWALE_COLUMN_LOSS], line_end(evaluation, 0.3), 1e-4 * (f + 1));
    const swale_column lines[] = {SWALE_COLUMN_LOSS, SWALE_COLUMN_WORST};
    for (int k = 0; k < 2; k++) {
      const double slope = (at[4][lines[k]] - at[1][lines[k]]) / 2;
      const double bend = (at[4][lines[k]] + at[1][lines[k]]) / 2 - f;
      for (size_t t = 0; t < 6; t++) {
        const double distance = at[t][SWALE_COLUMN_LEVEL];
        check_close(at[t][lines[k]], f + slope * distance + bend * distance * distance, 1e-4 * (f + 1));
      }
    }
    swale_evaluation_destroy(evaluation);
  }
  stage_free(&s);
}

/* Inputs ±1 and the words of their signs: the trained model is right on the rows that are, and wrong on the four "low"
 * with the input of an "up". Read with the whole file as test set (test = 0.9 deals 90 of 100). */
static void confusions_are_counted(void **state) {
  (void)state;
  stage s;
  stage_make(&s, "");
  FILE *stream = fopen(stage_path(&s, "words.csv"), "w");
  assert_non_null(stream);
  fprintf(stream, "a,y\n");
  for (int i = 0; i < 100; i++) fprintf(stream, "%d,%s\n", i % 2 ? 1 : -1, i % 2 && i % 20 != 1 ? "up" : "low");
  assert_int_equal(fclose(stream), 0);
  stage_options(&s, "data=csv:@/words.csv model=mlp:1-2 regularizer=none optimizer=sgd batch=0 updates=50 out=@/run");
  swale_run_destroy(stage_run(&s));
  swale_evaluation *evaluation = evaluate(&s, "data=csv:@/words.csv model=@/run/model.safetensors samples=2 test=0.9");
  const swl_table *table = evaluation->table; /* another split than the run's: all rows */
  size_t hand[2][2] = {{0}};
  for (size_t b = 0; b < table->count; b++) hand[table->labels[b]][table->inputs[b] > 0]++;
  assert_int_equal(table->count, 100);
  assert_true(hand[0][1] > 0 && hand[1][0] == 0);
  for (size_t i = 0; i < 2; i++) {
    for (size_t k = 0; k < 2; k++) assert_int_equal(swale_evaluation_confusion(evaluation, i, k), hand[i][k]);
  }
  check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_ACCURACY), (double)(hand[0][0] + hand[1][1]) / 100,
              1e-15);
  assert_string_equal(swale_evaluation_class_name(evaluation, 0), "low");
  json_t *record = json_loads(swale_evaluation_json(evaluation), 0, NULL);
  const json_t *matrix = json_object_get(record, "confusion");
  assert_int_equal(json_integer_value(json_array_get(json_array_get(matrix, 0), 1)), hand[0][1]);
  assert_int_equal(json_array_size(json_object_get(record, "taus")), 4);
  json_decref(record);
  swale_evaluation_destroy(evaluation);
  stage_free(&s);
}

/* The whole record, to the byte, of one thread and of others; of another seed it differs. */
static void threads_change_nothing(void **state) {
  (void)state;
  stage s;
  stage_line(&s);
  stage_options(&s, "data=digits:200 model=mlp:784-4-10 batch=20 updates=3 out=@/digits");
  swale_run_destroy(stage_run(&s));
  const char *const models[] = {"data=digits:200 model=@/digits/model.safetensors samples=6 examples=40 ",
                                LINE "tau=10 beta=20 samples=20 "};
  for (int m = 0; m < 2; m++) {
    char first[16384] = "";
    const char *const ways[] = {"threads=1", "threads=2", "threads=5", "threads=1 seed=9"};
    for (int i = 0; i < 4; i++) {
      char words[512];
      snprintf(words, sizeof words, "%s%s", models[m], ways[i]);
      swale_evaluation *evaluation = evaluate(&s, words);
      const char *json = swale_evaluation_json(evaluation);
      assert_true(strlen(json) < sizeof first);
      if (i == 0) strcpy(first, json);
      assert_int_equal(strcmp(json, first) == 0, i < 3);
      swale_evaluation_destroy(evaluation);
    }
  }
  stage_free(&s);
}

/* The grid: taus, else tau where it is given, else (r R)². */
static void the_grid_follows_the_options(void **state) {
  (void)state;
  stage s;
  stage_line(&s);
  swale_evaluation *evaluation = evaluate(&s, LINE "samples=2");
  const float *x = evaluation->setup.x;
  const double square = ((double)x[0] * x[0] + (double)x[1] * x[1] + (double)x[2] * x[2]) / 3;
  const double ratios[] = {0.03, 0.1, 0.3, 1};
  assert_int_equal(swale_evaluation_rows(evaluation, SWALE_SECTION_TAU), 4);
  for (size_t i = 0; i < 4; i++) {
    check_close(cell(evaluation, i, SWALE_COLUMN_LEVEL), ratios[i] * ratios[i] * square, 1e-12 * square);
  }
  swale_evaluation_destroy(evaluation);
  evaluation = evaluate(&s, LINE "samples=2 tau=0.5 taus=3,0.25");
  assert_int_equal(swale_evaluation_rows(evaluation, SWALE_SECTION_TAU), 2);
  check_close(cell(evaluation, 0, SWALE_COLUMN_LEVEL), 3, 0);
  check_close(cell(evaluation, 1, SWALE_COLUMN_LEVEL), 0.25, 0);
  check_close(swale_evaluation_number(evaluation, SWALE_MEASURE_TAU), 3, 0);
  swale_evaluation_destroy(evaluation);
  evaluation = NULL;
  stage_options(&s, LINE "examples=0 samples=100000000");
  check_fails(s.context, swale_evaluation_create(s.options, &evaluation), SWALE_ERROR_USAGE, "more than 1 GiB");
  assert_null(evaluation);
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_linear_layer_has_closed_forms),
      cmocka_unit_test(errors_that_are_told_hold),
      cmocka_unit_test(where_weights_collapse_it_is_tempered),
      cmocka_unit_test(weights_are_rounded),
      cmocka_unit_test(noise_is_as_written),
      cmocka_unit_test(lines_are_parabolas),
      cmocka_unit_test(confusions_are_counted),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(the_grid_follows_the_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
