/* records.c - see <swale/records.h>. A writer holds a lock on its log (jsonl.c): who cannot share it knows of one. */
#include <swale/records.h>

#include "base/locale.h"
#include "files/keys.h"
#include "files/run_files.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct swale_records {
  swl_arena *arena; /* owns everything */
  swl_records read;
  int growing;
};

static int records_is_locked(const char *path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return 0;
  const int locked = flock(file, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
  close(file);
  return locked;
}

static swale_status records_read(swale_context *context, const char *folder, swale_records *records) {
  char path[SWL_PATH_MAX];
  SWL_TRY(swl_run_file(context, folder, SWL_RUN_LOG, path));
  const locale_t before = swl_locale_enter();
  const swale_status status = swl_jsonl_read(context, records->arena, path, &records->read);
  swl_locale_leave(before);
  records->growing = records_is_locked(path);
  return status;
}

swale_status swale_records_open(swale_context *context, const char *folder, swale_records **records) {
  swl_arena *arena = NULL;
  swale_records *made = swl_arena_owner(context, sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->arena = arena;
  const swale_status status = records_read(context, folder, made);
  if (status == SWALE_OK) {
    *records = made;
  } else {
    swl_arena_destroy(arena);
  }
  return status;
}

void swale_records_close(swale_records *records) {
  if (records) swl_arena_destroy(records->arena);
}

size_t swale_records_count(const swale_records *records) { return records->read.count; }
int swale_records_growing(const swale_records *records) { return records->growing; }

double swale_records_number(const swale_records *records, size_t index, const char *name) {
  return index < records->read.count ? swl_record_real(&records->read.record[index], name) : (double)NAN;
}

const char *swale_records_text(const swale_records *records, size_t index, const char *name) {
  return index < records->read.count ? swl_record_text(&records->read.record[index], name) : NULL;
}

swale_event swale_records_event(const swale_records *records, size_t index) {
  return index < records->read.count ? swl_record_event(&records->read.record[index]) : SWALE_EVENT_NONE;
}
