/* columns_loops.c - the loops of columns.h for one instruction set; compiled once for each (SWL_VECTOR_SET names it).
 *
 * `outer` keeps a part of C in registers: ROWS scalars of A against two registers of B. A scalar is copied over a
 * register once and used twice; the barrier keeps the compiler from folding its load into both multiply-adds, which
 * would make the load ports the limit.
 */
#include "numeric/columns.h"

#include "numeric/lanes.h"

#define COLUMNS_JOIN_(a, b) a##b
#define COLUMNS_JOIN(a, b) COLUMNS_JOIN_(a, b)
#define COLUMNS_TEXT_(a) #a
#define COLUMNS_TEXT(a) COLUMNS_TEXT_(a)
#define COLUMNS_TABLE COLUMNS_JOIN(swl_columns_, SWL_VECTOR_SET)

extern const swl_columns_ops COLUMNS_TABLE;

#if defined(__AVX512F__)
enum { ROWS = 12, WEAVE_DEEP = 5, WEAVE_WIDE = 5 }; /* 24 or 25 sums, and 3 or 6 registers more: of 32 */
#define KEEP(v) __asm__("" : "+v"(v))
#elif defined(__AVX2__)
enum { WEAVE_DEEP = 2, WEAVE_WIDE = 5 };
enum { ROWS = 5 }; /* 10 sums, 2 registers of B, 1 of A: of 16; and 5 divides the 10 classes of so many data sets */
#define KEEP(v) __asm__("" : "+x"(v))
#else
enum { ROWS = 4, WEAVE_DEEP = 2, WEAVE_WIDE = 5 };
#define KEEP(v) (void)0
#endif

LANES_INLINE lanes columns_load(const float *p, size_t n) {
  return n == LANES ? lanes_load(p) : lanes_load_part(p, n, 0.0F);
}

LANES_INLINE void columns_store(float *p, size_t n, lanes v) {
  if (n == LANES)
    lanes_store(p, v);
  else
    lanes_store_part(p, n, v);
}

typedef struct outer_job {
  size_t k, lda, ldb, ldc;
  int add;
} outer_job;

/* rows × (wide + 1 registers) of C, the last register with `last` lanes. rows and wide are constants where inlined. */
LANES_INLINE void outer_rows(const outer_job *job, int rows, int wide, size_t last, const float *a, const float *b,
                             float *c) {
  lanes sum[ROWS][2];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    if (wide) sum[i][0] = job->add ? lanes_load(c + (size_t)i * job->ldc) : lanes_set(0.0F);
    sum[i][1] = job->add ? columns_load(c + (size_t)i * job->ldc + (size_t)wide * LANES, last) : lanes_set(0.0F);
  }
  for (size_t k = 0; k < job->k; k++, a += job->lda, b += job->ldb) {
    lanes b0 = lanes_set(0.0F);
    if (wide) b0 = lanes_load(b);
    lanes b1 = columns_load(b + (size_t)wide * LANES, last);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      lanes s = lanes_set(a[i]);
      KEEP(s);
      if (wide) sum[i][0] = lanes_fma(s, b0, sum[i][0]);
      sum[i][1] = lanes_fma(s, b1, sum[i][1]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    if (wide) lanes_store(c + (size_t)i * job->ldc, sum[i][0]);
    columns_store(c + (size_t)i * job->ldc + (size_t)wide * LANES, last, sum[i][1]);
  }
}

