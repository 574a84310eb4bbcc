/* images.c - which images does a source name, and where are they? */
#include "data/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES_DIGITS_TRAIN = 12000, IMAGES_DIGITS_TEST = 2000, IMAGES_DIGITS_TEST_MIN = 100 };

typedef struct images_job {
  swale_context *context;
  swl_images *train, *test;
} images_job;

static swale_status images_mnist(const images_job *job, const char *rest) {
  const char *root = getenv("SWALE_DATA");
  char folder[SWL_PATH_MAX];
  (void)rest;
  if (root && *root) {
    int length = snprintf(folder, sizeof folder, "%s/mnist", root);
    if (length > 0 && (size_t)length < sizeof folder && swl_idx_present(folder)) {
      return swl_idx_read(job->context, folder, job->train, job->test);
    }
  }
  if (swl_idx_present("data/mnist")) return swl_idx_read(job->context, "data/mnist", job->train, job->test);
  const int set = root && *root;
  return swl_fail(job->context, SWALE_ERROR_IO,
                  "MNIST (LeCun, Cortes, Burges) was not found in %s%.300s%s or data/mnist: place its four files %s, "
                  "%s, %s, %s (as they are, or with .gz) in data/mnist, or in a folder named mnist and set SWALE_DATA "
                  "to the folder around it; \"digits\" needs no files",
                  set ? "" : "$SWALE_DATA/mnist (SWALE_DATA is not set)", set ? root : "", set ? "/mnist" : "",
                  swl_idx_names[0], swl_idx_names[1], swl_idx_names[2], swl_idx_names[3]);
}

static swale_status images_idx(const images_job *job, const char *rest) {
  return swl_idx_read(job->context, rest, job->train, job->test);
}

static swale_status images_make(const images_job *job, size_t train, size_t test) {
  SWL_TRY(swl_digits_make(job->context, SWL_SPLIT_TRAIN, train, job->train));
  const swale_status status = swl_digits_make(job->context, SWL_SPLIT_TEST, test, job->test);
  if (status != SWALE_OK) swl_images_release(job->context, job->train);
  return status;
}

static swale_status images_digits(const images_job *job, const char *rest) {
  (void)rest;
  return images_make(job, IMAGES_DIGITS_TRAIN, IMAGES_DIGITS_TEST);
}

static swale_status images_some_digits(const images_job *job, const char *rest) {
  const size_t digits = strspn(rest, "0123456789");
  const size_t count = digits > 0 && digits <= 7 && rest[digits] == 0 ? (size_t)strtoul(rest, NULL, 10) : 0;
  if (count < 1 || count > SWL_DIGITS_COUNT_MAX) {
    return swl_fail(job->context, SWALE_ERROR_USAGE, "digits:%.64s: the count must be a whole number from 1 to %d",
                    rest, SWL_DIGITS_COUNT_MAX);
  }
  return images_make(job, count, count / 5 > IMAGES_DIGITS_TEST_MIN ? count / 5 : IMAGES_DIGITS_TEST_MIN);
}

/* A name that ends with a colon is followed by something. */
static const struct {
  const char *name;
  swale_status (*load)(const images_job *job, const char *rest);
} images_sources[] = {
    {"digits", images_digits}, {"digits:", images_some_digits}, {"mnist", images_mnist}, {"idx:", images_idx}};

enum { IMAGES_SOURCES = sizeof images_sources / sizeof *images_sources };

/* The entry of the source, and what follows its name. */
static size_t images_find(const char *source, const char **rest) {
  size_t i = 0;
  for (; i < IMAGES_SOURCES; i++) {
    const char *name = images_sources[i].name;
    const size_t length = strlen(name);
    *rest = source + length;
    if (name[length - 1] != ':' ? strcmp(source, name) == 0 : strncmp(source, name, length) == 0) break;
  }
  return i;
}

int swl_images_known(const char *source) {
  const char *rest = NULL;
  return images_find(source, &rest) < IMAGES_SOURCES;
}

swale_status swl_images_load(swale_context *context, const swl_dataset_request *request, swl_images *train,
                             swl_images *test) {
  const images_job job = {context, train, test};
  const char *rest = NULL;
  const size_t i = images_find(request->source, &rest);
  if (i < IMAGES_SOURCES && (*rest || images_sources[i].load != images_idx)) return images_sources[i].load(&job, rest);
  return swl_fail(
      context, SWALE_ERROR_USAGE, "data is \"%.400s\"; digits, digits:COUNT, mnist, idx:DIR and csv:FILE are allowed%s",
      request->source, strstr(request->source, ".csv") ? "; is it a table? then csv: belongs before its name" : "");
}

const char *swl_csv_path(const char *source) {
  return strncmp(source, "csv:", 4) == 0 && source[4] ? source + 4 : NULL;
}
