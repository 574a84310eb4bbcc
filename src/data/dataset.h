/* dataset.h - examples in memory: float inputs, and labels or targets, cut into train, validation and test.
 *
 * Sources: "digits" (12000 synthetic training and 2000 test digits, digits.c) or "digits:COUNT" (COUNT and
 * max(COUNT / 5, 100)), "mnist" (IDX files in $SWALE_DATA/mnist or data/mnist), "idx:DIR" (the four standard file
 * names, plain or .gz), "csv:FILE" (header line, target column by name).
 */
#ifndef SWL_DATA_DATASET_H
#define SWL_DATA_DATASET_H

#include "base/arena.h"

typedef enum swl_split { SWL_SPLIT_TRAIN, SWL_SPLIT_VALIDATION, SWL_SPLIT_TEST, SWL_SPLIT_COUNT } swl_split;

enum { SWL_CLASS_NAME_MAX = 64, SWL_CLASSES_MAX = 4096 };

/* One split. Exactly one of labels (classification) and targets (count × outputs) is set. */
typedef struct swl_table {
  size_t count;
  float *inputs; /* count × features */
  uint32_t *labels;
  float *targets;
} swl_table;

typedef struct swl_dataset {
  size_t features;
  size_t outputs; /* classes, or numbers to predict (1 for CSV) */
  int classification;
  int images; /* 1: bytes of an image, scaled to [0, 1]; height × width = features */
  size_t height, width;
  char (*class_names)[SWL_CLASS_NAME_MAX]; /* outputs names, NULL for regression; "0".."9" for digits */
  swl_table split[SWL_SPLIT_COUNT];
  float *shift, *scale;               /* features each: inputs hold (raw - shift) * scale; NULL until standardized */
  float *target_shift, *target_scale; /* outputs each: targets hold (raw - target_shift) * target_scale, so that a
                                         prediction is output / target_scale + target_shift; NULL: targets are raw */
} swl_dataset;

typedef struct swl_dataset_request {
  const char *source;         /* see above */
  const char *target;         /* CSV: name of the target column, "" = the last column */
  int classification;         /* what the loss needs: labels, or numbers */
  double validation_fraction; /* of the training part (0.1) */
  double test_fraction;       /* of all examples, for sources without a test set of their own (CSV) */
  uint64_t seed;              /* of the split; the test set of digits, mnist and idx does not depend on it */
  size_t limit;               /* at most this many training examples (before the validation cut), 0 = all */
} swl_dataset_request;

/* Load and cut. A fraction above 0 gives at least one example; fractions are in [0, 1). Training examples are in the
 * order of the split's permutation, so those of a smaller limit are the first of those of a larger one; a test set of
 * the source's own keeps its order. All memory is the arena's. Errors name the file, the line or the byte, and what is
 * allowed; a missing MNIST says where it was looked for and what to do. */
SWALE_NODISCARD swale_status swl_dataset_load(swale_context *context, swl_arena *arena,
                                              const swl_dataset_request *request, swl_dataset *dataset);

/* Standardize the examples of all splits in place with numbers computed on the training split only.
 * Inputs: "none"; "center" (subtract the mean of each feature); "full" (also divide by its standard deviation, constant
 * features by 1); "auto" = center for images, full otherwise. Targets, if there are any: minus the mean of each output
 * and divided by its standard deviation (constant ones by 1), unless "none". Sets shift and scale ("none": to 0 and 1),
 * and target_shift and target_scale ("none", and labels: left NULL); a second time is an error, and so is an input or a
 * target that would not stay finite. */
SWALE_NODISCARD swale_status swl_dataset_standardize(swale_context *context, swl_arena *arena, const char *how,
                                                     swl_dataset *dataset);

/* The same with given numbers (those of a saved model): features values each, and outputs values each. A pair that is
 * NULL leaves inputs or targets as they are; target numbers need targets. */
SWALE_NODISCARD swale_status swl_dataset_apply(swale_context *context, swl_arena *arena, const float *shift,
                                               const float *scale, const float *target_shift, const float *target_scale,
                                               swl_dataset *dataset);

/* Write all examples as the four IDX files (train = train + validation) into an existing folder: all four, or none.
 * Refuses to overwrite any of them under any of their names. */
SWALE_NODISCARD swale_status swl_dataset_write_idx(swale_context *context, const swl_dataset *dataset,
                                                   const char *folder);

#endif
