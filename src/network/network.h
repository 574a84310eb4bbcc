/* network.h - a multilayer perceptron as a function of one flat vector of parameters.
 *
 * Layer l maps H (B × n) to [H 1] · X_l, with X_l ((n+1) × m) row-major: row i < n holds the weights that leave input
 * i, row n is the bias. The flat vector x (dim) is X_0, X_1, … one after the other. (PyTorch's `weight` is the
 * transpose of the first n rows; files/model_write.c transposes when it writes.) This is the layout that a matrix product
 * likes best, and the one in which a layer's noise is one matrix E (MATH §6.4).
 */
#ifndef SWL_NETWORK_NETWORK_H
#define SWL_NETWORK_NETWORK_H

#include "base/arena.h"
#include "network/dense.h"
#include "network/loss.h"

#include <stddef.h>
#include <stdint.h>

enum { SWL_LAYERS_MAX = 64, SWL_SPEC_MAX = 512 };

typedef struct swl_network {
  size_t depth; /* number of layers >= 1 */
  swl_layer layers[SWL_LAYERS_MAX];
  size_t inputs, outputs;           /* of the whole network */
  size_t dim;                       /* of x */
  const swl_activation *activation; /* between layers; the last layer has none */
  const swl_loss *loss;
  char spec[SWL_SPEC_MAX]; /* "mlp:784-256-10" */
} swl_network;

/* Parse "mlp:784-256-10" (1 to 64 layers of 1 to 1,000,000 units, at most 2^33 parameters), an activation's name and a
 * loss's name. The error names what is wrong and what is allowed (nearest name suggested). No memory is taken.
 * `network` is untouched on failure; its spec is written anew, so "mlp:02-1" becomes "mlp:2-1". */
SWALE_NODISCARD swale_status swl_network_parse(swale_context *context, const char *spec, const char *activation,
                                               const char *loss, swl_network *network);

/* Initial x: weights N(0, gain²/inputs), biases 0 (He for ReLU and GELU, LeCun/Glorot-like for the others). */
void swl_network_initialize(const swl_network *network, uint64_t seed, float *x);

/* B examples. Exactly one of labels (classification) and targets (B × outputs) is set. */
typedef struct swl_examples {
  size_t count;        /* B */
  const float *inputs; /* B × network inputs */
  const uint32_t *labels;
  const float *targets;
  const double *weights; /* B, of the examples' losses; NULL: all 1 */
} swl_examples;

/* The activation between layer l and the next; NULL for the last layer, which has none. */
const swl_activation *swl_network_activation(const swl_network *network, size_t layer);

/* Scratch of one worker, for up to `capacity` examples at a time; `backward` != 0 keeps what backpropagation needs.
 * A part of a batch is evaluated by passing shifted pointers. */
typedef struct swl_workspace swl_workspace;
SWALE_NODISCARD swale_status swl_workspace_create(swl_arena *arena, const swl_network *network,
                                                  const swl_kernels *kernels, size_t capacity, int backward,
                                                  swl_workspace **workspace);

/* losses[b], weighed, for b < examples->count <= capacity. Allocates nothing. Cost: 2 B dim flops. */
void swl_network_losses(const swl_network *network, swl_workspace *workspace, const float *x,
                        const swl_examples *examples, double *losses);

/* gradient (dim) of the MEAN of the weighed losses, and these: losses[b]. Needs a workspace with `backward`, and an activation and a loss that
 * have derivatives. count = 0 gives gradient 0. Cost: at most 6 B dim flops (the first layer needs 4). */
void swl_network_gradient(const swl_network *network, swl_workspace *workspace, const float *x,
                          const swl_examples *examples, float *gradient, double *losses);

/* outputs (B × network outputs): logits, or predictions. Owned by the workspace until its next use. */
const float *swl_network_outputs(const swl_network *network, swl_workspace *workspace, const float *x,
                                 const swl_examples *examples);

#endif
