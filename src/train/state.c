/* state.c - see state.h. */
#include "train/state.h"

#include "train/trainer.h"

#include <string.h>

/* What the optimizer remembers; NULL and 0 bytes if nothing. */
static void *state_memory(const swale_trainer *trainer, size_t *bytes) {
  *bytes = 0;
  return trainer->optimizer->state ? trainer->optimizer->state(trainer->optimizer_self, bytes) : NULL;
}

swale_status swl_state_create(swl_arena *arena, const swale_trainer *trainer, int whole, swl_state *state) {
  const size_t dim = trainer->problem->dim;
  size_t bytes = 0;
  swl_state made = {.x = swl_arena_take(arena, dim, sizeof(float))};
  state_memory(trainer, &bytes);
  if (!made.x) return SWALE_ERROR_MEMORY;
  if (bytes > 0 && !(made.optimizer = swl_arena_take(arena, bytes, 1))) return SWALE_ERROR_MEMORY;
  if (whole && trainer->average.mean && !(made.mean = swl_arena_take(arena, dim, sizeof(float)))) {
    return SWALE_ERROR_MEMORY;
  }
  *state = made;
  return SWALE_OK;
}

static void state_copy(void *to, const void *from, size_t bytes, size_t piece, size_t pieces) {
  const swl_range range = swl_shard_range(bytes, pieces, piece);
  if (to) memcpy((char *)to + range.first, (const char *)from + range.first, range.end - range.first);
}

void swl_state_save_piece(const swale_trainer *trainer, size_t piece, size_t pieces, swl_state *state) {
  const size_t dim = trainer->problem->dim;
  size_t bytes = 0;
  const void *memory = state_memory(trainer, &bytes);
  state_copy(state->x, trainer->x, dim * sizeof *state->x, piece, pieces);
  state_copy(state->optimizer, memory, bytes, piece, pieces);
  state_copy(state->mean, trainer->average.mean, dim * sizeof *state->mean, piece, pieces);
  if (piece > 0) return;
  state->averaged = trainer->average.count;
  state->age = trainer->age;
  state->update = trainer->update;
}

void swl_state_save(const swale_trainer *trainer, swl_state *state) { swl_state_save_piece(trainer, 0, 1, state); }

void swl_state_restore(swale_trainer *trainer, const swl_state *state) {
  const size_t dim = trainer->problem->dim;
  size_t bytes = 0;
  void *memory = state_memory(trainer, &bytes);
  memcpy(trainer->x, state->x, dim * sizeof *state->x);
  if (bytes > 0) memcpy(memory, state->optimizer, bytes);
  if (state->mean) {
    memcpy(trainer->average.mean, state->mean, dim * sizeof *state->mean);
    trainer->average.count = state->averaged;
  }
  trainer->age = state->age;
}
