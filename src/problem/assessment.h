/* assessment.h - the mean loss and the accuracy of a network on a table of examples. */
#ifndef SWL_PROBLEM_ASSESSMENT_H
#define SWL_PROBLEM_ASSESSMENT_H

#include "data/dataset.h"
#include "network/network.h"
#include "parallel/team.h"

typedef struct swl_assessor swl_assessor;

/* Scratch for tables of at most `most` examples. network must outlive it. */
SWALE_NODISCARD swale_status swl_assessor_create(swl_arena *arena, const swl_network *network,
                                                 const swl_kernels *kernels, size_t most, swl_team *team,
                                                 swl_assessor **assessor);

typedef struct swl_assessment {
  size_t count;
  double loss;     /* mean over the examples, by their weights if they have any: Σ w l / Σ w; NaN if there are none */
  double accuracy; /* classification: fraction of examples whose largest output is their label (ties: the first);
                      regression: the coefficient of determination R² over all outputs, NaN where the targets are
                      all equal; NaN if there are none. Weights do not count here */
} swl_assessment;

/* Parallel over fixed chunks of examples; sums in their order, so the same bytes for any number of threads. */
SWALE_NODISCARD swale_status swl_assess(swl_assessor *assessor, const float *x, const swl_table *table,
                                        swl_assessment *assessment);

/* The pieces of it, for those who have outputs already. Sums over examples: */
typedef struct swl_assessment_part {
  double loss, residual; /* of losses times weights, and of (target - output)² */
  size_t correct;
} swl_assessment_part;

/* losses (count) of the outputs (count × outputs), added to `part`. */
void swl_assess_add(const swl_network *network, const float *outputs, const swl_examples *examples, double *losses,
                    swl_assessment_part *part);

/* From the sums over all examples of `table`. */
void swl_assess_finish(const swl_network *network, const swl_table *table, const swl_assessment_part *sum,
                       swl_assessment *assessment);

#endif
