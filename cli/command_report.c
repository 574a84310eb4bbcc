/* command_report.c - swale report: one page about one or several runs. */
#include "arguments.h"

#include <string.h>

enum { REPORT_PATH_MAX = 4096 };

/* Where the page goes: --out, or into the run folder if there is one only. 0 if that cannot be said. */
static int report_path(const cli_arguments *arguments, char path[REPORT_PATH_MAX]) {
  const char *given = cli_arguments_value(arguments, "--out");
  const char *folder = arguments->positional[0];
  if (given) return *given && (size_t)snprintf(path, REPORT_PATH_MAX, "%s", given) < REPORT_PATH_MAX;
  return cli_report_path(folder, path, REPORT_PATH_MAX);
}

int cli_report_path(const char *folder, char *path, size_t bytes) {
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  const char *between = length > 0 && folder[length - 1] == '/' ? "" : "/";
  return (size_t)snprintf(path, bytes, "%.*s%sreport.html", (int)length, folder, between) < bytes;
}

static int report_usage(const cli_command *command, const char *what) {
  cli_error("%s; usage: swale report %s", what, command->usage);
  cli_hint_help(command);
  return CLI_USAGE;
}

int cli_report(const cli_arguments *arguments) {
  const cli_command *command = arguments->command;
  char path[REPORT_PATH_MAX];
  swale_context *context = NULL;
  if (arguments->positional_count == 0) return report_usage(command, "which run?");
  if (arguments->positional_count > 1 && !cli_arguments_value(arguments, "--out")) {
    return report_usage(command, "where to? several runs need --out=FILE");
  }
  if (!report_path(arguments, path)) return report_usage(command, "the path of the page is empty or too long");
  swale_status status = swale_context_create(NULL, &context);
  if (status == SWALE_OK) {
    status = swale_report_write(context, arguments->positional, arguments->positional_count, path);
  }
  const int result = status == SWALE_OK ? CLI_DONE : cli_fail(context, status, command);
  if (status == SWALE_OK) cli_say("The report is %s", path);
  if (context) swale_context_destroy(context);
  return result;
}
