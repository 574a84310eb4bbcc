/* walk.c - see walk.h. */
#include "train/walk.h"

#include "train/trainer.h"

#include <float.h>
#include <math.h>

enum { WALK_PIECE = 16384 }; /* heuristic: coordinates; a quarter of a megabyte of parameters, gradient and moments */

swale_status swl_walk_create(swl_arena *arena, size_t dim, swl_walk *walk) {
  const size_t pieces = (dim + WALK_PIECE - 1) / WALK_PIECE;
  walk->bad = swl_arena_take(arena, pieces, sizeof *walk->bad);
  walk->squares = swl_arena_take(arena, pieces, sizeof *walk->squares);
  return walk->bad && walk->squares ? SWALE_OK : SWALE_ERROR_MEMORY;
}

/* 1 if all are finite. */
static int walk_finite(size_t count, const float *x) {
  int bad = 0;
  for (size_t i = 0; i < count; i++) bad |= !(fabsf(x[i]) <= FLT_MAX);
  return !bad;
}

typedef struct walk_job {
  swale_trainer *trainer;
  const swl_move *move;
  swl_state *before;
} walk_job;

static size_t walk_count(const swale_trainer *trainer) { return (trainer->problem->dim + WALK_PIECE - 1) / WALK_PIECE; }

static swl_range walk_piece(const swale_trainer *trainer, size_t piece) {
  const size_t first = piece * WALK_PIECE, end = first + WALK_PIECE;
  return (swl_range){first, end < trainer->problem->dim ? end : trainer->problem->dim};
}

static swale_status walk_look(void *self, size_t worker, size_t piece) {
  const walk_job *job = self;
  swale_trainer *trainer = job->trainer;
  const swl_range range = walk_piece(trainer, piece);
  (void)worker;
  trainer->walk.bad[piece] = !walk_finite(range.end - range.first, trainer->step.gradient + range.first);
  swl_state_save_piece(trainer, piece, walk_count(trainer), job->before);
  return SWALE_OK;
}

static swale_status walk_go(void *self, size_t worker, size_t piece) {
  const walk_job *job = self;
  swale_trainer *trainer = job->trainer;
  const swl_range range = walk_piece(trainer, piece);
  (void)worker;
  trainer->optimizer->step(trainer->optimizer_self, job->move, range, trainer->x);
  trainer->walk.bad[piece] = !walk_finite(range.end - range.first, trainer->x + range.first);
  return SWALE_OK;
}

static int walk_all_good(const swale_trainer *trainer) {
  int bad = 0;
  for (size_t piece = 0; piece < walk_count(trainer); piece++) bad |= trainer->walk.bad[piece];
  return !bad;
}

static swale_status walk_measure(void *self, size_t worker, size_t piece) {
  const walk_job *job = self;
  swale_trainer *trainer = job->trainer;
  const swl_range range = walk_piece(trainer, piece);
  const float *a = trainer->x, *b = trainer->start.x;
  double sums[8] = {0}, sum = 0; /* eight, so that they fill registers */
  (void)worker;
  size_t i = range.first;
  for (; i + 8 <= range.end; i += 8) {
    for (size_t k = 0; k < 8; k++) sums[k] += ((double)a[i + k] - b[i + k]) * ((double)a[i + k] - b[i + k]);
  }
  for (; i < range.end; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
  for (size_t k = 0; k < 8; k++) sum += sums[k];
  trainer->walk.squares[piece] = sum;
  return SWALE_OK;
}

/* |x - start|² */
swale_status swl_walk_distance2(swale_trainer *trainer, double *square) {
  walk_job job = {trainer, NULL, NULL};
  SWL_TRY(swl_team_run(trainer->team, walk_count(trainer), walk_measure, &job));
  *square = 0;
  for (size_t piece = 0; piece < walk_count(trainer); piece++) *square += trainer->walk.squares[piece];
  return SWALE_OK;
}

swale_status swl_walk_look(swale_trainer *trainer, swl_state *before, int *finite) {
  walk_job job = {trainer, NULL, before};
  SWL_TRY(swl_team_run(trainer->team, walk_count(trainer), walk_look, &job));
  *finite = walk_all_good(trainer);
  return SWALE_OK;
}

swale_status swl_walk_go(swale_trainer *trainer, const swl_move *move, int *finite) {
  walk_job job = {trainer, move, NULL};
  SWL_TRY(swl_team_run(trainer->team, walk_count(trainer), walk_go, &job));
  *finite = walk_all_good(trainer);
  return SWALE_OK;
}
