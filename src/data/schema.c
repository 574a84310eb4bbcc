/* schema.c - see schema.h. Everything is computed in double and rounded once. */
#include "data/schema.h"

#include <math.h>
#include <string.h>

static const char **schema_copy_list(swl_arena *arena, size_t count, const char *const *texts) {
  const char **copy = swl_arena_take(arena, count, sizeof *copy);
  for (size_t i = 0; copy && i < count; i++) {
    copy[i] = swl_arena_text(arena, texts[i]);
    if (!copy[i]) return NULL;
  }
  return copy;
}

static swale_status schema_copy_numbers(swl_arena *arena, size_t count, const double *numbers, double **copy) {
  *copy = NULL;
  if (!numbers) return SWALE_OK;
  *copy = swl_arena_take(arena, count, sizeof **copy);
  if (!*copy) return SWALE_ERROR_MEMORY;
  memcpy(*copy, numbers, count * sizeof **copy);
  return SWALE_OK;
}

static swale_status schema_copy_columns(swl_arena *arena, const swl_schema *schema, swl_schema *copy) {
  if (schema->columns == 0) return SWALE_OK;
  copy->column = swl_arena_take(arena, schema->columns, sizeof *copy->column);
  if (!copy->column) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < schema->columns; i++) {
    swl_column *column = &copy->column[i];
    *column = schema->column[i];
    column->name = swl_arena_text(arena, column->name);
    if (!column->name) return SWALE_ERROR_MEMORY;
    if (column->kind != SWL_COLUMN_TEXT) continue;
    column->values = schema_copy_list(arena, column->value_count, column->values);
    if (!column->values) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

swale_status swl_schema_copy(swl_arena *arena, const swl_schema *schema, swl_schema *copy) {
  swl_schema made = *schema;
  SWL_TRY(schema_copy_columns(arena, schema, &made));
  SWL_TRY(schema_copy_numbers(arena, schema->inputs, schema->shift, &made.shift));
  SWL_TRY(schema_copy_numbers(arena, schema->inputs, schema->scale, &made.scale));
  SWL_TRY(schema_copy_numbers(arena, schema->outputs, schema->target_shift, &made.target_shift));
  SWL_TRY(schema_copy_numbers(arena, schema->outputs, schema->target_scale, &made.target_scale));
  if (schema->target && !(made.target = swl_arena_text(arena, schema->target))) return SWALE_ERROR_MEMORY;
  if (schema->classes) {
    made.classes = schema_copy_list(arena, schema->outputs, schema->classes);
    if (!made.classes) return SWALE_ERROR_MEMORY;
  }
  *copy = made;
  return SWALE_OK;
}

void swl_schema_expand(const swl_schema *schema, const double *cells, double *raw) {
  if (schema->columns == 0) memcpy(raw, cells, schema->inputs * sizeof *raw);
  for (size_t i = 0; i < schema->columns; i++) {
    const swl_column *column = &schema->column[i];
    if (column->kind == SWL_COLUMN_NUMBER) {
      *raw++ = isnan(cells[i]) ? column->fill : cells[i];
      continue;
    }
    for (size_t k = 0; k < column->value_count; k++) raw[k] = 0;
    raw[(size_t)cells[i]] = 1;
    raw += column->value_count;
  }
}

/* 0 × finite = 0, anything else is NaN: one test per example */
int swl_schema_see(const swl_schema *schema, const double *raw, float *seen) {
  float bad = 0;
  for (size_t j = 0; j < schema->inputs; j++) {
    seen[j] = (float)((raw[j] - schema->shift[j]) * schema->scale[j]);
    bad += 0 * seen[j];
  }
  return bad == 0;
}

int swl_schema_aim(const swl_schema *schema, const double *raw, float *seen) {
  float bad = 0;
  for (size_t j = 0; j < schema->outputs; j++) {
    seen[j] = (float)(schema->target_shift ? (raw[j] - schema->target_shift[j]) * schema->target_scale[j] : raw[j]);
    bad += 0 * seen[j];
  }
  return bad == 0;
}