/* All rows of one panel of C, one or two registers wide. */
LANES_INLINE void outer_panel(const outer_job *job, size_t m, int wide, size_t last, const float *a, const float *b,
                              float *c) {
  size_t i = 0;
  for (; i + ROWS <= m; i += ROWS) outer_rows(job, ROWS, wide, last, a + i, b, c + i * job->ldc);
  switch (m - i) { /* what is left, at once */
#if defined(__AVX512F__)
  case 11: outer_rows(job, 11, wide, last, a + i, b, c + i * job->ldc); break;
  case 10: outer_rows(job, 10, wide, last, a + i, b, c + i * job->ldc); break;
  case 9: outer_rows(job, 9, wide, last, a + i, b, c + i * job->ldc); break;
  case 8: outer_rows(job, 8, wide, last, a + i, b, c + i * job->ldc); break;
  case 7: outer_rows(job, 7, wide, last, a + i, b, c + i * job->ldc); break;
  case 6: outer_rows(job, 6, wide, last, a + i, b, c + i * job->ldc); break;
  case 5: outer_rows(job, 5, wide, last, a + i, b, c + i * job->ldc); break;
#endif
#if defined(__AVX2__)
  case 4: outer_rows(job, 4, wide, last, a + i, b, c + i * job->ldc); break;
#endif
  case 3: outer_rows(job, 3, wide, last, a + i, b, c + i * job->ldc); break;
  case 2: outer_rows(job, 2, wide, last, a + i, b, c + i * job->ldc); break;
  case 1: outer_rows(job, 1, wide, last, a + i, b, c + i * job->ldc); break;
  default: break;
  }
}

static void columns_outer(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, int add,
                          float *c, size_t ldc) {
  const outer_job job = {k, lda, ldb, ldc, add};
  size_t j = 0;
  for (; j + (size_t)2 * LANES <= n; j += (size_t)2 * LANES) outer_panel(&job, m, 1, LANES, a, b + j, c + j);
  if (n - j > LANES)
    outer_panel(&job, m, 1, n - j - LANES, a, b + j, c + j);
  else if (n - j == LANES)
    outer_panel(&job, m, 0, LANES, a, b + j, c + j);
  else if (n > j)
    outer_panel(&job, m, 0, n - j, a, b + j, c + j);
}

/* φ(t) / Φ(-t), the mean of a normal number above t: t + 1/t for large t, 0 far below 0. In single precision good for
 * t < 12; no normal number is ever drawn beyond 7. */
LANES_INLINE lanes mean_above(lanes t) {
  const lanes density = 0.79788456F * lanes_exp(-0.5F * (t * t)); /* sqrt(2/pi) */
  const lanes mass = lanes_erfc(0.70710678F * t);
  return density / lanes_max(mass, lanes_set(1e-37F));
}

/* z's mean given the signs of u + s z and u - s z, or of u + s z alone; s > 0. */
LANES_INLINE lanes seen_sign(int both, lanes u, lanes s, lanes z) {
  const lanes zero = lanes_set(0.0F), t = u / s;
  if (both) {
    const lanes far = lanes_abs(t), mean = mean_above(far);
    return lanes_if_less(far, lanes_abs(z), lanes_if_less(z, zero, -mean, mean), zero);
  }
  const lanes side = lanes_if_less(z, -t, lanes_set(-1.0F), lanes_set(1.0F)); /* z above or below -t */
  return side * mean_above(-(side * t));
}

/* z, where g is relu: 0, or its mean, where the unit is off. */
LANES_INLINE lanes seen_relu(int both, lanes u, lanes s, lanes z, lanes plus, lanes minus) {
  const lanes zero = lanes_set(0.0F);
  if (both) return lanes_if_less(zero, lanes_max(plus, minus), z, zero);
  return lanes_if_less(zero, plus, z, -mean_above(u / s));
}

/* `n` lanes of one row. bend, both and condition are constants where inlined. */
LANES_INLINE void pair_lanes(swl_bend bend, int both, int condition, size_t n, const float *up, const float *um,
                             float *place, float *p, float *q, lanes sp, lanes sm) {
  const lanes zero = lanes_set(0.0F), z = columns_load(place, n), u = columns_load(up, n);
  lanes plus = lanes_fma(sp, z, u), minus = zero, seen = z;
  if (both) minus = lanes_fma(-sm, z, columns_load(um, n));
  if (bend == SWL_BEND_RELU) {
    if (condition) seen = seen_relu(both, u, sp, z, plus, minus);
    plus = lanes_max(zero, plus);
    minus = lanes_max(zero, minus);
  } else if (bend == SWL_BEND_SIGN) {
    if (condition) seen = seen_sign(both, u, sp, z);
    plus = lanes_sign(plus);
    minus = lanes_sign(minus);
  }
  columns_store(p, n, plus);
  if (both) columns_store(q, n, minus);
  if (condition) columns_store(place, n, seen);
}

