/* activation.h - what a unit makes of its input. */
#ifndef SWL_NETWORK_ACTIVATION_H
#define SWL_NETWORK_ACTIVATION_H

#include "numeric/bend.h"

#include <stddef.h>

/* An activation y = g(u) of `count` values; y may be u. backward NULL: no derivative (sign), so no backpropagation.
 * backward reads u where needs_u is 1 and y where it is 0; the other may be NULL. */
typedef struct swl_activation {
  const char *name;
  const char *brief;
  double gain; /* of the initialization: weights have variance gain² / inputs; sources in initialize.c */
  int needs_u;
  swl_bend bend; /* what the loops over draws make of it themselves (numeric/columns.h) */
  void (*forward)(size_t count, const float *u, float *y);
  void (*backward)(size_t count, const float *u, const float *y, float *delta); /* delta *= dy/du; NULL if none */
} swl_activation;

const swl_activation *const *swl_activations(void); /* NULL-terminated */

#endif
