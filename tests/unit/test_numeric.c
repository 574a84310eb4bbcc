/* test_numeric.c - matrix products, loops over vectors, log-sum-exp: against textbook formulas in double. */
#include "check.h"
#include "instruction_sets.h"

#include "numeric/numeric.h"
#include "numeric/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double eps = 0x1p-24; /* half a unit in the last place of a float near 1 */
static const char *const sets[] = {"avx512", "avx2", "baseline"};
enum { SETS = 3 };

/* Numbers in [-1, 1) from a small generator of the tests' own (Knuth's 64-bit LCG), without src/random. */
static uint64_t numbers_state;
static float number(void) {
  numbers_state = numbers_state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (float)((double)(numbers_state >> 11) * 0x1p-52 - 1.0);
}
static float *numbers(size_t count) {
  float *made = malloc((count + 1) * sizeof *made);
  assert_non_null(made);
  for (size_t i = 0; i < count; i++) made[i] = number();
  return made;
}

/* [1 2 3; 4 5 6] · [1 2; 3 4; 5 6] = [22 28; 49 64], by hand; each factor also stored transposed. */
static void gemm_by_hand(void **state) {
  (void)state;
  const float a[] = {1, 2, 3, 4, 5, 6}, a_t[] = {1, 4, 2, 5, 3, 6};
  const float b[] = {1, 2, 3, 4, 5, 6}, b_t[] = {1, 3, 5, 2, 4, 6};
  const float expected[] = {22, 28, 49, 64};
  for (size_t i = 0; swl_kernels_list()[i]; i++) {
    for (int flags = 0; flags < 4; flags++) {
      const int ta = flags & 1, tb = flags >> 1;
      float c[4] = {NAN, NAN, NAN, NAN};
      swl_kernels_list()[i]->gemm(ta, tb, 2, 2, 3, ta ? a_t : a, ta ? 2 : 3, tb ? b_t : b, tb ? 3 : 2, c, 2);
      assert_memory_equal(c, expected, sizeof c);
    }
  }
}

/* |oneDNN - exact| <= gamma_k Σ|a||b|, and the reference is within eps of exact; between rows nothing is touched. */
static void gemm_case(const swl_kernels *fast, const swl_kernels *slow, int ta, int tb, size_t m, size_t n, size_t k,
                      size_t pad) {
  const size_t lda = (ta ? m : k) + pad, ldb = (tb ? k : n) + pad, ldc = n + pad;
  float *a = numbers((ta ? k : m) * lda), *b = numbers((tb ? n : k) * ldb);
  float *c = numbers(m * ldc), *d = numbers(m * ldc), *before = malloc((m * ldc + 1) * sizeof *before);
  assert_non_null(before);
  for (size_t i = 0; i < m * ldc; i++) c[i] = d[i] = before[i] = (i % 3) ? c[i] : NAN;
  fast->gemm(ta, tb, m, n, k, a, lda, b, ldb, c, ldc);
  slow->gemm(ta, tb, m, n, k, a, lda, b, ldb, d, ldc);
  const double gamma = (double)k * eps / (1.0 - (double)k * eps);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double exact = 0.0, size = 0.0;
      for (size_t l = 0; l < k; l++) {
        const double term = (double)(ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
        exact += term;
        size += fabs(term);
      }
      check_close(c[i * ldc + j], exact, gamma * size + 1e-14);
      check_close(d[i * ldc + j], exact, eps * fabs(exact) + 1e-14);
    }
    assert_memory_equal(c + i * ldc + n, before + i * ldc + n, pad * sizeof *c);
    assert_memory_equal(d + i * ldc + n, before + i * ldc + n, pad * sizeof *d);
  }
  free(a), free(b), free(c), free(d), free(before);
}

