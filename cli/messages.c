/* messages.c - what reaches the person: messages, the live line, the end of standard output. */
#include "messages.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { OUTPUT_WIDTH = 80, OUTPUT_WIDTH_MIN = 20, OUTPUT_LIVE_MAX = 512, OUTPUT_LINE_MAX = 16384 };

static size_t output_live_columns; /* of the live line on the screen, 0 = none */
static const char *output_program = "swale";

int cli_exit_status(swale_status status) {
  switch (status) {
  case SWALE_OK: return CLI_DONE;
  case SWALE_ERROR_USAGE:
  case SWALE_ERROR_UNSUPPORTED: return CLI_USAGE;
  default: return CLI_FAILED;
  }
}

static void output_line(const char *before, const char *format, va_list arguments) {
  char line[OUTPUT_LINE_MAX];
  cli_live_end();
  vsnprintf(line, sizeof line, format, arguments); // NOLINT(clang-analyzer-valist.Uninitialized): the callers start it
  fputs(before, stderr);
  cli_put(stderr, line);
  fputc('\n', stderr);
  fflush(stderr);
}

void cli_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  output_line("swale: ", format, arguments);
  va_end(arguments);
}

void cli_hint(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  output_line("       ", format, arguments);
  va_end(arguments);
}

void cli_say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  output_line("", format, arguments);
  va_end(arguments);
}

void cli_note(void *user, const char *line) {
  (void)user;
  cli_say("swale: note: %s", line);
}

int cli_is_terminal(FILE *stream) { return isatty(fileno(stream)); }

void cli_program_set(const char *name) {
  if (name && *name) output_program = name;
}

const char *cli_program(void) { return output_program; }

/* However narrow it is. */
static size_t output_width(FILE *stream) {
  struct winsize size;
  const int known = cli_is_terminal(stream) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : OUTPUT_WIDTH;
}

size_t cli_width(FILE *stream) {
  const size_t width = output_width(stream);
  return width < OUTPUT_WIDTH_MIN ? OUTPUT_WIDTH_MIN : width;
}

static int output_is_bold(FILE *stream) {
  const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");
  return cli_is_terminal(stream) && !(none && *none) && terminal && strcmp(terminal, "dumb") != 0;
}

const char *cli_bold(FILE *stream) { return output_is_bold(stream) ? "\033[1m" : ""; }
const char *cli_plain(FILE *stream) { return output_is_bold(stream) ? "\033[0m" : ""; }

/* Bytes of the most whole fields, from the left, that take at most `columns`. */
static size_t output_fields(const char *text, size_t columns) {
  size_t bytes = 0, taken = 0, whole = 0;
  for (;; bytes++) {
    if (!text[bytes] || strncmp(text + bytes, "  ", 2) == 0) whole = bytes; /* a field ends here */
    const int begins = ((unsigned char)text[bytes] & 0xc0) != 0x80;         /* not inside a code point */
    if (!text[bytes] || (begins && taken++ == columns)) return whole;
  }
}

void cli_live(const char *text) {
  char line[OUTPUT_LIVE_MAX], clean[OUTPUT_LIVE_MAX];
  text = cli_clean(text, clean, sizeof clean);
  const size_t columns = output_width(stderr) - 1; /* a full last column makes some terminals wrap */
  const size_t bytes = output_fields(text, columns < sizeof line / 4 - 1 ? columns : sizeof line / 4 - 1);
  memcpy(line, text, bytes);
  line[bytes] = '\0';
  const size_t now = cli_columns(line);
  /* Blanks, not an escape code, over what is left of the longer line before; never past the terminal's edge. */
  size_t blanks = output_live_columns > now ? output_live_columns - now : 0;
  if (now + blanks > columns) blanks = columns > now ? columns - now : 0;
  fprintf(stderr, "\r%s%*s", line, (int)blanks, "");
  fflush(stderr);
  output_live_columns = now;
}

void cli_live_end(void) {
  if (output_live_columns == 0) return;
  const size_t columns = output_width(stderr) - 1;
  fprintf(stderr, "\r%*s\r", (int)(output_live_columns < columns ? output_live_columns : columns), "");
  fflush(stderr);
  output_live_columns = 0;
}

/* Has the reader of standard output gone? It knows what it wanted to read: nothing to complain about. */
static int output_unread(int error) {
  struct pollfd pipe = {.fd = STDOUT_FILENO, .events = POLLOUT};
  if (error) return error == EPIPE;
  return poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR); /* an earlier write failed, its errno is forgotten */
}

int cli_close_output(int status) {
  errno = 0;
  const int failed = ferror(stdout);
  if (fflush(stdout) == 0 && !failed) return status;
  const int error = errno;
  if (!output_unread(error)) {
    cli_error("cannot write to standard output%s%s", error ? ": " : "", error ? strerror(error) : "");
  }
  return status == CLI_DONE ? CLI_FAILED : status;
}
