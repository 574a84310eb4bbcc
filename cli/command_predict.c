/* command_predict.c - swale predict: what does a model say about rows that it has not seen? */
#include "arguments.h"
#include "predict_print.h"
#include "signals.h"

#include <string.h>
#include <sys/stat.h>

enum { PREDICT_PATH_MAX = 4096 };

typedef struct predict_job {
  const cli_command *command;
  const cli_arguments *arguments;
  swale_context *context;
  swale_options *options;
  swale_model *model;
  swale_predictor *predictor;
  swale_rows *rows;
} predict_job;

static swale_status predict_prepare(predict_job *job) {
  swale_status status = swale_context_create(NULL, &job->context);
  if (status != SWALE_OK) return status;
  swale_context_set_log(job->context, cli_note, NULL);
  status = swale_options_create(job->context, &job->options);
  if (status == SWALE_OK) status = cli_arguments_apply(job->arguments, job->options);
  if (status == SWALE_OK) status = swale_model_open(job->context, job->arguments->positional[0], &job->model);
  if (status == SWALE_OK) status = swale_predictor_create(job->context, job->model, 1, &job->predictor);
  if (status != SWALE_OK) return status;
  return swale_rows_open(job->options, job->predictor, cli_arguments_value(job->arguments, "--keep"), &job->rows);
}

static swale_status predict_write(void *user, FILE *stream) {
  const predict_job *job = user;
  const int json = cli_arguments_flag(job->arguments, "--json");
  const swale_status status = cli_predict_print(job->model, job->rows, json, stream);
  return status == SWALE_OK && cli_signals_seen() ? SWALE_ERROR_IO : status; /* half a file is none */
}

/* Into a file, or not at all. */
static swale_status predict_save(predict_job *job, const char *out) {
  cli_signals_interrupt();
  return swale_save(job->context, out, predict_write, job);
}

static int predict_same(const char *a, const char *b) {
  struct stat left, right;
  return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/* 1, and said, if the predictions would replace what they are made from. */
static int predict_replaces(const predict_job *job, const char *out) {
  char data[PREDICT_PATH_MAX];
  static const char table[] = "csv:";
  if (swale_options_get(job->options, "data", data, sizeof data) != SWALE_OK) data[0] = '\0';
  const char *path = strncmp(data, table, strlen(table)) == 0 ? data + strlen(table) : "";
  if (!predict_same(out, path) && !predict_same(out, job->arguments->positional[0])) return 0;
  cli_error("--out=%s would replace what is read; predictions go into a file of their own", out);
  return 1;
}

static int predict_work(predict_job *job) {
  const char *out = cli_arguments_value(job->arguments, "--out");
  if (!job->arguments->positional[0]) {
    cli_error("which model? usage: swale predict %s", job->command->usage);
    cli_hint_help(job->command);
    return CLI_USAGE;
  }
  if (!cli_arguments_gives(job->arguments, "data")) {
    cli_error("what shall be predicted? --data=csv:FILE says it; csv:- is standard input");
    cli_hint_help(job->command);
    return CLI_USAGE;
  }
  swale_status status = predict_prepare(job);
  if (status == SWALE_OK && out && predict_replaces(job, out)) return CLI_USAGE;
  if (status == SWALE_OK) {
    status = out && strcmp(out, "-") != 0 ? predict_save(job, out) : predict_write(job, stdout);
  }
  if (status != SWALE_OK && cli_signals_seen()) {
    cli_say("swale: interrupted: '%s' is as it was", out);
    return 128 + cli_signals_seen();
  }
  return status == SWALE_OK ? CLI_DONE : cli_fail(job->context, status, job->command);
}

int cli_predict(const cli_arguments *arguments) {
  predict_job job = {.command = arguments->command, .arguments = arguments};
  const int result = predict_work(&job);
  swale_rows_destroy(job.rows);
  swale_predictor_destroy(job.predictor);
  swale_model_destroy(job.model);
  swale_options_destroy(job.options);
  if (job.context) swale_context_destroy(job.context);
  return result;
}
