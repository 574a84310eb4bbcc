/* weights.c - noise on every parameter: any model, no assumption, the reference for every other noise.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §4.1 (importance sampling from N(x, tau I)); MATH §6.4.
 *
 * computes  f(x + sqrt(tau) Z_jg) and Σ w_jg Z_jg with Z_jg ~ N(0, I), regenerated from (seed, update, draw, group,
 *           coordinate) whenever it is needed.
 *
 *   symbol  | code           | shape            | meaning
 *   --------|----------------|------------------|---------------------------------
 *   x       | x              | dim              | parameters
 *   tau     | covariance     | per block        | variance of its coordinates
 *   Z       | z              | tile of dim      | standard normals
 *   w       | weights        | samples × groups | tilt of each draw
 *
 * steps     evaluate: (1) make both members of a pair in one pass over the coordinates, (2) evaluate each group at them.
 *           combine:  (1) per tile of coordinates make Z again, (2) add it, weighted, in draw order.
 * cost      evaluate: samples × groups × (one loss + dim/2 normals); combine: samples × groups × dim/2 normals.
 *           Memory: 2 dim floats per worker.
 * randomness  purpose and update of `draws`; draw = pair number (or draw number); group.
 * deviates  the sum over draws is made in single precision over runs of 32 draws, then in double: the rounding error
 *           (2^-24 · sqrt(32) relative) is far below the sampling error, and twice as fast.
 */
#include "noise/clean.h"
#include "noise/noise.h"
#include "numeric/numeric.h"
#include "random/gaussian.h"

#include <math.h>
#include <string.h>

enum { WEIGHTS_RUN = 32 }; /* heuristic: draws added in single precision before they go to double */

typedef struct weights_noise {
  swale_problem *problem;
  float **points;  /* per worker: 2 × dim, the members of a pair */
  swl_clean clean; /* where sig is on */
} weights_noise;

static swale_status weights_create(const swl_settings *settings, swale_problem *problem, swl_arena *arena,
                                   swl_team *team, swl_plan *plan, void **self) {
  const size_t workers = swl_team_size(team);
  (void)plan;
  weights_noise *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->problem = problem;
  if (settings->sig.value > 0) SWL_TRY(swl_clean_create(settings, problem, arena, &made->clean));
  made->points = swl_arena_take(arena, workers, sizeof *made->points);
  if (!made->points) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    made->points[w] = swl_arena_take(arena, problem->dim, 2 * sizeof(float));
    if (!made->points[w]) return SWALE_ERROR_MEMORY;
  }
  *self = made;
  return SWALE_OK;
}

static swale_status weights_prepare(void *self, swl_team *team, const float *x, double sig,
                                    swl_covariance *covariance) {
  weights_noise *noise = self;
  return sig > 0 ? swl_clean_run(&noise->clean, noise->problem, team, NULL, x, sig, covariance) : SWALE_OK;
}

static swl_stream weights_stream(const swl_draws *draws, size_t number, size_t group) {
  return swl_stream_make(draws->key, draws->purpose, draws->update, draws->offset + number, (uint32_t)group);
}

/* plus = x + sign sqrt(tau) Z and, unless NULL, minus = x - sign sqrt(tau) Z. */
static void weights_perturb(const swl_stream *stream, const swl_covariance *covariance, float sign, const float *x,
                            float *plus, float *minus) {
  const size_t dim = covariance->blocks[covariance->count - 1].end;
  float z[SWL_TILE];
  const swl_block *block = covariance->blocks;
  for (size_t tile = 0; tile < swl_tiles(dim); tile++) {
    const swl_range range = swl_tile_range(dim, tile);
    swl_gaussian_fill(stream, range.first, range.end - range.first, z);
    for (size_t at = range.first; at < range.end;) { /* the part of the tile that lies in one block */
      while (block->end <= at) block++;
      const size_t end = block->end < range.end ? block->end : range.end;
      const float scale = sign * (float)sqrt(block->tau);
      swl_perturb(end - at, x + at, scale, z + (at - range.first), plus + at);
      if (minus) swl_perturb(end - at, x + at, -scale, z + (at - range.first), minus + at);
      at = end;
    }
  }
}

