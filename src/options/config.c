/* config.c - settings as a file: read all or nothing, write so that it reads back the same.
 *
 * The format, line by line (at most CONFIG_LINE_MAX bytes, LF or CR LF):
 *   name = value      blanks (spaces and tabs) around both are ignored; hyphen and underscore are the same in names
 *   name = "value"    for text that begins or ends with a blank or a quote, or holds ` #`; \" and \\ inside
 *   # comment         also after a value, if a blank comes before the #
 * An option may be set once per file: the second line is more often a forgotten first one than an intention.
 * A NUL byte is refused: it would hide the rest of its line.
 */
#include "options/number.h"
#include "options/options_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG_LINE_MAX = 4096 };

#define CONFIG_NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

typedef struct config_reader {
  FILE *stream;
  const char *path;
  size_t line; /* from 1 */
  char text[CONFIG_LINE_MAX + 1];
  size_t seen[SWL_OPTION_COUNT]; /* the line that set it, 0 = none */
  swale_options draft;           /* becomes the options if every line is good */
} config_reader;

static int config_blank(char c) { return c == ' ' || c == '\t'; }

static swale_status config_fail(config_reader *reader, swale_status status, const char *why) {
  return swl_fail(reader->draft.context, status, "%s:%zu: %s", reader->path, reader->line, why);
}

/* (1) One line without its line ending into reader->text; *more = 0 at the end of the file. */
static swale_status config_line(config_reader *reader, int *more) {
  size_t length = 0;
  int c = 0;
  reader->line++;
  while ((c = getc_unlocked(reader->stream)) != EOF && c != '\n') {
    if (c == '\0') return config_fail(reader, SWALE_ERROR_FORMAT, "the line holds a NUL byte");
    if (length == CONFIG_LINE_MAX) {
      char why[64];
      snprintf(why, sizeof why, "the line is longer than %d bytes", CONFIG_LINE_MAX);
      return config_fail(reader, SWALE_ERROR_FORMAT, why);
    }
    reader->text[length++] = (char)c;
  }
  if (ferror(reader->stream)) {
    return swl_fail(reader->draft.context, SWALE_ERROR_IO, "cannot read '%s': %s", reader->path, strerror(errno));
  }
  if (length > 0 && reader->text[length - 1] == '\r') length--;
  reader->text[length] = '\0';
  *more = c != EOF || length > 0;
  return SWALE_OK;
}

/* (2) A value in quotes, unquoted in place; after the closing quote only blanks and a comment may come. */
static swale_status config_unquote(config_reader *reader, char *value) {
  char *to = value, *from = value + 1;
  for (; *from && *from != '"'; from++) {
    if (*from == '\\') {
      from++;
      if (*from != '"' && *from != '\\') {
        return config_fail(reader, SWALE_ERROR_FORMAT, "in quotes, \\ must be followed by \" or \\");
      }
    }
    *to++ = *from;
  }
  if (!*from) return config_fail(reader, SWALE_ERROR_FORMAT, "the quote that begins the value is not closed");
  for (from++; config_blank(*from); from++) {
  }
  if (*from && *from != '#') return config_fail(reader, SWALE_ERROR_FORMAT, "there is text after the closing quote");
  *to = '\0';
  return SWALE_OK;
}

/* (3) A value without quotes ends before a comment and its blanks. */
static void config_trim(char *value) {
  size_t length = 0;
  for (; value[length]; length++) {
    if (value[length] == '#' && (length == 0 || config_blank(value[length - 1]))) break;
  }
  while (length > 0 && config_blank(value[length - 1])) length--;
  value[length] = '\0';
}

static swale_status config_set(config_reader *reader, const char *name, const char *value) {
  char why[1024];
  const size_t i = swl_option_find(name);
  if (i < SWL_OPTION_COUNT && reader->seen[i]) {
    snprintf(why, sizeof why, "%s was set on line %zu already", swale_option_name(swale_option_at(i)), reader->seen[i]);
    return config_fail(reader, SWALE_ERROR_FORMAT, why);
  }
  const swale_status status = swale_options_set(&reader->draft, name, value);
  if (status != SWALE_OK) {
    snprintf(why, sizeof why, "%s", swale_context_message(reader->draft.context));
    return config_fail(reader, status, why);
  }
  reader->seen[i] = reader->line;
  return SWALE_OK;
}

