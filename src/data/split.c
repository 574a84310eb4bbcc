/* split.c - see split.h.
 *
 * (1) One permutation of the examples, the stream (seed, SWL_PURPOSE_SPLIT), decides everything. (2) The test takes the
 * first of each class in its order, the limit keeps the first of the rest, and validation takes the last of these. (3) How
 * many of each class: its share, rounded by largest remainders (source: Hamilton's method of apportionment); a class that
 * would get none gets one from the class with the most, if it has enough for every part; what leaves training leaves one
 * of each class there, as long as others have enough. (4) Each part is in the order of the permutation.
 */
#include "data/split.h"

#include "data/csv_text.h"
#include "options/number.h"
#include "random/stream.h"

#include <stdio.h>
#include <string.h>

const char *const swl_split_names[SWL_SPLIT_COUNT] = {"training", "validation", "test"};

enum { SPLIT_NONE = SWL_SPLIT_COUNT };

/* Of the examples that are left. */
typedef struct split_job {
  swale_context *context;
  size_t rows, classes;
  const uint32_t *labels, *order; /* order: rows */
  unsigned char *part;            /* rows: by place in the order */
  size_t *of_class, *quota;       /* classes: examples left, and how many of them a part takes */
  double *remainder;              /* classes */
} split_job;

static size_t split_class(const split_job *job, size_t place) {
  return job->labels ? job->labels[job->order[place]] : 0;
}

/* (3) Up to `want` more, by largest remainders, of classes with more than `keep` examples beyond their quota; how
 * many. */
static size_t split_round(split_job *job, size_t want, size_t keep) {
  size_t given = 0;
  while (given < want) {
    size_t best = job->classes;
    for (size_t c = 0; c < job->classes; c++) {
      if (job->of_class[c] - job->quota[c] <= keep) continue;
      if (best == job->classes || job->remainder[c] > job->remainder[best]) best = c;
    }
    if (best == job->classes) break;
    job->remainder[best]--;
    job->quota[best]++;
    given++;
  }
  return given;
}

/* (3) `want` of the `all` examples that are left, a class having at least `enough` for one of its own; it keeps one if there
 * is a part after this one. */
static void split_share(split_job *job, size_t all, size_t want, size_t enough) {
  size_t given = 0;
  for (size_t c = 0; c < job->classes; c++) {
    const double share = (double)job->of_class[c] * (double)want / (double)all;
    job->quota[c] = (size_t)share;
    job->remainder[c] = share - (double)job->quota[c];
    given += job->quota[c];
  }
  given += split_round(job, want - given, enough > 1);
  split_round(job, want - given, 0);
  for (size_t c = 0; c < job->classes; c++) {
    size_t most = 0;
    for (size_t k = 1; k < job->classes; k++) most = job->quota[k] > job->quota[most] ? k : most;
    if (job->quota[c] > 0 || job->of_class[c] < enough || job->quota[most] < 2) continue;
    job->quota[c] = 1;
    job->quota[most]--;
  }
}

/* (2) Give `want` of the examples of one part to another: the first of each class in the order, or the last. */
static void split_move(split_job *job, int from, int to, size_t want, size_t enough, int last) {
  size_t all = 0;
  memset(job->of_class, 0, job->classes * sizeof *job->of_class);
  for (size_t i = 0; i < job->rows; i++) {
    if (job->part[i] != from) continue;
    job->of_class[split_class(job, i)]++;
    all++;
  }
  if (want == 0 || all == 0) return;
  split_share(job, all, want, enough);
  for (size_t i = 0; i < job->rows; i++) {
    const size_t at = last ? job->rows - 1 - i : i;
    if (job->part[at] != from || job->quota[split_class(job, at)] == 0) continue;
    job->quota[split_class(job, at)]--;
    job->part[at] = (unsigned char)to;
  }
}

