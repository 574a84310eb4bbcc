/* initialize.c - where training starts.
 *
 * source: K. He et al., "Delving deep into rectifiers", ICCV 2015, eq. 10 (relu); X. Glorot and Y. Bengio,
 * "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010 (the idea for the rest).
 *
 * Weights that leave the n inputs of a layer are N(0, gain² / n), biases are 0, so that the size of the signal is kept
 * from layer to layer. The gain is the activation's, in every layer (the last one too, as He et al. do).
 * Randomness: stream (seed, INIT, update = layer), coordinate i m + j for the weight from input i to output j.
 */
#include "network/network.h"

#include "numeric/vector.h"
#include "random/gaussian.h"

#include <math.h>
#include <string.h>

void swl_network_initialize(const swl_network *network, uint64_t seed, float *x) {
  for (size_t l = 0; l < network->depth; l++) {
    const swl_layer *layer = &network->layers[l];
    const size_t weights = layer->inputs * layer->outputs;
    const swl_stream stream = swl_stream_make(swl_philox(seed), SWL_PURPOSE_INIT, l, 0, 0);
    float *start = x + layer->offset;
    swl_gaussian_fill(&stream, 0, weights, start);
    swl_vector()->scale(weights, (float)(network->activation->gain / sqrt((double)layer->inputs)), start);
    memset(start + weights, 0, layer->outputs * sizeof *start);
  }
}
