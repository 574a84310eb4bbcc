/* test_data_idx.c - IDX files: good ones by hand, every bad one, and the way back. */
#include "test_data.h"

#include "random/stream.h"

#include <sys/stat.h>

enum { IDX_LIMIT = 512 };

typedef struct bytes {
  size_t count;
  unsigned char at[IDX_LIMIT];
} bytes;

static bytes idx(uint32_t rank, const uint32_t *dims, const unsigned char *values, size_t count) {
  bytes made = {.count = 4, .at = {0, 0, 8, (unsigned char)rank}};
  for (uint32_t i = 0; i < rank; i++) {
    for (int shift = 24; shift >= 0; shift -= 8) made.at[made.count++] = (unsigned char)(dims[i] >> shift);
  }
  if (count) memcpy(made.at + made.count, values, count);
  made.count += count;
  return made;
}

/* gzip (RFC 1952) with one stored block, so that each byte is known. */
static bytes gz(bytes plain) {
  const unsigned length = (unsigned)plain.count;
  bytes made = {.count = 15, .at = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1}};
  made.at[11] = (unsigned char)length;
  made.at[12] = (unsigned char)(length >> 8);
  made.at[13] = (unsigned char)~length;
  made.at[14] = (unsigned char)(~length >> 8);
  memcpy(made.at + made.count, plain.at, plain.count);
  made.count += plain.count;
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < plain.count; i++) {
    crc ^= plain.at[i];
    for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  for (int k = 0; k < 4; k++) made.at[made.count++] = (unsigned char)(~crc >> (8 * k));
  for (int k = 0; k < 4; k++) made.at[made.count++] = (unsigned char)(length >> (8 * k));
  return made;
}

static void put(room *in, const char *name, bytes content) {
  check_write(room_path(in, name), content.at, content.count);
}

static void drop(room *in, const char *name) { assert_int_equal(remove(room_path(in, name)), 0); }

static const unsigned char train_pixels[] = {0, 51, 102, 255, 1, 1, 1, 1, 2, 2, 2, 2,
                                             3, 3,  3,   3,   4, 4, 4, 4, 5, 5, 5, 5}; /* four images of 2 × 3 */
static const unsigned char train_labels[] = {2, 0, 1, 2};
static const unsigned char test_pixels[] = {0, 51, 102, 153, 204, 255, 7, 7, 7, 7, 7, 7};
static const unsigned char test_labels[] = {1, 3};

static bytes good_train_images(void) { return idx(3, (uint32_t[]){4, 2, 3}, train_pixels, sizeof train_pixels); }
static bytes good_train_labels(void) { return idx(1, (uint32_t[]){4}, train_labels, sizeof train_labels); }

/* A good folder; in->source names it. */
static void good_folder(room *in) {
  put(in, "train-images-idx3-ubyte", good_train_images());
  put(in, "train-labels-idx1-ubyte", good_train_labels());
  put(in, "t10k-images-idx3-ubyte", idx(3, (uint32_t[]){2, 2, 3}, test_pixels, sizeof test_pixels));
  put(in, "t10k-labels-idx1-ubyte", idx(1, (uint32_t[]){2}, test_labels, sizeof test_labels));
  snprintf(in->source, sizeof in->source, "idx:%s", in->folder);
}

static swale_status load(room *in, swl_dataset *dataset) {
  const swl_dataset_request request = room_request(in->source);
  return swl_dataset_load(in->context, in->arena, &request, dataset);
}

