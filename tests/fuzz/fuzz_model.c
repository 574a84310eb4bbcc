/* fuzz_model.c - a safetensors file, read as such and as a model. */
#include "fuzz.h"

#include "files/model_file.h"
#include "files/safetensors.h"

#include <math.h>

static void check_texts(size_t count, const char *const *texts) {
  for (size_t k = 0; k < count; k++) {
    for (const char *byte = texts[k]; *byte; byte++) {
      const int line = *byte == '\t' || *byte == '\n' || *byte == '\r';
      fuzz_require(line || ((unsigned char)*byte >= 0x20 && *byte != 0x7f), "every text is plain");
    }
  }
}

static void check_schema(const swl_schema *schema) {
  size_t inputs = 0;
  for (size_t i = 0; i < schema->columns; i++) {
    const swl_column *column = &schema->column[i];
    check_texts(1, &column->name);
    check_texts(column->value_count, column->values);
    fuzz_require(column->kind == SWL_COLUMN_TEXT || isnan(column->fill) || isfinite(column->fill),
                 "a fill is a number");
    inputs += column->kind == SWL_COLUMN_TEXT ? column->value_count : 1;
  }
  fuzz_require(schema->columns == 0 || inputs == schema->inputs, "columns make the inputs");
  for (size_t i = 0; i < schema->inputs; i++) {
    fuzz_require(isfinite(schema->shift[i]) && isfinite(schema->scale[i]), "inputs can be standardized");
  }
  for (size_t i = 0; schema->target_scale && i < schema->outputs; i++) {
    fuzz_require(isfinite(schema->target_shift[i]) && schema->target_scale[i] > 0, "a prediction can be scaled back");
  }
  if (schema->classes) check_texts(schema->outputs, schema->classes);
  if (schema->target) check_texts(1, &schema->target);
  fuzz_require(!schema->height || schema->height * schema->width == schema->inputs, "an image has all inputs");
}

static void check_model(const swl_model *model) {
  for (size_t i = 0; i < model->network.dim; i++) fuzz_require(isfinite(model->x[i]), "every parameter is finite");
  fuzz_require(model->schema.inputs == model->network.inputs && model->schema.outputs == model->network.outputs,
               "the schema is the network's");
  check_schema(&model->schema);
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
    const char *name = file.tensors[i].name;
    fuzz_require(swl_safetensors_find(&file, name) || swl_safetensors_find_wide(&file, name),
                 "every tensor is found by its name");
  }
  const int accepted = swl_model_read(fuzz_context(), arena, path, &model) == SWALE_OK;
  fuzz_require(whole || !accepted, "a model is a safetensors file");
  if (accepted) check_model(&model);
  fuzz_end(arena, accepted);
  return 0;
}
