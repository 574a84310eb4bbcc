/* resolve.h - settings in which nothing is automatic any more. */
#ifndef SWL_TRAIN_RESOLVE_H
#define SWL_TRAIN_RESOLVE_H

#include "options/options_parts.h"

enum { SWL_RESOLVE_BATCH = 100, SWL_RESOLVE_EPOCHS = 20 }; /* auto, of sets that are not small (plan.c) */

/* A copy of the settings in which nothing is automatic any more except beta = auto:F. Checks every option, that the
 * variants exist and that they go together. layers: the loss is that of a network of dense layers. */
SWALE_NODISCARD swale_status swl_settings_resolve(swale_context *context, const swale_options *options, int layers,
                                                  swl_settings *settings);

/* 1 if the method asks for gradients of the loss; 0 if it is gradient-free. The variants must exist. */
int swl_needs_gradients(const swl_settings *settings);

#endif
