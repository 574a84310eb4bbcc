/* arrays.c - see arrays.h. Everything is looked at once, so that training meets nothing but numbers. */
#include "data/arrays.h"

#include "data/csv_text.h"
#include "data/names.h"

#include <math.h>
#include <string.h>

static swale_status arrays_numbers(swale_context *context, swl_arena *arena, const char *what, size_t count,
                                   size_t columns, const double *from, double **to) {
  if (columns != 0 && count > SIZE_MAX / columns / sizeof *from) {
    return swl_fail(context, SWALE_ERROR_USAGE, "%zu examples of %zu %s are too many to count", count, columns, what);
  }
  for (size_t i = 0; i < count * columns; i++) {
    if (isfinite(from[i])) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "%s: number %zu of example %zu is %g; numbers must be finite", what,
                    i % columns, i / columns, from[i]);
  }
  *to = swl_arena_take(arena, count, columns * sizeof **to);
  if (!*to) return SWALE_ERROR_MEMORY;
  memcpy(*to, from, count * columns * sizeof **to);
  return SWALE_OK;
}

/* Names go into messages and into the model file: not empty, printable, each once. */
static swale_status arrays_names(swale_context *context, swl_arena *arena, const char *what, size_t count,
                                 const char *const *from, const char ***to) {
  swl_names index;
  const char **made = swl_arena_take(arena, count, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < count; i++) {
    if (!from[i] || !from[i][0] || !swl_text_is_plain(from[i])) {
      return swl_fail(context, SWALE_ERROR_USAGE,
                      "name %zu of the %s is empty, or not UTF-8 without control characters", i, what);
    }
    made[i] = swl_arena_text(arena, from[i]);
    if (!made[i]) return SWALE_ERROR_MEMORY;
  }
  SWL_TRY(swl_names_index(arena, count, made, &index));
  const char *twice = swl_names_repeated(&index);
  if (twice) return swl_fail(context, SWALE_ERROR_USAGE, "the %s have the name \"%.64s\" twice", what, twice);
  *to = made;
  return SWALE_OK;
}

static swale_status arrays_columns(swale_context *context, swl_arena *arena, const swale_arrays *from,
                                   swl_schema *schema) {
  const char **names = NULL;
  if (from->names) {
    SWL_TRY(arrays_names(context, arena, "features", from->features, from->names, &names));
    schema->columns = from->features;
    schema->column = swl_arena_take(arena, from->features, sizeof *schema->column);
    if (!schema->column) return SWALE_ERROR_MEMORY;
    for (size_t i = 0; i < from->features; i++) schema->column[i] = (swl_column){.name = names[i], .fill = NAN};
  }
  if (!from->target) return SWALE_OK;
  SWL_TRY(arrays_names(context, arena, "target", 1, &from->target, &names));
  schema->target = names[0];
  return SWALE_OK;
}

static swale_status arrays_labels(swale_context *context, swl_arena *arena, const swale_arrays *from,
                                  swl_arrays *arrays) {
  if (from->classes < 2 || from->classes > SWL_CLASSES_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE, "labels of %zu classes; allowed are 2 to %d", from->classes,
                    SWL_CLASSES_MAX);
  }
  for (size_t i = 0; i < from->count; i++) {
    if (from->labels[i] < from->classes) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "example %zu has the label %u; of %zu classes 0 to %zu are allowed", i,
                    (unsigned)from->labels[i], from->classes, from->classes - 1);
  }
  arrays->labels = swl_arena_take(arena, from->count, sizeof *arrays->labels);
  if (!arrays->labels) return SWALE_ERROR_MEMORY;
  memcpy(arrays->labels, from->labels, from->count * sizeof *arrays->labels);
  arrays->schema.classification = 1;
  arrays->schema.outputs = from->classes;
  if (!from->class_names) return SWALE_OK;
  return arrays_names(context, arena, "classes", from->classes, from->class_names, &arrays->schema.classes);
}

static swale_status arrays_weights(swale_context *context, swl_arena *arena, const swale_arrays *from,
                                   swl_arrays *arrays) {
  if (!from->weights) return SWALE_OK;
  for (size_t i = 0; i < from->count; i++) {
    if (from->weights[i] >= 0) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "the weight of example %zu is %g; weights are 0 or more", i,
                    from->weights[i]);
  }
  return arrays_numbers(context, arena, "weights", from->count, 1, from->weights, &arrays->weights);
}

swale_status swl_arrays_copy(swale_context *context, swl_arena *arena, const swale_arrays *from, swl_arrays *arrays) {
  swl_arrays made = {.schema = {.inputs = from->features, .outputs = from->outputs}, .count = from->count};
  if (from->count == 0 || from->features == 0 || !from->rows || !from->labels == !from->targets) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "%zu examples of %zu features with %s: both are 1 or more, with either labels or targets",
                    from->count, from->features,
                    !from->rows     ? "no rows"
                    : from->labels  ? from->targets ? "labels and targets" : "labels"
                    : from->targets ? "targets"
                                    : "neither labels nor targets");
  }
  SWL_TRY(arrays_numbers(context, arena, "features", from->count, from->features, from->rows, &made.cells));
  SWL_TRY(arrays_columns(context, arena, from, &made.schema));
  if (from->labels) {
    SWL_TRY(arrays_labels(context, arena, from, &made));
  } else if (from->outputs == 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "targets of 0 outputs; 1 or more are allowed");
  } else {
    SWL_TRY(arrays_numbers(context, arena, "targets", from->count, from->outputs, from->targets, &made.targets));
  }
  SWL_TRY(arrays_weights(context, arena, from, &made));
  *arrays = made;
  return SWALE_OK;
}

swale_status swl_arrays_fit(swale_context *context, const swl_arrays *arrays, int classify, const swl_schema *model) {
  const swl_schema *own = &arrays->schema;
  if (classify != own->classification) {
    return swl_fail(context, SWALE_ERROR_USAGE, "the arrays hold %s, but %s are to be predicted",
                    own->classification ? "labels" : "targets", classify ? "classes" : "numbers");
  }
  if (!model) return SWALE_OK;
  if (model->inputs != own->inputs || model->outputs != own->outputs ||
      (model->columns && model->columns != own->inputs)) {
    return swl_fail(
        context, SWALE_ERROR_USAGE,
        "the model has %zu features, %zu inputs and %zu outputs; the arrays have %zu features and %zu outputs",
        swl_schema_cells(model), model->inputs, model->outputs, own->inputs, own->outputs);
  }
  for (size_t i = 0; i < model->columns && own->columns; i++) {
    if (strcmp(model->column[i].name, own->column[i].name) == 0) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "feature %zu is \"%.64s\", but \"%.64s\" in the model", i,
                    own->column[i].name, model->column[i].name);
  }
  return SWALE_OK;
}