static void gemm_agrees_with_the_reference(void **state) {
  (void)state;
  const size_t sizes[] = {1, 2, 3, 7, 16, 17, 31, 67};
  enum { COUNT = sizeof sizes / sizeof *sizes };
  const swl_kernels *fast = swl_kernels_find("onednn"), *slow = swl_kernels_find("reference");
  assert_non_null(fast);
  assert_non_null(slow);
  numbers_state = 1;
  for (int flags = 0; flags < 4; flags++) {
    for (size_t i = 0; i < (size_t)COUNT * COUNT * COUNT; i++) {
      const size_t m = sizes[i % COUNT], n = sizes[i / COUNT % COUNT], k = sizes[i / COUNT / COUNT];
      gemm_case(fast, slow, flags & 1, flags >> 1, m, n, k, i % 4);
    }
    gemm_case(fast, slow, flags & 1, flags >> 1, 20, 200, 784, 0);
    gemm_case(fast, slow, flags & 1, flags >> 1, 128, 10, 257, 5);
    gemm_case(fast, slow, flags & 1, flags >> 1, 3, 5, 0, 2); /* an empty sum is zero */
    gemm_case(fast, slow, flags & 1, flags >> 1, 0, 5, 3, 0);
  }
}

static void kernels_are_found_by_name(void **state) {
  (void)state;
  assert_string_equal(swl_kernels_list()[0]->name, "onednn");
  assert_null(swl_kernels_find("blas"));
  assert_null(instruction_set("mmx"));
  assert_non_null(instruction_set("baseline"));
  assert_ptr_equal(swl_vector(), instruction_set(swl_vector()->name));
}

/* y + s z with the product rounded before the sum: a fused multiply-add would round once. Volatile keeps them apart. */
static float two_roundings(float y, float s, float z) {
  volatile float product = s * z;
  return y + product;
}

/* Counts around the register sizes, unaligned, against one rounding per operation: the same bytes in every set. */
static void arithmetic_has_the_same_bytes_everywhere(void **state) {
  (void)state;
  enum { MAX = 70 };
  numbers_state = 2;
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    for (size_t count = 0; ops && count < MAX; count++) {
      float *x = numbers(MAX + 2), *z = numbers(MAX + 2), *y = numbers(MAX + 2), *p = numbers(MAX + 2);
      float expected[MAX + 1], perturbed[MAX + 1], relu[MAX + 1], sign[MAX + 1], slope[MAX + 1];
      for (size_t i = 0; i <= MAX; i++) {
        const int in = i < count;
        expected[i] = in ? two_roundings(y[i + 1], 0.3F, z[i + 1]) : y[i + 1];
        perturbed[i] = in ? two_roundings(x[i + 1], -0.7F, z[i + 1]) : p[i + 1];
        relu[i] = in ? (x[i + 1] > 0 ? x[i + 1] : 0) : perturbed[i];
        slope[i] = in ? (x[i + 1] > 0 ? expected[i] : 0) : expected[i];
        sign[i] = in ? (x[i + 1] < 0 ? -1.0F : 1.0F) : perturbed[i];
      }
      ops->axpy(count, 0.3F, z + 1, y + 1);
      assert_memory_equal(y + 1, expected, sizeof expected);
      ops->perturb(count, x + 1, -0.7F, z + 1, p + 1);
      assert_memory_equal(p + 1, perturbed, sizeof perturbed);
      ops->relu_backward(count, x + 1, y + 1);
      assert_memory_equal(y + 1, slope, sizeof slope);
      ops->relu(count, x + 1, p + 1);
      assert_memory_equal(p + 1, relu, sizeof relu);
      ops->sign(count, x + 1, p + 1);
      assert_memory_equal(p + 1, sign, sizeof sign);
      for (size_t i = 0; i < count; i++) perturbed[i] = 0.3F * sign[i];
      ops->scale(count, 0.3F, p + 1);
      assert_memory_equal(p + 1, perturbed, count * sizeof *p);
      free(x), free(z), free(y), free(p);
    }
  }
}

static void rows_and_columns(void **state) {
  (void)state;
  numbers_state = 3;
  const size_t widths[] = {1, 2, 10, 15, 16, 17, 63, 64, 65, 256, 300};
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    for (size_t w = 0; ops && w < sizeof widths / sizeof *widths; w++) {
      for (size_t rows = 0; rows < 40; rows += 3) {
        const size_t columns = widths[w];
        float *y = numbers(rows * columns), *bias = numbers(columns), *sums = numbers(columns);
        float *expected = malloc((rows * columns + 1) * sizeof *expected);
        for (size_t i = 0; i < rows * columns; i++) expected[i] = y[i] + bias[i % columns];
        y[rows * columns] = 7.0F;
        ops->add_bias(rows, columns, bias, y);
        assert_memory_equal(y, expected, rows * columns * sizeof *y);
        assert_true(y[rows * columns] == 7.0F);
        ops->column_sums(rows, columns, y, sums);
        for (size_t j = 0; j < columns; j++) {
          double sum = 0.0;
          for (size_t row = 0; row < rows; row++) sum += y[row * columns + j];
          assert_true(sums[j] == (float)sum);
        }
        free(y), free(bias), free(sums), free(expected);
      }
    }
  }
}

