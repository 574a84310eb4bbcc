/* source.h - what a reader hands to dataset_load.c: all of its examples, uncut, in temporary memory of the context. */
#ifndef SWL_DATA_SOURCE_H
#define SWL_DATA_SOURCE_H

#include "base/path.h"
#include "data/dataset.h"

/* Images of one origin (the training file, or the test file). Released with swl_images_release. */
typedef struct swl_images {
  size_t count, height, width;
  unsigned char *pixels; /* count × height × width, 0 = background */
  unsigned char *labels; /* count */
} swl_images;

void swl_images_release(swale_context *context, swl_images *images);

/* The images of digits, digits:COUNT, mnist or idx:DIR; what is neither these nor a table is refused. */
SWALE_NODISCARD swale_status swl_images_load(swale_context *context, const swl_dataset_request *request,
                                             swl_images *train, swl_images *test);

int swl_images_known(const char *source); /* 1 if it is one of these */

/* The path of csv:FILE, or NULL if the source is something else. */
const char *swl_csv_path(const char *source);

/* The four IDX files of a folder. Both outputs have the same height and width, and at least one image. */
SWALE_NODISCARD swale_status swl_idx_read(swale_context *context, const char *folder, swl_images *train,
                                          swl_images *test);

/* 1 if the folder holds at least one of the four files under any of their names. */
int swl_idx_present(const char *folder);

/* The four files, in this order; swl_idx_find looks for all spellings of one of them in a folder. */
typedef enum swl_idx_file {
  SWL_IDX_TRAIN_IMAGES,
  SWL_IDX_TRAIN_LABELS,
  SWL_IDX_TEST_IMAGES,
  SWL_IDX_TEST_LABELS,
  SWL_IDX_FILE_COUNT
} swl_idx_file;

extern const char *const swl_idx_names[SWL_IDX_FILE_COUNT]; /* "train-images-idx3-ubyte", … */

/* path = the first spelling of the file that is there; 0 if none is, or if the path is too long. */
int swl_idx_find(const char *folder, swl_idx_file which, char path[SWL_PATH_MAX]);

/* Synthetic digits number 0 .. count-1 of a split (train or test): a pure function of (split, number). */
enum { SWL_DIGITS_SIDE = 28, SWL_DIGITS_COUNT_MAX = 1000000 };
SWALE_NODISCARD swale_status swl_digits_make(swale_context *context, swl_split split, size_t count, swl_images *images);

/* Examples of one origin as numbers that are not standardized yet: pixels of images, or cells of a table. */
typedef struct swl_raw {
  size_t count;
  const unsigned char *pixels, *bytes; /* of images: count × inputs, and labels (count); or NULL */
  double *cells;                       /* of a table: count × features (schema.h); or NULL */
  uint32_t *labels;                    /* of a table: count, or NULL */
  double *targets;                     /* of a table: count × outputs, or NULL */
  double *weights;                     /* of a table: count, or NULL */
} swl_raw;

/* All rows of a CSV file, in their order. The request has a schema, which is then only read; or columns, target and classes
 * of `schema` are made of the file, with memory of the arena; *reason is then why it is a classification, or none, a text of
 * the arena. What *raw holds is released with swl_raw_release. */
SWALE_NODISCARD swale_status swl_csv_read(swale_context *context, swl_arena *arena, const char *path,
                                          const swl_dataset_request *request, swl_schema *schema, const char **reason,
                                          swl_raw *raw);
void swl_raw_release(swale_context *context, swl_raw *raw); /* of a table */

/* Raw inputs (schema->inputs) of one example. */
void swl_raw_inputs(const swl_raw *raw, const swl_schema *schema, size_t row, double *inputs);

/* Shift and scale of the schema, inputs and targets, from the examples order[0 .. count-1], which count as much as their
 * weights (count, sum > 0; NULL: all alike) say (shapes and memory: the arena's). */
SWALE_NODISCARD swale_status swl_standardize(swale_context *context, swl_arena *arena, swl_word how, const swl_raw *raw,
                                             const uint32_t *order, const double *weights, size_t count,
                                             swl_schema *schema);

#endif
