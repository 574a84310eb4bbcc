/* measured_check.h - is a file what swale evaluate writes? */
#ifndef SWL_REPORT_MEASURED_CHECK_H
#define SWL_REPORT_MEASURED_CHECK_H

#include "files/keys.h"
#include "files/model_file.h"

/* Is what was read from `path` an evaluation of this model (NULL: of any)? All that the parts of a page rely on is checked
 * here: sections are lists of objects, the confusion matrix is square and has a name for each class. */
SWALE_NODISCARD swale_status swl_report_check_measured(swale_context *context, const char *path,
                                                       const swl_json_value *measured, const swl_model *model);

#endif
