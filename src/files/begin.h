/* begin.h - what the log of a run says about how it began, and which options it used; written by train/record_begin.c. */
#ifndef SWL_FILES_BEGIN_H
#define SWL_FILES_BEGIN_H

#include "files/jsonl_read.h"
#include "options/used.h"

typedef struct swl_begin {
  const swl_record *record; /* the last one of a beginning or a resumption; NULL: an older version wrote the log */
  swl_used used;            /* without a record all is unknown */
} swl_begin;

/* The error names the file, the line and the option whose value is none. Options that this version does not know are left
 * out. */
SWALE_NODISCARD swale_status swl_begin_find(swale_context *context, const char *path, const swl_records *records,
                                            swl_begin *begin);

#endif
