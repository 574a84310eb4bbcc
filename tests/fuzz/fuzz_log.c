/* fuzz_log.c - the log.jsonl of a run, read as records. */
#include "fuzz.h"

#include "files/jsonl_read.h"

#include <string.h>

static void check_records(const swl_records *records) {
  for (size_t i = 0; i < records->count; i++) {
    const swl_record *record = &records->record[i];
    fuzz_require(record->line > (i ? records->record[i - 1].line : 0), "lines rise");
    for (size_t k = 0; k < record->count; k++) {
      fuzz_require(swl_record_field(record, record->fields[k].name) == &record->fields[k], "names are distinct");
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char path[FUZZ_PATH_MAX];
  fuzz_path("log.jsonl", path);
  fuzz_write("log.jsonl", bytes, count);

  swl_arena *arena = fuzz_begin();
  swl_records records = {0};
  const int accepted = swl_jsonl_read(fuzz_context(), arena, path, &records) == SWALE_OK;
  check_records(&records);
  fuzz_require(accepted || strstr(swale_context_message(fuzz_context()), path), "a failure names the file");
  fuzz_end(arena, accepted);
  return 0;
}
