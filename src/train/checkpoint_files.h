/* checkpoint_files.h - the checkpoints in a folder. */
#ifndef SWL_TRAIN_CHECKPOINT_FILES_H
#define SWL_TRAIN_CHECKPOINT_FILES_H

#include <swale/status.h>

#include <stddef.h>
#include <stdint.h>

/* Updates of the newest ones that are not above `most`, newest first. */
enum { SWL_CHECKPOINT_FILES_MAX = 64, SWL_CHECKPOINT_PATH_MAX = 1100 };
typedef struct swl_checkpoint_files {
  size_t count;
  uint64_t update[SWL_CHECKPOINT_FILES_MAX];
} swl_checkpoint_files;
SWALE_NODISCARD swale_status swl_checkpoint_list(swale_context *context, const char *folder, uint64_t most,
                                                 swl_checkpoint_files *files);
void swl_checkpoint_path(const char *folder, uint64_t update, char path[SWL_CHECKPOINT_PATH_MAX]);
/* Remove all but the newest `keep` up to `newest`, all above it, and what a killed writer left. */
void swl_checkpoint_prune(swale_context *context, const char *folder, uint64_t newest, size_t keep);

#endif
