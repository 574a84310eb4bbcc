/* test_files_model.c - a network as a file: PyTorch's layout, the same bytes each time, and every way to break it. */
#include "check.h"

#include "files/model_file.h"
#include "files/safetensors.h"
#include "files/seal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* mlp:2-3-2: X_0 is 3 × 3 (two rows of weights, one of biases), X_1 is 4 × 2; x[i] = i + 1. */
enum { DIM = 9 + 8, FILE_MAX = 4096 };

typedef struct fixture {
  counting_allocator counting;
  swale_context *context;
  swl_arena *arena;
  char folder[64], path[128];
  float x[DIM];
  double shift[2], scale[2];
  const char *classes[2];
  swl_model model;
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->context = check_context(&f->counting);
  check_ok(f->context, swl_arena_create(f->context, &f->arena));
  check_folder(f->folder);
  snprintf(f->path, sizeof f->path, "%s/model.safetensors", f->folder);
  for (size_t i = 0; i < DIM; i++) f->x[i] = (float)(i + 1);
  f->shift[0] = 0.5f, f->shift[1] = -1.0f, f->scale[0] = 2.0f, f->scale[1] = 4.0f;
  f->classes[0] = "chat \"noir\"", f->classes[1] = "été";
  f->model = (swl_model){
      .x = f->x, .schema = {.inputs = 2, .outputs = 2, .shift = f->shift, .scale = f->scale, .classes = f->classes}};
  check_ok(f->context, swl_network_parse(f->context, "mlp:2-3-2", "tanh", "cross-entropy", &f->model.network));
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  check_remove(f->folder);
  swl_arena_destroy(f->arena);
  check_context_gone(&f->counting, f->context);
  free(f);
  return 0;
}

static size_t read_bytes(const char *path, unsigned char bytes[FILE_MAX]) {
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  const size_t count = fread(bytes, 1, FILE_MAX, stream);
  fclose(stream);
  assert_true(count < FILE_MAX);
  return count;
}

/* By hand: W_0 (3 × 2) is the transpose of ((1 2 3), (4 5 6)), b_0 = (7 8 9); W_1 (2 × 3) of ((10 11), (12 13),
 * (14 15)), b_1 = (16 17). */
static void layout_is_pytorch(void **state) {
  fixture *f = *state;
  swl_safetensors file;
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  const struct {
    const char *name;
    size_t dimensions, shape[2];
    float values[6];
    double wide[2];
  } wanted[] = {{"standardize.shift", 1, {2}, {0}, {0.5, -1.0}},
                {"standardize.scale", 1, {2}, {0}, {2.0, 4.0}},
                {"layers.0.weight", 2, {3, 2}, {1, 4, 2, 5, 3, 6}, {0}},
                {"layers.0.bias", 1, {3}, {7, 8, 9}, {0}},
                {"layers.1.weight", 2, {2, 3}, {10, 12, 14, 11, 13, 15}, {0}},
                {"layers.1.bias", 1, {2}, {16, 17}, {0}}};
  assert_int_equal(file.tensor_count, 6);
  for (size_t i = 0; i < 6; i++) {
    const swl_tensor *tensor = &file.tensors[i];
    assert_string_equal(tensor->name, wanted[i].name);
    assert_int_equal(tensor->dimensions, wanted[i].dimensions);
    const size_t columns = tensor->dimensions == 2 ? tensor->shape[1] : 1;
    assert_int_equal(tensor->shape[0], wanted[i].shape[0]);
    if (tensor->dimensions == 2) assert_int_equal(columns, wanted[i].shape[1]);
    assert_int_equal(tensor->wide != NULL, i < 2);
    if (tensor->wide) {
      assert_memory_equal(tensor->wide, wanted[i].wide, sizeof wanted[i].wide);
    } else {
      assert_memory_equal(tensor->data, wanted[i].values, tensor->shape[0] * columns * sizeof(float));
    }
  }
  assert_string_equal(swl_safetensors_metadata(&file, "format"), "swale-model 2");
  assert_string_equal(swl_safetensors_metadata(&file, "task"), "classify");
  assert_string_equal(swl_safetensors_metadata(&file, "model"), "mlp:2-3-2");
  assert_string_equal(swl_safetensors_metadata(&file, "activation"), "tanh");
  assert_string_equal(swl_safetensors_metadata(&file, "loss"), "cross-entropy");
  assert_string_equal(swl_safetensors_metadata(&file, "classes"), "[\"chat \\\"noir\\\"\",\"été\"]");
  assert_string_equal(swl_safetensors_metadata(&file, "library"), swale_version());
}

