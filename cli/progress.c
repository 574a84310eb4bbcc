/* progress.c - see progress.h. */
#include "progress.h"

#include "messages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PROGRESS_ROWS_FREE = 40 }; /* rows that are shown however fast they come */
enum { PROGRESS_MIXING = 2 * CLI_NUMBER_MAX + 4, PROGRESS_NAME = 32 };
static const double progress_live_seconds = 0.1; /* between two drawings of the live line */
static const double progress_row_seconds = 1.0;  /* between two rows after the free ones */

static double progress_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Accuracy as a percentage, R² as it is. */
static const char *progress_accuracy(const swale_run *run, char text[CLI_NUMBER_MAX]) {
  const double accuracy = swale_run_number(run, SWALE_NUMBER_VALIDATION_ACCURACY);
  return swale_run_classifies(run) ? cli_number("%.2f %%", 100.0 * accuracy, text) : cli_number("%.4f", accuracy, text);
}

/* The columns of chains: acceptance, and the autocorrelation time in steps; "" for other samplers. */
static const char *progress_mixing(const cli_progress *progress, char text[PROGRESS_MIXING]) {
  char acceptance[CLI_NUMBER_MAX], time[CLI_NUMBER_MAX];
  text[0] = '\0';
  if (!progress->chains) return text;
  snprintf(text, PROGRESS_MIXING, " %6s %6s",
           cli_number("%.2f", swale_run_number(progress->run, SWALE_NUMBER_ACCEPTANCE), acceptance),
           cli_number("%.3g", swale_run_number(progress->run, SWALE_NUMBER_MIXING_TIME), time));
  return text;
}

static void progress_row(cli_progress *progress, double now) {
  const swale_run *run = progress->run;
  char loss[CLI_NUMBER_MAX], value[CLI_NUMBER_MAX], accuracy[CLI_NUMBER_MAX], ess[CLI_NUMBER_MAX],
      speed[CLI_NUMBER_MAX], mixing[PROGRESS_MIXING];
  const int narrow = progress->chains ? 1 : 0;
  const double draws = swale_run_number(run, SWALE_NUMBER_DRAWS);
  const double seconds = swale_run_number(run, SWALE_NUMBER_SECONDS);
  const double rate = draws > 0.0 ? (draws - progress->row_draws) / (seconds - progress->row_seconds) : NAN;
  cli_say("%*.2f %8.0f %9s %9s %8s %6s%s %*s %*.1f", 7 - narrow, swale_run_number(run, SWALE_NUMBER_EPOCHS),
          swale_run_number(run, SWALE_NUMBER_UPDATES),
          cli_number("%.4g", swale_run_number(run, SWALE_NUMBER_RECENT_LOSS), loss),
          cli_number("%.4g", swale_run_number(run, SWALE_NUMBER_RECENT_VALUE), value), progress_accuracy(run, accuracy),
          cli_number("%.2f", swale_run_number(run, SWALE_NUMBER_ESS_FRACTION), ess), progress_mixing(progress, mixing),
          8 - 2 * narrow, isnan(rate) ? "-" : cli_short(rate, speed), 8 - narrow, seconds);
  progress->row_at = now;
  progress->row_draws = draws;
  progress->row_seconds = seconds;
  progress->rows++;
}

/* The larger of the two shares done: of the updates, of the time allowed. */
static double progress_done(const cli_progress *progress) {
  const double updates = swale_run_number(progress->run, SWALE_NUMBER_UPDATES);
  double done = updates / swale_run_number(progress->run, SWALE_NUMBER_UPDATES_PLANNED);
  if (progress->limit > 0.0) {
    const double by_time = swale_run_number(progress->run, SWALE_NUMBER_SECONDS) / progress->limit;
    if (by_time > done) done = by_time;
  }
  return done;
}

/* Seconds left, by what was done since the begin; NaN before the first update. */
static double progress_left(const cli_progress *progress, double now) {
  const double done = progress_done(progress), since = done - progress->first;
  if (!(since > 0.0)) return NAN;
  return done < 1.0 ? (now - progress->began) * (1.0 - done) / since : 0.0;
}

