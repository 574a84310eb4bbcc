/* test_schemes.c - one update by Langevin chains and by Robbins-Monro, against what their recursions expect.
 *
 * Hand solutions. The gradient of these losses is affine, so the mean of a chain or of an inner iteration obeys the
 * same recursion without noise, at every length:
 *   langevin       m' = a m - tau (1-a) beta grad f(x + m), m_0 = 0, averaged over the kept steps; its fixed point is
 *                  E_q X - x, reached like (a - (1-a) tau beta lambda)^steps.
 *   robbins-monro  m <- m - [(m - x) + tau beta grad f(m)]/n, n = 1 … inner, m = x at first; error to
 *                  c + (I + tau beta A)⁻¹(x-c) in an eigenvector of A: the factor Π_n (1 - (1+s)/n), s = tau beta
 *                  lambda, whose size at n = inner is |Γ(inner - s)/(Γ(-s) Γ(inner+1))|: below inner^-(1+s) for s < 1.
 * In d = 1 the variance of a chain's mean is known too: u, v are linear in u_0 and the normals xi.
 * Tolerances: 4 standard errors of the mean over seeds; chi-square within 4 sigma; single-precision chains err by
 * 2^-22 (|x| + |v|)/(1-a) at most, four roundings a step summed by a geometric series.
 */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 64 };
#define TAU 0.2
#define BETA 1.5

static void check_landing(const quadratic *q, const char *options, const double *exact, double rounding) {
  sample landing[QUADRATIC_MAX] = {{0, 0, 0}};
  double worst = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    const outcome run = quadratic_run(q, options, 5000 + seed, 1);
    for (size_t i = 0; i < q->dim; i++) sample_add(&landing[i], run.x[i]);
  }
  for (size_t i = 0; i < q->dim; i++) {
    const double se = sample_se(&landing[i]);
    worst = fmax(worst, fabs(sample_mean(&landing[i]) - exact[i]) / (se + rounding));
    check_close(sample_mean(&landing[i]), exact[i], 4 * se + rounding);
  }
  printf("# %-90s %s d=%2zu largest |z| %.2f\n", options, q->linear ? "linear   " : "quadratic", q->dim, worst);
}

/* x + the mean of m over the kept steps */
static void chain_expects(const quadratic *q, double h, size_t steps, size_t burn, double *exact) {
  const double a = exp(-h);
  double m[QUADRATIC_MAX] = {0}, at[QUADRATIC_MAX], slope[QUADRATIC_MAX], sum[QUADRATIC_MAX] = {0};
  for (size_t t = 0; t < steps; t++) {
    for (size_t i = 0; i < q->dim; i++) at[i] = q->x[i] + m[i];
    (void)quadratic_loss(q, at, slope);
    for (size_t i = 0; i < q->dim; i++) {
      m[i] = a * m[i] - TAU * (1 - a) * BETA * slope[i];
      if (t >= burn) sum[i] += m[i];
    }
  }
  for (size_t i = 0; i < q->dim; i++) exact[i] = q->x[i] + sum[i] / (double)(steps - burn);
}

static void langevin_lands_where_its_recursion_says(void **state) {
  (void)state;
  const struct {
    size_t chains, steps, burn;
    double h, burned;
  } cases[] = {{1, 300, 150, 0.2, 0.5}, {30, 10, 0, 0.5, 0}, {7, 40, 10, 0.1, 0.25}, {100, 1, 0, 1, 0.5}};
  const size_t dims[] = {1, 3, 20};
  for (size_t i = 0; i < 4; i++) {
    for (size_t k = 0; k < 12; k++) {
      const int linear = (int)(k % 2), control = (int)(k / 2 % 2);
      const quadratic q = quadratic_make(dims[k / 4], linear, linear ? 0.9 : 1.5, 12);
      char options[256];
      double exact[QUADRATIC_MAX], limit[QUADRATIC_MAX];
      snprintf(options, sizeof options,
               "sampler=langevin optimizer=matching tau=%g beta=%g samples=%zu chains=%zu step=%g burn=%g control=%d",
               TAU, BETA, cases[i].chains * cases[i].steps, cases[i].chains, cases[i].h, cases[i].burned, control);
      chain_expects(&q, cases[i].h, cases[i].steps, cases[i].burn, exact);
      check_landing(&q, options, exact, 0x1p-22 * 4 / (1 - exp(-cases[i].h)));
      quadratic_mean(&q, TAU, BETA, q.x, limit);
      /* the first case has converged: (e^-0.2)^150 = 1e-13 at most, the fixed point is E_q X at any h */
      for (size_t j = 0; i == 0 && j < q.dim; j++) check_close(exact[j], limit[j], 1e-10);
    }
  }
}

