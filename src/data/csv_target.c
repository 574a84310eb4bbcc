/* csv_target.c - what is to be predicted: a class, or a number?
 *
 * (1) The task, where it is not given: texts classify, and so do whole numbers if there are two of them, or at most 20 with
 * five rows each on average; other numbers are numbers. (2) Classes are the different texts, of 1 to 63 bytes; "0" and "0.0"
 * are one, by its shorter name. They are sorted as numbers if all of them are, else as bytes.
 */
#include "data/csv_table.h"
#include "data/csv_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TARGET_WHOLE_MAX = 20, TARGET_ROWS = 5, TARGET_REASON = 256 };

/* --- (1) ---------------------------------------------------------------------------------------------------------- */

static int target_look(const swl_csv_table *table, char reason[TARGET_REASON], const char *name) {
  double seen[TARGET_WHOLE_MAX + 1];
  size_t different = 0;
  char plain[SWL_PLAIN_MAX];
  for (size_t i = 0; i < table->count; i++) {
    char *text = swl_csv_text_of(table, table->targets[i]);
    double number = 0;
    if (swl_csv_is_missing(text)) continue;
    if (swl_csv_number(text, swl_csv_comma(&table->source), &number)) {
      snprintf(reason, TARGET_REASON, "%s holds texts, such as \"%s\"", name, swl_plain(text, plain));
      return 1;
    }
    if (number != floor(number)) {
      snprintf(reason, TARGET_REASON, "%s holds numbers that are not whole, such as %s", name, swl_plain(text, plain));
      different = TARGET_WHOLE_MAX + 2;
    }
    size_t k = 0;
    while (k < different && different <= TARGET_WHOLE_MAX && seen[k] != number) k++;
    if (different <= TARGET_WHOLE_MAX && k == different) seen[different++] = number;
  }
  if (different == TARGET_WHOLE_MAX + 2) return 0;
  if (different > TARGET_WHOLE_MAX) {
    snprintf(reason, TARGET_REASON, "%s holds more than %d different whole numbers", name, TARGET_WHOLE_MAX);
    return 0;
  }
  const int classes = different <= 2 || TARGET_ROWS * different <= table->count;
  snprintf(reason, TARGET_REASON, "%s holds %zu different whole number%s%s", name, different, different == 1 ? "" : "s",
           classes ? "" : ", each in few rows");
  return classes;
}

/* Texts that are mostly numbers as people write them are hardly names of classes. */
static swale_status target_doubt(const swl_csv_table *table) {
  size_t people = 0, others = 0, first = 0;
  char number[SWL_PLAIN_MAX], allowed[2 * SWL_PLAIN_MAX + 128];
  for (size_t i = 0; i < table->count; i++) {
    char *text = swl_csv_text_of(table, table->targets[i]);
    double value = 0;
    if (swl_csv_is_missing(text) || !swl_csv_number(text, swl_csv_comma(&table->source), &value)) continue;
    if (!swl_csv_number_for_people(text, number)) {
      others++;
    } else if (!people++) {
      first = i;
    }
  }
  if (people == 0 || people < others) return SWALE_OK;
  const char *text = swl_csv_text_of(table, table->targets[first]);
  (void)swl_csv_number_for_people(text, number);
  snprintf(allowed, sizeof allowed,
           "write %s, and all of the column like this; where these are names of classes, --task=classify says so",
           number);
  return swl_csv_refuse(&table->source, (size_t)table->source.target, table->lines[first], text,
                        "is a number as people write it", allowed);
}

static swale_status target_task(swl_csv_table *table, int *classification) {
  const swl_csv_source *source = &table->source;
  const swl_schema *given = source->request->schema;
  if (given || source->request->task != SWL_TASK_AUTO) {
    *classification = given ? given->classification : source->request->task == SWL_TASK_CLASSIFY;
    return SWALE_OK;
  }
  char reason[TARGET_REASON], plain[SWL_PLAIN_MAX];
  SWL_TRY(target_doubt(table));
  *classification = target_look(table, reason, swl_plain(source->names[source->target], plain));
  table->reason = swl_arena_text(table->arena, reason);
  return table->reason ? SWALE_OK : SWALE_ERROR_MEMORY;
}

/* --- (2) ---------------------------------------------------------------------------------------------------------- */

/* A text of the target and the class that it names. */
typedef struct target_class {
  const char *text;
  double number; /* NaN: none */
  size_t word;   /* among the texts, sorted by bytes */
} target_class;

static int target_by_bytes(const void *a, const void *b) {
  return strcmp(((const target_class *)a)->text, ((const target_class *)b)->text);
}

/* Equal numbers side by side, the shortest text first. */
static int target_by_number(const void *a, const void *b) {
  const target_class *left = a, *right = b;
  if (left->number < right->number) return -1;
  if (left->number > right->number) return 1;
  if (isnan(left->number) != isnan(right->number)) return isnan(left->number) ? 1 : -1;
  const size_t lengths[2] = {strlen(left->text), strlen(right->text)};
  return lengths[0] < lengths[1] ? -1 : lengths[0] > lengths[1] ? 1 : strcmp(left->text, right->text);
}

