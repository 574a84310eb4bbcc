/* test_random.c - Philox against its published answers, and what is made of its words.
 *
 * Hand solutions: the known answers of Random123's kat_vectors file, and its own philox.h where it is installed; the
 * words of both generators one at a time, in the layout that gaussian.h promises, and the normal distribution function
 * of the normals; chi-square by its mean k and variance 2k. tests/statistics/test_inverse.c goes through all words.
 */
#include "check.h"

#include "random/gaussian.h"
#include "random/gaussian_forms.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<Random123/philox.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#include <Random123/philox.h>
#pragma GCC diagnostic pop
#define HAVE_RANDOM123 1
#else
#define HAVE_RANDOM123 0
#endif

static void philox_gives_the_published_answers(void **state) {
  (void)state;
  static const uint32_t counters[3][4] = {
      {0, 0, 0, 0}, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}};
  static const uint32_t keys[3][2] = {{0, 0}, {0xffffffff, 0xffffffff}, {0xa4093822, 0x299f31d0}};
  static const uint32_t answers[3][4] = {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int i = 0; i < 3; i++) {
    uint32_t out[4];
    swl_philox4x32(counters[i], keys[i], out);
    assert_memory_equal(out, answers[i], sizeof out);
  }
}

static void philox_agrees_with_random123(void **state) {
  (void)state;
#if HAVE_RANDOM123
  philox4x32_ctr_t counter = {{1, 2, 3, 4}};
  philox4x32_key_t key = {{5, 6}};
  for (int i = 0; i < 10000; i++) { /* each answer is the next question */
    const philox4x32_ctr_t theirs = philox4x32(counter, key);
    uint32_t ours[4];
    swl_philox4x32(counter.v, key.v, ours);
    assert_memory_equal(ours, theirs.v, sizeof ours);
    counter = theirs;
    key.v[0] = theirs.v[0] ^ (uint32_t)i, key.v[1] = theirs.v[3];
  }
#else
  skip();
#endif
}

/* Each word of the counter and of the key has one meaning (the table in stream.h). */
static void streams_hold_what_they_are_for(void **state) {
  (void)state;
  const swl_stream s = swl_stream_make(swl_philox(0x123456789abcdef0ULL), SWL_PURPOSE_CHECK, 77, 88, 0xffffff);
  assert_int_equal(s.key[0], 0x9abcdef0);
  assert_int_equal(s.key[1], 0x12345678);
  assert_int_equal(s.draw, 88);
  assert_int_equal(s.update, 77);
  assert_int_equal(s.place, 0x08ffffff);
}

/* By hand from gaussian.h: coordinate 64 t + 32 h + 2 i + s has word 2h + 1 - s of block 16 t + i. */
static uint32_t philox_word(const swl_stream *stream, uint64_t coordinate) {
  const uint32_t t = (uint32_t)(coordinate / 64), h = coordinate / 32 % 2, i = coordinate / 2 % 16, s = coordinate % 2;
  const uint32_t counter[4] = {16 * t + i, stream->draw, stream->update, stream->place};
  uint32_t word[4];
  swl_philox4x32(counter, stream->key, word);
  return word[2 * h + 1 - s];
}

/* By hand from gaussian.h: sfc32 as its author publishes it, one lane, from its start. */
static uint32_t block_word(const swl_stream *stream, uint64_t coordinate) {
  const uint64_t tile = coordinate / 1024, lane = coordinate % 16;
  uint32_t a = philox_word(stream, 64 * tile + lane), b = philox_word(stream, 64 * tile + 16 + lane);
  uint32_t c = philox_word(stream, 64 * tile + 32 + lane), counter = philox_word(stream, 64 * tile + 48 + lane),
           word = 0;
  for (uint64_t n = 0; n <= coordinate % 1024 / 16; n++) {
    word = a + b + counter++;
    a = b ^ (b >> 9);
    b = c + (c << 3);
    c = ((c << 21) | (c >> 11)) + word;
  }
  return word;
}

