/* fuzz_pool.c - see fuzz_pool.h. */
#include "fuzz_pool.h"

#include "fuzz.h"

#include <sanitizer/asan_interface.h>

enum {
  POOL_BYTES = 64 << 20,
  POOL_EDGE = 32,   /* before each block; its second half is the head */
  POOL_ALIGN = 16,  /* as malloc's */
  POOL_TAKEN = 4711 /* anything but what memory holds by chance */
};

typedef struct pool_head {
  size_t bytes, state;
} pool_head;

static _Alignas(64) unsigned char pool[POOL_BYTES];
static size_t pool_used, pool_kept, pool_live, pool_live_kept;

/* The heads lie in the guarded edges, so these two functions go unwatched. */
__attribute__((no_sanitize_address)) static void pool_set_head(pool_head *head, size_t bytes) {
  *head = (pool_head){bytes, POOL_TAKEN};
}

__attribute__((no_sanitize_address)) static size_t pool_take_head(pool_head *head) {
  fuzz_require(head->state == POOL_TAKEN, "memory is given back once");
  head->state = 0;
  return head->bytes;
}

void *fuzz_pool_allocate(void *user, size_t bytes) {
  (void)user;
  if (pool_used == 0) ASAN_POISON_MEMORY_REGION(pool, POOL_BYTES);
  const size_t begin = pool_used + POOL_EDGE;
  if (begin > POOL_BYTES || bytes > POOL_BYTES - begin) return NULL;
  pool_set_head((pool_head *)(void *)(pool + begin - sizeof(pool_head)), bytes);
  ASAN_UNPOISON_MEMORY_REGION(pool + begin, bytes);
  pool_used = begin + (bytes + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
  pool_live++;
  return pool + begin;
}

void fuzz_pool_release(void *user, void *pointer) {
  (void)user;
  unsigned char *block = pointer;
  const size_t bytes = pool_take_head((pool_head *)(void *)(block - sizeof(pool_head)));
  ASAN_POISON_MEMORY_REGION(block, bytes);
  (void)bytes; /* without a sanitizer nobody asks */
  pool_live--;
}

void fuzz_pool_keep(void) {
  pool_kept = pool_used;
  pool_live_kept = pool_live;
}

int fuzz_pool_clear(void) {
  pool_used = pool_kept;
  return pool_live == pool_live_kept;
}
