/* names.h - lists of names: of columns, of classes, of an option. */
#ifndef SWL_DATA_NAMES_H
#define SWL_DATA_NAMES_H

#include "base/arena.h"

typedef struct swl_named {
  const char *text;
  size_t place; /* in the list */
} swl_named;

/* A list, sorted by bytes so that a name is found. */
typedef struct swl_names {
  size_t count;
  swl_named *sorted; /* count */
} swl_names;

/* The texts are not copied. */
SWALE_NODISCARD swale_status swl_names_index(swl_arena *arena, size_t count, const char *const *texts,
                                             swl_names *names);

enum { SWL_NAMES_NONE = -1 };
/* The place of the name in its list, or SWL_NAMES_NONE. */
ptrdiff_t swl_names_find(const swl_names *names, const char *text);

/* A name that is in the list twice, or NULL. */
const char *swl_names_repeated(const swl_names *names);

/* An option's list "a,b": names separated by commas, those with commas in double quotes. All memory is the arena's. */
SWALE_NODISCARD swale_status swl_names_parse(swale_context *context, swl_arena *arena, const char *option,
                                             const char *text, size_t *count, const char ***names);

/* "a, b, c" for a message, cut short when there are many; control characters do not get into it. Names with commas, colons or
 * blanks are in double quotes, as options take them. */
enum { SWL_NAMES_TEXT = 400 };
const char *swl_names_text(size_t count, const char *const *names, char text[SWL_NAMES_TEXT]);

#endif
