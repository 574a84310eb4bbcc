/* test_columns.c - the kernels of columns.h, of every instruction set that this CPU has, against plain C in double.
 *
 * Each operand ends where a page that may not be touched begins, so that a read or a write past the end is a fault; the
 * room between rows holds NaN where it is read past and a mark where it is written past. eps = 2^-24.
 *   outer          k products and sums, fused or not: (k + 1) eps' Σ|a b| with eps' = 2 eps
 *   pair           g(u ± s z): two roundings, 2 eps (|u| + |s z|); relu is 1-Lipschitz; sign is not looked at within
 *                  that of 0
 *   condition      by hand, t = u/s, M(t) = E[z | z > t] = sqrt(2/pi) exp(-t²/2) / erfc(t/sqrt 2), φ(t)/Φ(-t):
 *                    relu, pair    on in a member: z; else 0, the mean of a symmetric interval
 *                    relu, single  on: z; off, z < -t: -M(t)
 *                    sign, pair    both have u's sign, |z| < |t|: 0; else sgn(z) M(|t|)
 *                    sign, single  z > -t: M(-t), z < -t: -M(t)
 *                  t rounds by eps, which exp(-t²/2) and erfc turn into t² eps each; SLEEF adds 2.5 ulp: (8 + 4 t²)
 *                  eps M
 *   members        as pair, 16 columns per number of u
 *   weave          k products and sums on top of what c holds: (k + 1) eps' (|c| + Σ|h p|)
 *   dots           a product passes at most 7 roundings (baseline: its own, 3 sums across registers, 2 across lanes, 1 with
 *                  what was there): 8 eps (|sum| + Σ|c z|)
 *   cross-entropy  u - top rounds by eps |u - top|, exp by 1 ulp: eps (4 + 2 mean of |u - top| under the softmax), logs
 *                  double
 */
#define _DEFAULT_SOURCE
#include "check.h"
#include "instruction_sets.h"

#include "numeric/vector.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { POOLS = 6, BYTES = 1 << 16, PAGE = 1 << 16, SIZES = 40, COLUMNS = 16 };
static const double eps = 0x1p-24, underflow = 0x1p-126; /* of floats */
#define MARK 12345.0F

static const char *const sets[] = {"avx512", "avx2", "baseline"};
static char *pools[POOLS];
static uint64_t chance = 9;

static float columns_number(void) {
  chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
  return (float)((double)(chance >> 11) * 0x1p-52 - 1.0);
}

/* Memory whose last byte is the last before a page without rights. */
static void *columns_edge(int pool, size_t bytes) {
  if (!pools[pool]) {
    pools[pool] = mmap(NULL, BYTES + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pools[pool] != MAP_FAILED);
    assert_int_equal(mprotect(pools[pool] + BYTES, PAGE, PROT_NONE), 0);
  }
  assert_true(bytes <= BYTES);
  return pools[pool] + BYTES - bytes;
}

/* rows × columns with a stride; `rest` between the rows. The last row ends at the edge. */
static float *columns_matrix(int pool, size_t rows, size_t columns, size_t stride, float rest) {
  const size_t count = rows ? (rows - 1) * stride + columns : 0;
  float *made = columns_edge(pool, count * sizeof(float));
  for (size_t i = 0; i < count; i++) made[i] = i % stride < columns ? columns_number() : rest;
  return made;
}

static void columns_check_rest(const float *c, size_t rows, size_t columns, size_t stride) {
  for (size_t i = 0; i + 1 < rows; i++) {
    for (size_t j = columns; j < stride; j++) assert_true(c[i * stride + j] == MARK);
  }
}

static void check_near(double actual, double expected, double tolerance) {
  if (!(fabs(actual - expected) <= tolerance)) check_close(actual, expected, tolerance);
}

