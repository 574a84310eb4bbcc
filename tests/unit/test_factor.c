/* test_factor.c - L Lᵀ = H Hᵀ and Q with orthonormal rows, for inputs with and without an inverse.
 *
 * Hand argument. H (w × (n+1), the last column ones) is known here in double, exactly. With G = H Hᵀ and g its largest
 * diagonal entry:
 *   L Lᵀ - G   L is rounded to float: 2^-23 sqrt(G_bb G_cc); pivots below 2^-40 g are left out: 2^-40 g, by
 *              Cauchy-Schwarz for all entries of the remainder, which is semi-definite
 *   L Q - H    L, Q rounded to float; the rows left out are within sqrt(2^-40 g) of the span of those chosen
 *   Q Qᵀ - I   Q = L_p⁻¹ H_p: roundings of 2^-53 grow by the condition of the chosen rows, by 2^40 and somewhat more
 *              where the least pivot is just not left out. Asked for: 2^-7, the law of E[E | S] to a percent in the
 *              worst direction, and 2^-20 where the rows are far from dependent
 *   Qᵀ Q H - H both of these: what makes S = L Z and E[E | S] = Qᵀ Z one draw is H Qᵀ Z = L Q Qᵀ Z = L Z
 * The rank is that of the construction: repeated rows count once, rows of zeros are (0, 1), n + 1 is the most.
 */
#include "check.h"

#include "noise/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 48 };

typedef struct setting {
  counting_allocator counting;
  swale_context *context;
  swl_arena *arena;
  size_t w, n, stride;
  float *h;
  swl_factor factor;
} setting;

static double setting_number(uint64_t *state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) * 0x1p-52 - 1.0;
}

static void setting_make(setting *s, size_t w, size_t n) {
  uint64_t state = 1000 * w + n;
  *s = (setting){.w = w, .n = n, .stride = (w + 15) / 16 * 16};
  s->context = check_context(&s->counting);
  check_ok(s->context, swl_arena_create(s->context, &s->arena));
  s->h = calloc(w * n + 1, sizeof *s->h);
  for (size_t i = 0; i < w * n; i++) s->h[i] = (float)setting_number(&state);
}

static double setting_at(const setting *s, size_t b, size_t i) { return i < s->n ? s->h[b * s->n + i] : 1; }

static double setting_gram(const setting *s, size_t b, size_t c) {
  double sum = 0;
  for (size_t i = 0; i <= s->n; i++) sum += setting_at(s, b, i) * setting_at(s, c, i);
  return sum;
}

static double setting_dot(const setting *s, size_t k, size_t l) {
  double sum = 0;
  for (size_t i = 0; i <= s->n; i++) {
    sum += (double)s->factor.q[k * (s->n + 1) + i] * s->factor.q[l * (s->n + 1) + i];
  }
  return sum;
}

static double setting_lt(const setting *s, size_t k, size_t b) { return s->factor.lt[k * s->stride + b]; }

static void setting_run(setting *s) {
  const size_t most = s->w < s->n + 1 ? s->w : s->n + 1, width = s->n + 1;
  swl_factor_work work;
  check_ok(s->context, swl_factor_work_create(s->arena, s->w, s->n, &work));
  s->factor.lt = swl_arena_take(s->arena, most * s->stride, sizeof(float));
  s->factor.q = swl_arena_take(s->arena, most * width, sizeof(float));
  for (size_t i = 0; i < most * s->stride; i++) s->factor.lt[i] = 77; /* of the batch before */
  swl_factor_make(&work, s->w, s->n, s->h, s->stride, &s->factor);
  assert_true(s->factor.rows <= most);
}

static void setting_free(setting *s) {
  free(s->h);
  swl_arena_destroy(s->arena);
  check_context_gone(&s->counting, s->context);
}

/* Q Qᵀ = I to `tolerance`; returns the error. */
static double setting_check(const setting *s, double tolerance) {
  const double n = (double)(s->n + s->w);
  const size_t rank = s->factor.rows;
  double largest = 0, error = 0;
  for (size_t b = 0; b < s->w; b++) largest = fmax(largest, setting_gram(s, b, b));
  for (size_t k = 0; k < rank; k++) {
    for (size_t b = 0; b < s->stride; b++) {
      if (b >= s->w || (s->factor.triangular && b < k)) assert_true(setting_lt(s, k, b) == 0);
    }
  }
  const double left_out = 0x1p-40 * largest;
  for (size_t b = 0; b < s->w; b++) {
    for (size_t c = 0; c <= b; c++) {
      const double gram = setting_gram(s, b, c), size = sqrt(setting_gram(s, b, b) * setting_gram(s, c, c));
      double sum = 0;
      for (size_t k = 0; k < rank; k++) sum += setting_lt(s, k, b) * setting_lt(s, k, c);
      check_close(sum, gram, 0x1p-23 * size + left_out + n * n * 0x1p-53 * largest);
    }
  }
  for (size_t k = 0; k < rank; k++) {
    for (size_t l = 0; l <= k; l++) error = fmax(error, fabs(setting_dot(s, k, l) - (k == l)));
  }
  check_close(error, 0, tolerance);
  for (size_t b = 0; b < s->w; b++) {
    double inside[MOST] = {0}, far[2] = {0, 0}, size = sqrt(setting_gram(s, b, b));
    for (size_t k = 0; k < rank; k++) {
      for (size_t i = 0; i <= s->n; i++) inside[k] += setting_at(s, b, i) * s->factor.q[k * (s->n + 1) + i];
    }
    for (size_t i = 0; i <= s->n; i++) {
      double back = -setting_at(s, b, i), made = back;
      for (size_t k = 0; k < rank; k++) {
        back += inside[k] * s->factor.q[k * (s->n + 1) + i];
        made += setting_lt(s, k, b) * s->factor.q[k * (s->n + 1) + i];
      }
      far[0] += made * made, far[1] += back * back;
    }
    const double rounding = sqrt(left_out) + 0x1p-23 * sqrt((double)rank) * size;
    check_close(sqrt(far[0]), 0, rounding);
    check_close(sqrt(far[1]), 0, 2 * rounding + error * (double)rank * size);
  }
  return error;
}

