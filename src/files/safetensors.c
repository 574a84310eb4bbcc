/* safetensors.c - a safetensors file to tensors and metadata, with suspicion.
 *
 * source: the format's description, https://github.com/huggingface/safetensors ("Format"). What is checked, in order:
 *   (1) the file is a file; 8 bytes of length; the header is no longer than the file and SAFETENSORS_HEADER_MAX
 *   (2) it begins with { and is one JSON object without duplicate keys (jansson limits the depth, and refuses NUL and
 *       what is not UTF-8), followed by spaces only
 *   (3) each entry has dtype "F32" or "F64", a shape of at most SWL_TENSOR_DIMENSIONS_MAX counts, two offsets, and nothing else; the
 *       offsets are as far apart as the shape says
 *   (4) in the order of their offsets, the tensors fill the data without overlap or hole, up to the end of the file
 * so nothing is allocated that the file does not have the bytes for. Cost: the file once, its header as a JSON tree.
 */
#include "files/safetensors.h"

#include "files/file_bytes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are read as they lie in the file");

/* heuristic: the format allows 100 MB; the JSON tree takes some thirty times the header, and a model of SWL_LAYERS_MAX
 * layers with a thousand named classes needs less than 100 kB. */
enum { SAFETENSORS_HEADER_MAX = 16 << 20, SAFETENSORS_PREFIX = 8 };

typedef struct safetensors_entry {
  const char *name; /* in the JSON tree */
  size_t dimensions, shape[SWL_TENSOR_DIMENSIONS_MAX];
  size_t size;       /* bytes of a value */
  size_t begin, end; /* bytes from the begin of the data */
} safetensors_entry;

typedef struct safetensors_reader {
  swale_context *context;
  swl_arena *arena;
  const char *path;
  swl_file_bytes file;
  json_t *header;
  safetensors_entry *entries; /* count */
  size_t count;
} safetensors_reader;

static swale_status safetensors_fail(const safetensors_reader *reader, const char *name, const char *why) {
  if (!name) return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': %s", reader->path, why);
  return swl_fail(reader->context, SWALE_ERROR_FORMAT, "'%s': tensor '%s' %s", reader->path, name, why);
}

/* What jansson says may quote the file: no control character of it reaches a terminal. */
static swale_status safetensors_fail_json(const safetensors_reader *reader, json_error_t *error) {
  char why[sizeof error->text + 64];
  if (json_error_code(error) == json_error_out_of_memory) {
    return swl_fail(reader->context, SWALE_ERROR_MEMORY, "out of memory while reading '%s'", reader->path);
  }
  snprintf(why, sizeof why, "the header is not JSON: %s", error->text);
  for (char *byte = why; *byte; byte++) {
    if ((unsigned char)*byte < 0x20 || *byte == 0x7f) *byte = '?';
  }
  return safetensors_fail(reader, NULL, why);
}

/* (2) */
static swale_status safetensors_parse(safetensors_reader *reader, const char *text, size_t length) {
  json_error_t error = {.line = 0};
  if (length == 0 || text[0] != '{') return safetensors_fail(reader, NULL, "the header does not begin with {");
  while (text[length - 1] == ' ') length--;
  if (text[length - 1] != '}') return safetensors_fail(reader, NULL, "the header does not end with } and spaces");
  reader->header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
  return reader->header ? SWALE_OK : safetensors_fail_json(reader, &error);
}

/* (1) */
static swale_status safetensors_header(safetensors_reader *reader) {
  unsigned char prefix[SAFETENSORS_PREFIX];
  if (reader->file.size < SAFETENSORS_PREFIX) {
    return safetensors_fail(reader, NULL, "the file is shorter than the 8 bytes every safetensors file begins with");
  }
  SWL_TRY(swl_file_read(&reader->file, prefix, sizeof prefix));
  uint64_t length = 0;
  for (size_t i = 0; i < SAFETENSORS_PREFIX; i++) length |= (uint64_t)prefix[i] << (8 * i);
  if (length > SAFETENSORS_HEADER_MAX) {
    char why[96];
    snprintf(why, sizeof why, "the header says it has %llu bytes; allowed are at most %d", (unsigned long long)length,
             SAFETENSORS_HEADER_MAX);
    return safetensors_fail(reader, NULL, why);
  }
  if (length > reader->file.size - SAFETENSORS_PREFIX) {
    return safetensors_fail(reader, NULL, "the header is longer than the file");
  }
  char *text = swl_allocate(reader->context, (size_t)length, 1);
  if (!text) return SWALE_ERROR_MEMORY;
  swale_status status = swl_file_read(&reader->file, text, (size_t)length);
  if (status == SWALE_OK) status = safetensors_parse(reader, text, (size_t)length);
  swl_release(reader->context, text);
  return status;
}

