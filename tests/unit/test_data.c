/* test_data.c - sources, digits, splits of images, batches. IDX and CSV have their own files. */
#include "test_data.h"

#include "data/batches.h"

#include <math.h>

static void load(room *in, const char *source, double validation, size_t limit, uint64_t seed, swl_dataset *dataset) {
  swl_dataset_request request = room_request(source);
  request.validation_fraction = validation;
  request.limit = limit;
  request.seed = seed;
  check_ok(in->context, swl_dataset_load(in->context, in->arena, &request, dataset));
}

static void bad_requests(void **state) {
  room *in = *state;
  const struct {
    const char *source;
    double validation, test;
    const char *message;
  } cases[] = {
      {"cifar", 0.1, 0.2, "data is \"cifar\"; digits, digits:COUNT, mnist, idx:DIR and csv:FILE are allowed"},
      {"", 0.1, 0.2, "data is \"\""},
      {"idx:", 0.1, 0.2, "data is \"idx:\""},
      {"csv:", 0.1, 0.2, "data is \"csv:\""},
      {"digits:", 0.1, 0.2, "digits:: the count must be a whole number from 1 to 1000000"},
      {"digits:0", 0.1, 0.2, "digits:0: the count"},
      {"digits:-5", 0.1, 0.2, "digits:-5: the count"},
      {"digits:5x", 0.1, 0.2, "digits:5x: the count"},
      {"digits:1000001", 0.1, 0.2, "digits:1000001: the count"},
      {"digits:99999999999999999999", 0.1, 0.2, "the count"},
      {"digits:1", 0.1, 0.2, "1 examples are too few"},
      {"digits", -0.1, 0.2, "the validation fraction is -0.1"},
      {"digits", 1, 0.2, "the validation fraction is 1"},
      {"digits", NAN, 0.2, "the validation fraction is"},
      {"digits", 0.1, 1.5, "the test fraction is 1.5; 0 <= fraction < 1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    swl_dataset_request request = room_request(cases[i].source);
    request.validation_fraction = cases[i].validation;
    request.test_fraction = cases[i].test;
    swl_dataset dataset = {.schema.inputs = 77};
    check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_USAGE,
                cases[i].message);
    assert_int_equal(dataset.schema.inputs, 77);
  }
  swl_dataset_request request = room_request("digits:10");
  request.task = SWL_TASK_REGRESS;
  swl_dataset dataset;
  check_fails(in->context, swl_dataset_load(in->context, in->arena, &request, &dataset), SWALE_ERROR_USAGE,
              "digits:10 has labels, not numbers to predict");
}

/* By hand: 12000 = 10800 + 1200, and 2000; 600 = 540 + 60, and max(120, 100); 50 = 45 + 5, and max(10, 100). */
static void digits_counts(void **state) {
  room *in = *state;
  const struct {
    const char *source;
    size_t train, validation, test;
  } cases[] = {{"digits", 10800, 1200, 2000}, {"digits:600", 540, 60, 120}, {"digits:50", 45, 5, 100}};
  for (size_t i = 0; i < 3; i++) {
    swl_dataset dataset;
    load(in, cases[i].source, 0.1, 0, 1, &dataset);
    assert_int_equal(dataset.split[SWL_SPLIT_TRAIN].count, cases[i].train);
    assert_int_equal(dataset.split[SWL_SPLIT_VALIDATION].count, cases[i].validation);
    assert_int_equal(dataset.split[SWL_SPLIT_TEST].count, cases[i].test);
    assert_int_equal(dataset.schema.inputs, 784);
    assert_int_equal(dataset.schema.height, 28);
    assert_int_equal(dataset.schema.width, 28);
    assert_int_equal(dataset.schema.outputs, 10);
    assert_true(dataset.schema.height > 0 && dataset.schema.classification);
    assert_string_equal(dataset.schema.classes[0], "0");
    assert_string_equal(dataset.schema.classes[9], "9");
  }
}

