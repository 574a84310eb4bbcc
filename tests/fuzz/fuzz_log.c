/* fuzz_log.c - the log.jsonl of a run, read as records and drawn as a report. */
#include "fuzz.h"

#include <swale/report.h>

#include "files/jsonl_read.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char path[FUZZ_PATH_MAX], folder[FUZZ_PATH_MAX], page[FUZZ_PATH_MAX];
  fuzz_write("log.jsonl", bytes, count);
  fuzz_path("log.jsonl", path);
  fuzz_path("", folder);
  fuzz_path("report.html", page);

  swale_context *context = NULL;
  swl_arena *arena = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) return 0;
  if (swl_arena_create(context, &arena) == SWALE_OK) {
    swl_records records = {0};
    if (swl_jsonl_read(context, arena, path, &records) == SWALE_OK) {
      for (size_t i = 0; i < records.count; i++) {
        const swl_record *record = &records.record[i];
        fuzz_require(record->line > (i ? records.record[i - 1].line : 0), "lines rise");
        for (size_t k = 0; k < record->count; k++) {
          fuzz_require(swl_record_field(record, record->fields[k].name) == &record->fields[k], "names are distinct");
        }
      }
    } else {
      fuzz_require(strstr(swale_context_message(context), path) != NULL, "a failure names the file");
    }
  }
  const char *const folders[] = {folder};
  if (swale_report_write(context, folders, 1, page) != SWALE_OK) {
    fuzz_require(*swale_context_message(context) != 0, "a failure has its sentence");
  }
  swl_arena_destroy(arena);
  swale_context_destroy(context);
  return 0;
}
