/* covariance.c - see covariance.h. */
#include "noise/covariance.h"

#include "numeric/vector.h"

#include <math.h>

void swl_covariance_even(const swale_problem *problem, double tau, swl_covariance *covariance) {
  const swl_network *network = problem->network;
  covariance->count = network ? network->depth : 1;
  for (size_t l = 0; l < covariance->count; l++) {
    const size_t first = network ? network->layers[l].offset : 0;
    const int last = l + 1 == covariance->count;
    covariance->blocks[l] = (swl_block){first, last ? problem->dim : network->layers[l + 1].offset, tau};
  }
}

double swl_covariance_distance2(const swl_covariance *covariance, const float *a, const float *b) {
  double sum = 0;
  for (size_t l = 0; l < covariance->count; l++) {
    const swl_block *block = &covariance->blocks[l];
    double part = 0;
    for (size_t i = block->first; i < block->end; i++) part += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    sum += part / block->tau;
  }
  return sum;
}

typedef struct covariance_job {
  const swl_covariance *covariance;
  double scale;
  float *v;
} covariance_job;

static swale_status covariance_piece(void *self, size_t worker, size_t piece) {
  const covariance_job *job = self;
  const swl_range range = {piece * SWL_PIECE, (piece + 1) * SWL_PIECE};
  (void)worker;
  for (size_t l = 0; l < job->covariance->count; l++) {
    const swl_block *block = &job->covariance->blocks[l];
    const swl_range part = swl_block_part(block, range);
    if (part.first >= part.end) continue;
    swl_vector()->scale(part.end - part.first, (float)(job->scale / sqrt(block->tau)), job->v + part.first);
  }
  return SWALE_OK;
}

swale_status swl_covariance_divide(const swl_covariance *covariance, swl_team *team, double scale, int dealt,
                                   float *v) {
  covariance_job job = {covariance, scale, v};
  const size_t pieces = swl_pieces(covariance->blocks[covariance->count - 1].end);
  const swl_range all = {0, pieces};
  return swl_team_run_part(team, dealt ? swl_team_part(team, pieces) : all, covariance_piece, &job);
}
