/* variant.h - what every variant says of itself: the head of each table of functions that src/registry.c lists. */
#ifndef SWL_BASE_VARIANT_H
#define SWL_BASE_VARIANT_H

#include <swale/registry.h>

/* Embedded first, as `head`, in the ops of regularizers, samplers, noises and optimizers. */
typedef struct swale_variant {
  const char *name;   /* as the option has it */
  const char *brief;  /* one line */
  const char *source; /* the paper */
} swl_variant_head;

#endif
