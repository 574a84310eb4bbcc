/* test_subspace_covariance.c - tau per layer: what it is, and what the schemes make of it.
 *
 * Hand solution: two linear layers, X_0 (n+1 × m) and X_1 (m+1 × p), squared loss (mean over outputs and examples),
 * noise of variance t_0 and t_1. With û = [h 1] X_0, ŷ = [û 1] X_1, and W_1 the rows of X_1 without its bias,
 *
 *   E|y - t|² = |ŷ - t|² + t_0 |(h, 1)|² |W_1|² + t_1 p (|û|² + 1 + t_0 m |(h, 1)|²)
 *
 * so grad F_H = grad f, plus 2 t_0 |(h, 1)|² W_1 / p for W_1, plus 2 t_1 [h 1]ᵀ û for X_0, averaged over the examples.
 * The scheme's step is - rate t_l beta grad_l, that of Robbins-Monro's first iteration too, the one of sgd - rate grad.
 * And t_l = sig² / mean |(h, 1)|² with h = the inputs, or û; as tau is scheduled, so is t_l.
 * z-scores per coordinate over independent updates from one x; family 1e-4.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, M = 3, P = 2, COUNT = 7, FIRST = (N + 1) * M, DIM = FIRST + (M + 1) * P, UPDATES = 3000 };
#define FAMILY 1e-4
#define MODEL "mlp:4-3-2 identity squared"

typedef struct hand {
  double tau[2], gradient[DIM], plain[DIM];
} hand;

static hand hand_make(const stage *s, double sig) {
  hand made = {{0}, {0}, {0}};
  const float *x = s->trainer->x, *x1 = x + FIRST;
  double u[COUNT][M], square[COUNT], sum[2] = {0, 0};
  for (size_t b = 0; b < COUNT; b++) {
    const float *h = s->table.inputs + b * N;
    double far = 1;
    square[b] = 1;
    for (size_t i = 0; i < N; i++) square[b] += (double)h[i] * h[i];
    for (size_t j = 0; j < M; j++) {
      u[b][j] = x[N * M + j];
      for (size_t i = 0; i < N; i++) u[b][j] += (double)h[i] * x[i * M + j];
      far += u[b][j] * u[b][j];
    }
    sum[0] += square[b], sum[1] += far;
  }
  for (int l = 0; l < 2; l++) made.tau[l] = sig * sig * COUNT / sum[l];
  for (size_t b = 0; b < COUNT; b++) {
    double back[M] = {0};
    for (size_t k = 0; k < P; k++) {
      double r = (double)x1[M * P + k] - s->table.targets[b * P + k];
      for (size_t j = 0; j < M; j++) r += u[b][j] * x1[j * P + k];
      r *= 2.0 / (P * COUNT);
      for (size_t j = 0; j < M; j++) {
        made.plain[FIRST + j * P + k] += r * u[b][j];
        made.gradient[FIRST + j * P + k] += 2 * made.tau[0] * square[b] * x1[j * P + k] / (P * COUNT);
        back[j] += r * x1[j * P + k];
      }
      made.plain[FIRST + M * P + k] += r;
    }
    for (size_t i = 0; i <= N; i++) {
      const double h = i < N ? s->table.inputs[b * N + i] : 1;
      for (size_t j = 0; j < M; j++) {
        made.plain[i * M + j] += h * back[j];
        made.gradient[i * M + j] += 2 * made.tau[1] * h * u[b][j] / COUNT;
      }
    }
  }
  for (size_t i = 0; i < DIM; i++) made.gradient[i] += made.plain[i];
  return made;
}

/* Mean step from one x. */
static void covariance_steps(stage *s, stage_levels *levels, const double *expected, const char *what) {
  float x[DIM];
  double sum[DIM] = {0}, square[DIM] = {0};
  memcpy(x, s->trainer->x, sizeof x);
  for (size_t u = 0; u < UPDATES; u++) {
    check_ok(s->context, swale_trainer_set_parameters(s->trainer, x));
    check_ok(s->context, swale_trainer_step(s->trainer));
    for (size_t i = 0; i < DIM; i++) {
      const double step = (double)s->trainer->x[i] - x[i];
      sum[i] += step, square[i] += step * step;
    }
  }
  for (size_t i = 0; i < DIM; i++) {
    const double n = UPDATES, mean = sum[i] / n, se = sqrt((square[i] / n - mean * mean) / (n - 1));
    stage_z(levels, (mean - expected[i]) / se, what);
    if (fabs(expected[i]) > 0.1) assert_true(fabs(expected[i]) > 6 * se); /* a factor of two would be seen */
  }
}

