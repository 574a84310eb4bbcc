/* standardize.c - how are inputs and targets shifted and scaled? With numbers of the training split only, applied to
 * all splits.
 *
 *   symbol  code                       shape               meaning
 *   m_j     shift, target_shift        features, outputs   mean of column j over the training examples, summed in double
 *   1/s_j   scale, target_scale        features, outputs   s_j^2 = mean of (raw - m_j)^2 (divided by n, not n - 1)
 *
 * every input becomes (raw - shift) * scale in float; every target the same in double, rounded once, as targets far from
 * zero (prices) are common. A column that is constant in training, or whose 1/s_j is no finite float, has scale 1. (Sums
 * of up to 2^29 equal floats are exact in double, so that s_j of a constant column is 0 and not a rounding error.)
 */
#include "data/dataset.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STANDARDIZE_NONE, STANDARDIZE_CENTER, STANDARDIZE_FULL };

/* Where the numbers of a dataset are before it takes them; both of a pair NULL: nothing is done. */
typedef struct standardize_pairs {
  float *shift, *scale;               /* features each */
  float *target_shift, *target_scale; /* outputs each */
} standardize_pairs;

/* sum_j = the sum over the rows of x_j, or, with a mean, of (x_j - mean_j)^2; values: rows × columns */
static void standardize_sum(const float *values, size_t rows, size_t columns, const double *mean, double *sum) {
  for (size_t i = 0; i < rows; i++) {
    const float *x = values + i * columns;
    if (mean) {
      for (size_t j = 0; j < columns; j++) sum[j] += (x[j] - mean[j]) * (x[j] - mean[j]);
    } else {
      for (size_t j = 0; j < columns; j++) sum[j] += x[j];
    }
  }
}

/* shift and scale (columns each) from values (rows × columns). */
static swale_status standardize_numbers(swale_context *context, const float *values, size_t rows, size_t columns,
                                        int how, float *shift, float *scale) {
  for (size_t j = 0; j < columns; j++) shift[j] = 0, scale[j] = 1;
  if (how == STANDARDIZE_NONE) return SWALE_OK;
  double *mean = swl_allocate(context, 2 * columns, sizeof *mean);
  if (!mean) return SWALE_ERROR_MEMORY;
  double *square = mean + columns;
  const double n = (double)rows;
  standardize_sum(values, rows, columns, NULL, mean);
  for (size_t j = 0; j < columns; j++) mean[j] /= n;
  for (size_t j = 0; j < columns; j++) shift[j] = (float)mean[j];
  if (how == STANDARDIZE_FULL) {
    standardize_sum(values, rows, columns, mean, square);
    for (size_t j = 0; j < columns; j++) {
      const float inverse = (float)(1 / sqrt(square[j] / n)); /* infinite for a constant column: see the head */
      if (isfinite(inverse)) scale[j] = inverse;
    }
  }
  swl_release(context, mean);
  return SWALE_OK;
}

static const char *standardize_split_name(int split) {
  return split == SWL_SPLIT_TRAIN ? "training" : split == SWL_SPLIT_VALIDATION ? "validation" : "test";
}

/* All or nothing: look at every result before the first input or target is changed. */
static swale_status standardize_check_inputs(swale_context *context, const swl_dataset *dataset, const float *shift,
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

static double standardize_target(float raw, float shift, float scale) { return ((double)raw - shift) * scale; }

static swale_status standardize_check_targets(swale_context *context, const swl_dataset *dataset, const float *shift,
                                              const float *scale) {
  const size_t outputs = dataset->outputs;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const swl_table *table = &dataset->split[split];
    for (size_t i = 0; i < table->count * outputs; i++) {
      const size_t j = i % outputs;
      if (fabs(standardize_target(table->targets[i], shift[j], scale[j])) <= FLT_MAX) continue;
      return swl_fail(context, SWALE_ERROR_NUMERIC,
                      "standardizing target %zu of %s example %zu overflows: (%g - %g) * %g is no finite float", j + 1,
                      standardize_split_name(split), i / outputs + 1, (double)table->targets[i], (double)shift[j],
                      (double)scale[j]);
    }
  }
  return SWALE_OK;
}

