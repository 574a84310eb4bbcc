/* table.c - see table.h. The rows come from options.def; nothing here names an option. */
#include "options/table.h"

#include <pthread.h>
#include <string.h>

/* clang-format off: it would put each designator on a line of its own */
#define ROW(type_, name, standard_, allowed_, group_, applies_, help_)                                                 \
  .type = type_, .identifier = #name, .standard = standard_, .allowed = allowed_, .group = group_,                     \
  .applies = applies_, .help = help_, .offset = offsetof(swl_settings, name), .size = sizeof((swl_settings *)0)->name

#define TEXT(name, standard_, ...) {ROW(SWL_OPTION_TEXT, name, standard_, "text", __VA_ARGS__)},
#define CHOICE(name, standard_, ...) {ROW(SWL_OPTION_CHOICE, name, standard_, NULL, __VA_ARGS__)},
#define VARIANT(name, standard_, kind, ...)                                                                            \
  {ROW(SWL_OPTION_VARIANT, name, standard_, "see `swale list " kind "`", __VA_ARGS__)},
#define INTEGER(name, standard_, min, max, ...)                                                                        \
  {ROW(SWL_OPTION_INTEGER, name, #standard_, "integer in [" #min ", " #max "]", __VA_ARGS__), .integer_min = min,      \
   .integer_max = max},
#define COUNT(name, standard_, min, max, ...)                                                                          \
  {ROW(SWL_OPTION_COUNT_AUTO, name, standard_, "integer in [" #min ", " #max "], or auto", __VA_ARGS__),               \
   .integer_min = min, .integer_max = max},
#define REAL(name, standard_, min, max, ...)                                                                           \
  {ROW(SWL_OPTION_REAL, name, #standard_, "[" #min ", " #max "]", __VA_ARGS__), .real_min = min, .real_max = max},
#define AUTO_ALLOWED_0(min, max) "a number in [" #min ", " #max "], or auto"
#define AUTO_ALLOWED_1(min, max) "a number in [" #min ", " #max "], auto or auto:F with 0 < F < 1"
#define AUTO(name, standard_, min, max, target_, ...)                                                                  \
  {ROW(SWL_OPTION_AUTO, name, standard_, AUTO_ALLOWED_##target_(min, max), __VA_ARGS__), .real_min = min,              \
   .real_max = max, .target = target_},
#define LIST_ALLOWED_0(min, max) "numbers in [" #min ", " #max "], separated by commas"
#define LIST_ALLOWED_1(min, max) "whole numbers in [" #min ", " #max "], separated by commas"
#define LIST(name, standard_, whole_, min, max, ...)                                                                   \
  {ROW(SWL_OPTION_LIST, name, standard_, LIST_ALLOWED_##whole_(min, max), __VA_ARGS__), .real_min = min,               \
   .real_max = max, .whole = whole_},
#define FLAG(name, standard_, ...) {ROW(SWL_OPTION_FLAG, name, standard_, "true|false", __VA_ARGS__)},
/* clang-format on */

static const swale_option_info table_rows[SWL_OPTION_COUNT] = {
#include "options/options.def"
};

#define GROUP(name_, ...) {#name_, __VA_ARGS__},
static const struct {
  const char *name;
  int networks, results, ranks;
} table_groups[] = {
#include "options/options.def"
};

#define WORD(choice, name, text_) {offsetof(swl_settings, choice), text_},
static const struct {
  size_t offset; /* of the choice's value in swl_settings */
  const char *text;
} table_words[SWL_WORD_COUNT] = {
#include "options/options.def"
};

const char *swl_word_text(swl_word word) { return table_words[word].text; }

size_t swl_option_words(const swale_option_info *info, swl_word *first) {
  size_t count = 0;
  for (size_t i = 0; i < SWL_WORD_COUNT; i++) {
    if (table_words[i].offset != info->offset) continue;
    if (count++ == 0) *first = (swl_word)i;
  }
  return count;
}

#define RESUMES(name, ranks_) {offsetof(swl_settings, name), ranks_},
static const struct {
  size_t offset; /* of the option's value in swl_settings */
  int ranks;
} table_resumes[] = {
#include "options/options.def"
};

static size_t table_group(const swale_option_info *info) {
  size_t g = 0;
  while (g + 1 < sizeof table_groups / sizeof *table_groups && strcmp(table_groups[g].name, info->group) != 0) g++;
  return g;
}

int swl_option_networks(const swale_option_info *info) { return table_groups[table_group(info)].networks; }

int swl_option_changes_results(const swale_option_info *info) { return table_groups[table_group(info)].results; }

enum { TABLE_WORDS = 128 }; /* bytes of all words of a choice */
enum { TABLE_RESUMES = sizeof table_resumes / sizeof *table_resumes };

/* Its row among those that may be others when a run goes on; TABLE_RESUMES without. */
static size_t table_resume(const swale_option_info *info) {
  size_t i = 0;
  while (i < TABLE_RESUMES && table_resumes[i].offset != info->offset) i++;
  return i;
}

int swale_option_resumes(const swale_option_info *info) { return table_resume(info) < TABLE_RESUMES; }

int swl_option_differs_on_ranks(const swale_option_info *info) {
  const size_t i = table_resume(info);
  return table_groups[table_group(info)].ranks || (i < TABLE_RESUMES && table_resumes[i].ranks);
}

/* The names with hyphens. The preprocessor cannot write them, so they are made once, by the first that asks. */
static pthread_once_t table_once = PTHREAD_ONCE_INIT;
static char table_hyphened[SWL_OPTION_COUNT][SWL_OPTION_NAME_MAX];
static const char *table_names[SWL_OPTION_COUNT + 1];

/* "a, b": those that resume, in the order of options. */
static char table_that_resume[TABLE_RESUMES * (SWL_OPTION_NAME_MAX + 2)];

static char table_allowed[SWL_OPTION_COUNT][TABLE_WORDS];

/* "auto|joint|layerwise" */
static void table_make_words(size_t option) {
  swl_word first = SWL_WORD_COUNT;
  const size_t count = swl_option_words(&table_rows[option], &first);
  for (size_t k = 0; k < count; k++) {
    if (k > 0) strcat(table_allowed[option], "|");
    strcat(table_allowed[option], swl_word_text(first + (swl_word)k));
  }
}

static void table_make_names(void) {
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const char *identifier = table_rows[i].identifier;
    for (size_t j = 0; identifier[j] && j + 1 < SWL_OPTION_NAME_MAX; j++) {
      table_hyphened[i][j] = identifier[j];
      if (identifier[j] == '_') table_hyphened[i][j] = '-';
    }
    table_names[i] = table_hyphened[i];
    if (table_rows[i].type == SWL_OPTION_CHOICE) table_make_words(i);
    if (!swale_option_resumes(&table_rows[i])) continue;
    if (table_that_resume[0]) strcat(table_that_resume, ", ");
    strcat(table_that_resume, table_names[i]);
  }
}

const char *const *swl_option_names(void) {
  pthread_once(&table_once, table_make_names);
  return table_names;
}

const char *swl_options_that_resume(void) {
  pthread_once(&table_once, table_make_names);
  return table_that_resume;
}

static int table_is_separator(char letter) { return letter == '-' || letter == '_'; }

static int table_same_name(const char *a, const char *b) {
  for (; *a && *b; a++, b++) {
    if (*a != *b && !(table_is_separator(*a) && table_is_separator(*b))) return 0;
  }
  return *a == *b;
}

size_t swl_option_find(const char *name) {
  size_t i = 0;
  while (i < SWL_OPTION_COUNT && !table_same_name(table_rows[i].identifier, name)) i++;
  return i;
}

const swale_option_info *swale_option_at(size_t index) { return index < SWL_OPTION_COUNT ? &table_rows[index] : NULL; }

const char *swale_option_name(const swale_option_info *info) { return swl_option_names()[info - table_rows]; }

const char *swale_option_type(const swale_option_info *info) {
  static const char *const names[] = {"text", "choice", "variant", "integer", "count", "real", "auto", "list", "flag"};
  return names[info->type];
}

const char *swale_option_default(const swale_option_info *info) { return info->standard; }

const char *swale_option_allowed(const swale_option_info *info) {
  if (info->allowed) return info->allowed;
  pthread_once(&table_once, table_make_names);
  return table_allowed[info - table_rows];
}

const char *swale_option_group(const swale_option_info *info) { return info->group; }

const char *swale_option_applies(const swale_option_info *info) { return info->applies; }

const char *swale_option_help(const swale_option_info *info) { return info->help; }
