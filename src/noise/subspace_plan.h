/* subspace_plan.h - what is drawn where, which rank draws it, and the memory for it; the page is in subspace.c. */
#ifndef SWL_NOISE_SUBSPACE_PLAN_H
#define SWL_NOISE_SUBSPACE_PLAN_H

#include "noise/clean.h"
#include "noise/factor.h"
#include "noise/noise.h"
#include "numeric/vector.h"

enum {
  SUBSPACE_LANES = 16,  /* columns come in multiples of a register, the widest of all CPUs */
  SUBSPACE_NARROW = 32, /* heuristic: wider layers go through faster as one large product */
  SUBSPACE_ROWS = 56,   /* heuristic: rows of a layer's sum per item; 784 are dealt to two evenly */
};

/* How the noise of a layer is drawn. Clean inputs: */
typedef enum subspace_way {
  SUBSPACE_SCALE,  /* group 1: |(h, 1)| z, one z per example and unit */
  SUBSPACE_SPLIT,  /* the same below the outputs, units that only add taken together (subspace_split.c) */
  SUBSPACE_FACTOR, /* L Z */
  SUBSPACE_DIRECT, /* [H 1] E; also where the inputs are noisy and shared */
} subspace_way;

/* A layer whose inputs are clean: the first, or each where each is smoothed on its own. */
typedef struct subspace_source {
  subspace_way way;
  size_t most;         /* rows of normals of a draw, at most: 1 per example, w (L Z), or n + 1 (E) */
  swl_factor *factors; /* groups; rows of them are used; DIRECT: lt = [H 1]ᵀ, q is not used */
  float *credit;       /* passes × (m × width; SPLIT: width × m; else most × m): Σ w Z of a pass */
  size_t stride;       /* of credit, per pass */
  size_t rows;         /* of `left` and `right` after the last combination */
  float *left;         /* FACTOR: rows × (n + 1): sum = leftᵀ right; SCALE takes h of the clean pass */
  float *right;        /* rows × m */
} subspace_source;

/* Of the layer below the outputs, at the x of the last look. c outputs, m units. */
typedef struct subspace_split {
  const swl_covariance *covariance;
  double *lower;    /* batch × c × c: L of each example */
  double *products; /* m × c (c + 1) / 2, padded: w wᵀ of the units' weights */
  float *turned;    /* c × m: Wᵀ */
} subspace_split;

typedef struct subspace_split_scratch { /* rows: c, then the units that may bend */
  size_t *unit;                         /* m: which these are */
  float *u, *z, *sum;                   /* (c + m) × 16 */
  float *h;                             /* (c + m) × 32: members + then - */
  float *rows;                          /* (c + m) × c: s Lᵀ and W */
  float *base, *y;                      /* c: outputs without the units that may bend; L⁻ᵀ Σ w g */
  float *outputs;                       /* c × 32 */
  float *turned, *targets;              /* 32 × c */
  float *all;                           /* m */
  double *gram;                         /* c (c + 1) / 2, padded */
} subspace_split_scratch;

typedef struct subspace_lanes { /* shapes in subspace_lanes.c */
  float *z[SWL_LAYERS_MAX];
  float *u[2][SWL_LAYERS_MAX];
  float *seen, *h[2], *panel[2];
  float *ones;           /* w × 16 */
  float *rows, *targets; /* 16 × c */
} subspace_lanes;

typedef struct subspace_scratch {
  float *base;                  /* m × pad: clean pre-activations of the micro-batch, unit-major */
  float *z[SWL_LAYERS_MAX];     /* normals of `together` draws */
  float *h[SWL_LAYERS_MAX];     /* m × 2 ld: outputs of the layer, members + then - */
  float *seen;                  /* m × pad: S of one draw */
  float *panel[2];              /* (n + 1) × m: perturbed weights of the members */
  float *left;                  /* (n + 1) × ld */
  float *square, *scale, *coef; /* 2 ld each */
  float *rows;                  /* w × outputs */
  double *f, *w;                /* 2 ld each: losses and weights of the columns */
  float *spare;                 /* products that wait for the other half of the tree */
  swl_factor_work work;
  subspace_split_scratch split;
  subspace_lanes lanes;
} subspace_scratch;

