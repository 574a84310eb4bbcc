/* state.c - see state.h. */
#include "train/state.h"

#include <string.h>

float *swl_state_memory(const swale_trainer *trainer, size_t *count) {
  *count = 0;
  return trainer->optimizer->state ? trainer->optimizer->state(trainer->optimizer_self, count) : NULL;
}

swale_status swl_state_create(swl_arena *arena, const swale_trainer *trainer, int whole, swl_state *state) {
  const size_t dim = trainer->problem->dim;
  size_t count = 0;
  swl_state made = {.x = swl_arena_take(arena, dim, sizeof(float))};
  swl_state_memory(trainer, &count);
  if (!made.x) return SWALE_ERROR_MEMORY;
  if (count > 0 && !(made.optimizer = swl_arena_take(arena, count * dim, sizeof(float)))) return SWALE_ERROR_MEMORY;
  if (whole && trainer->average.mean && !(made.mean = swl_arena_take(arena, dim, sizeof(float)))) {
    return SWALE_ERROR_MEMORY;
  }
  *state = made;
  return SWALE_OK;
}

static void state_copy(float *to, const float *from, swl_range range) {
  if (to) memcpy(to + range.first, from + range.first, (range.end - range.first) * sizeof *to);
}

void swl_state_save_range(const swale_trainer *trainer, swl_range range, int memory, swl_state *state) {
  const size_t dim = trainer->problem->dim;
  size_t count = 0;
  const float *from = swl_state_memory(trainer, &count);
  state_copy(state->x, trainer->x, range);
  for (size_t k = 0; memory && k < count; k++) state_copy(state->optimizer + k * dim, from + k * dim, range);
  state_copy(state->mean, trainer->average.mean, range);
  if (range.first > 0) return;
  state->averaged = trainer->average.count;
  state->age = trainer->age;
  state->update = trainer->update;
}

void swl_state_save(const swale_trainer *trainer, swl_state *state) {
  swl_state_save_range(trainer, (swl_range){0, trainer->problem->dim}, 1, state);
}

swale_status swl_state_collect(swale_trainer *trainer, swl_state *state) {
  const size_t dim = trainer->problem->dim, pieces = swl_pieces(dim);
  size_t count = 0;
  float *memories[] = {swl_state_memory(trainer, &count), state->optimizer};
  if (!trainer->step.dealt) return SWALE_OK;
  for (int i = 0; i < 2; i++) {
    for (size_t k = 0; memories[i] && k < count; k++) {
      const swl_dealt memory = {memories[i] + k * dim, SWL_PIECE * sizeof(float), dim * sizeof(float)};
      SWL_TRY(swl_team_gather(trainer->team, pieces, pieces, &memory));
    }
  }
  return SWALE_OK;
}

void swl_state_restore(swale_trainer *trainer, const swl_state *state) {
  const size_t dim = trainer->problem->dim;
  size_t count = 0;
  float *memory = swl_state_memory(trainer, &count);
  memcpy(trainer->x, state->x, dim * sizeof *state->x);
  if (count > 0) memcpy(memory, state->optimizer, count * dim * sizeof *memory);
  if (state->mean) {
    memcpy(trainer->average.mean, state->mean, dim * sizeof *state->mean);
    trainer->average.count = state->averaged;
  }
  trainer->age = state->age;
}
