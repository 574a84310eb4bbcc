/* fuzz_run.h - the run whose checkpoints are fuzzed. */
#ifndef SWL_TESTS_FUZZ_RUN_H
#define SWL_TESTS_FUZZ_RUN_H

#include "fuzz.h"

#include <swale/run.h>

enum { FUZZ_RUN_UPDATE = 3 };
#define FUZZ_RUN_CHECKPOINT "run/checkpoint-0000000003.safetensors"

/* The run of the smallest network that has everything a checkpoint can hold: what an optimizer remembers, an average,
 * a best state. Its folder, with a log of one line, and the name of its data as the option takes it. */
swale_run *fuzz_run_make(char source[FUZZ_PATH_MAX + 8], char folder[FUZZ_PATH_MAX]);

#endif
