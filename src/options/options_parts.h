/* options_parts.h - the values behind swale_options, generated from options.def. */
#ifndef SWL_OPTIONS_OPTIONS_PARTS_H
#define SWL_OPTIONS_OPTIONS_PARTS_H

#include <swale/options.h>

#include "base/context.h"

#include <stdio.h>

enum { SWL_TEXT_MAX = 1024 };

/* AUTO: a number, or automatic with a target fraction (0 where only `auto` was written). */
typedef struct swl_auto {
  int automatic;
  double value; /* the number, or the fraction */
} swl_auto;

/* LIST: its numbers; those behind `count` are 0. */
enum { SWL_LIST_MAX = 32 };
typedef struct swl_list {
  size_t count;
  double values[SWL_LIST_MAX];
} swl_list;

/* The words of all choices. */
typedef enum swl_word {
#define WORD(choice, name, ...) SWL_##name,
#include "options/options.def"
  SWL_WORD_COUNT
} swl_word;

/* As it is written: "cross-entropy". */
const char *swl_word_text(swl_word word);

/* One field per row of options.def: char[SWL_TEXT_MAX] (TEXT, VARIANT), swl_word (CHOICE), int64_t, double, swl_auto, swl_list,
 * int. A plain value: copy it by assignment. */
typedef struct swl_settings {
#define TEXT(name, ...) char name[SWL_TEXT_MAX];
#define CHOICE(name, ...) swl_word name;
#define VARIANT(name, ...) char name[SWL_TEXT_MAX];
#define INTEGER(name, ...) int64_t name;
#define COUNT(name, ...) int64_t name;
#define REAL(name, ...) double name;
#define AUTO(name, ...) swl_auto name;
#define LIST(name, ...) swl_list name;
#define FLAG(name, ...) int name;
#include "options/options.def"
} swl_settings;

const swl_settings *swl_options_settings(const swale_options *options);
swale_context *swl_options_context(const swale_options *options);

/* An independent copy: values, and which of them were set. */
SWALE_NODISCARD swale_status swl_options_copy(const swale_options *options, swale_options **copy);

enum { SWL_AUTO_COUNT = -1 }; /* the value of a COUNT that is `auto` */

/* 1 if the option was set by the caller (a file or a call), 0 if it has its default. */
int swl_options_is_set(const swale_options *options, const char *name);

/* 1 if the option was set by the caller to something else than its default. */
int swl_options_is_changed(const swale_options *options, const char *name);

/* Every explicitly set option whose `applies` does not hold is an error that says which condition fails. An option set
 * to its default value is never an error, so that a resolved configuration can be fed back. */
SWALE_NODISCARD swale_status swl_options_check(const swale_options *options);

/* For a trainer of a function that is no network: every option set to something else than its default that is about
 * networks is an error. */
SWALE_NODISCARD swale_status swl_options_check_function(const swale_options *options);

/* As swl_options_check, by what the options that were left open became. */
SWALE_NODISCARD swale_status swl_options_check_resolved(const swale_options *options, const swl_settings *resolved);

/* The resolved configuration as a file that swale_options_read takes: options in groups, those that do not apply as
 * comments. Of options that swl_options_check accepts, reading it back gives the same settings. The stream's buffer is
 * the caller's to flush, and a failure to flush the caller's to see. */
SWALE_NODISCARD swale_status swl_options_write(swale_context *context, const swale_options *options, FILE *stream);

#endif