static void outer_check(const swl_columns_ops *loops, size_t m, size_t n, size_t k, int add) {
  const size_t lda = m + k % 3, ldb = n + m % 5, ldc = n + (m + n) % 4;
  static float before[BYTES / sizeof(float)];
  const float *a = columns_matrix(0, k, m, lda, NAN), *b = columns_matrix(1, k, n, ldb, NAN);
  float *c = columns_matrix(2, m, n, ldc, MARK);
  for (size_t i = 0; i < m; i++) memcpy(before + i * n, c + i * ldc, n * sizeof *c);
  for (size_t i = 0; !add && i < m; i++) {
    for (size_t j = 0; j < n; j++) c[i * ldc + j] = NAN; /* it is not read */
  }
  loops->outer(m, n, k, a, lda, b, ldb, add, c, ldc);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = add ? before[i * n + j] : 0, size = fabs(sum);
      for (size_t l = 0; l < k; l++) {
        const double product = (double)a[l * lda + i] * b[l * ldb + j];
        sum += product, size += fabs(product);
      }
      check_near(c[i * ldc + j], sum, 2 * eps * (double)(k + 1) * size);
    }
  }
  columns_check_rest(c, m, n, ldc);
}

static void outer_is_a_product(void **state) {
  (void)state;
  static const size_t depths[] = {0, 1, 2, 7, 40};
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    if (!ops) continue;
    assert_string_equal(ops->columns->name, sets[t]);
    for (size_t m = 1; m <= SIZES; m++) {
      for (size_t n = 1; n <= SIZES; n++) {
        for (size_t k = 0; k < 5; k++) outer_check(ops->columns, m, n, depths[(k + m) % 5], k % 2);
      }
    }
    outer_check(ops->columns, 3, 100, 5, 0);
    outer_check(ops->columns, 100, 33, 5, 1);
  }
}

static double mean_above(double t) { return sqrt(2 / acos(-1)) * exp(-t * t / 2) / erfc(t / sqrt(2)); }

static double bent(swl_bend bend, double u) {
  return bend == SWL_BEND_RELU ? fmax(u, 0) : bend == SWL_BEND_SIGN ? (u < 0 ? -1 : 1) : u;
}

/* z's mean given what can be seen */
static double condition_by_hand(swl_bend bend, int both, double t, double z) {
  if (bend == SWL_BEND_RELU && both) return t + z > 0 || t - z > 0 ? z : 0;
  if (bend == SWL_BEND_RELU) return t + z > 0 ? z : -mean_above(t);
  if (both) return fabs(z) < fabs(t) ? 0 : copysign(mean_above(fabs(t)), z);
  return z > -t ? mean_above(-t) : -mean_above(t);
}

typedef struct pair_case {
  const swl_columns_ops *loops;
  swl_bend bend;
  int both, condition, place; /* place: plus and minus are up and um */
  size_t m, w;
} pair_case;

static void pair_check_one(const pair_case *c, const double in[5], const float out[3]) {
  const double u = in[0], v = in[1], z = in[2], s = in[3], s_m = in[4], t = u / s;
  const double plus = u + s * z, minus = v - s_m * z;
  const double near = 2 * eps * (fabs(u) + fabs(s * z)), near_m = 2 * eps * (fabs(v) + fabs(s_m * z));
  if (c->bend != SWL_BEND_SIGN || fabs(plus) > near) check_near(out[0], bent(c->bend, plus), near);
  if (c->both && (c->bend != SWL_BEND_SIGN || fabs(minus) > near_m)) check_near(out[1], bent(c->bend, minus), near_m);
  if (!c->condition || c->bend == SWL_BEND_NONE) {
    assert_true(out[2] == (float)z);
  } else if (fabs(fabs(t) - fabs(z)) > 4 * eps * fabs(t)) {
    const double seen = condition_by_hand(c->bend, c->both, t, z);
    check_near(out[2], seen, seen == z ? 0 : (8 + 4 * t * t) * eps * fabs(seen) + underflow);
  }
}

