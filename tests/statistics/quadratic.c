/* quadratic.c - see quadratic.h. */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Knuth's 64-bit LCG on [-1, 1): src/random is under test. */
static double quadratic_number(uint64_t *state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) * 0x1p-52 - 1.0;
}

quadratic quadratic_make(size_t dim, int linear, double scale, uint64_t seed) {
  quadratic q = {.dim = dim, .linear = linear};
  uint64_t state = seed * 2862933555777941757ULL + dim;
  double b[QUADRATIC_MAX][QUADRATIC_MAX], norm = 0;
  for (size_t i = 0; i < dim; i++) {
    for (size_t j = 0; j < dim; j++) b[i][j] = quadratic_number(&state);
    q.c[i] = quadratic_number(&state);
    q.x[i] = (float)quadratic_number(&state);
    norm += q.c[i] * q.c[i];
  }
  for (size_t i = 0; i < dim; i++) {
    for (size_t j = 0; j < dim; j++) {
      double sum = i == j ? 0.25 : 0;
      for (size_t k = 0; k < dim; k++) sum += b[i][k] * b[j][k] / (double)dim;
      q.a[i][j] = scale * sum;
    }
    if (linear) q.c[i] *= scale / sqrt(norm);
  }
  return q;
}

double quadratic_solve(const quadratic *q, double s, const double *r, double *out) {
  double l[QUADRATIC_MAX][QUADRATIC_MAX] = {{0}}, y[QUADRATIC_MAX], log_det = 0;
  const size_t dim = q->dim;
  for (size_t i = 0; i < dim; i++) { /* Cholesky */
    for (size_t j = 0; j <= i; j++) {
      double sum = s * q->a[i][j] + (i == j);
      for (size_t k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
    }
    log_det += 2 * log(l[i][i]);
    y[i] = r[i];
    for (size_t k = 0; k < i; k++) y[i] -= l[i][k] * y[k];
    y[i] /= l[i][i];
  }
  for (size_t i = dim; i-- > 0;) {
    for (size_t k = i + 1; k < dim; k++) y[i] -= l[k][i] * y[k];
    y[i] /= l[i][i];
  }
  memcpy(out, y, dim * sizeof *out);
  return log_det;
}

double quadratic_loss(const quadratic *q, const double *x, double *gradient) {
  double loss = 0;
  for (size_t i = 0; i < q->dim; i++) {
    double slope = q->linear ? q->c[i] : 0;
    for (size_t j = 0; !q->linear && j < q->dim; j++) slope += q->a[i][j] * (x[j] - q->c[j]);
    loss += q->linear ? slope * x[i] : 0.5 * slope * (x[i] - q->c[i]);
    if (gradient) gradient[i] = slope;
  }
  return loss;
}

static int quadratic_evaluate(void *user, const float *x, double *loss) {
  double at[QUADRATIC_MAX];
  const quadratic *q = user;
  for (size_t i = 0; i < q->dim; i++) at[i] = x[i];
  *loss = quadratic_loss(q, at, NULL);
  return 0;
}

static int quadratic_gradient(void *user, const float *x, float *gradient, double *loss) {
  double at[QUADRATIC_MAX], slope[QUADRATIC_MAX];
  const quadratic *q = user;
  for (size_t i = 0; i < q->dim; i++) at[i] = x[i];
  *loss = quadratic_loss(q, at, slope);
  for (size_t i = 0; i < q->dim; i++) gradient[i] = (float)slope[i];
  return 0;
}

double quadratic_local_entropy(const quadratic *q, double tau, double beta, const float *x) {
  double r[QUADRATIC_MAX], solved[QUADRATIC_MAX], square = 0, form = 0;
  for (size_t i = 0; i < q->dim; i++) r[i] = q->linear ? x[i] : x[i] - q->c[i];
  if (q->linear) {
    for (size_t i = 0; i < q->dim; i++) form += q->c[i] * r[i], square += q->c[i] * q->c[i];
    return form - tau * beta * square / 2;
  }
  const double log_det = quadratic_solve(q, tau * beta, r, solved);
  for (size_t i = 0; i < q->dim; i++) {
    for (size_t j = 0; j < q->dim; j++) form += r[i] * q->a[i][j] * solved[j];
  }
  return 0.5 * log_det / beta + 0.5 * form;
}

double quadratic_heat(const quadratic *q, double tau, const float *x) {
  double at[QUADRATIC_MAX], trace = 0;
  for (size_t i = 0; i < q->dim; i++) at[i] = x[i], trace += q->linear ? 0 : q->a[i][i];
  return quadratic_loss(q, at, NULL) + 0.5 * tau * trace;
}

void quadratic_mean(const quadratic *q, double tau, double beta, const float *x, double *mean) {
  double r[QUADRATIC_MAX];
  for (size_t i = 0; i < q->dim; i++) r[i] = x[i] - q->c[i];
  if (!q->linear) (void)quadratic_solve(q, tau * beta, r, r);
  for (size_t i = 0; i < q->dim; i++) mean[i] = q->linear ? x[i] - tau * beta * q->c[i] : q->c[i] + r[i];
}

double quadratic_bias(const quadratic *q, double tau, double beta, const float *x, size_t samples, int antithetic) {
  double one[QUADRATIC_MAX], two[QUADRATIC_MAX], far = 0, step = 0;
  quadratic_mean(q, tau, beta, x, one);
  quadratic_mean(q, tau, 2 * beta, x, two);
  for (size_t i = 0; i < q->dim; i++) far = fmax(far, fabs(two[i] - one[i])), step = fmax(step, fabs(one[i] - x[i]));
  const double rho = exp(2 * beta *
                         (quadratic_local_entropy(q, tau, beta, x) - quadratic_local_entropy(q, tau, 2 * beta, x)));
  return rho / (double)samples * (far + (antithetic ? step : 0));
}

void statistics_set(swale_context *context, swale_options *options, const char *words) {
  char copy[512], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    assert_non_null(value);
    *value = '\0';
    check_ok(context, swale_options_set(options, word, value + 1));
  }
}

