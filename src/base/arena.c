/* arena.c - a list of slabs, each of them one allocation: of what is small or very large each buffer has its own, what is
 * between shares slabs that huge pages fit into (context.c). A network's vectors are passed over all the time, and copied
 * between processes, which takes half the time where there are few pages to find.
 */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

enum { ARENA_ALIGNMENT = 64 }; /* bytes: a cache line, and the width of an AVX-512 register */

/* Bytes: of a shared slab, and of the buffers that go there. */
enum { ARENA_SHARED = 1 << 22, ARENA_LEAST = 1 << 16, ARENA_MOST = 1 << 21 };

typedef struct arena_slab {
  struct arena_slab *next;
  size_t used; /* bytes, with this header; of shared slabs */
} arena_slab;

struct swl_arena {
  swale_context *context;
  arena_slab *slabs;
  arena_slab *shared; /* the one that has room, or NULL */
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
  while (arena->slabs) {
    arena_slab *slab = arena->slabs;
    arena->slabs = slab->next;
    swl_release(arena->context, slab);
  }
  swl_release(arena->context, arena);
}

static arena_slab *arena_open(swl_arena *arena, size_t bytes) {
  arena_slab *slab = swl_allocate(arena->context, 1, bytes);
  if (!slab) return NULL;
  slab->next = arena->slabs;
  slab->used = sizeof *slab;
  arena->slabs = slab;
  return slab;
}

/* A slab with room for `bytes`. */
static arena_slab *arena_find(swl_arena *arena, size_t bytes) {
  arena_slab *shared = arena->shared;
  if (SWL_WATCHED || bytes < ARENA_LEAST || bytes > ARENA_MOST) return arena_open(arena, bytes);
  if (shared && ARENA_SHARED - shared->used >= bytes) return shared;
  arena_slab *opened = arena_open(arena, ARENA_SHARED);
  if (opened && (!shared || shared->used > bytes)) arena->shared = opened; /* the one with more room */
  return opened;
}

void *swl_arena_take(swl_arena *arena, size_t count, size_t size) {
  size_t bytes = 0;
  const size_t overhead = sizeof(arena_slab) + ARENA_ALIGNMENT;
  if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(bytes, overhead, &bytes)) {
    swl_explain(arena->context, "out of memory: %zu × %zu bytes were asked for", count, size);
    return NULL;
  }
  arena_slab *slab = arena_find(arena, bytes);
  if (!slab) return NULL;
  const uintptr_t start = (uintptr_t)slab + slab->used;
  slab->used += bytes;
  return (void *)((start + ARENA_ALIGNMENT - 1) & ~(uintptr_t)(ARENA_ALIGNMENT - 1));
}

swale_context *swl_arena_context(const swl_arena *arena) { return arena->context; }

char *swl_arena_text(swl_arena *arena, const char *text) {
  const size_t size = strlen(text) + 1;
  char *copy = swl_arena_take(arena, size, 1);
  return copy ? memcpy(copy, text, size) : NULL;
}

void *swl_arena_owner(swale_context *context, size_t size, swl_arena **arena) {
  swl_arena *made = NULL;
  if (swl_arena_create(context, &made) != SWALE_OK) return NULL;
  void *owner = swl_arena_take(made, 1, size);
  if (owner) {
    *arena = made;
  } else {
    swl_arena_destroy(made);
  }
  return owner;
}
