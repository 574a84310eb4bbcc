/* command_evaluate.c - swale evaluate: what is a saved model worth, at its parameters and around them? */
#include "arguments.h"
#include "evaluate_print.h"

#include <string.h>
#include <sys/stat.h>

enum { EVALUATE_TEXT_MAX = 1100, EVALUATE_PATH_MAX = 4096 };

typedef struct evaluate_job {
  const cli_command *command;
  cli_arguments arguments;
  swale_context *context;
  swale_options *options, *trained; /* trained: of the config.conf beside the model */
  swale_evaluation *evaluation;
  char model[EVALUATE_PATH_MAX], config[EVALUATE_PATH_MAX], folder[EVALUATE_PATH_MAX]; /* paths; folder: of the model */
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
  snprintf(job->config, sizeof job->config, "%.*sconfig.conf", slash ? (int)(slash - job->model + 1) : 0, job->model);
  return 1;
}

/* The data that the model was trained on becomes the default, and that is said; or that it is not known. */
static swale_status evaluate_adopt(evaluate_job *job) {
  static const char *const names[] = {"data", "target", "validation", "test", "limit", "seed"};
  char said[EVALUATE_TEXT_MAX] = "", value[EVALUATE_TEXT_MAX];
  size_t used = 0;
  struct stat info;
  if (cli_arguments_gives(&job->arguments, "data")) return SWALE_OK;
  if (stat(job->config, &info) != 0) {
    cli_say("There is no %s to say what data the model was trained on: --data does", job->config);
    return SWALE_OK;
  }
  swale_status status = swale_options_create(job->context, &job->trained);
  if (status == SWALE_OK) status = swale_options_read(job->trained, job->config);
  for (size_t i = 0; i < sizeof names / sizeof *names && status == SWALE_OK; i++) {
    status = swale_options_get(job->trained, names[i], value, sizeof value);
    if (status == SWALE_OK) status = swale_options_set(job->options, names[i], value);
    if (!*value || cli_arguments_gives(&job->arguments, names[i]) || used >= sizeof said) continue;
    used += (size_t)snprintf(said + used, sizeof said - used, "%s%s=%s", used ? " " : "", names[i], value);
  }
  if (status == SWALE_OK) cli_say("Data as in %s: %s", job->config, said);
  return status;
}

static swale_status evaluate_options(evaluate_job *job) {
  swale_status status = swale_options_create(job->context, &job->options);
  if (status == SWALE_OK) status = evaluate_adopt(job);
  if (status == SWALE_OK) status = cli_arguments_apply(&job->arguments, job->options);
  return status == SWALE_OK ? swale_options_set(job->options, "model", job->model) : status;
}

static swale_status evaluate_prepare(evaluate_job *job) {
  swale_status status = swale_context_create(NULL, &job->context);
  if (status == SWALE_OK) status = swale_context_join(job->context, NULL);
  if (status == SWALE_OK) status = swale_context_agree(job->context, evaluate_options(job));
  if (status == SWALE_OK) status = swale_evaluation_create(job->options, &job->evaluation);
  return status;
}

/* What was measured, into the file of --out; else into the run folder that the model lies in, and onto its page. */
static swale_status evaluate_keep(const evaluate_job *job) {
  char log[EVALUATE_PATH_MAX + 16], path[EVALUATE_PATH_MAX + 16], page[EVALUATE_PATH_MAX + 16];
  struct stat info;
  const char *out = cli_arguments_value(&job->arguments, "--out"), *folder = job->folder;
  if (out && strcmp(out, "none") == 0) return SWALE_OK;
  if (swale_context_rank(job->context) > 0) return SWALE_OK; /* one of them writes */
  snprintf(log, sizeof log, "%s/log.jsonl", folder);
  snprintf(path, sizeof path, "%s/evaluation.json", folder);
  if (!out && stat(log, &info) != 0) return SWALE_OK;
  swale_status status = swale_evaluation_save(job->evaluation, out ? out : path);
  if (out && status == SWALE_OK) cli_say("The numbers are in %s", out);
  if (out || status != SWALE_OK || !cli_report_path(folder, page, sizeof page)) return status;
  status = swale_report_write(job->context, &folder, 1, page);
  if (status == SWALE_OK) cli_say("The numbers are in %s, the figures on the page %s", path, page);
  return status;
}

static int evaluate_work(evaluate_job *job) {
  const char *given = job->arguments.positional[0];
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
  if (cli_arguments_flag(&job->arguments, "--json")) {
    printf("%s\n", swale_evaluation_json(job->evaluation));
  } else {
    char data[EVALUATE_TEXT_MAX];
    if (swale_options_get(job->options, "data", data, sizeof data) != SWALE_OK) data[0] = '\0';
    cli_evaluate_print(job->evaluation, job->model, data);
  }
  status = evaluate_keep(job);
  return status == SWALE_OK ? CLI_DONE : cli_fail(job->context, status, job->command);
}

int cli_evaluate(const cli_command *command, int argc, char **argv) {
  evaluate_job job = {.command = command};
  int result = cli_arguments_parse(command, argc, argv, 1, &job.arguments);
  if (result == CLI_DONE && !job.arguments.help) result = evaluate_work(&job);
  swale_evaluation_destroy(job.evaluation);
  swale_options_destroy(job.trained);
  swale_options_destroy(job.options);
  if (job.context) swale_context_destroy(job.context);
  cli_arguments_free(&job.arguments);
  return result;
}
