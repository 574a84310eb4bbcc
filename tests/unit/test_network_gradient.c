/* test_network_gradient.c - backpropagation against central differences of an independent network in double. */
#include "check.h"

#include "base/arena.h"
#include "network/network.h"
#include "random/gaussian.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { B = 5, UNITS = 8, DIM_MAX = 256 };

/* The network of this test: its own formulas, straight from the definitions, in double. */
static double g_exact(const char *name, double u) {
  if (strcmp(name, "identity") == 0) return u;
  if (strcmp(name, "relu") == 0) return u > 0 ? u : 0;
  if (strcmp(name, "tanh") == 0) return tanh(u);
  if (strcmp(name, "sigmoid") == 0) return 1.0 / (1.0 + exp(-u));
  if (strcmp(name, "gelu") == 0) return 0.5 * u * (1.0 + erf(u / sqrt(2.0)));
  fail_msg("no formula for activation %s", name);
  return 0;
}

static double loss_exact(const char *name, size_t m, const double *o, uint32_t label, const float *t) {
  double sum = 0.0;
  for (size_t j = 0; j < m; j++) {
    const double r = t ? fabs(o[j] - t[j]) : 0.0;
    if (strcmp(name, "cross-entropy") == 0)
      sum += exp(o[j] - o[label]);
    else if (strcmp(name, "squared") == 0)
      sum += r * r / (double)m;
    else if (strcmp(name, "huber") == 0)
      sum += (r <= 1 ? r * r / 2 : r - 0.5) / (double)m;
    else
      fail_msg("no formula for loss %s", name);
  }
  return t ? sum : log(sum);
}

typedef struct walk {
  double kink;  /* smallest distance of any |u| from 0, or of |o - t| from 1 */
  double reach; /* largest Σ|h||x| of any unit: bounds |u| and the size of its rounding errors */
} walk;

/* Mean loss at x, and what the tolerance needs. */
static double mean_loss(const swl_network *net, const double *x, const swl_examples *examples, walk *seen) {
  double total = 0.0;
  for (size_t b = 0; b < examples->count; b++) {
    double h[UNITS], u[UNITS];
    for (size_t i = 0; i < net->inputs; i++) h[i] = examples->inputs[b * net->inputs + i];
    for (size_t l = 0; l < net->depth; l++) {
      const swl_layer *layer = &net->layers[l];
      const double *weights = x + layer->offset;
      for (size_t j = 0; j < layer->outputs; j++) {
        u[j] = weights[layer->inputs * layer->outputs + j];
        double reach = fabs(u[j]);
        for (size_t i = 0; i < layer->inputs; i++) u[j] += h[i] * weights[i * layer->outputs + j];
        for (size_t i = 0; i < layer->inputs; i++) reach += fabs(h[i] * weights[i * layer->outputs + j]);
        if (reach > seen->reach) seen->reach = reach;
        if (l + 1 < net->depth && fabs(u[j]) < seen->kink) seen->kink = fabs(u[j]);
      }
      for (size_t j = 0; j < layer->outputs; j++)
        h[j] = l + 1 < net->depth ? g_exact(net->activation->name, u[j]) : u[j];
    }
    const float *t = examples->targets ? examples->targets + b * net->outputs : NULL;
    for (size_t j = 0; t && j < net->outputs; j++) {
      const double distance = fabs(fabs(h[j] - t[j]) - 1.0);
      if (distance < seen->kink) seen->kink = distance;
    }
    total += loss_exact(net->loss->name, net->outputs, h, examples->labels ? examples->labels[b] : 0, t);
  }
  return total / (double)examples->count;
}

/* How large the terms of each gradient entry can be: backpropagation with every factor replaced by its bound: |h| and
 * |u| by reach (g is 1-Lipschitz up to 1.13 and |g(0)| <= 1/2), g' by 1.13 (the maximum of GELU's), the loss's
 * derivative by 2 (reach + 3) / m (|t| <= 3; also above 1 for cross-entropy and huber). */
static double term_bound(const swl_network *net, const double *x, size_t l_of, double reach) {
  double delta[UNITS], below[UNITS];
  for (size_t j = 0; j < net->outputs; j++) delta[j] = 2.0 * (reach + 3.0);
  for (size_t l = net->depth - 1; l > l_of; l--) {
    const swl_layer *layer = &net->layers[l];
    for (size_t i = 0; i < layer->inputs; i++) {
      below[i] = 0.0;
      for (size_t j = 0; j < layer->outputs; j++) {
        below[i] += 1.13 * delta[j] * fabs(x[layer->offset + i * layer->outputs + j]);
      }
    }
    memcpy(delta, below, sizeof delta);
  }
  double most = 0.0;
  for (size_t j = 0; j < net->layers[l_of].outputs; j++) most = delta[j] > most ? delta[j] : most;
  return most * (1.13 * reach + 1.0);
}