/* A column is added up row by row, from 0, in the order of `index`: the same bytes as plain C from every set, however its
 * registers share the columns. Rows that nobody asks for are NaN. */
static void sums_of_rows_have_the_same_bytes_everywhere(void **state) {
  (void)state;
  enum { ROWS = 12, MOST = 160, COUNT = 40 };
  numbers_state = 7;
  for (size_t columns = 8; columns <= MOST; columns += 8) {
    double *rows = malloc(ROWS * columns * sizeof *rows), sums[MOST + 1], expected[MOST + 1];
    for (size_t i = 0; i < ROWS * columns; i++) {
      rows[i] = i % (2 * columns) < columns ? ldexp(number(), (int)(i % 50)) : NAN;
    }
    for (size_t count = 0; count <= COUNT; count++) {
      size_t index[COUNT]; /* the same row again, and up and down */
      for (size_t i = 0; i < count; i++) index[i] = i % 3 == 1 ? index[i - 1] : (i * 7 + count) % (ROWS / 2) * 2;
      for (size_t j = 0; j < columns; j++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) sum += rows[index[i] * columns + j];
        expected[j] = sum;
      }
      expected[columns] = 7;
      for (int set = 0; set < SETS; set++) {
        const swl_vector_ops *ops = instruction_set(sets[set]);
        if (!ops) continue;
        for (size_t j = 0; j < columns; j++) sums[j] = NAN; /* it is not read */
        sums[columns] = 7;
        ops->sum_rows(count, index, columns, rows, sums);
        assert_memory_equal(sums, expected, (columns + 1) * sizeof *sums);
      }
    }
    free(rows);
  }
}

/* Integers and halves below 2^10: sums, means of two and squares are exact in double, so nothing rounds and the order of
 * sums does not matter. Every third entry is not finite: NaN, or infinite of either sign. */
static void moments_leave_out_what_is_not_finite(void **state) {
  (void)state;
  enum { ROWS = 24, STRIDE = 70 };
  static const double odd[] = {NAN, INFINITY, -INFINITY};
  double f[ROWS * STRIDE], minus[ROWS * STRIDE], mean[STRIDE];
  for (size_t i = 0; i < (size_t)ROWS * STRIDE; i++) {
    f[i] = i % 3 == 1 ? odd[i % 7 % 3] : (double)(i * 37 % 501) - 250;
    minus[i] = (double)(i * 11 % 101) / 2;
  }
  for (size_t j = 0; j < STRIDE; j++) mean[j] = (double)j - 30;
  for (size_t width = 0; width <= 64; width = width < 20 ? width + 1 : width + 11) {
    for (size_t kind = 0; kind < 4; kind++) {
      const size_t step = kind % 2 + 1;
      const double *from = kind / 2 ? minus : NULL;
      double expected[4][STRIDE] = {{0}};
      for (size_t j = 0; j < width; j++) {
        for (size_t row = 0; row < ROWS; row += step) {
          double deviation = 0, members = 0;
          for (size_t k = row; k < row + step; k++) {
            const double value = f[k * STRIDE + j] - (from ? from[k * STRIDE + j] : 0);
            if (!isfinite(value)) continue;
            expected[0][j] += value, expected[1][j] += 1, deviation += value - mean[j], members += 1;
          }
          if (members == 0) continue;
          expected[2][j] += deviation / members * (deviation / members), expected[3][j] += 1;
        }
      }
      for (int set = 0; set < SETS; set++) {
        const swl_vector_ops *ops = instruction_set(sets[set]);
        double made[4][STRIDE] = {{0}};
        if (!ops) continue;
        ops->finite_sums(ROWS, width, STRIDE, f, from, made[0], made[1]);
        ops->finite_squares(ROWS, step, width, STRIDE, f, from, mean, made[2], made[3]);
        assert_memory_equal(made, expected, sizeof made);
      }
    }
  }
}