/* A JSON integer >= 0 into *value. */
static int safetensors_count(const json_t *json, size_t *value) {
  if (!json_is_integer(json) || json_integer_value(json) < 0) return 0;
  *value = (size_t)json_integer_value(json);
  return 1;
}

/* Names go into messages and, as keys, into code: printable, and of a length that swl_tensor can hold. */
static swale_status safetensors_name(const safetensors_reader *reader, const char *name) {
  if (strlen(name) >= SWL_TENSOR_NAME_MAX) {
    return safetensors_fail(reader, NULL, "the name of a tensor is longer than 63 bytes");
  }
  for (; *name; name++) {
    if ((unsigned char)*name >= 0x20 && *name != 0x7f) continue;
    return safetensors_fail(reader, NULL, "the name of a tensor holds a control character");
  }
  return SWALE_OK;
}

/* (3) */
static swale_status safetensors_entry_read(const safetensors_reader *reader, const char *name, const json_t *json,
                                           safetensors_entry *entry) {
  SWL_TRY(safetensors_name(reader, name));
  const json_t *dtype = json_object_get(json, "dtype"), *shape = json_object_get(json, "shape");
  const json_t *offsets = json_object_get(json, "data_offsets");
  if (!json_is_string(dtype) || !json_is_array(shape) || !json_is_array(offsets) || json_object_size(json) != 3) {
    return safetensors_fail(reader, name, "needs dtype, shape and data_offsets, and nothing else");
  }
  const int wide = strcmp(json_string_value(dtype), "F64") == 0;
  if (!wide && strcmp(json_string_value(dtype), "F32") != 0) {
    return swl_fail(reader->context, SWALE_ERROR_UNSUPPORTED,
                    "'%s': tensor '%s' is neither of type F32 nor of F64, the only ones read", reader->path, name);
  }
  entry->size = wide ? sizeof(double) : sizeof(float);
  entry->name = name;
  entry->dimensions = json_array_size(shape);
  if (entry->dimensions > SWL_TENSOR_DIMENSIONS_MAX)
    return safetensors_fail(reader, name, "has more than 4 dimensions");
  size_t bytes = entry->size;
  for (size_t i = 0; i < entry->dimensions; i++) {
    if (!safetensors_count(json_array_get(shape, i), &entry->shape[i])) {
      return safetensors_fail(reader, name, "has a shape that is not made of counts");
    }
    if (__builtin_mul_overflow(bytes, entry->shape[i], &bytes)) {
      return safetensors_fail(reader, name, "has a shape of too many values to count");
    }
  }
  if (json_array_size(offsets) != 2 || !safetensors_count(json_array_get(offsets, 0), &entry->begin) ||
      !safetensors_count(json_array_get(offsets, 1), &entry->end) || entry->begin > entry->end) {
    return safetensors_fail(reader, name, "has data_offsets that are not [begin, end]");
  }
  if (entry->begin % entry->size != 0) {
    return safetensors_fail(reader, name, "does not begin at a multiple of the bytes of its numbers");
  }
  if (entry->end - entry->begin != bytes) {
    return safetensors_fail(reader, name, "has data_offsets that do not fit its shape");
  }
  return SWALE_OK;
}

static int safetensors_compare(const void *a, const void *b) {
  const safetensors_entry *left = a, *right = b;
  if (left->begin != right->begin) return left->begin < right->begin ? -1 : 1;
  if (left->end != right->end) return left->end < right->end ? -1 : 1;
  return strcmp(left->name, right->name); /* empty tensors at one place */
}

/* (4) */
static swale_status safetensors_check_layout(safetensors_reader *reader, size_t data_size) {
  size_t end = 0;
  qsort(reader->entries, reader->count, sizeof *reader->entries, safetensors_compare);
  for (size_t i = 0; i < reader->count; i++) {
    const safetensors_entry *entry = &reader->entries[i];
    if (entry->end > data_size) return safetensors_fail(reader, entry->name, "ends after the end of the file");
    if (entry->begin < end) return safetensors_fail(reader, entry->name, "overlaps the tensor before it");
    if (entry->begin > end) return safetensors_fail(reader, entry->name, "leaves a hole before it");
    end = entry->end;
  }
  if (end != data_size) return safetensors_fail(reader, NULL, "there are bytes after the last tensor");
  return SWALE_OK;
}

