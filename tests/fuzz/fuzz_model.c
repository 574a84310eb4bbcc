/* fuzz_model.c - a safetensors file, read as such and as a model. */
#include "fuzz.h"

#include "files/model.h"
#include "files/safetensors.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  fuzz_write("model.safetensors", bytes, count);
  char path[FUZZ_PATH_MAX];
  fuzz_path("model.safetensors", path);

  swale_context *context = NULL;
  swl_arena *arena = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) return 0;
  if (swl_arena_create(context, &arena) == SWALE_OK) {
    swl_safetensors file = {0};
    if (swl_safetensors_read(context, arena, path, &file) == SWALE_OK) {
      for (size_t i = 0; i < file.tensor_count; i++) {
        fuzz_require(swl_safetensors_find(&file, file.tensors[i].name) != NULL, "every tensor is found by its name");
      }
    }
    swl_model model = {0};
    if (swl_model_read(context, arena, path, &model) == SWALE_OK) {
      for (size_t i = 0; i < model.network.dim; i++) fuzz_require(isfinite(model.x[i]), "every parameter is finite");
      for (size_t i = 0; model.target_scale && i < model.network.outputs; i++) {
        fuzz_require(isfinite(model.target_shift[i]) && model.target_scale[i] > 0, "a prediction can be scaled back");
      }
    } else {
      fuzz_require(*swale_context_message(context) != 0, "a failure has its sentence");
    }
  }
  swl_arena_destroy(arena);
  swale_context_destroy(context);
  return 0;
}
