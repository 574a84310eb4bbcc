/* raw_inputs.c - what are the raw inputs of an example? (declared in source.h) */
#include "data/source.h"

void swl_raw_inputs(const swl_raw *raw, const swl_schema *schema, size_t row, double *inputs) {
  if (raw->cells) {
    swl_schema_expand(schema, raw->cells + row * swl_schema_cells(schema), inputs);
    return;
  }
  const unsigned char *pixels = raw->pixels + row * schema->inputs;
  for (size_t j = 0; j < schema->inputs; j++) inputs[j] = pixels[j] / 255.0;
}
