/* vector_loops.c - the loops of vector.h for one instruction set; compiled once for each (SWL_VECTOR_SET names it).
 *
 * Multiplications and additions are never fused (-ffp-contract=off), so plain arithmetic gives the same bytes from
 * every set. A range whose length is no multiple of the register ends with a partial register that computes the same
 * operations, so a value does not depend on where its range was cut.
 */
#include "numeric/vector.h"

#include "numeric/lanes.h"

#define VECTOR_JOIN_(a, b) a##b
#define VECTOR_JOIN(a, b) VECTOR_JOIN_(a, b)
#define VECTOR_TEXT_(a) #a
#define VECTOR_TEXT(a) VECTOR_TEXT_(a)
#define VECTOR_TABLE VECTOR_JOIN(swl_vector_, SWL_VECTOR_SET)
#define COLUMNS_TABLE VECTOR_JOIN(swl_columns_, SWL_VECTOR_SET)

extern const swl_vector_ops VECTOR_TABLE;
extern const swl_columns_ops COLUMNS_TABLE; /* columns_loops.c */

enum { SUM_MOST = 8 }; /* registers of sums that are held together */

/* y = g(u); u and y may be the same. */
LANES_INLINE void map(size_t count, const float *u, float *y, lanes (*g)(lanes)) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) lanes_store(y + i, g(lanes_load(u + i)));
  if (i < count) lanes_store_part(y + i, count - i, g(lanes_load_part(u + i, count - i, 0.0F)));
}

/* delta = g(v, delta). */
LANES_INLINE void fold(size_t count, const float *v, float *delta, lanes (*g)(lanes, lanes)) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) lanes_store(delta + i, g(lanes_load(v + i), lanes_load(delta + i)));
  if (i < count) {
    const size_t rest = count - i;
    lanes_store_part(delta + i, rest, g(lanes_load_part(v + i, rest, 0.0F), lanes_load_part(delta + i, rest, 0.0F)));
  }
}

static void loops_perturb(size_t count, const float *x, float s, const float *z, float *y) {
  const lanes factor = lanes_set(s);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) lanes_store(y + i, lanes_load(x + i) + factor * lanes_load(z + i));
  if (i < count) {
    const size_t rest = count - i;
    const lanes end = lanes_load_part(x + i, rest, 0.0F) + factor * lanes_load_part(z + i, rest, 0.0F);
    lanes_store_part(y + i, rest, end);
  }
}

static void loops_axpy(size_t count, float s, const float *z, float *y) { loops_perturb(count, y, s, z, y); }

static void loops_scale(size_t count, float s, float *y) {
  const lanes factor = lanes_set(s);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) lanes_store(y + i, factor * lanes_load(y + i));
  if (i < count) lanes_store_part(y + i, count - i, factor * lanes_load_part(y + i, count - i, 0.0F));
}

LANES_INLINE lanes add(lanes a, lanes b) { return a + b; }

/* Narrow rows go LANES at a time against as many copies of the bias: a partial register per row costs ten times as
 * much. */
static void loops_add_bias(size_t rows, size_t columns, const float *bias, float *y) {
  enum { NARROW = 4 * LANES };
  size_t row = 0;
  if (columns < NARROW && rows >= LANES) {
    float copies[LANES * NARROW];
    for (size_t i = 0; i < LANES; i++) memcpy(copies + i * columns, bias, columns * sizeof *bias);
    for (; row + LANES <= rows; row += LANES) fold(LANES * columns, copies, y + row * columns, add);
  }
  for (; row < rows; row++) fold(columns, bias, y + row * columns, add);
}

static void loops_column_sums(size_t rows, size_t columns, const float *y, float *sums) {
  enum { STRIP = 256 }; /* columns at a time: their sums stay in the first-level cache */
  double part[STRIP];
  for (size_t first = 0; first < columns; first += STRIP) {
    const size_t width = columns - first < STRIP ? columns - first : STRIP;
    for (size_t j = 0; j < width; j++) part[j] = 0.0;
    for (size_t row = 0; row < rows; row++) {
      const float *strip = y + row * columns + first;
      for (size_t j = 0; j < width; j++) part[j] += (double)strip[j];
    }
    for (size_t j = 0; j < width; j++) sums[first + j] = (float)part[j];
  }
}

/* max(0, NaN) is NaN: every set returns the second operand where the two do not compare. */
LANES_INLINE lanes relu(lanes u) { return lanes_max(lanes_set(0.0F), u); }
LANES_INLINE lanes sigmoid(lanes u) { return 1.0F / (1.0F + lanes_exp(-u)); }
LANES_INLINE lanes gaussian_density(lanes u) { return 0.39894228F * lanes_exp(-0.5F * (u * u)); }

