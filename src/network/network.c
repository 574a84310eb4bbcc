/* network.c - a network evaluated on a batch: outputs, losses, and the gradient by backpropagation.
 *
 *   symbol | code   | shape   | meaning
 *   -------|--------|---------|------------------------------------------------------------
 *   H_0    | inputs | B × n_0 | the examples, where the caller has them
 *   U_l    | u[l]   | B × m_l | [H_l 1] X_l
 *   H_l+1  | y[l]   | B × m_l | g(U_l); the last layer has no g, so its outputs are u[depth-1]
 *   Δ_l    | delta  | B × m_l | d (mean loss) / d U_l
 *
 * (1) Forward through the layers. (2) The loss, and its derivative Δ. (3) From the last layer to the first: the layer's
 * gradient from Δ and its inputs; then Δ to the layer below, times g'.
 *
 * Memory: without `backward` two buffers of B × widest layer take turns; with it every layer keeps y, and u too where
 * the activation's derivative needs it, and two more buffers hold Δ.
 */
#include "network/network.h"

#include <string.h>

struct swl_workspace {
  const swl_kernels *kernels;
  size_t capacity;
  float *u[SWL_LAYERS_MAX], *y[SWL_LAYERS_MAX]; /* capacity × outputs of the layer; may be the same memory */
  float *delta[2];                              /* capacity × widest layer; NULL without backward */
};

const swl_activation *swl_network_activation(const swl_network *network, size_t layer) {
  return layer + 1 < network->depth ? network->activation : NULL;
}

static size_t network_widest(const swl_network *network) {
  size_t widest = 0;
  for (size_t l = 0; l < network->depth; l++) {
    if (network->layers[l].outputs > widest) widest = network->layers[l].outputs;
  }
  return widest;
}

/* u[l] and y[l] of every layer; 0 on failure. */
static int workspace_buffers(swl_arena *arena, const swl_network *network, int backward, swl_workspace *workspace) {
  const size_t capacity = workspace->capacity, widest = network_widest(network) * sizeof(float);
  float *turns[2] = {NULL, NULL};
  for (int i = 0; i < 2 && !backward; i++) {
    if (i < (int)network->depth && !(turns[i] = swl_arena_take(arena, capacity, widest))) return 0;
  }
  for (size_t l = 0; l < network->depth; l++) {
    const swl_activation *activation = swl_network_activation(network, l);
    const size_t bytes = network->layers[l].outputs * sizeof(float);
    workspace->u[l] = backward ? swl_arena_take(arena, capacity, bytes) : turns[l % 2];
    const int separate = backward && activation && activation->needs_u;
    workspace->y[l] = separate ? swl_arena_take(arena, capacity, bytes) : workspace->u[l];
    if (!workspace->u[l] || !workspace->y[l]) return 0;
  }
  for (int i = 0; i < 2 && backward; i++) {
    if (!(workspace->delta[i] = swl_arena_take(arena, capacity, widest))) return 0;
  }
  return 1;
}

swale_status swl_workspace_create(swl_arena *arena, const swl_network *network, const swl_kernels *kernels,
                                  size_t capacity, int backward, swl_workspace **workspace) {
  swl_workspace *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  if (kernels->ready && !kernels->ready()) {
    return swl_fail(swl_arena_context(arena), SWALE_ERROR_MEMORY,
                    "out of memory: the products of kernels = %s need more; kernels = reference needs none",
                    kernels->name);
  }
  made->kernels = kernels;
  made->capacity = capacity;
  if (!workspace_buffers(arena, network, backward, made)) return SWALE_ERROR_MEMORY;
  *workspace = made;
  return SWALE_OK;
}

const float *swl_network_outputs(const swl_network *network, swl_workspace *workspace, const float *x,
                                 const swl_examples *examples) {
  const float *h = examples->inputs;
  for (size_t l = 0; l < network->depth; l++) { /* (1) */
    swl_dense_forward(workspace->kernels, &network->layers[l], swl_network_activation(network, l), x, examples->count,
                      h, workspace->u[l], workspace->y[l]);
    h = workspace->y[l];
  }
  return h;
}

void swl_network_losses(const swl_network *network, swl_workspace *workspace, const float *x,
                        const swl_examples *examples, double *losses) {
  const float *outputs = swl_network_outputs(network, workspace, x, examples);
  network->loss->evaluate(examples->count, network->outputs, outputs, examples->labels, examples->targets,
                          losses); /* (2) */
  swl_weigh_losses(examples->count, examples->weights, 1, losses);
}

/* Of the mean of losses that have weights: row b of delta (B × m) times weight b, nothing where that is 0. */
static void network_weigh_rows(const swl_examples *examples, size_t m, float *delta) {
  for (size_t b = 0; examples->weights && b < examples->count; b++) {
    const float weight = (float)examples->weights[b];
    for (size_t j = b * m; j < (b + 1) * m; j++) delta[j] = weight > 0 ? weight * delta[j] : 0;
  }
}

void swl_network_gradient(const swl_network *network, swl_workspace *workspace, const float *x,
                          const swl_examples *examples, float *gradient, double *losses) {
  const size_t count = examples->count;
  if (count == 0) {
    memset(gradient, 0, network->dim * sizeof *gradient);
    return;
  }
  const float *outputs = swl_network_outputs(network, workspace, x, examples);
  float *delta = workspace->delta[0], *below = workspace->delta[1];
  network->loss->gradient(count, network->outputs, outputs, examples->labels, examples->targets, delta,
                          losses); /* (2) */
  swl_weigh_losses(count, examples->weights, 1, losses);
  network_weigh_rows(examples, network->outputs, delta);
  for (size_t l = network->depth; l-- > 0;) { /* (3) */
    const float *h = l ? workspace->y[l - 1] : examples->inputs;
    swl_dense_backward(workspace->kernels, &network->layers[l], x, count, h, delta, gradient, l ? below : NULL);
    if (l == 0) break;
    network->activation->backward(count * network->layers[l].inputs, workspace->u[l - 1], workspace->y[l - 1], below);
    float *spent = delta;
    delta = below;
    below = spent;
  }
}
