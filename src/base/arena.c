/* arena.c - a list of blocks; each block is one allocation, so that sanitizers see the bounds of each buffer. */
#include "base/arena.h"

#include <stdint.h>

enum { ARENA_ALIGNMENT = 64 }; /* bytes: a cache line, and the width of an AVX-512 register */

typedef struct arena_block {
  struct arena_block *next;
} arena_block;

struct swl_arena {
  swale_context *context;
  arena_block *blocks;
};

swale_status swl_arena_create(swale_context *context, swl_arena **arena) {
  swl_arena *made = swl_allocate(context, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  *arena = made;
  return SWALE_OK;
}

void swl_arena_destroy(swl_arena *arena) {
  if (!arena) return;
  while (arena->blocks) {
    arena_block *block = arena->blocks;
    arena->blocks = block->next;
    swl_release(arena->context, block);
  }
  swl_release(arena->context, arena);
}

void *swl_arena_take(swl_arena *arena, size_t count, size_t size) {
  size_t bytes = 0;
  const size_t overhead = sizeof(arena_block) + ARENA_ALIGNMENT;
  if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(bytes, overhead, &bytes)) {
    swl_explain(arena->context, "out of memory: %zu × %zu bytes were asked for", count, size);
    return NULL;
  }
  arena_block *block = swl_allocate(arena->context, 1, bytes);
  if (!block) return NULL;
  block->next = arena->blocks;
  arena->blocks = block;
  uintptr_t start = (uintptr_t)(block + 1);
  return (void *)((start + ARENA_ALIGNMENT - 1) & ~(uintptr_t)(ARENA_ALIGNMENT - 1));
}
