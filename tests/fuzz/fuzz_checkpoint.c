/* fuzz_checkpoint.c - a checkpoint, from which a run goes on. The seal is put right, so that what lies behind it is
 * looked at too. */
#include "fuzz.h"

#include <swale/swale.h>

#include "files/seal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_BYTES_MAX = 1 << 20, FUZZ_ALLOCATION_MAX = 16 << 20 };

static const char table[] = "a,b,y\n1,2,u\n2,1,v\n3,3,u\n4,1,v\n5,2,v\n2,3,u\n1,1,v\n3,2,u\n4,4,u\n5,5,v\n";
static const char record[] = "{\"event\":\"evaluation\"}\n";

/* Options in the file may ask for more memory than there is. */
static void *fuzz_allocate(void *user, size_t bytes) {
  (void)user;
  return bytes > FUZZ_ALLOCATION_MAX ? NULL : malloc(bytes);
}

static void fuzz_release(void *user, void *pointer) {
  (void)user;
  free(pointer);
}

/* The run folder as a killed run leaves it; the name of the data as the option takes it. */
static void fuzz_folder_make(swale_context *context, char source[FUZZ_PATH_MAX + 8], char folder[FUZZ_PATH_MAX]) {
  static int made;
  char path[FUZZ_PATH_MAX];
  swale_options *options = NULL;
  swale_run *run = NULL;
  fuzz_path("table.csv", path);
  fuzz_path("run", folder);
  snprintf(source, FUZZ_PATH_MAX + 8, "csv:%s", path);
  if (made) return;
  fuzz_write("table.csv", (const uint8_t *)table, sizeof table - 1);
  const int able = swale_options_create(context, &options) == SWALE_OK &&
                   swale_options_set(options, "data", source) == SWALE_OK &&
                   swale_options_set(options, "batch", "0") == SWALE_OK &&
                   swale_options_set(options, "out", folder) == SWALE_OK &&
                   swale_options_set(options, "model", "mlp:2-2-2") == SWALE_OK &&
                   swale_run_create(options, &run) == SWALE_OK;
  fuzz_require(able, "a run can be made");
  swale_run_destroy(run);
  swale_options_destroy(options);
  made = 1;
}

static void fuzz_write_sealed(const uint8_t *bytes, size_t count) {
  static uint8_t file[FUZZ_BYTES_MAX];
  char digits[SWL_SEAL_DIGITS + 1];
  if (count > sizeof file) return;
  memcpy(file, bytes, count);
  if (count >= SWL_SEAL_AT + SWL_SEAL_DIGITS) {
    memset(file + SWL_SEAL_AT, '0', SWL_SEAL_DIGITS);
    swl_seal_text(swl_checksum(0, file, count), digits);
    memcpy(file + SWL_SEAL_AT, digits, SWL_SEAL_DIGITS);
  }
  fuzz_write("run/checkpoint-0000000003.safetensors", file, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  const swale_allocator allocator = {fuzz_allocate, fuzz_release, NULL};
  char source[FUZZ_PATH_MAX + 8], folder[FUZZ_PATH_MAX];
  swale_context *context = NULL;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  if (swale_context_create(&allocator, &context) != SWALE_OK) return 0;
  fuzz_folder_make(context, source, folder);
  fuzz_write("run/log.jsonl", (const uint8_t *)record, sizeof record - 1);
  fuzz_write_sealed(bytes, count);
  if (swale_options_create(context, &changes) == SWALE_OK && swale_options_set(changes, "data", source) == SWALE_OK &&
      swale_options_set(changes, "threads", "1") == SWALE_OK) {
    if (swale_run_resume(changes, folder, &run) == SWALE_OK) {
      fuzz_require(swale_run_number(run, SWALE_NUMBER_UPDATES) >= 0, "updates are counted");
      fuzz_require(swale_run_number(run, SWALE_NUMBER_DIM) >= 1, "there are parameters");
    } else {
      fuzz_require(*swale_context_message(context) != 0, "a failure has its sentence");
    }
  }
  swale_run_destroy(run);
  swale_options_destroy(changes);
  swale_context_destroy(context);
  return 0;
}