/* A column of registers. Strides and pointers are copied first: the compiler must assume that stores of whole registers
 * change what `job` points to. */
LANES_INLINE void pair_column(swl_bend bend, int both, int condition, const swl_pair *job, size_t j, size_t n) {
  const size_t m = job->m, ldu = job->ldu, ldz = job->ldz, ldh = job->ldh;
  const float *up = job->up + j, *um = both ? job->um + j : up;
  float *z = job->z + j, *p = job->plus + j, *q = both ? job->minus + j : p;
  const lanes sp = n == LANES ? lanes_load(job->scale + j) : lanes_load_part(job->scale + j, n, 1.0F);
  lanes sm = sp;
  if (both) sm = n == LANES ? lanes_load(job->scale_m + j) : lanes_load_part(job->scale_m + j, n, 1.0F);
  for (size_t i = 0; i < m; i++, up += ldu, um += ldu, z += ldz, p += ldh, q += ldh) {
    pair_lanes(bend, both, condition, n, up, um, z, p, q, sp, sm);
  }
}

LANES_INLINE void pair_all(swl_bend bend, int both, int condition, const swl_pair *job) {
  size_t j = 0;
  for (; j + LANES <= job->w; j += LANES) pair_column(bend, both, condition, job, j, LANES);
  if (j < job->w) pair_column(bend, both, condition, job, j, job->w - j);
}

LANES_INLINE void pair_bend(swl_bend bend, const swl_pair *job) {
  const int condition = job->condition && bend != SWL_BEND_NONE;
  if (job->minus && condition)
    pair_all(bend, 1, 1, job);
  else if (job->minus)
    pair_all(bend, 1, 0, job);
  else if (condition)
    pair_all(bend, 0, 1, job);
  else
    pair_all(bend, 0, 0, job);
}

static void columns_pair(const swl_pair *job) {
  if (job->bend == SWL_BEND_RELU)
    pair_bend(SWL_BEND_RELU, job);
  else if (job->bend == SWL_BEND_SIGN)
    pair_bend(SWL_BEND_SIGN, job);
  else
    pair_bend(SWL_BEND_NONE, job);
}

enum { SIXTEEN = 16, HALVES = SIXTEEN / LANES }; /* registers of sixteen columns */

LANES_INLINE lanes members_bend(swl_bend bend, lanes u) {
  return bend == SWL_BEND_RELU ? lanes_max(lanes_set(0.0F), u) : bend == SWL_BEND_SIGN ? lanes_sign(u) : u;
}

/* bend and both are constants where inlined. */
LANES_INLINE void members_all(swl_bend bend, int both, size_t rows, size_t units, const float *u, size_t ldu, float s,
                              const float *z, float *plus, float *minus) {
  const lanes scale = lanes_set(s), opposite = lanes_set(-s);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < units; j++, z += SIXTEEN, plus += SIXTEEN, minus += both ? SIXTEEN : 0) {
      const lanes at = lanes_set(u[i * ldu + j]);
      for (size_t l = 0; l < SIXTEEN; l += LANES) {
        const lanes noise = lanes_load(z + l);
        lanes_store(plus + l, members_bend(bend, lanes_fma(scale, noise, at)));
        if (both) lanes_store(minus + l, members_bend(bend, lanes_fma(opposite, noise, at)));
      }
    }
  }
}