static void round_trip(void **state) {
  fixture *f = *state;
  swl_model back;
  unsigned char first[FILE_MAX], second[FILE_MAX];
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  const size_t count = read_bytes(f->path, first);
  check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
  assert_int_equal(back.network.dim, DIM);
  assert_ptr_equal(back.network.activation, f->model.network.activation);
  assert_memory_equal(back.x, f->x, sizeof f->x);
  assert_memory_equal(back.schema.shift, f->shift, sizeof f->shift);
  assert_memory_equal(back.schema.scale, f->scale, sizeof f->scale);
  assert_int_equal(back.schema.outputs, 2);
  for (size_t i = 0; i < 2; i++) assert_string_equal(back.schema.classes[i], f->classes[i]);
  check_ok(f->context, swl_model_write(f->context, f->path, &back)); /* and the same bytes again */
  assert_int_equal(read_bytes(f->path, second), count);
  assert_memory_equal(first, second, count);
  f->model.schema.shift = f->model.schema.scale = NULL;
  f->model.schema.classes = NULL;
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
  assert_true(back.schema.shift[1] == 0 && back.schema.scale[1] == 1); /* as the network sees it */
  assert_null(back.schema.classes);
}

static void numbers_that_are_not_finite(void **state) {
  fixture *f = *state;
  const struct {
    size_t at;
    float value;
    const char *words; /* x[4] is X_0[1][1]: input 1 to unit 1, W_0[1][1], the fourth value of W_0 */
  } cases[] = {{4, NAN, "layers.0.weight[3] is nan"},
               {6, INFINITY, "layers.0.bias[0] is inf"},
               {16, -INFINITY, "layers.1.bias[1] is -inf"}};
  for (size_t i = 0; i < 3; i++) {
    const float kept = f->x[cases[i].at];
    f->x[cases[i].at] = cases[i].value;
    check_fails(f->context, swl_model_write(f->context, f->path, &f->model), SWALE_ERROR_NUMERIC, cases[i].words);
    assert_int_equal(access(f->path, F_OK), -1);
    f->x[cases[i].at] = kept;
  }
  f->scale[1] = INFINITY;
  check_fails(f->context, swl_model_write(f->context, f->path, &f->model), SWALE_ERROR_NUMERIC,
              "standardize.scale[1] is inf");
  f->scale[1] = 1.0f;
  unsigned char bytes[FILE_MAX]; /* scale[1] lies before 17 floats: make it NaN */
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  const size_t count = read_bytes(f->path, bytes);
  memcpy(bytes + count - 17 * 4 - 8, "\0\0\0\0\0\0\xf8\x7f", 8);
  bytes[8 + sizeof SWL_SEAL_HEAD - 5] = '3'; /* "crc33": no seal */
  check_write(f->path, bytes, count);
  swl_model back = {.schema.outputs = 77};
  check_fails(f->context, swl_model_read(f->context, f->arena, f->path, &back), SWALE_ERROR_FORMAT,
              "standardize.scale[1] is nan; numbers must be finite");
  assert_int_equal(back.schema.outputs, 77);
}

/* Tensors and metadata as asked, through the writer, so that the file itself is sound. */
static void model_refused(fixture *f, size_t tensor_count, const swl_tensor *tensors, size_t pair_count,
                          const swl_metadata *pairs, const char *words) {
  swl_model back = {.schema.outputs = 77};
  check_ok(f->context, swl_safetensors_write(f->context, f->path, tensors, tensor_count, pairs, pair_count));
  check_fails(f->context, swl_model_read(f->context, f->arena, f->path, &back), SWALE_ERROR_FORMAT, words);
  assert_int_equal(back.schema.outputs, 77);
}

