/* setup.c - see setup.h. */
#include "train/setup.h"

#include <stdio.h>
#include <string.h>

enum { SETUP_HIDDEN = 256, SETUP_HIDDEN_WEIGHTS = 32 }; /* model = auto: units of the one hidden layer */

static swl_data_task setup_task(const swl_loss *loss) {
  return loss->classification ? SWL_TASK_CLASSIFY : SWL_TASK_REGRESS;
}

swl_data_task swl_setup_task(const char *loss) {
  for (const swl_loss *const *known = swl_losses(); *known; known++) {
    if (strcmp((*known)->name, loss) == 0) return setup_task(*known);
  }
  return SWL_TASK_CLASSIFY;
}

swale_status swl_setup_data(swl_arena *arena, const swale_options *options, swl_data_task task, const char *standardize,
                            const swl_schema *schema, swl_dataset *dataset) {
  const swl_settings *settings = swl_options_settings(options);
  const swl_dataset_request request = {
      .source = settings->data,
      .target = settings->target,
      .task = task,
      .standardize = standardize,
      .schema = schema,
      .validation_fraction = settings->validation,
      .test_fraction = settings->test,
      .seed = (uint64_t)(settings->split_seed == SWL_AUTO_COUNT ? settings->seed : settings->split_seed),
      .limit = (size_t)settings->limit,
  };
  return swl_dataset_load(swl_options_context(options), arena, &request, dataset);
}

/* A table whose classes are numbers, most of them seen a few times only, was hardly meant to be classified. */
static void setup_notice(swale_context *context, const swl_dataset *dataset) {
  size_t rows = 0;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) rows += dataset->split[split].count;
  if (!dataset->schema.classification || dataset->schema.height > 0 || dataset->schema.outputs * 5 < rows) return;
  swl_log(context, "%zu examples in %zu classes: to predict a number, use loss = squared", rows,
          dataset->schema.outputs);
}

static int setup_is_file(const char *model) { return strncmp(model, "mlp:", 4) != 0 && strcmp(model, "auto") != 0; }

/* The option keeps its default, or agrees with the file: then it becomes what the file says. */
static swale_status setup_adopt(swale_options *options, const char *name, const char *value) {
  char text[SWL_TEXT_MAX];
  SWL_TRY(swale_options_get(options, name, text, sizeof text));
  if (strcmp(text, value) == 0) return SWALE_OK;
  if (swl_options_is_set(options, name)) {
    return swl_fail(swl_options_context(options), SWALE_ERROR_USAGE,
                    "option %s: '%s', but the model file was trained with '%s'", name, text, value);
  }
  return swale_options_set(options, name, value);
}

static swale_status setup_fits(swale_context *context, const swl_network *network, const swl_dataset *dataset) {
  if (network->inputs != dataset->schema.inputs) {
    return swl_fail(context, SWALE_ERROR_USAGE, "model %s takes %zu inputs; the data has %zu features", network->spec,
                    network->inputs, dataset->schema.inputs);
  }
  if (network->outputs != dataset->schema.outputs) {
    return swl_fail(context, SWALE_ERROR_USAGE, "model %s has %zu outputs; the data has %zu %s", network->spec,
                    network->outputs, dataset->schema.outputs,
                    dataset->schema.classification ? "classes" : "numbers to predict");
  }
  return SWALE_OK;
}

swale_status swl_setup_model(swl_arena *arena, swale_options *options, swl_setup *setup, swl_schema *schema) {
  swale_context *context = swl_options_context(options);
  const char *path = swl_options_settings(options)->model;
  swl_model model;
  if (!setup_is_file(path)) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option model: '%s'; a model.safetensors file is needed", path);
  }
  SWL_TRY(swl_model_read(context, arena, path, &model));
  if (swl_options_is_changed(options, "standardize")) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option standardize: '%s', but the model file carries the standardization it was trained with",
                    swl_options_settings(options)->standardize);
  }
  SWL_TRY(setup_adopt(options, "activation", model.network.activation->name));
  SWL_TRY(setup_adopt(options, "loss", model.network.loss->name));
  setup->network = model.network;
  setup->x = model.x;
  setup->from_file = 1;
  *schema = model.schema;
  return SWALE_OK;
}

static swale_status setup_from_file(swl_arena *arena, swale_options *options, swl_setup *setup) {
  swl_schema schema;
  SWL_TRY(swl_setup_model(arena, options, setup, &schema));
  return swl_setup_data(arena, options, setup_task(setup->network.loss), "none", &schema, &setup->dataset);
}

static swale_status setup_from_spec(swl_arena *arena, swale_options *options, swl_setup *setup) {
  swale_context *context = swl_options_context(options);
  const swl_settings *settings = swl_options_settings(options);
  const int automatic = strcmp(settings->model, "auto") == 0;
  if (!automatic) { /* an impossible model is refused before the data is loaded */
    SWL_TRY(swl_network_parse(context, settings->model, settings->activation, settings->loss, &setup->network));
  }
  SWL_TRY(swl_setup_data(arena, options, swl_setup_task(settings->loss), settings->standardize, NULL, &setup->dataset));
  setup_notice(context, &setup->dataset);
  if (automatic) {
    char spec[SWL_SPEC_MAX];
    const int hidden = strcmp(settings->noise, "weights") == 0 ? SETUP_HIDDEN_WEIGHTS : SETUP_HIDDEN;
    snprintf(spec, sizeof spec, "mlp:%zu-%d-%zu", setup->dataset.schema.inputs, hidden, setup->dataset.schema.outputs);
    SWL_TRY(swl_network_parse(context, spec, settings->activation, settings->loss, &setup->network));
    SWL_TRY(swale_options_set(options, "model", spec));
  }
  SWL_TRY(setup_fits(context, &setup->network, &setup->dataset));
  float *x = swl_arena_take(arena, setup->network.dim, sizeof *x);
  if (!x) return SWALE_ERROR_MEMORY;
  swl_network_initialize(&setup->network, (uint64_t)settings->seed, x);
  setup->x = x;
  return SWALE_OK;
}

swale_status swl_setup_load(swl_arena *arena, swale_options *options, swl_setup *setup) {
  const int file = setup_is_file(swl_options_settings(options)->model);
  return file ? setup_from_file(arena, options, setup) : setup_from_spec(arena, options, setup);
}
