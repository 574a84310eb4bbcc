/* mpi.h - processes (ranks) that share the work of a context, over MPI.
 *
 * After swale_context_join every trainer, run and evaluation of the context is shared: all ranks make the same calls with
 * the same options, data and parameters, each computes its part of the draws, and all end with the same bytes, which are
 * those of one process. Files are written by rank 0 alone. A call that fails on one rank fails on all, with the same
 * status and sentence. What a caller's own functions do must not depend on the rank; they are called for the draws of
 * their rank only. swale_trainer_ask is not shared, and swale_trainer_tell wants the same losses on all ranks.
 */
#ifndef SWALE_MPI_H
#define SWALE_MPI_H

#include <swale/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Once, before anything else is made with the context. communicator: NULL for all processes that mpirun started, and MPI is
 * then started, and ended with the context, unless the caller did; or a pointer to an MPI_Comm, which is copied. Collective.
 * Without a launcher this does nothing. SWALE_ERROR_UNSUPPORTED if there are several processes, but this build has no MPI
 * or another one than their launcher. The context must be destroyed before MPI_Finalize. */
SWALE_API SWALE_NODISCARD swale_status swale_context_join(swale_context *context, const void *communicator);

/* SWALE_OK if all ranks say so, else what the lowest one says that does not, with its sentence. For what a program does
 * itself between two calls, and may fail at on one rank: reading a file. Collective. */
SWALE_API SWALE_NODISCARD swale_status swale_context_agree(swale_context *context, swale_status mine);

/* rank < ranks; 0 of 1 for a context that joined nothing. NULL: as the launcher's environment says, before MPI is
 * started. */
SWALE_API size_t swale_context_rank(const swale_context *context);
SWALE_API size_t swale_context_ranks(const swale_context *context);

/* The MPI of this build, as pkg-config names it: "ompi-c 4.1.4"; "" if it has none. */
SWALE_API const char *swale_mpi_version(void);

#ifdef __cplusplus
}
#endif
#endif