static void sound_files_that_are_no_models(void **state) {
  fixture *f = *state;
  static const float values[16] = {0};
  swl_tensor t[] = {{"layers.0.weight", 2, {2, 3}, values, NULL},
                    {"layers.0.bias", 1, {2}, values, NULL},
                    {"standardize.shift", 1, {3}, values, NULL},
                    {"standardize.scale", 1, {3}, values, NULL},
                    {"layers.1.weight", 2, {2, 2}, values, NULL}};
  swl_metadata p[] = {{"format", "swale-model 1"},
                      {"model", "mlp:3-2"},
                      {"activation", "relu"},
                      {"loss", "squared"},
                      {"classes", "[\"a\",\"b\"]"}};
  model_refused(f, 2, t, 0, p, "is not a Swale model: its metadata has no 'format'");
  model_refused(f, 2, t, 3, p, "its metadata has no 'loss'");
  p[0].value = "swale-model 3";
  model_refused(f, 2, t, 4, p,
                "has the format 'swale-model 3'; this version reads 'swale-model 2' and 'swale-model 1'");
  p[0].value = "swale-model \x1b[2J";
  model_refused(f, 2, t, 4, p, "'format' in its metadata holds a control character");
  p[0].value = "swale-model 1";
  p[1].value = "mlp:3";
  model_refused(f, 2, t, 4, p, f->path);
  p[1].value = "mlp:3-2-1";
  model_refused(f, 2, t, 4, p, "has no tensor 'layers.1.weight'");
  p[1].value = "mlp:1000000-8000"; /* far larger than the file: refused before memory is asked for */
  model_refused(f, 2, t, 4, p, "tensor 'layers.0.weight' does not have the shape 8000 × 1000000");
  p[1].value = "mlp:3-2";
  p[2].value = "relo";
  model_refused(f, 2, t, 4, p, "relu");
  p[2].value = "relu";
  model_refused(f, 1, t, 4, p, "has no tensor 'layers.0.bias'");
  t[0].shape[0] = 3, t[0].shape[1] = 2;
  model_refused(f, 2, t, 4, p, "tensor 'layers.0.weight' does not have the shape 2 × 3 that 'mlp:3-2' needs");
  t[0] = (swl_tensor){"layers.0.weight", 1, {6}, values, NULL};
  model_refused(f, 2, t, 4, p, "tensor 'layers.0.weight' does not have the shape 2 × 3");
  t[0] = (swl_tensor){"layers.0.weight", 2, {2, 3}, values, NULL};
  model_refused(f, 3, t, 4, p, "has no tensor 'standardize.scale'");
  model_refused(f, 5, t, 4, p, "has 5 tensors; 'mlp:3-2' needs 4");
  const char *const lists[] = {"", "[", "{}", "[\"a\"]", "[\"a\",\"b\",\"c\"]", "2", "[\"a\\u0000\",\"b\"]"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    p[4].value = lists[i];
    model_refused(f, 2, t, 5, p, "'classes' is not a list of 2 names");
  }
  p[4].value = "[\"a\",2]";
  model_refused(f, 2, t, 5, p, "class 1 has a name that is not plain text");
}

/* The numbers to predict of a squared loss: two outputs, one shift and one scale that are no floats. */
static void targets_make_the_round_trip(void **state) {
  fixture *f = *state;
  double target_shift[] = {3e5 + 1e-9, -2}, target_scale[] = {1.0 / 3, 0x1p-149};
  swl_model back;
  swl_safetensors file;
  f->model.schema.classes = NULL;
  f->model.schema.target_shift = target_shift;
  f->model.schema.target_scale = target_scale;
  check_ok(f->context, swl_network_parse(f->context, "mlp:2-3-2", "tanh", "squared", &f->model.network));
  for (int inputs = 1; inputs >= 0; inputs--) { /* with and without those of the inputs */
    if (!inputs) f->model.schema.shift = f->model.schema.scale = NULL;
    check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
    check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
    assert_int_equal(file.tensor_count, inputs ? 8 : 6);
    assert_non_null(swl_safetensors_find_wide(&file, "standardize.target_shift"));
    assert_non_null(swl_safetensors_find_wide(&file, "standardize.target_scale"));
    check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
    assert_memory_equal(back.schema.target_shift, target_shift, sizeof target_shift);
    assert_memory_equal(back.schema.target_scale, target_scale, sizeof target_scale);
    assert_true(back.schema.shift[0] == (inputs ? f->shift[0] : 0));
  }
  f->model.schema.target_shift = f->model.schema.target_scale = NULL; /* as older versions wrote it */
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
  assert_null(back.schema.target_shift);
  assert_null(back.schema.target_scale);
}