/* A positive fraction is at least one example. */
static size_t split_size(size_t count, double fraction) {
  const size_t part = (size_t)((double)count * fraction + 0.5);
  return part == 0 && fraction > 0 ? 1 : part;
}

static swale_status split_sizes(swale_context *context, const swl_dataset_request *request, size_t rows, int cut_test,
                                int cut_validation, size_t sizes[SWL_SPLIT_COUNT]) {
  if (rows > UINT32_MAX) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "%.400s has %zu examples; at most %u are allowed",
                    request->source, rows, (unsigned)UINT32_MAX);
  }
  const size_t test = cut_test ? split_size(rows, request->test_fraction) : 0;
  size_t train = test < rows ? rows - test : 0;
  if (request->limit && request->limit < train) train = request->limit;
  const size_t validation = cut_validation ? split_size(train, request->validation_fraction) : 0;
  if (train <= validation) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "%.400s: %zu examples are too few: %zu for the test, %zu for validation (fraction %g)%s leave none "
                    "for training",
                    request->source, rows, test, validation, request->validation_fraction,
                    request->limit ? " and the limit" : "");
  }
  sizes[SWL_SPLIT_TRAIN] = train;
  sizes[SWL_SPLIT_VALIDATION] = validation;
  sizes[SWL_SPLIT_TEST] = test;
  return SWALE_OK;
}

/* (4) order: which example is where in the permutation; part: of it. Into `parts`, whose order is made. */
static void split_collect(const uint32_t *order, const unsigned char *part, size_t rows, swl_parts *parts) {
  size_t at = 0;
  for (int split = 0; split < SWL_SPLIT_COUNT; split++) {
    parts->first[split] = at;
    for (size_t i = 0; i < rows; i++) {
      if (part[i] == split) parts->order[at++] = order[i];
    }
    parts->count[split] = at - parts->first[split];
  }
}

swale_status swl_split_cut(swale_context *context, const swl_dataset_request *request, size_t rows,
                           const uint32_t *labels, size_t classes, int test, int validation, swl_parts *parts) {
  size_t sizes[SWL_SPLIT_COUNT];
  SWL_TRY(split_sizes(context, request, rows, test, validation, sizes));
  const size_t groups = labels ? classes : 1,
               enough = 1 + (test && sizes[SWL_SPLIT_TEST] > 0) + (validation && sizes[SWL_SPLIT_VALIDATION] > 0);
  swl_parts made = {.order = swl_allocate(context, rows, sizeof *made.order)};
  uint32_t *order = swl_allocate(context, rows, sizeof *order);
  unsigned char *part = swl_allocate(context, rows, 1);
  size_t *counts = swl_allocate(context, groups, 2 * sizeof *counts);
  double *remainder = swl_allocate(context, groups, sizeof *remainder);
  const int able = made.order && order && part && counts && remainder;
  if (able) {
    const swl_stream stream = swl_stream_make(swl_philox(request->seed), SWL_PURPOSE_SPLIT, 0, 0, 0);
    swl_permutation(&stream, (uint32_t)rows, order); /* (1) */
    split_job job = {context, rows, groups, labels, order, part, counts, counts + groups, remainder};
    memset(part, SPLIT_NONE, rows);
    split_move(&job, SPLIT_NONE, SWL_SPLIT_TEST, sizes[SWL_SPLIT_TEST], enough, 0);
    split_move(&job, SPLIT_NONE, SWL_SPLIT_TRAIN, sizes[SWL_SPLIT_TRAIN], 1, 0);
    split_move(&job, SWL_SPLIT_TRAIN, SWL_SPLIT_VALIDATION, sizes[SWL_SPLIT_VALIDATION], 2, 1);
    split_collect(order, part, rows, &made);
  }
  swl_release(context, remainder);
  swl_release(context, counts);
  swl_release(context, part);
  swl_release(context, order);
  if (!able) swl_parts_release(context, &made);
  if (able) *parts = made;
  return able ? SWALE_OK : SWALE_ERROR_MEMORY;
}

