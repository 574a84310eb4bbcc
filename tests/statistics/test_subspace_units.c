/* test_subspace_units.c - see test_subspace_units.h. */
#include "test_subspace_units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double units_bend(const swl_network *network, double u) {
  if (strcmp(network->activation->name, "relu") == 0) return fmax(u, 0);
  assert_string_equal(network->activation->name, "sign");
  return u < 0 ? -1 : 1;
}

void units_pass(const swl_network *network, const float *x, const float *input, units_clean *clean) {
  double h[UNITS_LAYER];
  for (size_t i = 0; i < network->inputs; i++) h[i] = input[i];
  for (size_t l = 0; l < network->depth; l++) {
    const swl_layer *layer = &network->layers[l];
    const float *weights = x + layer->offset;
    double u[UNITS_LAYER];
    assert_true(layer->inputs <= UNITS_LAYER && layer->outputs <= UNITS_LAYER);
    for (size_t j = 0; j < layer->outputs; j++) {
      u[j] = weights[layer->inputs * layer->outputs + j];
      for (size_t i = 0; i < layer->inputs; i++) u[j] += h[i] * weights[i * layer->outputs + j];
    }
    if (l + 2 == network->depth) {
      clean->square = 1;
      for (size_t i = 0; i < layer->inputs; i++) clean->h[i] = h[i], clean->square += h[i] * h[i];
      memcpy(clean->u, u, layer->outputs * sizeof *u);
    }
    if (l + 1 == network->depth) memcpy(clean->output, u, layer->outputs * sizeof *u);
    for (size_t j = 0; l + 1 < network->depth && j < layer->outputs; j++) h[j] = units_bend(network, u[j]);
  }
}

units_count units_of(const swl_network *network, const float *x, const float *input, double tau) {
  units_clean clean;
  units_count count = {0, 0, 0};
  units_pass(network, x, input, &clean);
  const double edge = UNITS_MOST * sqrt(tau * clean.square);
  for (size_t j = 0; j < network->layers[network->depth - 2].outputs; j++) {
    count.adds += clean.u[j] > edge;
    count.silent += clean.u[j] < -edge;
  }
  count.bends = network->layers[network->depth - 2].outputs - count.adds - count.silent;
  return count;
}

/* What unit j's bias must grow by: 5 % beyond the edge at every example, or to a mean of zero. */
static double units_shift(const units_clean *clean, size_t count, double tau, size_t j, units_layout layout) {
  double up = -INFINITY, down = INFINITY, mean = 0;
  for (size_t b = 0; b < count; b++) {
    const double far = 1.05 * UNITS_MOST * sqrt(tau * clean[b].square);
    up = fmax(up, far - clean[b].u[j]);
    down = fmin(down, -far - clean[b].u[j]);
    mean += clean[b].u[j] / (double)count;
  }
  if (j % 3 == 2) return down;
  return j % 3 == 0 || layout >= UNITS_ADDING ? up : -mean;
}

static void units_weights(const swl_network *network, float *x, units_layout layout) {
  const swl_layer *layer = &network->layers[network->depth - 1];
  const size_t m = layer->inputs, c = layer->outputs;
  for (size_t j = 0; j < m; j++) {
    float *row = x + layer->offset + j * c, *last = row + c - 1;
    if (layout == UNITS_TWINS || layout == UNITS_ADDING_TWINS) *last = row[0];
    if (layout == UNITS_NEAR || layout == UNITS_ADDING_NEAR) *last = row[0] * (j % 2 ? 1.001F : 1);
    if (layout == UNITS_COMBINED) *last = 0.5F * row[0] - 2 * row[1];
    if (layout == UNITS_ZEROS) row[0] = 0;
    if (layout == UNITS_ZEROS && j == 0) memset(row, 0, c * sizeof *row);
  }
}

void units_place(const swl_network *network, float *x, const swl_table *table, double tau, units_layout layout) {
  const swl_layer *layer = &network->layers[network->depth - 2], *top = layer + 1;
  if (layout == UNITS_AS_IS) return;
  units_clean *clean = calloc(table->count, sizeof *clean);
  units_weights(network, x, layout);
  for (size_t b = 0; b < table->count; b++) units_pass(network, x, table->inputs + b * network->inputs, &clean[b]);
  for (size_t j = 0; j < layer->outputs; j++) {
    x[layer->offset + layer->inputs * layer->outputs + j] += (float)units_shift(clean, table->count, tau, j, layout);
  }
  for (size_t b = 0; b < table->count; b++) units_pass(network, x, table->inputs + b * network->inputs, &clean[b]);
  for (size_t a = 0; a < top->outputs; a++) {
    double mean = 0;
    for (size_t b = 0; b < table->count; b++) mean += clean[b].output[a] / (double)table->count;
    x[top->offset + top->inputs * top->outputs + a] -= (float)mean;
  }
  free(clean);
}

void units_normals(uint64_t *state, size_t count, double *z) {
  for (size_t i = 0; i < count; i += 2) {
    const double radius = sqrt(-2 * log((stage_number(state) + 1) / 2 + 0x1p-54));
    const double angle = acos(-1) * stage_number(state);
    z[i] = radius * cos(angle);
    if (i + 1 < count) z[i + 1] = radius * sin(angle);
  }
}

void units_samples(size_t depth, size_t samples, char *words, size_t size) {
  size_t at = (size_t)snprintf(words, size, "layer-samples=");
  for (size_t l = 0; l < depth; l++) {
    at += (size_t)snprintf(words + at, size - at, l ? "/%zu" : "%zu", l + 2 == depth ? samples : 2);
    assert_true(at < size);
  }
}

void units_stage(stage *s, const char *spec, size_t count, const char *options, size_t samples, double tau,
                 units_layout layout) {
  char words[2 * STAGE_WORDS];
  char numbers[STAGE_WORDS];
  size_t depth = 0; /* mlp:5-9-3: as many as dashes */
  for (const char *c = spec; *c && *c != ' '; c++) depth += *c == '-';
  units_samples(depth, samples, numbers, sizeof numbers);
  snprintf(words, sizeof words, "noise=subspace smoothing=layerwise group=1 tau=%.17g %s %s", tau, numbers, options);
  stage_open(s, spec, STAGE_PLAIN, count, words);
  float x[STAGE_DIM];
  memcpy(x, s->trainer->x, s->dim * sizeof *x);
  units_place(&s->network, x, &s->table, tau, layout);
  check_ok(s->context, swale_trainer_set_parameters(s->trainer, x));
}
