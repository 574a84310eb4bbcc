/* data.h - look at data, and write it in a format that others read. */
#ifndef SWALE_DATA_H
#define SWALE_DATA_H

#include <swale/options.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swale_data swale_data;

/* Load what the options of the group `data` describe; the inputs are as
 * they are in the source (images: 0 to 1), not standardized. */
SWALE_API SWALE_NODISCARD swale_status swale_data_load(const swale_options *options, swale_data **data);
SWALE_API void swale_data_destroy(swale_data *data); /* NULL is legal */

/* Examples in memory. Numbers are finite, in whatever units. */
typedef struct swale_arrays {
  size_t count, features;
  const double *rows;             /* count × features */
  const uint32_t *labels;         /* classification: count, each < classes; NULL: regression */
  size_t classes;                 /* 2 to 4096 */
  const double *targets;          /* regression: count × outputs; NULL: classification */
  size_t outputs;                 /* numbers to predict of each example */
  const double *weights;          /* of each example's loss: count, 0 or more; NULL: all the same */
  const char *const *names;       /* of the features; NULL: by position */
  const char *const *class_names; /* NULL: their numbers */
  const char *target;             /* name of what is predicted; NULL: none */
} swale_arrays;

/* A data set of arrays, which are copied; cut into training, validation and test examples as the options `validation`, `test`,
 * `limit` and `seed` say. swale_run_create_with (run.h) trains on it. SWALE_ERROR_USAGE says what is wrong with the arrays. */
SWALE_API SWALE_NODISCARD swale_status swale_data_create(const swale_options *options, const swale_arrays *arrays,
                                                         swale_data **data);

typedef enum swale_split { SWALE_SPLIT_TRAIN, SWALE_SPLIT_VALIDATION, SWALE_SPLIT_TEST } swale_split;

SWALE_API size_t swale_data_count(const swale_data *data, swale_split split);
SWALE_API size_t swale_data_features(const swale_data *data);
SWALE_API size_t swale_data_outputs(const swale_data *data); /* classes, or numbers to predict */
SWALE_API int swale_data_classifies(const swale_data *data);
SWALE_API size_t swale_data_height(const swale_data *data); /* 0 unless the examples are images */
SWALE_API size_t swale_data_width(const swale_data *data);
SWALE_API const char *swale_data_class_name(const swale_data *data, size_t label); /* NULL if there is none */

/* Columns of the features of a table, in its order; 0 where they have no names. Of each its name, and how many different texts
 * it holds, which are an input each; 0: numbers, one input. */
SWALE_API size_t swale_data_columns(const swale_data *data);
SWALE_API const char *swale_data_column_name(const swale_data *data, size_t column);
SWALE_API size_t swale_data_column_texts(const swale_data *data, size_t column);

/* Inputs (features) of one example; its label, or the first number to predict, in *target. */
SWALE_API const float *swale_data_example(const swale_data *data, swale_split split, size_t index, double *target);

/* Why task = auto took the data for a classification, or not; NULL where the task was given, or the data are images. */
SWALE_API const char *swale_data_reason(const swale_data *data);

/* Write which row belongs to which split, as the option split-file reads it; refuses to overwrite. */
SWALE_API SWALE_NODISCARD swale_status swale_data_write_split(const swale_data *data, const char *path);

/* Write images as the four IDX files into an existing folder; refuses to overwrite. */
SWALE_API SWALE_NODISCARD swale_status swale_data_write_idx(const swale_data *data, const char *folder);

#ifdef __cplusplus
}
#endif
#endif
