/* run_data.c - the public view of a dataset. */
#include <swale/data.h>

#include "train/setup.h"

struct swale_data {
  swl_arena *arena; /* owns everything */
  swale_context *context;
  swl_dataset dataset;
};

swale_status swale_data_load(const swale_options *options, swale_data **data) {
  swl_arena *arena = NULL;
  SWL_TRY(swl_arena_create(swl_options_context(options), &arena));
  swale_data *made = swl_arena_take(arena, 1, sizeof *made);
  const swale_status status = made ? swl_setup_data(arena, options, "none", NULL, &made->dataset) : SWALE_ERROR_MEMORY;
  if (status != SWALE_OK) {
    swl_arena_destroy(arena);
    return status;
  }
  made->arena = arena;
  made->context = swl_options_context(options);
  *data = made;
  return SWALE_OK;
}

void swale_data_destroy(swale_data *data) {
  if (data) swl_arena_destroy(data->arena);
}

size_t swale_data_count(const swale_data *data, swale_split split) { return data->dataset.split[split].count; }
size_t swale_data_features(const swale_data *data) { return data->dataset.schema.inputs; }
size_t swale_data_outputs(const swale_data *data) { return data->dataset.schema.outputs; }
int swale_data_classifies(const swale_data *data) { return data->dataset.schema.classification; }
size_t swale_data_height(const swale_data *data) { return data->dataset.schema.height; }
size_t swale_data_width(const swale_data *data) { return data->dataset.schema.width; }

const char *swale_data_class_name(const swale_data *data, size_t label) {
  return data->dataset.schema.classes && label < data->dataset.schema.outputs ? data->dataset.schema.classes[label]
                                                                              : NULL;
}

const float *swale_data_example(const swale_data *data, swale_split split, size_t index, double *target) {
  const swl_table *table = &data->dataset.split[split];
  *target = table->labels ? (double)table->labels[index] : (double)table->targets[index * data->dataset.schema.outputs];
  return table->inputs + index * data->dataset.schema.inputs;
}

swale_status swale_data_write_idx(const swale_data *data, const char *folder) {
  return swl_dataset_write_idx(data->context, &data->dataset, folder);
}