/* Φ(u), given φ(u). source: Hastings, as in Abramowitz and Stegun, 26.2.17: with t = 1 / (1 + 0.2316419 |u|),
 * 1 - Φ(|u|) = φ(u) (b1 t + ... + b5 t^5), |error| < 7.5e-8, about what a float near 1 can
 * hold. gelu takes 0.65 ns per value with AVX-512, against 2.4 with SLEEF's erf. */
LANES_INLINE lanes gaussian_cdf(lanes u, lanes density) {
  const lanes t = 1.0F / (1.0F + 0.2316419F * lanes_max(u, -u));
  const lanes outer = 1.781477937F + t * (-1.821255978F + t * 1.330274429F);
  const lanes tail = density * (t * (0.319381530F + t * (-0.356563782F + t * outer)));
  return lanes_where_positive(u, 1.0F - 2.0F * tail) + tail;
}
LANES_INLINE lanes gelu(lanes u) { return u * gaussian_cdf(u, gaussian_density(u)); }
LANES_INLINE lanes relu_slope(lanes y, lanes delta) { return lanes_where_positive(y, delta); }
LANES_INLINE lanes tanh_slope(lanes y, lanes delta) { return delta * (1.0F - y * y); }
LANES_INLINE lanes sigmoid_slope(lanes y, lanes delta) { return delta * (y * (1.0F - y)); }
LANES_INLINE lanes gelu_slope(lanes u, lanes delta) {
  const lanes density = gaussian_density(u);
  return delta * (gaussian_cdf(u, density) + u * density);
}

static void loops_relu(size_t count, const float *u, float *y) { map(count, u, y, relu); }
static void loops_tanh(size_t count, const float *u, float *y) { map(count, u, y, lanes_tanh); }
static void loops_sigmoid(size_t count, const float *u, float *y) { map(count, u, y, sigmoid); }
static void loops_gelu(size_t count, const float *u, float *y) { map(count, u, y, gelu); }
static void loops_sign(size_t count, const float *u, float *y) { map(count, u, y, lanes_sign); }
static void loops_relu_backward(size_t count, const float *y, float *delta) { fold(count, y, delta, relu_slope); }
static void loops_tanh_backward(size_t count, const float *y, float *delta) { fold(count, y, delta, tanh_slope); }
static void loops_sigmoid_backward(size_t count, const float *y, float *delta) { fold(count, y, delta, sigmoid_slope); }
static void loops_gelu_backward(size_t count, const float *u, float *delta) { fold(count, u, delta, gelu_slope); }

enum { NARROW_COLUMNS = 32 }; /* up to so many classes a lane is an example; beyond, a lane is a class */

/* max_j u_j; a NaN may be passed over: the sum finds it. */
LANES_INLINE float row_top(size_t columns, const float *u) {
  lanes top = lanes_set(-INFINITY);
  size_t j = 0;
  for (; j + LANES <= columns; j += LANES) top = lanes_max(top, lanes_load(u + j));
  if (j < columns) top = lanes_max(top, lanes_load_part(u + j, columns - j, -INFINITY));
  return lanes_top(top);
}

/* Σ_j exp(u_j - top) in double; the terms, in float, go to `terms` if it is not NULL. */
LANES_INLINE double row_sum_exp(size_t columns, const float *u, float top, float *terms) {
  const lanes shift = lanes_set(top);
  wides sum = wides_set(0.0);
  size_t j = 0;
  for (; j + LANES <= columns; j += LANES) {
    const lanes term = lanes_exp(lanes_load(u + j) - shift);
    if (terms) lanes_store(terms + j, term);
    sum += wides_fold(term);
  }
  if (j < columns) { /* lanes beyond the row are exp(-inf) = 0 */
    const lanes term = lanes_exp(lanes_load_part(u + j, columns - j, -INFINITY) - shift);
    if (terms) lanes_store_part(terms + j, columns - j, term);
    sum += wides_fold(term);
  }
  return wides_sum(sum);
}

/* One example: t to *loss, s to *sum, and delta's row. */
LANES_INLINE void wide_row(size_t columns, const float *u, uint32_t label, float scale, float *delta, double *loss,
                           double *sum) {
  const float top = row_top(columns, u);
  *loss = (double)top - (double)u[label];
  *sum = row_sum_exp(columns, u, top, delta);
  if (!delta) return;
  const double others = *sum - (double)delta[label];
  loops_scale(columns, (float)((double)scale / *sum), delta);
  delta[label] = (float)(-(double)scale * others / *sum);
}

