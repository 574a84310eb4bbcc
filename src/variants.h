/* variants.h - find a variant by name. */
#ifndef SWL_VARIANTS_H
#define SWL_VARIANTS_H

#include "optimizer/optimizer.h"
#include "sampler/sampler.h"

#include <swale/registry.h>

/* NULL, with the error recorded (the nearest name suggested, all names listed) unless context is NULL, if there is
 * none. */
const swl_regularizer_ops *swl_find_regularizer(swale_context *context, const char *name);
const swl_sampler_ops *swl_find_sampler(swale_context *context, const char *name);
const swl_noise_ops *swl_find_noise(swale_context *context, const char *name);
const swl_optimizer_ops *swl_find_optimizer(swale_context *context, const char *name);

#endif