void swl_parts_release(swale_context *context, swl_parts *parts) {
  swl_release(context, parts->order);
  parts->order = NULL;
}

/* --- a file ------------------------------------------------------------------------------------------------------- */

static swale_status split_line(const swl_csv_text *text, size_t rows, unsigned char *part, size_t *row, int *split) {
  char plain[SWL_PLAIN_MAX];
  int64_t number = 0;
  const size_t line = text->fields[0].line;
  if (text->count != 2) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu: a row and its split are due, as in 17,test",
                    text->path, line);
  }
  const char *first = swl_csv_field_at(text, 0), *second = swl_csv_field_at(text, 1);
  if (swl_integer_parse(first, &number) || number < 1 || (uint64_t)number > rows) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu: row \"%s\"; those of the data are 1 to %zu",
                    text->path, line, swl_plain(first, plain), rows);
  }
  *row = (size_t)number - 1;
  *split = 0;
  while (*split < SWL_SPLIT_COUNT && strcmp(swl_split_names[*split], second) != 0) ++*split;
  if (*split == SWL_SPLIT_COUNT) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT,
                    "%s, line %zu: split \"%s\"; training, validation and test are allowed", text->path, line,
                    swl_plain(second, plain));
  }
  if (part[*row] != SPLIT_NONE) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line %zu: row %zu is there twice", text->path, line,
                    *row + 1);
  }
  part[*row] = (unsigned char)*split;
  return SWALE_OK;
}

/* order: the rows as the file names them; *count of them. */
static swale_status split_lines(swl_csv_text *text, size_t rows, unsigned char *part, uint32_t *order, size_t *count) {
  SWL_TRY(swl_csv_row(text));
  if (text->count != 2 || strcmp(swl_csv_field_at(text, 0), "row") != 0 ||
      strcmp(swl_csv_field_at(text, 1), "split") != 0) {
    return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s, line 1: the header row,split is due", text->path);
  }
  for (;;) {
    size_t row = 0;
    int split = 0;
    SWL_TRY(swl_csv_row(text));
    if (text->count == 0) break;
    SWL_TRY(split_line(text, rows, part, &row, &split));
    order[(*count)++] = (uint32_t)row;
  }
  for (size_t i = 0; i < *count; i++) {
    if (part[order[i]] == SWL_SPLIT_TRAIN) return SWALE_OK;
  }
  return swl_fail(text->context, SWALE_ERROR_FORMAT, "%s has no row for training", text->path);
}

swale_status swl_split_read(swale_context *context, const swl_dataset_request *request, size_t rows, swl_parts *parts) {
  if (rows > UINT32_MAX) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "%.400s has %zu examples; at most %u are allowed",
                    request->source, rows, (unsigned)UINT32_MAX);
  }
  swl_parts made = {.order = swl_allocate(context, rows, sizeof *made.order)};
  uint32_t *order = swl_allocate(context, rows, sizeof *order);
  unsigned char *part = swl_allocate(context, rows, 2);
  swl_csv_text text = {.context = context};
  size_t count = 0;
  swale_status status = made.order && order && part ? SWALE_OK : SWALE_ERROR_MEMORY;
  if (status == SWALE_OK) memset(part, SPLIT_NONE, rows);
  if (status == SWALE_OK) status = swl_csv_open(context, request->split_file, ',', 0, &text);
  if (status == SWALE_OK) status = split_lines(&text, rows, part, order, &count);
  for (size_t i = 0; status == SWALE_OK && i < count; i++) part[rows + i] = part[order[i]];
  if (status == SWALE_OK) split_collect(order, part + rows, count, &made);
  swl_csv_close(&text);
  swl_release(context, part);
  swl_release(context, order);
  if (status != SWALE_OK) swl_parts_release(context, &made);
  if (status == SWALE_OK) *parts = made;
  return status;
}
