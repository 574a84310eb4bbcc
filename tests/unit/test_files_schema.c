/* test_files_schema.c - what the columns of the data mean goes into the model file and comes back, and every lie about it
 * is refused with a sentence. */
#include "check.h"

#include "files/model_file.h"
#include "files/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 5, DIM = 2 * (INPUTS + 1) };

typedef struct fixture {
  swale_context *context;
  swl_arena *arena;
  char folder[64], path[128];
  float x[DIM];
  double shift[INPUTS], scale[INPUTS];
  const char *values[3], *classes[2];
  swl_column column[3];
  swl_model model;
} fixture;

/* time is a number, color a text of three values, size a number whose missing values become 2.5 + 1e-12. */
static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  assert_int_equal(swale_context_create(NULL, &f->context), SWALE_OK);
  check_ok(f->context, swl_arena_create(f->context, &f->arena));
  check_folder(f->folder);
  snprintf(f->path, sizeof f->path, "%s/model.safetensors", f->folder);
  for (size_t i = 0; i < INPUTS; i++) f->shift[i] = 1.7e9 + 1e-6 * (double)i, f->scale[i] = 1.0 / (3.0 + (double)i);
  f->values[0] = "", f->values[1] = "bleu \"nuit\",\n\tétoile", f->values[2] = "red";
  f->classes[0] = "no", f->classes[1] = "yes";
  f->column[0] = (swl_column){.name = "time", .fill = NAN};
  f->column[1] = (swl_column){
      .name = "color", .kind = SWL_COLUMN_TEXT, .fill = NAN, .value_count = 3, .values = f->values};
  f->column[2] = (swl_column){.name = "size; in \"m\"", .fill = 2.5 + 1e-12};
  f->model = (swl_model){.x = f->x,
                         .schema = {.columns = 3,
                                    .column = f->column,
                                    .inputs = INPUTS,
                                    .shift = f->shift,
                                    .scale = f->scale,
                                    .target = "buys",
                                    .classification = 1,
                                    .outputs = 2,
                                    .classes = f->classes}};
  check_ok(f->context, swl_network_parse(f->context, "mlp:5-2", "relu", "cross-entropy", &f->model.network));
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  check_remove(f->folder);
  swl_arena_destroy(f->arena);
  swale_context_destroy(f->context);
  free(f);
  return 0;
}

static void columns_make_the_round_trip(void **state) {
  fixture *f = *state;
  swl_model back;
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
  const swl_schema *schema = &back.schema;
  assert_int_equal(schema->columns, 3);
  for (size_t i = 0; i < 3; i++) {
    assert_string_equal(schema->column[i].name, f->column[i].name);
    assert_int_equal(schema->column[i].kind, f->column[i].kind);
    assert_int_equal(schema->column[i].value_count, f->column[i].value_count);
  }
  for (size_t k = 0; k < 3; k++) assert_string_equal(schema->column[1].values[k], f->values[k]);
  assert_true(isnan(schema->column[0].fill) && schema->column[2].fill == 2.5 + 1e-12);
  assert_int_equal(schema->inputs, INPUTS);
  assert_memory_equal(schema->shift, f->shift, sizeof f->shift); /* to the last bit of a double */
  assert_memory_equal(schema->scale, f->scale, sizeof f->scale);
  assert_string_equal(schema->target, "buys");
  assert_int_equal(schema->classification, 1);
  assert_int_equal(schema->height + schema->width, 0);
}

static void images_keep_their_shape(void **state) {
  fixture *f = *state;
  swl_model back;
  f->model.schema.columns = 0;
  f->model.schema.column = NULL;
  f->model.schema.target = NULL;
  f->model.schema.height = 1;
  f->model.schema.width = INPUTS;
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_ok(f->context, swl_model_read(f->context, f->arena, f->path, &back));
  assert_int_equal(back.schema.height, 1);
  assert_int_equal(back.schema.width, INPUTS);
  assert_int_equal(back.schema.columns, 0);
  assert_null(back.schema.target);
}

