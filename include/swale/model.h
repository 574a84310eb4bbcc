/* model.h - use a trained model: what it is, and what it predicts for rows in memory or of a source. */
#ifndef SWALE_MODEL_H
#define SWALE_MODEL_H

#include <swale/options.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A model is read once and never changes: any number of threads may look at it and predict with it at the same time. */
typedef struct swale_model swale_model;

/* `path` is a model.safetensors file, or a run folder that holds one. It is read with suspicion: errors name the file and
 * what is wrong with it. */
SWALE_API SWALE_NODISCARD swale_status swale_model_open(swale_context *context, const char *path, swale_model **model);
SWALE_API void swale_model_destroy(swale_model *model); /* NULL is legal; after its predictors */

/* All strings are the model's. */
SWALE_API const char *swale_model_path(const swale_model *model);       /* of the file */
SWALE_API const char *swale_model_spec(const swale_model *model);       /* "mlp:4-256-3" */
SWALE_API const char *swale_model_activation(const swale_model *model); /* "relu" */
SWALE_API const char *swale_model_loss(const swale_model *model);       /* that it was trained by: "cross-entropy" */
SWALE_API const char *swale_model_version(const swale_model *model); /* of the library that wrote it; "" if not known */
SWALE_API int swale_model_classifies(const swale_model *model);      /* 1, or 0: it predicts numbers */
SWALE_API size_t swale_model_height(const swale_model *model);       /* 0 unless the examples are images */
SWALE_API size_t swale_model_width(const swale_model *model);

/* A row of the data has one number per feature, in the units of the data (of images: bytes / 255):
 *   - a number. NaN is a missing one: it becomes the fill, where the model has one, and is an error where not;
 *   - of a text feature the place of its value among its values, 0 .. swale_model_value_count - 1. NaN is a missing one: it is
 *     the value "", where the model knows that. */
SWALE_API size_t swale_model_features(const swale_model *model);
/* NULL where features go by position: images, arrays without names, models of version 0.1.0. */
SWALE_API const char *swale_model_feature_name(const swale_model *model, size_t feature);
/* 0: the feature is a number. */
SWALE_API size_t swale_model_value_count(const swale_model *model, size_t feature);
SWALE_API const char *swale_model_value(const swale_model *model, size_t feature, size_t value);
/* What a missing number becomes; NaN: it is an error. */
SWALE_API double swale_model_fill(const swale_model *model, size_t feature);

SWALE_API const char *swale_model_target(const swale_model *model); /* name of what is predicted; NULL if not known */
SWALE_API size_t swale_model_outputs(const swale_model *model);     /* classes, or numbers predicted of each row */
/* NULL if it is not known, as in regression. */
SWALE_API const char *swale_model_class_name(const swale_model *model, size_t label);
/* 1 if the outputs are log-probabilities (up to a constant); 0: trained by zero-one loss, only the largest one counts. */
SWALE_API int swale_model_has_probabilities(const swale_model *model);

/* The parameters, in the order of the layers, named and shaped as in PyTorch: "layers.0.weight" (outputs × inputs),
 * "layers.0.bias" (outputs × 1), … */
typedef struct swale_array {
  const char *name;
  size_t rows, columns;
  const float *values; /* rows × columns */
} swale_array;
SWALE_API size_t swale_model_array_count(const swale_model *model);
SWALE_API swale_array swale_model_array(const swale_model *model, size_t index); /* index < swale_model_array_count */

/* What one thread predicts with: memory for 512 rows at a time in each of `threads` workers (1: the caller alone). Give every
 * thread of your own a context and a predictor of its own; the model may be of another context. */
typedef struct swale_predictor swale_predictor;
SWALE_API SWALE_NODISCARD swale_status swale_predictor_create(swale_context *context, const swale_model *model,
                                                              size_t threads, swale_predictor **predictor);
SWALE_API void swale_predictor_destroy(swale_predictor *predictor); /* NULL is legal */

/* Predict `count` rows (count × features, as above). Each of the three may be NULL:
 *   outputs  count × outputs, as the network puts them out;
 *   values   count × outputs: probabilities of the classes (NaN without), or the numbers predicted, in the units of the data;
 *   labels   count: the class of the largest output, of equal ones the first (regression: untouched).
 * A wrong cell is SWALE_ERROR_USAGE: the sentence names row and feature, and the three are untouched. Outputs that are not
 * finite are SWALE_ERROR_NUMERIC: then the three hold no result. Allocates nothing.
 *
 * Same rows, same bytes, for every number of threads. In which block of 512 a row is may change its last bits; rows from the
 * first of a source on give what swale evaluate sees. */
SWALE_API SWALE_NODISCARD swale_status swale_predict(swale_predictor *predictor, size_t count, const double *rows,
                                                     float *outputs, double *values, uint32_t *labels);
/* The same for rows of floats. */
SWALE_API SWALE_NODISCARD swale_status swale_predict_floats(swale_predictor *predictor, size_t count, const float *rows,
                                                            float *outputs, double *values, uint32_t *labels);

/* The rows of a source, one block after another, and what the model says about them, in constant memory (images: that of
 * their file). The options say which: data (csv:FILE, csv:- is standard input, idx:DIR, mnist, digits), separator, header, and
 * of images split (training or test). Columns are found by their names, in any order; others are left alone, the target need
 * not be there. keep: columns whose texts are handed on, "id,name"; NULL or "": none. Errors name the file and the line. */
typedef struct swale_rows swale_rows;
SWALE_API SWALE_NODISCARD swale_status swale_rows_open(const swale_options *options, swale_predictor *predictor,
                                                       const char *keep, swale_rows **rows);
SWALE_API void swale_rows_destroy(swale_rows *rows); /* NULL is legal; before its predictor */
/* The next block of at most 512 rows; *count = 0 at the end. What the block before handed out is gone. */
SWALE_API SWALE_NODISCARD swale_status swale_rows_next(swale_rows *rows, size_t *count);
/* Of the rows of the block, as swale_predict gives them. */
SWALE_API const float *swale_rows_outputs(const swale_rows *rows);
SWALE_API const double *swale_rows_values(const swale_rows *rows);
SWALE_API const uint32_t *swale_rows_labels(const swale_rows *rows);
SWALE_API size_t swale_rows_keeps(const swale_rows *rows); /* columns that are kept */
SWALE_API const char *swale_rows_kept_name(const swale_rows *rows, size_t k);
SWALE_API const char *swale_rows_kept(const swale_rows *rows, size_t row, size_t k); /* row of the block */

/* Write the file `path` by a function: beside it, then renamed, so that a failure (of `write` too, whose status is returned)
 * leaves what was there. */
typedef swale_status (*swale_write_fn)(void *user, FILE *stream);
SWALE_API SWALE_NODISCARD swale_status swale_save(swale_context *context, const char *path, swale_write_fn write,
                                                  void *user);

#ifdef __cplusplus
}
#endif
#endif