static void pair_check(const pair_case *c) {
  const size_t m = c->m, w = c->w, ldu = w + m % 3, ldz = w + 1, ldh = c->place ? ldu : w + 2;
  static float up[4096], um[4096], z[4096];
  const float rest = c->place ? MARK : NAN;
  swl_pair job = {.bend = c->bend, .condition = c->condition, .m = m, .w = w, .ldu = ldu, .ldz = ldz, .ldh = ldh};
  float *u = columns_matrix(0, m, w, ldu, rest), *v = columns_matrix(1, m, w, ldu, rest);
  float *noise = columns_matrix(2, m, w, ldz, MARK), *scale = columns_matrix(3, 1, w, w, NAN);
  float *scale_m = columns_edge(4, w * sizeof(float));
  float *plus = c->place ? u : columns_matrix(5, 2 * m, w, ldh, MARK), *minus = c->place ? v : plus + m * ldh;
  for (size_t j = 0; j < w; j++) {
    scale[j] = 0.05F + fabsf(scale[j]);
    scale_m[j] = c->condition ? scale[j] : 0.05F + fabsf(columns_number());
    for (size_t i = 0; i < m; i++) {
      const float far = 4 * noise[i * ldz + j]; /* |z| < 4, so units that hide it have t < 4: also deep in the tails */
      noise[i * ldz + j] = far;
      u[i * ldu + j] *= (i + j) % 7 ? 2 * scale[j] : 30 * scale[j];
      if (c->condition) v[i * ldu + j] = u[i * ldu + j];
    }
  }
  for (size_t i = 0; i < m; i++) {
    memcpy(up + i * w, u + i * ldu, w * sizeof *u);
    memcpy(um + i * w, v + i * ldu, w * sizeof *u);
    memcpy(z + i * w, noise + i * ldz, w * sizeof *u);
  }
  job.up = u, job.um = c->both ? v : NULL;
  job.scale = scale, job.scale_m = c->both ? scale_m : NULL;
  job.z = noise, job.plus = plus, job.minus = c->both ? minus : NULL;
  c->loops->pair(&job);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < w; j++) {
      const double in[5] = {up[i * w + j], um[i * w + j], z[i * w + j], scale[j], scale_m[j]};
      const float out[3] = {plus[i * ldh + j], minus[i * ldh + j], noise[i * ldz + j]};
      pair_check_one(c, in, out);
    }
  }
  columns_check_rest(noise, m, w, ldz);
  columns_check_rest(plus, m, w, ldh);
  if (c->both) columns_check_rest(minus, m, w, ldh);
}

static void pairs_are_bent_and_conditioned(void **state) {
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t w = 1; ops && w <= SIZES; w++) {
      for (int k = 0; k < 24; k++) {
        const pair_case c = {
            ops->columns, (swl_bend)(k % 3), k / 3 % 2, k / 6 % 2, k / 12, 1 + (w * 7 + (size_t)k) % 40, w};
        pair_check(&c);
      }
    }
  }
}

/* The tails by themselves: a unit that is off or does not flip however far u is, and the largest numbers there are. */
static void tails_are_finite(void **state) {
  (void)state;
  static const float us[] = {0, 1e-30F, -1e-30F, 5, -5, 40, -40, 1e15F, -1e15F, 3e38F, -3e38F};
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t k = 0; ops && k < sizeof us / sizeof *us * 4; k++) {
      const swl_bend bend = k % 2 ? SWL_BEND_SIGN : SWL_BEND_RELU;
      const float u = us[k / 4], scale = 0.5F;
      for (int half = -14; half <= 14; half++) {
        const float z = 0.5F * (float)half;
        float seen = z, plus = 0, minus = 0;
        swl_pair job = {.bend = bend, .condition = 1, .m = 1, .w = 1, .up = &u, .um = &u, .scale = &scale};
        job.scale_m = &scale, job.z = &seen, job.plus = &plus, job.minus = k / 2 % 2 ? &minus : NULL;
        job.ldu = job.ldz = job.ldh = 1;
        ops->columns->pair(&job);
        const double by_hand = condition_by_hand(bend, job.minus != NULL, u / 0.5, z), far = fabs(u / 0.5);
        if (fabs(fabs(z) - far) > 1e-5)
          check_near(seen, by_hand, (8 + 4 * fmin(far * far, 49)) * eps * fabs(by_hand) + underflow);
        assert_true(isfinite(seen) && fabsf(seen) < 8);
      }
    }
  }
}