static void a_step_is_scaled_by_the_layers_tau(void **state) {
  (void)state;
  static const char *const noises[] = {"noise=weights group=0",
                                       "noise=subspace smoothing=joint group=1",
                                       "noise=subspace smoothing=joint group=3",
                                       "noise=subspace smoothing=joint group=0",
                                       "noise=weights group=3",
                                       "noise=weights group=0 estimator=pathwise"};
  static const char *const optimizers[] = {"optimizer=matching rate=0.7", "optimizer=robbins-monro inner=1 rate=0.7",
                                           "optimizer=sgd rate=0.7 momentum=0"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 6 * 3; k++) {
    char options[STAGE_WORDS];
    double expected[DIM];
    stage s;
    snprintf(options, sizeof options, "%s %s sig=0.8 beta=3 samples=20 antithetic=%s", noises[k % 6], optimizers[k / 6],
             k % 4 ? "true" : "false");
    stage_open(&s, MODEL, STAGE_PLAIN, COUNT, options);
    const hand made = hand_make(&s, 0.8);
    for (size_t i = 0; i < DIM; i++) {
      expected[i] = -0.7 * made.gradient[i] * (k / 6 == 2 ? 1 : 3 * made.tau[i >= FIRST]);
    }
    covariance_steps(&s, &levels, expected, options);
    for (int l = 0; l < 2; l++)
      check_close(s.trainer->step.covariance.blocks[l].tau, made.tau[l], 0x1p-20 * made.tau[l]);
    stage_close(&s);
  }
  stage_check(&levels, FAMILY);
}

/* Local entropy, small beta: E_q X - x = - tau_l beta grad F_H up to O(beta²), measured against noise = weights. */
static void local_entropy_is_scaled_too(void **state) {
  (void)state;
  stage_levels levels = {0};
  for (size_t k = 0; k < 2; k++) {
    stage s[2];
    double sum[2][DIM] = {{0}}, square[2][DIM] = {{0}};
    for (int i = 0; i < 2; i++) {
      char options[STAGE_WORDS];
      snprintf(options, sizeof options,
               "%s %s regularizer=local-entropy beta=1.5 sig=0.8 optimizer=matching samples=40",
               i ? "noise=subspace" : "noise=weights seed=8", k ? "group=3" : "group=0");
      stage_open(&s[i], MODEL, STAGE_PLAIN, COUNT, options);
      float x[DIM];
      memcpy(x, s[i].trainer->x, sizeof x);
      for (size_t u = 0; u < UPDATES; u++) {
        check_ok(s[i].context, swale_trainer_set_parameters(s[i].trainer, x));
        check_ok(s[i].context, swale_trainer_step(s[i].trainer));
        for (size_t c = 0; c < DIM; c++) {
          const double step = (double)s[i].trainer->x[c] - x[c];
          sum[i][c] += step, square[i][c] += step * step;
        }
      }
      stage_close(&s[i]);
    }
    for (size_t c = 0; c < DIM; c++) {
      const double n = UPDATES, a = sum[0][c] / n, b = sum[1][c] / n;
      const double variance = square[0][c] / n - a * a + square[1][c] / n - b * b;
      stage_z(&levels, (a - b) / sqrt(variance / (n - 1)), k ? "group=3" : "group=0");
    }
  }
  stage_check(&levels, FAMILY);
}

/* tau falls by scoping-rate per update; so does every t_l, and the smallest is tau-final of the first. */
static void a_layers_tau_follows_the_schedule(void **state) {
  (void)state;
  static const char *const noises[] = {"noise=weights", "noise=subspace"};
  for (size_t k = 0; k < 2; k++) {
    char options[STAGE_WORDS];
    stage s;
    snprintf(options, sizeof options, "%s group=0 sig=0.5 tau-schedule=scoping scoping-rate=0.3 tau-final=0.2",
             noises[k]);
    stage_open(&s, MODEL, STAGE_PLAIN, COUNT, options);
    for (int u = 0; u < 8; u++) {
      const hand made = hand_make(&s, 0.5);
      check_ok(s.context, swale_trainer_step(s.trainer));
      for (int l = 0; l < 2; l++) {
        const double tau = made.tau[l] * fmax(pow(0.7, u), 0.2);
        check_close(s.trainer->step.covariance.blocks[l].tau, tau, 0x1p-20 * tau);
      }
    }
    stage_close(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_step_is_scaled_by_the_layers_tau),
      cmocka_unit_test(local_entropy_is_scaled_too),
      cmocka_unit_test(a_layers_tau_follows_the_schedule),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
