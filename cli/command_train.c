/* command_train.c - swale train: from options to a run folder, with progress on the way. */
#include "arguments.h"
#include "progress.h"
#include "signals.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { TRAIN_TEXT_MAX = 1100, TRAIN_WORD_MAX = 4096, TRAIN_BETA_MAX = 96, TRAIN_COLUMN = 10 };

typedef struct train_job {
  const cli_command *command;
  const cli_arguments *arguments;
  swale_context *context;
  swale_options *options;
  swale_run *run;
  const char *resumed; /* the run that goes on; NULL = a new one */
} train_job;

/* The value of an option as text; "" cannot happen for names that exist. */
static const char *train_text(const train_job *job, const char *name, char text[TRAIN_TEXT_MAX]) {
  if (swale_options_get(job->options, name, text, TRAIN_TEXT_MAX) != SWALE_OK) text[0] = '\0';
  return text;
}

static int train_is(const train_job *job, const char *name, const char *value) {
  char text[TRAIN_TEXT_MAX];
  return strcmp(train_text(job, name, text), value) == 0;
}

/* defaults < file < command line */
static swale_status train_options(train_job *job) {
  const char *file = job->arguments->positional[0];
  swale_status status = swale_options_create(job->context, &job->options);
  if (status == SWALE_OK && file) status = swale_options_read(job->options, file);
  return status == SWALE_OK ? cli_arguments_apply(job->arguments, job->options) : status;
}

/* "  name    text", wrapped at the terminal's width. */
static void train_say_part(const char *name, const char *text) {
  fputs("  ", stderr);
  cli_pad(stderr, name, TRAIN_COLUMN - 2);
  cli_wrap(stderr, text, TRAIN_COLUMN, TRAIN_COLUMN, cli_width(stderr));
  fputc('\n', stderr);
}

/* The value of an option as the run uses it; "" cannot happen for names that exist. */
static const char *train_used(const train_job *job, const char *name, char text[TRAIN_TEXT_MAX]) {
  if (swale_run_setting(job->run, name, text, TRAIN_TEXT_MAX) != SWALE_OK) text[0] = '\0';
  return text;
}

/* "beta 1", or "beta so that ESS/N = 0.5" where the weights choose it. */
static const char *train_beta(const train_job *job, char text[TRAIN_BETA_MAX]) {
  static const char by_weights[] = "auto:";
  char value[TRAIN_TEXT_MAX];
  const int chosen = strncmp(train_used(job, "beta", value), by_weights, sizeof by_weights - 1) == 0;
  snprintf(text, TRAIN_BETA_MAX, chosen ? "beta so that ESS/N = %.32s" : "beta %.32s",
           chosen ? value + sizeof by_weights - 1 : value);
  return text;
}

/* What is sampled: "heat (score, layerwise) by importance sampling, 32 draws per example and update". */
static void train_say_sampled(const train_job *job, const char *regularizer, char *line, size_t size) {
  char estimator[TRAIN_TEXT_MAX], smoothing[TRAIN_TEXT_MAX], sampler[TRAIN_TEXT_MAX], samples[TRAIN_TEXT_MAX],
      group[TRAIN_TEXT_MAX], count[TRAIN_TEXT_MAX], shaping[TRAIN_TEXT_MAX];
  const int heat = strcmp(regularizer, "heat") == 0;
  const int one = strcmp(train_used(job, "sampler", sampler), "entropy-sgd") == 0;
  const int chains = !one && strcmp(sampler, "importance") != 0;
  const int ranks = strcmp(train_used(job, "shaping", shaping), "rank") == 0;
  const int layerwise = strcmp(train_used(job, "smoothing", smoothing), "layerwise") == 0;
  const int alone = strcmp(train_used(job, "group", group), "1") == 0;
  snprintf(line, size, "%.64s%s%.64s%s%s%s by %.64s sampling, %.64s draws%s%.64s%s per %supdate", regularizer,
           heat ? " (" : "", heat ? train_used(job, "estimator", estimator) : "", layerwise ? ", layerwise" : "",
           ranks ? ", ranks" : "", heat ? ")" : "", sampler, train_used(job, "samples", samples), chains ? " of " : "",
           chains ? train_used(job, "chains", count) : "", chains ? " chains" : "", alone ? "example and " : "");
}

