/* class_weights.h - how much the examples of each class count. */
#ifndef SWL_DATA_CLASS_WEIGHTS_H
#define SWL_DATA_CLASS_WEIGHTS_H

#include "data/dataset.h"

/* Weights of the classes (schema->outputs): `balanced`, n / (classes × n_k) of the n training labels, n_k of class k (1
 * where there is none); or "NAME:W,NAME:W", W >= 0, names with a comma, a colon or a quote in double quotes, and 1 for the
 * others. */
SWALE_NODISCARD swale_status swl_class_weights(swale_context *context, const char *text, const swl_schema *schema,
                                               const swl_table *train, double *weights);

#endif
