/* records.h - what a run has written down so far: the records of its log.jsonl, while it is running or afterwards. */
#ifndef SWALE_RECORDS_H
#define SWALE_RECORDS_H

#include <swale/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swale_records swale_records;

/* What a record is about: the text of its field "event". */
typedef enum swale_event {
  SWALE_EVENT_NONE,  /* it has no such text */
  SWALE_EVENT_OTHER, /* a later version's */
  SWALE_EVENT_BEGIN,
  SWALE_EVENT_RESUME,
  SWALE_EVENT_EVALUATION,
  SWALE_EVENT_MONOTONE, /* the verdict on an update */
  SWALE_EVENT_RESTORED,
  SWALE_EVENT_FINAL
} swale_event;

/* Read FOLDER/log.jsonl as it is now; a last line that is only half there is left out. Open again to see more. */
SWALE_API SWALE_NODISCARD swale_status swale_records_open(swale_context *context, const char *folder,
                                                          swale_records **records);
SWALE_API void swale_records_close(swale_records *records); /* NULL is legal */

SWALE_API size_t swale_records_count(const swale_records *records);
/* 1 if some process has the log open for writing: the run goes on. */
SWALE_API int swale_records_growing(const swale_records *records);

/* A field of record `index` < count by its name, like "validation_loss": a number, NaN where there is none; a text, NULL
 * where there is none. Texts are the records'. */
SWALE_API double swale_records_number(const swale_records *records, size_t index, const char *name);
SWALE_API const char *swale_records_text(const swale_records *records, size_t index, const char *name);
SWALE_API swale_event swale_records_event(const swale_records *records, size_t index);

#ifdef __cplusplus
}
#endif
#endif
