/* standardize.c - how are inputs shifted and scaled? With numbers of the training split only, applied to all splits.
 *
 *   symbol  code    shape     meaning
 *   m_j     shift   features  mean of feature j over the training examples, summed in double
 *   1/s_j   scale   features  s_j^2 = mean of (raw - m_j)^2 (divided by n, not n - 1)
 *
 * every input becomes (raw - shift) * scale in float. A feature that is constant in training, or whose 1/s_j is no
 * finite float, has scale 1. (Sums of up to 2^29 equal floats are exact in double, so that s_j of a constant feature
 * is 0 and not a rounding error.)
 */
#include "data/dataset.h"

#include <math.h>
#include <string.h>

enum { STANDARDIZE_NONE, STANDARDIZE_CENTER, STANDARDIZE_FULL };

/* sum_j = the sum over the examples of x_j (power 1), or of (x_j - mean_j)^2 (power 2) */
static void standardize_sum(const swl_table *table, size_t features, const double *mean, double *sum) {
  for (size_t i = 0; i < table->count; i++) {
    const float *x = table->inputs + i * features;
    if (mean) {
      for (size_t j = 0; j < features; j++) sum[j] += (x[j] - mean[j]) * (x[j] - mean[j]);
    } else {
      for (size_t j = 0; j < features; j++) sum[j] += x[j];
    }
  }
}

static void standardize_numbers(const swl_dataset *dataset, int how, double *mean, double *square, float *shift,
                                float *scale) {
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  const size_t features = dataset->features;
  const double n = (double)train->count;
  for (size_t j = 0; j < features; j++) scale[j] = 1;
  if (how == STANDARDIZE_NONE) return;
  standardize_sum(train, features, NULL, mean);
  for (size_t j = 0; j < features; j++) mean[j] /= n;
  for (size_t j = 0; j < features; j++) shift[j] = (float)mean[j];
  if (how == STANDARDIZE_CENTER) return;
  standardize_sum(train, features, mean, square);
  for (size_t j = 0; j < features; j++) {
    const float inverse = (float)(1 / sqrt(square[j] / n)); /* infinite for a constant feature: see the head */
    if (isfinite(inverse)) scale[j] = inverse;
  }
}

static const char *standardize_split_name(int split) {
  return split == SWL_SPLIT_TRAIN ? "training" : split == SWL_SPLIT_VALIDATION ? "validation" : "test";
}

/* All or nothing: look at every result before the first input is changed. */
static swale_status standardize_check(swale_context *context, const swl_dataset *dataset, const float *shift,
                                      const float *scale) {
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const swl_table *table = &dataset->split[split];
    for (size_t i = 0; i < table->count; i++) {
      const float *x = table->inputs + i * dataset->features;
      float bad = 0; /* 0 × finite = 0, anything else becomes NaN: one test per example */
      for (size_t j = 0; j < dataset->features; j++) bad += 0 * ((x[j] - shift[j]) * scale[j]);
      if (bad == 0) continue;
      for (size_t j = 0; j < dataset->features; j++) {
        if (isfinite((x[j] - shift[j]) * scale[j])) continue;
        return swl_fail(context, SWALE_ERROR_NUMERIC,
                        "standardizing feature %zu of %s example %zu overflows: (%g - %g) * %g is no finite float",
                        j + 1, standardize_split_name(split), i + 1, (double)x[j], (double)shift[j], (double)scale[j]);
      }
    }
  }
  return SWALE_OK;
}

/* Change the inputs; shift and scale belong to the arena already. */
static swale_status standardize_inputs(swale_context *context, float *shift, float *scale, swl_dataset *dataset) {
  SWL_TRY(standardize_check(context, dataset, shift, scale));
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const swl_table *table = &dataset->split[split];
    for (size_t i = 0; i < table->count; i++) {
      float *x = table->inputs + i * dataset->features;
      for (size_t j = 0; j < dataset->features; j++) x[j] = (x[j] - shift[j]) * scale[j];
    }
  }
  dataset->shift = shift;
  dataset->scale = scale;
  return SWALE_OK;
}

static swale_status standardize_once(swale_context *context, const swl_dataset *dataset) {
  if (!dataset->shift) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_USAGE, "the dataset is standardized already; that is done once");
}

swale_status swl_dataset_standardize(swale_context *context, swl_arena *arena, const char *how, swl_dataset *dataset) {
  int code = dataset->images ? STANDARDIZE_CENTER : STANDARDIZE_FULL;
  if (strcmp(how, "none") == 0) {
    code = STANDARDIZE_NONE;
  } else if (strcmp(how, "center") == 0) {
    code = STANDARDIZE_CENTER;
  } else if (strcmp(how, "full") == 0) {
    code = STANDARDIZE_FULL;
  } else if (strcmp(how, "auto") != 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "standardize is \"%.64s\"; auto, none, center and full are allowed",
                    how);
  }
  SWL_TRY(standardize_once(context, dataset));
  float *shift = swl_arena_take(arena, dataset->features, sizeof *shift);
  float *scale = swl_arena_take(arena, dataset->features, sizeof *scale);
  if (!shift || !scale) return SWALE_ERROR_MEMORY;
  double *sums = swl_allocate(context, 2 * dataset->features, sizeof *sums);
  if (!sums) return SWALE_ERROR_MEMORY;
  standardize_numbers(dataset, code, sums, sums + dataset->features, shift, scale);
  swl_release(context, sums);
  return standardize_inputs(context, shift, scale, dataset);
}

swale_status swl_dataset_apply(swale_context *context, swl_arena *arena, const float *shift, const float *scale,
                               swl_dataset *dataset) {
  SWL_TRY(standardize_once(context, dataset));
  float *own_shift = swl_arena_take(arena, dataset->features, sizeof *own_shift);
  float *own_scale = swl_arena_take(arena, dataset->features, sizeof *own_scale);
  if (!own_shift || !own_scale) return SWALE_ERROR_MEMORY;
  memcpy(own_shift, shift, dataset->features * sizeof *shift);
  memcpy(own_scale, scale, dataset->features * sizeof *scale);
  return standardize_inputs(context, own_shift, own_scale, dataset);
}