/* FNV-1a, 64 bits. */
static uint64_t hash(const void *bytes, size_t count) {
  uint64_t value = 0xcbf29ce484222325;
  for (size_t i = 0; i < count; i++) value = (value ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
  return value;
}

static int compare_hashes(const void *a, const void *b) {
  const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

/* Sorted hashes of the images of one split. */
static uint64_t *hashes(const swl_table *table) {
  uint64_t *made = malloc(table->count * sizeof *made);
  for (size_t i = 0; i < table->count; i++) made[i] = hash(table->inputs + i * 784, 784 * sizeof(float));
  qsort(made, table->count, sizeof *made, compare_hashes);
  return made;
}

/* digits:100 is the first part of digits:300, and no test image is a training image. */
static void digits_prefix_and_disjoint(void **state) {
  room *in = *state;
  swl_dataset small, large;
  load(in, "digits:100", 0, 0, 1, &small);
  load(in, "digits:600", 0, 0, 1, &large);
  assert_memory_equal(small.split[SWL_SPLIT_TEST].inputs, large.split[SWL_SPLIT_TEST].inputs,
                      100 * 784 * sizeof(float));
  uint64_t *few = hashes(&small.split[SWL_SPLIT_TRAIN]), *many = hashes(&large.split[SWL_SPLIT_TRAIN]);
  uint64_t *test = hashes(&large.split[SWL_SPLIT_TEST]);
  for (size_t i = 1; i < 600; i++) assert_true(many[i] != many[i - 1]);
  for (size_t i = 0; i < 100; i++) assert_non_null(bsearch(&few[i], many, 600, sizeof *many, compare_hashes));
  for (size_t i = 0; i < 120; i++) assert_null(bsearch(&test[i], many, 600, sizeof *many, compare_hashes));
  free(few);
  free(many);
  free(test);
}

/* Bytes of an image over 255, ink in the middle, little at the border, every class equally often. */
static void digits_are_images(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load(in, "digits:500", 0, 0, 1, &dataset);
  const swl_table *train = &dataset.split[SWL_SPLIT_TRAIN];
  int classes[10] = {0};
  double middle = 0, border = 0;
  for (size_t i = 0; i < train->count; i++) {
    classes[train->labels[i]]++;
    for (size_t j = 0; j < 784; j++) {
      const float pixel = train->inputs[i * 784 + j];
      const int byte = (int)lround(pixel * 255.0);
      assert_true(byte >= 0 && byte <= 255 && pixel == (float)byte / 255.0f);
      const size_t x = j % 28, y = j / 28;
      if (x >= 7 && x < 21 && y >= 4 && y < 24) middle += pixel / (14 * 20);
      if (x == 0 || x == 27) border += pixel / 56;
    }
  }
  for (int i = 0; i < 10; i++) assert_int_equal(classes[i], 50);
  assert_true(middle / 500 > 0.15 && middle / 500 < 0.5);
  assert_true(border / 500 < 0.06);
}

/* Saved runs name their data by "digits" alone: these bytes must stay what they were when this number was written. */
static void digits_stay_the_same(void **state) {
  room *in = *state;
  swl_dataset dataset;
  load(in, "digits:10", 0, 0, 1, &dataset);
  const swl_table *test = &dataset.split[SWL_SPLIT_TEST];
  unsigned char *bytes = malloc(100 * 784);
  for (size_t i = 0; i < 100 * 784; i++) bytes[i] = (unsigned char)lround(test->inputs[i] * 255.0);
  const uint64_t now = hash(bytes, 100 * 784);
  free(bytes);
  assert_int_equal(now, 0x89bcbd56f456b7ff);
}

static void image_splits(void **state) {
  room *in = *state;
  swl_dataset whole, again, seeded, limited;
  load(in, "digits:200", 0.25, 0, 1, &whole);
  load(in, "digits:200", 0.25, 0, 1, &again);
  load(in, "digits:200", 0.25, 0, 2, &seeded);
  load(in, "digits:200", 0.25, 40, 1, &limited);
  const size_t row = 784 * sizeof(float);
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    assert_memory_equal(again.split[split].inputs, whole.split[split].inputs, whole.split[split].count * row);
  }
  const swl_table *train = &whole.split[SWL_SPLIT_TRAIN], *validation = &whole.split[SWL_SPLIT_VALIDATION];
  assert_int_equal(train->count, 150);
  assert_int_equal(validation->count, 50);
  assert_memory_not_equal(seeded.split[SWL_SPLIT_TRAIN].inputs, train->inputs, 150 * row);
  assert_memory_equal(seeded.split[SWL_SPLIT_TEST].inputs, whole.split[SWL_SPLIT_TEST].inputs, 100 * row);
  uint64_t *inside = hashes(train), *outside = hashes(validation);
  for (size_t i = 0; i < 50; i++) assert_null(bsearch(&outside[i], inside, 150, sizeof *inside, compare_hashes));
  free(inside);
  free(outside);
  /* the first 40 of the permutation: 30 to train, 10 to validate */
  assert_int_equal(limited.split[SWL_SPLIT_TRAIN].count, 30);
  assert_int_equal(limited.split[SWL_SPLIT_VALIDATION].count, 10);
  assert_memory_equal(limited.split[SWL_SPLIT_TRAIN].inputs, train->inputs, 30 * row);
  assert_memory_equal(limited.split[SWL_SPLIT_VALIDATION].inputs, train->inputs + 30 * 784, 10 * row);
  load(in, "digits:200", 0.25, 1000, 1, &again); /* a limit beyond the count is none */
  assert_int_equal(again.split[SWL_SPLIT_TRAIN].count, 150);
}

static void digits_every_allocation(void **state) {
  (void)state;
  const swl_dataset_request request = room_request("digits:20");
  check_every_allocation(&request, 11); /* 2 × (pixels, labels), names, order, 3 × (inputs, labels) */
}

/* Example i has inputs (i, -i), label i and target 10 i. */
enum { COUNT = 11 };
static float batch_inputs[2 * COUNT], batch_targets[COUNT];
static uint32_t batch_labels[COUNT];

static swl_table batch_table(int labels) {
  for (uint32_t i = 0; i < COUNT; i++) {
    batch_inputs[2 * i] = (float)i;
    batch_inputs[2 * i + 1] = -(float)i;
    batch_labels[i] = i;
    batch_targets[i] = 10 * (float)i;
  }
  return (swl_table){.count = COUNT,
                     .inputs = batch_inputs,
                     .labels = labels ? batch_labels : NULL,
                     .targets = labels ? NULL : batch_targets};
}

static void batches_cover_an_epoch(void **state) {
  room *in = *state;
  const swl_table table = batch_table(1);
  swl_batches *batches = NULL;
  check_ok(in->context, swl_batches_create(in->context, in->arena, &table, 2, 10, 4, 7, &batches));
  assert_int_equal(swl_updates_per_epoch(COUNT, 4), 2); /* 11 = 2 × 4 + 3 left out */
  assert_int_equal(swl_batches_size(batches), 4);
  const size_t calls = in->counting.calls;
  uint32_t first[3][8];
  int left_out[COUNT] = {0};
  for (uint64_t epoch = 0; epoch < 3; epoch++) {
    int seen[COUNT] = {0};
    for (uint64_t k = 0; k < 2; k++) {
      const swl_table *batch = swl_batches_at(batches, NULL, swl_everything, 2 * epoch + k);
      assert_int_equal(batch->count, 4);
      assert_null(batch->targets);
      for (size_t i = 0; i < 4; i++) {
        const uint32_t which = batch->labels[i];
        assert_true(batch->inputs[2 * i] == (float)which && batch->inputs[2 * i + 1] == -(float)which);
        seen[which]++;
        first[epoch][4 * k + i] = which;
      }
    }
    for (int i = 0; i < COUNT; i++) {
      assert_true(seen[i] <= 1);
      left_out[i] += !seen[i];
    }
  }
  assert_memory_not_equal(first[0], first[1], sizeof first[0]);
  assert_memory_not_equal(first[1], first[2], sizeof first[0]);
  int always = 0;
  for (int i = 0; i < COUNT; i++) always += left_out[i] == 3;
  assert_true(always < 3); /* another remainder each epoch */
  /* a function of (seed, update): jumping back gives the same, another seed another order */
  assert_memory_equal(swl_batches_at(batches, NULL, swl_everything, 3)->labels, first[1] + 4, 4 * sizeof(uint32_t));
  assert_memory_equal(swl_batches_at(batches, NULL, swl_everything, 0)->labels, first[0], 4 * sizeof(uint32_t));
  assert_int_equal(in->counting.calls, calls); /* allocates nothing */
  swl_batches *other = NULL;
  check_ok(in->context, swl_batches_create(in->context, in->arena, &table, 2, 10, 11, 8, &other));
  assert_int_equal(swl_updates_per_epoch(COUNT, COUNT), 1);
  assert_memory_not_equal(swl_batches_at(other, NULL, swl_everything, 0)->labels, first[0], 8 * sizeof(uint32_t));
}

static void batches_of_everything(void **state) {
  room *in = *state;
  const swl_table table = batch_table(0);
  swl_batches *batches = NULL;
  check_ok(in->context, swl_batches_create(in->context, in->arena, &table, 2, 1, 0, 7, &batches));
  assert_int_equal(swl_updates_per_epoch(COUNT, 0), 1);
  assert_int_equal(swl_batches_size(batches), COUNT);
  const swl_table *batch = swl_batches_at(batches, NULL, swl_everything, 5);
  assert_int_equal(batch->count, COUNT);
  assert_memory_equal(batch->inputs, batch_inputs, sizeof batch_inputs); /* in their order */
  check_ok(in->context, swl_batches_create(in->context, in->arena, &table, 2, 1, 3, 7, &batches));
  batch = swl_batches_at(batches, NULL, swl_everything, 1);
  assert_null(batch->labels);
  for (size_t i = 0; i < 3; i++) assert_true(batch->targets[i] == 10 * batch->inputs[2 * i]);
}

static void batches_refuse(void **state) {
  room *in = *state;
  swl_table table = batch_table(1);
  swl_batches *batches = NULL;
  check_fails(in->context, swl_batches_create(in->context, in->arena, &table, 2, 10, 12, 7, &batches),
              SWALE_ERROR_USAGE, "the batch has 12 examples; 0 (all) to 11");
  table.count = 0;
  check_fails(in->context, swl_batches_create(in->context, in->arena, &table, 2, 10, 0, 7, &batches), SWALE_ERROR_USAGE,
              "no examples");
  table.count = COUNT;
  for (size_t fail_at = 1; fail_at <= 4; fail_at++) { /* itself, order, inputs, labels */
    in->counting.fail_at = in->counting.calls + fail_at;
    check_fails(in->context, swl_batches_create(in->context, in->arena, &table, 2, 10, 4, 7, &batches),
                SWALE_ERROR_MEMORY, "out of memory");
    assert_null(batches);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      room_test(bad_requests),
      room_test(digits_counts),
      room_test(digits_prefix_and_disjoint),
      room_test(digits_are_images),
      room_test(digits_stay_the_same),
      room_test(image_splits),
      room_test(digits_every_allocation),
      room_test(batches_cover_an_epoch),
      room_test(batches_of_everything),
      room_test(batches_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
