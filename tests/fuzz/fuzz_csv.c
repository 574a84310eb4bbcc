/* fuzz_csv.c - a CSV file, as training reads it, and then as its own model does. Input: one byte of choices (1: classify,
 * 2: or as it looks; 4: no header line; 8: missing values are filled in; 16: not standardized; 32: a column w of weights),
 * then the file. */
#include "fuzz.h"

#include "data/feed.h"

#include <math.h>
#include <stdio.h>

static void check_table(const swl_dataset *dataset) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  for (size_t i = 0; i < train->count * dataset->schema.inputs; i++) {
    fuzz_require(isfinite(train->inputs[i]), "every input is finite");
  }
  for (size_t i = 0; i < train->count; i++) {
    if (train->labels) {
      fuzz_require(train->labels[i] < dataset->schema.outputs, "labels are below the number of classes");
    }
    if (train->targets) fuzz_require(isfinite(train->targets[i]), "every target is finite");
    if (train->weights) fuzz_require(train->weights[i] >= 0, "no weight is negative");
  }
}

/* What a model was made of, it reads: every row, or a sentence says why not. */
static void check_feed(const swl_dataset_request *request, const swl_dataset *dataset) {
  swl_feed *feed = NULL;
  size_t count = 0, rows = 0;
  if (swl_feed_open(fuzz_context(), request, &dataset->schema, NULL, &feed) != SWALE_OK) {
    fuzz_require(0, "the columns of a model are those of its file");
  }
  while (swl_feed_next(feed, &count) == SWALE_OK && count > 0) {
    for (size_t i = 0; i < count * dataset->schema.inputs; i++) {
      fuzz_require(isfinite(swl_feed_inputs(feed)[i]), "every input of the feed is finite");
    }
    rows += count;
  }
  fuzz_require(rows == dataset->rows, "a feed has the rows of its file");
  swl_feed_close(feed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  if (count == 0) return 0;
  char path[FUZZ_PATH_MAX], source[FUZZ_PATH_MAX + 4];
  fuzz_path("table.csv", path);
  snprintf(source, sizeof source, "csv:%s", path);
  fuzz_write("table.csv", bytes + 1, count - 1);

  swl_arena *arena = fuzz_begin();
  const swl_dataset_request request = {.source = source,
                                       .task = bytes[0] & 2   ? SWL_TASK_AUTO
                                               : bytes[0] & 1 ? SWL_TASK_CLASSIFY
                                                              : SWL_TASK_REGRESS,
                                       .header = bytes[0] & 4 ? SWL_HEADER_FALSE : SWL_HEADER_AUTO,
                                       .fill = bytes[0] & 8 ? 1 : 0,
                                       .standardize = bytes[0] & 16 ? SWL_STANDARDIZE_NONE : SWL_STANDARDIZE_FULL,
                                       .weight = bytes[0] & 32 ? "w" : "",
                                       .test_fraction = 0.2,
                                       .seed = 1};
  swl_dataset dataset = {.rows = 0};
  const int accepted = swl_dataset_load(fuzz_context(), arena, &request, &dataset) == SWALE_OK;
  if (accepted) {
    check_table(&dataset);
    check_feed(&request, &dataset);
  } else {
    fuzz_require(*swale_context_message(fuzz_context()) != 0, "a failure has its sentence");
  }
  fuzz_end(arena, accepted);
  return 0;
}
