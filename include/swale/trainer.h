/* trainer.h - minimize a problem, one update at a time. */
#ifndef SWALE_TRAINER_H
#define SWALE_TRAINER_H

#include <swale/options.h>
#include <swale/problem.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swale_trainer swale_trainer;

/* Check the options and take all memory that training will need. The options are copied; the problem is not. x starts
 * at zero. Wrong options are SWALE_ERROR_USAGE, combinations that cannot work SWALE_ERROR_UNSUPPORTED. */
SWALE_API SWALE_NODISCARD swale_status swale_trainer_create(const swale_options *options, swale_problem *problem,
                                                            swale_trainer **trainer);
SWALE_API void swale_trainer_destroy(swale_trainer *trainer); /* NULL is legal */

/* One update: draws, weights, step. Allocates nothing. On failure x keeps its last good value. Losses are evaluated with the
 * signal mask of the caller, in several threads (option threads); they must not call this trainer (SWALE_ERROR_USAGE). A process
 * that was forked since the trainer was made has none of its threads: SWALE_ERROR_UNSUPPORTED, where there were any. */
SWALE_API SWALE_NODISCARD swale_status swale_trainer_step(swale_trainer *trainer);

/* The same for losses that are evaluated elsewhere: ask for the points of draws first .. first+count-1 (count × dim,
 * row per draw; any block, in any order, as often as you like), then tell the losses of all `samples` draws. A loss
 * that is not finite gets weight 0. With robbins-monro one update takes `inner` rounds of ask and tell. */
SWALE_API SWALE_NODISCARD swale_status swale_trainer_ask(swale_trainer *trainer, size_t first, size_t count,
                                                         float *points);
SWALE_API SWALE_NODISCARD swale_status swale_trainer_tell(swale_trainer *trainer, const double *losses, size_t count);

/* x (dim): owned by the trainer, valid until it is destroyed, changed by each step. */
SWALE_API const float *swale_trainer_parameters(const swale_trainer *trainer);
/* The exponentially weighted mean of x after each update (dim; option `average`), which is what to use where it is on;
 * x itself where it is off and before the first update. Owned by the trainer; ask again after each step. */
SWALE_API const float *swale_trainer_average(const swale_trainer *trainer);
/* The point (dim) with the least finite loss of all that were evaluated, or told, since the trainer was created: one of the
 * draws, mostly not x itself. Of points with the same loss it is always the same one, whatever the number of threads and
 * ranks. Its loss is SWALE_STATISTIC_BEST_LOSS. NULL before there is one, and where the loss is that of a network. Owned by
 * the trainer, changed by each step, also by one that failed. */
SWALE_API const float *swale_trainer_best(const swale_trainer *trainer);
/* Copy dim finite numbers into x. The average begins again; so does an update of which some rounds were told. */
SWALE_API SWALE_NODISCARD swale_status swale_trainer_set_parameters(swale_trainer *trainer, const float *x);

SWALE_API uint64_t swale_trainer_updates(const swale_trainer *trainer); /* done so far */

/* Of the last update (its last round). Losses and values are in units of the loss. NaN where it means nothing, or is too
 * large for a double; never infinite. */
typedef enum swale_statistic {
  SWALE_STATISTIC_LOSS,    /* mean of f over the draws (chains: over their kept states; none, sharpness: f at x) */
  SWALE_STATISTIC_LOSS_SE, /* its standard error */
  SWALE_STATISTIC_VALUE,   /* F / beta: the objective at the x before the step (not with entropy-sgd) */
  SWALE_STATISTIC_VALUE_SE,
  SWALE_STATISTIC_ESS, /* effective sample size: of the weights, in draws; of chains, kept states / mixing
                          time; entropy-sgd has none */
  SWALE_STATISTIC_BETA,
  SWALE_STATISTIC_TAU,
  SWALE_STATISTIC_RATE,
  SWALE_STATISTIC_REJECTED, /* losses that were not finite */
  SWALE_STATISTIC_STEP,     /* |x_{k+1} - x_k| */
  SWALE_STATISTIC_MEAN_SE,  /* standard error of E_q X, the root of the mean of |error|², in units of sqrt(tau); chains
                               know it from their differences, importance sampling from the weights */
  SWALE_STATISTIC_ACCEPTANCE,  /* chains: share of what was proposed after the burn-in */
  SWALE_STATISTIC_MIXING_TIME, /* chains: integrated autocorrelation time of the loss, in steps */
  SWALE_STATISTIC_CHAIN_STEP,  /* mean over the chains of their step size after the burn-in (option step) */
  SWALE_STATISTIC_STAGES,      /* tempered: mean number of temperatures */
  SWALE_STATISTIC_CHANGE,      /* monotone = true: F(x_{k+1})/beta - F(x_k)/beta with fresh draws on the same batch */
  SWALE_STATISTIC_CHANGE_SE,
  SWALE_STATISTIC_REQUIRED, /* the decrease that the theory promises the schemes: |x_{k+1} - x_k|² / (2 tau beta), less
                              twice the part of it that is sampling error
                              (matching with local entropy, at rate r times (2 - r)/r; robbins-monro with heat), else 0 */
  SWALE_STATISTIC_HELD,     /* numbers of updates so far whose decrease held beyond the band of 3 standard errors, */
  SWALE_STATISTIC_UNDECIDED,   /* … was within it, */
  SWALE_STATISTIC_VIOLATED,    /* … failed beyond it */
  SWALE_STATISTIC_EVALUATIONS, /* of the loss, or its gradient, so far, by all ranks; those of updates that
                                  failed, and those that were told, among them */
  SWALE_STATISTIC_BEST_LOSS,   /* of a function: the least loss of any point so far (swale_trainer_best) */
  SWALE_STATISTIC_MISSED       /* rounds so far in which no beta could give the ESS that beta = auto:F asks for */
} swale_statistic;
SWALE_API double swale_trainer_statistic(const swale_trainer *trainer, swale_statistic statistic);

#ifdef __cplusplus
}
#endif
#endif
