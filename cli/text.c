/* text.c - see text.h. */
#include "text.h"

#include "command.h"
#include "escape.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_CLEAN_MAX = 16384 };

#define TEXT_SHELL_PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%"

size_t cli_columns(const char *text) {
  size_t columns = 0;
  for (; *text; text++) columns += ((unsigned char)*text & 0xc0) != 0x80;
  return columns;
}

void cli_pad(FILE *stream, const char *text, size_t columns) {
  char clean[TEXT_CLEAN_MAX];
  const size_t taken = cli_columns(cli_clean(text, clean, sizeof clean));
  fprintf(stream, "%s%*s", clean, (int)(taken < columns ? columns - taken : 0), "");
}

void cli_wrap(FILE *stream, const char *words, size_t column, size_t indent, size_t width) {
  char clean[TEXT_CLEAN_MAX];
  const char *text = cli_clean(words, clean, sizeof clean);
  int first = 1;
  while (*text) {
    text += strspn(text, " ");
    const size_t bytes = strcspn(text, " ");
    size_t columns = 0;
    for (size_t i = 0; i < bytes; i++) columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    if (!first && column + 1 + columns > width) {
      fprintf(stream, "\n%*s", (int)indent, "");
      column = indent;
    } else if (!first) {
      fputc(' ', stream);
      column++;
    }
    fwrite(text, 1, bytes, stream);
    column += columns;
    text += bytes;
    first = 0;
  }
}

const char *cli_quoted(const char *text, char *quoted, size_t bytes) {
  size_t used = 0;
  if (*text && !text[strspn(text, TEXT_SHELL_PLAIN)]) return text;
  quoted[used++] = '\'';
  for (; *text && used + sizeof "'\\''" < bytes; text++) { /* room for the longest piece and the last quote */
    used += (size_t)snprintf(quoted + used, bytes - used, *text == '\'' ? "'\\'%c" : "%c", *text);
  }
  quoted[used++] = '\'';
  quoted[used] = '\0';
  return quoted;
}

/* Text in quotes as JSON wants it. */
void cli_json_text(FILE *stream, const char *text) {
  fputc('"', stream);
  for (; *text; text++) {
    const unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\') {
      fprintf(stream, "\\%c", byte);
    } else if (byte < 0x20 || byte == 0x7f) {
      fprintf(stream, "\\u%04x", byte);
    } else if (byte == 0xc2 && (unsigned char)text[1] < 0xa0 && text[1]) { /* C1 */
      fprintf(stream, "\\u%04x", (unsigned char)*++text);
    } else {
      fputc(byte, stream);
    }
  }
  fputc('"', stream);
}

void cli_json_fields(FILE *stream, const cli_pair *fields, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i > 0) fputs(", ", stream);
    cli_json_text(stream, fields[i].left);
    fputs(": ", stream);
    cli_json_text(stream, fields[i].right);
  }
}

const char *cli_count(double number, char text[CLI_NUMBER_MAX]) {
  char digits[CLI_NUMBER_MAX];
  if (!(fabs(number) < 1e15)) return cli_number("%g", number, text);
  snprintf(digits, sizeof digits, "%.0f", number);
  const size_t length = strlen(digits);
  size_t used = 0;
  for (size_t i = 0; i < length && used + 2 < CLI_NUMBER_MAX; i++) {
    if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') text[used++] = ',';
    text[used++] = digits[i];
  }
  text[used] = '\0';
  return text;
}

const char *cli_measure(double number, char text[CLI_NUMBER_MAX]) {
  const double whole = 9999.5; /* from here on five digits hold no decimal */
  return fabs(number) >= whole && isfinite(number) ? cli_count(number, text) : cli_number("%.5g", number, text);
}

const char *cli_short(double number, char text[CLI_NUMBER_MAX]) {
  static const char *const units[] = {"", " k", " M", " G", " T"};
  size_t unit = 0;
  if (!isfinite(number)) return cli_number("%g", number, text);
  while (fabs(number) >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
    number /= 1000.0;
    unit++;
  }
  snprintf(text, CLI_NUMBER_MAX, "%.*f%s", fabs(number) < 99.95 && (unit > 0 || fabs(number) < 9.95) ? 1 : 0, number,
           units[unit]);
  return text;
}

const char *cli_number(const char *format, double number, char text[CLI_NUMBER_MAX]) {
  if (isnan(number)) return strcpy(text, "-");
#if defined __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif
  snprintf(text, CLI_NUMBER_MAX, format, number);
#if defined __GNUC__
#pragma GCC diagnostic pop
#endif
  return text;
}

const char *cli_duration(double seconds, char text[CLI_NUMBER_MAX]) {
  if (!(seconds >= 0.0 && seconds < 1e9)) return strcpy(text, "-");
  const unsigned long whole = (unsigned long)(seconds + 0.5);
  if (whole >= 3600) {
    snprintf(text, CLI_NUMBER_MAX, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    snprintf(text, CLI_NUMBER_MAX, "%lu:%02lu", whole / 60, whole % 60);
  }
  return text;
}
