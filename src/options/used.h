/* used.h - the options as a run used them: nothing left to be decided, and which of them applied at all. */
#ifndef SWL_OPTIONS_USED_H
#define SWL_OPTIONS_USED_H

#include "options/table.h"

typedef enum swl_use {
  SWL_USE_UNKNOWN, /* nothing says it */
  SWL_USE_NONE,    /* the option did not apply */
  SWL_USE_VALUE
} swl_use;

typedef struct swl_used {
  swl_settings settings;
  unsigned char use[SWL_OPTION_COUNT]; /* swl_use */
} swl_used;

/* Resolved settings of a training run, `settings` (which may be used->settings): what does not apply is found by the table's
 * conditions. */
void swl_used_make(const swl_settings *settings, swl_used *used);

/* The value of option `index`, as swale_options_set takes it; NULL where it is not known or did not apply. */
const char *swl_used_text(const swl_used *used, size_t index, char text[SWL_TEXT_MAX]);

#endif
