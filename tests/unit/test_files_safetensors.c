/* test_files_safetensors.c - the format against bytes written by hand, and files that mean harm. */
#include "room.h"

#include "files/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state) {
  const int made = room_open(state);
  room_path(*state, "t.safetensors");
  return made;
}

/* A file by hand: 90 + 6 bytes of header (0x60), its CRC-32 from zlib, then 1.0f = 0x3f800000 and -2.0f = 0xc0000000, little-endian. */
static const char golden[] = "\x60\0\0\0\0\0\0\0"
                             "{\"__metadata__\":{\"crc32\":\"496644d8\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
                             "\"data_offsets\":[0,8]}}      "
                             "\0\0\x80\x3f\0\0\0\xc0";
enum { GOLDEN_SIZE = sizeof golden - 1 };

static void golden_bytes(void **state) {
  room *f = *state;
  const float values[] = {1.0f, -2.0f};
  const swl_tensor tensor = {.name = "a", .dimensions = 1, .shape = {2}, .data = values};
  char got[256];
  assert_int_equal(GOLDEN_SIZE, 8 + 96 + 8);
  check_ok(f->context, swl_safetensors_write(f->context, f->path, &tensor, 1, NULL, 0));
  FILE *stream = fopen(f->path, "rb");
  assert_int_equal(fread(got, 1, sizeof got, stream), GOLDEN_SIZE);
  fclose(stream);
  assert_memory_equal(got, golden, GOLDEN_SIZE);
  swl_safetensors file;
  check_write(f->path, golden, GOLDEN_SIZE);
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  assert_int_equal(file.tensor_count, 1);
  assert_int_equal(file.metadata_count, 1);
  assert_string_equal(file.tensors[0].name, "a");
  assert_int_equal(file.tensors[0].dimensions, 1);
  assert_int_equal(file.tensors[0].shape[0], 2);
  assert_memory_equal(file.tensors[0].data, values, sizeof values);
}

static void round_trip(void **state) {
  room *f = *state;
  const float values[24] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
  const swl_tensor tensors[] = {{.name = "scalar", .dimensions = 0, .data = values},
                                {.name = "empty", .dimensions = 2, .shape = {0, 5}, .data = NULL},
                                {.name = "four \"é\"", .dimensions = 4, .shape = {1, 2, 3, 4}, .data = values},
                                {.name = "also empty", .dimensions = 1, .shape = {0}, .data = NULL},
                                {.name = "vector", .dimensions = 1, .shape = {3}, .data = values + 7}};
  const swl_metadata metadata[] = {{"z", "last first"}, {"a", "\"quoted\"\n"}, {"", ""}};
  swl_safetensors file;
  check_ok(f->context, swl_safetensors_write(f->context, f->path, tensors, 5, metadata, 3));
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  assert_int_equal(file.tensor_count, 5);
  for (size_t i = 0; i < 5; i++) {
    const swl_tensor *got = swl_safetensors_find(&file, tensors[i].name);
    assert_non_null(got);
    assert_int_equal(got->dimensions, tensors[i].dimensions);
    size_t count = 1;
    for (size_t j = 0; j < got->dimensions; j++) {
      assert_int_equal(got->shape[j], tensors[i].shape[j]);
      count *= got->shape[j];
    }
    if (count > 0) assert_memory_equal(got->data, tensors[i].data, count * sizeof(float));
  }
  for (size_t i = 0; i < 3; i++) {
    assert_string_equal(swl_safetensors_metadata(&file, metadata[i].key), metadata[i].value);
  }
  assert_null(swl_safetensors_find(&file, "none"));
  assert_null(swl_safetensors_metadata(&file, "none"));
  check_ok(f->context,
           swl_safetensors_write(f->context, f->path, NULL, 0, metadata, 1)); /* only metadata, then nothing */
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  check_ok(f->context, swl_safetensors_write(f->context, f->path, NULL, 0, NULL, 0));
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  assert_int_equal(file.tensor_count, 0);
}

