/* fuzz.h - what the fuzz targets share. A target writes the fuzzer's bytes to a file and reads it as the library does:
 * any status is right, a crash, a leak or a finding of a sanitizer is not.
 *
 * One context serves all inputs, and its memory is a pool that is empty again after each of them: no time goes into the
 * sanitizer's allocator, what is not given back is found at once, and the sanitizer still knows the bounds and the end
 * of each block. */
#ifndef SWL_TESTS_FUZZ_H
#define SWL_TESTS_FUZZ_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* The entry point that libFuzzer and replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { FUZZ_PATH_MAX = 128 };

/* path = `name` in a temporary folder of this process, in memory where there is one, made on first use and removed at
 * exit. */
void fuzz_path(const char *name, char path[FUZZ_PATH_MAX]);

/* Write the bytes to `name` (a constant) in that folder, over what was there. write: what this wrote last is still
 * there and need not be written again. rewrite: whatever has become of it. */
void fuzz_write(const char *name, const uint8_t *bytes, size_t count);
void fuzz_rewrite(const char *name, const uint8_t *bytes, size_t count);

/* Ends the process with a message if `holds` is 0: what was read must keep its promises. */
#define fuzz_require(holds, promise) ((holds) ? (void)0 : fuzz_broken(promise))
_Noreturn void fuzz_broken(const char *promise);

/* The context of all inputs. What a target makes with it before its first input stays, from fuzz_keep on. */
swale_context *fuzz_context(void);
void fuzz_keep(void);

/* Around the reading of one input. begin: an arena of the context, whose message is "". end: gives the arena back and
 * requires that nothing else of the context's memory is left, and that what was not accepted was given a sentence.
 * Between them may be 10 seconds of processor time; a second time they end the process. */
swl_arena *fuzz_begin(void);
void fuzz_end(swl_arena *arena, int accepted);

/* How many inputs got how far. At exit one line says it, so that a fuzzer that only ever meets the first check of a
 * reader is seen. */
typedef enum fuzz_stage { FUZZ_READ, FUZZ_SEALED, FUZZ_ACCEPTED, FUZZ_STAGES } fuzz_stage;
void fuzz_count(fuzz_stage stage);
uint64_t fuzz_counted(fuzz_stage stage);

#endif