/* Small integers, and halves of them: exact. */
static void steps_of_langevin_chains(void **state) {
  (void)state;
  enum { COUNT = 70 };
  float u[COUNT], v[COUNT], g[COUNT], h[COUNT];
  for (int i = 0; i < COUNT; i++) {
    u[i] = (float)(i * 7 % 23), v[i] = (float)(i * 5 % 19), g[i] = (float)(i * 3 % 17), h[i] = (float)(i * 11 % 13);
  }
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    if (!ops) continue;
    double sum = 0;
    for (size_t count = 0; count <= COUNT; count++) {
      assert_true(ops->mala(count, 0.5, 0.25, u, v, g, h) == sum);
      float free[COUNT] = {0}, pulled[COUNT] = {0}, to[COUNT] = {0};
      memcpy(free, u, sizeof u);
      memcpy(pulled, v, sizeof v);
      ops->langevin(count, (const float[]){0.5F, 2, 4}, h, g, free, pulled, to);
      for (size_t i = 0; i < COUNT; i++) {
        assert_true(free[i] == (i < count ? 0.5F * u[i] + 4 * h[i] : u[i]));
        assert_true(pulled[i] == (i < count ? 0.5F * v[i] - 2 * g[i] : v[i]));
        assert_true(to[i] == (i < count ? free[i] + pulled[i] : 0));
      }
      if (count == COUNT) continue;
      const double from = (double)u[count], at = (double)v[count], left = (double)g[count], right = (double)h[count];
      sum += (at - 0.5 * from + 0.25 * left) * left - (from - 0.5 * at + 0.25 * right) * right;
    }
  }
}

/* Differences of small integers: exact. One number that is none, anywhere, is seen. */
static void lengths_and_finite_numbers(void **state) {
  (void)state;
  enum { COUNT = 70 };
  static const float odd[] = {NAN, INFINITY, -INFINITY};
  float a[COUNT], b[COUNT];
  for (int i = 0; i < COUNT; i++) a[i] = (float)(i * 7 % 23), b[i] = (float)(i * 5 % 19);
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    if (!ops) continue;
    double sum = 0, product = 0;
    for (size_t count = 0; count <= COUNT; count++) {
      assert_true(ops->distance2(count, a, b) == sum);
      assert_true(ops->dot_floats(count, a, b) == product);
      assert_int_equal(ops->finite(count, a), 1);
      for (size_t i = 0; i < count; i++) {
        const float was = a[i];
        a[i] = odd[i % 3];
        assert_int_equal(ops->finite(count, a), 0);
        a[i] = i % 2 ? 3.4028235e38F : -3.4028235e38F; /* the largest there are */
        assert_int_equal(ops->finite(count, a), 1);
        a[i] = was;
      }
      if (count == COUNT) continue;
      sum += ((double)a[count] - b[count]) * ((double)a[count] - b[count]);
      product += (double)a[count] * b[count];
    }
  }
}

typedef struct function {
  void (*run)(size_t, const float *, float *);
  double (*exact)(double);
  double relative, absolute, by_u; /* error <= relative |exact| + absolute + by_u |u|, in units of eps */
} function;
static double exact_sigmoid(double u) { return 1.0 / (1.0 + exp(-u)); }
static double exact_gelu(double u) { return 0.5 * u * erfc(-u / sqrt(2.0)); }
static double exact_gelu_slope(double u) {
  return 0.5 * erfc(-u / sqrt(2.0)) + u * exp(-0.5 * u * u) / sqrt(2.0 * acos(-1.0));
}

/* The bounds: tanh 3.5 ulp by SLEEF (1 ulp <= 2 eps relative). sigmoid: exp 1 ulp, a sum and a quotient, each half an
 * ulp, so 4 eps. Φ: 7.5e-8 = 1.26 eps by Hastings, plus the polynomial's rounding: terms up to 1.83 in size, five
 * operations, each at most 1.83 eps, times φ <= 0.4 and t: below 6 eps. exp(-u²/2) has relative error (1 + u²/2) 2 eps,
 * and u φ u²/2 <= 0.24: another 2. */
