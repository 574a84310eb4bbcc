/* text.h - how are words and numbers laid out? */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>
#include <stdio.h>

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
/* A measurement in five digits: 0.01234, 130,430; NaN -> "-". */
const char *cli_measure(double number, char text[CLI_NUMBER_MAX]);
/* 12345 -> "12.3 k"; NaN -> "-". */
const char *cli_short(double number, char text[CLI_NUMBER_MAX]);
/* printf of one double, or "-" for NaN. `format` has one conversion. */
const char *cli_number(const char *format, double number, char text[CLI_NUMBER_MAX]);
/* 83 -> "1:23", 4000 -> "1:06:40". */
const char *cli_duration(double seconds, char text[CLI_NUMBER_MAX]);

#endif
