/* messages.h - how the program speaks: messages for people on stderr, data on stdout, both as wide as their reader. */
#ifndef CLI_MESSAGES_H
#define CLI_MESSAGES_H

#include <swale/swale.h>

#include <stdio.h>

/* Exit statuses. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };
int cli_exit_status(swale_status status);

#if defined __GNUC__
#define CLI_FORMAT(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_FORMAT(text, first)
#endif

/* Text of foreign files as it may reach a terminal: control characters (C0, DEL, C1), and bytes that are no UTF-8, which some
 * terminals take for such, become \x.. . All that the functions of this header print goes through it; what is printed otherwise
 * and may come from a file must. clean: size bytes, cut before what does not fit. Returns clean. */
const char *cli_clean(const char *text, char *clean, size_t size);
/* As long as it is. */
void cli_put(FILE *stream, const char *text);

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

/* Columns that UTF-8 text takes: one per code point. */
size_t cli_columns(const char *text);
/* The text, then blanks up to `columns`. */
void cli_pad(FILE *stream, const char *text, size_t columns);
/* Words broken into lines: the first begins at column `column`, where the cursor is, others at column `indent`. No
 * newline after the last. */
void cli_wrap(FILE *stream, const char *words, size_t column, size_t indent, size_t width);

/* The text as one word of a shell: itself, or in quotes written to `quoted` (`bytes` >= 16; cut if it is too long). */
const char *cli_quoted(const char *text, char *quoted, size_t bytes);

/* A text as JSON, in quotes. */
void cli_json_text(FILE *stream, const char *text);
/* Texts as JSON: "left": "right", … without braces. */
struct cli_pair;
void cli_json_fields(FILE *stream, const struct cli_pair *fields, size_t count);

enum { CLI_NUMBER_MAX = 48 };
/* 25450 -> "25,450". */
const char *cli_count(double number, char text[CLI_NUMBER_MAX]);
/* 12345 -> "12.3 k"; NaN -> "-". */
const char *cli_short(double number, char text[CLI_NUMBER_MAX]);
/* printf of one double, or "-" for NaN. `format` has one conversion. */
const char *cli_number(const char *format, double number, char text[CLI_NUMBER_MAX]);
/* 83 -> "1:23", 4000 -> "1:06:40". */
const char *cli_duration(double seconds, char text[CLI_NUMBER_MAX]);

#endif
