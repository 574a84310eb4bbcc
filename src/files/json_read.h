/* json_read.h - one JSON document that somebody wrote, as a tree of plain structures; see json_text.h for writing. */
#ifndef SWL_FILES_JSON_READ_H
#define SWL_FILES_JSON_READ_H

#include "base/arena.h"

/* What can be written as a number is one: null is NaN, true and false are 1 and 0. */
typedef enum swl_json_type { SWL_JSON_NUMBER, SWL_JSON_TEXT, SWL_JSON_LIST, SWL_JSON_OBJECT } swl_json_type;

typedef struct swl_json_value {
  const char *name; /* in its object; NULL elsewhere */
  swl_json_type type;
  double number;    /* NUMBER; NaN elsewhere */
  const char *text; /* TEXT, valid UTF-8; NULL elsewhere */
  size_t count;     /* LIST, OBJECT; 0 elsewhere */
  const struct swl_json_value *items;
} swl_json_value;

/* The file must be one JSON value in UTF-8 with distinct keys, at most 16 levels deep and 16 MiB long; errors name the
 * file and the line. All memory is the arena's, and of the order of the file's size. */
SWALE_NODISCARD swale_status swl_json_read(swale_context *context, swl_arena *arena, const char *path,
                                           swl_json_value *value);

/* A member of an object by its name; NULL where there is none, and of what is no object. */
const swl_json_value *swl_json_member(const swl_json_value *object, const char *name);
/* Its number; NaN where there is none. */
double swl_json_real(const swl_json_value *object, const char *name);
/* Its text; NULL where there is none. */
const char *swl_json_string(const swl_json_value *object, const char *name);

#endif
