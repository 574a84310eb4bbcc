/* checksum.c - see checksum.h. */
#include "data/checksum.h"

#include "data/dataset.h"

#include <zlib.h>

uint32_t swl_checksum(uint32_t before, const void *bytes, size_t count) {
  return (uint32_t)crc32_z(before, bytes, count);
}

uint32_t swl_dataset_checksum(uint32_t before, const swl_dataset *dataset, swl_split split, size_t examples) {
  const swl_table *table = &dataset->split[split];
  const uint64_t shape[3] = {table->count, dataset->schema.inputs, dataset->schema.outputs};
  const size_t step = examples > 0 ? table->count / examples + 1 : 1;
  uint32_t sum = swl_checksum(before, shape, sizeof shape);
  if (table->labels) sum = swl_checksum(sum, table->labels, table->count * sizeof *table->labels);
  if (table->targets) sum = swl_checksum(sum, table->targets, table->count * dataset->schema.outputs * sizeof(float));
  if (table->weights) sum = swl_checksum(sum, table->weights, table->count * sizeof *table->weights);
  for (size_t i = 0; i < table->count; i += step) {
    sum = swl_checksum(sum, table->inputs + i * dataset->schema.inputs, dataset->schema.inputs * sizeof(float));
  }
  return sum;
}