static swale_status config_parse(config_reader *reader) {
  static const char byte_order_mark[] = "\xef\xbb\xbf"; /* which some editors put before the first line */
  char *name = reader->text;
  if (reader->line == 1 && strncmp(name, byte_order_mark, 3) == 0) name += 3;
  while (config_blank(*name)) name++;
  if (!*name || *name == '#') return SWALE_OK;
  char *end = name + strspn(name, CONFIG_NAME_LETTERS), *equals = end;
  while (config_blank(*equals)) equals++;
  if (end == name || *equals != '=') return config_fail(reader, SWALE_ERROR_FORMAT, "expected `name = value`");
  char *value = equals + 1;
  while (config_blank(*value)) value++;
  *end = '\0';
  if (*value == '"') {
    SWL_TRY(config_unquote(reader, value));
  } else {
    config_trim(value);
  }
  return config_set(reader, name, value);
}

static swale_status config_read_lines(config_reader *reader) {
  int more = 1;
  for (;;) {
    SWL_TRY(config_line(reader, &more));
    if (!more) return SWALE_OK;
    SWL_TRY(config_parse(reader));
  }
}

/* A pipe without a writer would block, and a device has no end. */
static swale_status config_open(swale_context *context, const char *path, FILE **stream) {
  struct stat info;
  FILE *made = NULL;
  const char *why = NULL;
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return swl_fail(context, SWALE_ERROR_IO, "cannot open '%s': %s", path, strerror(errno));
  if (fstat(file, &info)) {
    why = strerror(errno);
  } else if (!S_ISREG(info.st_mode)) {
    why = S_ISDIR(info.st_mode) ? "it is a folder, not a configuration file" : "it is a device or a pipe, not a file";
  } else if (!(made = fdopen(file, "rb"))) {
    why = strerror(errno);
  }
  if (made) {
    *stream = made;
    return SWALE_OK;
  }
  const swale_status status = swl_fail(context, SWALE_ERROR_IO, "cannot read '%s': %s", path, why);
  close(file);
  return status;
}

swale_status swale_options_read(swale_options *options, const char *path) {
  swale_context *context = options->context;
  FILE *stream = NULL;
  SWL_TRY(config_open(context, path, &stream));
  config_reader *reader = swl_allocate(context, 1, sizeof *reader);
  swale_status status = SWALE_ERROR_MEMORY;
  if (reader) {
    reader->stream = stream;
    reader->path = path;
    reader->draft = *options;
    status = config_read_lines(reader);
    if (status == SWALE_OK) *options = reader->draft;
  }
  swl_release(context, reader);
  fclose(stream);
  return status;
}

/* Text as the reader takes it: in quotes only where it must be. */
static void config_put_value(FILE *stream, const char *value) {
  const size_t length = strlen(value);
  int quote = length == 0 || value[0] == '"' || value[0] == '#' || config_blank(value[0]) ||
              config_blank(value[length - 1]);
  for (size_t i = 1; i < length && !quote; i++) quote = value[i] == '#' && config_blank(value[i - 1]);
  if (!quote) {
    fputs(value, stream);
    return;
  }
  fputc('"', stream);
  for (; *value; value++) {
    if (*value == '"' || *value == '\\') fputc('\\', stream);
    fputc(*value, stream);
  }
  fputc('"', stream);
}

static void config_put_row(const swale_options *options, const swale_option_info *info, FILE *stream) {
  char value[SWL_TEXT_MAX], actual[SWL_TEXT_MAX];
  size_t length = 0;
  const char *about = NULL;
  const char *condition = swl_option_failing(&options->settings, info, &length, &about, actual);
  swl_value_text(info, (const char *)&options->settings + info->offset, value);
  fprintf(stream, "%s%s = ", condition ? "# " : "", swale_option_name(info));
  config_put_value(stream, value);
  if (condition) fprintf(stream, "  (applies to %s)", info->applies);
  fputc('\n', stream);
}

swale_status swl_options_write(swale_context *context, const swale_options *options, FILE *stream) {
  unsigned char written[SWL_OPTION_COUNT] = {0};
  errno = 0;
  fprintf(stream, "# What was asked for, and defaults; what does not apply is commented out.\n");
  for (size_t i = 0; i < SWL_OPTION_COUNT; i++) {
    if (written[i]) continue;
    const char *group = swale_option_group(swale_option_at(i)); /* groups in the order of their first row */
    fprintf(stream, "\n# %s\n", group);
    for (size_t j = i; j < SWL_OPTION_COUNT; j++) {
      const swale_option_info *info = swale_option_at(j);
      if (strcmp(swale_option_group(info), group) != 0) continue;
      config_put_row(options, info, stream);
      written[j] = 1;
    }
  }
  if (ferror(stream)) {
    return swl_fail(context, SWALE_ERROR_IO, "cannot write the configuration: %s", strerror(errno));
  }
  return SWALE_OK;
}
