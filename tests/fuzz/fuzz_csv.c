/* fuzz_csv.c - a CSV file. Input: one byte whose lowest bit says classification, then the file. */
#include "fuzz.h"

#include "data/dataset.h"

#include <math.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  if (count == 0) return 0;
  fuzz_write("table.csv", bytes + 1, count - 1);
  char path[FUZZ_PATH_MAX], source[FUZZ_PATH_MAX + 4];
  fuzz_path("table.csv", path);
  snprintf(source, sizeof source, "csv:%s", path);

  swale_context *context = NULL;
  swl_arena *arena = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) return 0;
  if (swl_arena_create(context, &arena) == SWALE_OK) {
    const swl_dataset_request request = {
        .source = source, .target = "", .classification = bytes[0] & 1, .test_fraction = 0.2, .seed = 1};
    swl_dataset dataset = {0};
    if (swl_dataset_load(context, arena, &request, &dataset) == SWALE_OK) {
      const swl_table *train = &dataset.split[SWL_SPLIT_TRAIN];
      for (size_t i = 0; i < train->count * dataset.features; i++) {
        fuzz_require(isfinite(train->inputs[i]), "every input is finite");
      }
      for (size_t i = 0; i < train->count; i++) {
        if (train->labels) fuzz_require(train->labels[i] < dataset.outputs, "labels are below the number of classes");
        if (train->targets) fuzz_require(isfinite(train->targets[i]), "every target is finite");
      }
      if (swl_dataset_standardize(context, arena, "full", &dataset) != SWALE_OK) {
        fuzz_require(*swale_context_message(context) != 0, "a failure has its sentence");
      }
    } else {
      fuzz_require(*swale_context_message(context) != 0, "a failure has its sentence");
    }
  }
  swl_arena_destroy(arena);
  swale_context_destroy(context);
  return 0;
}