static void train_say_method(const train_job *job) {
  char regularizer[TRAIN_TEXT_MAX], optimizer[TRAIN_TEXT_MAX], noise[TRAIN_TEXT_MAX], width[TRAIN_TEXT_MAX],
      beta[TRAIN_BETA_MAX], sampled[4 * TRAIN_TEXT_MAX], line[8 * TRAIN_TEXT_MAX];
  train_used(job, "optimizer", optimizer);
  if (strcmp(train_used(job, "regularizer", regularizer), "none") == 0) {
    snprintf(line, sizeof line, "backpropagation; %.64s", optimizer);
  } else if (strcmp(regularizer, "sharpness") == 0) {
    snprintf(line, sizeof line, "sharpness by backpropagation, rho %.32s; %.64s", train_used(job, "rho", width),
             optimizer);
  } else {
    const int sig = strcmp(train_used(job, "sig", width), "0") != 0;
    train_say_sampled(job, regularizer, sampled, sizeof sampled);
    snprintf(line, sizeof line, "%s, noise %.64s, %s %.64s, %s; %.64s", sampled, train_used(job, "noise", noise),
             sig ? "sig" : "tau", sig ? width : train_used(job, "tau", width), train_beta(job, beta), optimizer);
  }
  train_say_part("method", line);
}

/* What goes with the budget: ", weight decay 0.556, patience 15, at most 60 s"; nothing of what is off. */
static void train_say_limits(const train_job *job, char *line, size_t size) {
  static const struct {
    const char *name, *before, *after;
  } limits[] = {
      {"weight-decay", ", weight decay ", ""}, {"patience", ", patience ", ""}, {"seconds", ", at most ", " s"}};
  size_t used = 0;
  line[0] = '\0';
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    char text[TRAIN_TEXT_MAX], number[CLI_NUMBER_MAX];
    const double value = strtod(train_used(job, limits[i].name, text), NULL);
    if (!(value > 0.0)) continue;
    used += (size_t)snprintf(line + used, size - used, "%s%s%s", limits[i].before, cli_number("%.3g", value, number),
                             limits[i].after);
  }
}

static void train_say_budget(const train_job *job) {
  char updates[CLI_NUMBER_MAX], batch[TRAIN_TEXT_MAX], threads[TRAIN_TEXT_MAX],
      ranks[2 * CLI_NUMBER_MAX] = "", epochs[CLI_NUMBER_MAX], limits[TRAIN_TEXT_MAX], line[4 * TRAIN_TEXT_MAX];
  const double processes = swale_run_number(job->run, SWALE_NUMBER_RANKS);
  const double passes = swale_run_number(job->run, SWALE_NUMBER_EPOCHS_PLANNED);
  train_used(job, "batch", batch);
  train_text(job, "threads", threads);
  train_say_limits(job, limits, sizeof limits);
  if (processes > 1) snprintf(ranks, sizeof ranks, "%.0f ranks of ", processes);
  snprintf(line, sizeof line, "%s updates of %.32s examples (%s epoch%s)%s; %s%.32s thread%s",
           cli_count(swale_run_number(job->run, SWALE_NUMBER_UPDATES_PLANNED), updates), batch,
           cli_number("%.4g", passes, epochs), passes == 1.0 ? "" : "s", limits, ranks,
           strcmp(threads, "0") == 0 ? "one" : threads,
           strcmp(threads, "0") == 0   ? " per core"
           : strcmp(threads, "1") == 0 ? ""
                                       : "s");
  train_say_part("budget", line);
}

static void train_say_begin(const train_job *job) {
  char data[TRAIN_TEXT_MAX], dim[CLI_NUMBER_MAX];
  const char *folder = swale_run_folder(job->run);
  cli_say("%s %s (%s parameters) on %s into %s", job->resumed ? "Going on with" : "Training", swale_run_model(job->run),
          cli_count(swale_run_number(job->run, SWALE_NUMBER_DIM), dim), train_text(job, "data", data),
          *folder ? folder : "no folder (out = none)");
  if (swale_run_reason(job->run)) {
    char line[2 * TRAIN_TEXT_MAX], task[TRAIN_TEXT_MAX];
    snprintf(line, sizeof line, "%.64s: %.500s", train_used(job, "task", task), swale_run_reason(job->run));
    train_say_part("task", line);
  }
  train_say_method(job);
  train_say_budget(job);
  if (!job->resumed) return;
  char done[CLI_NUMBER_MAX], spent[CLI_NUMBER_MAX], line[TRAIN_TEXT_MAX];
  snprintf(line, sizeof line, "%s updates and %s s are behind it",
           cli_count(swale_run_number(job->run, SWALE_NUMBER_UPDATES), done),
           cli_number("%.1f", swale_run_number(job->run, SWALE_NUMBER_SECONDS), spent));
  train_say_part("resumed", line);
}

