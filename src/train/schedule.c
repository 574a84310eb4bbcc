/* schedule.c - what rate and tau do the settings give to each update? */
#include "train/schedule.h"

#include <math.h>
#include <string.h>

swale_status swl_schedule_check(swale_context *context, const swl_settings *settings) {
  static const char *const free[] = {"constant", "scoping"}; /* of the horizon */
  const char *const shapes[] = {settings->rate_schedule, settings->tau_schedule};
  if (settings->updates > 0) return SWALE_OK;
  for (int i = 0; i < 2; i++) {
    if (strcmp(shapes[i], free[0]) == 0 || strcmp(shapes[i], free[1]) == 0) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "option updates: 0; a %s schedule needs to know how many there will be",
                    shapes[i]);
  }
  return SWALE_OK;
}

/* From 1 at the first update to `last` at the horizon. */
static double schedule_factor(const char *shape, double last, const swl_settings *settings, uint64_t update) {
  const double horizon = settings->updates > 0 ? (double)settings->updates : 1;
  const double done = fmin((double)update / horizon, 1);
  if (strcmp(shape, "cosine") == 0) return last + (1 - last) * 0.5 * (1 + cos(3.14159265358979323846 * done));
  if (strcmp(shape, "step") == 0) {
    const double steps = (double)settings->steps;
    const double down = fmin(floor((double)update * (steps + 1) / horizon), steps); /* exact at whole steps */
    return last > 0 ? pow(last, down / steps) : 1 - down / steps;
  }
  return 1;
}

double swl_schedule_rate(const swl_settings *settings, uint64_t update) {
  return settings->rate.value * schedule_factor(settings->rate_schedule, settings->rate_final, settings, update);
}

double swl_schedule_tau(const swl_settings *settings, uint64_t update) {
  double factor = 0;
  if (strcmp(settings->tau_schedule, "scoping") == 0) {
    factor = fmax(pow(1 - settings->scoping_rate, (double)update), settings->tau_final);
  } else {
    factor = schedule_factor(settings->tau_schedule, settings->tau_final, settings, update);
  }
  return fmax(settings->tau * factor, 1e-30);
}
