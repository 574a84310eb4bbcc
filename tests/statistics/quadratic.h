/* quadratic.h - losses whose regularizations are known in closed form (MATH §5), and what a statistical test needs.
 *
 *   linear     f = g·x                 F_LE/beta = g·x - tau beta |g|²/2
 *                                      F_H = g·x
 *   quadratic  f = (x-c)ᵀA(x-c)/2      F_LE/beta = log det(I + tau beta A)/(2 beta) + (x-c)ᵀA(I + tau beta A)⁻¹(x-c)/2
 *              A dense                 F_H = f + tau tr A / 2
 *
 * and E_q X - x = -tau beta g, or c + (I + tau beta A)⁻¹(x-c) - x. Everything here is double and uses nothing of src/
 * but the public interface.
 */
#ifndef SWL_TESTS_QUADRATIC_H
#define SWL_TESTS_QUADRATIC_H

#include "check.h"

#include <swale/trainer.h>

enum { QUADRATIC_MAX = 20, STATISTICS = SWALE_STATISTIC_VIOLATED + 1 };

typedef struct quadratic {
  size_t dim;
  int linear;
  double a[QUADRATIC_MAX][QUADRATIC_MAX]; /* A; positive definite */
  double c[QUADRATIC_MAX];                /* c, or g of a linear loss */
  float x[QUADRATIC_MAX];                 /* where to start */
} quadratic;

/* A = scale (B Bᵀ/dim + I/4) with B uniform on [-1, 1]; c, x uniform on [-1, 1]; linear: g uniform, |g| = scale. */
quadratic quadratic_make(size_t dim, int linear, double scale, uint64_t seed);

/* out = (I + s A)⁻¹ r; the value is log det(I + s A). */
double quadratic_solve(const quadratic *q, double s, const double *r, double *out);

double quadratic_loss(const quadratic *q, const double *x, double *gradient /* NULL or dim */);
double quadratic_local_entropy(const quadratic *q, double tau, double beta, const float *x); /* F_LE / beta */
double quadratic_heat(const quadratic *q, double tau, const float *x);
void quadratic_mean(const quadratic *q, double tau, double beta, const float *x, double *mean); /* E_q X */

/* First-order bias of self-normalized importance sampling at N draws. With rho = E w² / (E w)² = e^(2 F(beta) - F(2
 * beta)): |E x+ - E_q X| <= rho/N (|m(2 beta) - m(beta)| + |m(beta) - x|), the second term for antithetic pairs only
 * (by Cauchy-Schwarz E w(Z) w(-Z) <= E w²). */
double quadratic_bias(const quadratic *q, double tau, double beta, const float *x, size_t samples, int antithetic);

/* Make a trainer of these options ("name=value name=value"), make `updates` steps from q->x with the seed, return x and
 * all statistics. One thread unless the options say otherwise. */
typedef struct outcome {
  float x[QUADRATIC_MAX];
  double statistic[STATISTICS];
} outcome;
outcome quadratic_run(const quadratic *q, const char *words, uint64_t seed, size_t updates);
/* The same for any problem; start (dim), x (dim). */
void statistics_run(swale_problem *problem, swale_context *context, const char *words, uint64_t seed, size_t updates,
                    const float *start, float *x, double statistic[STATISTICS]);
void statistics_set(swale_context *context, swale_options *options, const char *words); /* "name=value name=value" */

/* Sums of independent numbers. */
typedef struct sample {
  size_t count;
  double sum, square;
} sample;
void sample_add(sample *s, double value);
double sample_mean(const sample *s);
double sample_variance(const sample *s);
double sample_se(const sample *s); /* of the mean */

/* sum is chi-square with `freedom` degrees of freedom: as a standard normal, by Wilson and Hilferty 1931. */
double chi_square_z(double sum, double freedom);

/* `z` are z-scores with mean 0 and variance 1: their mean within 4/sqrt(n), their sum of squares within 4 sigma. */
void check_calibrated(const sample *z, const char *what);

#endif
