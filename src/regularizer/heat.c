/* heat.c - the heat regularization F_H(x) = E f(x + sqrt(tau) Z), from losses only.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3.2; the score-function gradient: Rechenberg, Schwefel; Nesterov,
 *         Spokoiny 2017, "Random gradient-free minimization of convex functions". MATH §3.
 *
 * computes  grad F_H = E[(f(x + sqrt(tau) Z) - c) Z] / sqrt(tau), with c for draw j the mean loss of the other draws
 *           (leave-one-out): unbiased, since c_j does not depend on Z_j.
 *
 *   symbol | code    | shape            | meaning
 *   -------|---------|------------------|----------------------------------------
 *   f_jg   | losses  | samples × groups | loss of group g at draw j
 *   w_jg   | weights | samples × groups | - beta share_g (f_jg - mean_g) / (n_g - 1)
 *
 * steps     (1) mean of the finite losses of each group (2) weights (3) value = Σ share_g mean_g, with standard error.
 *           (f_j - mean) / (n - 1) is (f_j - c_j) / n for the leave-one-out c_j. With pairs (Z, -Z), where c must not
 *           depend on either member, the difference w_2i - w_2i+1 is all that enters and c cancels: then the weights
 *           are - beta share (f_j - mean) / n.
 * cost      O(samples × groups).
 * randomness  none.
 */
#include "regularizer/regularizer.h"

#include <math.h>

typedef struct heat_column {
  const double *f; /* of one group */
  size_t stride;
} heat_column;

static double heat_loss(const void *self, size_t draw) {
  const heat_column *column = self;
  return column->f[draw * column->stride];
}

static swale_status heat_tilt(swale_context *context, const swl_settings *settings, const swl_loss_table *losses,
                              double *weights, swl_tilt *tilt) {
  const double beta = settings->beta.automatic ? 1.0 : settings->beta.value;
  swl_tilt made = {.beta = beta, .ess = NAN};
  double variance = 0;
  for (size_t g = 0; g < losses->groups; g++) {
    const heat_column column = {losses->f + g, losses->groups};
    const swl_moments moments = swl_loss_moments(losses, g, heat_loss, &column); /* (1) */
    if (!moments.finite) {
      return swl_fail(context, SWALE_ERROR_NUMERIC, "heat: none of the %zu losses of group %zu is finite",
                      losses->samples, g);
    }
    const double left_out = !losses->antithetic && moments.finite > 1 ? 1 : 0;
    const double scale = -beta * losses->shares[g] / ((double)moments.finite - left_out);
    for (size_t j = 0; j < losses->samples; j++) { /* (2) */
      const double f = heat_loss(&column, j);
      weights[j * losses->groups + g] = isfinite(f) ? scale * (f - moments.mean) : 0;
    }
    made.value += losses->shares[g] * moments.mean; /* (3) */
    variance += losses->shares[g] * losses->shares[g] * moments.se * moments.se;
    made.rejected += losses->samples - moments.finite;
  }
  made.loss = made.value;
  made.loss_se = made.value_se = sqrt(variance);
  *tilt = made;
  return SWALE_OK;
}

typedef struct heat_pair {
  const double *before, *after;
  size_t stride;
} heat_pair;

static double heat_difference(const void *self, size_t draw) {
  const heat_pair *pair = self;
  return pair->after[draw * pair->stride] - pair->before[draw * pair->stride];
}

static void heat_change(double beta, const swl_loss_table *before, const swl_loss_table *after, double *difference,
                        double *se) {
  double sum = 0, variance = 0;
  (void)beta;
  for (size_t g = 0; g < before->groups; g++) {
    const heat_pair pair = {before->f + g, after->f + g, before->groups};
    const swl_moments moments = swl_loss_moments(before, g, heat_difference, &pair);
    sum += before->shares[g] * moments.mean;
    variance += before->shares[g] * before->shares[g] * moments.se * moments.se;
  }
  *difference = sum;
  *se = sqrt(variance);
}

const swl_regularizer_ops swl_regularizer_heat = {
    .name = "heat",
    .brief = "the mean of the loss under Gaussian noise on x",
    .source = "García Trillos, Kaplan, Sanz-Alonso 2019",
    .density = 0,
    .pathwise = 1,
    .tilt = heat_tilt,
    .change = heat_change,
};
