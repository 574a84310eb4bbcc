/* dual_averaging.c - see dual_averaging.h. */
#include "sampler/dual_averaging.h"

#include <math.h>

/* paper: §3.2.1 */
#define DUAL_GAMMA 0.05
#define DUAL_DELAY 10.0
#define DUAL_KAPPA 0.75
#define DUAL_AHEAD 10.0

#define DUAL_LEAST 1e-10 /* heuristic: of the largest step; below, single precision does not move */

void swl_dual_averaging_begin(double target, double first, double most, swl_dual_averaging *adaptation) {
  *adaptation = (swl_dual_averaging){
      .target = target, .first = first, .least = DUAL_LEAST * most, .most = most, .step = first};
}

void swl_dual_averaging_add(swl_dual_averaging *adaptation, double probability) {
  const double seen = ++adaptation->seen, gain = 1 / (seen + DUAL_DELAY), weight = pow(seen, -DUAL_KAPPA);
  adaptation->error = (1 - gain) * adaptation->error + gain * (adaptation->target - probability);
  const double wanted = log(DUAL_AHEAD * adaptation->first) - sqrt(seen) / DUAL_GAMMA * adaptation->error;
  const double now = fmin(fmax(wanted, log(adaptation->least)), log(adaptation->most));
  adaptation->logarithm = weight * now + (1 - weight) * adaptation->logarithm;
  adaptation->step = exp(now);
}

void swl_dual_averaging_freeze(swl_dual_averaging *adaptation) {
  if (adaptation->seen > 0) adaptation->step = exp(adaptation->logarithm);
}
