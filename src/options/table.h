/* table.h - options.def as a table: one row per option, with the place of its value in swl_settings. */
#ifndef SWL_OPTIONS_TABLE_H
#define SWL_OPTIONS_TABLE_H

#include "options/options_parts.h"

typedef enum swl_option_type {
  SWL_OPTION_TEXT,
  SWL_OPTION_CHOICE,
  SWL_OPTION_VARIANT,
  SWL_OPTION_INTEGER,
  SWL_OPTION_COUNT_AUTO,
  SWL_OPTION_REAL,
  SWL_OPTION_AUTO,
  SWL_OPTION_LIST,
  SWL_OPTION_FLAG
} swl_option_type;

enum { SWL_OPTION_NAME_MAX = 32 };

struct swale_option_info {
  swl_option_type type;
  const char *identifier; /* as in options.def, with underscores */
  const char *standard;   /* the default, as text */
  const char *allowed;    /* for people; NULL: a CHOICE's words */
  const char *group, *applies, *help;
  double real_min, real_max;        /* REAL, AUTO, LIST */
  int whole;                        /* LIST: 1 if its numbers are whole ones */
  int target;                       /* AUTO: 1 if auto:F is allowed */
  int64_t integer_min, integer_max; /* INTEGER, COUNT */
  size_t offset, size;              /* of the value in swl_settings, bytes */
};

/* The number of rows, a constant. */
#define TEXT(...) +1
#define CHOICE(...) +1
#define VARIANT(...) +1
#define INTEGER(...) +1
#define COUNT(...) +1
#define REAL(...) +1
#define AUTO(...) +1
#define LIST(...) +1
#define FLAG(...) +1
enum {
  SWL_OPTION_COUNT = 0
#include "options/options.def"
};

/* The index of the option called `name`, hyphens and underscores equal; SWL_OPTION_COUNT if there is none. */
size_t swl_option_find(const char *name);

/* 1 if the option says nothing about a function that is no network. */
int swl_option_networks(const swale_option_info *info);

/* How many words a CHOICE has; they follow the *first. */
size_t swl_option_words(const swale_option_info *info, swl_word *first);

/* All names with hyphens, NULL-terminated: for swale_nearest. */
const char *const *swl_option_names(void);

/* Read `text` as the row's type into `value` (info->size bytes), which is untouched on error. */
SWALE_NODISCARD swale_status swl_value_parse(swale_context *context, const swale_option_info *info, const char *text,
                                             void *value);

/* The value as text that swl_value_parse reads back, at most SWL_TEXT_MAX bytes with the NUL. */
void swl_value_text(const swale_option_info *info, const void *value, char text[SWL_TEXT_MAX]);

/* The first condition of the row's `applies` that does not hold for these values (*length bytes of it, the hyphened name of
 * the option it is *about and that option's `actual` value), or NULL if all hold. */
const char *swl_option_failing(const swl_settings *settings, const swale_option_info *info, size_t *length,
                               const char **about, char actual[SWL_TEXT_MAX]);

/* 1 if the option may change the numbers of a run; 0 if it says where and how it runs, or is not of training. */
int swl_option_changes_results(const swale_option_info *info);

/* 1 if it may be another on another rank. */
int swl_option_differs_on_ranks(const swale_option_info *info);

/* Names of the options that may be others when a run goes on, with a comma and a blank between them. */
const char *swl_options_that_resume(void);

int swl_value_equal(const swale_option_info *info, const void *a, const void *b);

#endif
