/* wire.h - what ranks.c asks of MPI: mpi.c, or alone.c in a build without it. Nothing here adds numbers up.
 *
 * Every function is collective: all ranks call it with arguments that agree. Waiting lets other processes run.
 */
#ifndef SWL_PARALLEL_WIRE_H
#define SWL_PARALLEL_WIRE_H

#include "base/context.h"

typedef struct swl_wire swl_wire;

/* `rows` pieces of `bytes` bytes each, `stride` bytes from one to the next. */
typedef struct swl_parcel {
  void *data;
  size_t bytes, rows, stride;
} swl_parcel;

/* communicator: an MPI_Comm *, or NULL for all processes of the launcher. *wire stays NULL where this process is alone.
 * cores: those that a rank may use when all ranks of its machine compute at the same time; >= 1. */
SWALE_NODISCARD swale_status swl_wire_open(swale_context *context, const void *communicator, swl_wire **wire,
                                           size_t *rank, size_t *size, size_t *cores);
void swl_wire_close(swl_wire *wire);

/* values: of each, the largest over the ranks. */
SWALE_NODISCARD swale_status swl_wire_most(swl_wire *wire, int count, int64_t *values);
/* data: as rank `from` has it. */
SWALE_NODISCARD swale_status swl_wire_tell(swl_wire *wire, size_t from, void *data, size_t bytes);
/* Rank r has the bytes bounds[r] .. bounds[r + 1] - 1 of data; afterwards everyone has all. bounds: size + 1. */
SWALE_NODISCARD swale_status swl_wire_gather(swl_wire *wire, void *data, const size_t *bounds);
/* give[r] goes to rank r, which has as many bytes in its take[this rank]. Empty parcels are not sent. */
SWALE_NODISCARD swale_status swl_wire_swap(swl_wire *wire, const swl_parcel *give, const swl_parcel *take);

#endif
