/* schedule.c - what rate and tau do the settings give to each update? */
#include "train/schedule.h"

#include <math.h>
#include <string.h>

swale_status swl_schedule_check(swale_context *context, const swl_settings *settings) {
  const swl_word rate = settings->rate_schedule, tau = settings->tau_schedule;
  const int falls = rate != SWL_RATE_SCHEDULE_CONSTANT;
  const int ends = tau != SWL_TAU_SCHEDULE_CONSTANT && tau != SWL_TAU_SCHEDULE_SCOPING;
  if (settings->updates > 0 || (!falls && !ends)) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_USAGE, "option updates: 0; a %s schedule needs to know how many there will be",
                  swl_word_text(falls ? rate : tau));
}

/* From 1 at the first update to `last` at the horizon. */
static double schedule_factor(swl_word shape, double last, const swl_settings *settings, uint64_t update) {
  const double horizon = settings->updates > 0 ? (double)settings->updates : 1;
  const double done = fmin((double)update / horizon, 1);
  if (shape == SWL_RATE_SCHEDULE_COSINE || shape == SWL_TAU_SCHEDULE_COSINE)
    return last + (1 - last) * 0.5 * (1 + cos(3.14159265358979323846 * done));
  if (shape == SWL_RATE_SCHEDULE_STEP || shape == SWL_TAU_SCHEDULE_STEP) {
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
  if (settings->tau_schedule == SWL_TAU_SCHEDULE_SCOPING) {
    factor = fmax(pow(1 - settings->scoping_rate, (double)update), settings->tau_final);
  } else {
    factor = schedule_factor(settings->tau_schedule, settings->tau_final, settings, update);
  }
  return fmax(settings->tau * factor, 1e-30);
}
