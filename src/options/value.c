/* value.c - one option's value, from text and to text.
 *
 * Strict: the whole text must be the value. What does not fit is refused with a sentence that names the option, the
 * value and what is allowed; nothing is rounded, clipped or guessed.
 */
#include "options/number.h"
#include "options/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_WORD_MAX = 64, VALUE_WORDS_MAX = 16 };

/* "option NAME: 'VALUE' WHY; allowed is ALLOWED". A long value is cut: the reader knows it. */
static swale_status value_refuse(swale_context *context, const swale_option_info *info, const char *text,
                                 const char *why) {
  return swl_fail(context, SWALE_ERROR_USAGE, "option %s: '%.64s%s' %s; allowed is %s", swale_option_name(info), text,
                  strlen(text) > 64 ? "…" : "", why, swale_option_allowed(info));
}

static swale_status value_parse_text(swale_context *context, const swale_option_info *info, const char *text,
                                     char *value) {
  const size_t length = strlen(text);
  if (length >= SWL_TEXT_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option %s: the value has %zu bytes; allowed are at most %d",
                    swale_option_name(info), length, SWL_TEXT_MAX - 1);
  }
  for (const char *byte = text; *byte; byte++) {
    if ((unsigned char)*byte >= 0x20 && *byte != 0x7f) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "option %s: byte %zu of the value is a control character (0x%02x)",
                    swale_option_name(info), (size_t)(byte - text) + 1, (unsigned)(unsigned char)*byte);
  }
  memset(value, 0, SWL_TEXT_MAX);
  memcpy(value, text, length);
  return SWALE_OK;
}

static swale_status value_parse_choice(swale_context *context, const swale_option_info *info, const char *text,
                                       swl_word *value) {
  const char *names[VALUE_WORDS_MAX + 1] = {NULL};
  swl_word first = SWL_WORD_COUNT;
  const size_t count = swl_option_words(info, &first);
  for (size_t i = 0; i < count && i < VALUE_WORDS_MAX; i++) {
    names[i] = swl_word_text(first + (swl_word)i);
    if (strcmp(names[i], text) != 0) continue;
    *value = first + (swl_word)i;
    return SWALE_OK;
  }
  const char *near = swale_nearest(text, names);
  if (!near) return value_refuse(context, info, text, "is none of the words");
  return swl_fail(context, SWALE_ERROR_USAGE,
                  "option %s: '%.64s' is none of the words; did you mean '%s'? allowed is %s", swale_option_name(info),
                  text, near, swale_option_allowed(info));
}

static swale_status value_parse_variant(swale_context *context, const swale_option_info *info, const char *text,
                                        char *value) {
  const size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
  if (letters == 0 || text[letters] || letters >= VALUE_WORD_MAX) {
    return value_refuse(context, info, text, "is not a name");
  }
  return value_parse_text(context, info, text, value);
}

static swale_status value_parse_integer(swale_context *context, const swale_option_info *info, const char *text,
                                        int64_t *value) {
  int64_t parsed = 0;
  const char *why = swl_integer_parse(text, &parsed);
  if (!why && (parsed < info->integer_min || parsed > info->integer_max)) why = "is out of range";
  if (why) return value_refuse(context, info, text, why);
  *value = parsed;
  return SWALE_OK;
}

static swale_status value_parse_count(swale_context *context, const swale_option_info *info, const char *text,
                                      int64_t *value) {
  if (strcmp(text, "auto") != 0) return value_parse_integer(context, info, text, value);
  *value = SWL_AUTO_COUNT;
  return SWALE_OK;
}

static swale_status value_parse_real(swale_context *context, const swale_option_info *info, const char *text,
                                     double *value) {
  double parsed = 0.0;
  const char *why = swl_real_parse(text, &parsed);
  if (!why && !(parsed >= info->real_min && parsed <= info->real_max)) why = "is out of range";
  if (why) return value_refuse(context, info, text, why);
  *value = parsed + 0.0; /* -0 becomes 0: equal settings have equal text */
  return SWALE_OK;
}

static swale_status value_parse_auto(swale_context *context, const swale_option_info *info, const char *text,
                                     swl_auto *value) {
  swl_auto parsed = {0, 0.0};
  if (strncmp(text, "auto", 4) != 0) {
    SWL_TRY(value_parse_real(context, info, text, &parsed.value));
  } else {
    parsed.automatic = 1;
    const char *why = NULL;
    if (text[4] == ':' && info->target) {
      why = swl_real_parse(text + 5, &parsed.value);
      if (!why && !(parsed.value > 0.0 && parsed.value < 1.0)) why = "is out of range";
    } else if (text[4]) {
      why = "is not a number";
    }
    if (why) return value_refuse(context, info, text, why);
  }
  value->automatic = parsed.automatic; /* field by field: the padding stays zero, and equal settings equal bytes */
  value->value = parsed.value;
  return SWALE_OK;
}

