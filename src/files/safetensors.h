/* safetensors.h - named float tensors and text metadata in one file, as the safetensors format defines it.
 *
 * source: the safetensors format description (8-byte little-endian header length, JSON header, raw data).
 * Read with suspicion: every offset, shape, type and name is checked before a byte of data is believed.
 */
#ifndef SWL_FILES_SAFETENSORS_H
#define SWL_FILES_SAFETENSORS_H

#include "base/arena.h"

enum { SWL_TENSOR_NAME_MAX = 64, SWL_TENSOR_DIMENSIONS_MAX = 4 };

typedef struct swl_tensor {
  char name[SWL_TENSOR_NAME_MAX];
  size_t dimensions;
  size_t shape[SWL_TENSOR_DIMENSIONS_MAX];
  const float *data;  /* F32: product of shape values, row-major; NULL in F64 */
  const double *wide; /* F64: the same; NULL in F32 */
} swl_tensor;

typedef struct swl_metadata {
  const char *key, *value; /* metadata: text to text */
} swl_metadata;

/* Sealed: the metadata begins with "crc32", eight hexadecimal digits: the CRC-32 (data/checksum.h) of the whole file
 * with zeros (the digit 0) in their place. Atomically: beside, synced, renamed. Overwrites an existing file of that name
 * only by the rename. */
SWALE_NODISCARD swale_status swl_safetensors_write(swale_context *context, const char *path, const swl_tensor *tensors,
                                                   size_t tensor_count, const swl_metadata *metadata,
                                                   size_t metadata_count);

/* Is a sealed file what was written? SWALE_ERROR_FORMAT names the file and what is wrong. must: 0 if a file without a
 * seal is right, too. */
SWALE_NODISCARD swale_status swl_safetensors_check_seal(swale_context *context, const char *path, int must);

typedef struct swl_safetensors {
  size_t tensor_count;
  swl_tensor *tensors;
  size_t metadata_count;
  swl_metadata *metadata;
} swl_safetensors;

/* Read a whole file; tensors of F32 and F64 only, others are refused by name. All memory is the arena's. */
SWALE_NODISCARD swale_status swl_safetensors_read(swale_context *context, swl_arena *arena, const char *path,
                                                  swl_safetensors *file);

/* NULL if there is none of that type (F32; wide: F64). */
const swl_tensor *swl_safetensors_find_wide(const swl_safetensors *file, const char *name);
const swl_tensor *swl_safetensors_find(const swl_safetensors *file, const char *name);
const char *swl_safetensors_metadata(const swl_safetensors *file, const char *key);

#endif
