/* launcher.h - was this process started by mpirun, srun or their like? Asked of the environment, before MPI is. */
#ifndef SWL_PARALLEL_LAUNCHER_H
#define SWL_PARALLEL_LAUNCHER_H

#include <stddef.h>

/* 1 if it was; then also which of how many it is, rank < size. Where the launcher does not say, 0 of 1. */
int swl_launcher(size_t *rank, size_t *size);

#endif