/* By hand: byte 51 is 0.2, the largest label is 3 (in the test), so there are 4 classes. */
static void check_good(const swl_dataset *dataset) {
  assert_int_equal(dataset->schema.inputs, 6);
  assert_int_equal(dataset->schema.height, 2);
  assert_int_equal(dataset->schema.width, 3);
  assert_int_equal(dataset->schema.outputs, 4);
  assert_true(dataset->schema.classification && dataset->schema.height > 0);
  assert_string_equal(dataset->schema.classes[3], "3");
  assert_true(dataset->schema.shift[0] == 0);
  assert_int_equal(dataset->split[SWL_SPLIT_TRAIN].count, 3);
  assert_int_equal(dataset->split[SWL_SPLIT_VALIDATION].count, 1);
  const swl_table *test = &dataset->split[SWL_SPLIT_TEST];
  assert_int_equal(test->count, 2);
  assert_null(test->targets);
  for (int j = 0; j < 6; j++) {
    assert_true(test->inputs[j] == (float)(51 * j) / 255.0f);
    assert_true(test->inputs[6 + j] == 7.0f / 255.0f);
  }
  assert_int_equal(test->labels[0], 1);
  assert_int_equal(test->labels[1], 3);
  const swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_SPLIT, 0, 0, 0);
  uint32_t order[4];
  swl_permutation(&stream, 4, order);
  for (size_t i = 0; i < 4; i++) { /* train, then validation, in the order of the permutation */
    const swl_table *table = &dataset->split[i < 3 ? SWL_SPLIT_TRAIN : SWL_SPLIT_VALIDATION];
    const size_t row = i < 3 ? i : 0;
    assert_int_equal(table->labels[row], train_labels[order[i]]);
    for (size_t j = 0; j < 6; j++) {
      assert_true(table->inputs[row * 6 + j] == (float)train_pixels[order[i] * 6 + j] / 255.0f);
    }
  }
}

static void good_files_by_hand(void **state) {
  room *in = *state;
  good_folder(in);
  swl_dataset dataset;
  check_ok(in->context, load(in, &dataset));
  check_good(&dataset);
}

static void gzip_and_dotted_names(void **state) {
  room *in = *state;
  good_folder(in);
  drop(in, "train-images-idx3-ubyte");
  put(in, "train-images-idx3-ubyte.gz", gz(good_train_images()));
  drop(in, "train-labels-idx1-ubyte");
  put(in, "train-labels.idx1-ubyte.gz", gz(good_train_labels()));
  drop(in, "t10k-images-idx3-ubyte");
  put(in, "t10k-images.idx3-ubyte", idx(3, (uint32_t[]){2, 2, 3}, test_pixels, sizeof test_pixels));
  swl_dataset dataset;
  check_ok(in->context, load(in, &dataset));
  check_good(&dataset);
}

/* Each bad content of train-images (or its labels), and what the message must say. */
static void check_bad(room *in, const char *name, bytes content, const char *text) {
  good_folder(in);
  put(in, name, content);
  swl_dataset dataset = {.schema.inputs = 77};
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, text);
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, name);
  assert_int_equal(dataset.schema.inputs, 77);
}

static void bad_files_are_named(void **state) {
  room *in = *state;
  const char *images = "train-images-idx3-ubyte", *labels = "train-labels-idx1-ubyte";
  bytes bad = {0};
  check_bad(in, images, bad, "is empty");
  bad = good_train_images();
  bad.count = 3;
  check_bad(in, images, bad, "ends after 3 bytes, its header has 16");
  bad.count = 10;
  check_bad(in, images, bad, "ends after 10 bytes, its header has 16");
  bad = good_train_images();
  bad.count--;
  check_bad(in, images, bad, "promises 4 × 2 × 3 values, but a file of 39 bytes");
  bad.count += 2;
  check_bad(in, images, bad, "byte 40: there is more");
  check_bad(in, images, good_train_labels(), "byte 0: the magic number is 0x00000801; 0x00000803");
  check_bad(in, labels, good_train_images(), "byte 0: the magic number is 0x00000803; 0x00000801");
  check_bad(in, images, idx(3, (uint32_t[]){4, 0, 3}, NULL, 0), "byte 8: dimension 2 is 0");
  check_bad(in, images, idx(3, (uint32_t[]){UINT32_MAX, UINT32_MAX, UINT32_MAX}, train_pixels, 24),
            "promises 4294967295 × 4294967295 × 4294967295 values");
  check_bad(in, images, idx(3, (uint32_t[]){1u << 31, 1u << 31, 4}, train_pixels, 24), /* the product wraps to 0 */
            "promises 2147483648 × 2147483648 × 4 values, but a file");
  check_bad(in, labels, idx(1, (uint32_t[]){3}, train_labels, 3), "has 4 images, but");
  check_bad(in, "t10k-images-idx3-ubyte", idx(3, (uint32_t[]){2, 3, 2}, test_pixels, 12),
            "but those of t10k-images-idx3-ubyte are 3 × 2");
}

