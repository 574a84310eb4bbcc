/* setup.c - see setup.h. */
#include "train/setup.h"

#include "variants.h"

#include <stdio.h>
#include <string.h>

/* model = auto: units of the one hidden layer. heuristic: of fewer than SETUP_FEW examples, half as many do as well */
enum { SETUP_HIDDEN = 256, SETUP_HIDDEN_FEW = 128, SETUP_FEW = 1000, SETUP_HIDDEN_WEIGHTS = 32 };

static const swl_loss *setup_loss(const char *name) {
  for (const swl_loss *const *known = swl_losses(); *known; known++) {
    if (strcmp((*known)->name, name) == 0) return *known;
  }
  return NULL;
}

/* The first loss that is for classes, or for numbers. */
static const char *setup_loss_for(int classification) {
  const swl_loss *const *known = swl_losses();
  while ((*known)->classification != classification) known++;
  return (*known)->name;
}

/* What is to be predicted, as far as the options say. */
static swale_status setup_task(const swale_options *options, swl_word *task) {
  const swl_settings *settings = swl_options_settings(options);
  const swl_word said = settings->task;
  const swl_loss *loss = setup_loss(swl_word_text(settings->loss));
  *task = !loss ? SWL_TASK_AUTO : loss->classification ? SWL_TASK_CLASSIFY : SWL_TASK_REGRESS;
  if (said == SWL_TASK_AUTO) return SWALE_OK;
  if (loss && *task != said) {
    return swl_fail(swl_options_context(options), SWALE_ERROR_USAGE, "option task: '%s', but the loss is %s, to %s",
                    swl_word_text(said), loss->name, loss->classification ? "classify" : "predict numbers");
  }
  *task = said;
  return SWALE_OK;
}

/* task and loss become what the data turned out to be for. */
static swale_status setup_decide(swale_options *options, const swl_dataset *dataset) {
  const int classification = dataset->schema.classification;
  if (swl_options_settings(options)->loss == SWL_LOSS_AUTO) {
    SWL_TRY(swale_options_set(options, "loss", setup_loss_for(classification)));
  }
  return swale_options_set(options, "task", classification ? "classify" : "regress");
}

swale_status swl_setup_data(swl_arena *arena, const swale_options *options, const swl_arrays *arrays,
                            swl_word standardize, const swl_schema *schema, swl_dataset *dataset) {
  swl_dataset_request request;
  SWL_TRY(swl_setup_request(options, &request));
  request.arrays = arrays;
  if (arrays) request.source = SWL_ARRAYS_SOURCE;
  request.standardize = standardize;
  request.schema = schema;
  return swl_dataset_load(swl_options_context(options), arena, &request, dataset);
}

/* A part that comes from elsewhere is not cut. */
static swale_status setup_check_parts(const swale_options *options) {
  static const char *const clashes[][2] = {{"test-data", "test"},
                                           {"validation-data", "validation"},
                                           {"split-file", "test"},
                                           {"split-file", "validation"},
                                           {"split-file", "limit"},
                                           {"split-file", "test-data"},
                                           {"split-file", "validation-data"}};
  for (size_t i = 0; i < sizeof clashes / sizeof *clashes; i++) {
    if (!swl_options_is_changed(options, clashes[i][0]) || !swl_options_is_changed(options, clashes[i][1])) continue;
    return swl_fail(swl_options_context(options), SWALE_ERROR_USAGE, "option %s has no effect with %s", clashes[i][1],
                    clashes[i][0]);
  }
  return SWALE_OK;
}

