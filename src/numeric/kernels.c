/* kernels.c - the list of implementations of the matrix product; the first is the default. */
#include "numeric/numeric.h"
#include "numeric/onednn.h"
#include "numeric/reference.h"
#include "numeric/vector.h"

#include <stdio.h>
#include <string.h>

static const swl_kernels *const kernels_all[] = {&swl_kernels_onednn, &swl_kernels_reference, NULL};

const swl_kernels *const *swl_kernels_list(void) { return kernels_all; }

const swl_kernels *swl_kernels_find(const char *name) {
  for (const swl_kernels *const *kernels = swl_kernels_list(); *kernels; kernels++) {
    if (strcmp((*kernels)->name, name) == 0) return *kernels;
  }
  return NULL;
}

void swl_instruction_set(char *text, size_t bytes) {
  char set[64];
  swl_onednn_set(set, sizeof set);
  snprintf(text, bytes, "%s (%s)", swl_vector()->name, set);
}
