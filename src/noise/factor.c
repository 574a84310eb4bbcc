/* factor.c - see factor.h. */
#include "noise/factor.h"

#include "numeric/vector.h"

#include <math.h>
#include <string.h>

#define FACTOR_PLAIN 0x1p-14     /* heuristic: without swaps errors grow with the inverse of the smallest pivot */
#define FACTOR_LITTLE 0x1p-16    /* heuristic: of a row's square; then rounding is 2^-53 n 2^16, far below float */
#define FACTOR_TOLERANCE 0x1p-40 /* heuristic: rounding of the Gram matrix is about n 2^-53 of its largest entry */

swale_status swl_factor_work_create(swl_arena *arena, size_t most, size_t n, swl_factor_work *work) {
  work->gram = swl_arena_take(arena, most * most, sizeof(double));
  work->rows = swl_arena_take(arena, most * (n + 1), sizeof(double));
  work->pivot = swl_arena_take(arena, most, sizeof(size_t));
  return work->gram && work->rows && work->pivot ? SWALE_OK : SWALE_ERROR_MEMORY;
}

static void factor_swap(size_t count, double *a, double *b) {
  for (size_t i = 0; i < count; i++) {
    const double t = a[i];
    a[i] = b[i];
    b[i] = t;
  }
}

/* Lower triangle of H Hᵀ, H = rows (w × width). */
static void factor_gram(size_t w, size_t width, const double *rows, double *gram) {
  for (size_t b = 0; b < w; b++) {
    for (size_t c = 0; c <= b; c++) gram[b * w + c] = swl_vector()->dot(width, rows + b * width, rows + c * width);
  }
}

/* Row and column k <-> p > k of the symmetric matrix whose lower triangle is in g, L's columns before k included. */
static void factor_exchange(size_t w, size_t k, size_t p, double *g) {
  factor_swap(k, g + k * w, g + p * w);
  for (size_t i = k + 1; i < p; i++) factor_swap(1, g + i * w + k, g + p * w + i);
  for (size_t i = p + 1; i < w; i++) factor_swap(1, g + i * w + k, g + i * w + p);
  factor_swap(1, g + k * w + k, g + p * w + p);
}

/* In place, right-looking: column k is divided by the root of its pivot and taken out of what is left. Without `swaps`
 * the pivots are taken as they come, which is as stable as long as none is too small; then fewer than w are returned. */
static size_t factor_cholesky(size_t w, size_t most, int swaps, double *g, size_t *pivot) {
  double largest = 0;
  for (size_t b = 0; b < w; b++) {
    pivot[b] = b;
    if (g[b * w + b] > largest) largest = g[b * w + b];
  }
  for (size_t k = 0; k < most; k++) {
    size_t p = k;
    for (size_t b = k + 1; swaps && b < w; b++) p = g[b * w + b] > g[p * w + p] ? b : p;
    if (!(g[p * w + p] > (swaps ? FACTOR_TOLERANCE : FACTOR_PLAIN) * largest)) return k;
    if (p != k) {
      const size_t was = pivot[k];
      pivot[k] = pivot[p];
      pivot[p] = was;
      factor_exchange(w, k, p, g);
    }
    const double root = sqrt(g[k * w + k]);
    g[k * w + k] = root;
    for (size_t b = k + 1; b < w; b++) g[b * w + k] /= root;
    for (size_t b = k + 1; b < w; b++) {
      const double factor = g[b * w + k];
      for (size_t c = k + 1; c <= b; c++) g[b * w + c] -= factor * g[c * w + k];
    }
  }
  return most;
}

/* Row k of Q by forward substitution, l = row k of L. Where little is left of the row, what is left is mostly the rounding
 * of the Gram matrix: it is made orthogonal to the rows before it once more, "twice is enough" (Parlett 1998, §6.9). */
static void factor_row(size_t width, size_t k, const double *l, const double *rows, double *row) {
  const swl_vector_ops *vector = swl_vector();
  double square = 0;
  for (size_t c = 0; c < k; c++) {
    vector->add_scaled(width, -l[c], rows + c * width, row);
    square += l[c] * l[c];
  }
  const int again = l[k] * l[k] < FACTOR_LITTLE * square;
  for (size_t c = 0; again && c < k; c++) {
    vector->add_scaled(width, -vector->dot(width, row, rows + c * width), rows + c * width, row);
  }
  const double scale = 1 / (again ? sqrt(vector->dot(width, row, row)) : l[k]);
  for (size_t i = 0; i < width; i++) row[i] *= scale;
}

void swl_factor_make(swl_factor_work *work, size_t w, size_t n, const float *h, size_t stride, swl_factor *factor) {
  const size_t width = n + 1, most = w < width ? w : width;
  double *rows = work->rows, *g = work->gram;
  for (size_t b = 0; b < w; b++) {
    for (size_t i = 0; i < n; i++) rows[b * width + i] = h[b * n + i];
    rows[b * width + n] = 1;
  }
  factor_gram(w, width, rows, g);
  size_t rank = factor_cholesky(w, most, 0, g, work->pivot);
  factor->triangular = rank == w;
  if (!factor->triangular) {
    factor_gram(w, width, rows, g);
    rank = factor_cholesky(w, most, 1, g, work->pivot);
  }
  factor->rows = rank;
  memset(factor->lt, 0, rank * stride * sizeof *factor->lt);
  for (size_t b = 0; b < w; b++) { /* g's row b belongs to example pivot[b] */
    for (size_t k = 0; k < rank && k <= b; k++) factor->lt[k * stride + work->pivot[b]] = (float)g[b * w + k];
  }
  for (size_t k = 0; k < rank; k++) { /* h again: rows of H_p are needed in order */
    const float *from = h + work->pivot[k] * n;
    double *row = rows + k * width;
    for (size_t i = 0; i < n; i++) row[i] = from[i];
    row[n] = 1;
    factor_row(width, k, g + k * w, rows, row);
    for (size_t i = 0; i < width; i++) factor->q[k * width + i] = (float)row[i];
  }
}
