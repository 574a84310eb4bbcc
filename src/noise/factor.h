/* factor.h - L with L Lᵀ = H Hᵀ: what a dense layer sees of Gaussian noise on its weights.
 *
 * source: MATH §6.4; pivoted semi-definite Cholesky: Higham, Accuracy and Stability of Numerical Algorithms, 2002, §10.3.
 *
 * A layer with inputs H (w × n', the bias column included) sees the noise E (n' × m) only through S = H E, whose columns
 * are iid N(0, H Hᵀ). With r the rank of H, S has the law of L Z, L (w × r), Z (r × m) iid N(0, 1), and
 *
 *   E[E | S] = H⁺ S = Qᵀ Z,   Q = L_p⁻¹ H_p (r × n'), orthonormal rows,
 *
 * where p are r independent examples (all of them where the rank is full, else those that pivoting chose), L_p their rows of L, lower triangular.
 *
 * The Gram matrix of real images is nearly singular, so everything is in double, and pivots below 2^-40 of the largest
 * diagonal entry are taken as zero, without jitter: the covariance of S then misses less than w 2^-40 of its largest
 * entry, and S itself, a float, rounds by 2^-24: the law is that of L Z to float precision.
 */
#ifndef SWL_NOISE_FACTOR_H
#define SWL_NOISE_FACTOR_H

#include "base/arena.h"

typedef struct swl_factor {
  size_t rows;
  int triangular; /* 1: column b of lt is zero from row b + 1 on */
  float *lt;      /* most × stride: Lᵀ, row k, column b = example; stride a multiple of 16, zero beyond w */
  float *q;       /* most × (n + 1): Q */
} swl_factor;

/* Scratch for factors of up to `most` examples with n inputs (bias not counted). */
typedef struct swl_factor_work {
  double *gram;  /* most × most, then L */
  double *rows;  /* most × (n + 1): H_p, then Q */
  size_t *pivot; /* most */
} swl_factor_work;

SWALE_NODISCARD swale_status swl_factor_work_create(swl_arena *arena, size_t most, size_t n, swl_factor_work *work);

/* From the w rows of h (w × n): fill factor->rows, lt (stride given) and q. Cost: w² n / 2 + w³ / 6 + r² n / 2
 * multiply-adds in double; the first two again where pivoting is needed. */
void swl_factor_make(swl_factor_work *work, size_t w, size_t n, const float *h, size_t stride, swl_factor *factor);

#endif
