/* reference.h - the matrix product in plain loops. */
#ifndef SWL_NUMERIC_REFERENCE_H
#define SWL_NUMERIC_REFERENCE_H

#include "numeric/numeric.h"

extern const swl_kernels swl_kernels_reference;

#endif