static void sums_and_shuffles_check(const swl_columns_ops *loops, size_t m, size_t w) {
  const size_t ldd = w + m % 2, ldz = w + 3;
  static float before[SIZES * SIZES];
  const float *c = columns_matrix(0, 1, w, w, NAN), *z = columns_matrix(1, m, w, ldz, NAN);
  float *delta = columns_matrix(2, m, w, ldd, MARK), *sums = columns_matrix(3, 1, w, w, NAN);
  for (size_t i = 0; i < m; i++) memcpy(before + i * w, delta + i * ldd, w * sizeof *delta);
  loops->credit(m, w, c, z, ldz, delta, ldd);
  loops->squares(m, w, z, ldz, sums);
  for (size_t j = 0; j < w; j++) {
    double square = 1;
    for (size_t i = 0; i < m; i++) {
      const double product = (double)c[j] * z[i * ldz + j], was = before[i * w + j];
      square += (double)z[i * ldz + j] * z[i * ldz + j];
      check_near(delta[i * ldd + j], was + product, 2 * eps * (fabs(product) + fabs(was)));
    }
    check_near(sums[j], square, 2 * eps * (double)(m + 1) * square);
  }
  columns_check_rest(delta, m, w, ldd);
  const float *bias = columns_matrix(3, 1, m, m, NAN);
  for (size_t i = 0; i < m; i++) memcpy(before + i * w, delta + i * ldd, w * sizeof *delta);
  loops->add_bias(m, w, bias, delta, ldd);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < w; j++) assert_true(delta[i * ldd + j] == before[i * w + j] + bias[i]);
  }
  columns_check_rest(delta, m, w, ldd);
  const float *rows = columns_matrix(4, w, m, m + 2, NAN);
  float *out = columns_matrix(5, m, w, ldd, MARK);
  loops->transpose(m, w, rows, m + 2, out, ldd);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < w; j++) assert_true(out[i * ldd + j] == rows[j * (m + 2) + i]);
  }
  columns_check_rest(out, m, w, ldd);
}

static void sums_and_shuffles(void **state) {
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t m = 1; ops && m <= SIZES; m++) {
      for (size_t w = 1; w <= SIZES; w++) sums_and_shuffles_check(ops->columns, m, w);
    }
  }
}

/* Row vectors of `count` numbers with a mark in front, for what is written. */
static float *columns_row(int pool, size_t count) {
  float *made = columns_matrix(pool, 1, count + 1, count + 1, NAN);
  made[0] = MARK;
  return made + 1;
}

static void members_check(const swl_columns_ops *loops, swl_bend bend, int both, size_t rows, size_t units) {
  const size_t ldu = units + (rows + units) % 3, count = rows * units * COLUMNS;
  const float s = 0.05F + fabsf(columns_number());
  const float *u = columns_matrix(0, rows, units, ldu, NAN), *z = columns_matrix(1, 1, count, count, NAN);
  float *plus = columns_row(2, count), *minus = columns_row(3, count);
  memset(minus, 0, count * sizeof *minus);
  loops->members(bend, rows, units, u, ldu, s, z, plus, both ? minus : NULL);
  for (size_t i = 0; i < count; i++) {
    const size_t at = i / COLUMNS;
    const double mean = u[at / units * ldu + at % units], noise = (double)s * z[i];
    const double near = 2 * eps * (fabs(mean) + fabs(noise));
    if (bend != SWL_BEND_SIGN || fabs(mean + noise) > near) check_near(plus[i], bent(bend, mean + noise), near);
    if (!both)
      assert_true(minus[i] == 0);
    else if (bend != SWL_BEND_SIGN || fabs(mean - noise) > near)
      check_near(minus[i], bent(bend, mean - noise), near);
  }
  assert_true(plus[-1] == MARK && minus[-1] == MARK);
}