static void bad_gzip_is_named(void **state) {
  room *in = *state;
  good_folder(in);
  drop(in, "train-images-idx3-ubyte");
  const bytes good = gz(good_train_images());
  swl_dataset dataset;
  const struct {
    size_t at, cut;
    const char *text;
  } cases[] = {
      {12, 0, "damaged"},             /* the length of the block does not match its complement */
      {good.count - 6, 0, "damaged"}, /* check sum */
      {0, 10, "damaged"},             /* ends within the trailer and the block */
      {0, 3, "damaged"},              /* ends within the trailer */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bytes bad = good;
    if (cases[i].at) bad.at[cases[i].at] ^= 0x55;
    bad.count -= cases[i].cut;
    put(in, "train-images-idx3-ubyte.gz", bad);
    check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, cases[i].text);
    check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, "train-images-idx3-ubyte.gz");
  }
  bytes longer = good_train_images(), shorter = longer;
  longer.at[longer.count++] = 9;
  shorter.count--;
  put(in, "train-images-idx3-ubyte.gz", gz(longer));
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, "byte 40: there is more");
  put(in, "train-images-idx3-ubyte.gz", gz(shorter));
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, "= 24 values, it ends after 23");
  put(in, "train-images-idx3-ubyte.gz", gz(idx(3, (uint32_t[]){1u << 30, 2, 3}, train_pixels, 24)));
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, "cannot hold them");
  put(in, "train-images-idx3-ubyte.gz", good);
  check_ok(in->context, load(in, &dataset));
}

static void other_refusals(void **state) {
  room *in = *state;
  good_folder(in);
  swl_dataset dataset;
  swl_dataset_request request = room_request(in->source);
  request.task = SWL_TASK_REGRESS;
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_USAGE,
              "needs a classification loss");
  put(in, "train-labels-idx1-ubyte", idx(1, (uint32_t[]){4}, (unsigned char[4]){0}, 4));
  put(in, "t10k-labels-idx1-ubyte", idx(1, (uint32_t[]){2}, (unsigned char[2]){0}, 2));
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_FORMAT, "at least 2 classes");
  drop(in, "t10k-labels-idx1-ubyte");
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_IO, "t10k-labels-idx1-ubyte is not in the folder");
  assert_int_equal(mkdir(room_path(in, "t10k-labels-idx1-ubyte"), 0700), 0);
  check_fails(in->context, load(in, &dataset), SWALE_ERROR_IO, "is not a regular file");
}

static void every_allocation(void **state) {
  room *in = *state;
  good_folder(in);
  const swl_dataset_request request = room_request(in->source);
  check_every_allocation(&request, 11); /* 4 files, the order, names, 3 × (inputs, labels) */
}

/* Digits to files and back: the test set is the same, the training set permuted twice by the same permutation. */
static void digits_round_trip(void **state) {
  room *in = *state;
  swl_dataset made, back, again;
  swl_dataset_request request = room_request("digits:60");
  request.validation_fraction = 0.5;
  request.standardize = SWL_STANDARDIZE_FULL; /* undone by the writer */
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &made));
  request.standardize = SWL_STANDARDIZE_NONE;
  check_ok(in->context, swl_dataset_write_idx(in->context, &made, in->folder));
  check_fails(in->context, swl_dataset_write_idx(in->context, &made, in->folder), SWALE_ERROR_EXISTS,
              "train-images-idx3-ubyte exists");
  snprintf(in->source, sizeof in->source, "idx:%s", in->folder);
  request.source = in->source;
  request.validation_fraction = 0;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &back));
  request.source = "digits:60";
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &again));
  assert_int_equal(back.schema.outputs, 10);
  assert_int_equal(back.schema.height, 28);
  const swl_table *old_test = &again.split[SWL_SPLIT_TEST], *new_test = &back.split[SWL_SPLIT_TEST];
  assert_int_equal(new_test->count, 100);
  assert_memory_equal(new_test->inputs, old_test->inputs, 100 * 784 * sizeof(float));
  assert_memory_equal(new_test->labels, old_test->labels, 100 * sizeof(uint32_t));
  const swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_SPLIT, 0, 0, 0);
  uint32_t order[60];
  swl_permutation(&stream, 60, order);
  const swl_table *was = &again.split[SWL_SPLIT_TRAIN], *now = &back.split[SWL_SPLIT_TRAIN];
  assert_int_equal(now->count, 60);
  for (size_t i = 0; i < 60; i++) {
    assert_memory_equal(now->inputs + i * 784, was->inputs + order[i] * 784, 784 * sizeof(float));
    assert_int_equal(now->labels[i], was->labels[order[i]]);
  }
}