/* The probability beyond the normal is the word's, within the bound 4e-6 for the normal. */
static void normals_are_the_quantiles_of_the_words(void **state) {
  (void)state;
  enum { COUNT = 1 << 14 };
  static float z[COUNT];
  const uint64_t starts[] = {0, (1ULL << 34) - COUNT, (1ULL << 34) - 512}; /* the last: c0 of PHILOX wraps to 0 */
  for (size_t k = 0; k < 6; k++) {
    const uint64_t first = starts[k / 2];
    swl_stream stream = swl_stream_make(swl_philox(99 + (0xabcdULL << 32)), SWL_PURPOSE_DRAW, 3, 5, 7);
    assert_int_equal(stream.generator, SWL_GENERATOR_PHILOX);
    if (k % 2) stream.generator = SWL_GENERATOR_BLOCK;
    swl_gaussian_fill(&stream, first, COUNT, z);
    for (uint64_t i = 0; i < COUNT; i++) {
      const uint32_t word = k % 2 ? block_word(&stream, first + i) : philox_word(&stream, first + i);
      const double q = ((word & 0x7fffffff) | 1) * 0x1p-32, v = word >> 31 ? -(double)z[i] : (double)z[i];
      check_close(erfc(v * sqrt(0.5)) / 2, q, 4e-6 * exp(-v * v / 2) / sqrt(2 * acos(-1)) + 1e-11);
    }
  }
}

static void every_instruction_set_gives_the_same_bytes(void **state) {
  (void)state;
  enum { TILES = 1025 };
  static float first[TILES * SWL_GAUSSIAN_STRIPE], z[TILES * SWL_GAUSSIAN_STRIPE];
  const gaussian_ops *const *all = swl_gaussian_available();
  size_t sets = 0;
  for (uint64_t seed = 0; seed < 20; seed++) {
    swl_stream stream = swl_stream_make(swl_philox(seed * 0x9e3779b97f4a7c15ULL), SWL_PURPOSE_DRAW, seed, ~seed, 1);
    stream.generator = seed / 2 % 2 ? SWL_GENERATOR_BLOCK : SWL_GENERATOR_PHILOX;
    const uint64_t tile = seed % 2 ? seed : (1ULL << 28) - 3; /* inside a block, and across the wrap of c0 too */
    all[0]->fill(&stream, tile, TILES, first);
    for (sets = 1; all[sets]; sets++) {
      memset(z, 0xff, sizeof z);
      all[sets]->fill(&stream, tile, TILES, z);
      assert_memory_equal(z, first, sizeof z);
    }
  }
  printf("# %zu instruction sets\n", sets);
  assert_string_equal(all[sets - 1]->name, "portable");
}

static void normals_do_not_know_how_a_range_is_cut(void **state) {
  (void)state;
  enum { COUNT = 3000 }; /* three blocks */
  float whole[COUNT], part[COUNT + 1];
  for (int generator = 0; generator < 2; generator++) {
    swl_stream stream = swl_stream_make(swl_philox(4), SWL_PURPOSE_DRAW, 1, 2, 3);
    stream.generator = generator ? SWL_GENERATOR_BLOCK : SWL_GENERATOR_PHILOX;
    swl_gaussian_fill(&stream, 0, COUNT, whole);
    for (size_t first = 0; first < COUNT; first += SWL_GAUSSIAN_STRIPE) {
      for (size_t count = 0; count <= COUNT - first; count += 1 + count / 9) {
        part[count] = 7.0F;
        swl_gaussian_fill(&stream, first, count, part);
        assert_memory_equal(part, whole + first, count * sizeof *part);
        assert_true(part[count] == 7.0F);
      }
    }
  }
}

static double chi_square(const size_t *seen, size_t bins, double expected) {
  double sum = 0;
  for (size_t i = 0; i < bins; i++) sum += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
  return (sum - (double)(bins - 1)) / sqrt(2 * (double)(bins - 1));
}

/* Mean 1/2 ± 1/sqrt(12 n), 64 bins, neighbors uncorrelated, 53 bits: the least significant one is a fair coin. */
static void uniforms_are_uniform(void **state) {
  (void)state;
  enum { COUNT = 1 << 18, BINS = 64 };
  size_t seen[BINS] = {0}, odd = 0;
  double sum = 0, product = 0, last = 0.5;
  const swl_stream stream = swl_stream_make(swl_philox(8), SWL_PURPOSE_ACCEPT, 0, 0, 0);
  for (uint64_t i = 0; i < COUNT; i++) {
    const double u = swl_uniform(&stream, i);
    assert_true(u >= 0 && u < 1);
    assert_true(u * 0x1p53 == floor(u * 0x1p53));
    odd += fmod(u * 0x1p53, 2) != 0;
    seen[(size_t)(u * BINS)]++;
    sum += u - 0.5;
    product += (u - 0.5) * (last - 0.5);
    last = u;
  }
  check_close(sum / sqrt(COUNT / 12.0), 0, 4);
  check_close(product / sqrt(COUNT / 144.0), 0, 4);
  check_close(chi_square(seen, BINS, COUNT / (double)BINS), 0, 4);
  check_close(((double)odd - COUNT / 2.0) / sqrt(COUNT / 4.0), 0, 4);
}

