/* names.c - see names.h. */
#include "data/names.h"

#include "data/csv_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int names_compare(const void *a, const void *b) {
  const swl_named *left = a, *right = b;
  const int order = strcmp(left->text, right->text);
  return order ? order : left->place < right->place ? -1 : left->place > right->place;
}

swale_status swl_names_index(swl_arena *arena, size_t count, const char *const *texts, swl_names *names) {
  swl_names made = {count, swl_arena_take(arena, count, sizeof *made.sorted)};
  if (!made.sorted) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) made.sorted[i] = (swl_named){texts[i], i};
  qsort(made.sorted, count, sizeof *made.sorted, names_compare);
  *names = made;
  return SWALE_OK;
}

ptrdiff_t swl_names_find(const swl_names *names, const char *text) {
  size_t low = 0, high = names->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(names->sorted[middle].text, text);
    if (order == 0) return (ptrdiff_t)names->sorted[middle].place;
    if (order < 0) low = middle + 1;
    if (order > 0) high = middle;
  }
  return SWL_NAMES_NONE;
}

const char *swl_names_repeated(const swl_names *names) {
  for (size_t i = 1; i < names->count; i++) {
    if (strcmp(names->sorted[i].text, names->sorted[i - 1].text) == 0) return names->sorted[i].text;
  }
  return NULL;
}

/* One name into `to`; returns what follows it, or NULL if its quotes are not closed. */
static const char *names_one(const char *from, char *to) {
  if (*from != '"') {
    while (*from && *from != ',') *to++ = *from++;
  } else {
    for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
      if (*from == '"') from++;
      *to++ = *from;
    }
    if (*from++ != '"') return NULL;
  }
  *to = 0;
  return *from == 0 || *from == ',' ? from : NULL;
}

swale_status swl_names_parse(swale_context *context, swl_arena *arena, const char *option, const char *text,
                             size_t *count, const char ***names) {
  const size_t length = strlen(text);
  const char **list = swl_arena_take(arena, length / 2 + 1, sizeof *list);
  char *words = swl_arena_take(arena, length + 1, 1);
  if (!list || !words) return SWALE_ERROR_MEMORY;
  *count = 0;
  *names = list;
  if (length == 0) return SWALE_OK;
  for (const char *from = text;;) {
    const char *next = names_one(from, words);
    if (!next || !*words || *count > length / 2) {
      return swl_fail(context, SWALE_ERROR_USAGE,
                      "option %s: '%.64s' is no list of names; they are separated by commas, and those with commas in "
                      "double quotes",
                      option, text);
    }
    list[(*count)++] = words;
    words += strlen(words) + 1;
    if (!*next) return SWALE_OK;
    from = next + 1;
  }
}

/* A name as a list of an option takes it, into `text` (2 strlen + 3): in double quotes if it would end early without, there or in a
 * shell. */
static size_t names_quote(const char *name, char *text) {
  size_t length = 0;
  const int quoted = strpbrk(name, ",: ") || *name == '"';
  if (quoted) text[length++] = '"';
  for (; *name; name++) {
    if (quoted && *name == '"') text[length++] = '"';
    text[length++] = *name;
  }
  if (quoted) text[length++] = '"';
  text[length] = 0;
  return length;
}

const char *swl_names_text(size_t count, const char *const *names, char text[SWL_NAMES_TEXT]) {
  size_t length = 0;
  text[0] = 0;
  for (size_t i = 0; i < count; i++) {
    char plain[SWL_PLAIN_MAX], name[2 * SWL_PLAIN_MAX + 3];
    if (length + names_quote(swl_plain(names[i], plain), name) + 10 > SWL_NAMES_TEXT) {
      snprintf(text + length, SWL_NAMES_TEXT - length, "%s…", i ? ", " : "");
      break;
    }
    length += (size_t)snprintf(text + length, SWL_NAMES_TEXT - length, "%s%s", i ? ", " : "", name);
  }
  return text;
}
