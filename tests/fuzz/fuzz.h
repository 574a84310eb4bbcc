/* fuzz.h - what the fuzz targets share. A target writes the fuzzer's bytes to a file and reads it as the library does:
 * any status is right, a crash, a leak or a finding of a sanitizer is not. */
#ifndef SWL_TESTS_FUZZ_H
#define SWL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The entry point that libFuzzer and replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { FUZZ_PATH_MAX = 128 };

/* path = `name` in a temporary folder of this process, made on first use and removed at exit. */
void fuzz_path(const char *name, char path[FUZZ_PATH_MAX]);

/* Write the bytes to `name` in that folder, over what was there. */
void fuzz_write(const char *name, const uint8_t *bytes, size_t count);

/* Ends the process with a message if `holds` is 0: what was read must keep its promises. */
void fuzz_require(int holds, const char *promise);

#endif
