/* used.c - see used.h. */
#include "options/used.h"

#include <string.h>

void swl_used_make(const swl_settings *settings, swl_used *used) {
  if (settings != &used->settings) used->settings = *settings;
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *about = NULL;
    char actual[SWL_TEXT_MAX];
    size_t length = 0;
    const int none = strcmp(info->group, "evaluate") == 0 ||
                     swl_option_failing(&used->settings, info, &length, &about, actual) != NULL;
    used->use[i] = none ? SWL_USE_NONE : SWL_USE_VALUE;
  }
}

const char *swl_used_text(const swl_used *used, size_t index, char text[SWL_TEXT_MAX]) {
  const swale_option_info *info = swale_option_at(index);
  if (used->use[index] != SWL_USE_VALUE) return NULL;
  swl_value_text(info, (const char *)&used->settings + info->offset, text);
  return text;
}