typedef struct subspace {
  const swl_network *network;
  const swl_kernels *kernels;
  const swl_columns_ops *columns;
  swale_problem *problem;
  swl_clean clean;
  swl_plan plan;
  size_t group, groups, batch;
  size_t width, pad;   /* columns per draw (at most), and rounded up to 16 */
  size_t microbatches; /* groups, or ceil(batch / 16) */
  size_t members;      /* 2 where antithetic */
  size_t together, ld; /* draws (pairs) that go through together at most; their columns, rounded up */
  int layerwise, conditioned;
  int lanes;                      /* draws go through as in subspace_lanes.c */
  int entropy;                    /* the loss is cross-entropy, which has a loop of its own */
  swl_bend bend[SWL_LAYERS_MAX];  /* what the loops do to a layer's pre-activations */
  size_t low_rank;                /* 0: full normals; else Z = A Bᵀ / sqrt(rank) */
  int row_space;                  /* low rank: inside the row space of H */
  uint64_t place[SWL_LAYERS_MAX]; /* first coordinate of a layer's normals in a draw's stream */
  size_t shards;                  /* of passes */
  size_t leaves;                  /* of the products (subspace_leaves.c) */
  size_t *firsts;                 /* a rank passes only its own examples through: the first of each; else NULL */
  float *roots;                   /* then ranks × dim: each rank's part of the sum */
  subspace_source source[SWL_LAYERS_MAX];
  subspace_split split;
  float *parts[SWL_LAYERS_MAX]; /* shards × (n + 1) m: noisy inputs; NULL for sources */
  double *packed; /* losses of a smoothing by pass, on their way between ranks; NULL where there is one rank */
  subspace_scratch *scratch; /* per worker */
} subspace;

/* One micro-batch of examples and the draws of one smoothing (swl_plan) that go through it. */
typedef struct subspace_pass {
  subspace *noise;
  subspace_scratch *scratch;
  const swl_draws *draws;
  const float *x;
  size_t smoothing;            /* of the plan; also the layer where the noise begins */
  size_t microbatch, first, w; /* examples first .. first + w - 1 */
  size_t group;                /* first group of the micro-batch */
  size_t pair, count;          /* the pairs that are going through */
  size_t ld;                   /* their columns, rounded up: of one member */
} subspace_pass;

/* Draws of a smoothing, in pairs where antithetic. */
size_t subspace_pairs(const subspace *noise, size_t smoothing);

/* Passes of a smoothing: micro-batch × chunk of its pairs. */
size_t subspace_passes(const subspace *noise, size_t smoothing);
size_t subspace_chunks(const subspace *noise, size_t smoothing);
swl_range subspace_chunk(const subspace *noise, size_t smoothing, size_t chunk);

/* Passes are dealt in shards, the shards of a smoothing to the ranks: the first pass of a rank; all passes for the number of
 * ranks. */
size_t subspace_shards(const subspace *noise, size_t smoothing);
size_t subspace_first_pass(const subspace *noise, const swl_team *team, size_t smoothing, size_t rank);

/* A layer whose inputs are clean. */
static inline int subspace_is_source(const subspace *noise, size_t layer) { return layer == 0 || noise->layerwise; }

/* Each example has draws of its own. */
static inline int subspace_is_alone(const subspace_source *source) {
  return source->way == SUBSPACE_SCALE || source->way == SUBSPACE_SPLIT;
}

/* Whether the layer above a source is passed together with it: it is narrow, and does not need its inputs again. */
int subspace_is_fused(const subspace *noise, size_t smoothing);

/* Where draws get their weights from: neither, a table (as in combine), or a rule (as in stream). */
typedef struct subspace_weights {
  const double *table;
  const swl_rule *rule;
} subspace_weights;

#endif
