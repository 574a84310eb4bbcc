/* kernels.h - the implementations of the matrix product, for this room only. */
#ifndef SWL_NUMERIC_KERNELS_H
#define SWL_NUMERIC_KERNELS_H

#include "numeric/numeric.h"

extern const swl_kernels swl_kernels_onednn;
extern const swl_kernels swl_kernels_reference;

/* oneDNN's version and the instruction set that it uses. */
void swl_onednn_set(char *text, size_t bytes);

#endif
