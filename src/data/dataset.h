/* dataset.h - examples in memory: float inputs, and labels or targets, cut into train, validation and test.
 *
 * Sources: "digits" (12000 synthetic training and 2000 test digits, digits.c) or "digits:COUNT" (COUNT and
 * max(COUNT / 5, 100)), "mnist" (IDX files in $SWALE_DATA/mnist or data/mnist), "idx:DIR" (the four standard file
 * names, plain or .gz), "csv:FILE" (header line, target column by name).
 */
#ifndef SWL_DATA_DATASET_H
#define SWL_DATA_DATASET_H

#include "data/schema.h"
#include "options/options_parts.h"

typedef enum swl_split { SWL_SPLIT_TRAIN, SWL_SPLIT_VALIDATION, SWL_SPLIT_TEST, SWL_SPLIT_COUNT } swl_split;

/* Auto: what the numbers to predict look like (csv_target.c). */

enum { SWL_CLASS_NAME_MAX = 64 };

/* One split, as a network sees it. Exactly one of labels (classification) and targets (count × outputs) is set. */
typedef struct swl_table {
  size_t count;
  float *inputs; /* count × inputs */
  uint32_t *labels;
  float *targets;
  uint32_t checksum; /* of the examples as they are in their source, in the order of the split */
  double *weights;   /* count, of each example's loss, mean 1 over the training examples; NULL: all 1 */
} swl_table;

typedef struct swl_dataset {
  swl_schema schema;
  swl_table split[SWL_SPLIT_COUNT];
  size_t rows;         /* examples of the source, those of its own test set apart */
  unsigned char *part; /* rows: the split that each belongs to, SWL_SPLIT_COUNT = none */
  const char *reason;  /* why task = auto took it for a classification, or not; NULL where the task was given */
} swl_dataset;

typedef struct swl_dataset_request {
  const char *source; /* see above */
  const char *target; /* CSV: name of the column to predict, "" or NULL = the model's, or the last one */
  swl_word separator; /* CSV: SWL_SEPARATOR_COMMA, _SEMICOLON, _TAB, _BAR; else found from the first line */
  swl_word header;    /* CSV: SWL_HEADER_TRUE, _FALSE (columns are then column1, column2, …); else true, but refused
                                 where the first line looks like data */
  const char *drop;   /* CSV: columns to leave out, "a,b"; "" or NULL = none */
  const char *weight; /* CSV: name of the column with the examples' weights; "" or NULL = none */
  const char *class_weights;               /* class_weights.h; "" or NULL: none */
  const char *split_file;                  /* split.h; "" or NULL: random parts */
  const char *validation_data, *test_data; /* sources whose examples are that part; "" or NULL: cut from `source` */
  int fill;             /* CSV: 1: missing numbers become the training mean, missing texts a value of their own;
                                 0: they are refused */
  swl_word task;        /* what the loss needs, SWL_TASK_CLASSIFY, _REGRESS, _AUTO. Of no effect with a schema */
  swl_word standardize; /* SWL_STANDARDIZE_NONE, _CENTER, _FULL; else auto: see below. Of no effect with a schema */
  const struct swl_arrays *arrays; /* examples in memory (arrays.h), in place of a source; NULL: none */
  const swl_schema *schema;        /* of a model that the examples are for; NULL: made from the training split */
  swl_split images;                /* which images a feed gives */
  double validation_fraction;      /* of the training part (0.1) */
  double test_fraction;            /* of all examples, for sources without a test set of their own (CSV) */
  uint64_t seed;                   /* of the split; the test set of digits, mnist and idx does not depend on it */
  size_t limit;                    /* at most this many training examples (before the validation cut), 0 = all */
} swl_dataset_request;

/* Load, cut and standardize. A fraction above 0 gives at least one example; fractions are in [0, 1). Training examples
 * are in the order of the split's permutation, so those of a smaller limit are the first of those of a larger one; a test
 * set of the source's own keeps its order. All memory is the arena's. Errors name the file, the line or the byte, and
 * what is allowed; a missing MNIST says where it was looked for and what to do.
 *
 * Standardizing uses numbers of the training split only. Inputs: "none"; "center" (subtract the mean of each); "full"
 * (also divide by its standard deviation, constant ones by 1); "auto" = center for images, full otherwise. Numbers to
 * predict: minus the mean of each output and divided by its standard deviation (constant ones by 1), unless "none". An
 * input or a target that would not stay finite is an error; one that varies in the file and no more as float is said. */
SWALE_NODISCARD swale_status swl_dataset_load(swale_context *context, swl_arena *arena,
                                              const swl_dataset_request *request, swl_dataset *dataset);

/* Checksum (checksum.h) of what `before` is the one of, followed by a split: its counts, all labels, targets and weights, and the inputs
 * of `examples` of them, spread evenly, or of all (0). */
uint32_t swl_dataset_checksum(uint32_t before, const swl_dataset *dataset, swl_split split, size_t examples);

/* What auto is, for images or tables; any other word as it is. */
swl_word swl_standardize_as(swl_word how, int images);

/* Write all examples as the four IDX files (train = train + validation) into an existing folder: all four, or none.
 * Refuses to overwrite any of them under any of their names. */
SWALE_NODISCARD swale_status swl_dataset_write_idx(swale_context *context, const swl_dataset *dataset,
                                                   const char *folder);

#endif