/* NaN of u is in all 16 columns of it, NaN of z in its own, and neither anywhere else; sign of both zeros is 1. */
static void members_special_check(const swl_columns_ops *loops, swl_bend bend) {
  enum { UNITS = 5, BAD = 3 };
  static const float u[UNITS] = {NAN, INFINITY, -INFINITY, -0.0F, 2};
  static const float by_hand[3][UNITS] = {
      {NAN, INFINITY, -INFINITY, 0, 2}, {NAN, INFINITY, 0, 0, 2}, {NAN, 1, -1, 1, 1}};
  float z[UNITS * COLUMNS] = {0}, out[2][UNITS * COLUMNS];
  z[4 * COLUMNS + BAD] = NAN;
  loops->members(bend, 1, UNITS, u, UNITS, 0.5F, z, out[0], out[1]);
  for (size_t i = 0; i < (size_t)2 * UNITS * COLUMNS; i++) {
    const size_t at = i % (UNITS * (size_t)COLUMNS);
    const float is = out[i / (UNITS * (size_t)COLUMNS)][at], should = by_hand[bend][at / COLUMNS];
    if (isnan(should) || at == 4 * COLUMNS + BAD)
      assert_true(isnan(is));
    else
      assert_true(is == should);
  }
}

static void members_are_bent(void **state) {
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t k = 0; ops && k < 6; k++) {
      for (size_t rows = 1; rows <= 9; rows++) {
        for (size_t units = 1; units <= 20; units++) {
          members_check(ops->columns, (swl_bend)(k % 3), k >= 3, rows, units);
        }
      }
      members_check(ops->columns, (swl_bend)(k % 3), k >= 3, 64, 8);
      members_special_check(ops->columns, (swl_bend)(k % 3));
    }
  }
}

static void weave_check(const swl_columns_ops *loops, size_t rows, size_t m, size_t k) {
  const size_t ldh = k * COLUMNS + (rows + m) % 4 * 5, count = rows * m * COLUMNS;
  static float before[BYTES / sizeof(float)];
  const float *h = columns_matrix(0, rows, k * COLUMNS, ldh, NAN);
  const float *p = columns_matrix(1, 1, k * m * COLUMNS, k * m * COLUMNS, NAN);
  float *c = columns_row(2, count);
  memcpy(before, c, count * sizeof *c);
  loops->weave(rows, m, k, h, ldh, p, c);
  for (size_t i = 0; i < count; i++) {
    const size_t column = i % COLUMNS, unit = i / COLUMNS % m, row = i / COLUMNS / m;
    double sum = before[i], size = fabs(sum);
    for (size_t l = 0; l < k; l++) {
      const double product = (double)h[row * ldh + l * COLUMNS + column] * p[(l * m + unit) * COLUMNS + column];
      sum += product, size += fabs(product);
    }
    check_near(c[i], sum, 2 * eps * (double)(k + 1) * size);
  }
  assert_true(c[-1] == MARK);
}

static void weaves_are_products_column_by_column(void **state) {
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t rows = 1; ops && rows <= 12; rows++) {
      for (size_t m = 1; m <= 12; m++) {
        for (size_t k = 0; k <= 9; k++) weave_check(ops->columns, rows, m, k);
      }
    }
    if (!ops) continue;
    weave_check(ops->columns, 64, 10, 8);
    weave_check(ops->columns, 33, 1, 1);
    weave_check(ops->columns, 1, 47, 21);
  }
}

