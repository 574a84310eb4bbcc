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

/* One example through the network: h[l] are the inputs of layer l, h[depth] the outputs, u[l] what g is applied to. */
enum { DEPTH_MAX = 4 };
typedef struct trace {
  double h[DEPTH_MAX + 1][UNITS], u[DEPTH_MAX][UNITS];
} trace;

static void follow(const swl_network *net, const double *x, const float *inputs, trace *t, walk *seen) {
  for (size_t i = 0; i < net->inputs; i++) t->h[0][i] = inputs[i];
  for (size_t l = 0; l < net->depth; l++) {
    const swl_layer *layer = &net->layers[l];
    const double *weights = x + layer->offset;
    for (size_t j = 0; j < layer->outputs; j++) {
      double u = weights[layer->inputs * layer->outputs + j], reach = fabs(u);
      for (size_t i = 0; i < layer->inputs; i++) {
        u += t->h[l][i] * weights[i * layer->outputs + j];
        reach += fabs(t->h[l][i] * weights[i * layer->outputs + j]);
      }
      const int last = l + 1 == net->depth;
      t->u[l][j] = u;
      t->h[l + 1][j] = last ? u : g_exact(net->activation->name, u);
      seen->reach = fmax(seen->reach, reach);
      if (!last) seen->kink = fmin(seen->kink, fabs(u));
    }
  }
}

/* Mean loss at x, and what the tolerance needs. */
static double mean_loss(const swl_network *net, const double *x, const swl_examples *examples, walk *seen) {
  double total = 0.0;
  for (size_t b = 0; b < examples->count; b++) {
    trace t;
    follow(net, x, examples->inputs + b * net->inputs, &t, seen);
    const double *o = t.h[net->depth];
    const float *target = examples->targets ? examples->targets + b * net->outputs : NULL;
    for (size_t j = 0; target && j < net->outputs; j++) {
      seen->kink = fmin(seen->kink, fabs(fabs(o[j] - target[j]) - 1.0));
    }
    total += loss_exact(net->loss->name, net->outputs, o, examples->labels ? examples->labels[b] : 0, target);
  }
  return total / (double)examples->count;
}

/* sizes[i] = Σ over examples and paths of the product of the sizes of the factors that make gradient entry i, when each
 * factor is larger than it is by its possible error: weights by rho relative; h, g' and the loss's derivative, which
 * move with u, by 2 rho (1 + reach): |g'|, |g''| <= 1.13, and 2 for the squared loss. */
static void path_sizes(const swl_network *net, const double *x, const swl_examples *examples, double rho, double reach,
                       double *sizes) {
  const double move = 2.0 * rho * (1.0 + reach), step = 1e-6;
  for (size_t i = 0; i < net->dim; i++) sizes[i] = 0.0;
  for (size_t b = 0; b < examples->count; b++) {
    trace t;
    walk ignored = {0};
    double delta[UNITS], below[UNITS] = {0};
    follow(net, x, examples->inputs + b * net->inputs, &t, &ignored);
    for (size_t j = 0; j < net->outputs; j++) {
      const double target = examples->targets ? examples->targets[b * net->outputs + j] : 0.0;
      const int squared = strcmp(net->loss->name, "squared") == 0; /* the others: at most 1 */
      delta[j] = ((squared ? 2.0 * fabs(t.h[net->depth][j] - target) : 1.0) + move) / (double)examples->count;
    }
    for (size_t l = net->depth; l-- > 0;) {
      const size_t n = net->layers[l].inputs, m = net->layers[l].outputs;
      const double *weights = x + net->layers[l].offset;
      for (size_t i = 0; i <= n; i++) {
        const double input = i < n ? fabs(t.h[l][i]) + move : 1.0;
        double sum = 0.0;
        for (size_t j = 0; j < m; j++) {
          sizes[net->layers[l].offset + i * m + j] += input * delta[j];
          if (i < n) sum += delta[j] * fabs(weights[i * m + j]) * (1.0 + rho);
        }
        if (l == 0 || i == n) continue;
        const double up = g_exact(net->activation->name, t.u[l - 1][i] + step);
        const double down = g_exact(net->activation->name, t.u[l - 1][i] - step);
        below[i] = sum * (fabs(up - down) / (2.0 * step) + move);
      }
      memcpy(delta, below, sizeof delta);
    }
  }
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
    const swl_stream stream = swl_stream_make(swl_philox(seed), SWL_PURPOSE_CHECK, 0, 0, 0);
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

  /* Roundings on the longest way there and back: per layer a product of n terms, a bias and g (8), the same back, and
   * the sum over B. An error of rho per factor moves an entry by at most the growth of its path sizes. */
  double roundings = 20.0, sizes[DIM_MAX], larger[DIM_MAX], sum = 0.0;
  for (size_t l = 0; l < net.depth; l++) roundings += 2.0 * ((double)net.layers[l].inputs + 8.0 + B);
  const double rho = roundings * 0x1p-24;
  path_sizes(&net, at, &examples, 0.0, seen.reach, sizes);
  path_sizes(&net, at, &examples, rho, seen.reach, larger);
  for (size_t b = 0; b < B; b++) sum += losses[b];
  check_close(sum / B, value, 2.0 * rho * (1.0 + seen.reach) * 2.0 * (seen.reach + 3.0));
  for (size_t i = 0; i < net.dim; i++) {
    const double h = 1e-5, keep = at[i]; /* truncation (h^2 / 6) f''' and rounding 1e-16 f / h: below 5e-9 each */
    at[i] = keep + h;
    const double up = mean_loss(&net, at, &examples, &seen);
    at[i] = keep - h;
    const double down = mean_loss(&net, at, &examples, &seen);
    at[i] = keep;
    check_close(gradient[i], (up - down) / (2.0 * h), larger[i] - sizes[i] + rho * larger[i] + 1e-8);
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
