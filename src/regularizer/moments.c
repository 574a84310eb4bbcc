/* moments.c - means over draws, and how well they are known. Rows are draws, so the inner loops run over groups. */
#include "regularizer/regularizer.h"

#include <math.h>
#include <string.h>

static double moments_value(const double *f, const double *minus, size_t at) {
  return minus ? f[at] - minus[at] : f[at];
}

void swl_loss_moments(const swl_loss_table *losses, const double *minus, size_t first, size_t width,
                      swl_moments *moments) {
  const size_t step = losses->antithetic ? 2 : 1;
  double sum[SWL_CHUNK] = {0}, square[SWL_CHUNK] = {0}, units[SWL_CHUNK] = {0}, finite[SWL_CHUNK] = {0};
  for (size_t draw = 0; draw < losses->samples; draw++) {
    for (size_t g = 0; g < width; g++) {
      const double f = moments_value(losses->f, minus, draw * losses->groups + first + g);
      const double counts = isfinite(f) ? 1 : 0;
      sum[g] += counts > 0 ? f : 0;
      finite[g] += counts;
    }
  }
  for (size_t g = 0; g < width; g++) moments->mean[g] = finite[g] > 0 ? sum[g] / finite[g] : NAN;
  /* A unit is what is independent: a pair, or a draw. A pair with one finite member counts by that one. */
  for (size_t draw = 0; draw < losses->samples; draw += step) {
    for (size_t g = 0; g < width; g++) {
      double deviation = 0, members = 0;
      for (size_t k = draw; k < draw + step; k++) {
        const double f = moments_value(losses->f, minus, k * losses->groups + first + g);
        const double counts = isfinite(f) ? 1 : 0;
        deviation += counts > 0 ? f - moments->mean[g] : 0;
        members += counts;
      }
      const double mean = members > 0 ? deviation / members : 0;
      units[g] += members > 0 ? 1 : 0;
      square[g] += mean * mean;
    }
  }
  for (size_t g = 0; g < width; g++) {
    moments->se[g] = units[g] > 1 ? sqrt(square[g] / (units[g] * (units[g] - 1))) : NAN;
    moments->finite[g] = (size_t)finite[g];
  }
}
