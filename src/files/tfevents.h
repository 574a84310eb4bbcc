/* tfevents.h - numbers over updates as an event file, which TensorBoard reads. */
#ifndef SWL_FILES_TFEVENTS_H
#define SWL_FILES_TFEVENTS_H

#include "files/jsonl.h"

typedef struct swl_tfevents swl_tfevents;

/* A new file; or an existing one to append to, as a run that goes on behind `step`: TensorBoard then forgets what the
 * file says of later steps. `wall` is the time, in seconds since 1970. */
SWALE_NODISCARD swale_status swl_tfevents_open(swale_context *context, const char *path, double wall, int64_t step,
                                               swl_tfevents **events);

/* One scalar for each field that is a finite number, in one write. The tag is SECTION/NAME; without a section (NULL)
 * that of "validation_loss" is "validation/loss", that of "ess" is "run/ess". Allocates nothing. */
SWALE_NODISCARD swale_status swl_tfevents_append(swl_tfevents *events, double wall, int64_t step, const char *section,
                                                 const swl_field *fields, size_t count);
void swl_tfevents_close(swl_tfevents *events); /* NULL is legal */

#endif
