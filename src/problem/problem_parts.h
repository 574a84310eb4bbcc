/* problem_parts.h - a loss f(x), perhaps over the examples of a batch, behind one table. */
#ifndef SWL_PROBLEM_PROBLEM_PARTS_H
#define SWL_PROBLEM_PROBLEM_PARTS_H

#include <swale/problem.h>

#include "data/dataset.h"
#include "network/network.h"
#include "options/options_parts.h"
#include "parallel/team.h"

/* `group` < groups: the loss is the mean over that group's examples of the current batch. Calls with different workers
 * may run at the same time; x (dim) is not kept. */
typedef struct swl_problem_ops {
  const char *name;
  swale_status (*evaluate)(void *self, size_t worker, size_t group, const float *x, double *loss); /* required */
  swale_status (*gradient)(void *self, size_t worker, size_t group, const float *x, float *gradient,
                           double *loss); /* NULL: the loss has no gradient */
  /* Choose the batch of this update; of its examples only those of the range are looked at. NULL: there are none. */
  void (*prepare)(void *self, swl_team *team, swl_range examples, uint64_t update);
  const swl_table *(*batch)(void *self); /* the current one; required where network is */
} swl_problem_ops;

struct swale_problem {
  swale_context *context;
  swl_arena *arena; /* owns everything, the problem too */
  const swl_problem_ops *ops;
  void *self;
  size_t dim;
  size_t groups;              /* of the batch; 1 = one loss for the whole batch */
  size_t batch, group;        /* examples per batch and per group (the last may have fewer); 0 where there are none */
  const double *shares;       /* groups: the group's fraction of the batch, sums to 1 */
  size_t workers;             /* how many workers may call; 0 = any number */
  const swl_network *network; /* NULL unless the problem is a network */
};

/* A network on the examples of `table`. batch, group and seed are those of `settings`; batch = 0 is the whole table.
 * `backward`: gradients will be asked for. network, table must outlive the problem. Memory: per worker two activations
 * of at most 1024 examples. */
SWALE_NODISCARD swale_status swl_network_problem_create(swale_context *context, const swl_settings *settings,
                                                        const swl_network *network, const swl_table *table,
                                                        size_t workers, int backward, swale_problem **problem);

#endif
