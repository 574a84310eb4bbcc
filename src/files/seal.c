/* seal.c - see seal.h. */
#include "files/seal.h"

#include "files/file_bytes.h"
#include "files/safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SEAL_CHUNK = 16384 };

void swl_seal_text(uint32_t sum, char digits[SWL_SEAL_DIGITS + 1]) {
  snprintf(digits, SWL_SEAL_DIGITS + 1, "%08" PRIx32, sum);
}

static swale_status seal_check(swl_file_bytes *file, int must) {
  unsigned char chunk[SEAL_CHUNK];
  char said[SWL_SEAL_DIGITS + 1] = "", found[SWL_SEAL_DIGITS + 1];
  uint32_t sum = 0;
  if (file->size == 0 && !must) return SWALE_OK;
  if (file->size == 0) return swl_fail(file->context, SWALE_ERROR_FORMAT, "'%s' is damaged: it is empty", file->path);
  while (file->position < file->size) {
    const size_t at = file->position, rest = file->size - at, count = rest < SEAL_CHUNK ? rest : SEAL_CHUNK;
    SWL_TRY(swl_file_read(file, chunk, count));
    if (at == 0 && count >= SWL_SEAL_AT + SWL_SEAL_DIGITS &&
        memcmp(chunk + 8, SWL_SEAL_HEAD, sizeof SWL_SEAL_HEAD - 1) == 0) {
      memcpy(said, chunk + SWL_SEAL_AT, SWL_SEAL_DIGITS);
      memset(chunk + SWL_SEAL_AT, '0', SWL_SEAL_DIGITS);
    }
    if (!said[0]) {
      if (!must) return SWALE_OK;
      return swl_fail(file->context, SWALE_ERROR_FORMAT, "'%s' is damaged: there is no checksum at byte %d", file->path,
                      SWL_SEAL_AT);
    }
    sum = swl_checksum(sum, chunk, count);
  }
  swl_seal_text(sum, found);
  if (memcmp(said, found, sizeof found) == 0) return SWALE_OK;
  return swl_fail(file->context, SWALE_ERROR_FORMAT,
                  "'%s' is damaged: the checksum of its %zu bytes is not the one in it", file->path, file->size);
}

swale_status swl_safetensors_check_seal(swale_context *context, const char *path, int must) {
  swl_file_bytes file;
  SWL_TRY(swl_file_open(context, path, &file));
  const swale_status status = seal_check(&file, must);
  swl_file_close(&file);
  return status;
}
