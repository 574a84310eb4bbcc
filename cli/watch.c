/* watch.c - swale watch: one screen about a run, drawn again while the run goes on. */
#include "arguments.h"
#include "messages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCH_ROWS = 8, WATCH_SPARK_MAX = 40, WATCH_LABEL = 22, WATCH_VALUE = 12 };
static const struct timespec watch_pause = {.tv_sec = 1}; /* between two drawings */

typedef struct watch_job {
  const char *folder;
  swale_records *records;
  size_t evaluations;
  size_t *evaluation; /* indices of the evaluations among the records */
  size_t restored, violated;
  size_t final; /* index of the final record; count where there is none */
} watch_job;

/* Sort the records by what they are. 0 if there is no memory. */
static int watch_sort(watch_job *job) {
  const size_t count = swale_records_count(job->records);
  job->evaluations = job->restored = job->violated = 0;
  job->final = count;
  job->evaluation = malloc((count + 1) * sizeof *job->evaluation);
  if (!job->evaluation) return 0;
  for (size_t i = 0; i < count; i++) {
    const swale_event event = swale_records_event(job->records, i);
    if (event == SWALE_EVENT_EVALUATION) job->evaluation[job->evaluations++] = i;
    if (event == SWALE_EVENT_RESTORED) job->restored++;
    const char *verdict = swale_records_text(job->records, i, "verdict");
    if (verdict && strcmp(verdict, "violated") == 0) job->violated++;
    if (event == SWALE_EVENT_FINAL) job->final = i;
  }
  return 1;
}

static double watch_at(const watch_job *job, size_t evaluation, const char *name) {
  return swale_records_number(job->records, job->evaluation[evaluation], name);
}

static double watch_last(const watch_job *job, const char *name) {
  return job->evaluations ? watch_at(job, job->evaluations - 1, name) : NAN;
}

static const char *watch_state(const watch_job *job) {
  if (job->final < swale_records_count(job->records)) {
    const char *stop = swale_records_text(job->records, job->final, "stop");
    return stop ? stop : "ended";
  }
  return swale_records_growing(job->records) ? "running" : "not running; it did not end in order";
}

/* "update 1,080 of 2,160 (50 %)   epoch 10.00   0.8 s of training   0:01 left" */
static void watch_progress(const watch_job *job) {
  char update[CLI_NUMBER_MAX], planned[CLI_NUMBER_MAX], left[CLI_NUMBER_MAX];
  const double done = watch_last(job, "update"), all = watch_last(job, "planned"), spent = watch_last(job, "seconds");
  const int running = job->final == swale_records_count(job->records);
  printf("update %s", cli_count(done, update));
  if (all > 0) printf(" of %s (%.0f %%)", cli_count(all, planned), 100 * done / all);
  printf("   epoch %.2f   %.1f s of training", watch_last(job, "epoch"), spent);
  if (running && all > done && done > 0) printf("   %s left", cli_duration(spent * (all - done) / done, left));
  if (job->restored) printf("   restored %zu times", job->restored);
  if (job->violated) printf("   %zu decreases violated", job->violated);
  putchar('\n');
}

/* The values as at most `columns` bars of eight heights; where there are more values, each bar is a mean. */
static void watch_spark(const watch_job *job, const char *name, size_t columns) {
  static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double height[WATCH_SPARK_MAX], least = INFINITY, most = -INFINITY;
  const size_t count = job->evaluations < columns ? job->evaluations : columns;
  for (size_t bar = 0; bar < count; bar++) {
    const size_t from = bar * job->evaluations / count, end = (bar + 1) * job->evaluations / count;
    double sum = 0;
    for (size_t i = from; i < end; i++) sum += watch_at(job, i, name);
    height[bar] = sum / (double)(end - from);
    if (isfinite(height[bar])) least = fmin(least, height[bar]);
    if (isfinite(height[bar])) most = fmax(most, height[bar]);
  }
  for (size_t bar = 0; most > least && bar < count; bar++) { /* what does not change has no bars */
    const double share = (height[bar] - least) / (most - least);
    fputs(isfinite(share) ? bars[(int)(7.999 * share)] : " ", stdout);
  }
}

typedef struct watch_line {
  const char *label, *name, *format;
  double scale;
} watch_line;

static void watch_number(const watch_job *job, const watch_line *line, size_t columns) {
  char text[CLI_NUMBER_MAX];
  int any = 0;
  for (size_t i = 0; i < job->evaluations; i++) any |= isfinite(watch_at(job, i, line->name));
  if (!any) return;
  cli_pad(stdout, line->label, WATCH_LABEL);
  cli_pad(stdout, cli_number(line->format, line->scale * watch_last(job, line->name), text), WATCH_VALUE);
  watch_spark(job, line->name, columns);
  putchar('\n');
}

