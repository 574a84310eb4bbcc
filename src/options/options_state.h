/* options_state.h - what a swale_options holds, for the files of this room. */
#ifndef SWL_OPTIONS_OPTIONS_STATE_H
#define SWL_OPTIONS_OPTIONS_STATE_H

#include "options/table.h"

struct swale_options {
  swale_context *context;
  swl_settings settings;
  swl_settings standard;                  /* the defaults, parsed */
  unsigned char is_set[SWL_OPTION_COUNT]; /* 1: by the caller */
};

/* The first condition of the row's `applies` that does not hold (*length bytes of it, the hyphened name of the option
 * it is *about and that option's `actual` value), or NULL if all hold. */
const char *swl_options_failing(const swale_options *options, const swale_option_info *info, size_t *length,
                                const char **about, char actual[SWL_TEXT_MAX]);

#endif
