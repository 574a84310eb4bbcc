/* arrays.h - examples that a program holds in memory, as a source of a dataset. */
#ifndef SWL_DATA_ARRAYS_H
#define SWL_DATA_ARRAYS_H

#include <swale/data.h>

#include "data/schema.h"

#define SWL_ARRAYS_SOURCE "arrays" /* the value of the option `data` */

typedef struct swl_arrays {
  swl_schema schema; /* without shift and scale */
  size_t count;
  double *cells;    /* count × inputs */
  uint32_t *labels; /* classification: count, else NULL */
  double *targets;  /* regression: count × outputs, else NULL */
  double *weights;  /* count, or NULL */
} swl_arrays;

/* Check and copy; all memory is the arena's. SWALE_ERROR_USAGE names the number, label or name that is wrong. */
SWALE_NODISCARD swale_status swl_arrays_copy(swale_context *context, swl_arena *arena, const swale_arrays *from,
                                             swl_arrays *arrays);

/* Are they what is to be predicted (classes or numbers), and of the schema of a model, where there is one (else NULL)? */
SWALE_NODISCARD swale_status swl_arrays_fit(swale_context *context, const swl_arrays *arrays, int classify,
                                            const swl_schema *model);

#endif
