/* fuzz_model.c - a safetensors file, read as such and as a model. */
#include "fuzz.h"

#include "files/model.h"
#include "files/safetensors.h"

#include <math.h>

static void check_model(const swl_model *model) {
  for (size_t i = 0; i < model->network.dim; i++) fuzz_require(isfinite(model->x[i]), "every parameter is finite");
  for (size_t i = 0; model->schema.target_scale && i < model->network.outputs; i++) {
    fuzz_require(isfinite(model->schema.target_shift[i]) && model->schema.target_scale[i] > 0,
                 "a prediction can be scaled back");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char path[FUZZ_PATH_MAX];
  fuzz_path("model.safetensors", path);
  fuzz_write("model.safetensors", bytes, count);

  swl_arena *arena = fuzz_begin();
  swl_safetensors file = {0};
  swl_model model = {0};
  const int whole = swl_safetensors_read(fuzz_context(), arena, path, &file) == SWALE_OK;
  for (size_t i = 0; i < file.tensor_count; i++) {
    fuzz_require(swl_safetensors_find(&file, file.tensors[i].name) != NULL, "every tensor is found by its name");
  }
  const int accepted = swl_model_read(fuzz_context(), arena, path, &model) == SWALE_OK;
  fuzz_require(whole || !accepted, "a model is a safetensors file");
  if (accepted) check_model(&model);
  fuzz_end(arena, accepted);
  return 0;
}
