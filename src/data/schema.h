/* schema.h - what the columns of a source mean: to a dataset, to a feed, and to a model, which keeps exactly this. */
#ifndef SWL_DATA_SCHEMA_H
#define SWL_DATA_SCHEMA_H

#include "base/arena.h"

enum { SWL_CLASSES_MAX = 4096 };

typedef enum swl_column_kind { SWL_COLUMN_NUMBER, SWL_COLUMN_TEXT } swl_column_kind;

typedef struct swl_column {
  const char *name; /* UTF-8 */
  swl_column_kind kind;
  double fill;         /* number: what a missing value becomes; NaN: a missing value is refused */
  size_t value_count;  /* text: its values, in order, one input each (one-hot); "" is the value of missing fields */
  const char **values; /* value_count */
} swl_column;

typedef struct swl_schema {
  size_t columns;        /* of features; 0 for sources without names (images, arrays): then by position */
  swl_column *column;    /* columns */
  size_t inputs;         /* what the network sees: one per number, value_count per text column */
  double *shift, *scale; /* inputs each: the network sees (float)((raw - shift) * scale); text: raw is 0 or 1 */
  const char *target;    /* name of the column to predict; NULL where the source has none */
  int classification;
  size_t outputs;                      /* classes, or numbers to predict */
  const char **classes;                /* outputs names; NULL for regression, and where they are not known */
  double *target_shift, *target_scale; /* outputs each (regression, standardized); NULL: as they are.
                                          prediction = output / target_scale + target_shift */
  size_t height, width;                /* of images, else 0; raw inputs of images are byte / 255 */
} swl_schema;

/* A copy whose memory is all the arena's. */
SWALE_NODISCARD swale_status swl_schema_copy(swl_arena *arena, const swl_schema *schema, swl_schema *copy);

/* Cells of an example: its columns, or its inputs where they have no names. */
static inline size_t swl_schema_cells(const swl_schema *schema) {
  return schema->columns ? schema->columns : schema->inputs;
}

/* cells (swl_schema_cells: a number, or the place of a text among its values; NaN: a missing number) become raw inputs (inputs). */
void swl_schema_expand(const swl_schema *schema, const double *cells, double *raw);

/* raw inputs as the network sees them (inputs each). 0 if one of them is no finite float. */
int swl_schema_see(const swl_schema *schema, const double *raw, float *seen);

/* Numbers to predict (outputs each) as the loss sees them. 0 if one of them is no finite float. */
int swl_schema_aim(const swl_schema *schema, const double *raw, float *seen);

#endif