static swale_status safetensors_read_metadata(const safetensors_reader *reader, json_t *metadata,
                                              swl_safetensors *made) {
  const char *key = NULL;
  json_t *value = NULL;
  if (!metadata) return SWALE_OK;
  if (!json_is_object(metadata)) return safetensors_fail(reader, NULL, "__metadata__ is not an object");
  made->metadata = swl_arena_take(reader->arena, json_object_size(metadata), sizeof *made->metadata);
  if (!made->metadata) return SWALE_ERROR_MEMORY;
  json_object_foreach(metadata, key, value) {
    swl_metadata *pair = &made->metadata[made->metadata_count++];
    if (!json_is_string(value)) return safetensors_fail(reader, NULL, "a value of __metadata__ is not text");
    pair->key = swl_arena_text(reader->arena, key);
    if (pair->key) pair->value = swl_arena_text(reader->arena, json_string_value(value));
    if (!pair->key || !pair->value) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

static swale_status safetensors_read_data(safetensors_reader *reader, size_t data_size, swl_safetensors *made) {
  char *data = swl_arena_take(reader->arena, data_size, 1);
  made->tensors = data ? swl_arena_take(reader->arena, reader->count, sizeof *made->tensors) : NULL;
  if (!made->tensors) return SWALE_ERROR_MEMORY;
  made->tensor_count = reader->count;
  for (size_t i = 0; i < reader->count; i++) {
    const safetensors_entry *entry = &reader->entries[i];
    swl_tensor *tensor = &made->tensors[i];
    memcpy(tensor->name, entry->name, strlen(entry->name) + 1);
    tensor->dimensions = entry->dimensions;
    memcpy(tensor->shape, entry->shape, sizeof tensor->shape);
    const void *begin = data + entry->begin; /* aligned, by (3) */
    if (entry->size == sizeof(double)) {
      tensor->wide = begin;
    } else {
      tensor->data = begin;
    }
  }
  return swl_file_read(&reader->file, data, data_size);
}

static swale_status safetensors_read_all(safetensors_reader *reader, swl_safetensors *made) {
  const char *key = NULL;
  json_t *value = NULL;
  SWL_TRY(safetensors_header(reader));
  const size_t data_size = reader->file.size - reader->file.position;
  reader->entries = swl_allocate(reader->context, json_object_size(reader->header), sizeof *reader->entries);
  if (!reader->entries) return SWALE_ERROR_MEMORY;
  json_object_foreach(reader->header, key, value) {
    if (strcmp(key, "__metadata__") == 0) continue;
    SWL_TRY(safetensors_entry_read(reader, key, value, &reader->entries[reader->count]));
    reader->count++;
  }
  SWL_TRY(safetensors_check_layout(reader, data_size));
  SWL_TRY(safetensors_read_metadata(reader, json_object_get(reader->header, "__metadata__"), made));
  return safetensors_read_data(reader, data_size, made);
}

swale_status swl_safetensors_read(swale_context *context, swl_arena *arena, const char *path, swl_safetensors *file) {
  safetensors_reader reader = {.context = context, .arena = arena, .path = path};
  swl_safetensors made = {.tensor_count = 0};
  SWL_TRY(swl_file_open(context, path, &reader.file));
  const swale_status status = safetensors_read_all(&reader, &made);
  swl_release(context, reader.entries);
  json_decref(reader.header);
  swl_file_close(&reader.file);
  if (status == SWALE_OK) *file = made;
  return status;
}

static const swl_tensor *safetensors_find(const swl_safetensors *file, const char *name, int wide) {
  for (size_t i = 0; i < file->tensor_count; i++) {
    const swl_tensor *tensor = &file->tensors[i];
    if ((tensor->wide != NULL) == wide && strcmp(tensor->name, name) == 0) return tensor;
  }
  return NULL;
}

const swl_tensor *swl_safetensors_find(const swl_safetensors *file, const char *name) {
  return safetensors_find(file, name, 0);
}

const swl_tensor *swl_safetensors_find_wide(const swl_safetensors *file, const char *name) {
  return safetensors_find(file, name, 1);
}

const char *swl_safetensors_metadata(const swl_safetensors *file, const char *key) {
  for (size_t i = 0; i < file->metadata_count; i++) {
    if (*file->metadata[i].key == *key && strcmp(file->metadata[i].key, key) == 0) return file->metadata[i].value;
  }
  return NULL;
}
