/* idx.c - how are IDX files read? Plain or gzip, images (unsigned bytes, rank 3) with their labels (rank 1).
 *
 * source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", section "File formats".
 *
 *   bytes      | meaning
 *   -----------|---------------------------------------------------------------
 *   0 .. 3     | 0, 0, 8 (unsigned bytes), rank
 *   4 .. 4r+3  | the r dimensions, each an unsigned 32-bit integer, high byte first
 *   the rest   | the values, last dimension fastest; nothing may follow them
 *
 * Memory for the values is taken only after the size of the file showed that it can hold them, so that a damaged
 * header cannot ask for more memory than about a thousand times the size of the file.
 */
#include "data/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

enum {
  IDX_RANK_MAX = 3,
  IDX_MAGIC = 0x0800,      /* | rank */
  IDX_DEFLATE_RATIO = 1040 /* heuristic: deflate never shrinks by more than 1032 : 1 */
};

const char *const swl_idx_names[SWL_IDX_FILE_COUNT] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                                       "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
/* The same four with a dot, as some archives unpack them. */
static const char *const idx_dotted[SWL_IDX_FILE_COUNT] = {"train-images.idx3-ubyte", "train-labels.idx1-ubyte",
                                                           "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"};

typedef struct idx_file {
  swale_context *context;
  gzFile stream;
  const char *path;
  size_t file_bytes; /* on disk */
  size_t read;       /* uncompressed bytes so far */
  uint32_t dims[IDX_RANK_MAX];
} idx_file;

void swl_images_release(swale_context *context, swl_images *images) {
  swl_release(context, images->pixels);
  swl_release(context, images->labels);
  *images = (swl_images){0};
}

int swl_idx_find(const char *folder, swl_idx_file which, char path[SWL_PATH_MAX]) {
  const char *const names[2] = {swl_idx_names[which], idx_dotted[which]};
  for (int i = 0; i < 4; i++) {
    int length = snprintf(path, SWL_PATH_MAX, "%s/%s%s", folder, names[i % 2], i < 2 ? "" : ".gz");
    struct stat info;
    if (length > 0 && length < SWL_PATH_MAX && stat(path, &info) == 0) return 1;
  }
  return 0;
}

int swl_idx_present(const char *folder) {
  char path[SWL_PATH_MAX];
  for (int i = 0; i < SWL_IDX_FILE_COUNT; i++) {
    if (swl_idx_find(folder, (swl_idx_file)i, path)) return 1;
  }
  return 0;
}

/* Read up to `count` bytes; *got < count means that the file ended there. */
static swale_status idx_bytes(idx_file *file, unsigned char *bytes, size_t count, size_t *got) {
  size_t done = 0;
  int error = Z_OK;
  while (done < count) {
    size_t chunk = count - done < (1u << 30) ? count - done : 1u << 30;
    errno = 0;
    int now = gzread(file->stream, bytes + done, (unsigned)chunk);
    const char *reason = gzerror(file->stream, &error);
    if (now < 0 && error == Z_ERRNO) {
      return swl_fail(file->context, SWALE_ERROR_IO, "%s: cannot read: %s", file->path, strerror(errno));
    }
    if (now < 0 && error == Z_MEM_ERROR) {
      return swl_fail(file->context, SWALE_ERROR_MEMORY, "%s: out of memory while decompressing", file->path);
    }
    if (now < 0 || error == Z_BUF_ERROR) {
      return swl_fail(file->context, SWALE_ERROR_FORMAT,
                      "%s: the gzip data is damaged after %zu uncompressed bytes: %s", file->path,
                      file->read + done + (size_t)(now > 0 ? now : 0), reason);
    }
    done += (size_t)now;
    if (now == 0) break;
  }
  file->read += done;
  *got = done;
  return SWALE_OK;
}

static swale_status idx_header(idx_file *file, uint32_t rank) {
  unsigned char header[4 + 4 * IDX_RANK_MAX];
  const size_t due = 4 + 4 * (size_t)rank;
  size_t got = 0;
  SWL_TRY(idx_bytes(file, header, due, &got));
  if (got == 0) return swl_fail(file->context, SWALE_ERROR_FORMAT, "%s is empty; an IDX file is due", file->path);
  uint32_t words[1 + IDX_RANK_MAX] = {0};
  for (size_t i = 0; i < got / 4; i++) {
    for (size_t k = 0; k < 4; k++) words[i] = words[i] << 8 | header[4 * i + k];
  }
  if (got >= 4 && words[0] != (IDX_MAGIC | rank)) {
    return swl_fail(file->context, SWALE_ERROR_FORMAT,
                    "%s, byte 0: the magic number is 0x%08x; 0x%08x (IDX, unsigned bytes, rank %u) is due", file->path,
                    (unsigned)words[0], (unsigned)(IDX_MAGIC | rank), (unsigned)rank);
  }
  if (got < due) {
    return swl_fail(file->context, SWALE_ERROR_FORMAT, "%s is truncated: it ends after %zu bytes, its header has %zu",
                    file->path, got, due);
  }
  for (uint32_t i = 0; i < rank; i++) {
    file->dims[i] = words[1 + i];
    if (file->dims[i] == 0) {
      return swl_fail(file->context, SWALE_ERROR_FORMAT, "%s, byte %u: dimension %u is 0; at least 1 is due",
                      file->path, (unsigned)(4 + 4 * i), (unsigned)(i + 1));
    }
  }
  return SWALE_OK;
}

