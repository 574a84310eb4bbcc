/* batches.h - which examples an update sees: a pure function of (seed, epoch), gathered into one dense table.
 *
 * Epoch e visits the training examples in the order of a random permutation keyed by (seed, e), `batch` at a time; the
 * remainder that does not fill a batch is left out of that epoch (another remainder each epoch).
 */
#ifndef SWL_DATA_BATCHES_H
#define SWL_DATA_BATCHES_H

#include "data/dataset.h"
#include "parallel/team.h"

typedef struct swl_batches swl_batches;

/* Updates per epoch of `count` examples, `batch` at a time; 0: all of them. */
static inline size_t swl_updates_per_epoch(size_t count, size_t batch) { return batch ? count / batch : 1; }

/* batch = 0 means all examples (then the order is theirs, unshuffled). batch > table->count is an error. The table
 * must outlive the batches. */
SWALE_NODISCARD swale_status swl_batches_create(swale_context *context, swl_arena *arena, const swl_table *table,
                                                size_t features, size_t outputs, size_t batch, uint64_t seed,
                                                swl_batches **batches);

size_t swl_batches_size(const swl_batches *batches); /* examples per batch */

/* Gather the batch of update number `update` (from 0), with the team's help unless it is NULL, and return it; valid until
 * the next call. What lies outside `examples` may be anything. Allocates nothing. */
const swl_table *swl_batches_at(swl_batches *batches, swl_team *team, swl_range examples, uint64_t update);

#endif
