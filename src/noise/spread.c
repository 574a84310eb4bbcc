/* spread.c - see spread.h. */
#include "noise/spread.h"

#include "numeric/vector.h"

#include <math.h>

void swl_spread_even(const swale_problem *problem, double tau, swl_spread *spread) {
  const swl_network *network = problem->network;
  spread->count = network ? network->depth : 1;
  for (size_t l = 0; l < spread->count; l++) {
    const size_t first = network ? network->layers[l].offset : 0;
    const int last = l + 1 == spread->count;
    spread->blocks[l] = (swl_block){first, last ? problem->dim : network->layers[l + 1].offset, tau};
  }
}

double swl_spread_distance2(const swl_spread *spread, const float *a, const float *b) {
  double sum = 0;
  for (size_t l = 0; l < spread->count; l++) {
    const swl_block *block = &spread->blocks[l];
    double part = 0;
    for (size_t i = block->first; i < block->end; i++) part += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    sum += part / block->tau;
  }
  return sum;
}

typedef struct spread_job {
  const swl_spread *spread;
  double scale;
  float *v;
} spread_job;

static swale_status spread_piece(void *self, size_t worker, size_t piece) {
  const spread_job *job = self;
  const swl_range range = {piece * SWL_PIECE, (piece + 1) * SWL_PIECE};
  (void)worker;
  for (size_t l = 0; l < job->spread->count; l++) {
    const swl_block *block = &job->spread->blocks[l];
    const swl_range part = swl_block_part(block, range);
    if (part.first >= part.end) continue;
    swl_vector()->scale(part.end - part.first, (float)(job->scale / sqrt(block->tau)), job->v + part.first);
  }
  return SWALE_OK;
}

swale_status swl_spread_divide(const swl_spread *spread, swl_team *team, double scale, int dealt, float *v) {
  spread_job job = {spread, scale, v};
  const size_t pieces = swl_pieces(spread->blocks[spread->count - 1].end);
  const swl_range all = {0, pieces};
  return swl_team_run_part(team, dealt ? swl_team_part(team, pieces) : all, spread_piece, &job);
}
