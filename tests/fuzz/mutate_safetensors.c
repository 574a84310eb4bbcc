/* mutate_safetensors.c - how libFuzzer changes a safetensors file.
 *
 * A change at random nearly always breaks the length of the header, its JSON or the seal, and then nothing behind the
 * first check is looked at. So, of 8 changes, 4 are within one token of the header, 1 anywhere in the header, 1 in the
 * data, and the length and the seal are put right afterwards; 2 are at random, so that those checks are tested as well.
 * Of a file with a table behind it (MUTATE_TABLE), every other change is within the table.
 */
#include "mutate.h"

#include "files/seal.h"

#include <string.h>

enum { MUTATE_PREFIX = 8 };

static void put_right(uint8_t *bytes, size_t count, size_t header) {
  char digits[SWL_SEAL_DIGITS + 1];
  for (size_t i = 0; i < MUTATE_PREFIX; i++) bytes[i] = (uint8_t)(header >> (8 * i));
  if (count < SWL_SEAL_AT + SWL_SEAL_DIGITS || memcmp(bytes + 8, SWL_SEAL_HEAD, sizeof SWL_SEAL_HEAD - 1) != 0) return;
  memset(bytes + SWL_SEAL_AT, '0', SWL_SEAL_DIGITS);
  swl_seal_text(swl_checksum(0, bytes, count), digits);
  memcpy(bytes + SWL_SEAL_AT, digits, SWL_SEAL_DIGITS);
}

static size_t change_file(uint8_t *bytes, size_t count, size_t most, unsigned seed) {
  const unsigned kind = seed % 8;
  size_t header = 0;
  for (size_t i = 0; i < MUTATE_PREFIX && i < count; i++) header |= (size_t)bytes[i] << (8 * i);
  if (kind < 2 || count < MUTATE_PREFIX || header == 0 || header > count - MUTATE_PREFIX) {
    return LLVMFuzzerMutate(bytes, count, most);
  }
  const size_t before = count, end = MUTATE_PREFIX + header;
  if (kind == 2) {
    count = mutate_part(bytes, count, most, end, count);
  } else {
    count = kind == 3 ? mutate_part(bytes, count, most, MUTATE_PREFIX, end)
                      : mutate_token(bytes, count, most, MUTATE_PREFIX, end, seed / 8);
    header += count - before; /* modulo 2^64: it may have become shorter */
  }
  put_right(bytes, count, header);
  return count;
}

enum { MUTATE_TABLE_MAX = 1 << 12 };

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t count, size_t most, unsigned seed) {
  static uint8_t table[MUTATE_TABLE_MAX];
  const size_t mark = sizeof MUTATE_TABLE - 1;
  size_t at = 0;
  while (at + mark <= count && memcmp(bytes + at, MUTATE_TABLE, mark) != 0) at++;
  const size_t behind = at + mark <= count ? count - at : 0;
  if (behind == 0 || behind > sizeof table) return change_file(bytes, count, most, seed);
  if (seed % 2) return mutate_part(bytes, count, most, at + mark, count);
  if (at == 0 || behind + at >= most) return count;
  memcpy(table, bytes + at, behind);
  at = change_file(bytes, at, most - behind, seed / 2);
  memcpy(bytes + at, table, behind);
  return at + behind;
}
