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

/* Call `put` with the name, hyphened, and the value of every option that applied and may change results, in the order of the
 * table: what a model file keeps. Ends with the first failure. */
typedef swale_status (*swl_used_fn)(void *user, const char *name, const char *value);
SWALE_NODISCARD swale_status swl_used_each(const swl_used *used, swl_used_fn put, void *user);

#endif