/* "accuracy 91.20 %" or "R2 0.8123". */
static const char *train_score(const train_job *job, swale_number number, char text[CLI_NUMBER_MAX]) {
  const double score = swale_run_number(job->run, number);
  return swale_run_classifies(job->run) ? cli_number("%.2f %%", 100.0 * score, text) : cli_number("%.4f", score, text);
}

/* "Test balanced accuracy 97.2 %, F1 0.972, ROC AUC 0.9886", or the errors of numbers; nothing without test examples. */
static void train_say_measures(const train_job *job) {
  static const struct {
    swale_number number;
    const char *name, *format; /* NULL: as a measurement */
    double times;
  } shown[] = {{SWALE_NUMBER_TEST_BALANCED_ACCURACY, "balanced accuracy ", "%.2f %%", 100},
               {SWALE_NUMBER_TEST_F1, "F1 ", "%.4f", 1},
               {SWALE_NUMBER_TEST_ROC_AUC, "ROC AUC ", "%.4f", 1},
               {SWALE_NUMBER_TEST_RMSE, "RMSE ", NULL, 1},
               {SWALE_NUMBER_TEST_MAE, "MAE ", NULL, 1}};
  char line[TRAIN_TEXT_MAX];
  size_t used = 0;
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
    const double value = shown[i].times * swale_run_number(job->run, shown[i].number);
    const char *format = shown[i].format;
    char text[CLI_NUMBER_MAX];
    if (isnan(value)) continue;
    used += (size_t)snprintf(line + used, sizeof line - used, "%s%s%s", used ? ", " : "", shown[i].name,
                             format ? cli_number(format, value, text) : cli_measure(value, text));
  }
  if (used) cli_say("Test %s%s", line, swale_run_classifies(job->run) ? "" : ", in the units of the target");
}

static void train_say_end(const train_job *job) {
  char test[CLI_NUMBER_MAX], validation[CLI_NUMBER_MAX], training[CLI_NUMBER_MAX], loss[CLI_NUMBER_MAX],
      updates[CLI_NUMBER_MAX], draws[CLI_NUMBER_MAX];
  const swale_run *run = job->run;
  const char *folder = swale_run_folder(run);
  cli_say("Test %s %s  (loss %s; validation %s, training %s)", swale_run_classifies(run) ? "accuracy" : "R2",
          train_score(job, SWALE_NUMBER_TEST_ACCURACY, test),
          cli_number("%.4g", swale_run_number(run, SWALE_NUMBER_TEST_LOSS), loss),
          train_score(job, SWALE_NUMBER_VALIDATION_ACCURACY, validation),
          train_score(job, SWALE_NUMBER_TRAIN_ACCURACY, training));
  train_say_measures(job);
  const double drawn = swale_run_number(run, SWALE_NUMBER_DRAWS);
  cli_say("%s updates%s%s%s in %.1f s%s%s", cli_count(swale_run_number(run, SWALE_NUMBER_UPDATES), updates),
          drawn > 0.0 ? " and " : "", drawn > 0.0 ? cli_count(drawn, draws) : "", drawn > 0.0 ? " draws" : "",
          swale_run_number(run, SWALE_NUMBER_SECONDS), *folder ? "; everything is in " : "", folder);
  const double best = swale_run_number(run, SWALE_NUMBER_BEST_UPDATE);
  if (!isnan(best)) cli_say("The model is that of update %s, the best by validation loss.", cli_count(best, updates));
  if (train_is(job, "monotone", "true")) {
    cli_say("Decrease of the objective: held %.0f times, undecided %.0f, violated %.0f",
            swale_run_number(run, SWALE_NUMBER_HELD), swale_run_number(run, SWALE_NUMBER_UNDECIDED),
            swale_run_number(run, SWALE_NUMBER_VIOLATED));
  }
  if (*folder) {
    char program[TRAIN_WORD_MAX], word[TRAIN_WORD_MAX];
    const int goes_on = swale_run_stop(run) == SWALE_STOP_INTERRUPTED &&
                        !isnan(swale_run_number(run, SWALE_NUMBER_SAVED)); /* else a resume would begin again */
    cli_say("Next: %s %s%s", cli_quoted(cli_program(), program, sizeof program),
            goes_on ? "train --resume=" : "evaluate ", cli_quoted(folder, word, sizeof word));
  }
}

/* Ranks may have different answers; the run stops for each of them. */
static int train_asked(void *user) {
  (void)user;
  return cli_signals_seen();
}

