/* moments.c - a mean over draws, and how well it is known. */
#include "regularizer/regularizer.h"

#include <math.h>

swl_moments swl_loss_moments(const swl_loss_table *losses, size_t group, double (*value)(const void *self, size_t draw),
                             const void *self) {
  const size_t step = losses->antithetic ? 2 : 1;
  double sum = 0, square = 0, mean = 0;
  size_t finite = 0, units = 0;
  for (size_t draw = 0; draw < losses->samples; draw++) {
    if (!isfinite(losses->f[draw * losses->groups + group])) continue;
    sum += value(self, draw);
    finite++;
  }
  mean = finite ? sum / (double)finite : NAN;
  /* A unit is what is independent: a pair, or a draw. A pair with one finite member counts by that one. */
  for (size_t draw = 0; draw < losses->samples; draw += step) {
    double deviation = 0;
    size_t members = 0;
    for (size_t k = draw; k < draw + step; k++) {
      if (!isfinite(losses->f[k * losses->groups + group])) continue;
      deviation += value(self, k) - mean;
      members++;
    }
    if (!members) continue;
    units++;
    square += deviation * deviation / (double)(members * members);
  }
  const double se = units > 1 ? sqrt(square / ((double)units * (double)(units - 1))) : NAN;
  return (swl_moments){mean, se, finite};
}
