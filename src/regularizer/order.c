/* order.c - the weights of evolution strategies: the order of the losses in the place of the losses ("centered ranks").
 *
 * source: fitness shaping, Wierstra, Schaul, Glasmachers, Sun, Peters, Schmidhuber 2014, "Natural Evolution Strategies",
 *         §3.1; centered ranks and the estimator: Salimans, Ho, Chen, Sidor, Sutskever 2017, "Evolution Strategies as a
 *         Scalable Alternative to Reinforcement Learning", §2.1 and algorithm 1.
 *
 * computes  among the n finite losses of a group, in increasing order, the place r_j = 0 … n-1, and
 *
 *             u_j = r_j / (n - 1) - 1/2,   w_j = - beta share u_j / n
 *
 *           so that the step is made of Σ u_j Z_j / (n sqrt tau), the estimator of heat with u in the place of f. It is
 *           the same for every increasing transformation of the loss, and not the gradient of F_H.
 *
 *   symbol | code    | shape            | meaning
 *   -------|---------|------------------|---------------------------------------
 *   f_jg   | losses  | samples × groups | loss of group g at draw j
 *          | sorted  | samples          | scratch: the finite losses of a group
 *   w_jg   | weights | samples × groups | - beta share_g u_jg / n_g
 *
 * steps     per group: (1) sort the finite losses (2) the place of a draw is the middle of those that its loss has, so
 *           that equal losses have equal weights (3) weight. Σ_j u_j = 0, with ties too.
 *           Members of antithetic pairs are placed as draws of their own, among all; a pair then enters by u_2i - u_2i+1.
 * cost      O(samples log samples) per group.
 * randomness  none.
 * deviates  a loss that is not finite has weight 0 and takes part in no order, as everywhere in this library (the last place
 *           would let it push). A lone finite loss has weight 0.
 */
#include "regularizer/regularizer.h"

#include <math.h>

/* Let a[top] sink to its place in the heap a[0..count). */
static void order_sink(double *a, size_t top, size_t count) {
  const double value = a[top];
  for (size_t child = 2 * top + 1; child < count; child = 2 * top + 1) {
    if (child + 1 < count && a[child + 1] > a[child]) child++;
    if (!(a[child] > value)) break;
    a[top] = a[child];
    top = child;
  }
  a[top] = value;
}

/* By heap: no memory, and never quadratic. */
static void order_sort(double *a, size_t count) {
  for (size_t top = count / 2; top-- > 0;) order_sink(a, top, count);
  for (size_t end = count; end > 1; end--) {
    const double last = a[end - 1];
    a[end - 1] = a[0];
    a[0] = last;
    order_sink(a, 0, end - 1);
  }
}

/* How many of sorted[0..count) are below `value`, or with `equal` not above it. */
static size_t order_below(const double *sorted, size_t count, double value, int equal) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sorted[middle] < value || (equal && sorted[middle] == value))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void swl_order_weights(const swl_loss_table *losses, double beta, double *sorted, double *weights) {
  const size_t groups = losses->groups;
  for (size_t g = 0; g < groups; g++) {
    size_t n = 0;
    for (size_t j = 0; j < losses->samples; j++) {
      const double f = losses->f[j * groups + g];
      if (isfinite(f)) sorted[n++] = f;
    }
    order_sort(sorted, n); /* (1) */
    for (size_t j = 0; j < losses->samples; j++) {
      const double f = losses->f[j * groups + g];
      double *w = &weights[j * groups + g];
      *w = 0;
      if (n < 2 || !isfinite(f)) continue;
      const double place = 0.5 * (double)(order_below(sorted, n, f, 0) + order_below(sorted, n, f, 1) - 1); /* (2) */
      *w = -beta * losses->shares[g] * (place / (double)(n - 1) - 0.5) / (double)n;                         /* (3) */
    }
  }
}
