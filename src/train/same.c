/* same.c - see same.h.
 *
 * steps  (1) the program and its instruction set, whose sizes are known to every version (2) a list of things, each with a
 *        checksum to compare and a text to tell. An agreement comes before each: a rank that failed on the way here is met
 *        there.
 */
#include "train/same.h"

#include "data/checksum.h"
#include "numeric/numeric.h"
#include "options/table.h"
#include "parallel/ranks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SAME_NAME = 40, SAME_TEXT = 88, SAME_MOST = SWL_OPTION_COUNT + 2 };

#define SAME_ALL                                                                                                       \
  "all ranks must have the same options, data and model, and run the same program on the same kind of processor"

typedef struct same_program {
  char version[SAME_TEXT], set[SAME_TEXT];
} same_program;

typedef struct same_thing {
  char name[SAME_NAME], text[SAME_TEXT]; /* text: for people, cut if it is long */
  uint64_t sum;
} same_thing;

typedef struct same_list {
  uint64_t count;
  same_thing things[SAME_MOST];
} same_list;

/* (1) */
static swale_status same_as_program(swale_context *context, swl_ranks *ranks) {
  same_program mine = {.version = ""}, first;
  snprintf(mine.version, sizeof mine.version, "%s", swale_version());
  swl_instruction_set(mine.set, sizeof mine.set);
  first = mine;
  SWL_TRY(swl_ranks_tell(ranks, &first, sizeof first));
  if (strcmp(first.version, mine.version) != 0) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "the program is version %s, on rank 0 %s; " SAME_ALL,
                    mine.version, first.version);
  }
  if (strcmp(first.set, mine.set) == 0) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "the instruction set is %s, on rank 0 %s; " SAME_ALL, mine.set,
                  first.set);
}

static void same_put(same_list *list, const char *name, const char *text, uint64_t sum) {
  same_thing *thing = &list->things[list->count++];
  snprintf(thing->name, sizeof thing->name, "%.*s", SAME_NAME - 1, name);
  snprintf(thing->text, sizeof thing->text, "%.*s", SAME_TEXT - 1, text);
  thing->sum = sum;
}

static void same_put_settings(same_list *list, const swl_settings *settings, size_t dim) {
  char text[SWL_TEXT_MAX], name[SAME_NAME];
  snprintf(text, sizeof text, "%zu", dim);
  same_put(list, "number of parameters", text, dim);
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    const swale_option_info *info = swale_option_at(i);
    if (swl_option_differs_on_ranks(info)) continue;
    swl_value_text(info, (const char *)settings + info->offset, text);
    snprintf(name, sizeof name, "option %s", swale_option_name(info));
    same_put(list, name, text, swl_checksum(0, text, strlen(text)));
  }
}

static void same_put_table(same_list *list, const char *name, const swl_dataset *dataset, swl_split split) {
  const swl_table *table = &dataset->split[split];
  const uint32_t sum = swl_dataset_checksum(0, dataset, split, 0);
  char text[SAME_TEXT];
  snprintf(text, sizeof text, "%zu with checksum %08" PRIx32, table->count, sum);
  same_put(list, name, text, (uint64_t)table->count << 32 ^ sum);
}

static void same_put_dataset(same_list *list, const swl_dataset *dataset) {
  same_put_table(list, "training examples", dataset, SWL_SPLIT_TRAIN);
  same_put_table(list, "validation examples", dataset, SWL_SPLIT_VALIDATION);
  same_put_table(list, "test examples", dataset, SWL_SPLIT_TEST);
}

static void same_put_network(same_list *list, const swl_setup *setup) {
  const swl_network *network = &setup->network;
  const uint32_t spec = swl_checksum(0, network->spec, strlen(network->spec));
  const uint32_t x = swl_checksum(spec, setup->x, network->dim * sizeof *setup->x);
  char text[SWL_TEXT_MAX];
  snprintf(text, sizeof text, "%.48s with checksum %08" PRIx32, network->spec, x);
  same_put(list, "model", text, x);
}

/* (2) */
static swale_status same_as_first(swale_context *context, const same_list *mine, const same_list *first) {
  for (size_t i = 0; i < mine->count; i++) {
    const same_thing *here = &mine->things[i], *there = &first->things[i];
    if (here->sum == there->sum && strcmp(here->text, there->text) == 0) continue;
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "%s: %s, on rank 0 %s; " SAME_ALL, here->name, here->text,
                    there->text);
  }
  return SWALE_OK;
}

/* What is compared: of settings (with dim), dataset and setup the one that is not NULL. */
typedef struct same_subject {
  const swl_settings *settings;
  size_t dim;
  const swl_dataset *dataset;
  const swl_setup *setup;
} same_subject;

/* lists: two of them, of memory that only this needs. */
static swale_status same_compare(swale_context *context, swl_ranks *ranks, same_list *lists,
                                 const same_subject *subject) {
  SWL_TRY(swl_ranks_agree(ranks, lists ? SWALE_OK : SWALE_ERROR_MEMORY));
  SWL_TRY(swl_ranks_agree(ranks, same_as_program(context, ranks)));
  if (subject->settings) same_put_settings(lists, subject->settings, subject->dim);
  if (subject->dataset) same_put_dataset(lists, subject->dataset);
  if (subject->setup) same_put_network(lists, subject->setup);
  lists[1] = lists[0];
  SWL_TRY(swl_ranks_tell(ranks, &lists[1], sizeof lists[1]));
  return swl_ranks_agree(ranks, same_as_first(context, &lists[0], &lists[1]));
}

static swale_status same(swale_context *context, same_subject subject) {
  swl_ranks *ranks = swl_context_ranks(context);
  if (!ranks) return SWALE_OK;
  same_list *lists = swl_allocate(context, 2, sizeof *lists);
  const swale_status status = same_compare(context, ranks, lists, &subject);
  swl_release(context, lists);
  return status;
}

swale_status swl_same_dataset(swale_context *context, const swl_dataset *dataset) {
  return same(context, (same_subject){.dataset = dataset});
}

swale_status swl_same_settings(swale_context *context, const swl_settings *settings, size_t dim) {
  return same(context, (same_subject){.settings = settings, .dim = dim});
}

swale_status swl_same_network(swale_context *context, const swl_setup *setup) {
  return same(context, (same_subject){.setup = setup});
}
