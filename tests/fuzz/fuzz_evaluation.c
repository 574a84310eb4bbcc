/* fuzz_evaluation.c - the evaluation.json of a run folder, read as a tree and looked at as a report does. */
#include "fuzz.h"

#include "report/measured_check.h"

#include <string.h>

static void check_names(const swl_json_value *value) {
  for (size_t i = 0; i < value->count && value->type == SWL_JSON_OBJECT; i++) {
    fuzz_require(swl_json_member(value, value->items[i].name) == &value->items[i], "names are distinct");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char path[FUZZ_PATH_MAX];
  fuzz_path("evaluation.json", path);
  fuzz_write("evaluation.json", bytes, count);

  swl_arena *arena = fuzz_begin();
  swl_json_value value = {.name = NULL};
  const int read = swl_json_read(fuzz_context(), arena, path, &value) == SWALE_OK;
  if (read) check_names(&value);
  const int accepted = read && swl_report_check_measured(fuzz_context(), path, &value, NULL) == SWALE_OK;
  fuzz_require(accepted || strstr(swale_context_message(fuzz_context()), path), "a failure names the file");
  fuzz_end(arena, accepted);
  return 0;
}
