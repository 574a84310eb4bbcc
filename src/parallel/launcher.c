/* launcher.c - see launcher.h. */
#include "parallel/launcher.h"

#include <stdlib.h>

/* A variable that holds a number >= 0. */
static int launcher_number(const char *name, size_t *number) {
  const char *text = getenv(name);
  char *end = NULL;
  if (!text || *text < '0' || *text > '9') return 0;
  const unsigned long long value = strtoull(text, &end, 10);
  if (*end) return 0;
  *number = (size_t)value;
  return 1;
}

int swl_launcher(size_t *rank, size_t *size) {
  static const char *const names[][2] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, /* Open MPI */
                                         {"PMI_RANK", "PMI_SIZE"},                         /* MPICH, Intel MPI, srun */
                                         {"PMIX_RANK", "SLURM_NTASKS"}};                   /* srun --mpi=pmix */
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t number = 0, count = 1;
    if (!launcher_number(names[i][0], &number)) continue;
    if (!launcher_number(names[i][1], &count) || number >= count) number = 0, count = 1;
    *rank = number;
    *size = count;
    return 1;
  }
  *rank = 0;
  *size = 1;
  return 0;
}
