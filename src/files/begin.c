/* begin.c - see begin.h. */
#include "files/begin.h"

#include "files/keys.h"

#include <stdio.h>
#include <string.h>

static int begin_is(const swl_record *record) {
  const swale_event event = swl_record_event(record);
  return event == SWALE_EVENT_BEGIN || event == SWALE_EVENT_RESUME;
}

static swale_status begin_option(swale_context *context, const char *path, const swl_record *record, size_t index,
                                 swl_used *used) {
  const swale_option_info *info = swale_option_at(index);
  char key[SWL_OPTION_NAME_MAX + 16], why[512];
  snprintf(key, sizeof key, "%s.%s", swl_key_name(SWL_KEY_OPTIONS), swale_option_name(info));
  const swl_field *field = swl_record_field(record, key);
  if (!field) return SWALE_OK;
  used->use[index] = SWL_USE_NONE;
  if (!field->text) return SWALE_OK;
  used->use[index] = SWL_USE_VALUE;
  const swale_status status = swl_value_parse(context, info, field->text, (char *)&used->settings + info->offset);
  if (status == SWALE_OK || status == SWALE_ERROR_MEMORY) return status;
  snprintf(why, sizeof why, "%s", swale_context_message(context));
  return swl_fail(context, SWALE_ERROR_FORMAT, "%s:%zu: %s", path, record->line, why);
}

swale_status swl_begin_find(swale_context *context, const char *path, const swl_records *records, swl_begin *begin) {
  memset(begin, 0, sizeof *begin);
  for (size_t i = records->count; i > 0 && !begin->record; i--) {
    if (begin_is(&records->record[i - 1])) begin->record = &records->record[i - 1];
  }
  for (size_t i = 0; begin->record && i < SWL_OPTION_COUNT; i++) {
    SWL_TRY(begin_option(context, path, begin->record, i, &begin->used));
  }
  return SWALE_OK;
}
