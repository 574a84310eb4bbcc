/* clean.h - the batch passed through the network at x itself, without noise.
 *
 * What a noise on layers starts from: a layer's clean inputs and pre-activations, so that nothing before the first noisy
 * layer is ever computed again; |(h, 1)|² per example, the scale of the noise that reaches a pre-activation; and the
 * loss at x, a reference for the losses of the draws.
 */
#ifndef SWL_NOISE_CLEAN_H
#define SWL_NOISE_CLEAN_H

#include "noise/covariance.h"
#include "parallel/reduce.h"

typedef struct swl_clean {
  const swl_network *network;
  const swl_kernels *kernels;
  size_t group; /* examples per group */
  size_t count; /* B of the last pass */
  const swl_table *table;
  const float *x;
  const float *h[SWL_LAYERS_MAX]; /* B × n_l inputs of layer l; h[0] is the table's */
  float *y[SWL_LAYERS_MAX];       /* B × m_l: g(u), which is h[l + 1]; of the last layer NULL */
  float *u[SWL_LAYERS_MAX];       /* B × m_l pre-activations */
  float *square[SWL_LAYERS_MAX];  /* B: |(h, 1)|² */
  double *losses;                 /* B */
  double *reference;              /* groups: mean of the losses */
} swl_clean;

SWALE_NODISCARD swale_status swl_clean_create(const swl_settings *settings, const swale_problem *problem,
                                              swl_arena *arena, swl_clean *clean);

/* Pass the problem's batch through. sig > 0: the covariance's tau per layer becomes sig² / mean |(h, 1)|². firsts: NULL, or where
 * groups have one example each the first example of each rank (ranks + 1 numbers): then a rank gets its own examples only,
 * and `square` of all where sig > 0. Allocates nothing. */
SWALE_NODISCARD swale_status swl_clean_run(swl_clean *clean, const swale_problem *problem, swl_team *team,
                                           const size_t *firsts, const float *x, double sig,
                                           swl_covariance *covariance);

/* firsts as there: the examples that this rank looks at, the rest of their chunks among them. */
swl_range swl_clean_examples(const swl_team *team, const size_t *firsts);

#endif
