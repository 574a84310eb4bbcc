/* test_subspace.h - a small network on a table of its own, and what a test asks of the noise that lives in its layers.
 *
 * Everything goes through the tables that a trainer holds: noise, sampler, regularizer. Data and x come from an LCG,
 * since src/random is under test too.
 */
#ifndef SWL_TESTS_SUBSPACE_H
#define SWL_TESTS_SUBSPACE_H

#include "check.h"

#include "train/trainer_parts.h"

enum { STAGE_WORDS = 512, STAGE_DIM = 1024 };

/* How the table is made: plain, or with repeated examples and rows of zeros, so that H Hᵀ has no inverse. */
typedef enum stage_kind { STAGE_PLAIN, STAGE_SINGULAR } stage_kind;

typedef struct stage {
  swale_context *context;
  swale_options *options;
  swl_network network;
  swl_settings settings;
  swl_table table, seen; /* with labels and targets; with those that the loss takes */
  swale_problem *problem;
  swale_trainer *trainer;
  size_t dim, groups, draws; /* draws of an update, over all blocks of the plan */
} stage;

/* spec "mlp:5-4-3 relu squared", options "name=value name=value" after those of stage_common. The batch is the whole
 * table of `count` examples. x is random, the same for the same spec. */
void stage_open(stage *s, const char *spec, stage_kind kind, size_t count, const char *options);
swale_status stage_try(stage *s, const char *spec, stage_kind kind, size_t count, const char *options);
void stage_close(stage *s);
double stage_number(uint64_t *state); /* uniform on [-1, 1) */
void stage_prepare(stage *s);         /* look at the batch; the covariance of trainer->step is then that of the draws */

/* losses (updates × draws × groups), of the updates first … */
void stage_losses(stage *s, uint64_t first, size_t updates, double *losses);
/* sum (dim) of the weights (draws × groups) of one update. */
void stage_combine(stage *s, uint64_t update, const double *weights, float *sum);
/* f of group g at point = x + sqrt(tau_l) size sum, whose first dim numbers are written. */
double stage_loss_at(stage *s, size_t group, double size, const float *sum, float point[STAGE_DIM]);
/* gradient (dim) of F / beta as the sampler makes it: into trainer->step. */
const float *stage_gradient(stage *s, uint64_t update);
/* gradients (updates × dim), one after the other. */
void stage_gradients(stage *s, size_t updates, float *gradients);

/* The two-sample test of Kolmogorov and Smirnov, ties counted once; a and b are sorted in place. The bound on the level
 * is 2 exp(-2 D² mn/(m+n)): for equal sizes above 458 it holds at every size (Wei, Dudley 2012), and ties only make the
 * true level smaller. */
double stage_smirnov(size_t m, double *a, size_t n, double *b);

/* The least of many levels, times their number. */
typedef struct stage_levels {
  size_t count;
  double least;
  char what[STAGE_WORDS];
} stage_levels;
void stage_level(stage_levels *levels, double level, const char *what);
void stage_z(stage_levels *levels, double z, const char *what); /* two-sided */
/* Fails if any level was below family / count. */
void stage_check(const stage_levels *levels, double family);

/* Mean and variance of column-wise projections: of the rows (count × dim) on direction (dim). */
typedef struct stage_moments {
  double mean, variance;
} stage_moments;
stage_moments stage_project(size_t count, size_t dim, const float *rows, const double *direction);

#endif