/* What the writer wrote, with one key of the metadata replaced, is refused. */
static void lie(fixture *f, const char *key, const char *value, const char *words) {
  swl_safetensors file;
  swl_model back = {.schema.outputs = 77};
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_ok(f->context, swl_safetensors_read(f->context, f->arena, f->path, &file));
  swl_metadata pairs[16];
  size_t count = 0, found = 0;
  for (size_t i = 1; i < file.metadata_count; i++) { /* without the seal, which is the first */
    pairs[count] = file.metadata[i];
    if (strcmp(pairs[count].key, key) == 0) pairs[count].value = value, found = 1;
    count++;
  }
  if (!found) pairs[count++] = (swl_metadata){key, value};
  check_ok(f->context, swl_safetensors_write(f->context, f->path, file.tensors, file.tensor_count, pairs, count));
  check_fails(f->context, swl_model_read(f->context, f->arena, f->path, &back), SWALE_ERROR_FORMAT, words);
  assert_int_equal(back.schema.outputs, 77);
}

static void hostile_columns(void **state) {
  fixture *f = *state;
  const char *const lists[] = {"", "{}", "[]", "7", "[1,2,3,4,5,6]"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    lie(f, "columns", lists[i], "'columns' is not a list of 1 to 5 columns");
  }
  const char *const columns[] = {"[1]",
                                 "[{}]",
                                 "[{\"name\":\"\"}]",
                                 "[{\"name\":7}]",
                                 "[{\"name\":\"a\\u001b[2J\"}]",
                                 "[{\"name\":\"a\",\"other\":1}]",
                                 "[{\"name\":\"a\",\"fill\":\"1\"}]",
                                 "[{\"name\":\"a\",\"values\":[]}]",
                                 "[{\"name\":\"a\",\"values\":{}}]",
                                 "[{\"name\":\"a\",\"values\":[1]}]",
                                 "[{\"name\":\"a\",\"values\":[\"\\u0007\"]}]",
                                 "[{\"name\":\"a\",\"fill\":1,\"values\":[\"x\"]}]"};
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    lie(f, "columns", columns[i], "column 0 is not a plain name with a finite fill, or with a list of plain values");
  }
  lie(f, "columns", "[{\"name\":\"a\"},{\"name\":\"b\",\"values\":[\"x\",\"y\"]}]",
      "its columns make 3 inputs; the network has 5");
}

static void hostile_texts(void **state) {
  fixture *f = *state;
  const char *const images[] = {"", "[]", "[5]", "[1,4]", "[1,5]", "[-1,-5]", "[9223372036854775807,5]", "[1.0,5.0]"};
  for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
    lie(f, "image", images[i], "'image' is not [height, width] of 5 inputs"); /* [1,5]: columns are no images */
  }
  lie(f, "target", "", "'target' in its metadata is empty");
  lie(f, "library", "\x7f", "'library' in its metadata is not plain text");
  lie(f, "target", "\x1b[2J", "'target' in its metadata is not plain text");
  lie(f, "classes", "[\"a\",\"\\u001b\"]", "class 1 has a name that is not plain text");
  lie(f, "task", "regress", "'task' in its metadata is not 'classify', what loss cross-entropy is for");
  lie(f, "loss", "squared", "'task' in its metadata is not 'regress', what loss squared is for");
  lie(f, "format", "swale-model 1", "has no tensor 'standardize.shift' of type F32");
}

static void hostile_scales(void **state) {
  fixture *f = *state;
  swl_model back;
  f->scale[3] = 0;
  check_ok(f->context, swl_model_write(f->context, f->path, &f->model));
  check_fails(f->context, swl_model_read(f->context, f->arena, f->path, &back), SWALE_ERROR_FORMAT,
              "standardize.scale[3] is 0; a scale must be above 0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(columns_make_the_round_trip), TEST(images_keep_their_shape),
                                     TEST(hostile_columns), TEST(hostile_texts), TEST(hostile_scales)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
