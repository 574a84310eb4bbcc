/* predict_print.c - see predict_print.h.
 *
 * Numbers have the fewest digits that read back: probabilities, which are known to that much, as 32-bit floats, predicted
 * numbers as doubles. Texts are exact, but on a terminal.
 */
#include "predict_print.h"

#include "command.h"
#include "messages.h"
#include "signals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* Of a probability that is not small: the first k / 10^d that is this float. 0 if there is none. */
static int print_share(float value, char text[CLI_NUMBER_MAX]) {
  double power = 1;
  if (!(value >= 1e-4F && value < 1)) return 0;
  for (int digits = 1; digits <= 12; digits++) {
    power *= 10;
    const double k = rint((double)value * power);
    if ((float)(k / power) != value) continue;
    snprintf(text, CLI_NUMBER_MAX, "0.%0*.0f", digits, k);
    return strtof(text, NULL) == value; /* the quotient was rounded on its way */
  }
  return 0;
}

static const char *print_probability(double probability, char text[CLI_NUMBER_MAX]) {
  const float value = (float)probability;
  if (print_share(value, text)) return text;
  for (int digits = 6; digits <= 9; digits++) {
    snprintf(text, CLI_NUMBER_MAX, "%.*g", digits, (double)value);
    if (strtof(text, NULL) == value) break;
  }
  return text;
}

static const char *print_number(double value, char text[CLI_NUMBER_MAX]) {
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, CLI_NUMBER_MAX, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  return text;
}

/* The name of a class, or its number. */
static const char *print_class(const swale_model *model, size_t label, char text[CLI_NUMBER_MAX]) {
  const char *name = swale_model_class_name(model, label);
  if (name) return name;
  snprintf(text, CLI_NUMBER_MAX, "%zu", label);
  return text;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

/* The text, each quote twice if it is within quotes. On a terminal no control character of it is obeyed. */
static void print_text(FILE *stream, int terminal, int quoted, const char *text) {
  while (*text) {
    if (quoted && *text == '"') putc('"', stream);
    if (terminal) {
      text += cli_put_point(stream, text);
    } else {
      putc(*text++, stream);
    }
  }
}

/* `before` and the text as one field, in quotes where it must be: a separator, a quote, a line end, or blanks that a reader
 * would take away. */
static void print_field(FILE *stream, int terminal, const char *before, const char *text) {
  const size_t length = strlen(text);
  const int blank = length > 0 && ((!*before && strchr(" \t", text[0])) || strchr(" \t", text[length - 1]));
  const int quoted = blank || strpbrk(text, ",\"\r\n");
  fputs(quoted ? "\"" : "", stream);
  fputs(before, stream);
  print_text(stream, terminal, quoted, text);
  fputs(quoted ? "\"" : "", stream);
}

static void print_header(const swale_model *model, const swale_rows *rows, int terminal, FILE *stream) {
  char text[CLI_NUMBER_MAX];
  for (size_t k = 0; k < swale_rows_keeps(rows); k++) {
    print_field(stream, terminal, "", swale_rows_kept_name(rows, k));
    putc(',', stream);
  }
  fputs("prediction", stream);
  for (size_t j = 0; swale_model_has_probabilities(model) && j < swale_model_outputs(model); j++) {
    putc(',', stream);
    print_field(stream, terminal, "probability:", print_class(model, j, text));
  }
  for (size_t j = 1; !swale_model_classifies(model) && j < swale_model_outputs(model); j++) {
    fprintf(stream, ",prediction:%zu", j + 1);
  }
  putc('\n', stream);
}

static void print_row(const swale_model *model, const swale_rows *rows, size_t row, int terminal, FILE *stream) {
  const size_t outputs = swale_model_outputs(model);
  const double *values = swale_rows_values(rows) + row * outputs;
  char text[CLI_NUMBER_MAX];
  for (size_t k = 0; k < swale_rows_keeps(rows); k++) {
    print_field(stream, terminal, "", swale_rows_kept(rows, row, k));
    putc(',', stream);
  }
  if (swale_model_classifies(model))
    print_field(stream, terminal, "", print_class(model, swale_rows_labels(rows)[row], text));
  for (size_t j = 0; swale_model_has_probabilities(model) && j < outputs; j++) {
    putc(',', stream);
    fputs(print_probability(values[j], text), stream);
  }
  for (size_t j = 0; !swale_model_classifies(model) && j < outputs; j++) {
    if (j > 0) putc(',', stream);
    fputs(print_number(values[j], text), stream);
  }
  putc('\n', stream);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void print_json_class(const swale_model *model, const swale_rows *rows, size_t row, FILE *stream) {
  const size_t outputs = swale_model_outputs(model);
  char text[CLI_NUMBER_MAX];
  const cli_pair said = {"prediction", print_class(model, swale_rows_labels(rows)[row], text)};
  cli_json_fields(stream, &said, 1);
  if (!swale_model_has_probabilities(model)) return;
  fputs(", \"probability\": {", stream);
  for (size_t j = 0; j < outputs; j++) {
    if (j > 0) fputs(", ", stream);
    cli_json_text(stream, print_class(model, j, text));
    fprintf(stream, ": %s", print_probability(swale_rows_values(rows)[row * outputs + j], text));
  }
  putc('}', stream);
}

static void print_json(const swale_model *model, const swale_rows *rows, size_t row, FILE *stream) {
  const size_t outputs = swale_model_outputs(model), keeps = swale_rows_keeps(rows);
  char text[CLI_NUMBER_MAX];
  fputs(keeps ? "{\"kept\": {" : "{", stream);
  for (size_t k = 0; k < keeps; k++) {
    const cli_pair kept = {swale_rows_kept_name(rows, k), swale_rows_kept(rows, row, k)};
    if (k > 0) fputs(", ", stream);
    cli_json_fields(stream, &kept, 1);
  }
  fputs(keeps ? "}, " : "", stream);
  if (swale_model_classifies(model)) {
    print_json_class(model, rows, row, stream);
  } else {
    fputs(outputs > 1 ? "\"prediction\": [" : "\"prediction\": ", stream);
    for (size_t j = 0; j < outputs; j++) {
      fprintf(stream, "%s%s", j ? ", " : "", print_number(swale_rows_values(rows)[row * outputs + j], text));
    }
    fputs(outputs > 1 ? "]" : "", stream);
  }
  fputs("}\n", stream);
}

swale_status cli_predict_print(const swale_model *model, swale_rows *rows, int json, FILE *stream) {
  const int terminal = cli_is_terminal(stream);
  size_t count = 0;
  swale_status status = swale_rows_next(rows, &count); /* a first block that is refused leaves no header behind */
  if (status == SWALE_OK && !json) print_header(model, rows, terminal, stream);
  while (status == SWALE_OK && count > 0 && !ferror(stream) && !cli_signals_seen()) {
    for (size_t row = 0; row < count; row++) {
      if (json) {
        print_json(model, rows, row, stream);
      } else {
        print_row(model, rows, row, terminal, stream);
      }
    }
    status = swale_rows_next(rows, &count);
  }
  return status;
}
