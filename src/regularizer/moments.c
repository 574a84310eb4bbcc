/* moments.c - means over draws, and how well they are known. Rows are draws, columns groups. */
#include "regularizer/regularizer.h"

#include "numeric/vector.h"

#include <math.h>

void swl_loss_moments(const swl_loss_table *losses, const double *minus, size_t first, size_t width,
                      swl_moment *moments) {
  if (losses->moments && !minus) {
    for (size_t g = 0; g < width; g++) moments[g] = losses->moments[(first + g) * losses->apart];
    return;
  }
  const swl_vector_ops *vector = swl_vector();
  const size_t step = losses->antithetic ? 2 : 1;
  const double *f = losses->f + first, *from = minus ? minus + first : NULL;
  double sum[SWL_CHUNK] = {0}, square[SWL_CHUNK] = {0}, units[SWL_CHUNK] = {0}, finite[SWL_CHUNK] = {0};
  double mean[SWL_CHUNK];
  vector->finite_sums(losses->samples, width, losses->groups, f, from, sum, finite);
  for (size_t g = 0; g < width; g++) mean[g] = finite[g] > 0 ? sum[g] / finite[g] : NAN;
  /* A unit is what is independent: a pair, or a draw. A pair with one finite member counts by that one. */
  vector->finite_squares(losses->samples, step, width, losses->groups, f, from, mean, square, units);
  for (size_t g = 0; g < width; g++) {
    const double se = units[g] > 1 ? sqrt(square[g] / (units[g] * (units[g] - 1))) : NAN;
    moments[g] = (swl_moment){mean[g], se, (size_t)finite[g]};
  }
}

swale_status swl_loss_none(swale_context *context, const swl_loss_table *losses, size_t group) {
  if (losses->groups > 1) {
    return swl_fail(context, SWALE_ERROR_NUMERIC, "none of the %zu losses of group %zu is finite", losses->samples,
                    group);
  }
  return swl_fail(
      context, SWALE_ERROR_NUMERIC,
      "none of the %zu losses of the draws is finite (the first is %g); begin where the loss is finite, or with "
      "a smaller tau",
      losses->samples, losses->f[0]);
}
