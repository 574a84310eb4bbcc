/* regularizer.h - how losses become weights, and what objective they estimate.
 *
 * Every objective is reported as F / beta, in units of the loss. `tilt` fills weights such that
 *
 *   gradient of F / beta  =  - Σ_j Σ_g weights[j, g] Z_jg / (beta sqrt(tau))        (E_q X - x = -tau × gradient of F)
 */
#ifndef SWL_REGULARIZER_REGULARIZER_H
#define SWL_REGULARIZER_REGULARIZER_H

#include "base/context.h"
#include "options/options.h"

/* The losses of one evaluation. */
typedef struct swl_loss_table {
  const double *f; /* samples × groups */
  size_t samples, groups;
  const double *shares; /* groups: fraction of the batch, sums to 1 */
  int antithetic;       /* draws 2i and 2i+1 are a pair: not independent */
} swl_loss_table;

typedef struct swl_tilt {
  double beta;            /* the one used */
  double value, value_se; /* F / beta and its standard error */
  double loss, loss_se;   /* mean of f over the draws, and its standard error */
  double ess;             /* effective sample size, mean over groups; NaN where there are no weights */
  size_t rejected;        /* losses that were not finite, over all groups */
} swl_tilt;

typedef struct swl_regularizer_ops {
  const char *name;
  const char *brief;
  const char *source;
  int density;  /* 1: there is a tilted density q that chains can sample */
  int pathwise; /* 1: the gradient of F / beta is the mean of the gradient of f over the draws */
  /* Fill weights (samples × groups) and tilt. SWALE_ERROR_NUMERIC if a group has no finite loss. NULL: the loss
   * itself, nothing to tilt. */
  swale_status (*tilt)(swale_context *context, const swl_settings *settings, const swl_loss_table *losses,
                       double *weights, swl_tilt *tilt);
  /* after - before of F / beta from losses at the same draws, with the standard error of that difference. Required
   * where tilt is. */
  void (*change)(double beta, const swl_loss_table *before, const swl_loss_table *after, double *difference,
                 double *se);
} swl_regularizer_ops;

extern const swl_regularizer_ops swl_regularizer_local_entropy, swl_regularizer_heat, swl_regularizer_none;

/* Mean, standard error and number of the finite entries of group `group`; pairs count as one where antithetic.
 * value(self, draw) maps a draw to the number that is averaged. Shared by the regularizers. */
typedef struct swl_moments {
  double mean, se;
  size_t finite;
} swl_moments;
swl_moments swl_loss_moments(const swl_loss_table *losses, size_t group, double (*value)(const void *self, size_t draw),
                             const void *self);

#endif