static void watch_numbers(const watch_job *job) {
  static const watch_line lines[] = {{"validation accuracy", "validation_accuracy", "%.2f %%", 100},
                                     {"validation R²", "validation_r2", "%.4f", 1},
                                     {"validation loss", "validation_loss", "%.4g", 1},
                                     {"training loss", "train_loss", "%.4g", 1},
                                     {"objective F / β", "train_value", "%.4g", 1},
                                     {"ESS", "ess", "%.4g", 1},
                                     {"acceptance", "acceptance", "%.2f", 1},
                                     {"mixing time", "mixing_time", "%.3g", 1},
                                     {"β", "beta", "%.4g", 1},
                                     {"τ", "tau", "%.4g", 1},
                                     {"rate", "rate", "%.4g", 1},
                                     {"length of a step", "step", "%.4g", 1},
                                     {"losses not finite", "rejected", "%.0f", 1}};
  const size_t width = cli_width(stdout), used = WATCH_LABEL + WATCH_VALUE + 1;
  const size_t room = width > used + 8 ? width - used : 8;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    watch_number(job, &lines[i], room < WATCH_SPARK_MAX ? room : WATCH_SPARK_MAX);
  }
}

/* The last evaluations, newest last. */
static void watch_rows(const watch_job *job) {
  const size_t first = job->evaluations > WATCH_ROWS ? job->evaluations - WATCH_ROWS : 0;
  const int classifies = isfinite(watch_last(job, "validation_accuracy"));
  printf("\n%10s %10s %12s %12s %10s\n", "update", "seconds", "train loss", "valid loss",
         classifies ? "accuracy" : "R2");
  for (size_t i = first; i < job->evaluations; i++) {
    char update[CLI_NUMBER_MAX], loss[CLI_NUMBER_MAX], held[CLI_NUMBER_MAX], score[CLI_NUMBER_MAX];
    const double accuracy = watch_at(job, i, "validation_accuracy");
    printf("%10s %10.1f %12s %12s %10s\n", cli_count(watch_at(job, i, "update"), update), watch_at(job, i, "seconds"),
           cli_number("%.4g", watch_at(job, i, "train_loss"), loss),
           cli_number("%.4g", watch_at(job, i, "validation_loss"), held),
           classifies ? cli_number("%.2f %%", 100 * accuracy, score)
                      : cli_number("%.4f", watch_at(job, i, "validation_r2"), score));
  }
}

static void watch_end(const watch_job *job) {
  char text[CLI_NUMBER_MAX], loss[CLI_NUMBER_MAX];
  const double accuracy = swale_records_number(job->records, job->final, "test_accuracy");
  const double r2 = swale_records_number(job->records, job->final, "test_r2");
  if (job->final == swale_records_count(job->records)) return;
  printf("\nTest %s %s  (loss %s)\n", isnan(accuracy) ? "R2" : "accuracy",
         isnan(accuracy) ? cli_number("%.4f", r2, text) : cli_number("%.2f %%", 100 * accuracy, text),
         cli_number("%.4g", swale_records_number(job->records, job->final, "test_loss"), loss));
}

static void watch_draw(const watch_job *job) {
  fputs(cli_bold(stdout), stdout);
  cli_put(stdout, job->folder);
  printf("%s: ", cli_plain(stdout));
  cli_put(stdout, watch_state(job));
  fputc('\n', stdout);
  if (job->evaluations == 0) {
    puts("no evaluation yet");
  } else {
    watch_progress(job);
    putchar('\n');
    watch_numbers(job);
    watch_rows(job);
  }
  watch_end(job);
  fflush(stdout);
}

/* One reading and drawing. *over becomes 1 if nothing more will come. */
static swale_status watch_once(swale_context *context, const char *folder, int again, int *over) {
  watch_job job = {.folder = folder};
  const swale_status status = swale_records_open(context, folder, &job.records);
  if (status != SWALE_OK) return status;
  const int sorted = watch_sort(&job);
  if (sorted) {
    if (again) fputs("\033[H\033[J", stdout); /* to the top, and clear what is below */
    watch_draw(&job);
    *over = job.final < swale_records_count(job.records) || !swale_records_growing(job.records);
  }
  free(job.evaluation);
  swale_records_close(job.records);
  return sorted ? SWALE_OK : SWALE_ERROR_MEMORY;
}

int cli_watch(const cli_arguments *arguments) {
  const cli_command *command = arguments->command;
  const char *folder = arguments->positional[0];
  swale_context *context = NULL;
  if (!folder) {
    cli_error("which run? usage: swale watch %s", command->usage);
    cli_hint_help(command);
    return CLI_USAGE;
  }
  const int follow = cli_is_terminal(stdout) && !cli_arguments_flag(arguments, "--once");
  int over = !follow;
  swale_status status = swale_context_create(NULL, &context);
  if (follow) fputs("\033[2J", stdout);
  do {
    int ended = 0;
    if (status == SWALE_OK) status = watch_once(context, folder, follow, &ended);
    over |= ended || status != SWALE_OK;
    if (!over) nanosleep(&watch_pause, NULL);
  } while (!over);
  const int result = status == SWALE_OK ? CLI_DONE : cli_fail(context, status, command);
  if (context) swale_context_destroy(context);
  return result;
}