static swale_status target_words(const swl_csv_table *table, swl_csv_words *words) {
  const swl_csv_source *source = &table->source;
  SWL_TRY(swl_csv_words_make(source->arena, SWL_CLASSES_MAX, words));
  for (size_t i = 0; i < table->count; i++) {
    const char *text = swl_csv_text_of(table, table->targets[i]);
    if (swl_csv_is_missing(text)) {
      return swl_csv_refuse(source, (size_t)source->target, table->lines[i], text, "is a missing value",
                            "the name of a class is due");
    }
    if (strlen(text) >= SWL_CLASS_NAME_MAX) {
      return swl_csv_refuse(
          source, (size_t)source->target, table->lines[i], text, "is too long",
          "names of classes have at most 63 bytes; --target=NAME says which column holds the classes");
    }
    if (swl_csv_words_add(words, text)) continue;
    char name[SWL_PLAIN_MAX];
    return swl_fail(source->context, SWALE_ERROR_FORMAT,
                    "%s: the column \"%s\" holds more than %d different classes; use --target=NAME for another column, "
                    "or --task=regress to predict numbers",
                    source->text.path, swl_plain(source->names[source->target], name), SWL_CLASSES_MAX);
  }
  return SWALE_OK;
}

static swale_status target_few(const swl_csv_table *table, const char *only) {
  char name[SWL_PLAIN_MAX], plain[SWL_PLAIN_MAX];
  return swl_fail(
      table->source.context, SWALE_ERROR_FORMAT,
      "%s: the column \"%s\" holds only the class \"%s\"; at least 2 classes are needed (--target=NAME says "
      "which column holds them)",
      table->source.text.path, swl_plain(table->source.names[table->source.target], name), swl_plain(only, plain));
}

/* The classes, in their order, and the class of each word. */
static swale_status target_classes(swl_csv_table *table, const swl_csv_words *words, uint32_t *of_word, size_t *count,
                                   const char ***names) {
  swl_arena *arena = table->source.arena;
  target_class *list = swl_arena_take(arena, words->count, sizeof *list);
  size_t *first = swl_arena_take(arena, words->count, sizeof *first); /* the word that names a word's class */
  if (!list || !first) return SWALE_ERROR_MEMORY;
  int numbers = 1;
  for (size_t i = 0; i < words->count; i++) {
    char *text = swl_arena_take(arena, strlen(words->text[i]) + 1, 1);
    if (!text) return SWALE_ERROR_MEMORY;
    list[i] = (target_class){words->text[i], NAN, i};
    if (swl_csv_number(strcpy(text, words->text[i]), swl_csv_comma(&table->source), &list[i].number)) numbers = 0;
  }
  qsort(list, words->count, sizeof *list, target_by_number);
  size_t made = 0;
  for (size_t i = 0; i < words->count; i++) {
    const size_t word = list[i].word;
    const int same = i > 0 && list[i].number == list[made - 1].number;
    if (!same) list[made++] = list[i];
    first[word] = list[made - 1].word;
  }
  if (!numbers) qsort(list, made, sizeof *list, target_by_bytes);
  uint32_t *of_first = swl_arena_take(arena, words->count, sizeof *of_first);
  *names = swl_arena_take(table->arena, made, sizeof **names);
  if (!of_first || !*names) return SWALE_ERROR_MEMORY;
  for (size_t k = 0; k < made; k++) {
    of_first[list[k].word] = (uint32_t)k;
    (*names)[k] = swl_arena_text(table->arena, list[k].text);
    if (!(*names)[k]) return SWALE_ERROR_MEMORY;
  }
  for (size_t i = 0; i < words->count; i++) of_word[i] = of_first[first[i]];
  *count = made;
  return SWALE_OK;
}

static swale_status target_label(swl_csv_table *table, size_t *count, const char ***names) {
  swl_arena *arena = table->source.arena;
  swl_csv_words words;
  swl_names index;
  SWL_TRY(target_words(table, &words));
  uint32_t *of_word = swl_arena_take(arena, words.count, sizeof *of_word);
  table->labels = swl_allocate(table->source.context, table->count, sizeof *table->labels);
  if (!of_word || !table->labels) return SWALE_ERROR_MEMORY;
  SWL_TRY(target_classes(table, &words, of_word, count, names));
  if (*count < 2) return target_few(table, (*names)[0]);
  swl_csv_words_notice(table, (size_t)table->source.target, *count, *names);
  SWL_TRY(swl_names_index(arena, words.count, words.text, &index));
  for (size_t i = 0; i < table->count; i++) {
    table->labels[i] = of_word[swl_names_find(&index, swl_csv_text_of(table, table->targets[i]))];
  }
  return SWALE_OK;
}

swale_status swl_csv_target(swl_csv_table *table) {
  swl_csv_source *source = &table->source;
  swl_schema *schema = table->schema;
  int classification = 0;
  size_t count = 1;
  const char **names = NULL;
  SWL_TRY(target_task(table, &classification));
  if (classification) SWL_TRY(target_label(table, &count, &names));
  for (size_t i = 0; !classification && i < table->count; i++) {
    swl_csv_value *target = &table->targets[i];
    SWL_TRY(swl_csv_aim(source, swl_csv_text_of(table, *target), table->lines[i], &target->number));
  }
  if (!schema) { /* a model that does not name its classes */
    if (count == source->request->schema->outputs) return SWALE_OK;
    return swl_fail(source->context, SWALE_ERROR_USAGE, "the model has %zu outputs; the data has %zu classes",
                    source->request->schema->outputs, count);
  }
  schema->classification = classification;
  schema->outputs = count;
  schema->classes = names;
  schema->target = swl_arena_text(table->arena, source->names[source->target]);
  return schema->target ? SWALE_OK : SWALE_ERROR_MEMORY;
}
