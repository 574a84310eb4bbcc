/* kernels.h - the implementations of the matrix product, for this room only. */
#ifndef SWL_NUMERIC_KERNELS_H
#define SWL_NUMERIC_KERNELS_H

#include "numeric/numeric.h"

extern const swl_kernels swl_kernels_onednn;
extern const swl_kernels swl_kernels_reference;

#endif
