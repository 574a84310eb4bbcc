/* messages.h - how the program speaks: messages for people on stderr, data on stdout, both as wide as their reader. */
#ifndef CLI_MESSAGES_H
#define CLI_MESSAGES_H

#include <swale/swale.h>

#include "escape.h"
#include "text.h"

#include <stdio.h>

/* Exit statuses. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };
int cli_exit_status(swale_status status);

#if defined __GNUC__
#define CLI_FORMAT(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_FORMAT(text, first)
#endif

/* "swale: …" and "  …" (a hint) as one line each on stderr; a live line is taken away before. */
void cli_error(const char *format, ...) CLI_FORMAT(1, 2);
void cli_hint(const char *format, ...) CLI_FORMAT(1, 2);
/* A line for people on stderr, as it is. */
void cli_say(const char *format, ...) CLI_FORMAT(1, 2);

/* What the library wants a person to read (a swale_log_fn; user is not used). */
void cli_note(void *user, const char *line);

/* The program as it was called, for lines that can be pasted; NULL or "" leaves "swale". The name is not copied. */
void cli_program_set(const char *name);
const char *cli_program(void);

/* A line on stderr that the next one replaces. Its fields are separated by two blanks; from the right, those that do
 * not fit the terminal are left out. */
void cli_live(const char *text);
/* Take the live line away. */
void cli_live_end(void);

/* Flush stdout; a full disk is said and makes the status CLI_FAILED, a closed pipe does so in silence. */
int cli_close_output(int status);

/* Columns of the terminal behind the stream, 80 if there is none. */
size_t cli_width(FILE *stream);
int cli_is_terminal(FILE *stream);
/* `on` and the empty string, or two empty strings where bold is not wanted (no terminal, NO_COLOR, TERM=dumb). */
const char *cli_bold(FILE *stream);
const char *cli_plain(FILE *stream);

#endif