/* LANES examples with few classes: a lane per example. Examples beyond `rows` are rows of zeros. */
LANES_INLINE void narrow_rows(size_t rows, size_t columns, const float *u, const uint32_t *labels, float scale,
                              float *delta, double *losses, double *sums) {
  float turned[NARROW_COLUMNS * LANES], top[LANES];
  if (rows < LANES) memset(turned, 0, columns * LANES * sizeof *turned);
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < columns; j++) turned[j * LANES + r] = u[r * columns + j];
  }
  lanes highest = lanes_load(turned);
  for (size_t j = 1; j < columns; j++) highest = lanes_max(highest, lanes_load(turned + j * LANES));
  wides low = wides_set(0.0), high = wides_set(0.0);
  for (size_t j = 0; j < columns; j++) {
    const lanes term = lanes_exp(lanes_load(turned + j * LANES) - highest);
    if (delta) lanes_store(turned + j * LANES, term);
    low += wides_low(term);
    high += wides_high(term);
  }
  lanes_store(top, highest);
  wides_store(sums, low);
  wides_store(sums + WIDES, high);
  for (size_t r = 0; r < rows; r++) losses[r] = (double)top[r] - (double)u[r * columns + labels[r]];
  if (!delta) return;
  for (size_t r = 0; r < rows; r++) {
    float *down = delta + r * columns;
    const float factor = (float)((double)scale / sums[r]);
    for (size_t j = 0; j < columns; j++) down[j] = factor * turned[j * LANES + r];
    down[labels[r]] = (float)(-(double)scale * (sums[r] - (double)turned[labels[r] * LANES + r]) / sums[r]);
  }
}

/* With t = max_j u_j and s = Σ_j exp(u_j - t) >= 1 the loss is (t - u_label) + log s: no overflow, and as
 * the term of t is exactly 1 in a double sum, a confident right answer is good to 1e-16. Examples go LANES at a time so that log fills registers. Which way
 * a row goes depends on the number of columns alone. */
static void loops_cross_entropy(size_t rows, size_t columns, const float *u, const uint32_t *labels, float scale,
                                float *delta, double *losses) {
  double sums[LANES]; /* s of each row */
  for (int r = 0; r < LANES; r++) sums[r] = 1.0;
  for (size_t first = 0; first < rows; first += LANES) {
    const size_t height = rows - first < LANES ? rows - first : LANES;
    const float *rows_at = u + first * columns;
    float *down = delta ? delta + first * columns : NULL;
    if (columns <= NARROW_COLUMNS) {
      narrow_rows(height, columns, rows_at, labels + first, scale, down, losses + first, sums);
    } else {
      for (size_t r = 0; r < height; r++) {
        wide_row(columns, rows_at + r * columns, labels[first + r], scale, down ? down + r * columns : NULL,
                 losses + first + r, sums + r);
      }
    }
    wides_store(sums, wides_log(wides_load(sums)));
    wides_store(sums + WIDES, wides_log(wides_load(sums + WIDES)));
    for (size_t r = 0; r < height; r++) losses[first + r] += sums[r];
  }
}

static void loops_adam(size_t count, const swl_adam *with, const float *restrict g, float *restrict m,
                       float *restrict v, float *restrict x) {
  const swl_adam a = *with;
  for (size_t i = 0; i < count; i++) {
    m[i] = a.beta1 * m[i] + a.gain1 * g[i];
    const float square = g[i] * g[i];
    v[i] = a.beta2 * v[i] + a.gain2 * (square < 1e38F ? square : 1e38F); /* an infinite v would hold x still for ever */
    x[i] = a.keep * x[i] - a.step * m[i] / (sqrtf(v[i]) * a.root + a.epsilon);
  }
}

static double loops_dot(size_t count, const double *a, const double *b) {
  wides even = wides_set(0.0), odd = wides_set(0.0);
  size_t i = 0;
  for (; i + 2 * (size_t)WIDES <= count; i += 2 * (size_t)WIDES) {
    even += wides_load(a + i) * wides_load(b + i);
    odd += wides_load(a + i + WIDES) * wides_load(b + i + WIDES);
  }
  double sum = wides_sum(even + odd);
  for (; i < count; i++) sum += a[i] * b[i];
  return sum;
}

static void loops_add_scaled(size_t count, double s, const double *a, double *y) {
  const wides factor = wides_set(s);
  size_t i = 0;
  for (; i + WIDES <= count; i += WIDES) wides_store(y + i, wides_load(y + i) + factor * wides_load(a + i));
  for (; i < count; i++) y[i] += s * a[i];
}

