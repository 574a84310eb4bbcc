/* fuzz_idx.c - the four IDX files of a folder, plain or gzip.
 *
 * Input: up to four pieces, each two bytes of length (big-endian) and that many bytes; what is missing is empty. The
 * pieces become the training images, training labels, test images and test labels.
 */
#include "fuzz.h"

#include "data/dataset.h"

#include <stdio.h>

static void write_pieces(const uint8_t *bytes, size_t count) {
  static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                      "t10k-labels-idx1-ubyte"};
  size_t at = 0;
  for (size_t i = 0; i < 4; i++) {
    size_t length = at + 2 <= count ? (size_t)bytes[at] << 8 | bytes[at + 1] : 0;
    at = at + 2 <= count ? at + 2 : count;
    if (length > count - at) length = count - at;
    fuzz_write(names[i], bytes + at, length);
    at += length;
  }
}

static void check_images(const swl_dataset *dataset) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  for (size_t i = 0; i < train->count; i++) {
    fuzz_require(train->labels[i] < dataset->schema.outputs, "every label is below the number of classes");
  }
  for (size_t i = 0; i < train->count * dataset->schema.inputs; i++) {
    fuzz_require(train->inputs[i] >= 0 && train->inputs[i] <= 1, "pixels are in [0, 1]");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char folder[FUZZ_PATH_MAX], source[FUZZ_PATH_MAX + 4];
  write_pieces(bytes, count);
  fuzz_path("", folder);
  snprintf(source, sizeof source, "idx:%s", folder);

  swl_arena *arena = fuzz_begin();
  const swl_dataset_request request = {
      .source = source, .target = "", .task = SWL_TASK_CLASSIFY, .standardize = SWL_STANDARDIZE_NONE, .seed = 1};
  swl_dataset dataset = {0};
  const int accepted = swl_dataset_load(fuzz_context(), arena, &request, &dataset) == SWALE_OK;
  if (accepted) check_images(&dataset);
  fuzz_end(arena, accepted);
  return 0;
}