/* The exact answer is floor(n bits / 2^64), by long multiplication of the words of the block. */
static void integers_below_n_are_uniform(void **state) {
  (void)state;
  enum { COUNT = 120000 };
  const swl_stream stream = swl_stream_make(swl_philox(9), SWL_PURPOSE_SHUFFLE, 0, 0, 0);
  const uint32_t sizes[] = {1, 2, 3, 7, 10, 12};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    size_t seen[12] = {0};
    for (uint64_t i = 0; i < COUNT; i++) {
      const uint32_t k = swl_uniform_below(&stream, i, sizes[s]);
      assert_true(k < sizes[s]);
      seen[k]++;
    }
    if (sizes[s] > 1) check_close(chi_square(seen, sizes[s], COUNT / (double)sizes[s]), 0, 4);
  }
  for (uint64_t i = 0; i < 100000; i++) { /* large n, where the low half of the bits matters once in a while */
    const uint32_t counter[4] = {(uint32_t)(i / 2), stream.draw, stream.update, stream.place},
                   n = UINT32_MAX - (uint32_t)i;
    uint32_t word[4];
    swl_philox4x32(counter, stream.key, word);
    const uint64_t low = word[i % 2 * 2], high = word[i % 2 * 2 + 1];
    const uint64_t product = high * n, carry = (product & UINT32_MAX) + (low * n >> 32); /* long multiplication */
    assert_int_equal(swl_uniform_below(&stream, i, n), (product >> 32) + (carry >> 32));
    check_close(swl_uniform(&stream, i), ldexp((double)high, -32) + ldexp((double)(low >> 11), -53), 0);
  }
}

/* All 24 orders of 4 and each (place, value) of 10, over streams of different epochs: chi-square with 23 and 81
 * degrees. */
static void permutations_are_uniform(void **state) {
  (void)state;
  enum { COUNT = 48000 };
  size_t orders[256] = {0}, places[100] = {0}, used = 0, dense[24];
  for (uint64_t epoch = 0; epoch < COUNT; epoch++) {
    uint32_t a[10], present = 0;
    const swl_stream stream = swl_stream_make(swl_philox(10), SWL_PURPOSE_SHUFFLE, epoch, 0, 0);
    swl_permutation(&stream, 4, a);
    orders[a[0] | a[1] << 2 | a[2] << 4 | a[3] << 6]++;
    swl_permutation(&stream, 10, a);
    for (size_t i = 0; i < 10; i++) present |= 1U << a[i], places[10 * i + a[i]]++;
    assert_int_equal(present, 1023);
  }
  for (size_t i = 0; i < 256; i++) {
    if (!orders[i]) continue;
    assert_true(used < 24);
    dense[used++] = orders[i];
  }
  assert_int_equal(used, 24);
  check_close(chi_square(dense, 24, COUNT / 24.0), 0, 4);
  double sum = 0;
  for (size_t i = 0; i < 100; i++) sum += pow((double)places[i] - COUNT / 10.0, 2) / (COUNT / 10.0);
  check_close((0.9 * sum - 81) / sqrt(162), 0, 4); /* multinomial variance n p (1-p): times 9/10 */
  uint32_t one = 5;
  const swl_stream stream = swl_stream_make(swl_philox(1), SWL_PURPOSE_SHUFFLE, 0, 0, 0);
  swl_permutation(&stream, 0, &one);
  assert_int_equal(one, 5);
  swl_permutation(&stream, 1, &one);
  assert_int_equal(one, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(philox_gives_the_published_answers),
      cmocka_unit_test(philox_agrees_with_random123),
      cmocka_unit_test(streams_hold_what_they_are_for),
      cmocka_unit_test(normals_are_the_quantiles_of_the_words),
      cmocka_unit_test(every_instruction_set_gives_the_same_bytes),
      cmocka_unit_test(normals_do_not_know_how_a_range_is_cut),
      cmocka_unit_test(uniforms_are_uniform),
      cmocka_unit_test(integers_below_n_are_uniform),
      cmocka_unit_test(permutations_are_uniform),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
