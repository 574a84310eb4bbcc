/* axis.c - see axis.h. */
#include "report/axis.h"

#include <math.h>

enum { AXIS_STEPS = 6, AXIS_DECADES = 7, AXIS_TRIES = 4 };

/* heuristic: below it a linear axis still shows the small numbers apart */
#define AXIS_LOG_SPAN 30.0
#define AXIS_LOG_SOON 4.0
#define AXIS_LOG_MARGIN 1.08 /* of a logarithmic axis, so that no curve runs on its edge */
#define AXIS_ROUNDING 1e-9   /* of a step: what rounding may add to a tick */

/* The least step of 1, 2 or 5 times a power of ten that is at least `step`. */
static double axis_step(double step) {
  const double power = pow(10, floor(log10(step)));
  const double digits = step / power;
  return power * (digits <= 1 + AXIS_ROUNDING   ? 1
                  : digits <= 2 + AXIS_ROUNDING ? 2
                  : digits <= 5 + AXIS_ROUNDING ? 5
                                                : 10);
}

/* From floor(least) to ceil(most) in units of a step; the next longer step while these are too many. */
static void axis_linear(swl_axis *axis, double least, double most) {
  double step = axis_step((most - least) / AXIS_STEPS), first = 0, last = 0;
  for (int tries = 0; tries < AXIS_TRIES; tries++) {
    first = floor(least / step + AXIS_ROUNDING);
    last = ceil(most / step - AXIS_ROUNDING);
    if (last - first <= AXIS_STEPS) break;
    step = axis_step(step * 1.5);
  }
  axis->low = first * step;
  axis->high = last * step;
  for (double i = first; i <= last && axis->count < SWL_TICKS_MAX; i++) axis->tick[axis->count++] = i * step;
}

static void axis_logarithmic(swl_axis *axis, double least, double most) {
  static const double digits[] = {1, 2, 5};
  axis->low = least / AXIS_LOG_MARGIN;
  axis->high = most * AXIS_LOG_MARGIN;
  const int first = (int)floor(log10(axis->low)), last = (int)ceil(log10(axis->high));
  const int stride = (last - first + AXIS_DECADES - 1) / AXIS_DECADES, few = last - first <= 3;
  for (int power = first; power <= last; power += stride) {
    for (int i = 0; i < (few ? 3 : 1); i++) {
      const double tick = digits[i] * pow(10, power);
      if (tick >= axis->low && tick <= axis->high && axis->count < SWL_TICKS_MAX) axis->tick[axis->count++] = tick;
    }
  }
}

swl_axis swl_axis_make(double least, double most, int may_log) {
  swl_axis axis = {.count = 0};
  const double span = may_log == SWL_LOG_SOON ? AXIS_LOG_SOON : AXIS_LOG_SPAN;
  axis.logarithmic = may_log && least > 1e-300 && most < 1e300 && most / least >= span;
  if (axis.logarithmic) {
    axis_logarithmic(&axis, least, most);
    return axis;
  }
  least = fmin(fmax(least, -1e300), 1e300); /* sums and differences stay finite */
  most = fmin(fmax(most, -1e300), 1e300);
  const double size = fmax(fabs(least), fabs(most));
  if (most - least <= 1e-12 * size || most - least < 1e-300) { /* one number: something around it */
    const double margin = size > 1e-290 ? 0.1 * size : 1;
    least -= margin;
    most += margin;
  }
  axis_linear(&axis, least, most);
  return axis;
}

double swl_axis_at(const swl_axis *axis, double value) {
  if (axis->logarithmic && value <= 0) return -1;
  const double at = axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low)
                                      : (value - axis->low) / (axis->high - axis->low);
  return fmin(fmax(at, -1), 2);
}
