/* arguments.h - the words after the command's name: --name=value, --name value, bare --flag, and others by position. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "command.h"
#include "messages.h"

enum { CLI_FLAGS_MAX = CLI_PAIRS_MAX };

typedef struct cli_setting {
  const char *name, *value; /* name as in the option table */
} cli_setting;

typedef struct cli_arguments {
  const cli_command *command;
  const char *positional[CLI_WORDS_MAX]; /* NULL where there is none */
  size_t positional_count;
  int flags[CLI_FLAGS_MAX];          /* 1: command->flags[i] was given */
  const char *values[CLI_FLAGS_MAX]; /* of a flag that takes one, as "--out=FILE"; NULL = not given */
  cli_setting *settings;             /* options of the library, in order; strings are of argv */
  size_t setting_count;
} cli_arguments;

/* 1 if --help or -h is among the words. */
int cli_arguments_ask_help(int argc, char **argv);

/* CLI_DONE, or CLI_USAGE after the mistake has been said. Afterwards cli_arguments_free. */
int cli_arguments_parse(const cli_command *command, int argc, char **argv, cli_arguments *arguments);
void cli_arguments_free(cli_arguments *arguments);

int cli_arguments_flag(const cli_arguments *arguments, const char *flag);
/* The value of the command's own flag that takes one, by its name ("--out"); NULL if it was not given. */
const char *cli_arguments_value(const cli_arguments *arguments, const char *flag);
/* Was this option given? */
int cli_arguments_gives(const cli_arguments *arguments, const char *name);
/* Set what was given. The context holds the message on failure. */
SWALE_NODISCARD swale_status cli_arguments_apply(const cli_arguments *arguments, swale_options *options);

/* The option of the library by this name (hyphens and underscores are the same), or NULL. */
const swale_option_info *cli_option_find(const char *name, size_t length);
/* Is `name` one of the words of a blank-separated list? */
int cli_in_list(const char *list, const char *name);

/* The last failure of the library, said; with a hint where to read on if it is the caller's mistake. Its exit status. */
int cli_fail(swale_context *context, swale_status status, const cli_command *command);
/* "try 'swale train --help'". */
void cli_hint_help(const cli_command *command);

#endif
