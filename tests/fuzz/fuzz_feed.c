/* fuzz_feed.c - a CSV file for a model with a number column a, one with a filling b, and a text column color. Input: the
 * file. */
#include "fuzz.h"

#include "data/feed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static const char *colors[] = {"", "blue", "red"};
  static swl_column columns[] = {{.name = "a", .fill = NAN},
                                 {.name = "b", .fill = 2},
                                 {.name = "color", .kind = SWL_COLUMN_TEXT, .value_count = 3, .values = colors}};
  static double shift[5] = {1, 2}, scale[5] = {0.5, 3, 1, 1, 1};
  static const swl_schema schema = {
      .columns = 3, .column = columns, .inputs = 5, .shift = shift, .scale = scale, .target = "y", .outputs = 1};
  char path[FUZZ_PATH_MAX], source[FUZZ_PATH_MAX + 4];
  fuzz_path("table.csv", path);
  snprintf(source, sizeof source, "csv:%s", path);
  fuzz_write("table.csv", bytes, count);

  swl_arena *arena = fuzz_begin();
  const swl_dataset_request request = {.source = source};
  swl_feed *feed = NULL;
  size_t rows = 0;
  swale_status status = swl_feed_open(fuzz_context(), &request, &schema, "a", &feed);
  while (status == SWALE_OK) {
    status = swl_feed_next(feed, &rows);
    if (status != SWALE_OK || rows == 0) break;
    for (size_t i = 0; i < rows; i++) {
      const float *inputs = swl_feed_inputs(feed) + 5 * i;
      for (size_t k = 0; k < 5; k++) fuzz_require(isfinite(inputs[k]), "every input is finite");
      fuzz_require(inputs[2] + inputs[3] + inputs[4] == 1, "a text has one of its values");
      fuzz_require(strlen(swl_feed_kept(feed, i, 0)) > 0, "a field that is a number is kept");
    }
  }
  if (status != SWALE_OK) fuzz_require(*swale_context_message(fuzz_context()) != 0, "a failure has its sentence");
  swl_feed_close(feed);
  fuzz_end(arena, status == SWALE_OK);
  return 0;
}
