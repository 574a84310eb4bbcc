/* options.c - the values of one run: all defaults, then set by name.
 *
 * The table (table.c) knows where each value lives and value.c reads it, so no function here names an option.
 */
#include "options/options_parts.h"

#include "options/options_state.h"

#include <string.h>

/* Defaults have been parsed by every test run (test_options.c); here a bad one would still be an error, not a guess. */
static swale_status options_defaults(swale_context *context, swl_settings *settings) {
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    SWL_TRY(swl_value_parse(context, info, swale_option_default(info), (char *)settings + info->offset));
  }
  return SWALE_OK;
}

swale_status swale_options_create(swale_context *context, swale_options **options) {
  swale_options *made = swl_allocate(context, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  const swale_status status = options_defaults(context, &made->settings);
  if (status != SWALE_OK) {
    swl_release(context, made);
    return status;
  }
  made->standard = made->settings;
  *options = made;
  return SWALE_OK;
}

void swale_options_destroy(swale_options *options) {
  if (options) swl_release(options->context, options);
}

static swale_status options_unknown(swale_context *context, const char *name) {
  const char *near = swale_nearest(name, swl_option_names());
  if (near) return swl_fail(context, SWALE_ERROR_USAGE, "unknown option '%.64s'; did you mean '%s'?", name, near);
  return swl_fail(context, SWALE_ERROR_USAGE, "unknown option '%.64s'; see `swale options`", name);
}

swale_status swale_options_set(swale_options *options, const char *name, const char *value) {
  swale_context *context = options->context;
  if (!name || !value) return swl_fail(context, SWALE_ERROR_USAGE, "an option needs a name and a value, not NULL");
  const size_t i = swl_option_find(name);
  if (i == SWL_OPTION_COUNT) return options_unknown(context, name);
  const swale_option_info *info = swale_option_at(i);
  SWL_TRY(swl_value_parse(context, info, value, (char *)&options->settings + info->offset));
  options->is_set[i] = 1;
  return SWALE_OK;
}

swale_status swale_options_get(const swale_options *options, const char *name, char *text, size_t capacity) {
  const size_t i = swl_option_find(name);
  if (i == SWL_OPTION_COUNT) return options_unknown(options->context, name);
  const swale_option_info *info = swale_option_at(i);
  char whole[SWL_TEXT_MAX];
  swl_value_text(info, (const char *)&options->settings + info->offset, whole);
  const size_t needed = strlen(whole) + 1;
  if (needed > capacity) {
    return swl_fail(options->context, SWALE_ERROR_USAGE, "option %s: its text needs %zu bytes, %zu were given",
                    swale_option_name(info), needed, capacity);
  }
  memcpy(text, whole, needed);
  return SWALE_OK;
}

const swl_settings *swl_options_settings(const swale_options *options) { return &options->settings; }

swale_context *swl_options_context(const swale_options *options) { return options->context; }

swale_status swl_options_copy(const swale_options *options, swale_options **copy) {
  swale_options *made = swl_allocate(options->context, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  *made = *options;
  *copy = made;
  return SWALE_OK;
}

int swl_options_is_set(const swale_options *options, const char *name) {
  const size_t i = swl_option_find(name);
  return i < SWL_OPTION_COUNT && options->is_set[i];
}

/* Does `word` (length bytes) stand for the value? An upper-case end stands for anything, as in csv:FILE. */
static int options_is_word(const char *word, size_t length, const char *actual) {
  size_t fixed = length;
  while (fixed > 0 && word[fixed - 1] >= 'A' && word[fixed - 1] <= 'Z') fixed--;
  return strncmp(word, actual, fixed) == 0 && (fixed < length || strlen(actual) == length);
}

/* Does one test "name=word|word" (up to `end`) hold? The value of the option it is about goes to `actual`. */
static int options_test(const swl_settings *settings, const char *test, const char *end, const char **about,
                        char actual[SWL_TEXT_MAX]) {
  char name[SWL_OPTION_NAME_MAX] = "";
  const size_t name_length = strcspn(test, "=");
  memcpy(name, test, name_length < sizeof name ? name_length : sizeof name - 1);
  const swale_option_info *info = swale_option_at(swl_option_find(name));
  *about = info ? swale_option_name(info) : "?";
  actual[0] = '\0';
  if (!info) return 0;
  swl_value_text(info, (const char *)settings + info->offset, actual);
  for (const char *word = test + name_length + 1; word < end;) {
    const size_t length = strcspn(word, "|/ ");
    if (options_is_word(word, length, actual)) return 1;
    word += length + 1;
  }
  return 0;
}

/* Does one condition, tests with / between them (`length` bytes), hold: one of the tests? */
static int options_holds(const swl_settings *settings, const char *condition, size_t length, const char **about,
                         char actual[SWL_TEXT_MAX]) {
  const char *end = condition + length;
  for (const char *test = condition; test < end;) {
    const size_t size = strcspn(test, "/ ");
    if (options_test(settings, test, test + size, about, actual)) return 1;
    test += size + 1;
  }
  return 0;
}

const char *swl_option_failing(const swl_settings *settings, const swale_option_info *info, size_t *length,
                               const char **about, char actual[SWL_TEXT_MAX]) {
  for (const char *condition = info->applies; *condition;) {
    *length = strcspn(condition, " ");
    if (!options_holds(settings, condition, *length, about, actual)) return condition;
    condition += *length;
    condition += strspn(condition, " ");
  }
  return NULL;
}

static int options_differs(const swale_options *options, size_t i) {
  const swale_option_info *info = swale_option_at(i);
  return options->is_set[i] && !swl_value_equal(info, (const char *)&options->settings + info->offset,
                                                (const char *)&options->standard + info->offset);
}

int swl_options_is_changed(const swale_options *options, const char *name) {
  const size_t i = swl_option_find(name);
  return i < SWL_OPTION_COUNT && options_differs(options, i);
}

static swale_status options_check(const swale_options *options, const swl_settings *settings) {
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (!options_differs(options, i)) continue;
    size_t length = 0;
    const char *about = NULL;
    char actual[SWL_TEXT_MAX];
    const char *condition = swl_option_failing(settings, info, &length, &about, actual);
    if (!condition) continue;
    return swl_fail(options->context, SWALE_ERROR_USAGE, "option %s applies to %.*s; %s is %.64s",
                    swale_option_name(info), (int)length, condition, about, actual);
  }
  return SWALE_OK;
}

swale_status swl_options_check(const swale_options *options) { return options_check(options, &options->settings); }

swale_status swl_options_check_function(const swale_options *options) {
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (!swl_option_networks(info) || !options_differs(options, i)) continue;
    return swl_fail(options->context, SWALE_ERROR_USAGE,
                    "option %s applies to networks (group %s); this loss is a function", swale_option_name(info),
                    info->group);
  }
  return SWALE_OK;
}

swale_status swl_options_check_resolved(const swale_options *options, const swl_settings *resolved) {
  return options_check(options, resolved);
}
