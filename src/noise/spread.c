/* spread.c - see spread.h. */
#include "noise/spread.h"

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

void swl_spread_divide(const swl_spread *spread, double scale, float *v) {
  for (size_t l = 0; l < spread->count; l++) {
    const swl_block *block = &spread->blocks[l];
    const float factor = (float)(scale / sqrt(block->tau));
    for (size_t i = block->first; i < block->end; i++) v[i] *= factor;
  }
}
