/* command_data.c - swale data inspect, swale data split, swale data make. */
#include "arguments.h"
#include "data_show.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DATA_WORD_MAX = 4096 };

typedef struct data_job {
  const cli_command *command;
  const cli_arguments *arguments;
  swale_context *context;
  swale_options *options;
  swale_data *data;
} data_job;

static swale_status data_load(data_job *job) {
  swale_status status = swale_context_create(NULL, &job->context);
  if (status == SWALE_OK) swale_context_set_log(job->context, cli_note, NULL);
  if (status == SWALE_OK) status = swale_options_create(job->context, &job->options);
  if (status == SWALE_OK) status = swale_options_set(job->options, "data", job->arguments->positional[0]);
  if (status == SWALE_OK) status = cli_arguments_apply(job->arguments, job->options);
  if (status == SWALE_OK) status = swale_data_load(job->options, &job->data);
  return status;
}

static int data_inspect(data_job *job) {
  if (cli_data_show(job->data, job->arguments->positional[0]) == 0) return CLI_DONE;
  cli_error("out of memory");
  return CLI_FAILED;
}

static int data_refuse_existing(const char *folder) {
  struct stat info;
  if (lstat(folder, &info) != 0) return CLI_DONE;
  cli_error("'%s' exists already; the data goes into a new folder", folder);
  return CLI_FAILED;
}

static int data_make(data_job *job) {
  const char *folder = job->arguments->positional[1];
  char train[CLI_NUMBER_MAX], test[CLI_NUMBER_MAX], program[DATA_WORD_MAX], word[DATA_WORD_MAX];
  if (mkdir(folder, 0777) != 0) {
    cli_error("cannot make the folder '%s': %s", folder, strerror(errno));
    return CLI_FAILED;
  }
  const swale_status status = swale_data_write_idx(job->data, folder);
  if (status != SWALE_OK) {
    (void)rmdir(folder); /* only if nothing is in it */
    return cli_fail(job->context, status, job->command);
  }
  const size_t count = swale_data_count(job->data, SWALE_SPLIT_TRAIN);
  cli_say("Wrote %s training and %s test images into %s.",
          cli_count((double)(count + swale_data_count(job->data, SWALE_SPLIT_VALIDATION)), train),
          cli_count((double)swale_data_count(job->data, SWALE_SPLIT_TEST), test), folder);
  cli_say("Next: %s train --data=idx:%s", cli_quoted(cli_program(), program, sizeof program),
          cli_quoted(folder, word, sizeof word));
  return CLI_DONE;
}

static int data_split(data_job *job) {
  const char *path = job->arguments->positional[1];
  char word[DATA_WORD_MAX];
  const swale_status status = swale_data_write_split(job->data, path);
  if (status != SWALE_OK) return cli_fail(job->context, status, job->command);
  cli_say("Next: --split-file=%s, beside the same --data and the options that say how it is read",
          cli_quoted(path, word, sizeof word));
  return CLI_DONE;
}

static int data_loaded(data_job *job, int (*work)(data_job *job)) {
  const swale_status status = data_load(job);
  return status == SWALE_OK ? work(job) : cli_fail(job->context, status, job->command);
}

/* Every word that the command takes is needed. */
static int data_run(const cli_arguments *arguments, int (*work)(data_job *job)) {
  data_job job = {.command = arguments->command, .arguments = arguments};
  if (arguments->positional_count < job.command->words) {
    cli_error("usage: swale %s %s", job.command->name, job.command->usage);
    cli_hint_help(job.command);
    return CLI_USAGE;
  }
  const int result = data_loaded(&job, work);
  swale_data_destroy(job.data);
  swale_options_destroy(job.options);
  if (job.context) swale_context_destroy(job.context);
  return result;
}

int cli_data_inspect(const cli_arguments *arguments) { return data_run(arguments, data_inspect); }
int cli_data_split(const cli_arguments *arguments) { return data_run(arguments, data_split); }

/* A folder that exists is refused before the work of loading. */
int cli_data_make(const cli_arguments *arguments) {
  const char *folder = arguments->positional[1];
  const int result = folder ? data_refuse_existing(folder) : CLI_DONE;
  return result == CLI_DONE ? data_run(arguments, data_make) : result;
}