static void functions_are_accurate(void **state) {
  (void)state;
  enum { COUNT = 20011 };
  float *u = malloc(COUNT * sizeof *u), *y = malloc(COUNT * sizeof *y);
  for (int i = 0; i < COUNT; i++) u[i] = (float)((i - COUNT / 2) * 0.0017);
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    if (!ops) continue;
    const function all[] = {{ops->tanh, tanh, 7.0, 0.0, 0.0},
                            {ops->sigmoid, exact_sigmoid, 5.0, 1e-30, 0.0},
                            {ops->gelu, exact_gelu, 1.0, 1e-30, 8.0}};
    for (size_t f = 0; f < 3; f++) {
      all[f].run(COUNT, u, y);
      for (int i = 0; i < COUNT; i++) {
        const double exact = all[f].exact(u[i]);
        /* exp(-u) for u < -87 is beyond float's normal range */
        check_close(y[i], exact,
                    eps * (all[f].relative * fabs(exact) + all[f].absolute + all[f].by_u * fabs(u[i])) + 1e-37);
      }
    }
    for (int i = 0; i < COUNT; i++) y[i] = 1.0F;
    ops->gelu_backward(COUNT, u, y);
    for (int i = 0; i < COUNT; i++) check_close(y[i], exact_gelu_slope(u[i]), 12.0 * eps);
    ops->tanh(COUNT, u, y);
    float *slope = numbers(COUNT), *old = malloc(COUNT * sizeof *old);
    memcpy(old, slope, COUNT * sizeof *old);
    ops->tanh_backward(COUNT, y, slope);
    for (int i = 0; i < COUNT; i++) check_close(slope[i], old[i] * (1.0 - (double)y[i] * y[i]), 4.0 * eps);
    memcpy(slope, old, COUNT * sizeof *old);
    ops->sigmoid_backward(COUNT, y, slope);
    for (int i = 0; i < COUNT; i++) check_close(slope[i], old[i] * (double)y[i] * (1.0 - (double)y[i]), 8.0 * eps);
    free(slope), free(old);
  }
  free(u), free(y);
}

/* A value does not know where its range was cut, and NaN and infinity come out where they must. */
static void cuts_and_special_values(void **state) {
  (void)state;
  enum { COUNT = 101 };
  numbers_state = 4;
  float *u = numbers(COUNT), whole[COUNT], part[COUNT];
  u[5] = NAN, u[40] = INFINITY, u[77] = -INFINITY, u[100] = NAN;
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    if (!ops) continue;
    void (*const all[])(size_t, const float *, float *) = {ops->relu, ops->tanh, ops->sigmoid, ops->gelu, ops->sign};
    const float low[] = {0, -1, 0, NAN, -1}, high[] = {INFINITY, 1, 1, INFINITY, 1};
    for (size_t f = 0; f < 5; f++) {
      all[f](COUNT, u, whole);
      for (size_t cut = 0; cut <= COUNT; cut++) {
        memcpy(part, u, sizeof part);
        all[f](cut, part, part); /* in place */
        all[f](COUNT - cut, u + cut, part + cut);
        for (int i = 0; i < COUNT; i++) assert_true(part[i] == whole[i] || (isnan(part[i]) && isnan(whole[i])));
      }
      assert_true(isnan(whole[5]) && isnan(whole[100]));
      assert_true(whole[40] == high[f]);
      assert_true(isnan(low[f]) ? isnan(whole[77]) : whole[77] == low[f]);
    }
  }
  free(u);
}

/* Each row against log Σ exp in double. A term exp(d) carries 1 ulp of exp and |d| eps from rounding d, weighted by its
 * probability p in the loss: Σ p (2 + |d|) eps. delta_j: the same for p_j and for the sum, and two more roundings. */
