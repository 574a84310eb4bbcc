/* idx_write.c - how does a dataset become the four IDX files? (format: idx.c) All four, or none. */
#include "data/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct idx_writer {
  swale_context *context;
  const swl_dataset *dataset;
  const char *path;
  FILE *stream;
} idx_writer;

static swale_status idx_write_failed(const idx_writer *writer) {
  return swl_fail(writer->context, SWALE_ERROR_IO, "%s: cannot write: %s", writer->path, strerror(errno));
}

static swale_status idx_write_bytes(const idx_writer *writer, const void *bytes, size_t count) {
  return fwrite(bytes, 1, count, writer->stream) == count ? SWALE_OK : idx_write_failed(writer);
}

/* One example, back to bytes: raw = input / scale + shift, in 0 .. 1 up to rounding. */
static swale_status idx_write_image(const idx_writer *writer, const float *input) {
  const swl_dataset *dataset = writer->dataset;
  unsigned char row[1024];
  for (size_t i = 0; i < dataset->schema.inputs;) {
    size_t n = 0;
    for (; n < sizeof row && i < dataset->schema.inputs; n++, i++) {
      const double byte = (input[i] / dataset->schema.scale[i] + dataset->schema.shift[i]) * 255 + 0.5;
      row[n] = (unsigned char)(byte < 0 ? 0 : byte > 255 ? 255 : byte);
    }
    SWL_TRY(idx_write_bytes(writer, row, n));
  }
  return SWALE_OK;
}

static swale_status idx_write_table(const idx_writer *writer, const swl_table *table, int images) {
  for (size_t i = 0; i < table->count; i++) {
    if (images) {
      SWL_TRY(idx_write_image(writer, table->inputs + i * writer->dataset->schema.inputs));
    } else {
      unsigned char label = (unsigned char)table->labels[i];
      SWL_TRY(idx_write_bytes(writer, &label, 1));
    }
  }
  return SWALE_OK;
}

static swale_status idx_write_content(const idx_writer *writer, swl_idx_file which) {
  const swl_dataset *dataset = writer->dataset;
  const int images = which == SWL_IDX_TRAIN_IMAGES || which == SWL_IDX_TEST_IMAGES;
  const int train = which == SWL_IDX_TRAIN_IMAGES || which == SWL_IDX_TRAIN_LABELS;
  const swl_table *first = &dataset->split[train ? SWL_SPLIT_TRAIN : SWL_SPLIT_TEST];
  const swl_table *second = train ? &dataset->split[SWL_SPLIT_VALIDATION] : NULL;
  const size_t count = first->count + (second ? second->count : 0);
  const size_t words[4] = {images ? 0x0803 : 0x0801, count, dataset->schema.height, dataset->schema.width};
  unsigned char header[16];
  for (size_t i = 0; i < sizeof header; i++) header[i] = (unsigned char)(words[i / 4] >> (24 - 8 * (i % 4)));
  SWL_TRY(idx_write_bytes(writer, header, images ? 16 : 8));
  SWL_TRY(idx_write_table(writer, first, images));
  if (second) SWL_TRY(idx_write_table(writer, second, images));
  return SWALE_OK;
}

/* *made becomes 1 once the file is ours, also when writing it failed. */
static swale_status idx_write_file(swale_context *context, const swl_dataset *dataset, swl_idx_file which,
                                   const char *path, int *made) {
  FILE *stream = fopen(path, "wbx");
  if (!stream) {
    return swl_fail(context, errno == EEXIST ? SWALE_ERROR_EXISTS : SWALE_ERROR_IO, "%s: cannot create: %s", path,
                    strerror(errno));
  }
  *made = 1;
  const idx_writer writer = {context, dataset, path, stream};
  swale_status status = idx_write_content(&writer, which);
  if (fclose(stream) != 0 && status == SWALE_OK) status = idx_write_failed(&writer);
  return status;
}

static swale_status idx_write_check(swale_context *context, const swl_dataset *dataset, const char *folder) {
  if (dataset->schema.height == 0) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "IDX files hold images with labels; this dataset has neither bytes nor "
                    "an image size (sources with images: digits, mnist, idx:DIR)");
  }
  if (dataset->schema.outputs > 256) {
    return swl_fail(context, SWALE_ERROR_USAGE, "an IDX label is one byte: %zu classes do not fit in 256",
                    dataset->schema.outputs);
  }
  char path[SWL_PATH_MAX];
  for (int i = 0; i < SWL_IDX_FILE_COUNT; i++) {
    if (swl_idx_find(folder, (swl_idx_file)i, path)) {
      return swl_fail(context, SWALE_ERROR_EXISTS, "%s exists and is not overwritten", path);
    }
  }
  return SWALE_OK;
}

swale_status swl_dataset_write_idx(swale_context *context, const swl_dataset *dataset, const char *folder) {
  SWL_TRY(idx_write_check(context, dataset, folder));
  char path[SWL_PATH_MAX];
  swale_status status = SWALE_OK;
  int made[SWL_IDX_FILE_COUNT] = {0};
  for (int i = 0; i < SWL_IDX_FILE_COUNT && status == SWALE_OK; i++) {
    int length = snprintf(path, sizeof path, "%s/%s", folder, swl_idx_names[i]);
    if (length < 0 || (size_t)length >= sizeof path) {
      status = swl_fail(context, SWALE_ERROR_USAGE, "the folder name has more than %d bytes", SWL_PATH_MAX - 32);
    } else {
      status = idx_write_file(context, dataset, (swl_idx_file)i, path, &made[i]);
    }
  }
  for (int i = 0; i < SWL_IDX_FILE_COUNT && status != SWALE_OK; i++) {
    if (!made[i]) continue;
    (void)snprintf(path, sizeof path, "%s/%s", folder, swl_idx_names[i]);
    (void)remove(path);
  }
  return status;
}
