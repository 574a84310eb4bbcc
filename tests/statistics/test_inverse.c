/* test_inverse.c - the map from words to normals, at every value that it can take.
 *
 * Hand solution: word w stands for the tail probability q = 2^-32 m, m = (w mod 2^31) | 1; z errs by (Q(z) - q)/phi(z)
 * up to the square of the error, Q(z) = erfc(z/sqrt(2))/2 in double. The bound 4e-6 is the polynomials' 3.5e-6
 * (scripts/make-gaussian-table --report) and roundings of 2^-22 at most, half a unit of the last place at |z| > 4,
 * where the polynomials have 2e-6. float(m) has 24 bits: the odd m below 2^25 and the 2^23 floats of each octave above
 * give all values: 2^26.2 words.
 */
#include "check.h"

#include "random/gaussian.h"
#include "random/gaussian_forms.h"
#include "random/gaussian_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 4096 };
static const double root_half = 0.70710678118654752440;

/* words[0..CHUNK) that follow m; returns the m after them, 2^31 at the end (the rest repeats the last). */
static uint64_t next_words(uint64_t m, uint32_t *words) {
  for (size_t i = 0; i < CHUNK; i++) {
    words[i] = (uint32_t)m | (i % 3 == 1 ? 0x80000000U : 0);
    const uint64_t octave = 63 - (uint64_t)__builtin_clzll(m), next = m + (octave < 25 ? 2 : 1ULL << (octave - 23));
    if (next < 1ULL << 31) m = next;
    if (next >= 1ULL << 31 && i == CHUNK - 1) m = 1ULL << 31;
  }
  return m;
}

/* By the formula, with libm's fused multiply-add. */
static float by_the_formula(uint32_t word) {
  int exponent = 0;
  const float t = 2 * frexpf((float)(int32_t)((word & 0x7fffffffU) | 1), &exponent) - 1.5F;
  const size_t index = (size_t)(exponent + 30) % 32; /* frexp: 2^exponent times [1/2, 1) */
  float p = gaussian_table[GAUSSIAN_DEGREE][index];
  for (int k = GAUSSIAN_DEGREE - 1; k >= 0; k--) p = fmaf(p, t, gaussian_table[k][index]);
  return word >> 31 ? -p : p;
}

/* Portable, AVX2 and AVX-512 code against libm's fmaf: bytes, for every value that can occur. */
static void every_value_is_the_formula_in_every_instruction_set(void **state) {
  (void)state;
  static uint32_t words[CHUNK];
  static float expected[CHUNK], z[CHUNK];
  for (uint64_t m = 1; m < 1ULL << 31;) {
    m = next_words(m, words);
    for (size_t i = 0; i < CHUNK; i++) expected[i] = by_the_formula(words[i]);
    for (const gaussian_ops *const *ops = swl_gaussian_available(); *ops; ops++) {
      memcpy(z, words, sizeof z);
      (*ops)->normals(CHUNK, z);
      assert_memory_equal(z, expected, sizeof z);
    }
  }
}

static double error_of(float z, uint32_t word) {
  const double q = ((word & 0x7fffffffU) | 1) * 0x1p-32, v = word >> 31 ? -(double)z : (double)z;
  return (0.5 * erfc(v * root_half) - q) / (0.39894228040143267794 * exp(-0.5 * v * v));
}

static void every_value_is_within_4e_6_of_the_quantile(void **state) {
  (void)state;
  static const uint32_t extreme[16] = {0,          1,          2,          3,          4,          0x3fffffff,
                                       0x40000000, 0x40000001, 0x7ffffffe, 0x7fffffff, 0x7fffffc0, 0x80000000,
                                       0x80000001, 0xbfffffff, 0xfffffffe, 0xffffffff};
  static uint32_t words[CHUNK];
  static float z[CHUNK];
  const gaussian_ops *ops = swl_gaussian_available()[0];
  double worst = 0, distance = 0;
  memcpy(z, extreme, sizeof extreme);
  ops->normals(16, z);
  for (size_t i = 0; i < 16; i++) {
    check_close(error_of(z[i], extreme[i]), 0, 4e-6);
    assert_int_equal(signbit(z[i]) != 0, extreme[i] >> 31);
  }
  check_close(z[0], 6.2302601, 4e-6); /* -Phi^-1(2^-32) */
  for (uint64_t m = 1; m < 1ULL << 31;) {
    m = next_words(m, words);
    memcpy(z, words, sizeof z);
    ops->normals(CHUNK, z);
    for (size_t i = m / 2 % 3; i < CHUNK; i += 3) { /* a third of them */
      const double error = error_of(z[i], words[i]), size = fabs(error);
      worst = fmax(worst, size);
      distance = fmax(distance, size * 0.39894228040143267794 * exp(-0.5 * (double)z[i] * (double)z[i]));
    }
  }
  /* Kolmogorov's distance: Q(z) - q at the values, and the height of a step, 2^-25 at most with 24 bits of q */
  printf("# largest error %.3e, distance of the law %.3e\n", worst, distance + 0x1p-25);
  assert_true(worst < 4e-6);
  assert_true(distance + 0x1p-25 < 1.7e-6);
}

/* E z^k, k = 2, 4, 6, of the words' law: means over the words of each octave of m, weighted with its 2^(e-31); words 0
 * and 1 are the octave 0. In large octaves 2^18 words stand for all: midpoints err by their distance squared. */
static void moments_of_the_law(void **state) {
  (void)state;
  static const double normal[] = {1, 3, 15};
  static float z[CHUNK];
  const gaussian_ops *ops = swl_gaussian_available()[0];
  double moment[3] = {0, 0, 0};
  for (int octave = 0; octave < 31; octave++) {
    const uint64_t count = octave < 18 ? 1ULL << (octave < 12 ? 12 : octave) : 1 << 18;
    double sum[3] = {0, 0, 0};
    for (uint64_t first = 0; first < count; first += CHUNK) {
      for (size_t i = 0; i < CHUNK; i++) {
        const uint32_t word = (uint32_t)ldexp(1 + (2 * (double)(first + i) + 1) / (2 * (double)count), octave);
        memcpy(&z[i], &word, sizeof word);
      }
      ops->normals(CHUNK, z);
      for (size_t i = 0; i < CHUNK; i++) {
        const double square = (double)z[i] * (double)z[i];
        sum[0] += square, sum[1] += square * square, sum[2] += square * square * square;
      }
    }
    for (int k = 0; k < 3; k++) moment[k] += ldexp(sum[k] / (double)count, octave ? octave - 31 : -30);
  }
  for (int k = 0; k < 3; k++) {
    printf("# E z^%d = %.0f %+.2e\n", 2 * k + 2, normal[k], moment[k] - normal[k]);
  }
  check_close(moment[0], 1, 2e-7);
  check_close(moment[1], 3, 1e-6);
  check_close(moment[2], 15, 1e-5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_value_is_the_formula_in_every_instruction_set),
      cmocka_unit_test(every_value_is_within_4e_6_of_the_quantile),
      cmocka_unit_test(moments_of_the_law),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
