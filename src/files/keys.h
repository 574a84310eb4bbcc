/* keys.h - the keys of what a run writes down, and its events: those who write and those who read name them alike. */
#ifndef SWL_FILES_KEYS_H
#define SWL_FILES_KEYS_H

#include <swale/records.h>

#include "files/json_read.h"
#include "files/jsonl_read.h"

typedef enum swl_record_key {
  SWL_KEY_NONE,
#define KEY(identifier, name, places) SWL_KEY_##identifier,
#include "files/keys.def"
#undef KEY
  SWL_KEYS
} swl_record_key;

#define SWL_EVALUATION_FORMAT "swale-evaluation 1" /* the text of the key "format" */

const char *swl_key_name(swl_record_key key);

/* As the text of the key "event". */
const char *swl_event_name(swale_event event);
swale_event swl_record_event(const swl_record *record);

/* Fields of a record to be written. */
swl_field swl_real_field(swl_record_key key, double value);
swl_field swl_count_field(swl_record_key key, uint64_t value);
swl_field swl_text_field(swl_record_key key, const char *text);

/* swl_record_field, _real and _text by key. */
const swl_field *swl_key_field(const swl_record *record, swl_record_key key);
double swl_key_real(const swl_record *record, swl_record_key key);
const char *swl_key_text(const swl_record *record, swl_record_key key);

/* swl_json_member, _real and _string by key. */
const swl_json_value *swl_key_member(const swl_json_value *object, swl_record_key key);
double swl_key_number(const swl_json_value *object, swl_record_key key);
const char *swl_key_string(const swl_json_value *object, swl_record_key key);

#endif
