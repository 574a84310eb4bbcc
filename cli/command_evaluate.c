/* command_evaluate.c - swale evaluate: what is a saved model worth, at its parameters and around them? */
#include "arguments.h"
#include "evaluate_print.h"

#include <string.h>
#include <sys/stat.h>

enum { EVALUATE_PATH_MAX = 4096 };

typedef struct evaluate_job {
  const cli_command *command;
  const cli_arguments *arguments;
  swale_context *context;
  swale_options *options;
  swale_evaluation *evaluation;
  char model[EVALUATE_PATH_MAX], folder[EVALUATE_PATH_MAX]; /* paths; folder: of the model */
} evaluate_job;

static int evaluate_is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The model file and the config.conf beside it. 0 if the path is too long. */
static int evaluate_paths(evaluate_job *job, const char *given) {
  size_t length = strlen(given);
  if (length + sizeof "/model.safetensors" >= EVALUATE_PATH_MAX) return 0;
  if (evaluate_is_folder(given)) {
    while (length > 1 && given[length - 1] == '/') length--;
    snprintf(job->model, sizeof job->model, "%.*s/model.safetensors", (int)length, given);
  } else {
    snprintf(job->model, sizeof job->model, "%s", given);
  }
  const char *slash = strrchr(job->model, '/');
  const int before = !slash ? 0 : slash == job->model ? 1 : (int)(slash - job->model);
  snprintf(job->folder, sizeof job->folder, "%.*s", before ? before : 1, before ? job->model : ".");
  return 1;
}

static swale_status evaluate_options(evaluate_job *job) {
  swale_status status = swale_options_create(job->context, &job->options);
  if (status == SWALE_OK) status = cli_arguments_apply(job->arguments, job->options);
  return status == SWALE_OK ? swale_options_set(job->options, "model", job->model) : status;
}

static swale_status evaluate_prepare(evaluate_job *job) {
  swale_status status = swale_context_create(NULL, &job->context);
  if (status == SWALE_OK) status = swale_context_join(job->context, NULL);
  if (status == SWALE_OK && swale_context_rank(job->context) == 0) {
    swale_context_set_log(job->context, cli_note, NULL);
  }
  if (status == SWALE_OK) status = swale_context_agree(job->context, evaluate_options(job));
  if (status == SWALE_OK) status = swale_evaluation_create(job->options, &job->evaluation);
  return status;
}

/* What was measured, into the file of --out; else into the run folder that the model lies in, and onto its page. */
static swale_status evaluate_keep(const evaluate_job *job) {
  char log[EVALUATE_PATH_MAX + 16], path[EVALUATE_PATH_MAX + 16], page[EVALUATE_PATH_MAX + 16];
  struct stat info;
  const char *out = cli_arguments_value(job->arguments, "--out"), *folder = job->folder;
  if (out && strcmp(out, "none") == 0) return SWALE_OK;
  if (swale_context_rank(job->context) > 0) return SWALE_OK; /* one of them writes */
  snprintf(log, sizeof log, "%s/log.jsonl", folder);
  snprintf(path, sizeof path, "%s/evaluation.json", folder);
  if (!out && stat(log, &info) != 0) return SWALE_OK;
  if (!out && !swale_evaluation_owns(job->evaluation)) {
    cli_say("%s stays as it is: these are not examples of its own data; --out=FILE keeps the numbers", folder);
    return SWALE_OK;
  }
  swale_status status = swale_evaluation_save(job->evaluation, out ? out : path);
  if (out && status == SWALE_OK) cli_say("The numbers are in %s", out);
  if (out || status != SWALE_OK || !cli_report_path(folder, page, sizeof page)) return status;
  status = swale_report_write(job->context, &folder, 1, page);
  if (status == SWALE_OK) cli_say("The numbers are in %s, the figures on the page %s", path, page);
  return status;
}

static int evaluate_work(evaluate_job *job) {
  const char *given = job->arguments->positional[0];
  if (!given) {
    cli_error("which model? usage: swale evaluate %s", job->command->usage);
    cli_hint_help(job->command);
    return CLI_USAGE;
  }
  if (!evaluate_paths(job, given)) {
    cli_error("the path of the model is too long");
    return CLI_USAGE;
  }
  swale_status status = evaluate_prepare(job);
  if (status != SWALE_OK) return cli_fail(job->context, status, job->command);
  if (cli_arguments_flag(job->arguments, "--json")) {
    printf("%s\n", swale_evaluation_json(job->evaluation));
  } else {
    cli_evaluate_print(job->evaluation, job->model);
  }
  status = evaluate_keep(job);
  return status == SWALE_OK ? CLI_DONE : cli_fail(job->context, status, job->command);
}

int cli_evaluate(const cli_arguments *arguments) {
  evaluate_job job = {.command = arguments->command, .arguments = arguments};
  const int result = evaluate_work(&job);
  swale_evaluation_destroy(job.evaluation);
  swale_options_destroy(job.options);
  if (job.context) swale_context_destroy(job.context);
  return result;
}