/* `registers` is a constant where inlined. */
LANES_INLINE void sum_panel(int registers, size_t count, const size_t *index, size_t columns, const double *rows,
                            double *sums) {
  wides sum[SUM_MOST];
#pragma GCC unroll 8
  for (int r = 0; r < registers; r++) sum[r] = wides_set(0.0);
  for (size_t i = 0; i < count; i++) {
    const double *row = rows + index[i] * columns;
#pragma GCC unroll 8
    for (int r = 0; r < registers; r++) sum[r] += wides_load(row + (size_t)r * WIDES);
  }
#pragma GCC unroll 8
  for (int r = 0; r < registers; r++) wides_store(sums + (size_t)r * WIDES, sum[r]);
}

static void loops_sum_rows(size_t count, const size_t *index, size_t columns, const double *rows, double *sums) {
  size_t j = 0;
  for (; j + (size_t)SUM_MOST * WIDES <= columns; j += (size_t)SUM_MOST * WIDES) {
    sum_panel(SUM_MOST, count, index, columns, rows + j, sums + j);
  }
  switch ((columns - j) / WIDES) { /* what is left, as one panel */
  case 7: sum_panel(7, count, index, columns, rows + j, sums + j); break;
  case 6: sum_panel(6, count, index, columns, rows + j, sums + j); break;
  case 5: sum_panel(5, count, index, columns, rows + j, sums + j); break;
  case 4: sum_panel(4, count, index, columns, rows + j, sums + j); break;
  case 3: sum_panel(3, count, index, columns, rows + j, sums + j); break;
  case 2: sum_panel(2, count, index, columns, rows + j, sums + j); break;
  case 1: sum_panel(1, count, index, columns, rows + j, sums + j); break;
  default: break;
  }
}

static int loops_finite(size_t count, const float *a) {
  const lanes zero = lanes_set(0.0F);
  lanes sum = zero; /* 0 a is 0, or no number where a is not finite */
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) sum += zero * lanes_load(a + i);
  int good = lanes_total(sum) == 0.0F;
  for (; i < count; i++) good &= isfinite(a[i]) != 0;
  return good;
}

static double loops_distance2(size_t count, const float *a, const float *b) {
  wides even = wides_set(0.0), odd = wides_set(0.0);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const lanes one = lanes_load(a + i), other = lanes_load(b + i);
    const wides low = wides_low(one) - wides_low(other), high = wides_high(one) - wides_high(other);
    even += low * low;
    odd += high * high;
  }
  double sum = wides_sum(even + odd);
  for (; i < count; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
  return sum;
}

static double loops_dot_floats(size_t count, const float *a, const float *b) {
  wides even = wides_set(0.0), odd = wides_set(0.0);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const lanes one = lanes_load(a + i), other = lanes_load(b + i);
    even += wides_low(one) * wides_low(other);
    odd += wides_high(one) * wides_high(other);
  }
  double sum = wides_sum(even + odd);
  for (; i < count; i++) sum += (double)a[i] * b[i];
  return sum;
}

LANES_INLINE wides mala_pull(double a, double k, wides from, wides to, wides g) {
  return (to - wides_set(a) * from + wides_set(k) * g) * g;
}

static double loops_mala(size_t count, double a, double k, const float *u, const float *v, const float *g,
                         const float *h) {
  wides even = wides_set(0.0), odd = wides_set(0.0);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const lanes from = lanes_load(u + i), to = lanes_load(v + i), forth = lanes_load(g + i), back = lanes_load(h + i);
    even += mala_pull(a, k, wides_low(from), wides_low(to), wides_low(forth)) -
            mala_pull(a, k, wides_low(to), wides_low(from), wides_low(back));
    odd += mala_pull(a, k, wides_high(from), wides_high(to), wides_high(forth)) -
           mala_pull(a, k, wides_high(to), wides_high(from), wides_high(back));
  }
  double sum = wides_sum(even + odd);
  for (; i < count; i++) {
    sum += (v[i] - a * u[i] + k * g[i]) * g[i] - (u[i] - a * v[i] + k * h[i]) * h[i];
  }
  return sum;
}

static void loops_langevin(size_t count, const float by[3], const float *restrict z, const float *restrict g,
                           float *restrict free, float *restrict pulled, float *restrict v) {
  const float keep = by[0], drift = by[1], diffuse = by[2];
  for (size_t i = 0; i < count; i++) {
    free[i] = keep * free[i] + diffuse * z[i];
    pulled[i] = keep * pulled[i] - drift * g[i];
    v[i] = free[i] + pulled[i];
  }
}

