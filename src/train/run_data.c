/* run_data.c - the public view of a dataset. */
#include "train/run_data.h"

#include "data/split.h"
#include "files/output.h"

#include <stdio.h>
#include <sys/stat.h>

struct swale_data {
  swl_arena *arena; /* owns everything */
  swale_context *context;
  swl_dataset dataset;
  swl_arrays arrays; /* where it was made of arrays, else without rows */
};

static swale_status data_make(swl_arena *arena, const swale_options *options, const swale_arrays *arrays,
                              swale_data *data) {
  if (arrays) SWL_TRY(swl_arrays_copy(swl_options_context(options), arena, arrays, &data->arrays));
  return swl_setup_data(arena, options, arrays ? &data->arrays : NULL, SWL_STANDARDIZE_NONE, NULL, &data->dataset);
}

static swale_status data_create(const swale_options *options, const swale_arrays *arrays, swale_data **data) {
  swl_arena *arena = NULL;
  swale_data *made = swl_arena_owner(swl_options_context(options), sizeof *made, &arena);
  if (!made) return SWALE_ERROR_MEMORY;
  const swale_status status = data_make(arena, options, arrays, made);
  if (status != SWALE_OK) {
    swl_arena_destroy(arena);
    return status;
  }
  made->arena = arena;
  made->context = swl_options_context(options);
  *data = made;
  return SWALE_OK;
}

swale_status swale_data_load(const swale_options *options, swale_data **data) {
  return data_create(options, NULL, data);
}

swale_status swale_data_create(const swale_options *options, const swale_arrays *arrays, swale_data **data) {
  return data_create(options, arrays, data);
}

const swl_arrays *swl_data_arrays(const swale_data *data) { return data->arrays.cells ? &data->arrays : NULL; }

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

size_t swale_data_columns(const swale_data *data) { return data->dataset.schema.columns; }

const char *swale_data_column_name(const swale_data *data, size_t column) {
  return data->dataset.schema.column[column].name;
}

size_t swale_data_column_texts(const swale_data *data, size_t column) {
  return data->dataset.schema.column[column].value_count;
}

const float *swale_data_example(const swale_data *data, swale_split split, size_t index, double *target) {
  const swl_table *table = &data->dataset.split[split];
  *target = table->labels ? (double)table->labels[index] : (double)table->targets[index * data->dataset.schema.outputs];
  return table->inputs + index * data->dataset.schema.inputs;
}

const char *swale_data_reason(const swale_data *data) { return data->dataset.reason; }

static swale_status data_put_split(const swale_data *data, swl_output *output) {
  const swl_dataset *dataset = &data->dataset;
  SWL_TRY(swl_output_put(data->context, output, "row,split\n", 10));
  for (size_t i = 0; i < dataset->rows; i++) {
    char line[64];
    if (dataset->part[i] == SWL_SPLIT_COUNT) continue;
    const int length = snprintf(line, sizeof line, "%zu,%s\n", i + 1, swl_split_names[dataset->part[i]]);
    SWL_TRY(swl_output_put(data->context, output, line, (size_t)length));
  }
  return SWALE_OK;
}

swale_status swale_data_write_split(const swale_data *data, const char *path) {
  struct stat info;
  swl_output output;
  if (lstat(path, &info) == 0) {
    return swl_fail(data->context, SWALE_ERROR_EXISTS, "'%s' exists already; the split goes into a new file", path);
  }
  SWL_TRY(swl_output_open(data->context, path, &output));
  const swale_status status = data_put_split(data, &output);
  if (status == SWALE_OK) return swl_output_commit(data->context, &output);
  swl_output_abandon(&output);
  return status;
}

swale_status swale_data_write_idx(const swale_data *data, const char *folder) {
  return swl_dataset_write_idx(data->context, &data->dataset, folder);
}
