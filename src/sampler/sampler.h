/* sampler.h - from a point x to the gradient of the regularized objective there, by sampling. */
#ifndef SWL_SAMPLER_SAMPLER_H
#define SWL_SAMPLER_SAMPLER_H

#include "noise/noise.h"
#include "regularizer/regularizer.h"

#include <math.h>

/* What a sampler works with, for the life of a trainer. */
typedef struct swl_sampling {
  swale_context *context;
  swl_arena *arena;
  const swl_settings *settings;
  swale_problem *problem;
  swl_team *team;
  const swl_noise_ops *noise;
  void *noise_self;
  swl_plan plan; /* of the noise: how the losses of an update are laid out */
  const swl_regularizer_ops *regularizer;
} swl_sampling;

/* Of samplers that are chains; NaN where it means nothing. */
typedef struct swl_mixing {
  double acceptance; /* of what was proposed after the burn-in: mean probability; elliptical, tempered: the share */
  double time;       /* integrated autocorrelation time of the losses along the chains, in steps */
  double step;       /* mean over the chains of the step size after the burn-in */
  double stages;     /* tempered: mean number of temperatures */
} swl_mixing;
#define SWL_MIXING_NONE ((swl_mixing){NAN, NAN, NAN, NAN})

/* One evaluation: inputs above the line, outputs below. */
typedef struct swl_step {
  uint64_t update;
  size_t round;   /* of the optimizer within the update */
  double tau;     /* the base of the covariance */
  const float *x; /* dim */
  size_t most; /* tempered: losses it may take, about; 0: all it needs. tilt.value is NaN where they do not suffice */
  /* --- */
  swl_covariance covariance; /* tau per block: given, or what the option sig made of it */
  float *gradient;           /* dim: of F / beta, over `unit`; E_q X - x = - tau beta unit gradient */
  double unit;               /* 1, or a power of two: where single precision cannot hold the gradient itself */
  double noise;              /* estimate of Σ tau E|gradient - E gradient|² over the draws; 0 where it is not known */
  int rough;                 /* 1: too rough an estimate for a standard error */
  size_t draws;              /* evaluations of the loss, or its gradient, that it took */
  int dealt;                 /* 1: gradient is that of this rank's pieces only (noise.h) */
  swl_tilt tilt;
  swl_mixing mixing;
} swl_step;

typedef struct swl_sampler_ops {
  swl_variant_head head;
  int independent; /* 1: draws of the Gaussian, weighed by their losses */
  int chains;      /* 1: samples the tilted density itself, so it needs a regularizer that has one */
  int decides;     /* 1: takes or rejects proposals, which the option step makes bolder or shyer */
  int walks;       /* 1: what it keeps are dependent states of chains: the option samples makes them longer */
  int gradients;   /* 1: always takes gradients of the loss */
  int batches;     /* 1: prepares the problem itself, a batch for each gradient */
  double step;     /* what the option step is where it is auto; 0: chosen by the sampler itself, or there is none */
  int64_t samples; /* what the option samples is where it is auto; 0: what the noise makes of it */
  /* All memory of its life. Required. */
  swale_status (*create)(const swl_sampling *sampling, void **self);
  /* Fill the outputs of `step`. Allocates nothing. Required. */
  swale_status (*draw)(void *self, swl_step *step);
  /* For losses that are evaluated elsewhere. points (count × dim) of the draws first..first+count, then, given all the
   * losses (samples), the outputs of `step`. NULL both: this sampler needs the losses one after the other. */
  swale_status (*ask)(void *self, const swl_step *step, size_t first, size_t count, float *points);
  swale_status (*tell)(void *self, swl_step *step, const double *losses);
} swl_sampler_ops;

extern const swl_sampler_ops swl_sampler_importance, swl_sampler_langevin, swl_sampler_mala, swl_sampler_hmc,
    swl_sampler_pcn, swl_sampler_elliptical, swl_sampler_tempered, swl_sampler_entropy_sgd;

#endif
