/* class_weights.c - see class_weights.h. */
#include "data/class_weights.h"

#include "data/csv_text.h"
#include "data/names.h"
#include "options/number.h"

#include <string.h>

static void class_weights_balance(const swl_schema *schema, const swl_table *train, double *weights) {
  const size_t classes = schema->outputs;
  for (size_t k = 0; k < classes; k++) weights[k] = 0;
  for (size_t i = 0; i < train->count; i++) weights[train->labels[i]]++;
  for (size_t k = 0; k < classes; k++) {
    weights[k] = weights[k] > 0 ? (double)train->count / ((double)classes * weights[k]) : 1;
  }
}

/* The name at `from` into `name`, and the text of its number into `number`; returns what follows, NULL where there is no
 * such pair. Both have the length of `from` and a NUL. */
static const char *class_weights_pair(const char *from, char *name, char *number) {
  if (*from == '"') {
    for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
      from += *from == '"';
      *name++ = *from;
    }
    if (*from++ != '"' || *from++ != ':') return NULL;
  } else {
    const size_t length = strcspn(from, ",:");
    if (from[length] != ':') return NULL;
    memcpy(name, from, length);
    name += length;
    from += length + 1;
  }
  const size_t digits = strcspn(from, ",");
  memcpy(number, from, digits);
  number[digits] = *name = 0;
  return from + digits;
}

static swale_status class_weights_list(swale_context *context, const char *text, const swl_schema *schema, char *memory,
                                       double *weights) {
  char *name = memory, *number = memory + strlen(text) + 1, plain[SWL_PLAIN_MAX], list[SWL_NAMES_TEXT];
  for (const char *from = text;;) {
    const char *next = class_weights_pair(from, name, number);
    double weight = 0;
    if (!next || swl_real_parse(number, &weight) || !(weight >= 0 && weight <= 1e6)) {
      return swl_fail(context, SWALE_ERROR_USAGE,
                      "option class-weights: '%.64s'; balanced is allowed, or CLASS:WEIGHT,CLASS:WEIGHT with weights "
                      "from 0 to 1e6, and names with commas or colons in double quotes",
                      text);
    }
    size_t k = 0;
    while (k < schema->outputs && strcmp(schema->classes[k], name) != 0) k++;
    if (k == schema->outputs) {
      return swl_fail(context, SWALE_ERROR_USAGE, "option class-weights: there is no class \"%s\"; the classes are: %s",
                      swl_plain(name, plain), swl_names_text(schema->outputs, schema->classes, list));
    }
    weights[k] = weight;
    if (!*next) return SWALE_OK;
    from = next + 1;
  }
}

swale_status swl_class_weights(swale_context *context, const char *text, const swl_schema *schema,
                               const swl_table *train, double *weights) {
  if (!schema->classification || !schema->classes) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option class-weights: '%.64s', but there are no classes to predict",
                    text);
  }
  for (size_t k = 0; k < schema->outputs; k++) weights[k] = 1;
  if (strcmp(text, "balanced") == 0) {
    class_weights_balance(schema, train, weights);
    return SWALE_OK;
  }
  char *memory = swl_allocate(context, strlen(text) + 1, 2);
  if (!memory) return SWALE_ERROR_MEMORY;
  const swale_status status = class_weights_list(context, text, schema, memory, weights);
  swl_release(context, memory);
  return status;
}
