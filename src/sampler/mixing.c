/* mixing.c - see mixing.h. */
#include "sampler/mixing.h"

#include <math.h>

enum { MIXING_LAGS = 2000 }; /* heuristic: chains that need more are no use */

/* Mean of the finite losses of one chain; how many there are goes to `finite`. */
static double mixing_mean(size_t kept, const double *f, size_t *finite) {
  double sum = 0;
  *finite = 0;
  for (size_t s = 0; s < kept; s++) {
    if (!isfinite(f[s])) continue;
    sum += f[s];
    ++*finite;
  }
  return *finite ? sum / (double)*finite : (double)NAN;
}

/* gamma of `lag` times the number of losses. */
static double mixing_product(size_t chains, size_t kept, const double *trace, double mean, size_t lag) {
  double sum = 0;
  for (size_t c = 0; c < chains; c++) {
    const double *f = &trace[c * kept];
    for (size_t s = 0; s + lag < kept; s++) {
      const double product = (f[s] - mean) * (f[s + lag] - mean);
      sum += isfinite(product) ? product : 0;
    }
  }
  return sum;
}

static double mixing_time(size_t chains, size_t kept, const double *trace, double mean, double count) {
  const double variance = mixing_product(chains, kept, trace, mean, 0);
  double sum = 0, before = INFINITY;
  if (!(variance > 0)) return NAN;
  for (size_t lag = 0; lag < kept && lag < MIXING_LAGS; lag += 2) { /* (2) */
    const double even = lag ? mixing_product(chains, kept, trace, mean, lag) : variance;
    const double odd = lag + 1 < kept ? mixing_product(chains, kept, trace, mean, lag + 1) : 0;
    const double pair = fmin(even + odd, before);
    if (pair <= 0) break;
    sum += pair;
    before = pair;
  }
  return fmax(2 * sum / variance - 1, 1 / log10(fmax(count, 10))); /* (3) */
}

void swl_mixing_measure(size_t chains, size_t kept, const double *trace, swl_tilt *tilt, swl_mixing *mixing) {
  double sum = 0, square = 0, count = 0, live = 0;
  size_t finite = 0;
  for (size_t c = 0; c < chains; c++) { /* (1) */
    const double mean = mixing_mean(kept, &trace[c * kept], &finite);
    if (finite) sum += mean, live += 1;
    count += (double)finite;
  }
  const double mean = sum / live;
  for (size_t c = 0; c < chains; c++) {
    const double away = mixing_mean(kept, &trace[c * kept], &finite) - mean;
    if (finite) square += away * away;
  }
  tilt->loss = live > 0 ? mean : (double)NAN;
  mixing->time = mixing_time(chains, kept, trace, mean, count);
  tilt->ess = count / mixing->time;
  const double within = mixing_product(chains, kept, trace, mean, 0) / count;
  tilt->loss_se = live > 1 ? sqrt(square / (live * (live - 1))) : sqrt(within / tilt->ess);
}
