/* pages.c - what --help prints, from the tables of commands and options. */
#include "arguments.h"

#include <string.h>

enum { PAGES_INDENT = 2, PAGES_COLUMN = 28, PAGES_WAY = 50, PAGES_WIDTH_MAX = 100 };

static size_t pages_width(FILE *stream) {
  const size_t width = cli_width(stream);
  return width < PAGES_WIDTH_MAX ? width : PAGES_WIDTH_MAX;
}

/* "  left      right, wrapped"; a long left part has its own line. */
static void pages_pair(FILE *stream, const char *left, const char *right, size_t column) {
  fputs("  ", stream);
  if (cli_columns(left) + PAGES_INDENT + 2 > column) {
    fprintf(stream, "%s\n%*s", left, (int)column, "");
  } else {
    cli_pad(stream, left, column - PAGES_INDENT);
  }
  cli_wrap(stream, right, column, column, pages_width(stream));
  fputc('\n', stream);
}

static void pages_pairs(FILE *stream, const char *title, const cli_pair *pairs, size_t most, size_t column) {
  if (!pairs[0].left) return;
  fprintf(stream, "\n%s%s%s\n", cli_bold(stream), title, cli_plain(stream));
  for (size_t i = 0; i < most && pairs[i].left; i++) pages_pair(stream, pairs[i].left, pairs[i].right, column);
}

static void pages_way(FILE *stream) {
  fprintf(stream, "\n%sFrom data to predictions:%s\n", cli_bold(stream), cli_plain(stream));
  for (size_t i = 0; cli_way[i].left; i++) pages_pair(stream, cli_way[i].left, cli_way[i].right, PAGES_WAY);
}

void cli_print_overview(FILE *stream) {
  const cli_command *command;
  cli_wrap(stream,
           "Swale trains neural networks by sampling: it minimizes the local entropy or the heat regularization of a "
           "loss. No backpropagation is needed.",
           0, 0, pages_width(stream));
  fputs("\n\n", stream);
  fprintf(stream, "%sUsage:%s swale COMMAND [ARGUMENT ...]\n\n", cli_bold(stream), cli_plain(stream));
  fprintf(stream, "%sCommands:%s\n", cli_bold(stream), cli_plain(stream));
  for (size_t i = 0; (command = cli_command_at(i)) != NULL; i++) {
    pages_pair(stream, command->name, command->brief, 16);
  }
  static const cli_pair more[] = {{"--help", "this page; 'swale COMMAND --help' explains a command"},
                                  {"--version", "the version, and the MPI it was built with"},
                                  {"--man", "the manual page, for man(1)"},
                                  {NULL, NULL}};
  pages_pairs(stream, "Options:", more, CLI_PAIRS_MAX, 16);
  static const cli_pair first[] = {{"swale train", "synthetic digits, all defaults, into runs/1"}, {NULL, NULL}};
  pages_way(stream);
  pages_pairs(stream, "Without data of your own:", first, CLI_PAIRS_MAX, PAGES_COLUMN);
}

static void pages_options(FILE *stream, const cli_command *command) {
  const char *list = command->options;
  if (!*list) return;
  fprintf(stream, "\n%s%s%s\n", cli_bold(stream), command->options_title, cli_plain(stream));
  while (*list) {
    const size_t length = strcspn(list, " ");
    const swale_option_info *info = cli_option_find(list, length);
    if (info) {
      char left[128];
      snprintf(left, sizeof left, "--%s=%s", swale_option_name(info), swale_option_default(info));
      pages_pair(stream, left, swale_option_help(info), PAGES_COLUMN);
    }
    list += length;
    list += strspn(list, " ");
  }
}

/* Those that the command can end with. */
static void pages_statuses(FILE *stream, const cli_command *command) {
  cli_pair own[CLI_PAIRS_MAX] = {{NULL, NULL}};
  size_t count = 0;
  for (size_t i = 0; i + 1 < CLI_PAIRS_MAX && cli_statuses[i].left; i++) {
    const int interrupted = strcmp(cli_statuses[i].left, "130") == 0, failed = strcmp(cli_statuses[i].left, "1") == 0;
    if (interrupted && !command->stops_in_order) continue;
    own[count] = cli_statuses[i];
    if (failed && command->failure) own[count].right = command->failure;
    count++;
  }
  pages_pairs(stream, "Exit status:", own, CLI_PAIRS_MAX, 8);
}

static void pages_command(FILE *stream, const cli_command *command) {
  fprintf(stream, "%sUsage:%s swale %s %s\n\n", cli_bold(stream), cli_plain(stream), command->name, command->usage);
  cli_wrap(stream, command->details, 0, 0, pages_width(stream));
  fputc('\n', stream);
  fprintf(stream, "\n%sExamples:%s\n", cli_bold(stream), cli_plain(stream));
  for (size_t i = 0; i < CLI_PAIRS_MAX && command->examples[i].left; i++) {
    fprintf(stream, "  %s\n      %s\n", command->examples[i].left, command->examples[i].right);
  }
  pages_pairs(stream, "Flags:", command->flags, CLI_PAIRS_MAX, PAGES_COLUMN);
  pages_options(stream, command);
  pages_statuses(stream, command);
}

void cli_print_help(FILE *stream, const cli_command *command, const cli_command *second) {
  pages_command(stream, command);
  if (second) {
    fputc('\n', stream);
    pages_command(stream, second);
  }
  pages_way(stream);
}
