/* onednn.h - oneDNN as an implementation of the matrix product. */
#ifndef SWL_NUMERIC_ONEDNN_H
#define SWL_NUMERIC_ONEDNN_H

#include "numeric/numeric.h"

extern const swl_kernels swl_kernels_onednn;

/* Its version and the instruction set that it uses. */
void swl_onednn_set(char *text, size_t bytes);

#endif
