/* keys.c - see keys.h. */
#include "files/keys.h"

#include <string.h>

static const char *const keys_names[SWL_KEYS] = {
#define KEY(identifier, name, places) [SWL_KEY_##identifier] = (name),
#include "files/keys.def"
#undef KEY
};

static const char *const keys_events[] = {
    [SWALE_EVENT_BEGIN] = "begin",       [SWALE_EVENT_RESUME] = "resume",     [SWALE_EVENT_EVALUATION] = "evaluation",
    [SWALE_EVENT_MONOTONE] = "monotone", [SWALE_EVENT_RESTORED] = "restored", [SWALE_EVENT_FINAL] = "final",
};

enum { KEYS_EVENTS = sizeof keys_events / sizeof *keys_events };

const char *swl_key_name(swl_record_key key) { return keys_names[key]; }
const char *swl_event_name(swale_event event) { return keys_events[event]; }

swale_event swl_record_event(const swl_record *record) {
  const char *text = swl_key_text(record, SWL_KEY_EVENT);
  if (!text) return SWALE_EVENT_NONE;
  for (int event = SWALE_EVENT_OTHER + 1; event < KEYS_EVENTS; event++) {
    if (strcmp(text, keys_events[event]) == 0) return (swale_event)event;
  }
  return SWALE_EVENT_OTHER;
}

swl_field swl_real_field(swl_record_key key, double value) {
  return (swl_field){.name = keys_names[key], .type = SWL_FIELD_REAL, .real = value};
}

swl_field swl_count_field(swl_record_key key, uint64_t value) {
  return (swl_field){.name = keys_names[key], .type = SWL_FIELD_INTEGER, .integer = (int64_t)value};
}

swl_field swl_text_field(swl_record_key key, const char *text) {
  return (swl_field){.name = keys_names[key], .type = SWL_FIELD_TEXT, .text = text};
}

const swl_field *swl_key_field(const swl_record *record, swl_record_key key) {
  return swl_record_field(record, keys_names[key]);
}
double swl_key_real(const swl_record *record, swl_record_key key) { return swl_record_real(record, keys_names[key]); }
const char *swl_key_text(const swl_record *record, swl_record_key key) {
  return swl_record_text(record, keys_names[key]);
}

const swl_json_value *swl_key_member(const swl_json_value *object, swl_record_key key) {
  return swl_json_member(object, keys_names[key]);
}
double swl_key_number(const swl_json_value *object, swl_record_key key) {
  return swl_json_real(object, keys_names[key]);
}
const char *swl_key_string(const swl_json_value *object, swl_record_key key) {
  return swl_json_string(object, keys_names[key]);
}
