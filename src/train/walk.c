/* walk.c - see walk.h. */
#include "train/walk.h"

#include "numeric/vector.h"
#include "train/trainer.h"

enum { WALK_PIECE = 16384 }; /* heuristic: coordinates; x, gradient, moments and copies fill half a megabyte */

swale_status swl_walk_create(swl_arena *arena, size_t dim, swl_walk *walk) {
  const size_t pieces = (dim + WALK_PIECE - 1) / WALK_PIECE;
  walk->ends = swl_arena_take(arena, pieces, sizeof *walk->ends);
  walk->squares = swl_arena_take(arena, pieces, sizeof *walk->squares);
  return walk->ends && walk->squares ? SWALE_OK : SWALE_ERROR_MEMORY;
}

typedef struct walk_job {
  swale_trainer *trainer;
  const swl_move *move;
  swl_state *before;
} walk_job;

static size_t walk_count(const swale_trainer *trainer) { return (trainer->problem->dim + WALK_PIECE - 1) / WALK_PIECE; }

static swale_status walk_piece(void *self, size_t worker, size_t piece) {
  const walk_job *job = self;
  swale_trainer *trainer = job->trainer;
  const size_t first = piece * WALK_PIECE, rest = trainer->problem->dim - first;
  const size_t count = rest < WALK_PIECE ? rest : WALK_PIECE;
  const swl_range range = {first, first + count};
  (void)worker;
  swl_state_save_range(trainer, range, job->before);
  const int whole = swl_vector()->finite(count, trainer->step.gradient + first);
  trainer->optimizer->step(trainer->optimizer_self, job->move, range, trainer->x);
  trainer->walk.ends[piece] = !whole                                             ? SWL_WALK_GRADIENT
                              : !swl_vector()->finite(count, trainer->x + first) ? SWL_WALK_STEP
                                                                                 : SWL_WALK_GOOD;
  trainer->walk.squares[piece] = swl_vector()->distance2(count, trainer->x + first, trainer->start.x + first);
  return SWALE_OK;
}

swale_status swl_walk_step(swale_trainer *trainer, const swl_move *move, swl_state *before, swl_walk_end *end,
                           double *square) {
  walk_job job = {trainer, move, before};
  SWL_TRY(swl_team_run(trainer->team, walk_count(trainer), walk_piece, &job));
  swl_walk_end worst = SWL_WALK_GOOD;
  double sum = 0;
  for (size_t piece = 0; piece < walk_count(trainer); piece++) {
    const swl_walk_end one = trainer->walk.ends[piece];
    if (one == SWL_WALK_GRADIENT || worst == SWL_WALK_GOOD) worst = one;
    sum += trainer->walk.squares[piece];
  }
  *end = worst;
  if (worst == SWL_WALK_GOOD) *square = sum;
  return SWALE_OK;
}