static void writing_refuses(void **state) {
  room *in = *state;
  swl_dataset made;
  const swl_dataset_request request = room_request("digits:20");
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &made));
  check_fails(in->context, swl_dataset_write_idx(in->context, &made, "/nonexistent/place"), SWALE_ERROR_IO,
              "/nonexistent/place/train-images-idx3-ubyte: cannot create");
  check_write(room_path(in, "t10k-labels.idx1-ubyte.gz"), "", 0); /* one of the four under another name */
  check_fails(in->context, swl_dataset_write_idx(in->context, &made, in->folder), SWALE_ERROR_EXISTS,
              "t10k-labels.idx1-ubyte.gz exists");
  struct stat info;
  assert_int_not_equal(stat(room_path(in, "train-images-idx3-ubyte"), &info), 0); /* and nothing was written */
  made.schema.outputs = 257;
  drop(in, "t10k-labels.idx1-ubyte.gz");
  check_fails(in->context, swl_dataset_write_idx(in->context, &made, in->folder), SWALE_ERROR_USAGE, "257 classes");
  made.schema.height = 0;
  check_fails(in->context, swl_dataset_write_idx(in->context, &made, in->folder), SWALE_ERROR_USAGE, "images");
}

static void mnist_is_found_or_explained(void **state) {
  room *in = *state;
  const char *set = getenv("SWALE_DATA");
  char *before = set ? strdup(set) : NULL;
  swl_dataset dataset;
  const swl_dataset_request request = room_request("mnist");
  setenv("SWALE_DATA", in->folder, 1);
  if (swl_dataset_load(in->context, in->arena, &request, &dataset) != SWALE_OK) { /* unless data/mnist is here */
    check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_IO, in->folder);
    check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_IO,
                "t10k-labels-idx1-ubyte (as they are, or with .gz) in data/mnist");
    unsetenv("SWALE_DATA");
    check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_IO,
                "SWALE_DATA is not set");
  }
  setenv("SWALE_DATA", in->folder, 1);
  assert_int_equal(mkdir(room_path(in, "mnist"), 0700), 0);
  check_write(room_path(in, "mnist/train-labels-idx1-ubyte"), "", 0); /* found, but not whole */
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_IO,
              "train-images-idx3-ubyte is not in the folder");
  unsetenv("SWALE_DATA");
  if (before) setenv("SWALE_DATA", before, 1);
  free(before);
}

/* Published: 60000 and 10000 images of 28 × 28; the test set begins with 7, 2, 1, 0, 4. */
static void real_mnist(void **state) {
  room *in = *state;
  if (!getenv("SWALE_DATA")) skip();
  swl_dataset dataset;
  const swl_dataset_request request = room_request("mnist");
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset));
  assert_int_equal(dataset.schema.outputs, 10);
  assert_int_equal(dataset.schema.inputs, 784);
  assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, 54000);
  assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, 6000);
  const swl_table *test = &dataset.split[SWL_SPLIT_TEST];
  assert_int_equal(test->count, 10000);
  const uint32_t first[] = {7, 2, 1, 0, 4};
  assert_memory_equal(test->labels, first, sizeof first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(good_files_by_hand), room_test(gzip_and_dotted_names), room_test(bad_files_are_named),
      room_test(bad_gzip_is_named),  room_test(other_refusals),        room_test(every_allocation),
      room_test(digits_round_trip),  room_test(writing_refuses),       room_test(mnist_is_found_or_explained),
      room_test(real_mnist),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
