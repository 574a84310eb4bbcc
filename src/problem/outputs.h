/* outputs.h - what a network gives for the examples of a table, a chunk of them at a time: whoever looks at a trained
 * network goes through a table here.
 */
#ifndef SWL_PROBLEM_OUTPUTS_H
#define SWL_PROBLEM_OUTPUTS_H

#include "data/dataset.h"
#include "network/network.h"

enum { SWL_OUTPUTS_CHUNK = 512 }; /* examples that pass through the layers together */

typedef struct swl_outputs {
  const swl_network *network;
  swl_workspace **workspaces; /* one per worker */
  double **losses;            /* one per worker, SWL_OUTPUTS_CHUNK each: scratch for who asks for losses */
} swl_outputs;

/* Memory of `arena`. network must outlive it. */
SWALE_NODISCARD swale_status swl_outputs_create(swl_arena *arena, const swl_network *network,
                                                const swl_kernels *kernels, size_t workers, swl_outputs *outputs);

static inline size_t swl_outputs_chunks(const swl_table *table) {
  return (table->count + SWL_OUTPUTS_CHUNK - 1) / SWL_OUTPUTS_CHUNK;
}

/* Of chunk number `chunk` at x (dim): its examples, and their outputs (count × network->outputs), which are valid until
 * the worker's next call. Example i of it is number chunk × SWL_OUTPUTS_CHUNK + i of the table. */
const float *swl_outputs_of(const swl_outputs *outputs, size_t worker, const float *x, const swl_table *table,
                            size_t chunk, swl_examples *examples);

#endif