static void writing_refusals(void **state) {
  room *f = *state;
  const float value = 1.0f;
  swl_tensor tensors[2] = {{.name = "a", .dimensions = 0, .data = &value},
                           {.name = "a", .dimensions = 0, .data = &value}};
#define WRITE(count) swl_safetensors_write(f->context, f->path, tensors, count, NULL, 0)
  check_fails(f->context, WRITE(2), SWALE_ERROR_USAGE, "there are two tensors called 'a'");
  tensors[1] = (swl_tensor){.name = "b", .dimensions = 3, .shape = {SIZE_MAX / 8, 3, 0}};
  check_fails(f->context, WRITE(2), SWALE_ERROR_USAGE, "tensor 'b' has too many values");
  tensors[1] = (swl_tensor){.name = "b", .dimensions = 1, .shape = {(size_t)INT64_MAX / 4}};
  check_fails(f->context, WRITE(2), SWALE_ERROR_USAGE, "tensor 'b' ends beyond any file");
  tensors[1] = (swl_tensor){.name = "b", .dimensions = 5};
  check_fails(f->context, WRITE(2), SWALE_ERROR_USAGE, "tensor 'b' has 5 dimensions");
  tensors[1] = (swl_tensor){.name = "__metadata__"};
  check_fails(f->context, WRITE(2), SWALE_ERROR_USAGE, "tensor 1 cannot be called '__metadata__'");
  memset(tensors[1].name, 'x', SWL_TENSOR_NAME_MAX);
  check_fails(f->context, WRITE(2), SWALE_ERROR_USAGE, "tensor 1 cannot be called 'xxx");
  assert_int_equal(access(f->path, F_OK), -1);
  check_fails(f->context, swl_safetensors_write(f->context, f->folder, tensors, 1, NULL, 0), SWALE_ERROR_IO,
              "a folder");
}

/* A file of that header and `data` zero bytes is refused in those words, and the result is untouched. */
static void refused(room *f, const char *header, size_t data, swale_status status, const char *words) {
  char bytes[4096] = {0};
  const size_t length = strlen(header);
  assert_true(8 + length + data <= sizeof bytes);
  bytes[0] = (char)(length & 0xff);
  bytes[1] = (char)(length >> 8);
  memcpy(bytes + 8, header, length);
  check_write(f->path, bytes, 8 + length + data);
  swl_safetensors file = {.tensor_count = 77};
  check_fails(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file), status, words);
  assert_int_equal(file.tensor_count, 77);
  assert_non_null(strstr(swale_context_message(f->context), f->path));
}

#define ENTRY(name, shape, offsets) "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

/* Both are no floats. */
static void doubles_make_the_round_trip(void **state) {
  room *f = *state;
  const double wide[2] = {1.7e9 + 1e-6, 0.1};
  const float narrow[1] = {3};
  const swl_tensor tensors[] = {{.name = "wide", .dimensions = 1, .shape = {2}, .wide = wide},
                                {.name = "narrow", .dimensions = 1, .shape = {1}, .data = narrow}};
  swl_safetensors file;
  check_ok(f->context, swl_safetensors_write(f->context, f->path, tensors, 2, NULL, 0));
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  assert_null(swl_safetensors_find(&file, "wide"));
  assert_null(swl_safetensors_find_wide(&file, "narrow"));
  assert_memory_equal(swl_safetensors_find_wide(&file, "wide")->wide, wide, sizeof wide);
  assert_memory_equal(swl_safetensors_find(&file, "narrow")->data, narrow, sizeof narrow);
}