void statistics_run(swale_problem *problem, swale_context *context, const char *words, uint64_t seed, size_t updates,
                    const float *start, float *x, double statistic[STATISTICS]) {
  char text[32];
  swale_options *options = NULL;
  swale_trainer *trainer = NULL;
  check_ok(context, swale_options_create(context, &options));
  check_ok(context, swale_options_set(options, "threads", "1"));
  statistics_set(context, options, words);
  snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
  check_ok(context, swale_options_set(options, "seed", text));
  check_ok(context, swale_trainer_create(options, problem, &trainer));
  check_ok(context, swale_trainer_set_parameters(trainer, start));
  for (size_t k = 0; k < updates; k++) check_ok(context, swale_trainer_step(trainer));
  memcpy(x, swale_trainer_parameters(trainer), swale_problem_dim(problem) * sizeof *x);
  for (int i = 0; i < STATISTICS; i++) statistic[i] = swale_trainer_statistic(trainer, (swale_statistic)i);
  swale_trainer_destroy(trainer);
  swale_options_destroy(options);
}

outcome quadratic_run(const quadratic *q, const char *words, uint64_t seed, size_t updates) {
  outcome made;
  swale_context *context = NULL;
  swale_problem *problem = NULL;
  const swale_function function = {q->dim, quadratic_evaluate, quadratic_gradient, (void *)(uintptr_t)q};
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_problem_create(context, &function, &problem));
  statistics_run(problem, context, words, seed, updates, q->x, made.x, made.statistic);
  swale_problem_destroy(problem);
  swale_context_destroy(context);
  return made;
}

void sample_add(sample *s, double value) {
  s->count++;
  s->sum += value;
  s->square += value * value;
}

double sample_mean(const sample *s) { return s->sum / (double)s->count; }

double sample_variance(const sample *s) {
  const double n = (double)s->count;
  return fmax((s->square - s->sum * s->sum / n) / (n - 1), 0);
}

double sample_se(const sample *s) { return sqrt(sample_variance(s) / (double)s->count); }

double chi_square_z(double sum, double freedom) {
  const double variance = 2 / (9 * freedom);
  return (cbrt(sum / freedom) - (1 - variance)) / sqrt(variance);
}

void check_calibrated(const sample *z, const char *what) {
  const double n = (double)z->count, mean = sample_mean(z), chi = chi_square_z(z->square, n);
  printf("# %-60s n %4zu  mean z %+.3f  mean z^2 %.3f  (chi-square as z %+.2f)\n", what, z->count, mean, z->square / n,
         chi);
  check_close(mean * sqrt(n), 0, 4);
  check_close(chi, 0, 4);
}
