/* walk.c - see walk.h. */
#include "train/walk.h"

#include "numeric/vector.h"
#include "train/state.h"

swale_status swl_walk_create(swl_arena *arena, size_t dim, swl_walk *walk) {
  walk->pieces = swl_arena_take(arena, swl_pieces(dim), sizeof *walk->pieces);
  return walk->pieces ? SWALE_OK : SWALE_ERROR_MEMORY;
}

typedef struct walk_job {
  swale_trainer *trainer;
  const swl_move *move;
  swl_state *before;
} walk_job;

static swale_status walk_piece(void *self, size_t worker, size_t piece) {
  const walk_job *job = self;
  swale_trainer *trainer = job->trainer;
  const swl_range range = swl_piece_range(trainer->problem->dim, piece);
  const size_t first = range.first, count = range.end - first;
  (void)worker;
  swl_state_save_range(trainer, range, 1, job->before);
  const int whole = swl_vector()->finite(count, trainer->step.gradient + first);
  trainer->optimizer->step(trainer->optimizer_self, job->move, range, trainer->x);
  trainer->walk.pieces[piece].end = !whole                                             ? SWL_WALK_GRADIENT
                                    : !swl_vector()->finite(count, trainer->x + first) ? SWL_WALK_STEP
                                                                                       : SWL_WALK_GOOD;
  trainer->walk.pieces[piece].square = swl_vector()->distance2(count, trainer->x + first, trainer->start.x + first);
  return SWALE_OK;
}

/* A piece of another rank. */
static swale_status walk_keep(void *self, size_t worker, size_t piece) {
  const walk_job *job = self;
  (void)worker;
  swl_state_save_range(job->trainer, swl_piece_range(job->trainer->problem->dim, piece), 0, job->before);
  return SWALE_OK;
}

static swale_status walk_dealt(walk_job *job, size_t pieces) {
  swale_trainer *trainer = job->trainer;
  const swl_range own = swl_team_part(trainer->team, pieces);
  const swl_dealt outputs[] = {
      {trainer->x, SWL_PIECE * sizeof *trainer->x, trainer->problem->dim * sizeof *trainer->x},
      SWL_DEALT(1, trainer->walk.pieces),
  };
  SWL_TRY(swl_team_run_part(trainer->team, (swl_range){0, own.first}, walk_keep, job));
  SWL_TRY(swl_team_run_part(trainer->team, (swl_range){own.end, pieces}, walk_keep, job));
  return swl_team_deal(trainer->team, pieces, pieces, walk_piece, job, 2, outputs);
}

swale_status swl_walk_step(swale_trainer *trainer, const swl_move *move, swl_state *before, swl_walk_end *end,
                           double *square) {
  walk_job job = {trainer, move, before};
  const size_t pieces = swl_pieces(trainer->problem->dim);
  SWL_TRY(trainer->step.dealt ? walk_dealt(&job, pieces) : swl_team_run(trainer->team, pieces, walk_piece, &job));
  swl_walk_end worst = SWL_WALK_GOOD;
  double sum = 0;
  for (size_t piece = 0; piece < pieces; piece++) {
    const swl_walk_end one = trainer->walk.pieces[piece].end;
    if (one == SWL_WALK_GRADIENT || worst == SWL_WALK_GOOD) worst = one;
    sum += trainer->walk.pieces[piece].square;
  }
  *end = worst;
  if (worst == SWL_WALK_GOOD) *square = sum;
  return SWALE_OK;
}
