/* seen.c - see seen.h. */
#include "train/seen.h"

#include <math.h>
#include <string.h>

#define SEEN_FAR 1e6         /* heuristic: a thousand times as far away, where the loss is quadratic */
enum { SEEN_PATIENCE = 10 }; /* heuristic: updates in a row */

static int seen_better(size_t dim, const float *x, double loss, swl_sight *sight) {
  if (!isfinite(loss) || loss > sight->loss) return 0;
  if (loss == sight->loss && memcmp(x, sight->x, dim * sizeof *x) >= 0) return 0;
  memcpy(sight->x, x, dim * sizeof *x);
  sight->loss = loss;
  return 1;
}

static swale_status seen_evaluate(void *self, size_t worker, size_t group, const float *x, double *loss) {
  const swl_seen *seen = self;
  swl_sight *sight = &seen->by_worker[worker];
  SWL_TRY(seen->inner.ops->evaluate(seen->inner.self, worker, group, x, loss));
  sight->evaluations++;
  seen_better(seen->inner.dim, x, *loss, sight);
  return SWALE_OK;
}

static swale_status seen_gradient(void *self, size_t worker, size_t group, const float *x, float *gradient,
                                  double *loss) {
  const swl_seen *seen = self;
  swl_sight *sight = &seen->by_worker[worker];
  SWL_TRY(seen->inner.ops->gradient(seen->inner.self, worker, group, x, gradient, loss));
  sight->evaluations++;
  seen_better(seen->inner.dim, x, *loss, sight);
  return SWALE_OK;
}

static void seen_prepare(void *self, swl_team *team, swl_range examples, uint64_t update) {
  const swl_seen *seen = self;
  seen->inner.ops->prepare(seen->inner.self, team, examples, update);
}

static swale_status seen_take(swl_arena *arena, size_t dim, swl_sight *sight) {
  *sight = (swl_sight){.loss = INFINITY, .x = swl_arena_take(arena, dim, sizeof(float))};
  return sight->x ? SWALE_OK : SWALE_ERROR_MEMORY;
}

swale_status swl_seen_create(swl_arena *arena, swale_problem *problem, swl_team *team, swl_seen *seen) {
  const size_t workers = swl_team_size(team), ranks = swl_ranks_size(swl_team_ranks(team));
  *seen = (swl_seen){.on = !problem->network, .first = NAN, .unit = NAN};
  if (!seen->on) return SWALE_OK;
  seen->inner = seen->problem = *problem;
  seen->ops = (swl_problem_ops){.name = problem->ops->name,
                                .evaluate = seen_evaluate,
                                .gradient = problem->ops->gradient ? seen_gradient : NULL,
                                .prepare = problem->ops->prepare ? seen_prepare : NULL};
  seen->problem.ops = &seen->ops;
  seen->problem.self = seen;
  seen->team = team;
  seen->workers = workers;
  seen->by_worker = swl_arena_take(arena, workers, sizeof *seen->by_worker);
  if (!seen->by_worker) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) SWL_TRY(seen_take(arena, problem->dim, &seen->by_worker[w]));
  SWL_TRY(seen_take(arena, problem->dim, &seen->mine));
  SWL_TRY(seen_take(arena, problem->dim, &seen->best));
  seen->told = swl_arena_take(arena, problem->dim, sizeof *seen->told);
  if (!seen->told) return SWALE_ERROR_MEMORY;
  if (!swl_team_ranks(team)) return SWALE_OK;
  seen->others = swl_arena_take(arena, ranks * problem->dim, sizeof *seen->others);
  seen->notes = swl_arena_take(arena, ranks, sizeof *seen->notes);
  return seen->others && seen->notes ? SWALE_OK : SWALE_ERROR_MEMORY;
}

void swl_seen_count(swl_seen *seen, uint64_t evaluations) { seen->evaluations += evaluations; }

void swl_seen_offer(swl_seen *seen, const float *x, double loss) { seen_better(seen->inner.dim, x, loss, &seen->best); }

