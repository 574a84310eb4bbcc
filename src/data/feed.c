/* feed.c - see feed.h. */
#include "data/feed.h"

#include "base/locale.h"
#include "data/csv_source.h"
#include "data/source.h"

#include <stdlib.h>
#include <string.h>

enum { FEED_TEXT_MIN = 1 << 14 };

struct swl_feed {
  swale_context *context;
  swl_arena *arena; /* of itself and what is below */
  swl_dataset_request request;
  swl_schema schema;
  double *cells, *raw;   /* of one row */
  float *inputs;         /* SWL_FEED_ROWS × inputs */
  swl_csv_source source; /* of a table */
  swl_images images;     /* or of images */
  size_t row;            /* of the images: the next one; of a table: how many rows there were */
  size_t keeps, *keep;   /* columns */
  const char **keep_names;
  size_t *starts; /* SWL_FEED_ROWS × keeps: in the text */
  char *text;     /* capacity, of the context */
  size_t size, capacity;
};

static swale_status feed_find_keeps(swl_feed *feed, const char *keep) {
  SWL_TRY(swl_names_parse(feed->context, feed->arena, "keep", keep ? keep : "", &feed->keeps, &feed->keep_names));
  if (feed->keeps == 0) return SWALE_OK;
  if (feed->schema.height > 0 || !feed->source.names) {
    return swl_fail(feed->context, SWALE_ERROR_USAGE, "option keep applies to data=csv:FILE, whose columns have names");
  }
  feed->keep = swl_arena_take(feed->arena, feed->keeps, sizeof *feed->keep);
  feed->starts = swl_arena_take(feed->arena, SWL_FEED_ROWS * feed->keeps, sizeof *feed->starts);
  if (!feed->keep || !feed->starts) return SWALE_ERROR_MEMORY;
  for (size_t k = 0; k < feed->keeps; k++) {
    const ptrdiff_t column = swl_names_find(&feed->source.index, feed->keep_names[k]);
    if (column < 0) {
      char list[SWL_NAMES_TEXT], plain[SWL_PLAIN_MAX];
      return swl_fail(feed->context, SWALE_ERROR_USAGE,
                      "option keep: there is no column \"%s\" in %s; its columns are: %s",
                      swl_plain(feed->keep_names[k], plain), feed->source.text.path,
                      swl_names_text(feed->source.columns, feed->source.names, list));
    }
    feed->keep[k] = (size_t)column;
  }
  feed->capacity = FEED_TEXT_MIN;
  feed->text = swl_allocate(feed->context, feed->capacity, 1);
  return feed->text ? SWALE_OK : SWALE_ERROR_MEMORY;
}

static swale_status feed_images(swl_feed *feed) {
  const swl_schema *schema = &feed->schema;
  swl_images train = {0}, test = {0};
  SWL_TRY(swl_images_load(feed->context, &feed->request, &train, &test));
  const int last = feed->request.images == SWL_SPLIT_TEST;
  feed->images = last ? test : train;
  swl_images_release(feed->context, last ? &train : &test);
  const size_t inputs = feed->images.height * feed->images.width;
  if (inputs == schema->inputs && schema->columns == 0) return SWALE_OK;
  return swl_fail(feed->context, SWALE_ERROR_USAGE, "the model takes %zu inputs; the data has %zu features%s",
                  schema->inputs, inputs, schema->columns > 0 ? " without names" : "");
}

static swale_status feed_prepare(swl_feed *feed, const swl_dataset_request *request, const swl_schema *schema,
                                 const char *keep) {
  feed->request = *request;
  SWL_TRY(swl_schema_copy(feed->arena, schema, &feed->schema));
  feed->request.schema = &feed->schema;
  feed->cells = swl_arena_take(feed->arena, swl_schema_cells(schema), sizeof *feed->cells);
  feed->raw = swl_arena_take(feed->arena, schema->inputs, sizeof *feed->raw);
  feed->inputs = swl_arena_take(feed->arena, SWL_FEED_ROWS * schema->inputs, sizeof *feed->inputs);
  if (!feed->cells || !feed->raw || !feed->inputs) return SWALE_ERROR_MEMORY;
  const char *file = swl_csv_path(request->source);
  if (file) {
    SWL_TRY(swl_csv_source_open(feed->context, file, &feed->request, 0, 0, &feed->source));
  } else {
    SWL_TRY(feed_images(feed));
  }
  return feed_find_keeps(feed, keep);
}