swale_status swl_setup_request(const swale_options *options, swl_dataset_request *request) {
  const swl_settings *settings = swl_options_settings(options);
  swl_word task = SWL_TASK_AUTO;
  SWL_TRY(setup_check_parts(options));
  SWL_TRY(setup_task(options, &task));
  *request = (swl_dataset_request){
      .source = settings->data,
      .target = settings->target,
      .separator = settings->separator,
      .header = settings->header,
      .drop = settings->drop,
      .weight = settings->weight,
      .class_weights = settings->class_weights,
      .split_file = settings->split_file,
      .validation_data = settings->validation_data,
      .test_data = settings->test_data,
      .fill = settings->missing == SWL_MISSING_MEAN,
      .task = task,
      .standardize = settings->standardize,
      .images = SWL_SPLIT_TEST,
      .validation_fraction = settings->validation,
      .test_fraction = settings->test,
      .seed = (uint64_t)(settings->split_seed == SWL_AUTO_COUNT ? settings->seed : settings->split_seed),
      .limit = (size_t)settings->limit,
  };
  return SWALE_OK;
}

static int setup_is_file(const char *model) { return strncmp(model, "mlp:", 4) != 0 && strcmp(model, "auto") != 0; }

/* The option keeps its default, or agrees with the file: then it becomes what the file says. */
static swale_status setup_adopt(swale_options *options, const char *name, const char *value) {
  char text[SWL_TEXT_MAX];
  SWL_TRY(swale_options_get(options, name, text, sizeof text));
  if (strcmp(text, value) == 0) return SWALE_OK;
  if (strcmp(text, "auto") != 0 && swl_options_is_set(options, name)) {
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
                    swl_word_text(swl_options_settings(options)->standardize));
  }
  SWL_TRY(setup_adopt(options, "activation", model.network.activation->name));
  SWL_TRY(setup_adopt(options, "loss", model.network.loss->name));
  SWL_TRY(setup_adopt(options, "task", model.network.loss->classification ? "classify" : "regress"));
  setup->network = model.network;
  setup->x = model.x;
  setup->from_file = 1;
  *schema = model.schema;
  return SWALE_OK;
}

static swale_status setup_from_file(swl_arena *arena, swale_options *options, swl_setup *setup) {
  swl_schema schema;
  SWL_TRY(swl_setup_model(arena, options, setup, &schema));
  return swl_setup_data(arena, options, setup->arrays, SWL_STANDARDIZE_NONE, &schema, &setup->dataset);
}

static swale_status setup_parse(swale_context *context, const char *spec, const swl_settings *settings,
                                swl_network *network) {
  return swl_network_parse(context, spec, swl_word_text(settings->activation), swl_word_text(settings->loss), network);
}

static swale_status setup_from_spec(swl_arena *arena, swale_options *options, swl_setup *setup) {
  swale_context *context = swl_options_context(options);
  const swl_settings *settings = swl_options_settings(options);
  const int automatic = strcmp(settings->model, "auto") == 0;
  if (!automatic) { /* an impossible model is refused before the data is loaded */
    const char *loss = settings->loss == SWL_LOSS_AUTO ? setup_loss_for(0) : swl_word_text(settings->loss);
    SWL_TRY(swl_network_parse(context, settings->model, swl_word_text(settings->activation), loss, &setup->network));
  }
  SWL_TRY(swl_setup_data(arena, options, setup->arrays, settings->standardize, NULL, &setup->dataset));
  SWL_TRY(setup_decide(options, &setup->dataset));
  if (automatic) {
    char spec[SWL_SPEC_MAX];
    const int few = setup->dataset.split[SWL_SPLIT_TRAIN].count < SETUP_FEW;
    const swl_noise_ops *noise = swl_find_noise(NULL, settings->noise); /* NULL: automatic */
    const int hidden = noise && !noise->layers ? SETUP_HIDDEN_WEIGHTS : few ? SETUP_HIDDEN_FEW : SETUP_HIDDEN;
    snprintf(spec, sizeof spec, "mlp:%zu-%d-%zu", setup->dataset.schema.inputs, hidden, setup->dataset.schema.outputs);
    SWL_TRY(setup_parse(context, spec, settings, &setup->network));
    SWL_TRY(swale_options_set(options, "model", spec));
  } else {
    SWL_TRY(setup_parse(context, settings->model, settings, &setup->network));
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
