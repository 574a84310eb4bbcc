/* setup.h - what the data and model options mean: examples in memory, a network, its first parameters. */
#ifndef SWL_TRAIN_SETUP_H
#define SWL_TRAIN_SETUP_H

#include "data/arrays.h"
#include "data/dataset.h"
#include "files/model_file.h"
#include "options/options_parts.h"

enum { SWL_RECORD_MAX = 16384 }; /* bytes of a record as JSON: room for two texts, each byte escaped */

typedef struct swl_setup {
  const swl_arrays *arrays; /* examples in memory in place of the option data; NULL: none. Set before loading */
  swl_dataset dataset;      /* standardized */
  swl_network network;
  const float *x; /* network.dim: initial, or from the model file */
  int from_file;  /* 1: network, parameters and schema are those of a model file */
} swl_setup;

/* Load data and model, and check that they fit. `options` is resolved in place: model, activation and loss become what
 * they turned out to be. All memory is the arena's. */
SWALE_NODISCARD swale_status swl_setup_load(swl_arena *arena, swale_options *options, swl_setup *setup);

/* All but the data: the model file that the option model must name, and its schema. */
SWALE_NODISCARD swale_status swl_setup_model(swl_arena *arena, swale_options *options, swl_setup *setup,
                                             swl_schema *schema);

/* What the data options ask for; the texts are those of the options. */
SWALE_NODISCARD swale_status swl_setup_request(const swale_options *options, swl_dataset_request *request);

/* The data alone (arrays: NULL or as above), standardized as told, or as a model's schema says (NULL: none). */
SWALE_NODISCARD swale_status swl_setup_data(swl_arena *arena, const swale_options *options, const swl_arrays *arrays,
                                            swl_word standardize, const swl_schema *schema, swl_dataset *dataset);

#endif
