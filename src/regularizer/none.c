/* none.c - no regularizer: the loss itself, minimized with the gradient that backpropagation gives. The baseline. */
#include "regularizer/regularizer.h"

const swl_regularizer_ops swl_regularizer_none = {
    .head = {"none", "the loss itself, by backpropagation: the baseline", "Rumelhart, Hinton, Williams 1986"},
};