static double finite_value(const double *f, const double *minus, size_t at) {
  return minus ? f[at] - minus[at] : f[at];
}

LANES_INLINE wides finite_load(const double *f, const double *minus, size_t at) {
  const wides value = wides_load(f + at);
  if (!minus) return value;
  return value - wides_load(minus + at);
}

static void loops_finite_sums(size_t rows, size_t width, size_t stride, const double *f, const double *minus,
                              double *sums, double *counts) {
  size_t g = 0;
  for (; g + WIDES <= width; g += WIDES) {
    wides sum = wides_load(sums + g), count = wides_load(counts + g);
    for (size_t row = 0; row < rows; row++) {
      const wides value = finite_load(f, minus, row * stride + g);
      sum += wides_where_finite(value, value);
      count += wides_where_finite(value, wides_set(1.0));
    }
    wides_store(sums + g, sum);
    wides_store(counts + g, count);
  }
  for (; g < width; g++) {
    for (size_t row = 0; row < rows; row++) {
      const double value = finite_value(f, minus, row * stride + g);
      if (!isfinite(value)) continue;
      sums[g] += value;
      counts[g] += 1;
    }
  }
}

static void loops_finite_squares(size_t rows, size_t step, size_t width, size_t stride, const double *f,
                                 const double *minus, const double *mean, double *squares, double *counts) {
  size_t g = 0;
  const wides zero = wides_set(0.0), one = wides_set(1.0);
  for (; g + WIDES <= width; g += WIDES) {
    const wides center = wides_load(mean + g);
    wides square = wides_load(squares + g), count = wides_load(counts + g);
    for (size_t row = 0; row < rows; row += step) {
      wides deviation = zero, members = zero;
      for (size_t k = row; k < row + step; k++) {
        const wides value = finite_load(f, minus, k * stride + g);
        deviation += wides_where_finite(value, value - center);
        members += wides_where_finite(value, one);
      }
      const wides part = deviation / members; /* 0 / 0 is not finite: no members, no part */
      square += wides_where_finite(part, part * part);
      count += wides_where_finite(part, one);
    }
    wides_store(squares + g, square);
    wides_store(counts + g, count);
  }
  for (; g < width; g++) {
    for (size_t row = 0; row < rows; row += step) {
      double deviation = 0, members = 0;
      for (size_t k = row; k < row + step; k++) {
        const double value = finite_value(f, minus, k * stride + g);
        if (!isfinite(value)) continue;
        deviation += value - mean[g];
        members += 1;
      }
      if (members == 0) continue;
      squares[g] += deviation / members * (deviation / members);
      counts[g] += 1;
    }
  }
}

static void loops_boltzmann(size_t count, double beta, const double *f, const double *low, double *u) {
  const wides minus = wides_set(-beta);
  size_t i = 0;
  for (; i + WIDES <= count; i += WIDES) {
    wides_store(u + i, wides_exp(minus * (wides_load(f + i) - wides_load(low + i))));
  }
  if (i < count) {
    double rest[WIDES] = {0};
    for (size_t j = i; j < count; j++) rest[j - i] = f[j] - low[j];
    wides_store(rest, wides_exp(minus * wides_load(rest)));
    for (size_t j = i; j < count; j++) u[j] = rest[j - i];
  }
  for (i = 0; i < count; i++) u[i] = isfinite(f[i]) ? u[i] : 0.0;
}

const swl_vector_ops VECTOR_TABLE = {
    .name = VECTOR_TEXT(SWL_VECTOR_SET),
    .axpy = loops_axpy,
    .perturb = loops_perturb,
    .scale = loops_scale,
    .add_bias = loops_add_bias,
    .column_sums = loops_column_sums,
    .relu = loops_relu,
    .tanh = loops_tanh,
    .sigmoid = loops_sigmoid,
    .gelu = loops_gelu,
    .sign = loops_sign,
    .relu_backward = loops_relu_backward,
    .tanh_backward = loops_tanh_backward,
    .sigmoid_backward = loops_sigmoid_backward,
    .gelu_backward = loops_gelu_backward,
    .cross_entropy = loops_cross_entropy,
    .adam = loops_adam,
    .dot = loops_dot,
    .add_scaled = loops_add_scaled,
    .sum_rows = loops_sum_rows,
    .finite = loops_finite,
    .distance2 = loops_distance2,
    .dot_floats = loops_dot_floats,
    .mala = loops_mala,
    .langevin = loops_langevin,
    .finite_sums = loops_finite_sums,
    .finite_squares = loops_finite_squares,
    .boltzmann = loops_boltzmann,
    .columns = &COLUMNS_TABLE,
};
