/* ranks.h - the processes that share the work of a context, and what they exchange.
 *
 * Every rank runs the same program on the same options, data and parameters; what is dealt among them (deal.h) is
 * exchanged, everything else each does for itself, with the same result. A sum is never left to MPI: its terms are
 * gathered, and every rank adds them up in the same order.
 *
 * Failures. One rank may fail where the others do not: a file that only it cannot read, its memory, a caller's function.
 * So every exchange begins with an agreement (swl_ranks_agree), and every entry of the library that uses ranks ends with
 * one, once (swl_ranks_settle), whatever happened in between: a rank that failed goes straight there, and is met there by
 * the agreement with which the others begin their next exchange. They return the same status with the same sentence.
 * What an entry calls must not settle itself, unless nothing can fail on one rank alone before it does.
 *
 * NULL takes the place of the ranks of a process that is alone: then all of this costs nothing.
 */
#ifndef SWL_PARALLEL_RANKS_H
#define SWL_PARALLEL_RANKS_H

#include "base/context.h"

typedef struct swl_ranks swl_ranks;

/* Half-open range of items. */
typedef struct swl_range {
  size_t first, end;
} swl_range;

static const swl_range swl_everything = {0, SIZE_MAX};

/* Range of items of shard `shard` when `items` are dealt to `shards` as evenly as can be. */
swl_range swl_shard_range(size_t items, size_t shards, size_t shard);

/* The context's ranks from now on: those of the communicator (an MPI_Comm *), or of the launcher (NULL). Collective. They
 * are left when the context is destroyed. */
SWALE_NODISCARD swale_status swl_ranks_join(swale_context *context, const void *communicator);

size_t swl_ranks_size(const swl_ranks *ranks);
size_t swl_ranks_rank(const swl_ranks *ranks);
/* Cores that this rank may use when the others of its machine use theirs; 0 = all there are. */
size_t swl_ranks_cores(const swl_ranks *ranks);

/* SWALE_OK if all ranks say so, else the status, and the sentence, of the lowest rank that failed. */
SWALE_NODISCARD swale_status swl_ranks_agree(swl_ranks *ranks, swale_status mine);

/* The same where all is well here; *stop: afterwards the largest of all ranks. */
SWALE_NODISCARD swale_status swl_ranks_agree_stop(swl_ranks *ranks, int *stop);

/* What ranks tell each other at the end of an entry. */
typedef struct swl_pulse {
  int stop;       /* 0 = go on; afterwards the largest of all ranks */
  uint64_t check; /* must be the same on all ranks */
} swl_pulse;

/* The same at the end of an entry. pulse: NULL, or what else is to be known to all. Ranks whose `check` differ have
 * computed different numbers: SWALE_ERROR_UNSUPPORTED. */
SWALE_NODISCARD swale_status swl_ranks_settle(swl_ranks *ranks, swale_status mine, swl_pulse *pulse);

/* Rank r has filled the bytes bounds[r] .. bounds[r + 1] - 1 of data; afterwards everyone has all. */
SWALE_NODISCARD swale_status swl_ranks_gather(swl_ranks *ranks, void *data, const size_t *bounds);

/* data: as rank 0 has it. */
SWALE_NODISCARD swale_status swl_ranks_tell(swl_ranks *ranks, void *data, size_t bytes);

/* Rows to columns. data: rows of `bytes` bytes; rank r has filled the rows bounds[r] .. bounds[r + 1] - 1 (all rows, or
 * those that `sent` says: NULL = all). Afterwards it has the bytes columns[r] .. columns[r + 1] - 1 of those of all ranks. */
typedef int (*swl_sent)(const void *self, size_t rank, size_t row);
SWALE_NODISCARD swale_status swl_ranks_turn(swl_ranks *ranks, void *data, size_t bytes, const size_t *bounds,
                                            const size_t *columns, swl_sent sent, const void *self);

/* And back: every rank gets the columns of all, of rows 0 .. rows - 1 that are `bytes` apart. */
SWALE_NODISCARD swale_status swl_ranks_gather_columns(swl_ranks *ranks, void *data, size_t bytes, size_t rows,
                                                      const size_t *columns);

/* Two times size + 1 numbers, for bounds and columns. */
size_t *swl_ranks_bounds(swl_ranks *ranks);
size_t *swl_ranks_columns(swl_ranks *ranks);

/* What this rank has received so far, and in how many exchanges; agreements: ranks.c says how they are counted. */
typedef struct swl_traffic {
  uint64_t bytes, exchanges, agreements;
} swl_traffic;
swl_traffic swl_ranks_traffic(const swl_ranks *ranks);

#endif
