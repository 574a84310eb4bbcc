/* sgd.c - gradient descent with momentum.
 *
 * source: Polyak 1964 (heavy ball), in the form of Sutskever et al. 2013 without Nesterov's term, as PyTorch's SGD;
 *         decoupled weight decay: Loshchilov, Hutter 2019.
 *
 * computes  v <- momentum v + gradient;  x <- x - rate (v + weight_decay x).
 * cost      dim; dim floats.
 */
#include "optimizer/optimizer.h"

typedef struct sgd {
  size_t dim;
  float momentum;
  double weight_decay;
  float *velocity; /* dim */
} sgd;

static swale_status sgd_create(swl_arena *arena, const swl_settings *settings, size_t dim, void **self) {
  sgd *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  *made = (sgd){.dim = dim, .momentum = (float)settings->momentum, .weight_decay = settings->weight_decay.value};
  made->velocity = swl_arena_take(arena, dim, sizeof *made->velocity);
  if (!made->velocity) return SWALE_ERROR_MEMORY;
  *self = made;
  return SWALE_OK;
}

static void sgd_step(void *self, const swl_move *move, swl_range range, float *x) {
  sgd *state = self;
  const float rate = (float)move->rate, keep = (float)(1 - move->rate * state->weight_decay);
  for (size_t i = range.first; i < range.end; i++) {
    state->velocity[i] = state->momentum * state->velocity[i] + move->gradient[i];
    x[i] = keep * x[i] - rate * state->velocity[i];
  }
}

static float *sgd_state(void *self, size_t *count) {
  const sgd *state = self;
  *count = 1;
  return state->velocity;
}

const swl_optimizer_ops swl_optimizer_sgd = {
    .head = {"sgd", "gradient descent with momentum", "Polyak 1964; Sutskever et al. 2013"},
    .rate = 0.1,
    .rate_gradients = 0.1,
    .create = sgd_create,
    .step = sgd_step,
    .state = sgd_state,
};