/* The values after the header, in new memory. */
static swale_status idx_values(idx_file *file, uint32_t rank, unsigned char **values) {
  char shape[64];
  size_t total = 1;
  int overflow = 0, length = 0;
  for (uint32_t i = 0; i < rank; i++) {
    overflow |= __builtin_mul_overflow(total, (size_t)file->dims[i], &total);
    length += snprintf(shape + length, sizeof shape - (size_t)length, "%s%u", i ? " × " : "", (unsigned)file->dims[i]);
  }
  const size_t header = file->read;
  const size_t largest = gzdirect(file->stream) ? file->file_bytes - header : file->file_bytes * IDX_DEFLATE_RATIO;
  if (overflow || total > largest) {
    return swl_fail(file->context, SWALE_ERROR_FORMAT,
                    "%s is truncated: its header promises %s values, but a file of %zu bytes cannot hold them",
                    file->path, shape, file->file_bytes);
  }
  *values = swl_allocate(file->context, total, 1);
  if (!*values) return SWALE_ERROR_MEMORY;
  size_t got = 0, extra = 0;
  unsigned char byte = 0;
  SWL_TRY(idx_bytes(file, *values, total, &got));
  if (got < total) {
    return swl_fail(file->context, SWALE_ERROR_FORMAT,
                    "%s is truncated: its header promises %s = %zu values, it ends after %zu", file->path, shape, total,
                    got);
  }
  SWL_TRY(idx_bytes(file, &byte, 1, &extra)); /* also makes zlib compare the check sum */
  if (extra) {
    return swl_fail(file->context, SWALE_ERROR_FORMAT, "%s, byte %zu: there is more after the %s values of the header",
                    file->path, header + total, shape);
  }
  return SWALE_OK;
}

/* One file: its dimensions and its values (released by the caller, also on failure). */
static swale_status idx_load(swale_context *context, const char *folder, swl_idx_file which, uint32_t rank,
                             uint32_t dims[IDX_RANK_MAX], unsigned char **values) {
  char path[SWL_PATH_MAX];
  if (!swl_idx_find(folder, which, path)) {
    return swl_fail(context, SWALE_ERROR_IO, "%s is not in the folder %s (nor is %s, nor either with .gz)",
                    swl_idx_names[which], folder, idx_dotted[which]);
  }
  struct stat info;
  if (stat(path, &info) != 0) return swl_fail(context, SWALE_ERROR_IO, "%s: %s", path, strerror(errno));
  if (!S_ISREG(info.st_mode)) return swl_fail(context, SWALE_ERROR_IO, "%s is not a regular file", path);
  errno = 0;
  idx_file file = {.context = context, .path = path, .file_bytes = (size_t)info.st_size};
  file.stream = gzopen(path, "rb");
  if (!file.stream) {
    return swl_fail(context, SWALE_ERROR_IO, "%s: cannot open: %s", path, errno ? strerror(errno) : "out of memory");
  }
  swale_status status = idx_header(&file, rank);
  if (status == SWALE_OK) status = idx_values(&file, rank, values);
  (void)gzclose_r(file.stream); /* everything was read and checked */
  memcpy(dims, file.dims, sizeof file.dims);
  return status;
}

/* Images and labels of one origin (released by the caller, also on failure). */
static swale_status idx_pair(swale_context *context, const char *folder, swl_idx_file images_file,
                             swl_idx_file labels_file, swl_images *images) {
  uint32_t dims[IDX_RANK_MAX], label_dims[IDX_RANK_MAX];
  SWL_TRY(idx_load(context, folder, images_file, 3, dims, &images->pixels));
  SWL_TRY(idx_load(context, folder, labels_file, 1, label_dims, &images->labels));
  if (dims[0] != label_dims[0]) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%s: %s has %u images, but %s has %u labels", folder,
                    swl_idx_names[images_file], (unsigned)dims[0], swl_idx_names[labels_file], (unsigned)label_dims[0]);
  }
  images->count = dims[0];
  images->height = dims[1];
  images->width = dims[2];
  return SWALE_OK;
}

static swale_status idx_both(swale_context *context, const char *folder, swl_images *train, swl_images *test) {
  SWL_TRY(idx_pair(context, folder, SWL_IDX_TRAIN_IMAGES, SWL_IDX_TRAIN_LABELS, train));
  SWL_TRY(idx_pair(context, folder, SWL_IDX_TEST_IMAGES, SWL_IDX_TEST_LABELS, test));
  if (train->height != test->height || train->width != test->width) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "%s: the images of %s are %zu × %zu, but those of %s are %zu × %zu",
                    folder, swl_idx_names[SWL_IDX_TRAIN_IMAGES], train->height, train->width,
                    swl_idx_names[SWL_IDX_TEST_IMAGES], test->height, test->width);
  }
  return SWALE_OK;
}

swale_status swl_idx_read(swale_context *context, const char *folder, swl_images *train, swl_images *test) {
  swl_images made[2] = {{0}};
  swale_status status = idx_both(context, folder, &made[0], &made[1]);
  if (status != SWALE_OK) {
    swl_images_release(context, &made[0]);
    swl_images_release(context, &made[1]);
    return status;
  }
  *train = made[0];
  *test = made[1];
  return SWALE_OK;
}
