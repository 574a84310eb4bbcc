/* bench.h - what the benchmark programs share: the command line, the clock, the rows.
 *
 *   bench_PROGRAM [--json] [--quick]
 *
 * One Markdown row per figure, or one JSON object per line with --json, each as soon as it is measured. A figure is the
 * median of bench_runs values, with the spread (max - min) / median; --quick takes one value of each, which has no spread.
 * Where two figures are compared, their runs alternate, so that the ratio does not depend on the moment.
 */
#ifndef SWL_BENCH_BENCH_H
#define SWL_BENCH_BENCH_H

#include <swale/swale.h>

enum { BENCH_RUNS_MOST = 9 };

extern int bench_runs; /* values of a figure, 1 .. BENCH_RUNS_MOST; set by bench_begin */

/* Reads the command line and prints the head of the table; runs = values of a figure unless --quick. Ends the program
 * with status 2 if a word is unknown. */
void bench_begin(int count, char **words, int runs);

/* Whether a row of that name is asked for: --only=TEXT asks for those that hold TEXT. Only they are printed. */
int bench_wants(const char *what);

/* Seconds since some moment. */
double bench_clock(void);

/* The row of values[0..bench_runs), which it sorts. */
void bench_row(const char *what, double *values, const char *unit);

/* Sets options from words "name=value name=value …". */
void bench_set(swale_context *context, swale_options *options, const char *words);

/* Ends the program with the context's message if status is not SWALE_OK. */
void bench_check(swale_context *context, swale_status status);

#endif