/* Change inputs and targets; the numbers belong to the arena already. */
static swale_status standardize_change(swale_context *context, const standardize_pairs *pairs, swl_dataset *dataset) {
  const size_t features = dataset->features, outputs = dataset->outputs;
  if (pairs->shift) SWL_TRY(standardize_check_inputs(context, dataset, pairs->shift, pairs->scale));
  if (pairs->target_shift) {
    SWL_TRY(standardize_check_targets(context, dataset, pairs->target_shift, pairs->target_scale));
  }
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    const swl_table *table = &dataset->split[split];
    for (size_t i = 0; pairs->shift && i < table->count; i++) {
      float *x = table->inputs + i * features;
      for (size_t j = 0; j < features; j++) x[j] = (x[j] - pairs->shift[j]) * pairs->scale[j];
    }
    for (size_t i = 0; pairs->target_shift && i < table->count * outputs; i++) {
      const size_t j = i % outputs;
      table->targets[i] = (float)standardize_target(table->targets[i], pairs->target_shift[j], pairs->target_scale[j]);
    }
  }
  dataset->shift = pairs->shift;
  dataset->scale = pairs->scale;
  dataset->target_shift = pairs->target_shift;
  dataset->target_scale = pairs->target_scale;
  return SWALE_OK;
}

static swale_status standardize_once(swale_context *context, const swl_dataset *dataset) {
  if (!dataset->shift && !dataset->target_shift) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_USAGE, "the dataset is standardized already; that is done once");
}

/* Room for the pairs that are asked for. */
static swale_status standardize_take(swl_arena *arena, const swl_dataset *dataset, int inputs, int targets,
                                     standardize_pairs *pairs) {
  if (inputs) {
    pairs->shift = swl_arena_take(arena, dataset->features, sizeof *pairs->shift);
    pairs->scale = swl_arena_take(arena, dataset->features, sizeof *pairs->scale);
    if (!pairs->shift || !pairs->scale) return SWALE_ERROR_MEMORY;
  }
  if (targets) {
    pairs->target_shift = swl_arena_take(arena, dataset->outputs, sizeof *pairs->target_shift);
    pairs->target_scale = swl_arena_take(arena, dataset->outputs, sizeof *pairs->target_scale);
    if (!pairs->target_shift || !pairs->target_scale) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
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
  const swl_table *train = &dataset->split[SWL_SPLIT_TRAIN];
  const int targets = train->targets && code != STANDARDIZE_NONE;
  standardize_pairs pairs = {.shift = NULL};
  SWL_TRY(standardize_once(context, dataset));
  SWL_TRY(standardize_take(arena, dataset, 1, targets, &pairs));
  SWL_TRY(standardize_numbers(context, train->inputs, train->count, dataset->features, code, pairs.shift, pairs.scale));
  if (targets) {
    SWL_TRY(standardize_numbers(context, train->targets, train->count, dataset->outputs, STANDARDIZE_FULL,
                                pairs.target_shift, pairs.target_scale));
  }
  return standardize_change(context, &pairs, dataset);
}

swale_status swl_dataset_apply(swale_context *context, swl_arena *arena, const float *shift, const float *scale,
                               const float *target_shift, const float *target_scale, swl_dataset *dataset) {
  const size_t features = dataset->features, outputs = dataset->outputs;
  standardize_pairs own = {.shift = NULL};
  SWL_TRY(standardize_once(context, dataset));
  SWL_TRY(standardize_take(arena, dataset, shift != NULL, target_shift != NULL, &own));
  if (shift) {
    memcpy(own.shift, shift, features * sizeof *shift);
    memcpy(own.scale, scale, features * sizeof *scale);
  }
  if (target_shift) {
    memcpy(own.target_shift, target_shift, outputs * sizeof *target_shift);
    memcpy(own.target_scale, target_scale, outputs * sizeof *target_scale);
  }
  return standardize_change(context, &own, dataset);
}