static void hostile_targets(void **state) {
  fixture *f = *state;
  static const float values[6] = {1, 1, 1, 1, 1, 1};
  const float zero[] = {1, 0}, negative[] = {-1, 1}, nan[] = {1, NAN}, infinite[] = {INFINITY, 1};
  swl_tensor t[] = {{"layers.0.weight", 2, {2, 3}, values, NULL},
                    {"layers.0.bias", 1, {2}, values, NULL},
                    {"standardize.target_shift", 1, {2}, values, NULL},
                    {"standardize.target_scale", 1, {2}, values, NULL}};
  swl_metadata p[] = {{"format", "swale-model 1"}, {"model", "mlp:3-2"}, {"activation", "relu"}, {"loss", "squared"}};
  swl_model back;
  check_ok(f->context, swl_safetensors_write(f->context, f->path, t, 4, p, 4));
  check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
  model_refused(f, 3, t, 4, p, "has no tensor 'standardize.target_scale'");
  const swl_tensor shift = t[2];
  t[2] = t[3];
  model_refused(f, 3, t, 4, p, "has no tensor 'standardize.target_shift'");
  t[2] = shift;
  t[2].shape[0] = 3; /* features, not outputs */
  model_refused(f, 4, t, 4, p, "tensor 'standardize.target_shift' does not have the shape 2 that 'mlp:3-2' needs");
  t[2] = (swl_tensor){"standardize.target_shift", 2, {2, 1}, values, NULL};
  model_refused(f, 4, t, 4, p, "tensor 'standardize.target_shift' does not have the shape 2");
  t[2] = shift;
  t[3].shape[0] = 1;
  model_refused(f, 4, t, 4, p, "tensor 'standardize.target_scale' does not have the shape 2");
  t[3].shape[0] = 2;
  const struct {
    const float *data;
    const char *words;
  } scales[] = {{zero, "standardize.target_scale[1] is 0; a scale must be above 0"},
                {negative, "standardize.target_scale[0] is -1; a scale must be above 0"},
                {nan, "standardize.target_scale[1] is nan; numbers must be finite"},
                {infinite, "standardize.target_scale[0] is inf; numbers must be finite"}};
  for (size_t i = 0; i < 4; i++) {
    t[3].data = scales[i].data;
    model_refused(f, 4, t, 4, p, scales[i].words);
  }
  t[3].data = values;
  t[2].data = nan;
  model_refused(f, 4, t, 4, p, "standardize.target_shift[1] is nan; numbers must be finite");
  t[2].data = values;
  p[3].value = "cross-entropy"; /* classes have no units */
  model_refused(f, 4, t, 4, p, "has 4 tensors; 'mlp:3-2' needs 2");
}

static void check_same(fixture *f, const swl_model *back) {
  assert_string_equal(back->network.spec, f->model.network.spec);
  assert_ptr_equal(back->network.activation, f->model.network.activation);
  assert_ptr_equal(back->network.loss, f->model.network.loss);
  assert_memory_equal(back->x, f->x, sizeof f->x);
  assert_memory_equal(back->schema.shift, f->shift, sizeof f->shift);
  assert_memory_equal(back->schema.scale, f->scale, sizeof f->scale);
  assert_int_equal(back->schema.outputs, 2);
  for (size_t i = 0; i < 2; i++) assert_string_equal(back->schema.classes[i], f->classes[i]);
}

/* Every prefix of a model is refused with a sentence. So is every changed byte, but one in the name of the seal: a file
 * without a seal is right, and this one is what it was. */
