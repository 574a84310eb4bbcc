/* spec.c - what "mlp:784-256-10" means.
 *
 * mlp: then the number of inputs, the units of each hidden layer, the number of outputs, joined by hyphens. Every error
 * quotes the text, names the piece and says what may stand there.
 */
#include "network/network.h"

#include "options/options_parts.h"

#include <stdio.h>
#include <string.h>

#define SPEC_FORM "write mlp:INPUTS-HIDDEN-...-OUTPUTS, for example mlp:784-256-10"

static const size_t spec_size_max = 1000000;
static const size_t spec_dim_max = (size_t)1 << 33; /* half of what one random stream numbers (random/stream.h) */

/* The size at *text, which is moved behind it. Layers are counted as people read them: layer 1 is the inputs. */
static swale_status spec_size(swale_context *context, const char *spec, size_t layer, const char **text, size_t *size) {
  const char *at = *text;
  const int length = (int)strcspn(at, "-");
  if (length == 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "model '%.200s': layer %zu has no size; " SPEC_FORM, spec, layer);
  }
  size_t value = 0;
  for (int i = 0; i < length; i++) {
    if (at[i] < '0' || at[i] > '9') {
      return swl_fail(context, SWALE_ERROR_USAGE,
                      "model '%.200s': the size of layer %zu is '%.*s', not a whole number; " SPEC_FORM, spec, layer,
                      length < 40 ? length : 40, at);
    }
    if (value <= spec_size_max) value = 10 * value + (size_t)(at[i] - '0');
  }
  if (value < 1 || value > spec_size_max) {
    return swl_fail(context, SWALE_ERROR_USAGE, "model '%.200s': the size of layer %zu is %.*s; 1 to %zu is allowed",
                    spec, layer, length < 40 ? length : 40, at, spec_size_max);
  }
  *size = value;
  *text = at + length;
  return SWALE_OK;
}

/* Append layer n → m. */
static swale_status spec_layer(swale_context *context, const char *spec, size_t n, size_t m, swl_network *network) {
  if (network->depth == SWL_LAYERS_MAX) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "model '%.200s': more than %d layers of weights; at most %d are allowed", spec, (int)SWL_LAYERS_MAX,
                    (int)SWL_LAYERS_MAX);
  }
  size_t numbers = 0;
  if (__builtin_mul_overflow(n + 1, m, &numbers) || __builtin_add_overflow(numbers, network->dim, &numbers) ||
      numbers > spec_dim_max) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "model '%.200s': with its layer of %zu to %zu units it has more than %zu parameters", spec, n, m,
                    spec_dim_max);
  }
  network->layers[network->depth++] = (swl_layer){.inputs = n, .outputs = m, .offset = network->dim};
  network->dim = numbers;
  return SWALE_OK;
}

static swale_status spec_layers(swale_context *context, const char *spec, swl_network *network) {
  const char *text = spec + strlen("mlp:");
  SWL_TRY(spec_size(context, spec, 1, &text, &network->inputs));
  for (size_t above = network->inputs; *text == '-';) {
    text++;
    SWL_TRY(spec_size(context, spec, network->depth + 2, &text, &network->outputs));
    SWL_TRY(spec_layer(context, spec, above, network->outputs, network));
    above = network->outputs;
  }
  if (network->depth == 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "model '%.200s': it has an input layer only; " SPEC_FORM, spec);
  }
  return SWALE_OK;
}

/* network->spec, in its one canonical form. */
static swale_status spec_write(swale_context *context, const char *spec, swl_network *network) {
  size_t used = (size_t)snprintf(network->spec, SWL_SPEC_MAX, "mlp:%zu", network->inputs);
  for (size_t l = 0; l < network->depth; l++) {
    used += (size_t)snprintf(network->spec + used, SWL_SPEC_MAX - used, "-%zu", network->layers[l].outputs);
    if (used >= SWL_SPEC_MAX) {
      return swl_fail(context, SWALE_ERROR_USAGE, "model '%.200s...': longer than %d bytes", spec, SWL_SPEC_MAX - 1);
    }
  }
  return SWALE_OK;
}

/* "unknown loss 'cross': ...", with the nearest of the names, which are also listed. */
static swale_status spec_unknown(swale_context *context, const char *what, const char *word, const char *const *names) {
  char list[256] = "";
  for (size_t i = 0, used = 0; names[i] && used < sizeof list; i++) {
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
  }
  const char *near = swale_nearest(word, names);
  return swl_fail(context, SWALE_ERROR_USAGE, "unknown %s '%.100s'%s%s%s; there are %s", what, word,
                  near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", list);
}

enum { SPEC_NAMES_MAX = 16 };

static swale_status spec_activation(swale_context *context, const char *word, swl_network *network) {
  const char *names[SPEC_NAMES_MAX] = {0};
  const swl_activation *const *all = swl_activations();
  for (size_t i = 0; all[i] && i + 1 < SPEC_NAMES_MAX; i++) {
    names[i] = all[i]->name;
    if (strcmp(names[i], word) == 0) network->activation = all[i];
  }
  return network->activation ? SWALE_OK : spec_unknown(context, "activation", word, names);
}

static swale_status spec_loss(swale_context *context, const char *word, swl_network *network) {
  const char *names[SPEC_NAMES_MAX] = {0};
  const swl_loss *const *all = swl_losses();
  for (size_t i = 0; all[i] && i + 1 < SPEC_NAMES_MAX; i++) {
    names[i] = all[i]->name;
    if (strcmp(names[i], word) == 0) network->loss = all[i];
  }
  return network->loss ? SWALE_OK : spec_unknown(context, "loss", word, names);
}

swale_status swl_network_parse(swale_context *context, const char *spec, const char *activation, const char *loss,
                               swl_network *network) {
  swl_network made = {0};
  if (strncmp(spec, "mlp:", strlen("mlp:")) != 0) {
    return swl_fail(context, SWALE_ERROR_USAGE, "model '%.200s': unknown kind; " SPEC_FORM, spec);
  }
  SWL_TRY(spec_layers(context, spec, &made));
  SWL_TRY(spec_write(context, spec, &made));
  SWL_TRY(spec_activation(context, activation, &made));
  SWL_TRY(spec_loss(context, loss, &made));
  if (made.loss->classification && made.outputs < 2) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "model '%.200s': one output cannot tell classes apart, as loss '%s' asks; "
                    "use 2 or more outputs, or loss squared or huber",
                    spec, made.loss->name);
  }
  *network = made;
  return SWALE_OK;
}
