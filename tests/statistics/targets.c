/* targets.c - see targets.h. */
#include "targets.h"

#include <math.h>

enum { POINTS = 20001 };
#define BANANA_WIDTH 0.4
#define REACH 12.0

target target_make(target_kind kind, size_t dim, double tau, double beta) {
  target t = {.kind = kind, .dim = dim, .tau = tau, .beta = beta};
  if (kind == TARGET_GAUSS) t.quadratic = quadratic_make(dim, 0, 2.0, 21);
  for (size_t i = 0; i < dim; i++) {
    t.x[i] = kind == TARGET_GAUSS    ? t.quadratic.x[i]
             : kind == TARGET_FUNNEL ? 0.1F * (float)i
                                     : 0.2F + 0.1F * (float)(i % 3);
  }
  return t;
}

const char *target_name(const target *t) {
  static const char *const names[] = {"gauss", "banana", "funnel", "wells"};
  return names[t->kind];
}

static double target_funnel(const target *t, const double *y, double *gradient) {
  const double narrow = exp(-y[0]), others = (double)(t->dim - 1);
  double square = 0;
  for (size_t i = 1; i < t->dim; i++) square += y[i] * y[i];
  if (gradient) gradient[0] = 0.5 * others - 0.5 * square * narrow;
  for (size_t i = 1; gradient && i < t->dim; i++) gradient[i] = y[i] * narrow;
  return 0.5 * square * narrow + 0.5 * others * y[0];
}

double target_loss(const target *t, const double *y, double *gradient) {
  double loss = 0;
  if (t->kind == TARGET_GAUSS) return quadratic_loss(&t->quadratic, y, gradient);
  if (t->kind == TARGET_FUNNEL) return target_funnel(t, y, gradient);
  if (t->kind == TARGET_BANANA) {
    const double off = (y[1] - y[0] * y[0]) / BANANA_WIDTH;
    if (gradient) gradient[0] = -2 * y[0] * off / BANANA_WIDTH, gradient[1] = off / BANANA_WIDTH;
    return 0.5 * off * off;
  }
  for (size_t i = 0; i < t->dim; i++) {
    const double off = y[i] * y[i] - 1;
    if (gradient) gradient[i] = 4 * y[i] * off;
    loss += off * off;
  }
  return loss;
}

/* The marginal density of y_0 under q up to a constant, and the mean of y_i (i > 0) given y_0. */
static double target_marginal(const target *t, double y0, size_t i, double *mean) {
  const double z = (y0 - t->x[0]) / sqrt(t->tau), gauss = -0.5 * z * z;
  if (t->kind == TARGET_BANANA) {
    const double noise = BANANA_WIDTH * BANANA_WIDTH / t->beta, off = y0 * y0 - t->x[1];
    *mean = (y0 * y0 / noise + t->x[1] / t->tau) / (1 / noise + 1 / t->tau);
    return exp(gauss - 0.5 * off * off / (noise + t->tau));
  }
  double sum = gauss - 0.5 * t->beta * (double)(t->dim - 1) * y0;
  const double tight = t->beta * exp(-y0);
  for (size_t k = 1; k < t->dim; k++) {
    sum -= 0.5 * log1p(t->tau * tight) + 0.5 * t->x[k] * (double)t->x[k] / (t->tau + 1 / tight);
  }
  *mean = i ? t->x[i] / t->tau / (tight + 1 / t->tau) : 0;
  return exp(sum);
}

/* Moments 0 and 1 of exp(-beta (y² - 1)²) N(x_i, tau). */
static void target_well(const target *t, size_t i, double moment[2]) {
  const double sd = sqrt(t->tau);
  moment[0] = moment[1] = 0;
  for (int k = 0; k < POINTS; k++) {
    const double z = REACH * (2.0 * k / (POINTS - 1) - 1), y = t->x[i] + sd * z, off = y * y - 1;
    const double p = exp(-t->beta * off * off - 0.5 * z * z) / sqrt(2 * acos(-1)) * 2 * REACH / (POINTS - 1);
    moment[0] += p;
    moment[1] += p * y;
  }
}

void target_mean(const target *t, double *mean) {
  if (t->kind == TARGET_GAUSS) {
    quadratic_mean(&t->quadratic, t->tau, t->beta, t->x, mean);
    return;
  }
  for (size_t i = 0; i < t->dim; i++) {
    double moment[2] = {0};
    for (int k = 0; t->kind != TARGET_WELLS && k < POINTS; k++) {
      const double y0 = t->x[0] + sqrt(t->tau) * REACH * (2.0 * k / (POINTS - 1) - 1);
      double given = 0;
      const double p = target_marginal(t, y0, i, &given);
      moment[0] += p;
      moment[1] += p * (i ? given : y0);
    }
    if (t->kind == TARGET_WELLS) target_well(t, i, moment);
    mean[i] = moment[1] / moment[0];
  }
}

double target_log_z(const target *t) {
  double sum = 0, moment[2];
  if (t->kind == TARGET_GAUSS) return -t->beta * quadratic_local_entropy(&t->quadratic, t->tau, t->beta, t->x);
  for (size_t i = 0; i < t->dim; i++) {
    target_well(t, i, moment);
    sum += log(moment[0]);
  }
  return sum;
}

static int target_evaluate(void *user, const float *x, double *loss) {
  const target *t = user;
  double at[TARGET_MAX] = {0};
  for (size_t i = 0; i < t->dim; i++) at[i] = x[i];
  *loss = target_loss(t, at, NULL);
  return 0;
}

static int target_gradient(void *user, const float *x, float *gradient, double *loss) {
  const target *t = user;
  double at[TARGET_MAX] = {0}, slope[TARGET_MAX];
  for (size_t i = 0; i < t->dim; i++) at[i] = x[i];
  *loss = target_loss(t, at, slope);
  for (size_t i = 0; i < t->dim; i++) gradient[i] = (float)slope[i];
  return 0;
}

swale_problem *target_problem(const target *t, swale_context *context) {
  swale_problem *problem = NULL;
  const swale_function function = {t->dim, target_evaluate, target_gradient, (void *)(uintptr_t)t};
  check_ok(context, swale_problem_create(context, &function, &problem));
  return problem;
}

double dice_uniform(dice *d) {
  d->state = d->state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(d->state >> 11) * 0x1p-53;
}

double dice_normal(dice *d) { /* Box and Muller 1958 */
  const double radius = sqrt(-2 * log(1 - dice_uniform(d)));
  return radius * cos(2 * acos(-1) * dice_uniform(d));
}

void target_draw(const target *t, dice *d, double *y) {
  do {
    for (size_t i = 0; i < t->dim; i++) y[i] = t->x[i] + sqrt(t->tau) * dice_normal(d);
  } while (dice_uniform(d) >= exp(-t->beta * target_loss(t, y, NULL)));
}
