/* adam.c - steps scaled by running moments of the gradient.
 *
 * source: Kingma, Ba 2015, algorithm 1; decoupled weight decay: Loshchilov, Hutter 2019 (AdamW).
 *
 * computes  m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g²;
 *           x <- x - rate ( m/(1-b1^t) / (sqrt(v/(1-b2^t)) + epsilon) + weight_decay x ).
 * deviates  where the losses choose beta, epsilon is that of the gradient of F, epsilon / beta here: then no step knows the
 *           unit of the loss.
 * cost      dim; 2 dim floats. The bias corrections are computed from the number of the update, not accumulated.
 */
#include "numeric/vector.h"
#include "optimizer/optimizer.h"

#include <math.h>

typedef struct adam {
  size_t dim;
  double beta1, beta2, epsilon, weight_decay;
  float *m, *v; /* dim each, one block */
} adam;

static swale_status adam_create(swl_arena *arena, const swl_settings *settings, size_t dim, void **self) {
  adam *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  *made = (adam){
      .dim = dim,
      .beta1 = settings->beta1,
      .beta2 = settings->beta2,
      .epsilon = settings->epsilon,
      .weight_decay = settings->weight_decay.value,
      .m = swl_arena_take(arena, dim, 2 * sizeof(float)),
  };
  if (!made->m) return SWALE_ERROR_MEMORY;
  made->v = made->m + dim;
  *self = made;
  return SWALE_OK;
}

static void adam_step(void *self, const swl_move *move, swl_range range, float *x) {
  adam *state = self;
  const double t = (double)move->update + 1;
  const double correct1 = 1 - pow(state->beta1, t), correct2 = 1 - pow(state->beta2, t);
  const swl_adam with = {
      .beta1 = (float)state->beta1,
      .beta2 = (float)state->beta2,
      .gain1 = (float)(1 - state->beta1),
      .gain2 = (float)(1 - state->beta2),
      .step = (float)(move->rate / correct1),
      .root = (float)(1 / sqrt(correct2)),
      .epsilon = (float)(state->epsilon * move->loss),
      .keep = (float)(1 - move->rate * state->weight_decay),
  };
  const size_t first = range.first;
  swl_vector()->adam(range.end - first, &with, move->gradient + first, state->m + first, state->v + first, x + first);
}

static float *adam_state(void *self, size_t *count) {
  const adam *state = self;
  *count = 2;
  return state->m;
}

const swl_optimizer_ops swl_optimizer_adam = {
    .head = {"adam", "steps scaled by running moments of the gradient; decoupled weight decay",
             "Kingma, Ba 2015; Loshchilov, Hutter 2019"},
    .rate = 0.01,            /* heuristic: best of 0.003, 0.01, 0.02, 0.03 on the digits with noise on the weights */
    .rate_gradients = 0.003, /* heuristic: a 784-256-10 network on MNIST */
    .decay = 0.45,           /* heuristic: train/plan.c */
    .create = adam_create,
    .step = adam_step,
    .state = adam_state,
};