static void progress_draw(cli_progress *progress, double now) {
  const swale_run *run = progress->run;
  char line[256], done[CLI_NUMBER_MAX], planned[CLI_NUMBER_MAX], loss[CLI_NUMBER_MAX], accuracy[CLI_NUMBER_MAX],
      left[CLI_NUMBER_MAX], speed[CLI_NUMBER_MAX], ess[CLI_NUMBER_MAX];
  const double updates = swale_run_number(run, SWALE_NUMBER_UPDATES);
  const double total = swale_run_number(run, SWALE_NUMBER_UPDATES_PLANNED);
  const double draws = swale_run_number(run, SWALE_NUMBER_DRAWS);
  const double ess_fraction = swale_run_number(run, SWALE_NUMBER_ESS_FRACTION);
  int used = snprintf(line, sizeof line, "%s/%s  %.0f %%  left %s  loss %s  %s %s", cli_count(updates, done),
                      cli_count(total, planned), floor(100.0 * updates / total),
                      cli_duration(progress_left(progress, now), left),
                      cli_number("%.4g", swale_run_number(run, SWALE_NUMBER_RECENT_LOSS), loss),
                      swale_run_classifies(run) ? "val" : "val R2", progress_accuracy(run, accuracy));
  if (!isnan(ess_fraction)) {
    used += snprintf(line + used, sizeof line - (size_t)used, "  ESS/N %s", cli_number("%.2f", ess_fraction, ess));
  }
  if (draws > 0.0) {
    const double seconds = swale_run_number(run, SWALE_NUMBER_SECONDS);
    (void)snprintf(line + used, sizeof line - (size_t)used, "  %s draws/s", cli_short(draws / seconds, speed));
  }
  cli_live(line);
  progress->drawn = now;
}

void cli_progress_begin(cli_progress *progress, const swale_run *run, double seconds_limit) {
  *progress = (cli_progress){.run = run, .limit = seconds_limit, .terminal = cli_is_terminal(stderr)};
  progress->began = progress->row_at = progress_clock();
  progress->first = progress_done(progress); /* of a run that goes on */
  progress->evaluations = swale_run_number(run, SWALE_NUMBER_EVALUATIONS);
  progress->row_draws = swale_run_number(run, SWALE_NUMBER_DRAWS);
  progress->row_seconds = swale_run_number(run, SWALE_NUMBER_SECONDS);
  char sampler[PROGRESS_NAME];
  const int known = swale_run_setting(run, "sampler", sampler, sizeof sampler) == SWALE_OK;
  const int narrow = known && strcmp(sampler, "importance") != 0 ? 1 : 0;
  progress->chains = narrow;
  fprintf(stderr, "%s%*s %8s %9s %9s %8s %6s%s %*s %*s%s\n", cli_bold(stderr), 7 - narrow, "epoch", "updates", "loss",
          "value", swale_run_classifies(run) ? "val acc" : "val R2", "ESS/N", narrow ? " accept mixing" : "",
          8 - 2 * narrow, narrow ? "draw/s" : "draws/s", 8 - narrow, "seconds", cli_plain(stderr));
  if (progress->terminal) progress_draw(progress, progress->began); /* the first update may take long */
}

void cli_progress_update(cli_progress *progress) {
  const double now = progress_clock();
  const double evaluations = swale_run_number(progress->run, SWALE_NUMBER_EVALUATIONS);
  if (evaluations > progress->evaluations) {
    progress->evaluations = evaluations;
    if (progress->rows < PROGRESS_ROWS_FREE || now - progress->row_at >= progress_row_seconds) {
      progress_row(progress, now);
    } else {
      progress->skipped++;
    }
  }
  if (progress->terminal && now - progress->drawn >= progress_live_seconds) progress_draw(progress, now);
}

void cli_progress_end(cli_progress *progress) {
  cli_live_end();
  if (progress->skipped == 0) return;
  const char *folder = swale_run_folder(progress->run);
  cli_say("(%zu evaluations came too fast to show%s%s%s)", progress->skipped, *folder ? "; all are in " : "", folder,
          *folder ? "/log.jsonl" : "");
}
