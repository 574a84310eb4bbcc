/* fuzz_checkpoint.c - a checkpoint, read as a run that goes on reads it: its seal, the file, the options in it, then
 * the state of the run, here always the same one. fuzz_resume.c builds the run that the options ask for. */
#include "fuzz_run.h"

#include "files/safetensors.h"
#include "options/options_state.h"
#include "train/run_parts.h"

#include <math.h>

static void check_state(const swale_run *run) {
  const swale_trainer *trainer = run->trainer;
  for (size_t i = 0; i < run->setup.network.dim; i++) {
    fuzz_require(isfinite(trainer->x[i]) && isfinite(trainer->average.mean[i]), "every parameter is finite");
  }
}

/* 1 if all of it was accepted. */
static int read_checkpoint(swale_run *run, swl_arena *arena, swale_options *options) {
  swl_safetensors file;
  const swl_snapshot state = swl_run_snapshot(run);
  uint64_t log = 0;
  if (swl_checkpoint_find(&state, arena, &file) != SWALE_OK) return 0;
  fuzz_count(FUZZ_SEALED);
  const int given = swl_checkpoint_options(&state, &file, options) == SWALE_OK;
  const int applied = swl_checkpoint_apply(&state, &run->checkpoints, &file, &log) ==
                      SWALE_OK; /* whatever became of the options */
  if (applied) check_state(run);
  return given && applied;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static char source[FUZZ_PATH_MAX + 8], folder[FUZZ_PATH_MAX];
  static swale_run *run;
  static swale_options *standard, *options; /* the defaults, parsed once; those of the checkpoint */
  if (!options) {
    run = fuzz_run_make(source, folder);
    const int able = swale_options_create(fuzz_context(), &standard) == SWALE_OK &&
                     swl_options_copy(standard, &options) == SWALE_OK;
    fuzz_require(able, "there are defaults");
    fuzz_keep();
  }
  fuzz_write(FUZZ_RUN_CHECKPOINT, bytes, count);

  swl_arena *arena = fuzz_begin();
  *options = *standard;
  fuzz_end(arena, read_checkpoint(run, arena, options));
  return 0;
}
