/* csv_source.h - a CSV file whose columns have a meaning: features in the order of a schema, a target, a weight. */
#ifndef SWL_DATA_CSV_SOURCE_H
#define SWL_DATA_CSV_SOURCE_H

#include "data/csv_text.h"
#include "data/dataset.h"
#include "data/names.h"

typedef struct swl_csv_source {
  swale_context *context;
  swl_arena *arena; /* of what lives as long as the source */
  const swl_dataset_request *request;
  swl_csv_text text;
  size_t columns; /* of the file */
  const char **names;
  swl_names index;
  size_t features, *feature; /* features: their columns, in the schema's order, if there is one */
  ptrdiff_t target, weight;  /* columns, or SWL_NAMES_NONE */
  int unnamed;               /* 1: the first column is a feature that has no name */
  swl_names *values;         /* with a schema: of each of its columns */
  swl_names classes;         /* with a schema that has classes */
  size_t filled;             /* missing values so far, with a schema */
} swl_csv_source;

/* Open the file and give its columns their meaning, by name where the request has a schema with names, else by position.
 * keep: swl_csv_text. need_target = 0: the target may be absent. Release with swl_csv_source_close, also after failure. */
SWALE_NODISCARD swale_status swl_csv_source_open(swale_context *context, const char *path,
                                                 const swl_dataset_request *request, int keep, int need_target,
                                                 swl_csv_source *source);
void swl_csv_source_close(swl_csv_source *source);

/* The next row into source->text, with a field per column; *found = 0 at the end. */
SWALE_NODISCARD swale_status swl_csv_source_row(swl_csv_source *source, int *found);

/* Feature k of a row in the schema's terms (schema.h); `text` may be changed on the way and is put back. */
SWALE_NODISCARD swale_status swl_csv_cell(swl_csv_source *source, const swl_schema *schema, size_t k, char *text,
                                          size_t line, double *cell);

/* The class or the number that the target's field says. */
SWALE_NODISCARD swale_status swl_csv_label(swl_csv_source *source, const swl_schema *schema, const char *text,
                                           size_t line, uint32_t *label);
SWALE_NODISCARD swale_status swl_csv_aim(swl_csv_source *source, char *text, size_t line, double *number);
SWALE_NODISCARD swale_status swl_csv_weigh(swl_csv_source *source, char *text, size_t line, double *weight);

/* "FILE, line 3, column 2 ("a"): "x" PROBLEM; ALLOWED" */
swale_status swl_csv_refuse(const swl_csv_source *source, size_t column, size_t line, const char *text,
                            const char *problem, const char *allowed);

/* Numbers of this file may have a decimal comma. */
static inline int swl_csv_comma(const swl_csv_source *source) { return source->text.separator != ','; }

#endif
