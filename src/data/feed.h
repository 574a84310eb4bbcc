/* feed.h - rows of a source, one block after another, as a model sees them, in constant memory (images: that of their
 * file). */
#ifndef SWL_DATA_FEED_H
#define SWL_DATA_FEED_H

#include "data/dataset.h"

typedef struct swl_feed swl_feed;

enum { SWL_FEED_ROWS = 512 };

/* request: source (also "csv:-", the standard input), separator, header, and of images which split (request->images); the
 * target may be absent. schema: of the model, copied. keep: columns whose text is handed on, "a,b"; "" or NULL = none. The
 * first block is not read yet. */
SWALE_NODISCARD swale_status swl_feed_open(swale_context *context, const swl_dataset_request *request,
                                           const swl_schema *schema, const char *keep, swl_feed **feed);

/* Read the next block of at most SWL_FEED_ROWS rows; *count = 0 at the end. What was handed out before is gone. */
SWALE_NODISCARD swale_status swl_feed_next(swl_feed *feed, size_t *count);

const float *swl_feed_inputs(const swl_feed *feed); /* count × schema.inputs */

size_t swl_feed_keeps(const swl_feed *feed); /* columns that are kept */
const char *swl_feed_kept_name(const swl_feed *feed, size_t k);
const char *swl_feed_kept(const swl_feed *feed, size_t row, size_t k); /* text of the k-th, of a row of the block */

void swl_feed_close(swl_feed *feed); /* NULL is legal */

#endif
