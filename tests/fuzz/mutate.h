/* mutate.h - how libFuzzer changes files that are JSON or begin with it: most of what it makes is JSON still. */
#ifndef SWL_TESTS_MUTATE_H
#define SWL_TESTS_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#define MUTATE_TABLE "\nTABLE\n" /* between a safetensors file and a table: each is changed by itself */

/* libFuzzer calls the first and has the second: a change at random. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t count, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t most);

/* Change at random what lies at begin .. end, and move what follows. Returns the new count, at most `most`. */
size_t mutate_part(uint8_t *bytes, size_t count, size_t most, size_t begin, size_t end);

/* Change one string, number or word of the JSON at begin .. end, somewhere behind `seed`; it stays one, of printable
 * characters. Returns the new count. */
size_t mutate_token(uint8_t *bytes, size_t count, size_t most, size_t begin, size_t end, unsigned seed);

#endif
