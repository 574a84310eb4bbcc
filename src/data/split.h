/* split.h - which example is for training, validation or the test? */
#ifndef SWL_DATA_SPLIT_H
#define SWL_DATA_SPLIT_H

#include "data/dataset.h"

/* What is cut: rows order[first[s] .. first[s] + count[s] - 1] are those of split s; a part that is not cut is empty. */
typedef struct swl_parts {
  uint32_t *order; /* released with swl_parts_release */
  size_t first[SWL_SPLIT_COUNT], count[SWL_SPLIT_COUNT];
} swl_parts;

/* Random parts of `rows` examples, as the request's seed, fractions and limit say. labels (rows, each below classes; NULL:
 * there are none): each part has about the same share of every class, and at least one example of each that has as many as
 * there are parts. test, validation: 1 if that part is cut from these examples. */
SWALE_NODISCARD swale_status swl_split_cut(swale_context *context, const swl_dataset_request *request, size_t rows,
                                           const uint32_t *labels, size_t classes, int test, int validation,
                                           swl_parts *parts);

/* The parts that the file request->split_file says: a CSV file with the columns row (from 1) and split (training,
 * validation, test). Rows that it does not name belong to none; the order is that of the file. */
SWALE_NODISCARD swale_status swl_split_read(swale_context *context, const swl_dataset_request *request, size_t rows,
                                            swl_parts *parts);

void swl_parts_release(swale_context *context, swl_parts *parts);

extern const char *const swl_split_names[SWL_SPLIT_COUNT]; /* training, validation, test */

#endif
