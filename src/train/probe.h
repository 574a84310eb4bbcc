/* probe.h - what a network is worth at many points: mean loss and accuracy of each on a table of examples. */
#ifndef SWL_TRAIN_PROBE_H
#define SWL_TRAIN_PROBE_H

#include "problem/assessment.h"
#include "random/stream.h"

typedef struct swl_probe swl_probe;

/* Fill point (dim) with the parameters of `item`; called by several workers at once. */
typedef void (*swl_probe_point)(const void *self, size_t item, const float *x, float *point);

/* Scratch of the team's workers: activations of 512 examples and a point each. network and team must outlive it. */
SWALE_NODISCARD swale_status swl_probe_create(swl_arena *arena, const swl_network *network, const swl_kernels *kernels,
                                              swl_team *team, swl_probe **probe);

/* seen (items), and unless NULL the loss of every example, each (items × examples). Parallel over items, so the same
 * bytes for any number of threads. Allocates nothing. */
SWALE_NODISCARD swale_status swl_probe_run(swl_probe *probe, const float *x, const swl_table *table, size_t items,
                                           swl_probe_point point, const void *self, swl_assessment *seen, double *each);

/* point (dim) = x + scale Z, Z the normals of the stream. */
void swl_probe_perturb(const swl_stream *stream, size_t dim, float scale, const float *x, float *point);

/* Mean of count numbers and its standard error, NaN for fewer than two. */
typedef struct swl_mean {
  double mean, se;
} swl_mean;
swl_mean swl_mean_of(size_t count, const double *values);

#endif
