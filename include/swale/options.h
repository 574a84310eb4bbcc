/* options.h - every setting by name, so that C, command line, file and bindings share one path. */
#ifndef SWALE_OPTIONS_H
#define SWALE_OPTIONS_H

#include <swale/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swale_options swale_options;

/* All defaults. Destroy before the context. */
SWALE_API SWALE_NODISCARD swale_status swale_options_create(swale_context *context, swale_options **options);
SWALE_API void swale_options_destroy(swale_options *options); /* NULL is legal */

/* Set one option from text, e.g. ("tau", "0.01"); hyphens and underscores in the name are the same. The value is
 * copied. On error the option keeps its value and the message names the option, the value and what is allowed; an
 * unknown name gets the nearest one suggested. */
SWALE_API SWALE_NODISCARD swale_status swale_options_set(swale_options *options, const char *name, const char *value);

/* The value as text that swale_options_set accepts, into `text` (capacity bytes, NUL included). */
SWALE_API SWALE_NODISCARD swale_status swale_options_get(const swale_options *options, const char *name, char *text,
                                                         size_t capacity);

/* Lines `name = value`; # at the start of a line or after a blank starts a comment; blank lines are ignored; a value may
 * be quoted ("…", with \" and \\). All or nothing: on error no option has changed,
 * and the message names the file and the line. */
SWALE_API SWALE_NODISCARD swale_status swale_options_read(swale_options *options, const char *path);

/* What there is to set. index from 0; NULL past the end. Strings are constants of the library. */
typedef struct swale_option_info swale_option_info;
SWALE_API const swale_option_info *swale_option_at(size_t index);
SWALE_API const char *swale_option_name(const swale_option_info *info);    /* with hyphens */
SWALE_API const char *swale_option_type(const swale_option_info *info);    /* "text", "choice", "variant", … */
SWALE_API const char *swale_option_default(const swale_option_info *info); /* as text */
SWALE_API const char *swale_option_allowed(const swale_option_info *info); /* "a|b|c", "[0, 1]", … for people */
SWALE_API const char *swale_option_group(const swale_option_info *info);   /* "data", "model", … */
SWALE_API const char *swale_option_applies(const swale_option_info *info); /* "" = always */
SWALE_API const char *swale_option_help(const swale_option_info *info);
SWALE_API int swale_option_resumes(const swale_option_info *info); /* 1: may be another when a run goes on (run.h) */

/* The name among `names` (NULL-terminated) nearest to `word` by edit distance, or NULL if none is near: what the person
 * may have meant. */
SWALE_API const char *swale_nearest(const char *word, const char *const *names);

#ifdef __cplusplus
}
#endif
#endif