/* One number of a list, or the reason why it is none. */
static const char *value_parse_item(const swale_option_info *info, const char *word, double *number) {
  const char *why = swl_real_parse(word, number);
  if (why) return why;
  *number += 0.0; /* -0 becomes 0 */
  if (!(*number >= info->real_min && *number <= info->real_max)) return "is out of range";
  return info->whole && *number != floor(*number) ? "is not a whole number" : NULL;
}

/* Between commas; slashes are taken too. */
static swale_status value_parse_list(swale_context *context, const swale_option_info *info, const char *text,
                                     swl_list *value) {
  swl_list parsed = {0};
  for (const char *at = text; *text; at++) {
    const size_t length = strcspn(at, ",/");
    char word[VALUE_WORD_MAX + 2] = "";
    memcpy(word, at, length < sizeof word ? length : sizeof word - 1); /* longer ones are no numbers */
    if (parsed.count == SWL_LIST_MAX) return value_refuse(context, info, text, "has more than 32 numbers");
    const char *why = value_parse_item(info, word, &parsed.values[parsed.count]);
    if (why) return value_refuse(context, info, word, why);
    parsed.count++;
    at += length;
    if (!*at) break;
  }
  *value = parsed;
  return SWALE_OK;
}

static swale_status value_parse_flag(swale_context *context, const swale_option_info *info, const char *text,
                                     int *value) {
  static const char *const words[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};
  for (int flag = 0; flag <= 1; flag++) {
    for (size_t i = 0; i < 4; i++) {
      if (strcmp(text, words[flag][i]) != 0) continue;
      *value = flag;
      return SWALE_OK;
    }
  }
  return value_refuse(context, info, text, "is neither");
}

swale_status swl_value_parse(swale_context *context, const swale_option_info *info, const char *text, void *value) {
  switch (info->type) {
  case SWL_OPTION_TEXT: return value_parse_text(context, info, text, value);
  case SWL_OPTION_CHOICE: return value_parse_choice(context, info, text, value);
  case SWL_OPTION_VARIANT: return value_parse_variant(context, info, text, value);
  case SWL_OPTION_INTEGER: return value_parse_integer(context, info, text, value);
  case SWL_OPTION_COUNT_AUTO: return value_parse_count(context, info, text, value);
  case SWL_OPTION_REAL: return value_parse_real(context, info, text, value);
  case SWL_OPTION_AUTO: return value_parse_auto(context, info, text, value);
  case SWL_OPTION_LIST: return value_parse_list(context, info, text, value);
  case SWL_OPTION_FLAG: return value_parse_flag(context, info, text, value);
  }
  return swl_fail(context, SWALE_ERROR_USAGE, "option %s has no type", swale_option_name(info));
}

static void value_auto_text(const swl_auto *value, char text[SWL_TEXT_MAX]) {
  char number[SWL_REAL_TEXT_MAX] = "";
  const int fraction = value->automatic && value->value > 0.0;
  if (!value->automatic || fraction) swl_real_text(value->value, number);
  snprintf(text, SWL_TEXT_MAX, "%s%s%s", value->automatic ? "auto" : "", fraction ? ":" : "", number);
}

static void value_count_text(int64_t value, char text[SWL_TEXT_MAX]) {
  if (value == SWL_AUTO_COUNT)
    strcpy(text, "auto");
  else
    snprintf(text, SWL_TEXT_MAX, "%" PRId64, value);
}

static void value_list_text(const swl_list *value, char text[SWL_TEXT_MAX]) {
  size_t at = 0;
  text[0] = 0;
  for (size_t i = 0; i < value->count; i++) {
    char number[SWL_REAL_TEXT_MAX];
    swl_real_text(value->values[i], number);
    at += (size_t)snprintf(text + at, SWL_TEXT_MAX - at, "%s%s", i > 0 ? "," : "", number);
  }
}

void swl_value_text(const swale_option_info *info, const void *value, char text[SWL_TEXT_MAX]) {
  switch (info->type) {
  case SWL_OPTION_TEXT:
  case SWL_OPTION_VARIANT: memcpy(text, value, SWL_TEXT_MAX); break;
  case SWL_OPTION_CHOICE: strcpy(text, swl_word_text(*(const swl_word *)value)); break;
  case SWL_OPTION_INTEGER: snprintf(text, SWL_TEXT_MAX, "%" PRId64, *(const int64_t *)value); break;
  case SWL_OPTION_COUNT_AUTO: value_count_text(*(const int64_t *)value, text); break;
  case SWL_OPTION_REAL: swl_real_text(*(const double *)value, text); break;
  case SWL_OPTION_AUTO: value_auto_text(value, text); break;
  case SWL_OPTION_LIST: value_list_text(value, text); break;
  case SWL_OPTION_FLAG: strcpy(text, *(const int *)value ? "true" : "false"); break;
  }
}

int swl_value_equal(const swale_option_info *info, const void *a, const void *b) {
  char left[SWL_TEXT_MAX], right[SWL_TEXT_MAX];
  swl_value_text(info, a, left); /* texts read back exactly, so equal texts are equal values and the reverse */
  swl_value_text(info, b, right);
  return strcmp(left, right) == 0;
}
