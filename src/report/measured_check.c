/* measured_check.c - see measured_check.h. */
#include "report/measured_check.h"

#include <string.h>

enum { MEASURED_ROWS_MAX = 1000 }; /* of a section; swale evaluate writes at most 16 */

static int measured_is_list(const swl_json_value *list, swl_json_type items) {
  if (!list || list->type != SWL_JSON_LIST) return 0;
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].type != items) return 0;
  }
  return 1;
}

/* Neither, or n names and n rows of n counts. */
static int measured_is_matrix(const swl_json_value *classes, const swl_json_value *confusion) {
  if (!classes || !confusion) return classes == confusion;
  if (!measured_is_list(classes, SWL_JSON_TEXT) || !measured_is_list(confusion, SWL_JSON_LIST)) return 0;
  if (classes->count != confusion->count) return 0;
  for (size_t i = 0; i < confusion->count; i++) {
    const swl_json_value *row = &confusion->items[i];
    if (row->count != classes->count || !measured_is_list(row, SWL_JSON_NUMBER)) return 0;
    for (size_t k = 0; k < row->count; k++) {
      if (!(row->items[k].number >= 0 && row->items[k].number < 1e15)) return 0;
    }
  }
  return 1;
}

swale_status swl_report_check_measured(swale_context *context, const char *path, const swl_json_value *measured,
                                       const swl_model *model) {
  static const swl_record_key sections[] = {SWL_KEY_TAUS, SWL_KEY_NOISE, SWL_KEY_RELATIVE_NOISE, SWL_KEY_ROUNDING,
                                            SWL_KEY_PROFILE};
  char of_model[SWL_FINGERPRINT_MAX];
  const char *format = swl_key_string(measured, SWL_KEY_FORMAT),
             *fingerprint = swl_key_string(measured, SWL_KEY_FINGERPRINT);
  if (!format || strcmp(format, SWL_EVALUATION_FORMAT) != 0 || !fingerprint) {
    return swl_fail(context, SWALE_ERROR_FORMAT, "'%s' is no evaluation that this version reads: 'format' is not '%s'",
                    path, SWL_EVALUATION_FORMAT);
  }
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
    const swl_json_value *section = swl_key_member(measured, sections[i]);
    if (measured_is_list(section, SWL_JSON_OBJECT) && section->count <= MEASURED_ROWS_MAX) continue;
    return swl_fail(context, SWALE_ERROR_FORMAT, "'%s': '%s' is not a list of at most %d objects", path,
                    swl_key_name(sections[i]), MEASURED_ROWS_MAX);
  }
  if (!measured_is_matrix(swl_key_member(measured, SWL_KEY_CLASSES), swl_key_member(measured, SWL_KEY_CONFUSION))) {
    return swl_fail(context, SWALE_ERROR_FORMAT,
                    "'%s': 'confusion' is not a square of counts with a name in 'classes' "
                    "for each row",
                    path);
  }
  if (!model) return SWALE_OK;
  swl_model_fingerprint(&model->network, model->x, of_model);
  if (strcmp(fingerprint, of_model) == 0) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_FORMAT,
                  "'%s' is about other parameters than those of the model, and is not shown; "
                  "swale evaluate measures anew",
                  path);
}
