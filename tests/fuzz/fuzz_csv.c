/* fuzz_csv.c - a CSV file. Input: one byte whose lowest bit says classification, then the file. */
#include "fuzz.h"

#include "data/dataset.h"

#include <math.h>
#include <stdio.h>

static void check_table(const swl_dataset *dataset) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  for (size_t i = 0; i < train->count * dataset->schema.inputs; i++) {
    fuzz_require(isfinite(train->inputs[i]), "every input is finite");
  }
  for (size_t i = 0; i < train->count; i++) {
    if (train->labels)
      fuzz_require(train->labels[i] < dataset->schema.outputs, "labels are below the number of classes");
    if (train->targets) fuzz_require(isfinite(train->targets[i]), "every target is finite");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  if (count == 0) return 0;
  char path[FUZZ_PATH_MAX], source[FUZZ_PATH_MAX + 4];
  fuzz_path("table.csv", path);
  snprintf(source, sizeof source, "csv:%s", path);
  fuzz_write("table.csv", bytes + 1, count - 1);

  swl_arena *arena = fuzz_begin();
  const swl_dataset_request request = {.source = source,
                                       .target = "",
                                       .task = bytes[0] & 1 ? SWL_TASK_CLASSIFY : SWL_TASK_REGRESS,
                                       .standardize = "full",
                                       .test_fraction = 0.2,
                                       .seed = 1};
  swl_dataset dataset = {0};
  const int accepted = swl_dataset_load(fuzz_context(), arena, &request, &dataset) == SWALE_OK;
  if (accepted) check_table(&dataset);
  fuzz_end(arena, accepted);
  return 0;
}
