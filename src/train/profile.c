/* profile.c - how the loss rises along straight lines from x.
 *
 * computes  f(x + t sqrt(tau dim) u) over a subset of the examples, for directions u uniform on the sphere and the
 *           distances t below, of both signs: mean, standard error and quantiles over the directions, and f along the
 *           worst direction, the one of the largest loss at t = 1 or -1, turned so that it is at t = 1. sqrt(tau dim) is
 *           the length of the noise sqrt(tau) Z, so t = 1 is where the draws of N(x, tau I) are. Quantiles are linear
 *           between order statistics.
 * cost      directions × distances evaluations of the subset.
 * randomness  SWL_PURPOSE_EVALUATE, update SWL_EVALUATE_PROFILE, direction as draw.
 */
#include "train/evaluation_parts.h"

#include "noise/noise.h"
#include "parallel/reduce.h"
#include "random/gaussian.h"

#include <math.h>

static const double profile_distances[] = {-2, -1, -0.5, 0.5, 1, 2}; /* symmetric */
enum { PROFILE_DISTANCES = sizeof profile_distances / sizeof *profile_distances, PROFILE_ONE = 4 };

/* Item = direction × distances + distance. */
static void profile_point(const void *self, size_t item, const float *x, float *point) {
  const swale_evaluation *evaluation = self;
  const size_t dim = evaluation->setup.network.dim;
  const swl_stream stream = swl_stream_make(swl_settings_key(&evaluation->settings), SWL_PURPOSE_EVALUATE,
                                            SWL_EVALUATE_PROFILE, item / PROFILE_DISTANCES, 0);
  float z[SWL_TILE];
  double square = 0;
  for (size_t tile = 0; tile < swl_tiles(dim); tile++) {
    const swl_range range = swl_tile_range(dim, tile);
    swl_gaussian_fill(&stream, range.first, range.end - range.first, z);
    for (size_t i = 0; i < range.end - range.first; i++) square += (double)z[i] * z[i];
  }
  const double length = sqrt(evaluation->profile_tau * (double)dim / square);
  swl_probe_perturb(&stream, dim, (float)(profile_distances[item % PROFILE_DISTANCES] * length), x, point);
}

static void profile_sort(size_t count, double *values) {
  for (size_t gap = count / 2; gap > 0; gap /= 2) {
    for (size_t i = gap; i < count; i++) {
      const double value = values[i];
      size_t at = i;
      for (; at >= gap && values[at - gap] > value; at -= gap) values[at] = values[at - gap];
      values[at] = value;
    }
  }
}

static double profile_quantile(size_t count, const double *sorted, double share) {
  const double place = share * (double)(count - 1);
  const size_t below = (size_t)place;
  const double between = place - (double)below;
  return below + 1 < count ? sorted[below] + between * (sorted[below + 1] - sorted[below]) : sorted[count - 1];
}

/* The direction of the largest loss at t = ±1, and the sign of that t. */
static size_t profile_worst(size_t directions, const swl_assessment *seen, int *sign) {
  double most = -(double)INFINITY;
  size_t worst = 0;
  *sign = 1;
  for (size_t d = 0; d < directions; d++) {
    for (int side = 1; side >= -1; side -= 2) {
      const size_t t = side > 0 ? (size_t)PROFILE_ONE : (size_t)PROFILE_DISTANCES - 1 - PROFILE_ONE;
      const double loss = seen[d * PROFILE_DISTANCES + t].loss;
      if (!(loss > most)) continue;
      most = loss;
      worst = d;
      *sign = side;
    }
  }
  return worst;
}

swale_status swl_evaluate_profile(swale_evaluation *evaluation) {
  const size_t directions = (size_t)evaluation->settings.directions;
  swl_assessment *seen = swl_arena_take(evaluation->arena, directions, PROFILE_DISTANCES * sizeof *seen);
  double *values = swl_arena_take(evaluation->arena, directions, sizeof *values);
  int sign = 1;
  if (!seen || !values) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_evaluation_section(evaluation, SWALE_SECTION_PROFILE, PROFILE_DISTANCES));
  SWL_TRY(swl_probe_run(evaluation->probe, evaluation->setup.x, &evaluation->subset, directions * PROFILE_DISTANCES,
                        profile_point, evaluation, seen, NULL));
  const size_t worst = profile_worst(directions, seen, &sign);
  for (size_t t = 0; t < PROFILE_DISTANCES; t++) {
    double *cells = evaluation->sections[SWALE_SECTION_PROFILE].cells[t];
    const size_t turned = sign > 0 ? t : PROFILE_DISTANCES - 1 - t;
    for (size_t d = 0; d < directions; d++) values[d] = seen[d * PROFILE_DISTANCES + t].loss;
    const swl_mean loss = swl_mean_of(directions, values);
    profile_sort(directions, values);
    cells[SWALE_COLUMN_LEVEL] = profile_distances[t];
    cells[SWALE_COLUMN_LOSS] = loss.mean;
    cells[SWALE_COLUMN_LOSS_SE] = loss.se;
    cells[SWALE_COLUMN_LOWEST] = values[0];
    cells[SWALE_COLUMN_LOW] = profile_quantile(directions, values, 0.1);
    cells[SWALE_COLUMN_MEDIAN] = profile_quantile(directions, values, 0.5);
    cells[SWALE_COLUMN_HIGH] = profile_quantile(directions, values, 0.9);
    cells[SWALE_COLUMN_HIGHEST] = values[directions - 1];
    cells[SWALE_COLUMN_WORST] = seen[worst * PROFILE_DISTANCES + turned].loss;
  }
  return SWALE_OK;
}