static void check_gradient(swale_context *context, const char *spec, const char *activation, const char *loss,
                           const swl_kernels *kernels, uint64_t seed) {
  swl_network net;
  check_ok(context, swl_network_parse(context, spec, activation, loss, &net));
  float x[DIM_MAX], noise[DIM_MAX], inputs[B * UNITS], targets[B * UNITS], gradient[DIM_MAX];
  double at[DIM_MAX], losses[B], value = 0.0;
  uint32_t labels[B];
  walk seen = {0};
  assert_true(net.dim <= DIM_MAX);
  swl_examples examples = {.count = B, .inputs = inputs};
  if (net.loss->classification)
    examples.labels = labels;
  else
    examples.targets = targets;
  for (int tries = 0; seen.kink < 1e-3; tries++, seed++) { /* the formulas have kinks: stay away from them */
    assert_true(tries < 200);
    const swl_stream stream = swl_stream_make(seed, SWL_PURPOSE_CHECK, 0, 0, 0);
    swl_network_initialize(&net, seed, x);
    swl_gaussian_fill(&stream, 0, net.dim, noise);
    for (size_t i = 0; i < net.dim; i++) at[i] = x[i] += 0.3F * noise[i];
    swl_gaussian_fill(&stream, 1024, B * net.inputs, inputs);
    swl_gaussian_fill(&stream, 2048, B * net.outputs, targets);
    for (size_t i = 0; i < B * net.outputs; i++) targets[i] = fminf(fmaxf(targets[i], -3.0F), 3.0F);
    for (size_t b = 0; b < B; b++) labels[b] = (uint32_t)(b % net.outputs);
    seen = (walk){.kink = 1.0};
    value = mean_loss(&net, at, &examples, &seen);
  }
  swl_arena *arena = NULL;
  swl_workspace *workspace = NULL;
  check_ok(context, swl_arena_create(context, &arena));
  check_ok(context, swl_workspace_create(arena, &net, kernels, B, 1, &workspace));
  swl_network_gradient(&net, workspace, x, &examples, gradient, losses);

  /* Each layer does a product (n roundings), a bias, g (8 eps), and the same on the way back, summed over B; an error
   * in u of n eps reach changes g' by as much (|g''| <= 1.13). */
  double roundings = 20.0;
  for (size_t l = 0; l < net.depth; l++) roundings += 2.0 * ((double)net.layers[l].inputs + 8.0 + B);
  const double relative = roundings * 0x1p-24 * (1.0 + seen.reach);
  double sum = 0.0;
  for (size_t b = 0; b < B; b++) sum += losses[b];
  check_close(sum / B, value, relative * 2.0 * (seen.reach + 3.0) * (seen.reach + 3.0));
  for (size_t l = 0; l < net.depth; l++) {
    const swl_layer *layer = &net.layers[l];
    const double bound = term_bound(&net, at, l, seen.reach);
    for (size_t i = layer->offset; i < layer->offset + (layer->inputs + 1) * layer->outputs; i++) {
      const double h = 1e-5, keep = at[i]; /* truncation h² f'''/6 and rounding 1e-16 f / h: below 1e-9 each */
      at[i] = keep + h;
      const double up = mean_loss(&net, at, &examples, &seen);
      at[i] = keep - h;
      const double down = mean_loss(&net, at, &examples, &seen);
      at[i] = keep;
      check_close(gradient[i], (up - down) / (2.0 * h), relative * bound + 1e-8);
    }
  }
  swl_arena_destroy(arena);
}

/* Every activation and loss with a derivative, depth 1 to 4, both implementations of the product. */
static void gradients_match_central_differences(void **state) {
  (void)state;
  const char *const specs[] = {"mlp:3-4", "mlp:4-6-3", "mlp:3-5-1-2", "mlp:5-3-7-4-3"};
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  size_t cases = 0;
  for (size_t k = 0; swl_kernels_list()[k]; k++) {
    for (size_t a = 0; swl_activations()[a]; a++) {
      for (size_t l = 0; swl_losses()[l]; l++) {
        if (!swl_activations()[a]->backward || !swl_losses()[l]->gradient) continue;
        for (size_t s = 0; s < 4; s++, cases++) {
          check_gradient(context, specs[s], swl_activations()[a]->name, swl_losses()[l]->name, swl_kernels_list()[k],
                         1000 * cases + 1);
        }
      }
    }
  }
  assert_int_equal(cases, 2 * 5 * 3 * 4);
  swale_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gradients_match_central_differences)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