static void regular_inputs(void **state) {
  (void)state;
  for (size_t w = 1; w <= MOST; w += w < 20 ? 1 : 7) {
    for (size_t n = 1; n <= 60; n += n < 20 ? 1 : 13) {
      setting s;
      setting_make(&s, w, n);
      setting_run(&s);
      assert_int_equal(s.factor.rows, w < n + 1 ? w : n + 1); /* also where w > n + 1 */
      setting_check(&s, w == n + 1 ? 0x1p-7 : 0x1p-20);
      setting_free(&s);
    }
  }
}

static void repeated_and_zero_examples_count_once(void **state) {
  (void)state;
  for (size_t w = 2; w <= 40; w++) {
    for (size_t n = 1; n <= 45; n += 11) {
      setting s;
      setting_make(&s, w, n);
      size_t distinct = 0, zeros = 0;
      for (size_t b = 0; b < w; b++) {
        const int zero = b % 5 == 3, copy = b % 3 == 1;
        if (zero)
          memset(s.h + b * n, 0, n * sizeof(float));
        else if (copy)
          memcpy(s.h + b * n, s.h + (b - 1) * n, n * sizeof(float));
        zeros += zero || (copy && (b - 1) % 5 == 3);
        distinct += !zero && !copy;
      }
      distinct += zeros > 0;
      setting_run(&s);
      assert_int_equal(s.factor.rows, distinct < n + 1 ? distinct : n + 1);
      setting_check(&s, w == n + 1 ? 0x1p-7 : 0x1p-20);
      setting_free(&s);
    }
  }
  setting all;
  setting_make(&all, 17, 6);
  memset(all.h, 0, 17 * 6 * sizeof(float));
  setting_run(&all);
  assert_int_equal(all.factor.rows, 1);
  setting_check(&all, 0x1p-20);
  setting_free(&all);
}

/* Rows v + s_b e_b with s from 1 to 5e-6: pivots down to 1e-10 of the first. And images of a bump of some width that
 * moves: their differences fall to rounding after a few (wide bumps) or hardly at all (narrow ones). */
static void nearly_singular_inputs(void **state) {
  (void)state;
  setting s;
  setting_make(&s, 11, 30);
  memset(s.h, 0, 11 * 30 * sizeof(float));
  for (size_t b = 0; b < 11; b++) {
    for (size_t i = 0; i < 5; i++) s.h[b * 30 + i] = 0.5F;
    s.h[b * 30 + 10 + b] = (float)pow(10, -0.53 * (double)b);
  }
  setting_run(&s);
  assert_int_equal(s.factor.rows, 11);
  printf("# scaled rows: |Q Q' - I| %.1e\n", setting_check(&s, 0x1p-7));
  setting_free(&s);
  for (size_t w = 4; w <= MOST; w += 4) {
    for (int width = 3; width <= 27; width += 3) {
      setting images;
      setting_make(&images, w, 100);
      for (size_t b = 0; b < w; b++) {
        for (size_t i = 0; i < 100; i++) {
          const double far = ((double)i - 10 - 80 * (double)b / (double)w) / width;
          images.h[b * 100 + i] = (float)exp(-far * far / 2);
        }
      }
      setting_run(&images);
      const double error = setting_check(&images, 0x1p-7);
      if (w % 16 == 0 && width % 12 == 3) {
        printf("# %zu bumps of width %d: rank %zu, |Q Q' - I| %.1e\n", w, width, images.factor.rows, error);
      }
      assert_true(images.factor.rows > 3 && (width < 27 || w < 16 || images.factor.rows < w));
      setting_free(&images);
    }
  }
}

/* Scaling all inputs scales L: pivots are judged against the largest diagonal entry. */
static void scale_does_not_matter(void **state) {
  (void)state;
  for (int power = -30; power <= 30; power += 15) {
    setting s;
    setting_make(&s, 9, 20);
    for (size_t i = 0; i < 9 * 20; i++) s.h[i] *= ldexpf(1, power);
    setting_run(&s);
    if (power >= 0) assert_int_equal(s.factor.rows, 9);
    if (power < -20) assert_int_equal(s.factor.rows, 1); /* all (0, 1) but for 2^-60 of it */
    setting_check(&s, 0x1p-7);
    setting_free(&s);
  }
}

static void a_refused_allocation_is_an_error(void **state) {
  (void)state;
  for (size_t k = 1; k <= 4; k++) {
    setting s;
    setting_make(&s, 5, 7);
    swl_factor_work work;
    s.counting.fail_at = s.counting.calls + k;
    const swale_status status = swl_factor_work_create(s.arena, 5, 7, &work);
    assert_int_equal(status, k < 4 ? SWALE_ERROR_MEMORY : SWALE_OK);
    setting_free(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(regular_inputs),
      cmocka_unit_test(repeated_and_zero_examples_count_once),
      cmocka_unit_test(nearly_singular_inputs),
      cmocka_unit_test(scale_does_not_matter),
      cmocka_unit_test(a_refused_allocation_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
