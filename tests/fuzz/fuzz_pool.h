/* fuzz_pool.h - the memory of the fuzz targets: fresh blocks one after the other, with an edge between them that
 * AddressSanitizer, where there is one, guards, as it does what was released. */
#ifndef SWL_TESTS_FUZZ_POOL_H
#define SWL_TESTS_FUZZ_POOL_H

#include <stddef.h>

/* For a swale_allocator. NULL where the pool cannot hold it: files may ask for more memory than there is. */
void *fuzz_pool_allocate(void *user, size_t bytes);
void fuzz_pool_release(void *user, void *pointer);

void fuzz_pool_keep(void); /* what is taken now stays taken */
int fuzz_pool_clear(void); /* begin anew behind that; 0 if a block was not released */

#endif
