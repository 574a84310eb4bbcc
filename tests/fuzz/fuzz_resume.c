/* fuzz_resume.c - a run that goes on from a checkpoint: the options in it decide what is built. fuzz_checkpoint.c reads
 * more of them in the same time, for one run. */
#include "fuzz_run.h"

#include <swale/swale.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static const char record[] = "{\"event\":\"evaluation\"}\n";
  static char source[FUZZ_PATH_MAX + 8], folder[FUZZ_PATH_MAX];
  static swale_options *changes;
  if (!changes) {
    swale_run_destroy(fuzz_run_make(source, folder));
    const int able = swale_options_create(fuzz_context(), &changes) == SWALE_OK &&
                     swale_options_set(changes, "data", source) == SWALE_OK &&
                     swale_options_set(changes, "threads", "1") == SWALE_OK;
    fuzz_require(able, "options can be set");
    fuzz_keep();
  }
  fuzz_rewrite("run/log.jsonl", (const uint8_t *)record, sizeof record - 1);
  fuzz_write(FUZZ_RUN_CHECKPOINT, bytes, count);

  swl_arena *arena = fuzz_begin();
  swale_run *run = NULL;
  const int accepted = swale_run_resume(changes, folder, &run) == SWALE_OK;
  if (accepted) {
    fuzz_require(swale_run_number(run, SWALE_NUMBER_UPDATES) >= 0, "updates are counted");
    fuzz_require(swale_run_number(run, SWALE_NUMBER_DIM) >= 1, "there are parameters");
  }
  swale_run_destroy(run);
  fuzz_end(arena, accepted);
  return 0;
}
