/* escape.h - which bytes of a text may reach a terminal? */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* Text of foreign files as it may reach a terminal: control characters (C0, DEL, C1), and bytes that are no UTF-8, which some
 * terminals take for such, become \x.. . All that the functions of messages.h and text.h print goes through it; what is printed otherwise
 * and may come from a file must. clean: size bytes, cut before what does not fit. Returns clean. */
const char *cli_clean(const char *text, char *clean, size_t size);
/* The first code point, or byte, of a text that has one; returns how many bytes of the text that takes. */
size_t cli_put_point(FILE *stream, const char *text);
/* All of it. */
void cli_put(FILE *stream, const char *text);

#endif
