/* fuzz_report.c - the report page of one run folder, or of two that are the same.
 *
 * Input: a log.jsonl, and behind the first NUL byte, if there is one, an evaluation.json. What they hold goes into the
 * page.
 */
#include "fuzz.h"

#include <swale/report.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char folder[FUZZ_PATH_MAX], page[FUZZ_PATH_MAX];
  const uint8_t *second = count ? memchr(bytes, 0, count) : NULL;
  const size_t first = second ? (size_t)(second - bytes) : count;
  fuzz_path("", folder);
  fuzz_path("report.html", page);
  fuzz_write("log.jsonl", bytes, first);
  fuzz_write("evaluation.json", second ? second + 1 : bytes, second ? count - first - 1 : 0);

  swl_arena *arena = fuzz_begin();
  const char *const folders[] = {folder, folder};
  const int accepted = swale_report_write(fuzz_context(), folders, 1, page) == SWALE_OK;
  if (accepted)
    fuzz_require(swale_report_write(fuzz_context(), folders, 2, page) == SWALE_OK, "a run goes with itself");
  fuzz_end(arena, accepted);
  return 0;
}