static void columns_members(swl_bend bend, size_t rows, size_t units, const float *u, size_t ldu, float s,
                            const float *z, float *plus, float *minus) {
  const int both = minus != NULL;
  if (bend == SWL_BEND_RELU && both)
    members_all(SWL_BEND_RELU, 1, rows, units, u, ldu, s, z, plus, minus);
  else if (bend == SWL_BEND_RELU)
    members_all(SWL_BEND_RELU, 0, rows, units, u, ldu, s, z, plus, plus);
  else if (bend == SWL_BEND_SIGN && both)
    members_all(SWL_BEND_SIGN, 1, rows, units, u, ldu, s, z, plus, minus);
  else if (bend == SWL_BEND_SIGN)
    members_all(SWL_BEND_SIGN, 0, rows, units, u, ldu, s, z, plus, plus);
  else if (both)
    members_all(SWL_BEND_NONE, 1, rows, units, u, ldu, s, z, plus, minus);
  else
    members_all(SWL_BEND_NONE, 0, rows, units, u, ldu, s, z, plus, plus);
}

/* deep × wide sums, constants where inlined; one register of the sixteen columns. */
LANES_INLINE void weave_columns(size_t deep, size_t wide, size_t m, size_t k, const float *h, size_t ldh,
                                const float *p, float *c) {
  lanes sum[WEAVE_DEEP][WEAVE_WIDE];
#pragma GCC unroll 8
  for (size_t i = 0; i < deep; i++) {
#pragma GCC unroll 8
    for (size_t j = 0; j < wide; j++) sum[i][j] = lanes_load(c + (i * m + j) * SIXTEEN);
  }
  for (size_t t = 0; t < k; t++, h += SIXTEEN, p += m * SIXTEEN) {
    lanes with[WEAVE_WIDE];
#pragma GCC unroll 8
    for (size_t j = 0; j < wide; j++) with[j] = lanes_load(p + j * SIXTEEN);
#pragma GCC unroll 8
    for (size_t i = 0; i < deep; i++) {
      lanes one = lanes_load(h + i * ldh);
      KEEP(one);
#pragma GCC unroll 8
      for (size_t j = 0; j < wide; j++) sum[i][j] = lanes_fma(one, with[j], sum[i][j]);
    }
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < deep; i++) {
#pragma GCC unroll 8
    for (size_t j = 0; j < wide; j++) lanes_store(c + (i * m + j) * SIXTEEN, sum[i][j]);
  }
}

LANES_INLINE void weave_rows(size_t deep, size_t m, size_t k, const float *h, size_t ldh, const float *p, float *c) {
  size_t j = 0;
  for (; j + WEAVE_WIDE <= m; j += WEAVE_WIDE) {
    weave_columns(deep, WEAVE_WIDE, m, k, h, ldh, p + j * SIXTEEN, c + j * SIXTEEN);
  }
  for (; j < m; j++) weave_columns(deep, 1, m, k, h, ldh, p + j * SIXTEEN, c + j * SIXTEEN);
}

static void columns_weave(size_t rows, size_t m, size_t k, const float *h, size_t ldh, const float *p, float *c) {
  for (size_t l = 0; l < SIXTEEN; l += LANES) {
    size_t i = 0;
    for (; i + WEAVE_DEEP <= rows; i += WEAVE_DEEP) {
      weave_rows(WEAVE_DEEP, m, k, h + i * ldh + l, ldh, p + l, c + i * m * SIXTEEN + l);
    }
    for (; i < rows; i++) weave_rows(1, m, k, h + i * ldh + l, ldh, p + l, c + i * m * SIXTEEN + l);
  }
}

static void columns_dots(size_t count, const float *c, const float *z, float *sums) {
  lanes with[HALVES];
  for (size_t l = 0; l < HALVES; l++) with[l] = lanes_load(c + l * LANES);
  for (size_t i = 0; i < count; i++, z += SIXTEEN) {
    lanes sum = with[0] * lanes_load(z);
    for (size_t l = 1; l < HALVES; l++) sum = lanes_fma(with[l], lanes_load(z + l * LANES), sum);
    sums[i] += lanes_total(sum);
  }
}

