/* plan.c - how long does a run train, on how much at a time? What options become that need to know the data.
 *
 *   option         | of PLAN_SMALL training examples and more | of fewer
 *   ---------------|------------------------------------------|------------------------------------------------------
 *   batch          | 100                                      | 32, or all of them
 *   epochs         | 20                                       | as many as show PLAN_SEEN examples, 20 to 100
 *                  |                                          | and in any case as many as make PLAN_UPDATES updates
 *   weight-decay   | 0                                        | decay / examples / rate, decay of the optimizer's table
 *   evaluate-every | an epoch                                 | an epoch, or a PLAN_EVALUATIONS-th of epochs = auto
 *   patience       | 0                                        | PLAN_PATIENCE where epochs = auto, with validation examples
 *
 * threads = 0 is 1 where each example has draws of its own and an update takes fewer than PLAN_ALONE normals: then sharing
 * the work takes longer than doing it, several times as long where other programs keep a core busy.
 *
 * heuristic: chosen on other splits than those of docs/tables.md, and on generated tables. Losses alone teach a network of 256
 * units a small table by heart; what helps is decay that falls with the number of examples, as the weight of a prior does
 * beside theirs. Patience then saves a third of the time at the same accuracy. Larger sets train as they did.
 */
#include "train/plan.h"

#include "data/batches.h"
#include "options/number.h"
#include "train/resolve.h"
#include "variants.h"

#include <math.h>
#include <stdio.h>

enum { PLAN_SMALL = 10000, PLAN_BATCH_SMALL = 32, PLAN_UPDATES = 2000, PLAN_EVALUATIONS = 50, PLAN_PATIENCE = 15 };
#define PLAN_SEEN 2e5        /* examples, of all updates */
#define PLAN_EPOCHS_MOST 100 /* of small sets */
#define PLAN_ALONE 2e5       /* heuristic: normals of an update that takes a tenth of a millisecond */
#define PLAN_DECAY_MOST 3e-3 /* rate × weight decay: half of a weight is forgotten in 230 updates */

static swale_status plan_count(swale_run *run, const char *name, uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  return swale_options_set(run->options, name, text);
}

static swale_status plan_real(swale_run *run, const char *name, double value) {
  char text[SWL_REAL_TEXT_MAX];
  swl_real_text(value, text);
  return swale_options_set(run->options, name, text);
}

static swale_status plan_batch(swale_run *run, size_t examples, size_t *batch) {
  const int64_t given = swl_options_settings(run->options)->batch;
  const size_t wanted = examples < PLAN_SMALL ? PLAN_BATCH_SMALL : SWL_RESOLVE_BATCH;
  if (given == SWL_AUTO_COUNT) {
    *batch = wanted < examples ? wanted : examples;
    return plan_count(run, "batch", wanted < examples ? wanted : 0);
  }
  *batch = given > 0 ? (size_t)given : examples;
  if (*batch <= examples) return SWALE_OK;
  return swl_fail(run->context, SWALE_ERROR_USAGE,
                  "option batch: %zu is more than the %zu training examples; 0 means all of them", *batch, examples);
}

/* Epochs where they are automatic. */
static double plan_epochs(size_t examples, size_t per_epoch) {
  const double seen = fmin(ceil(PLAN_SEEN / (double)examples), PLAN_EPOCHS_MOST);
  const double wanted = examples < PLAN_SMALL ? fmax(seen, SWL_RESOLVE_EPOCHS) : SWL_RESOLVE_EPOCHS;
  return fmax(wanted, ceil((double)PLAN_UPDATES / (double)per_epoch));
}

static swale_status plan_decay(swale_run *run, size_t examples) {
  swl_settings settings;
  if (!swl_options_settings(run->options)->weight_decay.automatic || examples >= PLAN_SMALL) return SWALE_OK;
  SWL_TRY(swl_settings_resolve(run->context, run->options, 1, &settings)); /* for the rate */
  const swl_optimizer_ops *optimizer = swl_find_optimizer(run->context, settings.optimizer);
  if (!optimizer) return SWALE_ERROR_USAGE;
  if (optimizer->decay <= 0) return SWALE_OK; /* auto is 0 */
  const double product = fmin(optimizer->decay / (double)examples, PLAN_DECAY_MOST);
  return plan_real(run, "weight-decay", fmin(product / settings.rate.value, 1));
}

static swale_status plan_threads(swale_run *run, size_t batch) {
  const swl_network *network = &run->setup.network;
  swl_settings settings;
  size_t units = 0;
  if (swl_options_settings(run->options)->threads > 0) return SWALE_OK;
  SWL_TRY(swl_settings_resolve(run->context, run->options, 1, &settings));
  const swl_noise_ops *noise = swl_find_noise(run->context, settings.noise);
  if (!noise) return SWALE_ERROR_USAGE;
  for (size_t l = 0; l < network->depth; l++) units += network->layers[l].outputs;
  const double normals = (double)batch * (double)settings.samples * (double)units;
  return noise->own && settings.group == 1 && normals < PLAN_ALONE ? plan_count(run, "threads", 1) : SWALE_OK;
}

swale_status swl_run_plan(swale_run *run) {
  const swl_settings *settings = swl_options_settings(run->options);
  const size_t examples = run->setup.dataset.split[SWL_SPLIT_TRAIN].count;
  const int automatic = settings->epochs.automatic && settings->updates == 0;
  size_t batch = 0;
  SWL_TRY(plan_batch(run, examples, &batch));
  run->per_epoch = swl_updates_per_epoch(examples, batch);
  const double each = (double)run->per_epoch;
  const double epochs = settings->epochs.automatic ? plan_epochs(examples, run->per_epoch) : settings->epochs.value;
  const double planned = settings->updates > 0 ? (double)settings->updates : ceil(epochs * each);
  if (planned > UINT32_MAX) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option epochs: %g make %.0f updates; allowed are at most %lu",
                    epochs, planned, (unsigned long)UINT32_MAX);
  }
  run->planned = (uint64_t)planned;
  run->every = run->per_epoch;
  if (automatic) run->every *= (uint64_t)fmax(ceil(epochs / PLAN_EVALUATIONS), 1);
  if (settings->evaluate_every > 0) run->every = (uint64_t)settings->evaluate_every;
  if (settings->epochs.automatic) SWL_TRY(plan_real(run, "epochs", settings->updates > 0 ? planned / each : epochs));
  const int judged = run->setup.dataset.split[SWL_SPLIT_VALIDATION].count > 0;
  if (automatic && judged && examples < PLAN_SMALL && settings->patience == SWL_AUTO_COUNT) {
    SWL_TRY(plan_count(run, "patience", PLAN_PATIENCE));
  }
  SWL_TRY(plan_count(run, "updates", run->planned));
  SWL_TRY(plan_decay(run, examples));
  return plan_threads(run, batch);
}