static swale_status weights_evaluate(void *self, size_t worker, const swl_draws *draws, const float *x, swl_range range,
                                     double *losses) {
  const weights_noise *noise = self;
  swale_problem *problem = noise->problem;
  const size_t groups = problem->groups, step = draws->antithetic ? 2 : 1;
  float *point[2] = {noise->points[worker], noise->points[worker] + problem->dim};
  for (size_t draw = range.first; draw < range.end; draw += step) {
    for (size_t group = 0; group < groups; group++) {
      const swl_stream stream = weights_stream(draws, draw / step, group);
      weights_perturb(&stream, draws->covariance, 1, x, point[0], step == 2 ? point[1] : NULL); /* (1) */
      for (size_t member = 0; member < step; member++) {                                        /* (2) */
        SWL_TRY(problem->ops->evaluate(problem->self, worker, group, point[member],
                                       &losses[(draw + member) * groups + group]));
      }
    }
  }
  return SWALE_OK;
}

typedef struct weights_job {
  const swl_draws *draws;
  const double *weights;
  size_t dim, groups;
  float *sum;
  const weights_noise *noise;
} weights_job;

static void weights_flush(size_t count, double *total, float *part) {
  for (size_t i = 0; i < count; i++) total[i] += part[i];
  memset(part, 0, count * sizeof *part);
}

static swale_status weights_combine_tile(void *self, size_t worker, size_t tile) {
  const weights_job *job = self;
  const swl_range range = swl_tile_range(job->dim, tile);
  const size_t count = range.end - range.first, groups = job->groups, step = job->draws->antithetic ? 2 : 1;
  double total[SWL_TILE] = {0};
  float part[SWL_TILE] = {0}, z[SWL_TILE];
  size_t run = 0;
  (void)worker;
  for (size_t draw = 0; draw < job->draws->samples; draw += step) {
    for (size_t group = 0; group < groups; group++) {
      const double *weight = &job->weights[draw * groups + group];
      const float w = (float)(step == 2 ? weight[0] - weight[groups] : weight[0]);
      if (w == 0) continue;
      const swl_stream stream = weights_stream(job->draws, draw / step, group);
      swl_gaussian_fill(&stream, range.first, count, z); /* (1) */
      swl_axpy(count, w, z, part);                       /* (2) */
      if (++run % WEIGHTS_RUN == 0) weights_flush(count, total, part);
    }
  }
  weights_flush(count, total, part);
  for (size_t i = 0; i < count; i++) job->sum[range.first + i] = (float)total[i];
  return SWALE_OK;
}

static swale_status weights_combine(void *self, swl_team *team, const swl_draws *draws, const float *x,
                                    const double *weights, float *sum) {
  const weights_noise *noise = self;
  weights_job job = {draws, weights, noise->problem->dim, noise->problem->groups, sum, noise};
  (void)x;
  const swl_dealt output = {sum, SWL_TILE * sizeof *sum, job.dim * sizeof *sum};
  return swl_team_deal(team, swl_tiles(job.dim), swl_tiles(job.dim), weights_combine_tile, &job, 1, &output);
}

static void weights_point(void *self, const swl_draws *draws, const float *x, size_t draw, size_t group, float *point) {
  (void)self;
  const size_t step = draws->antithetic ? 2 : 1;
  const swl_stream stream = weights_stream(draws, draw / step, group);
  weights_perturb(&stream, draws->covariance, draw % step ? -1 : 1, x, point, NULL);
}

const swl_noise_ops swl_noise_weights = {
    .head = {"weights", "independent noise on every parameter; any model", "García Trillos, Kaplan, Sanz-Alonso 2019"},
    .create = weights_create,
    .prepare = weights_prepare,
    .evaluate = weights_evaluate,
    .combine = weights_combine,
    .point = weights_point,
};
