/* average.c - see average.h. */
#include "train/average.h"

#include <math.h>
#include <string.h>

enum { AVERAGE_PIECE = 65536 }; /* coordinates per item; heuristic: a quarter of a megabyte, worth waking a thread */

typedef struct average_job {
  size_t dim;
  float weight;
  const float *x;
  float *mean;
} average_job;

static swale_status average_piece(void *self, size_t worker, size_t item) {
  const average_job *job = self;
  const size_t first = item * AVERAGE_PIECE, end = first + AVERAGE_PIECE;
  const size_t count = (end < job->dim ? end : job->dim) - first;
  const float weight = job->weight, *restrict x = job->x + first;
  float *restrict mean = job->mean + first;
  (void)worker;
  for (size_t i = 0; i < count; i++) mean[i] += weight * (x[i] - mean[i]); /* (2) */
  return SWALE_OK;
}

swale_status swl_average_add(swl_average *average, swl_team *team, size_t dim, const float *x) {
  if (!average->mean) return SWALE_OK;
  if (++average->count == 1) { /* whatever was there before */
    memcpy(average->mean, x, dim * sizeof *x);
    return SWALE_OK;
  }
  const double weight = (1 - average->decay) / -expm1((double)average->count * log(average->decay)); /* (1) */
  average_job job = {dim, (float)weight, x, average->mean};
  if (dim <= AVERAGE_PIECE) return average_piece(&job, 0, 0);
  return swl_team_run(team, (dim + AVERAGE_PIECE - 1) / AVERAGE_PIECE, average_piece, &job);
}