static void dots_check(const swl_columns_ops *loops, size_t count) {
  const float *c = columns_matrix(0, 1, COLUMNS, COLUMNS, NAN);
  const float *z = columns_matrix(1, 1, count * COLUMNS, count * COLUMNS, NAN);
  static float before[BYTES / sizeof(float)];
  float *sums = columns_row(2, count), zero[COLUMNS] = {0};
  memcpy(before, sums, count * sizeof *sums);
  loops->dots(count, zero, z, sums); /* lanes that nobody asked for add nothing at all */
  assert_memory_equal(sums, before, count * sizeof *sums);
  loops->dots(count, c, z, sums);
  for (size_t i = 0; i < count; i++) {
    double sum = before[i], size = fabs(sum);
    for (size_t j = 0; j < COLUMNS; j++) {
      const double product = (double)c[j] * z[i * COLUMNS + j];
      sum += product, size += fabs(product);
    }
    check_near(sums[i], sum, 8 * eps * size);
  }
  assert_true(sums[-1] == MARK);
}

static void dots_add_over_sixteen_columns(void **state) {
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t count = 0; ops && count <= SIZES; count++) dots_check(ops->columns, count);
    if (ops) dots_check(ops->columns, 999);
  }
}

static void entropy_check(const swl_columns_ops *loops, size_t m, size_t w, float scale) {
  const size_t ldu = w + m % 3;
  float *u = columns_matrix(0, m, w, ldu, NAN);
  uint32_t *labels = columns_edge(1, w * sizeof *labels);
  double *losses = columns_edge(2, w * sizeof *losses);
  for (size_t j = 0; j < w; j++) {
    labels[j] = (uint32_t)((j * 7 + m / 2) % m);
    for (size_t i = 0; i < m; i++) u[i * ldu + j] *= scale;
    if (j % 6 == 5) u[(j % m) * ldu + j] = -INFINITY; /* a class of probability zero */
    if (j % 6 == 5 && (m == 1 || labels[j] == j % m)) u[(j % m) * ldu + j] = 1;
  }
  loops->cross_entropy(m, w, u, ldu, labels, losses);
  for (size_t j = 0; j < w; j++) {
    double top = -INFINITY, sum = 0, range = 0;
    for (size_t i = 0; i < m; i++) top = fmax(top, u[i * ldu + j]);
    for (size_t i = 0; i < m; i++) {
      const double p = exp((double)u[i * ldu + j] - top);
      sum += p, range += p > 0 ? p * (top - u[i * ldu + j]) : 0;
    }
    const double loss = top - u[labels[j] * ldu + j] + log(sum);
    check_near(losses[j], loss, eps * (4 + 2 * range / sum) + 0x1p-50 * fabs(loss));
    assert_true(losses[j] >= -eps);
  }
}

static void cross_entropy_is_log_sum_exp(void **state) {
  (void)state;
  static const float scales[] = {1, 30, 1e4F, 1e30F, 0};
  for (size_t t = 0; t < 3; t++) {
    const swl_vector_ops *ops = instruction_set(sets[t]);
    for (size_t m = 1; ops && m <= SIZES; m++) {
      for (size_t w = 1; w <= SIZES; w++) entropy_check(ops->columns, m, w, scales[(m + w) % 5]);
    }
    if (!ops) continue;
    const float u[6] = {1, 2, NAN, 4, 5, 6}; /* 2 × 3; a column with NaN */
    const uint32_t labels[3] = {0, 1, 1};
    double losses[3];
    ops->columns->cross_entropy(2, 3, u, 3, labels, losses);
    assert_true(isfinite(losses[0]) && isfinite(losses[1]) && isnan(losses[2]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outer_is_a_product),
      cmocka_unit_test(pairs_are_bent_and_conditioned),
      cmocka_unit_test(tails_are_finite),
      cmocka_unit_test(sums_and_shuffles),
      cmocka_unit_test(members_are_bent),
      cmocka_unit_test(weaves_are_products_column_by_column),
      cmocka_unit_test(dots_add_over_sixteen_columns),
      cmocka_unit_test(cross_entropy_is_log_sum_exp),
  };
  for (size_t t = 0; t < 3; t++) printf("# %s: %s\n", sets[t], instruction_set(sets[t]) ? "yes" : "not on this CPU");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
