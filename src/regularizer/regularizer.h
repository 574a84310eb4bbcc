/* regularizer.h - how losses become weights, and what objective they estimate.
 *
 * Every objective is reported as F / beta, in units of the loss. `tilt` fills weights such that
 *
 *   gradient of F / beta  =  - Σ_j Σ_g weights[j, g] Z_jg / (beta sqrt(tau))        (E_q X - x = -tau × gradient of F)
 */
#ifndef SWL_REGULARIZER_REGULARIZER_H
#define SWL_REGULARIZER_REGULARIZER_H

#include "base/context.h"
#include "base/variant.h"
#include "options/options_parts.h"

#include <math.h>

/* Of the finite losses of a group: their mean, its standard error, and how many they are. */
typedef struct swl_moment {
  double mean, se;
  size_t finite;
} swl_moment;

/* The losses of one evaluation. */
typedef struct swl_loss_table {
  const double *f; /* samples × groups */
  size_t samples, groups;
  const double *shares;      /* groups: fraction of the batch, sums to 1 */
  int antithetic;            /* draws 2i and 2i+1 are a pair: not independent */
  const swl_moment *moments; /* of group g at g × apart, where they are known already; NULL: look at f */
  size_t apart;
} swl_loss_table;

typedef struct swl_tilt {
  double beta;            /* the one used */
  double value, value_se; /* F / beta and its standard error */
  double loss, loss_se;   /* mean of f over the draws, and its standard error */
  double ess;             /* effective sample size, mean over groups; NaN where there are no weights */
  size_t rejected;        /* losses that were not finite, over all groups */
  int missed;             /* 1: no beta gives the ESS that beta = auto:F asks for */
} swl_tilt;
#define SWL_TILT_NONE ((swl_tilt){NAN, NAN, NAN, NAN, NAN, NAN, 0, 0})

typedef struct swl_regularizer_ops {
  swl_variant_head head;
  int density;  /* 1: there is a tilted density q that chains can sample */
  int pathwise; /* 1: the gradient of F / beta is the mean of the gradient of f over the draws */
  /* Fill tilt and, unless NULL, weights (samples × groups), with this beta: a number, or what the losses make of it. SWALE_ERROR_NUMERIC if a group has no finite loss. NULL:
   * the loss itself, nothing to tilt. */
  swale_status (*tilt)(swale_context *context, const swl_settings *settings, swl_auto beta,
                       const swl_loss_table *losses, double *weights, swl_tilt *tilt);
  /* The same weights for draws that are weighted while they are made, before the others are known: w_j from f_j and a
   * reference f0_j that does not depend on the draw (MATH §6.5, streaming). They differ from those of `tilt` by a
   * constant, which has no expectation, and where there is a density by a factor: they must be divided by
   * exp(-beta (F / beta - f0)). share: of the group. Required where tilt is. */
  void (*stream)(double beta, double share, size_t samples, size_t count, const double *f, const double *f0, double *w);
  /* after - before of F / beta from losses at the same draws, with the standard error of that difference. Required
   * where tilt is. */
  void (*change)(double beta, const swl_loss_table *before, const swl_loss_table *after, double *difference,
                 double *se);
  /* Without tilt: point (dim), where the gradient of the step is taken, from the gradient at x. NULL: at x. */
  void (*point)(const swl_settings *settings, size_t dim, const float *x, const float *gradient, float *point);
} swl_regularizer_ops;

extern const swl_regularizer_ops swl_regularizer_local_entropy, swl_regularizer_heat, swl_regularizer_none,
    swl_regularizer_sharpness;

/* weights (samples × groups) by the order of the losses in their group (order.c); sorted: samples, scratch. */
void swl_order_weights(const swl_loss_table *losses, double beta, double *sorted, double *weights);

/* Of the groups first .. first+width-1; pairs count as one where antithetic. `minus` (samples × groups), unless NULL, is
 * subtracted from the losses. A group's are the same whatever others are asked for with it. */
enum { SWL_CHUNK = 64 }; /* groups at a time: width <= SWL_CHUNK */
void swl_loss_moments(const swl_loss_table *losses, const double *minus, size_t first, size_t width,
                      swl_moment *moments);

/* SWALE_ERROR_NUMERIC, with a sentence: no loss of the group is finite. */
SWALE_NODISCARD swale_status swl_loss_none(swale_context *context, const swl_loss_table *losses, size_t group);

#endif
