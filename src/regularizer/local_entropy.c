/* local_entropy.c - F_LE(x) = - log E exp(-beta f(x + sqrt(tau) Z)), by importance weights.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3.1 and §4.1; MATH §2 and §6.1.
 *
 * computes  w_j = softmax(-beta f_j): the weights of the draws under the tilted density q, so that
 *           E_q X - x = sqrt(tau) Σ w_j Z_j, which is - tau grad F_LE.
 *
 *   symbol | code    | shape            | meaning
 *   -------|---------|------------------|-----------------------------------------------
 *   f_jg   | losses  | samples × groups | loss of group g at draw j
 *   w_jg   | weights | samples × groups | share_g (softmax_j(-beta f_jg) - 1/samples)
 *   beta   | beta    |                  | given, or such that ESS / samples meets a target
 *
 * steps     (1) beta by bisection where it is automatic (2) weights u_j = exp(-beta (f_j - min f)) and their sum
 *           (3) value = -log mean u, by log-sum-exp, standard error by the delta method: sd(u) / (mean u sqrt(n)), n the
 *           number of pairs or draws (4) normalize, subtract 1 / samples where centered.
 *           Centering subtracts sqrt(tau)/N Σ Z_j, whose mean is zero: same limit, far less noise.
 *           With several groups the objective is the mean over groups of their own local entropies, a lower bound of
 *           the joint one (MATH §4): a third regularizer, not a synonym.
 * cost      O(samples × groups), times about 50 where beta is automatic.
 * randomness  none.
 * deviates  the paper prints Σ w_j x_j with beta = 1 (weighting = literal); a loss that is not finite has weight 0, as
 *           exp(-inf), and is counted.
 */
#include "regularizer/regularizer.h"

#include <math.h>
#include <string.h>

#define LE_LEAST_ESS 10.0    /* heuristic: draws behind a mean whose standard error is believed */
enum { LE_BISECTIONS = 40 }; /* heuristic: beta to a relative 1e-9 once bracketed */

/* One group's losses, and what its weights are made of: u_j = exp(-beta (f_j - low)), 0 where f_j is not finite. */
typedef struct le_column {
  const double *f;
  size_t samples, stride;
  double low; /* least finite loss */
  double beta;
} le_column;

static double le_weight(const void *self, size_t draw) {
  const le_column *column = self;
  const double f = column->f[draw * column->stride];
  return isfinite(f) ? exp(-column->beta * (f - column->low)) : 0;
}

static le_column le_column_of(const swl_loss_table *losses, size_t group, double beta) {
  le_column column = {losses->f + group, losses->samples, losses->groups, INFINITY, beta};
  for (size_t j = 0; j < losses->samples; j++) {
    const double f = column.f[j * column.stride];
    if (isfinite(f) && f < column.low) column.low = f;
  }
  return column;
}

static double le_ess(const le_column *column) {
  double sum = 0, square = 0;
  for (size_t j = 0; j < column->samples; j++) {
    const double u = le_weight(column, j);
    sum += u;
    square += u * u;
  }
  return square > 0 ? sum * sum / square : 0;
}

/* Mean over groups of ESS / finite losses at `beta`: a loss that is not finite has weight 0 at every beta. */
static double le_efficiency(const swl_loss_table *losses, double beta) {
  double sum = 0;
  for (size_t g = 0; g < losses->groups; g++) {
    const le_column column = le_column_of(losses, g, beta);
    size_t finite = 0;
    for (size_t j = 0; j < losses->samples; j++) finite += isfinite(column.f[j * column.stride]) != 0;
    if (finite) sum += losses->shares[g] * le_ess(&column) / (double)finite;
  }
  return sum;
}

/* The beta whose efficiency is `target`: a bracket by factors of 4 from 1, then bisection of log beta. ESS falls as beta
 * grows; where it never falls below the target (the losses, or that many of the lowest, are equal) beta is 1. */
