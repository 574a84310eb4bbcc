/* measures.h - what people ask of a model on some examples, beside its loss. */
#ifndef SWL_TRAIN_MEASURES_H
#define SWL_TRAIN_MEASURES_H

#include "data/dataset.h"
#include "network/network.h"
#include "parallel/team.h"

#include <math.h>

typedef struct swl_class_measures {
  size_t support, answered; /* examples of the class, and those taken for it */
  double precision, recall, f1;
} swl_class_measures;

typedef struct swl_measures {
  uint32_t *confusion;          /* classes × classes: [label][answer]; NULL for regression */
  swl_class_measures *of_class; /* classes; NULL for regression */
  double precision, recall, f1; /* means over the classes that are labels or answers */
  double balanced_accuracy;     /* mean recall of the classes that are labels */
  double roc_auc;               /* of two classes, the second against the first */
  double rmse, mae;             /* in the units of the target; over all outputs. NaN: whatever is not known */
} swl_measures;

#define SWL_MEASURES_NONE ((swl_measures){NULL, NULL, NAN, NAN, NAN, NAN, NAN, NAN, NAN})

/* Of the network at x (dim) on the table's examples, none of them weighted; schema: units of the targets. Formulas in
 * measures.c. The same bytes for any number of threads. Memory of `arena`. */
SWALE_NODISCARD swale_status swl_measure(swl_arena *arena, swl_team *team, const swl_kernels *kernels,
                                         const swl_network *network, const swl_schema *schema, const float *x,
                                         const swl_table *table, swl_measures *measures);

#endif
