/* fuzz.c - see fuzz.h. */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char fuzz_folder[] = "/tmp/swale-fuzz-XXXXXX";
static int fuzz_folder_made;

static int fuzz_remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

static void fuzz_remove(void) { nftw(fuzz_folder, fuzz_remove_one, 16, FTW_DEPTH | FTW_PHYS); }

void fuzz_require(int holds, const char *promise) {
  if (holds) return;
  fprintf(stderr, "broken promise: %s\n", promise);
  abort();
}

void fuzz_path(const char *name, char path[FUZZ_PATH_MAX]) {
  if (!fuzz_folder_made) {
    fuzz_require(mkdtemp(fuzz_folder) != NULL, "a temporary folder can be made");
    fuzz_folder_made = 1;
    fuzz_require(atexit(fuzz_remove) == 0, "the temporary folder will be removed");
  }
  snprintf(path, FUZZ_PATH_MAX, "%s%s%s", fuzz_folder, *name ? "/" : "", name);
}

void fuzz_write(const char *name, const uint8_t *bytes, size_t count) {
  char path[FUZZ_PATH_MAX];
  fuzz_path(name, path);
  FILE *stream = fopen(path, "wb");
  fuzz_require(stream != NULL, "the input can be written");
  fuzz_require(fwrite(bytes, 1, count, stream) == count && fclose(stream) == 0, "the input was written");
}