static double le_choose_beta(const swl_loss_table *losses, double target) {
  double low = 1, high = 1;
  if (le_efficiency(losses, 1) >= target) {
    while (high < 1e12 && le_efficiency(losses, high) >= target) low = high, high *= 4;
    if (high >= 1e12) return 1;
  } else {
    while (low > 1e-12 && le_efficiency(losses, low) < target) high = low, low /= 4;
    if (low <= 1e-12) return low;
  }
  for (int i = 0; i < LE_BISECTIONS; i++) {
    const double middle = sqrt(low * high);
    if (le_efficiency(losses, middle) >= target)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Mean of u over all draws and its standard error; pairs count as one. */
static void le_mean(const le_column *column, int antithetic, double *mean, double *se) {
  const size_t step = antithetic ? 2 : 1, units = column->samples / step;
  double sum = 0, square = 0;
  for (size_t j = 0; j < column->samples; j++) sum += le_weight(column, j);
  *mean = sum / (double)column->samples;
  for (size_t i = 0; i < units; i++) {
    double unit = 0;
    for (size_t k = 0; k < step; k++) unit += le_weight(column, i * step + k) / (double)step;
    square += (unit - *mean) * (unit - *mean);
  }
  *se = units > 1 ? sqrt(square / ((double)units * (double)(units - 1))) : NAN;
}

/* Where a handful of draws out of many carries the weights, the delta method knows nothing of the error. */
static int le_believed(const le_column *column) {
  const double ess = le_ess(column);
  return ess >= LE_LEAST_ESS || 2 * ess >= (double)column->samples;
}

static double le_loss(const void *self, size_t draw) {
  const le_column *column = self;
  return column->f[draw * column->stride];
}

static swale_status local_entropy_tilt(swale_context *context, const swl_settings *settings,
                                       const swl_loss_table *losses, double *weights, swl_tilt *tilt) {
  const swl_auto *option = &settings->beta;
  const int centered = strcmp(settings->weighting, "centered") == 0;
  double beta = option->value, value_variance = 0, loss_variance = 0;
  if (option->automatic) beta = le_choose_beta(losses, option->value); /* (1) */
  swl_tilt made = {.beta = beta};
  for (size_t g = 0; g < losses->groups; g++) {
    const le_column column = le_column_of(losses, g, beta);
    const swl_moments moments = swl_loss_moments(losses, g, le_loss, &column);
    const double share = losses->shares[g], samples = (double)losses->samples;
    double mean = 0, se = 0;
    if (!moments.finite) {
      return swl_fail(context, SWALE_ERROR_NUMERIC, "local entropy: none of the %zu losses of group %zu is finite",
                      losses->samples, g);
    }
    le_mean(&column, losses->antithetic, &mean, &se);      /* (2) */
    made.value += share * (column.low - log(mean) / beta); /* (3) */
    value_variance += le_believed(&column) ? share * share * (se / (mean * beta)) * (se / (mean * beta)) : NAN;
    made.loss += share * moments.mean;
    loss_variance += share * share * moments.se * moments.se;
    made.ess += share * le_ess(&column);
    made.rejected += losses->samples - moments.finite;
    for (size_t j = 0; j < losses->samples; j++) { /* (4) */
      const double w = le_weight(&column, j) / (mean * samples);
      weights[j * losses->groups + g] = share * (centered ? w - 1 / samples : w);
    }
  }
  made.value_se = sqrt(value_variance);
  made.loss_se = sqrt(loss_variance);
  *tilt = made;
  return SWALE_OK;
}

/* -log(mean u'/mean u)/beta by the delta method on the paired draws: each unit contributes u'/mean u' - u/mean u. The
 * standard error is not a number where it would not be believed. */
static void local_entropy_change(double beta, const swl_loss_table *before, const swl_loss_table *after,
                                 double *difference, double *se) {
  const size_t step = before->antithetic ? 2 : 1, units = before->samples / step;
  double sum = 0, variance = 0;
  for (size_t g = 0; g < before->groups; g++) {
    const le_column old = le_column_of(before, g, beta), new = le_column_of(after, g, beta);
    double old_mean = 0, new_mean = 0, unused = 0, square = 0;
    le_mean(&old, before->antithetic, &old_mean, &unused);
    le_mean(&new, after->antithetic, &new_mean, &unused);
    for (size_t i = 0; i < units; i++) {
      double unit = 0;
      for (size_t j = i * step; j < (i + 1) * step; j++) {
        unit += (le_weight(&new, j) / new_mean - le_weight(&old, j) / old_mean) / (double)step;
      }
      square += unit * unit;
    }
    sum += before->shares[g] * (new.low - old.low - log(new_mean / old_mean) / beta);
    if (units > 1 && le_believed(&old) && le_believed(&new)) {
      variance += before->shares[g] * before->shares[g] * square / ((double)units * (double)(units - 1) * beta * beta);
    } else {
      variance = NAN;
    }
  }
  *difference = sum;
  *se = sqrt(variance);
}

const swl_regularizer_ops swl_regularizer_local_entropy = {
    .name = "local-entropy",
    .brief = "-log of the mean of exp(-beta f) under Gaussian noise on x: prefers wide minima",
    .source = "García Trillos, Kaplan, Sanz-Alonso 2019; Chaudhari et al. 2017",
    .density = 1,
    .pathwise = 0,
    .tilt = local_entropy_tilt,
    .change = local_entropy_change,
};
