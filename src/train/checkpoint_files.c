/* checkpoint_files.c - which checkpoints a folder holds, and which of them may go. */
#include "train/checkpoint_files.h"

#include "base/context.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHECKPOINT_PREFIX "checkpoint-"
#define CHECKPOINT_SUFFIX ".safetensors"

enum { CHECKPOINT_DIGITS = 10 }; /* an update is below 2^32 */

void swl_checkpoint_path(const char *folder, uint64_t update, char path[SWL_CHECKPOINT_PATH_MAX]) {
  snprintf(path, SWL_CHECKPOINT_PATH_MAX, "%s/" CHECKPOINT_PREFIX "%0*llu" CHECKPOINT_SUFFIX, folder, CHECKPOINT_DIGITS,
           (unsigned long long)update);
}

/* 1 if the name is that of a checkpoint, followed by `rest`. */
static int checkpoint_is_file(const char *name, const char *rest, uint64_t *update) {
  uint64_t number = 0;
  if (strncmp(name, CHECKPOINT_PREFIX, sizeof CHECKPOINT_PREFIX - 1) != 0) return 0;
  name += sizeof CHECKPOINT_PREFIX - 1;
  for (int i = 0; i < CHECKPOINT_DIGITS; i++, name++) {
    if (*name < '0' || *name > '9') return 0;
    number = 10 * number + (uint64_t)(*name - '0');
  }
  if (strncmp(name, CHECKPOINT_SUFFIX, sizeof CHECKPOINT_SUFFIX - 1) != 0) return 0;
  *update = number;
  return strcmp(name + sizeof CHECKPOINT_SUFFIX - 1, rest) == 0;
}

/* Into its place in the list; the oldest falls out of a full one. */
static void checkpoint_insert(swl_checkpoint_files *files, uint64_t update) {
  size_t at = files->count;
  while (at > 0 && files->update[at - 1] < update) at--;
  if (at == SWL_CHECKPOINT_FILES_MAX) return;
  if (files->count < SWL_CHECKPOINT_FILES_MAX) files->count++;
  for (size_t i = files->count - 1; i > at; i--) files->update[i] = files->update[i - 1];
  files->update[at] = update;
}

swale_status swl_checkpoint_list(swale_context *context, const char *folder, uint64_t most,
                                 swl_checkpoint_files *files) {
  swl_checkpoint_files made = {.count = 0};
  uint64_t update = 0;
  DIR *stream = opendir(folder);
  if (!stream) return swl_fail(context, SWALE_ERROR_IO, "cannot open '%s': %s", folder, strerror(errno));
  for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    if (checkpoint_is_file(entry->d_name, "", &update) && update <= most) checkpoint_insert(&made, update);
  }
  closedir(stream);
  *files = made;
  return SWALE_OK;
}

void swl_checkpoint_prune(swale_context *context, const char *folder, uint64_t newest, size_t keep) {
  swl_checkpoint_files files;
  char path[SWL_CHECKPOINT_PATH_MAX];
  uint64_t update = 0;
  DIR *stream = NULL;
  if (swl_checkpoint_list(context, folder, newest, &files) != SWALE_OK || !(stream = opendir(folder))) return;
  const uint64_t oldest = files.count == 0 ? 0 : files.update[(keep < files.count ? keep : files.count) - 1];
  for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    const int partial = checkpoint_is_file(entry->d_name, ".partial", &update);
    if (!partial && !checkpoint_is_file(entry->d_name, "", &update)) continue;
    if (!partial && update >= oldest && update <= newest) continue;
    snprintf(path, sizeof path, "%s/%.64s", folder, entry->d_name);
    (void)unlink(path); /* one too many does no harm */
  }
  closedir(stream);
}
