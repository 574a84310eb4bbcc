/* command.h - what commands there are: one table makes the dispatch, every --help and the manual page. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdio.h>

struct cli_arguments; /* arguments.h */

/* Two texts: an example and what it does, or a flag and its meaning. */
typedef struct cli_pair {
  const char *left, *right;
} cli_pair;

enum { CLI_PAIRS_MAX = 6, CLI_WORDS_MAX = 64 };

typedef struct cli_command {
  const char *name;  /* "train", "data make" */
  const char *usage; /* what follows the name */
  const char *brief; /* one line */
  const char *details;
  cli_pair flags[CLI_PAIRS_MAX]; /* of the command's own, "--markdown", "--out=FILE"; ended by NULL */
  const char *options;           /* names from the option table, separated by blanks, "" = none */
  const char *options_title;
  int restricted;                                    /* 1: only these options are accepted */
  const char *failure;                               /* exit status 1, NULL = as in cli_statuses */
  int stops_in_order;                                /* 1: a signal ends it with 128 + its number */
  cli_pair examples[CLI_PAIRS_MAX];                  /* ended by NULL */
  size_t words;                                      /* by position, at most */
  int (*run)(const struct cli_arguments *arguments); /* an exit status */
} cli_command;

/* NULL past the end. */
const cli_command *cli_command_at(size_t index);
const cli_command *cli_command_find(const char *name);

/* The commands from data to predictions; ended by NULL. */
extern const cli_pair cli_way[];
/* The exit statuses and what they mean; ended by NULL. */
extern const cli_pair cli_statuses[];
/* Environment variables, files; ended by NULL. */
extern const cli_pair cli_environment[];
extern const cli_pair cli_files[];

/* Pages for people (pages.c, man.c). */
void cli_print_overview(FILE *stream);
void cli_print_help(FILE *stream, const cli_command *command, const cli_command *second); /* NULL: one */
void cli_print_man(FILE *stream);

int cli_train(const struct cli_arguments *arguments);
int cli_evaluate(const struct cli_arguments *arguments);
int cli_predict(const struct cli_arguments *arguments);
int cli_list(const struct cli_arguments *arguments);
int cli_options(const struct cli_arguments *arguments);
int cli_report(const struct cli_arguments *arguments);
int cli_watch(const struct cli_arguments *arguments);
int cli_data_inspect(const struct cli_arguments *arguments);
int cli_data_split(const struct cli_arguments *arguments);
int cli_data_make(const struct cli_arguments *arguments);

/* FOLDER/report.html into `path`; 0 if it is too long. */
int cli_report_path(const char *folder, char *path, size_t bytes);

#endif
