/* fuzz_evaluation.c - the evaluation.json of a run folder, read as a tree and drawn in a report. */
#include "fuzz.h"

#include <swale/report.h>

#include "files/json_read.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static const char log[] = "{\"event\":\"evaluation\",\"update\":1}\n";
  char path[FUZZ_PATH_MAX], folder[FUZZ_PATH_MAX], page[FUZZ_PATH_MAX];
  fuzz_write("log.jsonl", (const uint8_t *)log, sizeof log - 1);
  fuzz_write("evaluation.json", bytes, count);
  fuzz_path("evaluation.json", path);
  fuzz_path("", folder);
  fuzz_path("report.html", page);

  swale_context *context = NULL;
  swl_arena *arena = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) return 0;
  if (swl_arena_create(context, &arena) == SWALE_OK) {
    swl_json_value value;
    if (swl_json_read(context, arena, path, &value) == SWALE_OK) {
      for (size_t i = 0; i < value.count && value.type == SWL_JSON_OBJECT; i++) {
        fuzz_require(swl_json_member(&value, value.items[i].name) == &value.items[i], "names are distinct");
      }
    } else {
      fuzz_require(strstr(swale_context_message(context), path) != NULL, "a failure names the file");
    }
  }
  const char *const folders[] = {folder, folder};
  for (size_t runs = 1; runs <= 2; runs++) {
    fuzz_require(swale_report_write(context, folders, runs, page) == SWALE_OK, "the page goes on without");
  }
  swl_arena_destroy(arena);
  swale_context_destroy(context);
  return 0;
}