/* Variance of the kept mean of one chain for f = lambda (x-c)²/2: the response of the sum to a unit of u at each
 * time. */
static double chain_variance(double s, double h, size_t steps, size_t burn, int control) {
  const double a = exp(-h), k = (1 - a) * s;
  double variance = 0;
  for (size_t j = 0; j <= steps; j++) {
    double u = 1, v = 0, sum = 0;
    for (size_t t = j; t <= steps; t++) {
      if (t > burn) sum += control ? v : u + v;
      v = a * v - k * (u + v);
      u = a * u;
      if (fabs(u) + fabs(v) < 1e-14) break;
    }
    variance += (j == 0 ? TAU : TAU * (1 - a * a)) * sum * sum;
  }
  return variance / ((double)(steps - burn) * (double)(steps - burn));
}

static void langevin_has_the_variance_of_its_recursion(void **state) {
  (void)state;
  const quadratic q = quadratic_make(1, 0, 3, 13);
  const size_t lengths[] = {40, 400, 4000};
  for (size_t i = 0; i < 12; i++) {
    const size_t steps = lengths[i / 4], burn = steps / 2;
    const int control = (int)(i / 2 % 2), seeds = i / 4 == 2 ? 100 : 400;
    const double h = i % 2 ? 0.5 : 0.1, variance = chain_variance(TAU * BETA * q.a[0][0], h, steps, burn, control);
    char options[256];
    double exact[1];
    sample z = {0};
    snprintf(options, sizeof options,
             "sampler=langevin optimizer=matching tau=%g beta=%g samples=%zu chains=1 step=%g control=%d", TAU, BETA,
             steps, h, control);
    chain_expects(&q, h, steps, burn, exact);
    for (int seed = 0; seed < seeds; seed++) {
      const outcome run = quadratic_run(&q, options, 20000 + (uint64_t)seed, 1);
      sample_add(&z, (run.x[0] - exact[0]) / sqrt(variance));
    }
    snprintf(options, sizeof options, "langevin steps %zu h %g control %d, sd %.2e", steps, h, control, sqrt(variance));
    check_calibrated(&z, options);
  }
}

/* For long chains only slow parts of the noise matter: v -> -s/(1+s) of u's, u + v -> 1/(1+s). So the control variate
 * multiplies the variance by s² = (tau beta lambda)²: it helps where s < 1 and hurts where s > 1. Seen in the code: */
static void control_variate_multiplies_the_variance_by_s_squared(void **state) {
  (void)state;
  quadratic q = quadratic_make(1, 0, 1, 13);
  const double curvatures[] = {0.3, 3};
  for (size_t i = 0; i < 2; i++) {
    const double s = curvatures[i];
    sample landing[2] = {{0, 0, 0}};
    q.a[0][0] = s / (TAU * BETA);
    for (uint64_t run = 0; run < 400; run++) {
      char options[256];
      snprintf(options, sizeof options,
               "sampler=langevin optimizer=matching tau=%g beta=%g samples=1000 chains=1 step=0.2 control=%d", TAU,
               BETA, (int)(run % 2));
      sample_add(&landing[run % 2], quadratic_run(&q, options, 30000 + run, 1).x[0]);
    }
    /* ratio of two variances of 200 each: relative s.e. sqrt(2/199 + 2/199) = 0.14; finite length: below 0.05 */
    check_close(chain_variance(s, 0.2, 1000, 500, 1) / chain_variance(s, 0.2, 1000, 500, 0) / (s * s), 1, 0.05);
    check_close(sample_variance(&landing[1]) / sample_variance(&landing[0]) / (s * s), 1, 4 * 0.14 + 0.05);
  }
}

