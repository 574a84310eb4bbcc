/* standardize.c - how are inputs and targets shifted and scaled? With numbers of the training split only.
 *
 *   symbol  code                       shape             meaning
 *   w       weights                    count             how much each training example counts; all 1 without weights
 *   m_j     shift, target_shift        inputs, outputs   mean of column j over the training examples, weighted by w
 *   1/s_j   scale, target_scale        inputs, outputs   s_j^2 = mean of (raw - m_j)^2, likewise (divided by the sum of w)
 *
 * (1) m_j = r_j + mean of (raw - r_j), r the first example with w > 0: so a constant column has exactly its value as the mean and
 *     s_j = 0, and numbers that are large beside their differences (times, prices) lose nothing. (2) s_j. A column that is
 *     constant in training has scale 1, and one whose s_j is too small for 1/s_j to be a finite float. (3) Columns that
 *     vary, but not as float, are said.
 */
#include "data/source.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Columns of numbers, row by row: inputs, or targets. */
typedef struct standardize_columns {
  const swl_raw *raw;
  const swl_schema *schema;
  const uint32_t *order; /* count */
  const double *weights; /* count, or NULL: all 1 */
  size_t count, columns;
  int targets;
} standardize_columns;

static void standardize_row(const standardize_columns *self, size_t i, double *values) {
  if (self->targets) {
    memcpy(values, self->raw->targets + self->order[i] * self->columns, self->columns * sizeof *values);
  } else {
    swl_raw_inputs(self->raw, self->schema, self->order[i], values);
  }
}

static double standardize_weight(const standardize_columns *self, size_t i) {
  return self->weights ? self->weights[i] : 1;
}

/* The first example that counts. */
static size_t standardize_first(const standardize_columns *self) {
  size_t i = 0;
  while (i + 1 < self->count && standardize_weight(self, i) == 0) i++;
  return i;
}

/* shift and scale (columns each); memory: 2 × columns. */
static void standardize_numbers(const standardize_columns *self, swl_word how, double *shift, double *scale,
                                double *memory) {
  const size_t columns = self->columns;
  double *values = memory, *sum = memory + columns, all = 0;
  for (size_t j = 0; j < columns; j++) shift[j] = 0, scale[j] = 1, sum[j] = 0;
  if (how == SWL_STANDARDIZE_NONE) return;
  standardize_row(self, standardize_first(self), shift);
  for (size_t i = 0; i < self->count; i++) { /* (1) */
    const double weight = standardize_weight(self, i);
    standardize_row(self, i, values);
    for (size_t j = 0; j < columns; j++) sum[j] += weight * (values[j] - shift[j]);
    all += weight;
  }
  for (size_t j = 0; j < columns; j++) shift[j] += sum[j] / all, sum[j] = 0;
  if (how != SWL_STANDARDIZE_FULL) return;
  for (size_t i = 0; i < self->count; i++) { /* (2) */
    const double weight = standardize_weight(self, i);
    standardize_row(self, i, values);
    for (size_t j = 0; j < columns; j++) sum[j] += weight * ((values[j] - shift[j]) * (values[j] - shift[j]));
  }
  for (size_t j = 0; j < columns; j++) {
    const double inverse = 1 / sqrt(sum[j] / all);
    if (inverse <= FLT_MAX) scale[j] = inverse;
  }
}

/* (3) memory: 3 × columns. */
static void standardize_notice(swale_context *context, const standardize_columns *self, const double *shift,
                               const double *scale, double *memory) {
  const size_t columns = self->columns;
  double *first = memory, *values = memory + columns, *varies = memory + 2 * columns;
  standardize_row(self, standardize_first(self), first);
  for (size_t j = 0; j < columns; j++) varies[j] = 0; /* 1: as double, 2: as float */
  for (size_t i = 0; i < self->count; i++) {
    if (standardize_weight(self, i) == 0) continue;
    standardize_row(self, i, values);
    for (size_t j = 0; j < columns; j++) {
      if (values[j] == first[j] || varies[j] == 2) continue;
      const int differs = (float)((values[j] - shift[j]) * scale[j]) != (float)((first[j] - shift[j]) * scale[j]);
      varies[j] = differs ? 2 : 1;
    }
  }
  for (size_t j = 0; j < columns; j++) {
    if (varies[j] != 1) continue;
    const char *name = self->targets                                                   ? self->schema->target
                       : j < self->schema->columns && self->schema->columns == columns ? self->schema->column[j].name
                                                                                       : NULL;
    swl_log(context, "%s %.64s varies by less than a float can tell from %g: it is constant to the network%s",
            self->targets ? "target" : "column", name ? name : "", first[j],
            scale[j] == 1 && shift[j] == 0 ? "; standardize = full keeps the differences" : "");
  }
}

static swale_status standardize_part(swale_context *context, swl_arena *arena, const standardize_columns *self,
                                     swl_word how, double **shift, double **scale) {
  *shift = swl_arena_take(arena, self->columns, sizeof **shift);
  *scale = swl_arena_take(arena, self->columns, sizeof **scale);
  double *memory = swl_allocate(context, 3 * self->columns, sizeof *memory);
  if (!*shift || !*scale || !memory) {
    swl_release(context, memory);
    return SWALE_ERROR_MEMORY;
  }
  standardize_numbers(self, how, *shift, *scale, memory);
  if (!self->raw->pixels) standardize_notice(context, self, *shift, *scale, memory);
  swl_release(context, memory);
  return SWALE_OK;
}

swl_word swl_standardize_as(swl_word how, int images) {
  if (how == SWL_STANDARDIZE_NONE || how == SWL_STANDARDIZE_CENTER || how == SWL_STANDARDIZE_FULL) return how;
  return images ? SWL_STANDARDIZE_CENTER : SWL_STANDARDIZE_FULL;
}

swale_status swl_standardize(swale_context *context, swl_arena *arena, swl_word how, const swl_raw *raw,
                             const uint32_t *order, const double *weights, size_t count, swl_schema *schema) {
  const swl_word code = swl_standardize_as(how, raw->pixels != NULL);
  standardize_columns columns = {raw, schema, order, weights, count, schema->inputs, 0};
  SWL_TRY(standardize_part(context, arena, &columns, code, &schema->shift, &schema->scale));
  columns.columns = schema->outputs;
  columns.targets = 1;
  if (!raw->targets) return SWALE_OK;
  if (code == SWL_STANDARDIZE_NONE) {
    double shift[1] = {0}, scale[1] = {1}, memory[3];
    if (schema->outputs == 1) standardize_notice(context, &columns, shift, scale, memory);
    return SWALE_OK;
  }
  return standardize_part(context, arena, &columns, SWL_STANDARDIZE_FULL, &schema->target_shift, &schema->target_scale);
}
