/* test_rates.c - the error of one update falls as N^-1/2 over two decades.
 *
 * Hand solution: the root mean square over R seeds of |x+ - E x+| at N = 100, 1000, 10000, against the exact E x+ (for
 * importance sampling E_q X: its bias is O(1/N), below 3 % of the error at N = 100, so below 0.001 of slope; for
 * chains and Robbins-Monro what their recursions expect at this length: test_schemes.c).
 * Slope by least squares in log-log: (y(10^4) - y(10^2))/2 per decade; its s.e. from the s.e. of the two mean squares
 * by the delta method. Accepted within 3 of its standard errors of -1/2.
 */
#include "quadratic.h"

#include <math.h>
#include <stdio.h>

enum { SEEDS = 300 };

typedef struct rate_case {
  const char *what, *options; /* %zu: samples, and a second one: samples / 10 */
} rate_case;

static const rate_case cases[] = {
    {"importance, antithetic", "optimizer=matching tau=0.2 beta=1.5 samples=%zu"},
    {"importance, plain", "optimizer=matching tau=0.2 beta=1.5 antithetic=false samples=%zu"},
    {"importance, literal", "optimizer=matching tau=0.2 beta=1.5 weighting=literal antithetic=false samples=%zu"},
    {"langevin", "sampler=langevin optimizer=matching tau=0.2 beta=1.5 step=1 samples=%zu chains=%zu"},
    {"langevin, no control",
     "sampler=langevin optimizer=matching tau=0.2 beta=1.5 step=1 control=no samples=%zu chains=%zu"},
    {"heat, score", "regularizer=heat optimizer=matching tau=0.2 beta=1.5 antithetic=false samples=%zu"},
    {"heat, score, antithetic", "regularizer=heat optimizer=matching tau=0.2 beta=1.5 samples=%zu"},
    {"heat, pathwise",
     "regularizer=heat estimator=pathwise optimizer=matching tau=0.2 beta=1.5 antithetic=false samples=%zu"},
    {"robbins-monro, score", "regularizer=heat optimizer=robbins-monro inner=5 tau=0.2 beta=1.5 samples=%zu"},
    {"robbins-monro, pathwise", "regularizer=heat estimator=pathwise optimizer=robbins-monro inner=5 tau=0.2 beta=1.5 "
                                "antithetic=false samples=%zu"},
};

static void rate_expects(const quadratic *q, size_t i, double *exact) {
  double at[QUADRATIC_MAX], slope[QUADRATIC_MAX], m[QUADRATIC_MAX] = {0}, sum[QUADRATIC_MAX] = {0};
  for (size_t j = 0; j < q->dim; j++) at[j] = q->x[j];
  (void)quadratic_loss(q, at, slope);
  quadratic_mean(q, 0.2, 1.5, q->x, exact);
  for (size_t j = 0; i >= 5 && i < 8 && j < q->dim; j++) exact[j] = at[j] - 0.2 * 1.5 * slope[j];
  for (size_t n = 1; i >= 8 && n <= 5; n++) {
    for (size_t j = 0; j < q->dim; j++) at[j] = exact[j] = n == 1 ? q->x[j] : exact[j];
    (void)quadratic_loss(q, at, slope);
    for (size_t j = 0; j < q->dim; j++) exact[j] -= (at[j] - q->x[j] + 0.2 * 1.5 * slope[j]) / (double)n;
  }
  if (i < 3 || i > 4) return;
  for (size_t t = 0; t < 10; t++) { /* the chains' recursion, kept from step 5 on */
    for (size_t j = 0; j < q->dim; j++) at[j] = q->x[j] + m[j];
    (void)quadratic_loss(q, at, slope);
    for (size_t j = 0; j < q->dim; j++) {
      m[j] = exp(-1) * m[j] - 0.2 * (1 - exp(-1)) * 1.5 * slope[j];
      sum[j] += t >= 5 ? m[j] / 5 : 0;
    }
  }
  for (size_t j = 0; j < q->dim; j++) exact[j] = q->x[j] + sum[j];
}

static sample rate_squares(const quadratic *q, const rate_case *what, size_t samples, const double *exact) {
  char options[256];
  sample squares = {0};
  int length = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
  length = snprintf(options, sizeof options, what->options, samples, samples / 10);
#pragma GCC diagnostic pop
  assert_true(length > 0 && length < (int)sizeof options);
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    const outcome run = quadratic_run(q, options, 100 * samples + seed, 1);
    double square = 0;
    for (size_t j = 0; j < q->dim; j++) square += (run.x[j] - exact[j]) * (run.x[j] - exact[j]);
    sample_add(&squares, square);
  }
  return squares;
}

static void error_falls_as_one_over_root_n(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const quadratic q = quadratic_make(3, 0, 1.2, 15);
    double exact[QUADRATIC_MAX], y[3], variance[3];
    rate_expects(&q, i, exact);
    for (size_t k = 0, samples = 100; k < 3; k++, samples *= 10) {
      const sample squares = rate_squares(&q, &cases[i], samples, exact);
      const double relative = sample_se(&squares) / sample_mean(&squares);
      y[k] = 0.5 * log10(sample_mean(&squares));
      variance[k] = pow(0.5 * relative / log(10), 2);
    }
    const double slope = (y[2] - y[0]) / 2, se = sqrt(variance[0] + variance[2]) / 2;
    printf("# %-26s rms %.2e %.2e %.2e  slope %.4f +- %.4f (%+.1f s.e. from -1/2)\n", cases[i].what, pow(10, y[0]),
           pow(10, y[1]), pow(10, y[2]), slope, se, (slope + 0.5) / se);
    check_close(slope, -0.5, 3 * se);
    check_close(y[1], (y[0] + y[2]) / 2, 3 * sqrt(variance[1] + (variance[0] + variance[2]) / 4)); /* a straight line */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(error_falls_as_one_over_root_n)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
