/* rows.c - what a model says about the rows of a source, one block after another. */
#include "data/feed.h"
#include "model/predict.h"
#include "train/setup.h"

#include <string.h>

struct swale_rows {
  swl_arena *arena; /* owns everything but the feed */
  swale_predictor *predictor;
  swl_feed *feed;
  size_t before, count; /* rows of earlier blocks, and of this one */
  float *outputs;       /* SWL_FEED_ROWS × outputs */
  double *values;       /* SWL_FEED_ROWS × outputs */
  uint32_t *labels;     /* SWL_FEED_ROWS */
};

/* Of images the split says which; a table is predicted whole. */
static swale_status rows_request(const swale_options *options, swl_dataset_request *request) {
  const swl_settings *settings = swl_options_settings(options);
  SWL_TRY(swl_setup_request(options, request));
  if (!swl_options_is_set(options, "split")) return SWALE_OK;
  const int train = settings->split == SWL_EXAMPLES_TRAINING;
  if (strncmp(settings->data, "csv:", 4) == 0 || (!train && settings->split != SWL_EXAMPLES_TEST)) {
    return swl_fail(swl_options_context(options), SWALE_ERROR_USAGE,
                    "option split: '%s' of data=%s; of images training and test can be predicted, of a table all rows",
                    swl_word_text(settings->split), settings->data);
  }
  request->images = train ? SWL_SPLIT_TRAIN : SWL_SPLIT_TEST;
  return SWALE_OK;
}

static swale_status rows_open(const swale_options *options, const char *keep, swale_rows *rows) {
  swale_context *context = swl_predictor_context(rows->predictor);
  const swl_schema *schema = &swl_predictor_model(rows->predictor)->file.schema;
  swl_dataset_request request;
  SWL_TRY(rows_request(options, &request));
  rows->outputs = swl_arena_take(rows->arena, SWL_FEED_ROWS * schema->outputs, sizeof *rows->outputs);
  rows->values = swl_arena_take(rows->arena, SWL_FEED_ROWS * schema->outputs, sizeof *rows->values);
  rows->labels = swl_arena_take(rows->arena, SWL_FEED_ROWS, sizeof *rows->labels);
  if (!rows->outputs || !rows->values || !rows->labels) return SWALE_ERROR_MEMORY;
  return swl_feed_open(context, &request, schema, keep, &rows->feed);
}

swale_status swale_rows_open(const swale_options *options, swale_predictor *predictor, const char *keep,
                             swale_rows **rows) {
  swl_arena *arena = NULL;
  swale_rows *made = swl_arena_owner(swl_predictor_context(predictor), sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  made->arena = arena;
  made->predictor = predictor;
  const swale_status status = rows_open(options, keep, made);
  if (status != SWALE_OK) {
    swale_rows_destroy(made);
    return status;
  }
  *rows = made;
  return SWALE_OK;
}

void swale_rows_destroy(swale_rows *rows) {
  if (!rows) return;
  swl_feed_close(rows->feed);
  swl_arena_destroy(rows->arena);
}

swale_status swale_rows_next(swale_rows *rows, size_t *count) {
  size_t found = 0;
  rows->before += rows->count;
  rows->count = 0;
  SWL_TRY(swl_feed_next(rows->feed, &found));
  const swl_predictions to = {rows->outputs, rows->values, rows->labels};
  SWL_TRY(swl_predict_seen(rows->predictor, rows->before, found, swl_feed_inputs(rows->feed), &to));
  rows->count = *count = found;
  return SWALE_OK;
}

const float *swale_rows_outputs(const swale_rows *rows) { return rows->outputs; }
const double *swale_rows_values(const swale_rows *rows) { return rows->values; }
const uint32_t *swale_rows_labels(const swale_rows *rows) { return rows->labels; }
size_t swale_rows_keeps(const swale_rows *rows) { return swl_feed_keeps(rows->feed); }
const char *swale_rows_kept_name(const swale_rows *rows, size_t k) { return swl_feed_kept_name(rows->feed, k); }
const char *swale_rows_kept(const swale_rows *rows, size_t row, size_t k) { return swl_feed_kept(rows->feed, row, k); }
