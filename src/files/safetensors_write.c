/* safetensors_write.c - tensors and metadata to a safetensors file.
 *
 * The file: 8 bytes, the header's length n, little-endian; n bytes of JSON, {"__metadata__": {…}, NAME: {"dtype":
 * "F32" or "F64", "shape": […], "data_offsets": [begin, end]}, …}, padded with spaces so that the data is 8-byte aligned; the data, one
 * tensor after the other without holes, offsets relative to its begin. Keys come in the order given: same input, same
 * bytes.
 */
#include "files/json_text.h"
#include "files/output.h"
#include "files/safetensors.h"
#include "files/seal.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are written as they lie in memory");

static const void *safetensors_data(const swl_tensor *tensor) {
  return tensor->wide ? (const void *)tensor->wide : tensor->data;
}

/* The bytes of one tensor into *bytes; the error says what is wrong with it. */
static swale_status safetensors_check(swale_context *context, const swl_tensor *tensors, size_t index, size_t *bytes) {
  const swl_tensor *tensor = &tensors[index];
  const size_t length = strnlen(tensor->name, SWL_TENSOR_NAME_MAX);
  if (length == 0 || length == SWL_TENSOR_NAME_MAX || strcmp(tensor->name, "__metadata__") == 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "tensor %zu cannot be called '%.*s'", index, (int)length, tensor->name);
  }
  for (size_t other = 0; other < index; other++) {
    if (strcmp(tensors[other].name, tensor->name) != 0) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "there are two tensors called '%s'", tensor->name);
  }
  if (tensor->dimensions > SWL_TENSOR_DIMENSIONS_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE, "tensor '%s' has %zu dimensions; allowed are at most %d", tensor->name,
                    tensor->dimensions, SWL_TENSOR_DIMENSIONS_MAX);
  }
  *bytes = tensor->wide ? sizeof(double) : sizeof(float);
  for (size_t i = 0; i < tensor->dimensions; i++) {
    if (!__builtin_mul_overflow(*bytes, tensor->shape[i], bytes)) continue;
    return swl_fail(context, SWALE_ERROR_USAGE, "tensor '%s' has too many values to count", tensor->name);
  }
  return SWALE_OK;
}

static void safetensors_put_tensor(swl_json_text *json, const swl_tensor *tensor, size_t begin, size_t end) {
  swl_json_put_string(json, tensor->name);
  swl_json_put(json, tensor->wide ? ":{\"dtype\":\"F64\",\"shape\":[" : ":{\"dtype\":\"F32\",\"shape\":[");
  for (size_t i = 0; i < tensor->dimensions; i++) {
    if (i > 0) swl_json_put(json, ",");
    swl_json_put_integer(json, (int64_t)tensor->shape[i]);
  }
  swl_json_put(json, "],\"data_offsets\":[");
  swl_json_put_integer(json, (int64_t)begin);
  swl_json_put(json, ",");
  swl_json_put_integer(json, (int64_t)end);
  swl_json_put(json, "]}");
}

static swale_status safetensors_put_header(swale_context *context, swl_json_text *json, const swl_tensor *tensors,
                                           size_t tensor_count, const swl_metadata *metadata, size_t metadata_count) {
  size_t begin = 0;
  swl_json_put(json, SWL_SEAL_HEAD "00000000\"");
  for (size_t i = 0; i < metadata_count; i++) {
    swl_json_put(json, ",");
    swl_json_put_string(json, metadata[i].key);
    swl_json_put(json, ":");
    swl_json_put_string(json, metadata[i].value);
  }
  swl_json_put(json, tensor_count > 0 ? "}," : "}");
  for (size_t i = 0; i < tensor_count; i++) {
    size_t bytes = 0, end = 0;
    SWL_TRY(safetensors_check(context, tensors, i, &bytes));
    if (__builtin_add_overflow(begin, bytes, &end) || end > INT64_MAX) {
      return swl_fail(context, SWALE_ERROR_USAGE, "tensor '%s' ends beyond any file", tensors[i].name);
    }
    if (i > 0) swl_json_put(json, ",");
    safetensors_put_tensor(json, &tensors[i], begin, end);
    begin = end;
  }
  swl_json_put(json, "}");
  while (json->length % 8 != 0) swl_json_put(json, " ");
  return SWALE_OK;
}

static void safetensors_length(const swl_json_text *header, unsigned char length[8]) {
  for (size_t i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)header->length >> (8 * i));
}

static swale_status safetensors_put_file(swale_context *context, swl_output *output, const swl_json_text *header,
                                         const swl_tensor *tensors, size_t tensor_count) {
  unsigned char length[8];
  safetensors_length(header, length);
  SWL_TRY(swl_output_put(context, output, length, sizeof length));
  SWL_TRY(swl_output_put(context, output, header->text, header->length));
  for (size_t i = 0; i < tensor_count; i++) {
    size_t bytes = 0;
    SWL_TRY(safetensors_check(context, tensors, i, &bytes));
    if (bytes > 0) SWL_TRY(swl_output_put(context, output, safetensors_data(&tensors[i]), bytes));
  }
  return SWALE_OK;
}

/* Put the checksum where the header has zeros for it. */
static swale_status safetensors_seal(swale_context *context, swl_json_text *header, const swl_tensor *tensors,
                                     size_t tensor_count) {
  unsigned char length[8];
  char digits[SWL_SEAL_DIGITS + 1];
  safetensors_length(header, length);
  uint32_t sum = swl_checksum(swl_checksum(0, length, sizeof length), header->text, header->length);
  for (size_t i = 0; i < tensor_count; i++) {
    size_t bytes = 0;
    SWL_TRY(safetensors_check(context, tensors, i, &bytes));
    if (bytes > 0) sum = swl_checksum(sum, safetensors_data(&tensors[i]), bytes);
  }
  swl_seal_text(sum, digits);
  memcpy(header->text + sizeof SWL_SEAL_HEAD - 1, digits, SWL_SEAL_DIGITS);
  return SWALE_OK;
}

swale_status swl_safetensors_write(swale_context *context, const char *path, const swl_tensor *tensors,
                                   size_t tensor_count, const swl_metadata *metadata, size_t metadata_count) {
  swl_json_text measure = {NULL, 0, 0};
  SWL_TRY(safetensors_put_header(context, &measure, tensors, tensor_count, metadata, metadata_count));
  swl_json_text header = {swl_allocate(context, measure.length + 1, 1), measure.length + 1, 0};
  if (!header.text) return SWALE_ERROR_MEMORY;
  swl_output output = {.stream = NULL};
  swale_status status = safetensors_put_header(context, &header, tensors, tensor_count, metadata, metadata_count);
  if (status == SWALE_OK) status = safetensors_seal(context, &header, tensors, tensor_count);
  if (status == SWALE_OK) status = swl_output_open(context, path, &output);
  if (status == SWALE_OK) status = safetensors_put_file(context, &output, &header, tensors, tensor_count);
  if (status == SWALE_OK) status = swl_output_commit(context, &output);
  swl_output_abandon(&output);
  swl_release(context, header.text);
  return status;
}
