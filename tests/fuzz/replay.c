/* replay.c - runs one fuzz target over its committed corpus, in any build; one TAP line. Some of the inputs must be
 * accepted. */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_BYTES_MAX = 1 << 20 };

static int replay_file(const char *path, uint8_t *bytes) {
  FILE *stream = fopen(path, "rb");
  if (!stream) return 0;
  size_t count = fread(bytes, 1, REPLAY_BYTES_MAX, stream);
  fclose(stream);
  printf("# %s\n", path);
  fflush(stdout); /* so that a crash is seen beside the input that made it */
  (void)LLVMFuzzerTestOneInput(bytes, count);
  return 1;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  struct dirent **entries = NULL;
  int found = scandir(arguments[2], &entries, NULL, alphasort);
  uint8_t *bytes = malloc(REPLAY_BYTES_MAX);
  int replayed = 0;
  printf("1..1\n");
  for (int i = 0; i < found; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", arguments[2], entries[i]->d_name);
    if (bytes && entries[i]->d_name[0] != '.') replayed += replay_file(path, bytes);
    free(entries[i]);
  }
  free(entries);
  free(bytes);
  const int accepted = (int)fuzz_counted(FUZZ_ACCEPTED); /* a corpus without a valid example tests refusals only */
  printf("%s 1 - %s: %d inputs of the corpus, %d of them accepted\n", accepted ? "ok" : "not ok", arguments[1],
         replayed, accepted);
  return accepted ? 0 : 1;
}
