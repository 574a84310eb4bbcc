/* arena.h - memory with one owner and one death: taken at birth, never during a step, freed together. */
#ifndef SWL_BASE_ARENA_H
#define SWL_BASE_ARENA_H

#include "base/context.h"

typedef struct swl_arena swl_arena;

SWALE_NODISCARD swale_status swl_arena_create(swale_context *context, swl_arena **arena);
swale_context *swl_arena_context(const swl_arena *arena);
void swl_arena_destroy(swl_arena *arena); /* NULL is legal */

/* Zeroed, 64-byte aligned memory for `count` elements of `size` bytes, owned by the arena; NULL on failure, with the
 * error (always SWALE_ERROR_MEMORY) recorded in the context. count = 0 gives a valid pointer to nothing. */
void *swl_arena_take(swl_arena *arena, size_t count, size_t size);
/* A copy of the text. */
char *swl_arena_text(swl_arena *arena, const char *text);

/* A new arena, and in it the object of `size` bytes that will own it. NULL on failure: then there is no arena. */
void *swl_arena_owner(swale_context *context, size_t size, swl_arena **arena);

#endif
