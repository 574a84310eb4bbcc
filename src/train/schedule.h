/* schedule.h - rate and tau as functions of the update. */
#ifndef SWL_TRAIN_SCHEDULE_H
#define SWL_TRAIN_SCHEDULE_H

#include "options/options_parts.h"

/* Resolved settings whose schedules have no horizon: SWALE_ERROR_USAGE. */
SWALE_NODISCARD swale_status swl_schedule_check(swale_context *context, const swl_settings *settings);

/* update from 0; settings->updates is the horizon of step and cosine, after which the last value stays. */
double swl_schedule_rate(const swl_settings *settings, uint64_t update);
double swl_schedule_tau(const swl_settings *settings, uint64_t update);

#endif