static void hostile_headers(void **state) {
  room *f = *state;
  const swale_status bad = SWALE_ERROR_FORMAT;
  refused(f, "", 0, bad, "does not begin with {");
  refused(f, " {}", 0, bad, "does not begin with {");
  refused(f, "[]", 0, bad, "does not begin with {");
  refused(f, "{}x", 0, bad, "does not end with } and spaces");
  refused(f, "{}\n", 0, bad, "does not end with } and spaces");
  refused(f, "{", 0, bad, "does not end with }");
  refused(f, "{\"a}", 0, bad, "the header is not JSON");
  refused(f, "{}{}", 0, bad, "the header is not JSON");
  refused(f, "{\x1b[31m}", 0, bad, "the header is not JSON");
  assert_null(strchr(swale_context_message(f->context), '\x1b'));
  refused(f, "{\"a\\u0000b\":1}", 0, bad, "the header is not JSON");
  refused(f, "{\"\xff\":1}", 0, bad, "the header is not JSON");
  refused(f, "{" ENTRY("a", "[0]", "[0,0]") "," ENTRY("a", "[0]", "[0,0]") "}", 0, bad,
          "not JSON: duplicate object key");
  refused(f, "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, bad, "not JSON: duplicate object key");
  refused(f, "{\"a\":1}", 0, bad, "tensor 'a' needs dtype, shape and data_offsets, and nothing else");
  refused(f, "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, bad, "tensor 'a' needs dtype, shape and");
  refused(f, "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}", 0, bad, "and nothing else");
  refused(f, "{\"a\":{\"dtype\":4,\"shape\":[0],\"data_offsets\":[0,0]}}", 0, bad, "tensor 'a' needs");
  refused(f, "{\"w\":{\"dtype\":\"BF16\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, SWALE_ERROR_UNSUPPORTED,
          "tensor 'w' is neither of type F32 nor of F64, the only ones read");
  refused(f, "{\"\\u001b\":1}", 0, bad, "the name of a tensor holds a control character");
  refused(f, "{\"0123456789012345678901234567890123456789012345678901234567890123\":1}", 0, bad,
          "longer than 63 bytes");
  refused(f, "{\"__metadata__\":[]}", 0, bad, "__metadata__ is not an object");
  refused(f, "{\"__metadata__\":{\"a\":1}}", 0, bad, "a value of __metadata__ is not text");
}

static void hostile_shapes_and_offsets(void **state) {
  room *f = *state;
  const swale_status bad = SWALE_ERROR_FORMAT;
  refused(f, "{" ENTRY("a", "[1,1,1,1,1]", "[0,4]") "}", 4, bad, "tensor 'a' has more than 4 dimensions");
  refused(f, "{" ENTRY("a", "[-1]", "[0,4]") "}", 4, bad, "tensor 'a' has a shape that is not made of counts");
  refused(f, "{" ENTRY("a", "[1.0]", "[0,4]") "}", 4, bad, "a shape that is not made of counts");
  refused(f, "{" ENTRY("a", "[\"1\"]", "[0,4]") "}", 4, bad, "a shape that is not made of counts");
  refused(f, "{" ENTRY("a", "[4611686018427387904,4]", "[0,0]") "}", 0, bad, "a shape of too many values"); /* 2^64 */
  refused(f, "{" ENTRY("a", "[9223372036854775808]", "[0,0]") "}", 0, bad, "not JSON: too big integer");
  refused(f, "{" ENTRY("a", "[1]", "[0]") "}", 4, bad, "data_offsets that are not [begin, end]");
  refused(f, "{" ENTRY("a", "[1]", "[0,4,8]") "}", 4, bad, "data_offsets that are not [begin, end]");
  refused(f, "{" ENTRY("a", "[1]", "[4,0]") "}", 4, bad, "data_offsets that are not [begin, end]");
  refused(f, "{" ENTRY("a", "[1]", "[-4,0]") "}", 4, bad, "data_offsets that are not [begin, end]");
  refused(f, "{" ENTRY("a", "[1]", "[0.0,4.0]") "}", 4, bad, "data_offsets that are not [begin, end]");
  refused(f, "{" ENTRY("a", "[2]", "[0,4]") "}", 4, bad, "tensor 'a' has data_offsets that do not fit its shape");
  refused(f, "{" ENTRY("a", "[0]", "[0,4]") "}", 4, bad, "data_offsets that do not fit its shape");
  refused(f, "{" ENTRY("a", "[1]", "[0,4]") "}", 3, bad, "tensor 'a' ends after the end of the file");
  refused(f, "{" ENTRY("a", "[0]", "[8,8]") "}", 4, bad, "tensor 'a' ends after the end of the file");
  refused(f, "{" ENTRY("a", "[1]", "[9223372036854775800,9223372036854775804]") "}", 4, bad, "ends after the end");
  refused(f, "{" ENTRY("a", "[1]", "[0,4]") ",\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[4,12]}}", 12,
          bad, "tensor 'b' does not begin at a multiple of the bytes of its numbers");
  refused(f, "{" ENTRY("a", "[2]", "[0,8]") "," ENTRY("b", "[1]", "[4,8]") "}", 8, bad, "tensor 'b' overlaps");
  refused(f, "{" ENTRY("a", "[2]", "[0,8]") "," ENTRY("b", "[2]", "[0,8]") "}", 8, bad, "tensor 'b' overlaps");
  refused(f, "{" ENTRY("a", "[1]", "[0,4]") "," ENTRY("b", "[1]", "[8,12]") "}", 12, bad, "tensor 'b' leaves a hole");
  refused(f, "{" ENTRY("a", "[1]", "[4,8]") "}", 8, bad, "tensor 'a' leaves a hole");
  refused(f, "{" ENTRY("a", "[1]", "[0,4]") "}", 5, bad, "there are bytes after the last tensor");
  refused(f, "{}", 1, bad, "there are bytes after the last tensor");
  /* Out of order in the header is legal: the data is in order. Spaces after it are legal. */
  const char header[] = "\x80\0\0\0\0\0\0\0{" ENTRY("b", "[1]", "[4,8]") "," ENTRY("a", "[1]", "[0,4]") "}";
  char bytes[8 + 128 + 8];
  memset(bytes, ' ', sizeof bytes);
  memcpy(bytes, header, sizeof header - 1);
  memcpy(bytes + 8 + 128, "\0\0\x80\x3f\0\0\0\xc0", 8);
  check_write(f->path, bytes, sizeof bytes);
  swl_safetensors file;
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  check_close((double)swl_safetensors_find(&file, "a")->data[0], 1.0, 0.0);
  check_close((double)swl_safetensors_find(&file, "b")->data[0], -2.0, 0.0);
}

static void hostile_files(void **state) {
  room *f = *state;
  swl_safetensors file;
#define READ() swl_safetensors_read(f->context, f->arena, f->path, &file)
  check_fails(f->context, READ(), SWALE_ERROR_IO, "t.safetensors': No such file or directory");
  check_fails(f->context, swl_safetensors_read(f->context, f->arena, f->folder, &file), SWALE_ERROR_IO,
              "it is a folder, not a file");
  check_fails(f->context, swl_safetensors_read(f->context, f->arena, "/dev/zero", &file), SWALE_ERROR_IO, "a device");
  assert_int_equal(mkfifo(f->path, 0600), 0); /* must not block */
  check_fails(f->context, READ(), SWALE_ERROR_IO, "it is a device or a pipe");
  assert_int_equal(unlink(f->path), 0);
  check_write(f->path, "", 0);
  check_fails(f->context, READ(), SWALE_ERROR_FORMAT, "shorter than the 8 bytes");
  check_write(f->path, "\x03\0\0\0\0\0\0\0{}", 10);
  check_fails(f->context, READ(), SWALE_ERROR_FORMAT, "the header is longer than the file");
  check_write(f->path, "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
  check_fails(f->context, READ(), SWALE_ERROR_FORMAT, "the header says it has 18446744073709551615 bytes");
  check_write(f->path, "\x01\xe1\xf5\x05\0\0\0\0{}", 10); /* 100 000 001 */
  check_fails(f->context, READ(), SWALE_ERROR_FORMAT, "the header says it has 100000001 bytes; allowed are at most");
  char *deep = malloc(8 + 100000); /* brackets without end must not use up the stack */
  memcpy(deep, "\xa0\x86\x01\0\0\0\0\0{\"a\":", 13);
  memset(deep + 13, '[', 100000 - 6);
  deep[8 + 100000 - 1] = '}';
  check_write(f->path, deep, 8 + 100000);
  free(deep);
  check_fails(f->context, READ(), SWALE_ERROR_FORMAT, "the header is not JSON: maximum parsing depth");
}

static swale_status write_and_read(swale_context *context, void *user) {
  const room *f = user;
  const float value = 1.0f;
  const swl_tensor tensor = {.name = "a", .dimensions = 0, .data = &value};
  const swl_metadata pair = {"key", "value"};
  swl_arena *arena = NULL;
  swl_safetensors file;
  unlink(f->path);
  swale_status status = swl_arena_create(context, &arena);
  if (status == SWALE_OK) status = swl_safetensors_write(context, f->path, &tensor, 1, &pair, 1);
  if (status == SWALE_OK) status = swl_safetensors_read(context, arena, f->path, &file);
  swl_arena_destroy(arena);
  return status;
}

static void failing_allocations(void **state) { assert_true(check_refusals(write_and_read, *state, 100) > 6); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, room_close)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(golden_bytes),     TEST(round_trip),
      TEST(writing_refusals), TEST(doubles_make_the_round_trip),
      TEST(hostile_headers),  TEST(hostile_shapes_and_offsets),
      TEST(hostile_files),    TEST(failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