/* Points travel only if one is at least as good as the best so far, and then only those with the least loss. */
static swale_status seen_meet(swl_seen *seen) {
  swl_ranks *ranks = swl_team_ranks(seen->team);
  const size_t count = swl_ranks_size(ranks), rank = swl_ranks_rank(ranks), dim = seen->inner.dim;
  size_t *bounds = swl_ranks_bounds(ranks);
  double least = seen->best.loss;
  SWL_TRY(swl_ranks_agree(ranks, SWALE_OK)); /* one that computed something else may have given up */
  seen->notes[rank] = (struct seen_note){seen->mine.evaluations, seen->mine.fresh ? seen->mine.loss : INFINITY};
  for (size_t r = 0; r <= count; r++) bounds[r] = r * sizeof *seen->notes;
  SWL_TRY(swl_ranks_gather(ranks, seen->notes, bounds));
  seen->mine.evaluations = 0;
  seen->mine.fresh = 0;
  for (size_t r = 0; r < count; r++) {
    seen->evaluations += seen->notes[r].evaluations;
    least = fmin(least, seen->notes[r].loss);
  }
  if (isinf(least)) return SWALE_OK;
  bounds[0] = 0;
  for (size_t r = 0; r < count; r++) {
    bounds[r + 1] = bounds[r] + (seen->notes[r].loss == least ? dim * sizeof *seen->others : 0);
  }
  if (seen->notes[rank].loss == least) memcpy((char *)seen->others + bounds[rank], seen->mine.x, dim * sizeof(float));
  SWL_TRY(swl_ranks_gather(ranks, seen->others, bounds));
  for (size_t at = 0; at < bounds[count] / sizeof *seen->others; at += dim)
    seen_better(dim, seen->others + at, least, &seen->best);
  return SWALE_OK;
}

void swl_seen_collect(swl_seen *seen) {
  for (size_t w = 0; w < seen->workers; w++) {
    swl_sight *sight = &seen->by_worker[w];
    seen->mine.evaluations += sight->evaluations;
    sight->evaluations = 0;
    seen->mine.fresh |= seen_better(seen->inner.dim, sight->x, sight->loss, &seen->mine);
  }
  if (swl_team_ranks(seen->team)) return;
  seen->evaluations += seen->mine.evaluations;
  seen->mine.evaluations = 0;
  seen_better(seen->inner.dim, seen->mine.x, seen->mine.loss, &seen->best);
}

swale_status swl_seen_gather(swl_seen *seen) {
  if (!seen->on) return SWALE_OK;
  swl_seen_collect(seen);
  return swl_team_ranks(seen->team) ? seen_meet(seen) : SWALE_OK;
}

void swl_seen_judge(swl_seen *seen, uint64_t update, double loss, double square) {
  swale_context *context = seen->inner.context;
  const double best = seen->best.loss, away = loss - best;
  if (!seen->on) return;
  if (square == 0 && !seen->said_still) {
    seen->said_still = 1;
    swl_log(
        context,
        "update %llu: x has not moved: the losses of its draws were equal (%g), or the step was below the rounding of "
        "x",
        (unsigned long long)update, loss);
  }
  if (isnan(seen->first) && isfinite(loss)) seen->first = loss;
  if (isnan(seen->unit) && isfinite(away) && away > 0) seen->unit = away;
  const double level = seen->first +
                       SEEN_FAR * fmax(seen->unit, seen->first - best); /* NaN: as if there were no unit */
  seen->above = !(loss <= level) && isfinite(best) && !isnan(seen->unit) ? seen->above + 1 : 0;
  if (seen->above < SEEN_PATIENCE || seen->said_away) return;
  seen->said_away = 1;
  swl_log(context,
          "update %llu: the mean loss is %g, after %g at first: the steps diverge; a smaller rate, or another tau, may "
          "help. The best point so far has a loss of %g and is kept (swale_trainer_best)",
          (unsigned long long)update, loss, seen->first, best);
}
