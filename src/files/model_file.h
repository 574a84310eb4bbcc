/* model_file.h - a trained network, and what the columns of its data mean, as a file that PyTorch opens too.
 *
 * model.safetensors holds `standardize.shift` and `standardize.scale` (inputs) and, if the numbers to predict were
 * standardized, `standardize.target_shift` and `standardize.target_scale` (outputs), all in F64; then `layers.0.weight`
 * (m × n), `layers.0.bias` (m), … in F32, as torch.nn.Linear names and shapes them. Its metadata:
 *
 *   format      "swale-model 2"
 *   model       "mlp:4-256-3"; activation, loss: their names; task: "classify" or "regress"
 *   library     version that wrote it
 *   classes     JSON list of names, one per output; not of numbers to predict, and not where they have no names
 *   target      name of the column to predict, where there is one
 *   columns     JSON list, in the order of the inputs, where columns have names: {"name":"a"}, a number; with "fill":2.5
 *               what a missing one becomes; {"name":"b","values":["","x"]}, a text: one input per value, 1 where it is
 *   image       JSON list [height, width] of images
 *   options     JSON object, in a file of a run: the options that made the numbers, as texts; without names of files
 *
 * The network sees (float)((raw - shift) * scale), computed in double; what it predicts, in units of the data, is
 * output / target_scale + target_shift. Nothing depends on the time or the machine: same run, same bytes.
 *
 * "swale-model 1" of version 0.1.0 is read, too: no columns, target, task and image, and the standardization in F32.
 */
#ifndef SWL_FILES_MODEL_FILE_H
#define SWL_FILES_MODEL_FILE_H

#include "data/schema.h"
#include "network/network.h"
#include "options/used.h"

typedef struct swl_model {
  swl_network network;
  float *x; /* dim, in the layout of network.h */
  swl_schema schema;
  const swl_used *used; /* options of the run that made it: written, not read back; NULL: none are */
  const char *library;  /* version that wrote the file, "" if it does not say; not looked at when writing */
} swl_model;

enum { SWL_FINGERPRINT_MAX = 17 };
/* 16 hexadecimal digits that tell a network and its parameters x (dim) from others: FNV-1a, 64 bits, of the spec, the
 * names of activation and loss, and the bytes of x. For noticing a change, not against somebody who wants none noticed. */
void swl_model_fingerprint(const swl_network *network, const float *x, char text[SWL_FINGERPRINT_MAX]);

SWALE_NODISCARD swale_status swl_model_write(swale_context *context, const char *path, const swl_model *model);

/* The error names the missing or misshapen tensor, the non-finite number, or the text that is wrong. All memory is the
 * arena's. What a file does not say is as the network sees it: shift 0, scale 1. */
SWALE_NODISCARD swale_status swl_model_read(swale_context *context, swl_arena *arena, const char *path,
                                            swl_model *model);

#endif