static void every_truncation_and_every_flip(void **state) {
  fixture *f = *state;
  unsigned char bytes[FILE_MAX];
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  const size_t count = read_bytes(f->path, bytes);
  swl_model back;
  for (size_t length = 0; length < count; length++) {
    unlink(f->path); /* a new file each time: some file systems sync one that is truncated and rewritten */
    check_write(f->path, bytes, length);
    check_fails(f->context, swl_model_read(f->context, f->arena, f->path, &back), SWALE_ERROR_FORMAT, f->path);
  }
  size_t refused = 0, taken = 0;
  const unsigned char masks[] = {0x01, 0x20, 0x80, 0xff};
  for (size_t i = 0; i < 4 * count; i++) {
    swl_arena *arena = NULL;
    check_ok(f->context, swl_arena_create(f->context, &arena));
    bytes[i / 4] ^= masks[i % 4];
    unlink(f->path);
    check_write(f->path, bytes, count);
    const swale_status status = swl_model_read(f->context, arena, f->path, &back);
    bytes[i / 4] ^= masks[i % 4];
    if (status == SWALE_OK) {
      taken++;
      assert_in_range(i / 4, 8, 8 + sizeof SWL_SEAL_HEAD - 2);
      check_same(f, &back);
    } else {
      refused++;
      assert_true(status == SWALE_ERROR_FORMAT || status == SWALE_ERROR_UNSUPPORTED);
      assert_non_null(strstr(swale_context_message(f->context), f->path));
    }
    swl_arena_destroy(arena);
  }
  assert_true(refused > 4 * count - 20 && taken > 0);
}

/* Without a seal every changed byte is refused or leaves a whole, finite model. */
static void every_flip_of_a_file_without_a_seal(void **state) {
  fixture *f = *state;
  static const float values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const swl_tensor t[] = {{"layers.0.weight", 2, {2, 3}, values, NULL}, {"layers.0.bias", 1, {2}, values + 6, NULL}};
  const swl_metadata p[] = {
      {"format", "swale-model 1"}, {"model", "mlp:3-2"}, {"activation", "relu"}, {"loss", "squared"}};
  unsigned char bytes[FILE_MAX];
  size_t taken = 0;
  check_ok(f->context, swl_safetensors_write(f->context, f->path, t, 2, p, 4));
  const size_t count = read_bytes(f->path, bytes);
  memcpy(strstr((char *)bytes + 8, "crc32"), "other", 5); /* metadata like any, as other programs write it */
  for (size_t i = 0; i < 8 * count; i++) {
    swl_model back;
    bytes[i / 8] ^= (unsigned char)(1 << i % 8);
    unlink(f->path);
    check_write(f->path, bytes, count);
    const swale_status status = swl_model_read(f->context, f->arena, f->path, &back);
    bytes[i / 8] ^= (unsigned char)(1 << i % 8);
    if (status != SWALE_OK) {
      assert_true(status == SWALE_ERROR_FORMAT || status == SWALE_ERROR_UNSUPPORTED);
      assert_non_null(strstr(swale_context_message(f->context), f->path));
      continue;
    }
    taken++;
    assert_int_equal(back.network.dim, 8);
    for (size_t j = 0; j < 8; j++) assert_true(isfinite(back.x[j]));
  }
  assert_true(taken > 200); /* most of the 32 bits of eight numbers */
}

static swale_status write_and_read(swale_context *context, void *user) {
  const fixture *f = user;
  swl_arena *arena = NULL;
  swl_model back;
  unlink(f->path);
  swale_status status = swl_arena_create(context, &arena);
  if (status == SWALE_OK) status = swl_model_write(context, f->path, &f->model);
  if (status == SWALE_OK) status = swl_model_read(context, arena, f->path, &back);
  swl_arena_destroy(arena);
  return status;
}

static void failing_allocations(void **state) { assert_true(check_refusals(write_and_read, *state, 200) > 18); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
/* The expected digits are of another program that follows the definition of FNV-1a. */
static void a_fingerprint_tells_models_apart(void **state) {
  fixture *f = *state;
  char before[SWL_FINGERPRINT_MAX], after[SWL_FINGERPRINT_MAX];
  swl_model_fingerprint(&f->model.network, f->x, before);
  assert_string_equal(before, "53aa3dad16abc6ad");
  f->x[16] = nextafterf(f->x[16], 0);
  swl_model_fingerprint(&f->model.network, f->x, after);
  assert_string_not_equal(before, after);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(layout_is_pytorch),
      TEST(round_trip),
      TEST(numbers_that_are_not_finite),
      TEST(sound_files_that_are_no_models),
      TEST(targets_make_the_round_trip),
      TEST(hostile_targets),
      TEST(every_truncation_and_every_flip),
      TEST(every_flip_of_a_file_without_a_seal),
      TEST(failing_allocations),
      cmocka_unit_test_setup_teardown(a_fingerprint_tells_models_apart, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
