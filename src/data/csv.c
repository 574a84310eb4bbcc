/* csv.c - how does a CSV file become a table of numbers?
 *
 * (1) Its columns get their meaning (csv_source.c). (2) All rows are read: with a schema they become numbers at once; else
 * the whole text is kept, a word per field, until (3) it is known what the columns hold (csv_columns.c; csv_doubts.c), and
 * the target (csv_target.c). Memory is proportional to the file.
 */
#include "base/locale.h"

#include "data/csv_table.h"

#include <string.h>

enum { CSV_FIRST_ROWS = 1024 };

static void *csv_more(const swl_csv_table *table, void *old, size_t size) {
  void *more = swl_allocate(table->source.context, table->capacity, size);
  if (more && table->count > 0) memcpy(more, old, table->count * size);
  if (more) swl_release(table->source.context, old);
  return more;
}

static swale_status csv_grow(swl_csv_table *table) {
  const size_t features = table->source.features;
  if (table->count < table->capacity) return SWALE_OK;
  table->capacity = table->capacity ? 2 * table->capacity : CSV_FIRST_ROWS;
  swl_csv_value *cells = csv_more(table, table->cells, features * sizeof *cells);
  if (!cells) return SWALE_ERROR_MEMORY;
  table->cells = cells;
  swl_csv_value *targets = csv_more(table, table->targets, sizeof *targets);
  if (!targets) return SWALE_ERROR_MEMORY;
  table->targets = targets;
  size_t *lines = csv_more(table, table->lines, sizeof *lines);
  if (!lines) return SWALE_ERROR_MEMORY;
  table->lines = lines;
  if (table->source.weight < 0) return SWALE_OK;
  double *weights = csv_more(table, table->weights, sizeof *weights);
  if (!weights) return SWALE_ERROR_MEMORY;
  table->weights = weights;
  return SWALE_OK;
}

/* With a schema: what the row says, at once. Classes that it does not name are kept as texts. */
static swale_status csv_convert(swl_csv_table *table, swl_csv_value *cells, swl_csv_value *target) {
  swl_csv_source *source = &table->source;
  const swl_schema *schema = source->request->schema;
  char *bytes = source->text.bytes;
  const swl_csv_field *fields = source->text.fields;
  uint32_t label = 0;
  for (size_t k = 0; k < source->features; k++) {
    const swl_csv_field *field = &fields[source->feature[k]];
    SWL_TRY(swl_csv_cell(source, schema, k, bytes + field->start, field->line, &cells[k].number));
  }
  const swl_csv_field *aim = &fields[source->target];
  if (!schema->classification) return swl_csv_aim(source, bytes + aim->start, aim->line, &target->number);
  target->start = aim->start;
  if (!schema->classes) return SWALE_OK;
  SWL_TRY(swl_csv_label(source, schema, bytes + aim->start, aim->line, &label));
  target->start = label;
  return SWALE_OK;
}

static swale_status csv_add(swl_csv_table *table) {
  swl_csv_source *source = &table->source;
  const swl_csv_field *fields = source->text.fields;
  SWL_TRY(csv_grow(table));
  swl_csv_value *cells = table->cells + table->count * source->features;
  table->lines[table->count] = fields[0].line;
  if (source->weight >= 0) {
    const swl_csv_field *field = &fields[source->weight];
    SWL_TRY(swl_csv_weigh(source, source->text.bytes + field->start, field->line, &table->weights[table->count]));
  }
  if (table->schema) {
    for (size_t k = 0; k < source->features; k++) cells[k].start = fields[source->feature[k]].start;
    table->targets[table->count].start = fields[source->target].start;
  } else {
    SWL_TRY(csv_convert(table, cells, &table->targets[table->count]));
  }
  table->count++;
  return SWALE_OK;
}

static swale_status csv_say_filled(const swl_csv_table *table) {
  if (table->source.filled == 0) return SWALE_OK;
  swl_log(table->source.context, "%s: %zu missing value%s filled in", table->source.text.path, table->source.filled,
          table->source.filled == 1 ? " is" : "s are");
  return SWALE_OK;
}

/* The labels of a schema with classes. */
static swale_status csv_labels(swl_csv_table *table) {
  const swl_schema *schema = table->source.request->schema;
  if (!schema->classification) return SWALE_OK;
  if (!schema->classes) return swl_csv_target(table);
  table->labels = swl_allocate(table->source.context, table->count, sizeof *table->labels);
  if (!table->labels) return SWALE_ERROR_MEMORY;
  for (size_t i = 0; i < table->count; i++) table->labels[i] = (uint32_t)table->targets[i].start;
  return SWALE_OK;
}

static swale_status csv_read(swl_csv_table *table, const char *path, const swl_dataset_request *request) {
  const swl_schema *given = request->schema;
  const int keep = !given || (given->classification && !given->classes);
  int found = 1;
  SWL_TRY(swl_csv_source_open(table->source.context, path, request, keep, 1, &table->source));
  while (found) {
    SWL_TRY(swl_csv_source_row(&table->source, &found));
    if (found) SWL_TRY(csv_add(table));
  }
  if (table->count == 0) {
    return swl_fail(table->source.context, SWALE_ERROR_FORMAT, "%s has a header line, but no rows",
                    table->source.text.path);
  }
  if (given) {
    SWL_TRY(csv_labels(table));
  } else {
    SWL_TRY(swl_csv_doubt_header(table));
    swl_csv_doubt_signs(table);
    SWL_TRY(swl_csv_columns(table));
    SWL_TRY(swl_csv_target(table));
  }
  return csv_say_filled(table);
}

void swl_raw_release(swale_context *context, swl_raw *raw) {
  swl_release(context, raw->cells);
  swl_release(context, raw->labels);
  swl_release(context, raw->targets);
  swl_release(context, raw->weights);
  *raw = (swl_raw){0};
}

swale_status swl_csv_read(swale_context *context, swl_arena *arena, const char *path,
                          const swl_dataset_request *request, swl_schema *schema, const char **reason, swl_raw *raw) {
  const locale_t before = swl_locale_enter();
  swl_csv_table table = {.source.context = context, .arena = arena, .schema = request->schema ? NULL : schema};
  swale_status status = csv_read(&table, path, request);
  swl_locale_leave(before);
  /* unions of numbers are numbers, since all of them have become one */
  swl_raw made = {.count = table.count,
                  .cells = (double *)table.cells,
                  .labels = table.labels,
                  .targets = table.labels ? NULL : (double *)table.targets,
                  .weights = table.weights};
  if (table.labels) swl_release(context, table.targets);
  swl_release(context, table.lines);
  swl_csv_source_close(&table.source);
  if (status == SWALE_OK) {
    *raw = made;
    *reason = table.reason;
  } else {
    swl_raw_release(context, &made);
  }
  return status;
}
