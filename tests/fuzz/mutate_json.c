/* mutate_json.c - how libFuzzer changes JSON: half of the time at random, half of the time one token of it. */
#include "mutate.h"

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t count, size_t most, unsigned seed) {
  if (seed % 2 || count == 0) return LLVMFuzzerMutate(bytes, count, most);
  return mutate_token(bytes, count, most, 0, count, seed / 2);
}
