/* progress.h - how a run shows itself: a table of evaluations, and on a terminal one live line below it. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <swale/swale.h>

typedef struct cli_progress {
  const swale_run *run;
  int terminal;        /* stderr is one: show the live line */
  int chains;          /* the sampler is chains: show how they mix */
  double limit;        /* option seconds, 0 = none */
  double first;        /* share done at the begin */
  double began, drawn; /* clock: of the run, of the live line */
  double row_at;       /* clock of the last row */
  double row_draws, row_seconds;
  double evaluations; /* shown or skipped so far */
  size_t rows, skipped;
} cli_progress;

void cli_progress_begin(cli_progress *progress, const swale_run *run, double seconds_limit);
/* After each update. */
void cli_progress_update(cli_progress *progress);
void cli_progress_end(cli_progress *progress);

#endif
