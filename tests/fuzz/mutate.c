/* mutate.c - see mutate.h. */
#include "mutate.h"

#include <string.h>

enum { MUTATE_MAX = 1 << 16 };

size_t mutate_part(uint8_t *bytes, size_t count, size_t most, size_t begin, size_t end) {
  static uint8_t rest[MUTATE_MAX];
  const size_t behind = count - end;
  if (behind > sizeof rest || begin + behind >= most) return count; /* no room for a byte: libFuzzer would take it */
  memcpy(rest, bytes + end, behind);
  const size_t changed = LLVMFuzzerMutate(bytes + begin, end - begin, most - begin - behind);
  memcpy(bytes + begin + changed, rest, behind);
  return begin + changed + behind;
}

static int is_between(uint8_t byte) { return byte <= ' ' || strchr("{}[]:,", byte) != NULL; }

/* The token at or behind `at`: the inside of a string, or all up to the next byte between tokens. */
static size_t find_token(const uint8_t *bytes, size_t at, size_t end, size_t *token_end) {
  while (at < end && is_between(bytes[at])) at++;
  const int text = at < end && bytes[at] == '"';
  if (text) at++;
  *token_end = at;
  while (*token_end < end && bytes[*token_end] != '"' && (text || !is_between(bytes[*token_end]))) ++*token_end;
  return at;
}

size_t mutate_token(uint8_t *bytes, size_t count, size_t most, size_t begin, size_t end, unsigned seed) {
  size_t at = begin, token = begin, token_end = begin;
  const size_t from = end > begin ? begin + seed % (end - begin) : begin;
  do { /* from the begin: only so is it known which quotes open */
    token = find_token(bytes, at, end, &token_end);
    at = token_end + (token_end < end && bytes[token_end] == '"');
  } while (at < from && at < end);
  const size_t changed = mutate_part(bytes, count, most, token, token_end);
  const size_t length = token_end - token + changed - count;
  for (size_t i = token; i < token + length; i++) {
    if (bytes[i] < ' ' || bytes[i] > '~' || strchr("\"\\{}[],:", bytes[i])) bytes[i] = (uint8_t)('0' + bytes[i] % 10);
  }
  return changed;
}
