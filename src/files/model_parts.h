/* model_parts.h - what writing a model (model_write.c) and reading one (model_read.c, model_texts.c) have in common. */
#ifndef SWL_FILES_MODEL_PARTS_H
#define SWL_FILES_MODEL_PARTS_H

#include "files/model_file.h"
#include "files/safetensors.h"

#include <jansson.h>
#include <stdio.h>

#define SWL_MODEL_FORMAT "swale-model 2"
#define SWL_MODEL_FORMAT_OLD "swale-model 1"

/* Of an index: whether the loss classifies. */
static const char *const swl_model_tasks[2] = {"regress", "classify"};
static const char *const swl_model_input_pair[2] = {"standardize.shift", "standardize.scale"};
static const char *const swl_model_target_pair[2] = {"standardize.target_shift", "standardize.target_scale"};

static inline void swl_model_layer_name(char name[SWL_TENSOR_NAME_MAX], size_t layer, const char *part) {
  snprintf(name, SWL_TENSOR_NAME_MAX, "layers.%zu.%s", layer, part);
}

/* The index of the first value that is not finite; `count` if all are. */
size_t swl_model_first_bad(const swl_tensor *tensor, size_t count);

typedef struct swl_model_reader {
  swale_context *context;
  swl_arena *arena;
  const char *path;
  swl_safetensors file;
} swl_model_reader;

/* The text of that key, "" without: SWALE_ERROR_FORMAT if it is not plain. */
SWALE_NODISCARD swale_status swl_model_read_word(const swl_model_reader *reader, const char *key, const char **word);

/* Classes, target, columns and image of the metadata into the schema, whose inputs and outputs are known. */
SWALE_NODISCARD swale_status swl_model_read_texts(const swl_model_reader *reader, swl_schema *schema);

#endif