static void cross_entropy_case(const swl_vector_ops *ops, size_t rows, size_t columns, float size) {
  float *u = numbers(rows * columns), *delta = numbers(rows * columns);
  uint32_t *labels = malloc(rows * sizeof *labels);
  double *losses = malloc(rows * sizeof *losses), *again = malloc(rows * sizeof *again);
  for (size_t i = 0; i < rows * columns; i++) u[i] *= size;
  for (size_t b = 0; b < rows; b++) labels[b] = (uint32_t)((b * 7 + 3) % columns);
  ops->cross_entropy(rows, columns, u, labels, 0.25F, delta, losses);
  ops->cross_entropy(rows, columns, u, labels, 0.25F, NULL, again);
  assert_memory_equal(losses, again, rows * sizeof *losses);
  for (size_t b = 0; b < rows; b++) {
    const float *row = u + b * columns;
    double top = row[0], sum = 0.0, error = 0.0;
    for (size_t j = 1; j < columns; j++) top = row[j] > top ? row[j] : top;
    for (size_t j = 0; j < columns; j++) sum += exp(row[j] - top);
    for (size_t j = 0; j < columns; j++) error += exp(row[j] - top) / sum * (2.0 + (top - row[j])) * eps;
    check_close(losses[b], top - row[labels[b]] + log(sum), error + 1e-15 * (1.0 + top - row[labels[b]]));
    for (size_t j = 0; j < columns; j++) {
      const double p = exp(row[j] - top) / sum, expected = 0.25 * (p - (j == labels[b]));
      check_close(delta[b * columns + j], expected,
                  0.25 * (p * ((4.0 + (top - row[j])) * eps) + p * error + error) + 1e-37);
    }
    double alone = 0.0; /* one row at a time: the same bytes */
    ops->cross_entropy(1, columns, row, labels + b, 1.0F, NULL, &alone);
    assert_true(alone == losses[b]);
  }
  free(u), free(delta), free(labels), free(losses), free(again);
}

static void cross_entropy_is_right(void **state) {
  (void)state;
  numbers_state = 5;
  const size_t widths[] = {1, 2, 3, 10, 16, 17, 31, 32, 33, 47, 64, 1000};
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    for (size_t w = 0; ops && w < sizeof widths / sizeof *widths; w++) {
      for (size_t rows = 1; rows < 40; rows += 6) {
        cross_entropy_case(ops, rows, widths[w], 1.0F);
        cross_entropy_case(ops, rows, widths[w], 30.0F);
        cross_entropy_case(ops, rows, widths[w], 1e30F);
      }
    }
  }
}

static void cross_entropy_extremes(void **state) {
  (void)state;
  for (int set = 0; set < SETS; set++) {
    const swl_vector_ops *ops = instruction_set(sets[set]);
    for (size_t columns = 3; ops && columns < 40; columns += 34) {
      float u[6 * 40] = {0}, delta[6 * 40];
      const uint32_t labels[6] = {0};
      double losses[6];
      u[0] = 20.0F;                   /* right and sure: log(1 + (columns - 1) e^-20) */
      u[columns + 1] = NAN;           /* anywhere in the row */
      u[2 * columns] = INFINITY;      /* not a probability any more */
      u[3 * columns] = -INFINITY;     /* the label is impossible */
      u[4 * columns + 1] = -INFINITY; /* another class is impossible */
      u[5 * columns] = 3e38F, u[5 * columns + 1] = -3e38F;
      ops->cross_entropy(6, columns, u, labels, 1.0F, delta, losses);
      const double sure = log1p((double)(columns - 1) * exp(-20.0));
      check_close(losses[0], sure, 24.0 * eps * sure + 1e-15);
      check_close(delta[0], -sure, 30.0 * eps * sure + 1e-15);
      assert_true(isnan(losses[1]) && isnan(losses[2]));
      assert_true(isinf(losses[3]) && losses[3] > 0);
      check_close(losses[4], log((double)columns - 1.0), 4.0 * eps);
      assert_true(losses[5] == 0.0);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gemm_by_hand),
      cmocka_unit_test(gemm_agrees_with_the_reference),
      cmocka_unit_test(kernels_are_found_by_name),
      cmocka_unit_test(arithmetic_has_the_same_bytes_everywhere),
      cmocka_unit_test(rows_and_columns),
      cmocka_unit_test(sums_of_rows_have_the_same_bytes_everywhere),
      cmocka_unit_test(moments_leave_out_what_is_not_finite),
      cmocka_unit_test(lengths_and_finite_numbers),
      cmocka_unit_test(steps_of_langevin_chains),
      cmocka_unit_test(functions_are_accurate),
      cmocka_unit_test(cuts_and_special_values),
      cmocka_unit_test(cross_entropy_is_right),
      cmocka_unit_test(cross_entropy_extremes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
