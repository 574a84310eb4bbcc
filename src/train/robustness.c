/* robustness.c - what is left of the accuracy when the parameters are disturbed, or rounded.
 *
 * computes  mean loss and accuracy over all examples, mean and standard error over `perturb_draws` draws, at
 *
 *             noise     x + sqrt(tau) Z                 Z ~ N(0, I) on every parameter, for each of perturb_taus
 *             relative  x (1 + r Z), coordinate by coordinate     for each of perturb_relative
 *             bits      weights rounded to k bits       for each of bits
 *
 *           Rounding is symmetric, uniform, with one scale per layer: s = max |w| / (2^(k-1) - 1), w becomes s times the
 *           integer nearest to w / s, ties to the even one; so k = 2 leaves -s, 0 and s. Biases stay as they are: on
 *           hardware they are added where there are more bits.
 * cost      (levels × draws + bits) evaluations of all examples.
 * randomness  SWL_PURPOSE_EVALUATE, update SWL_EVALUATE_NOISE or SWL_EVALUATE_RELATIVE, draw: all levels have the same
 *           draws, so that their differences are those of the level.
 */
#include "numeric/numeric.h"
#include "train/evaluation_parts.h"

#include "noise/noise.h"
#include "parallel/reduce.h"
#include "random/gaussian.h"

#include <math.h>
#include <string.h>

typedef struct robustness_job {
  const swale_evaluation *evaluation;
  swale_section section;
  const double *levels;
  size_t draws; /* of each level */
} robustness_job;

void swl_quantize(const swl_network *network, int bits, const float *from, float *to) {
  memcpy(to, from, network->dim * sizeof *to);
  const double top = ldexp(1, bits - 1) - 1;
  for (size_t l = 0; l < network->depth; l++) {
    const swl_layer *layer = &network->layers[l];
    const size_t first = layer->offset, end = first + layer->inputs * layer->outputs;
    double most = 0;
    for (size_t i = first; i < end; i++) most = fmax(most, fabs((double)from[i]));
    const double scale = most / top;
    for (size_t i = first; i < end && scale > 0; i++) to[i] = (float)(scale * rint(from[i] / scale));
  }
}

/* point = x (1 + r Z) */
static void robustness_scale(const swl_stream *stream, size_t dim, double r, const float *x, float *point) {
  float z[SWL_TILE];
  for (size_t tile = 0; tile < swl_tiles(dim); tile++) {
    const swl_range range = swl_tile_range(dim, tile);
    swl_gaussian_fill(stream, range.first, range.end - range.first, z);
    for (size_t i = range.first; i < range.end; i++) point[i] = (float)(x[i] * (1 + r * z[i - range.first]));
  }
}

static void robustness_point(const void *self, size_t item, const float *x, float *point) {
  const robustness_job *job = self;
  const swl_settings *settings = &job->evaluation->settings;
  const swl_network *network = &job->evaluation->setup.network;
  const double level = job->levels[item / job->draws];
  const int relative = job->section == SWALE_SECTION_RELATIVE;
  const swl_stream stream = swl_stream_make(swl_settings_key(settings), SWL_PURPOSE_EVALUATE,
                                            relative ? SWL_EVALUATE_RELATIVE : SWL_EVALUATE_NOISE, item % job->draws,
                                            0);
  if (job->section == SWALE_SECTION_BITS)
    swl_quantize(network, (int)level, x, point);
  else if (relative)
    robustness_scale(&stream, network->dim, level, x, point);
  else
    swl_probe_perturb(&stream, network->dim, (float)sqrt(level), x, point);
}

static swale_status robustness_section(swale_evaluation *evaluation, swale_section section, const swl_list *levels,
                                       size_t draws) {
  const size_t items = levels->count * draws;
  const robustness_job job = {evaluation, section, levels->values, draws};
  swl_assessment *seen = swl_arena_take(evaluation->arena, items, sizeof *seen);
  double *values = swl_arena_take(evaluation->arena, draws, sizeof *values);
  if (!seen || !values) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_evaluation_section(evaluation, section, levels->count));
  SWL_TRY(swl_probe_run(evaluation->probe, evaluation->setup.x, evaluation->table, items, robustness_point, &job, seen,
                        NULL));
  for (size_t level = 0; level < levels->count; level++) {
    double *cells = evaluation->sections[section].cells[level];
    const swl_assessment *of = seen + level * draws;
    for (size_t i = 0; i < draws; i++) values[i] = of[i].loss;
    const swl_mean loss = swl_mean_of(draws, values);
    for (size_t i = 0; i < draws; i++) values[i] = of[i].accuracy;
    const swl_mean accuracy = swl_mean_of(draws, values);
    cells[SWALE_COLUMN_LEVEL] = levels->values[level];
    cells[SWALE_COLUMN_LOSS] = loss.mean;
    cells[SWALE_COLUMN_ACCURACY] = accuracy.mean;
    if (section == SWALE_SECTION_BITS) continue;
    cells[SWALE_COLUMN_LOSS_SE] = loss.se;
    cells[SWALE_COLUMN_ACCURACY_SE] = accuracy.se;
    cells[SWALE_COLUMN_DRAWS] = (double)draws;
  }
  return SWALE_OK;
}

swale_status swl_evaluate_robustness(swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  const size_t draws = (size_t)settings->perturb_draws;
  SWL_TRY(robustness_section(evaluation, SWALE_SECTION_NOISE, &settings->perturb_taus, draws));
  SWL_TRY(robustness_section(evaluation, SWALE_SECTION_RELATIVE, &settings->perturb_relative, draws));
  return robustness_section(evaluation, SWALE_SECTION_BITS, &settings->bits, 1);
}
