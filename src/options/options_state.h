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

#endif