swale_status swl_feed_open(swale_context *context, const swl_dataset_request *request, const swl_schema *schema,
                           const char *keep, swl_feed **feed) {
  swl_arena *arena = NULL;
  swl_feed *made = swl_arena_owner(context, sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = made->source.context = made->source.text.context = context;
  made->arena = arena;
  const locale_t before = swl_locale_enter();
  const swale_status status = feed_prepare(made, request, schema, keep);
  swl_locale_leave(before);
  if (status != SWALE_OK) {
    swl_feed_close(made);
    return status;
  }
  *feed = made;
  return SWALE_OK;
}

static swale_status feed_overflow(const swl_feed *feed, size_t row) {
  return swl_fail(feed->context, SWALE_ERROR_NUMERIC,
                  "standardizing row %zu of %.400s overflows: (raw - shift) * scale is no finite float", row + 1,
                  feed->request.source);
}

static swale_status feed_keep(swl_feed *feed, size_t row) {
  for (size_t k = 0; k < feed->keeps; k++) {
    const char *text = swl_csv_field_at(&feed->source.text, feed->keep[k]);
    const size_t bytes = strlen(text) + 1;
    while (feed->size + bytes > feed->capacity) {
      char *more = swl_allocate(feed->context, feed->capacity, 2);
      if (!more) return SWALE_ERROR_MEMORY;
      memcpy(more, feed->text, feed->size);
      swl_release(feed->context, feed->text);
      feed->text = more;
      feed->capacity *= 2;
    }
    memcpy(feed->text + feed->size, text, bytes);
    feed->starts[row * feed->keeps + k] = feed->size;
    feed->size += bytes;
  }
  return SWALE_OK;
}

static swale_status feed_next_rows(swl_feed *feed, size_t *count) {
  swl_csv_source *source = &feed->source;
  const swl_schema *schema = &feed->schema;
  int found = 1;
  feed->size = 0;
  for (*count = 0; *count < SWL_FEED_ROWS; ++*count) {
    SWL_TRY(swl_csv_source_row(source, &found));
    if (!found) break;
    for (size_t k = 0; k < source->features; k++) {
      const swl_csv_field *field = &source->text.fields[source->feature[k]];
      SWL_TRY(swl_csv_cell(source, schema, k, source->text.bytes + field->start, field->line, &feed->cells[k]));
    }
    swl_schema_expand(schema, feed->cells, feed->raw);
    if (!swl_schema_see(schema, feed->raw, feed->inputs + *count * schema->inputs)) {
      return feed_overflow(feed, feed->row + *count);
    }
    SWL_TRY(feed_keep(feed, *count));
  }
  if (!found && source->filled > 0) {
    swl_log(feed->context, "%s: %zu missing value%s filled in", source->text.path, source->filled,
            source->filled == 1 ? " is" : "s are");
    source->filled = 0;
  }
  feed->row += *count;
  return SWALE_OK;
}

static swale_status feed_next_images(swl_feed *feed, size_t *count) {
  const swl_images *images = &feed->images;
  const swl_raw raw = {.count = images->count, .pixels = images->pixels};
  const size_t inputs = feed->schema.inputs;
  for (*count = 0; *count < SWL_FEED_ROWS && feed->row < images->count; ++*count, feed->row++) {
    swl_raw_inputs(&raw, &feed->schema, feed->row, feed->raw);
    if (!swl_schema_see(&feed->schema, feed->raw, feed->inputs + *count * inputs)) {
      return feed_overflow(feed, feed->row);
    }
  }
  return SWALE_OK;
}

swale_status swl_feed_next(swl_feed *feed, size_t *count) {
  const locale_t before = swl_locale_enter();
  const swale_status status = feed->images.pixels ? feed_next_images(feed, count) : feed_next_rows(feed, count);
  swl_locale_leave(before);
  return status;
}

const float *swl_feed_inputs(const swl_feed *feed) { return feed->inputs; }

size_t swl_feed_keeps(const swl_feed *feed) { return feed->keeps; }

const char *swl_feed_kept_name(const swl_feed *feed, size_t k) { return feed->keep_names[k]; }

const char *swl_feed_kept(const swl_feed *feed, size_t row, size_t k) {
  return feed->text + feed->starts[row * feed->keeps + k];
}

void swl_feed_close(swl_feed *feed) {
  if (!feed) return;
  swl_csv_source_close(&feed->source);
  swl_images_release(feed->context, &feed->images);
  swl_release(feed->context, feed->text);
  swl_arena_destroy(feed->arena);
}
