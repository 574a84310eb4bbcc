/* optimizer.h - what step is made of the gradient of F / beta. */
#ifndef SWL_OPTIMIZER_OPTIMIZER_H
#define SWL_OPTIMIZER_OPTIMIZER_H

#include "base/variant.h"
#include "noise/covariance.h"
#include "regularizer/regularizer.h"

typedef struct swl_move {
  uint64_t update; /* from 0, of the optimizer's memory: it goes back with what `state` shows */
  size_t round;    /* from 0, below rounds() */
  double rate, beta;
  const swl_covariance *covariance; /* tau per block */
  const float *gradient;            /* dim, of F / beta at x, over `unit` */
  double unit;                      /* 1, or a power of two; always 1 unless the optimizer is a scheme */
  double loss;                      /* what a loss is measured in: 1 / beta where the losses choose beta, else 1 */
} swl_move;

typedef struct swl_optimizer_ops {
  swl_variant_head head;
  double rate;           /* what rate = auto means where the gradient comes from losses only, of shared draws … */
  double rate_gradients; /* … and where it comes from backpropagation, or each example has draws of its own */
  double decay;          /* rate × weight_decay × examples of small sets where that is automatic; 0: none */
  const swl_regularizer_ops *scheme; /* whose two-step scheme this is; NULL: a first-order rule */
  const swl_regularizer_ops *only;   /* the only one it works with; NULL: any */
  int sampled;                       /* 1: works with those that sample only */
  /* Required. State of its life. */
  swale_status (*create)(swl_arena *arena, const swl_settings *settings, size_t dim, void **self);
  /* How many gradients, each with draws of its own, one update takes. NULL = 1. */
  size_t (*rounds)(const swl_settings *settings);
  /* The decrease of F that theory promises for a step of the scheme at this rate, as a multiple of |step|²/(2 tau).
   * Required where scheme is. */
  double (*promise)(double rate);
  /* Move the coordinates `range` of x (dim) in place; all ranges of a step may be moved at the same time. Allocates
   * nothing. Required. */
  void (*step)(void *self, const swl_move *move, swl_range range, float *x);
  /* What steps remember from one update to the next: *count × dim numbers, those of a coordinate apart from each other
   * by dim, which may be copied out and back. NULL: nothing. */
  float *(*state)(void *self, size_t *count);
} swl_optimizer_ops;

extern const swl_optimizer_ops swl_optimizer_matching, swl_optimizer_robbins_monro, swl_optimizer_sgd,
    swl_optimizer_adam;

#endif
