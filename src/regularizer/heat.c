/* heat.c - the heat regularization F_H(x) = E f(x + sqrt(tau) Z), from losses only.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3.2; the score-function gradient: Rechenberg, Schwefel; Nesterov,
 *         Spokoiny 2017, "Random gradient-free minimization of convex functions". MATH §3.
 *
 * computes  grad F_H = E[(f(x + sqrt(tau) Z) - c) Z] / sqrt(tau), with c for draw j the mean loss of the draws that are
 *           independent of it (leave one out, or one pair): unbiased, since c_j does not depend on Z_j.
 *
 *   symbol | code    | shape            | meaning
 *   -------|---------|------------------|----------------------------------------
 *   f_jg   | losses  | samples × groups | loss of group g at draw j
 *   c_jg   | others  |                  | mean of the other finite losses
 *   w_jg   | weights | samples × groups | - beta share_g (f_jg - c_jg) / n_g
 *
 * steps     (1) mean of the finite losses of each group (2) weights (3) value = Σ share_g mean_g, with standard error.
 *           Of a pair (Z, -Z) only w_2i - w_2i+1 enters and c cancels, but not where the members' noise differs by more
 *           than the sign, as behind a noisy layer (noise/subspace.c): there c must not depend on the pair.
 * cost      O(samples × groups).
 * randomness  none.
 */
#include "regularizer/regularizer.h"

#include <math.h>

/* The weights of one pair, or of one draw, for the groups first .. first+width-1. */
static void heat_weigh(const swl_loss_table *losses, size_t draw, size_t first, size_t width, const swl_moment *moments,
                       const double *scale, double *weights) {
  const size_t step = losses->antithetic ? 2 : 1, groups = losses->groups;
  for (size_t g = 0; g < width; g++) {
    const double *f = &losses->f[draw * groups + first + g];
    double *w = &weights[draw * groups + first + g], own = 0, members = 0;
    const double n = (double)moments[g].finite;
    for (size_t k = 0; k < step; k++) {
      if (isfinite(f[k * groups])) own += f[k * groups], members++;
    }
    const double alone = members > 1 ? 0 : own; /* no others: a lone loss says nothing, the difference of two does */
    const double others = n > members ? (n * moments[g].mean - own) / (n - members) : alone;
    for (size_t k = 0; k < step; k++) {
      w[k * groups] = isfinite(f[k * groups]) ? scale[g] * (f[k * groups] - others) : 0;
    }
  }
}

static swale_status heat_tilt(swale_context *context, const swl_settings *settings, swl_auto given,
                              const swl_loss_table *losses, double *weights, swl_tilt *tilt) {
  const double beta = given.automatic ? 1.0 : given.value;
  (void)settings;
  const size_t step = losses->antithetic ? 2 : 1;
  swl_tilt made = {.beta = beta, .ess = NAN};
  double variance = 0;
  for (size_t first = 0; first < losses->groups; first += SWL_CHUNK) {
    const size_t width = losses->groups - first < SWL_CHUNK ? losses->groups - first : SWL_CHUNK;
    swl_moment moments[SWL_CHUNK];
    double scale[SWL_CHUNK];
    swl_loss_moments(losses, NULL, first, width, moments); /* (1) */
    for (size_t g = 0; g < width; g++) {
      const double share = losses->shares[first + g];
      if (!moments[g].finite) {
        return swl_loss_none(context, losses, first + g);
      }
      scale[g] = -beta * share / (double)moments[g].finite;
      made.value += share * moments[g].mean; /* (3) */
      variance += share * share * moments[g].se * moments[g].se;
      made.rejected += losses->samples - moments[g].finite;
    }
    for (size_t j = 0; weights && j < losses->samples; j += step) { /* (2) */
      heat_weigh(losses, j, first, width, moments, scale, weights);
    }
  }
  made.loss = made.value;
  made.loss_se = made.value_se = sqrt(variance);
  *tilt = made;
  return SWALE_OK;
}

/* The reference in the place of the mean of the other draws: as unbiased. */
static void heat_stream(double beta, double share, size_t samples, size_t count, const double *f, const double *f0,
                        double *w) {
  const double scale = -beta * share / (double)samples;
  for (size_t i = 0; i < count; i++) w[i] = isfinite(f[i]) ? scale * (f[i] - f0[i]) : 0;
}

static void heat_change(double beta, const swl_loss_table *before, const swl_loss_table *after, double *difference,
                        double *se) {
  double sum = 0, variance = 0;
  (void)beta;
  for (size_t first = 0; first < before->groups; first += SWL_CHUNK) {
    const size_t width = before->groups - first < SWL_CHUNK ? before->groups - first : SWL_CHUNK;
    swl_moment moments[SWL_CHUNK];
    swl_loss_moments(after, before->f, first, width, moments);
    for (size_t g = 0; g < width; g++) {
      const double share = before->shares[first + g];
      sum += share * moments[g].mean;
      variance += share * share * moments[g].se * moments[g].se;
    }
  }
  *difference = sum;
  *se = sqrt(variance);
}

const swl_regularizer_ops swl_regularizer_heat = {
    .head = {"heat", "the mean of the loss under Gaussian noise on x", "García Trillos, Kaplan, Sanz-Alonso 2019"},
    .density = 0,
    .pathwise = 1,
    .tilt = heat_tilt,
    .stream = heat_stream,
    .change = heat_change,
};