static void robbins_monro_lands_where_its_recursion_says(void **state) {
  (void)state;
  const char *const ways[] = {"estimator=score antithetic=true", "estimator=score antithetic=false",
                              "estimator=pathwise antithetic=false"};
  const size_t dims[] = {1, 3, 20}, inner = 300;
  for (size_t i = 0; i < 18; i++) {
    const int linear = (int)(i % 2);
    const quadratic q = quadratic_make(dims[i / 2 % 3], linear, linear ? 0.9 : 1.0, 14);
    double m[QUADRATIC_MAX], slope[QUADRATIC_MAX], limit[QUADRATIC_MAX], far = 0;
    char options[256];
    for (size_t j = 0; j < q.dim; j++) m[j] = q.x[j];
    quadratic_mean(&q, TAU, BETA, q.x, limit);
    for (size_t n = 1; n <= inner; n++) {
      (void)quadratic_loss(&q, m, slope);
      for (size_t j = 0; j < q.dim; j++) m[j] -= (m[j] - q.x[j] + TAU * BETA * slope[j]) / (double)n;
    }
    for (size_t j = 0; j < q.dim; j++) far += (q.x[j] - limit[j]) * (q.x[j] - limit[j]);
    for (size_t j = 0; j < q.dim; j++) check_close(m[j], limit[j], sqrt(far) / (double)inner); /* s > 0: inner^-(1+s) */
    snprintf(options, sizeof options, "regularizer=heat optimizer=robbins-monro tau=%g beta=%g inner=%zu samples=20 %s",
             TAU, BETA, inner, ways[i / 6]);
    check_landing(&q, options, m, 0x1p-22);
  }
}

/* f = g x, d = 1, pairs: x_m = x - tau beta (mean over rounds of g^), g^ = g (mean over P pairs of Z²), so the
 * variance is (tau beta g)² 2/(P m): only if every round has draws of its own. */
static void robbins_monro_rounds_are_independent(void **state) {
  (void)state;
  const quadratic q = quadratic_make(1, 1, 0.9, 22);
  const double sd = TAU * BETA * 0.9 * sqrt(2.0 / (10 * 8)), exact = q.x[0] - TAU * BETA * q.c[0];
  sample z = {0};
  for (uint64_t seed = 0; seed < 400; seed++) {
    const outcome run = quadratic_run(
        &q, "regularizer=heat optimizer=robbins-monro tau=0.2 beta=1.5 samples=20 inner=8", 40000 + seed, 1);
    sample_add(&z, (run.x[0] - exact) / sd);
  }
  check_calibrated(&z, "robbins-monro, linear, 8 rounds of 10 pairs");
}

/* Gamma's formula in the head comment is the recursion: s = 0.3, inner = 50. */
static void robbins_monro_bias_formula(void **state) {
  (void)state;
  double product = 1;
  for (int n = 1; n <= 50; n++) product *= 1 - 1.3 / n;
  check_close(fabs(product), fabs(tgamma(49.7) / (tgamma(-0.3) * tgamma(51))), 1e-12);
  assert_true(fabs(product) < pow(50, -1.3));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(langevin_lands_where_its_recursion_says),
      cmocka_unit_test(langevin_has_the_variance_of_its_recursion),
      cmocka_unit_test(control_variate_multiplies_the_variance_by_s_squared),
      cmocka_unit_test(robbins_monro_lands_where_its_recursion_says),
      cmocka_unit_test(robbins_monro_rounds_are_independent),
      cmocka_unit_test(robbins_monro_bias_formula),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
