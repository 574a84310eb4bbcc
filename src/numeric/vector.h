/* vector.h - loops over long rows of numbers, compiled for several instruction sets and chosen once at run time.
 *
 * One table per instruction set: "avx512" (16 lanes), "avx2" (8 lanes, with FMA units present), "baseline" (4 lanes;
 * the only one on machines that are not x86-64). swl_vector() is the widest that this CPU has.
 *
 * What is promised. The value at an index depends only on the inputs at that index (of that row, for rows): not on
 * where a range was cut. axpy, perturb, scale, add_bias, column_sums, sum_rows, relu, sign and the derivatives except
 * gelu's give the same bytes from every set. What goes through exp, log or tanh (SLEEF, 1 to 3.5 ulp) or sums along a row
 * may differ in the last bits between sets: law 7 promises bytes for one binary on one kind of CPU only. NaN goes in, NaN
 * comes out.
 *
 * Where `u` and `y` (or `x` and `y`) are both arguments they may be the same memory; otherwise nothing overlaps.
 */
#ifndef SWL_NUMERIC_VECTOR_H
#define SWL_NUMERIC_VECTOR_H

#include "numeric/columns.h"

#include <stddef.h>
#include <stdint.h>

/* Of one Adam step (optimizer/adam.c has the formulas): step = rate / correction of m, root = 1 / sqrt(correction of v). */
typedef struct swl_adam {
  float beta1, beta2, gain1, gain2; /* gain = 1 - beta */
  float step, root, epsilon, keep;
} swl_adam;

typedef struct swl_vector_ops {
  const char *name;
  void (*axpy)(size_t count, float s, const float *z, float *y);
  void (*perturb)(size_t count, const float *x, float s, const float *z, float *y);
  void (*scale)(size_t count, float s, float *y); /* y[i] *= s */

  /* Rows. y (rows × columns) += bias (columns); sums[j] (columns) = Σ_rows y, summed in double, rounded once. */
  void (*add_bias)(size_t rows, size_t columns, const float *bias, float *y);
  void (*column_sums)(size_t rows, size_t columns, const float *y, float *sums);

  /* Elementwise y[i] = g(u[i]); formulas in network/activation.c. */
  void (*relu)(size_t count, const float *u, float *y);
  void (*tanh)(size_t count, const float *u, float *y);
  void (*sigmoid)(size_t count, const float *u, float *y);
  void (*gelu)(size_t count, const float *u, float *y);
  void (*sign)(size_t count, const float *u, float *y);
  /* delta[i] *= g'(u[i]), from y = g(u) where that is enough. */
  void (*relu_backward)(size_t count, const float *y, float *delta);
  void (*tanh_backward)(size_t count, const float *y, float *delta);
  void (*sigmoid_backward)(size_t count, const float *y, float *delta);
  void (*gelu_backward)(size_t count, const float *u, float *delta);

  /* Row b of u (rows × columns): losses[b] = log Σ_j exp(u_bj) - u_b,label, in nats; if delta is not NULL,
   * delta (rows × columns) = scale · (softmax(u_b) - one_hot(label)). labels < columns. */
  void (*cross_entropy)(size_t rows, size_t columns, const float *u, const uint32_t *labels, float scale, float *delta,
                        double *losses);

  void (*adam)(size_t count, const swl_adam *with, const float *g, float *m, float *v, float *x);

  /* In double: Σ a_i b_i, and y_i += s a_i. */
  double (*dot)(size_t count, const double *a, const double *b);
  void (*add_scaled)(size_t count, double s, const double *a, double *y);
  /* sums[j] = Σ_i rows[index_i][j] over `count` of the rows (… × columns), columns a multiple of 8. */
  void (*sum_rows)(size_t count, const size_t *index, size_t columns, const double *rows, double *sums);

  /* Over numbers in single precision: whether all are finite; in double |a - b|² and Σ a_i b_i. */
  int (*finite)(size_t count, const float *a);
  double (*distance2)(size_t count, const float *a, const float *b);
  double (*dot_floats)(size_t count, const float *a, const float *b);

  /* Of sampler/mala.c and langevin.c: Σ (v_i - a u_i + k g_i) g_i - (u_i - a v_i + k h_i) h_i in double; and, with
   * by = {keep, drift, diffuse}, free = keep free + diffuse z, pulled = keep pulled - drift g, v = free + pulled. */
  double (*mala)(size_t count, double a, double k, const float *u, const float *v, const float *g, const float *h);
  void (*langevin)(size_t count, const float by[3], const float *z, const float *g, float *free, float *pulled,
                   float *v);

  /* Columns of f - minus (rows × width, stride), minus NULL for 0, over the entries that are finite: their sums and
   * numbers; and of each `step` rows the square of the mean deviation from `mean`, and how many have one. All += . */
  void (*finite_sums)(size_t rows, size_t width, size_t stride, const double *f, const double *minus, double *sums,
                      double *counts);
  void (*finite_squares)(size_t rows, size_t step, size_t width, size_t stride, const double *f, const double *minus,
                         const double *mean, double *squares, double *counts);

  /* u_i = exp(-beta (f_i - low_i)) in double, 0 where f_i is not finite. */
  void (*boltzmann)(size_t count, double beta, const double *f, const double *low, double *u);

  const swl_columns_ops *columns; /* of the same set */
} swl_vector_ops;

const swl_vector_ops *swl_vector(void);            /* the widest set of this CPU; safe from any thread */
const swl_vector_ops *swl_vector_at(size_t index); /* the sets of this CPU, widest first; then NULL */

#endif
