/* columns.h - the loops over draws: matrices that lie unit by unit, a column per (draw, example).
 *
 * "Unit-major" means that row i of a matrix (m × C) holds unit i for all C columns, so that a register holds neighbors in
 * C, an embedded scalar a weight, and no reduction crosses lanes. One table per instruction set, chosen with
 * swl_vector(). Sums use fused multiply-adds where the set has them: the same bytes on one CPU, whatever the number of
 * threads, but not across sets.
 */
#ifndef SWL_NUMERIC_COLUMNS_H
#define SWL_NUMERIC_COLUMNS_H

#include "numeric/bend.h"

#include <stddef.h>
#include <stdint.h>

/* One draw, or an antithetic pair of draws, of one layer's pre-activations (m units × w columns):
 *
 *   plus = g(up + scale z),   minus = g(um - scale_m z)
 *
 * with one scale per column. condition: z is replaced by its mean given what the next layer can see of it, which
 * needs up = um and scale = scale_m (MATH §6.5):
 *
 *   g    | pair                                         | single draw
 *   -----|----------------------------------------------|--------------------------------------------
 *   relu | 0 where the unit is off in both members      | E[z | z < -u/s] where it is off
 *   sign | 0 where neither flips, else sgn(z) E[|z| | |z| > |u|/s] | E[z | z > -u/s] or E[z | z < -u/s]
 */
typedef struct swl_pair {
  swl_bend bend;
  int condition;
  size_t m, w;
  const float *up, *um; /* m × w, row stride ldu; um is not read where minus is NULL */
  size_t ldu;
  const float *scale, *scale_m; /* w */
  float *z;                     /* m × w, row stride ldz; replaced where condition */
  size_t ldz;
  float *plus, *minus; /* m × w, row stride ldh; may be up, um. minus NULL: no pair */
  size_t ldh;
} swl_pair;

typedef struct swl_columns_ops {
  const char *name;

  /* C (m × n) = Σ_k A[k][i] B[k][j], plus what C holds if add; A (k × m), B (k × n); row strides lda, ldb, ldc. */
  void (*outer)(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, int add, float *c,
                size_t ldc);

  void (*pair)(const swl_pair *job);

  /* plus = g(u + s z), minus = g(u - s z) for 16 columns per number of u (rows × units, stride ldu); z, plus and minus
   * (rows × units × 16). minus NULL: no pair. */
  void (*members)(swl_bend bend, size_t rows, size_t units, const float *u, size_t ldu, float s, const float *z,
                  float *plus, float *minus);

  /* c (rows × m × 16) += Σ_k h (rows × k × 16, row stride ldh) · p (k × m × 16), column by column of the 16. */
  void (*weave)(size_t rows, size_t m, size_t k, const float *h, size_t ldh, const float *p, float *c);

  /* sums[i] += Σ_j c_j z_ij over 16 columns; z (count × 16). */
  void (*dots)(size_t count, const float *c, const float *z, float *sums);

  /* delta (m × w, stride ldd) += c_j z (m × w, stride ldz), one c per column. */
  void (*credit)(size_t m, size_t w, const float *c, const float *z, size_t ldz, float *delta, size_t ldd);

  /* sums[j] = 1 + Σ_i h_ij² over the n rows of h (n × w, stride ldh): |(h, 1)|² per column. */
  void (*squares)(size_t n, size_t w, const float *h, size_t ldh, float *sums);

  /* out (m × w, stride ldo) = transpose of the w rows of `rows` (w × m, stride ldr). */
  void (*transpose)(size_t m, size_t w, const float *rows, size_t ldr, float *out, size_t ldo);

  /* u (m × w, stride ldu) += bias (m), one per row. */
  void (*add_bias)(size_t m, size_t w, const float *bias, float *u, size_t ldu);

  /* losses[j] = log Σ_i exp(u_ij) - u_label,j in nats; u (m × w, stride ldu), labels (w) < m. */
  void (*cross_entropy)(size_t m, size_t w, const float *u, size_t ldu, const uint32_t *labels, double *losses);
} swl_columns_ops;

const swl_columns_ops *swl_columns(void); /* of the widest set of this CPU */

#endif