static void columns_credit(size_t m, size_t w, const float *c, const float *z, size_t ldz, float *delta, size_t ldd) {
  for (size_t j = 0; j < w; j += LANES) {
    const size_t n = w - j < LANES ? w - j : LANES;
    const lanes factor = columns_load(c + j, n);
    for (size_t i = 0; i < m; i++) {
      float *place = delta + i * ldd + j;
      columns_store(place, n, lanes_fma(factor, columns_load(z + i * ldz + j, n), columns_load(place, n)));
    }
  }
}

static void columns_squares(size_t rows, size_t w, const float *h, size_t ldh, float *sums) {
  for (size_t j = 0; j < w; j += LANES) {
    const size_t n = w - j < LANES ? w - j : LANES;
    lanes even = lanes_set(1.0F), odd = lanes_set(0.0F);
    size_t i = 0;
    for (; i + 2 <= rows; i += 2) {
      const lanes a = columns_load(h + i * ldh + j, n), b = columns_load(h + (i + 1) * ldh + j, n);
      even = lanes_fma(a, a, even);
      odd = lanes_fma(b, b, odd);
    }
    if (i < rows) {
      const lanes a = columns_load(h + i * ldh + j, n);
      even = lanes_fma(a, a, even);
    }
    columns_store(sums + j, n, even + odd);
  }
}

static void columns_transpose(size_t m, size_t w, const float *rows, size_t ldr, float *out, size_t ldo) {
  size_t j = 0;
  for (; j + LANES <= w; j += LANES) {
    for (size_t i = 0; i < m; i++) lanes_store(out + i * ldo + j, lanes_stride(rows + j * ldr + i, ldr));
  }
  for (; j < w; j++) {
    for (size_t i = 0; i < m; i++) out[i * ldo + j] = rows[j * ldr + i];
  }
}

static void columns_add_bias(size_t m, size_t w, const float *bias, float *u, size_t ldu) {
  for (size_t i = 0; i < m; i++) {
    const lanes b = lanes_set(bias[i]);
    float *row = u + i * ldu;
    size_t j = 0;
    for (; j + LANES <= w; j += LANES) lanes_store(row + j, lanes_load(row + j) + b);
    if (j < w) lanes_store_part(row + j, w - j, lanes_load_part(row + j, w - j, 0.0F) + b);
  }
}

/* As in vector_loops.c: t = max_i u_i, s = Σ exp(u_i - t) in double, loss = (t - u_label) + log s. */
static void columns_cross_entropy(size_t m, size_t w, const float *u, size_t ldu, const uint32_t *labels,
                                  double *losses) {
  for (size_t j = 0; j < w; j += LANES) {
    const size_t n = w - j < LANES ? w - j : LANES;
    float top[LANES];
    double sums[LANES];
    lanes highest = columns_load(u + j, n);
    for (size_t i = 1; i < m; i++) highest = lanes_max(highest, columns_load(u + i * ldu + j, n));
    wides low = wides_set(0.0), high = wides_set(0.0);
    for (size_t i = 0; i < m; i++) {
      const lanes term = lanes_exp(columns_load(u + i * ldu + j, n) - highest);
      low += wides_low(term);
      high += wides_high(term);
    }
    lanes_store(top, highest);
    wides_store(sums, wides_log(low));
    wides_store(sums + WIDES, wides_log(high));
    for (size_t k = 0; k < n; k++) {
      losses[j + k] = ((double)top[k] - (double)u[labels[j + k] * ldu + j + k]) + sums[k];
    }
  }
}

const swl_columns_ops COLUMNS_TABLE = {
    .name = COLUMNS_TEXT(SWL_VECTOR_SET),
    .outer = columns_outer,
    .pair = columns_pair,
    .members = columns_members,
    .weave = columns_weave,
    .dots = columns_dots,
    .credit = columns_credit,
    .squares = columns_squares,
    .transpose = columns_transpose,
    .add_bias = columns_add_bias,
    .cross_entropy = columns_cross_entropy,
};