/* Update until the run is done, a signal came (here or to another rank), or something failed. */
static swale_status train_loop(train_job *job) {
  char seconds[TRAIN_TEXT_MAX];
  cli_progress progress;
  swale_status status = SWALE_OK;
  int done = 0;
  cli_progress_begin(&progress, job->run, strtod(train_text(job, "seconds", seconds), NULL));
  swale_run_set_stop(job->run, train_asked, NULL);
  while (!done && status == SWALE_OK) {
    status = swale_run_advance(job->run, &done);
    if (status == SWALE_OK) cli_progress_update(&progress);
  }
  cli_progress_end(&progress);
  return status;
}

/* A page that cannot be written is a pity, not a lost run. */
static void train_write_report(const train_job *job) {
  const char *folder = swale_run_folder(job->run);
  char path[TRAIN_WORD_MAX];
  if (!*folder) return;
  if (!cli_report_path(folder, path, sizeof path)) return;
  if (swale_report_write(job->context, &folder, 1, path) == SWALE_OK) return;
  cli_say("swale: warning: the report was not written: %s", swale_context_message(job->context));
}

/* A record for the program that reads standard output, now. */
static void train_tell(void *user, const char *record) {
  (void)user;
  printf("%s\n", record);
  fflush(stdout);
}

/* After swale_run_create: train, finish whatever happened, report. Returns the exit status. */
static int train_work(train_job *job) {
  train_say_begin(job);
  if (train_is(job, "progress", "true")) swale_run_tell(job->run, train_tell, NULL);
  const swale_status trained = train_loop(job);
  const swale_stop stop = swale_run_stop(job->run);
  char patience[TRAIN_TEXT_MAX];
  int result = CLI_DONE;
  if (trained != SWALE_OK) {
    result = cli_fail(job->context, trained, job->command);
    if (trained != SWALE_ERROR_NUMERIC) return result;
    cli_hint("the last good parameters are kept; a smaller --rate or more --samples may help");
  } else if (stop == SWALE_STOP_INTERRUPTED) {
    result = 128 + (cli_signals_seen() ? cli_signals_seen() : SIGINT);
    cli_say("Interrupted: evaluating and writing the model.");
  } else if (stop == SWALE_STOP_PATIENCE) {
    cli_say("Stopped early: no better validation loss in %s evaluations.", train_used(job, "patience", patience));
  }
  const swale_status finished = swale_run_finish(job->run, stop);
  if (finished != SWALE_OK) return cli_fail(job->context, finished, job->command);
  train_write_report(job);
  train_say_end(job);
  const int progress = train_is(job, "progress", "true"); /* it has been printed already */
  if (!progress && train_is(job, "json", "true")) printf("%s\n", swale_run_json(job->run));
  return result;
}

/* The options of a run that goes on, as it has them: what is said about it comes from there. */
static swale_status train_adopt(train_job *job) {
  const swale_option_info *info;
  swale_status status = SWALE_OK;
  for (size_t i = 0; status == SWALE_OK && (info = swale_option_at(i)) != NULL; i++) {
    char value[TRAIN_TEXT_MAX];
    const char *name = swale_option_name(info);
    if (strcmp(name, "json") == 0 || strcmp(name, "progress") == 0)
      continue; /* how to report is for each call to say */
    status = swale_run_setting(job->run, name, value, sizeof value);
    if (status == SWALE_OK) status = swale_options_set(job->options, name, value);
  }
  return status;
}

static swale_status train_create(train_job *job) {
  if (!job->resumed) return swale_run_create(job->options, &job->run);
  const swale_status status = swale_run_resume(job->options, job->resumed, &job->run);
  return status == SWALE_OK ? train_adopt(job) : status;
}

static int train_prepared(train_job *job) {
  job->resumed = cli_arguments_value(job->arguments, "--resume");
  if (job->resumed && job->arguments->positional[0]) {
    cli_error("--resume=%s has a configuration already; '%s' is one too many", job->resumed,
              job->arguments->positional[0]);
    cli_hint_help(job->command);
    return CLI_USAGE;
  }
  swale_status status = swale_context_create(NULL, &job->context);
  if (status == SWALE_OK) {
    swale_context_set_log(job->context, cli_note, NULL);
    cli_signals_catch();
    status = swale_context_join(job->context, NULL);
    if (status == SWALE_OK) status = swale_context_agree(job->context, train_options(job));
    if (status == SWALE_OK) status = train_create(job);
    if (status == SWALE_OK) cli_signals_begin();
  }
  return status == SWALE_OK ? train_work(job) : cli_fail(job->context, status, job->command);
}

int cli_train(const cli_arguments *arguments) {
  train_job job = {.command = arguments->command, .arguments = arguments};
  const int result = train_prepared(&job);
  cli_signals_end();
  swale_run_destroy(job.run);
  swale_options_destroy(job.options);
  if (job.context) swale_context_destroy(job.context);
  return result;
}
