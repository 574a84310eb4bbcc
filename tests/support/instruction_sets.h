/* instruction_sets.h - the loops of every instruction set that this CPU has, by name. */
#ifndef SWL_TESTS_INSTRUCTION_SETS_H
#define SWL_TESTS_INSTRUCTION_SETS_H

#include "numeric/vector.h"

#include <string.h>

/* NULL if unknown, or not on this CPU. */
static inline const swl_vector_ops *instruction_set(const char *name) {
  for (size_t i = 0; swl_vector_at(i); i++) {
    if (strcmp(swl_vector_at(i)->name, name) == 0) return swl_vector_at(i);
  }
  return NULL;
}

#endif
