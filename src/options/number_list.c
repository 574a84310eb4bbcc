/* number_list.c - numbers separated by commas, the value of a TEXT option. */
#include "options/number.h"
#include "options/options_parts.h"

#include <string.h>

swale_status swl_list_parse(swale_context *context, const char *name, const char *text, double low, double high,
                            swl_list *list) {
  swl_list made = {0};
  for (const char *at = text; *at;) {
    char word[SWL_REAL_TEXT_MAX * 2] = "";
    const size_t length = strcspn(at, ",");
    const char *why = "is not a number";
    if (length < sizeof word) {
      memcpy(word, at, length);
      why = swl_real_parse(word, &made.values[made.count]);
    }
    if (!why && !(made.values[made.count] >= low && made.values[made.count] <= high)) why = "is out of range";
    if (why) {
      return swl_fail(context, SWALE_ERROR_USAGE,
                      "option %s: '%.64s' %s; allowed are numbers in [%g, %g] separated by commas", name,
                      length < sizeof word ? word : at, why, low, high);
    }
    made.count++;
    at += length;
    if (*at != ',') break;
    at++;
    if (!*at || made.count == SWL_LIST_MAX) {
      return swl_fail(context, SWALE_ERROR_USAGE, "option %s: '%.64s' %s", name, text,
                      *at ? "has too many numbers; allowed are at most 16" : "ends with a comma");
    }
  }
  *list = made;
  return SWALE_OK;
}
