/* load.h - a run folder, read. */
#ifndef SWL_REPORT_LOAD_H
#define SWL_REPORT_LOAD_H

#include "report/facts.h"

/* Memory is the arena's. */
SWALE_NODISCARD swale_status swl_report_load(swale_context *context, swl_arena *arena, const char *folder,
                                             swl_report_run *run);

#endif
