/* model.h - a trained network as a file that PyTorch opens too.
 *
 * model.safetensors holds `layers.0.weight` (m × n), `layers.0.bias` (m), … as torch.nn.Linear names and shapes them,
 * `standardize.shift` and `standardize.scale` (features) if the inputs were standardized, `standardize.target_shift` and
 * `standardize.target_scale` (outputs, scale above 0) if the numbers to predict were, and the metadata `format`
 * ("swale-model 1"), `model` ("mlp:784-256-10"), `activation`, `loss`, `classes` (JSON list of names),
 * `library` (version). Nothing in it depends on the time or the machine: same run, same bytes.
 *
 * The network sees (raw - shift) * scale; what it predicts, in units of the data, is output / target_scale +
 * target_shift. Without the tensors nothing was shifted or scaled.
 */
#ifndef SWL_FILES_MODEL_H
#define SWL_FILES_MODEL_H

#include "data/schema.h"
#include "network/network.h"

typedef struct swl_model {
  swl_network network;
  float *x;          /* dim, in the layout of network.h */
  swl_schema schema; /* shift and scale, and those of the target, may be NULL; a file of today has no columns */
} swl_model;

enum { SWL_FINGERPRINT_MAX = 17 };
/* 16 hexadecimal digits that tell a network and its parameters x (dim) from others: FNV-1a, 64 bits, of the spec, the
 * names of activation and loss, and the bytes of x. For noticing a change, not against somebody who wants none noticed. */
void swl_model_fingerprint(const swl_network *network, const float *x, char text[SWL_FINGERPRINT_MAX]);

SWALE_NODISCARD swale_status swl_model_write(swale_context *context, const char *path, const swl_model *model);

/* The error names the missing or misshapen tensor, or the non-finite parameter. All memory is the arena's. */
SWALE_NODISCARD swale_status swl_model_read(swale_context *context, swl_arena *arena, const char *path,
                                            swl_model *model);

#endif
