/* targets.h - densities q ∝ exp(-beta f) N(x, tau I) of known means, on which chains have to work.
 *
 *   gauss    f = (y-c)ᵀA(y-c)/2 (quadratic.h)              E_q X in closed form
 *   banana   f = (y_1 - y_0²)² / (2 s²), s = 0.4           y_1 given y_0 is Gaussian: quadrature over y_0
 *   funnel   f = Σ_{i>0} y_i² e^{-y_0} / 2 + (d-1) y_0 / 2   y_i given y_0 is Gaussian: quadrature over y_0
 *   wells    f = Σ (y_i² - 1)²                             a product: quadrature over each coordinate
 *
 * Everything is in double and uses nothing of src/ but the public interface. Quadrature is the trapezoidal rule on
 * 20001 points, 12 standard deviations of N(x, tau) to each side: exact to rounding for such smooth functions.
 */
#ifndef SWL_TESTS_TARGETS_H
#define SWL_TESTS_TARGETS_H

#include "quadratic.h"

enum { TARGET_MAX = 50 };

typedef enum target_kind { TARGET_GAUSS, TARGET_BANANA, TARGET_FUNNEL, TARGET_WELLS } target_kind;

typedef struct target {
  target_kind kind;
  size_t dim;
  double tau, beta;
  float x[TARGET_MAX];
  quadratic quadratic; /* gauss */
} target;

target target_make(target_kind kind, size_t dim, double tau, double beta);
const char *target_name(const target *t);

double target_loss(const target *t, const double *y, double *gradient /* NULL or dim */);
void target_mean(const target *t, double *mean);                        /* E_q X */
double target_log_z(const target *t);                                   /* log E exp(-beta f); gauss and wells */
swale_problem *target_problem(const target *t, swale_context *context); /* with gradients; t must outlive it */

/* Numbers that have nothing to do with src/random. */
typedef struct dice {
  uint64_t state;
} dice;
double dice_uniform(dice *d); /* [0, 1) */
double dice_normal(dice *d);

/* An exact draw of q, by rejection from N(x, tau I): banana and wells, whose f is at least 0. */
void target_draw(const target *t, dice *d, double *y);

#endif
