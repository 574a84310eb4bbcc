/* arguments.c - see arguments.h. Repeated options: the last one counts. After `--` everything is by position. */
#include "arguments.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_NAME_MAX = 64, ARGUMENTS_WORDS_MAX = 128, ARGUMENTS_DATA_MAX = 4096 };

const swale_option_info *cli_option_find(const char *name, size_t length) {
  const swale_option_info *info;
  for (size_t i = 0; (info = swale_option_at(i)) != NULL; i++) {
    const char *candidate = swale_option_name(info);
    if (strlen(candidate) != length) continue;
    size_t same = 0;
    while (same < length && (candidate[same] == name[same] || (candidate[same] == '-' && name[same] == '_'))) same++;
    if (same == length) return info;
  }
  return NULL;
}

int cli_in_list(const char *list, const char *name) {
  const size_t length = strlen(name);
  while (*list) {
    list += strspn(list, " ");
    const size_t word = strcspn(list, " ");
    if (word == length && strncmp(list, name, length) == 0) return 1;
    list += word;
  }
  return 0;
}

void cli_hint_help(const cli_command *command) { cli_hint("try 'swale %s --help'", command->name); }

int cli_fail(swale_context *context, swale_status status, const cli_command *command) {
  const char *message = context ? swale_context_message(context) : "";
  if (*message) {
    cli_error("%s", message);
  } else {
    cli_error("%s", status == SWALE_ERROR_MEMORY ? "out of memory" : swale_status_name(status));
  }
  if (status == SWALE_ERROR_USAGE) cli_hint_help(command);
  return cli_exit_status(status);
}

static int arguments_own_flag(const cli_command *command, const char *name, size_t length) {
  for (int i = 0; i < CLI_PAIRS_MAX && command->flags[i].left; i++) {
    const char *flag = command->flags[i].left + 2; /* without the hyphens */
    if (strcspn(flag, "=") == length && strncmp(flag, name, length) == 0) return i;
  }
  return -1;
}

/* What the command takes, for a suggestion. */
static const char *arguments_nearest(const cli_command *command, const char *name) {
  const char *words[ARGUMENTS_WORDS_MAX + 1] = {NULL};
  size_t count = 0;
  for (int i = 0; i < CLI_PAIRS_MAX && command->flags[i].left; i++) words[count++] = command->flags[i].left + 2;
  const swale_option_info *info;
  for (size_t i = 0; (info = swale_option_at(i)) != NULL && count < ARGUMENTS_WORDS_MAX; i++) {
    const char *word = swale_option_name(info);
    const int takes = command->restricted ? cli_in_list(command->options, word) : command->options[0] != '\0';
    if (takes) words[count++] = word;
  }
  words[count] = "help";
  return swale_nearest(name, words);
}

static int arguments_unknown(const cli_command *command, const char *name, size_t length) {
  char word[ARGUMENTS_NAME_MAX];
  snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), name);
  const char *near = arguments_nearest(command, word);
  if (near) {
    cli_error("unknown option '--%s'; did you mean '--%s'?", word, near);
  } else {
    cli_error("unknown option '--%s'", word);
  }
  cli_hint_help(command);
  return CLI_USAGE;
}

static int arguments_refused(const cli_command *command, const char *name) {
  cli_error("option --%s does not apply to 'swale %s'", name, command->name);
  if (command->options[0]) cli_hint("allowed: %s", command->options);
  for (int i = 0; i < CLI_PAIRS_MAX && command->flags[i].left; i++) cli_hint("and:     %s", command->flags[i].left + 2);
  cli_hint_help(command);
  return CLI_USAGE;
}

/* A flag of the command's own, with a value where it takes one. */
static int arguments_flag(cli_arguments *arguments, int own, const char *equals, int argc, char **argv, int *index) {
  const char *flag = arguments->command->flags[own].left;
  if (!strchr(flag, '=')) {
    if (equals) cli_error("option %s takes no value", flag);
    arguments->flags[own] = !equals;
    return equals ? CLI_USAGE : CLI_DONE;
  }
  if (equals) {
    arguments->values[own] = equals + 1;
  } else if (*index + 1 < argc && strncmp(argv[*index + 1], "--", 2) != 0) {
    arguments->values[own] = argv[++*index];
  } else {
    cli_error("option %.*s needs a value: %s", (int)strcspn(flag, "="), flag, flag);
    cli_hint_help(arguments->command);
    return CLI_USAGE;
  }
  return CLI_DONE;
}

/* One option at argv[*index]; *index moves over a value that is a word of its own. */
static int arguments_option(cli_arguments *arguments, int argc, char **argv, int *index) {
  const cli_command *command = arguments->command;
  const char *name = argv[*index] + 2, *equals = strchr(name, '=');
  const size_t length = equals ? (size_t)(equals - name) : strlen(name);
  const int own = arguments_own_flag(command, name, length);
  if (own >= 0) return arguments_flag(arguments, own, equals, argc, argv, index);
  const swale_option_info *info = cli_option_find(name, length);
  if (!info) return arguments_unknown(command, name, length);
  cli_setting *setting = &arguments->settings[arguments->setting_count];
  setting->name = swale_option_name(info);
  if (command->restricted && !cli_in_list(command->options, setting->name)) {
    return arguments_refused(command, setting->name);
  }
  if (equals) {
    setting->value = equals + 1;
  } else if (strcmp(swale_option_type(info), "flag") == 0) {
    setting->value = "true";
  } else if (*index + 1 < argc && strncmp(argv[*index + 1], "--", 2) != 0) {
    setting->value = argv[++*index];
  } else {
    cli_error("option --%s needs a value: --%s=%s", setting->name, setting->name, swale_option_allowed(info));
    cli_hint_help(command);
    return CLI_USAGE;
  }
  arguments->setting_count++;
  return CLI_DONE;
}

/* The word, as the value of --data, if it looks like data rather than like a configuration or a model; else "". */
static const char *arguments_data(const char *word, char data[ARGUMENTS_DATA_MAX]) {
  static const char *const sources[] = {"csv:", "idx:", "digits:"}, *const files[] = {".csv", ".csv.gz", ".tsv"};
  const size_t length = strlen(word);
  int source = (strcmp(word, "digits") == 0 || strcmp(word, "mnist") == 0) && access(word, F_OK) != 0, file = 0;
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    const size_t end = strlen(files[i]);
    source |= strncmp(word, sources[i], strlen(sources[i])) == 0;
    file |= length > end && strcmp(word + length - end, files[i]) == 0;
  }
  snprintf(data, ARGUMENTS_DATA_MAX, "%s%s", !source && file ? "csv:" : "", source || file ? word : "");
  return data;
}

static int arguments_positional(cli_arguments *arguments, const char *word) {
  const cli_command *command = arguments->command;
  char data[ARGUMENTS_DATA_MAX] = "";
  if (command->restricted ? cli_in_list(command->options, "data") : *command->options) arguments_data(word, data);
  if (*data) {
    cli_error("'%s' looks like data; then it is said by --data=%s", word, data);
    cli_hint("usage: swale %s %s", command->name, command->usage);
    return CLI_USAGE;
  }
  if (arguments->positional_count < command->words) {
    arguments->positional[arguments->positional_count++] = word;
    return CLI_DONE;
  }
  const char *equals = strchr(word, '=');
  cli_error("'%s' is one argument too many", word);
  if (equals && cli_option_find(word, (size_t)(equals - word))) cli_hint("options begin with two hyphens: --%s", word);
  cli_hint("usage: swale %s %s", command->name, command->usage);
  return CLI_USAGE;
}

static int arguments_word(cli_arguments *arguments, int argc, char **argv, int *index) {
  const char *word = argv[*index];
  if (strncmp(word, "--", 2) == 0) return arguments_option(arguments, argc, argv, index);
  if (word[0] == '-' && word[1]) {
    cli_error("unknown option '%s'; options begin with two hyphens", word);
    cli_hint_help(arguments->command);
    return CLI_USAGE;
  }
  return arguments_positional(arguments, word);
}

int cli_arguments_ask_help(int argc, char **argv) {
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return 1;
  }
  return 0;
}

int cli_arguments_parse(const cli_command *command, int argc, char **argv, cli_arguments *arguments) {
  *arguments = (cli_arguments){.command = command};
  arguments->settings = calloc((size_t)argc + 1, sizeof *arguments->settings);
  if (!arguments->settings) {
    cli_error("out of memory");
    return CLI_FAILED;
  }
  int status = CLI_DONE, only_positional = 0;
  for (int i = 0; i < argc && status == CLI_DONE; i++) {
    if (only_positional) {
      status = arguments_positional(arguments, argv[i]);
    } else if (strcmp(argv[i], "--") == 0) {
      only_positional = 1;
    } else {
      status = arguments_word(arguments, argc, argv, &i);
    }
  }
  return status;
}

void cli_arguments_free(cli_arguments *arguments) { free(arguments->settings); }

int cli_arguments_flag(const cli_arguments *arguments, const char *flag) {
  for (int i = 0; i < CLI_PAIRS_MAX && arguments->command->flags[i].left; i++) {
    if (strcmp(arguments->command->flags[i].left, flag) == 0) return arguments->flags[i];
  }
  return 0;
}

const char *cli_arguments_value(const cli_arguments *arguments, const char *flag) {
  const int own = arguments_own_flag(arguments->command, flag + 2, strlen(flag) - 2);
  return own >= 0 ? arguments->values[own] : NULL;
}

int cli_arguments_gives(const cli_arguments *arguments, const char *name) {
  for (size_t i = 0; i < arguments->setting_count; i++) {
    if (strcmp(arguments->settings[i].name, name) == 0) return 1;
  }
  return 0;
}

swale_status cli_arguments_apply(const cli_arguments *arguments, swale_options *options) {
  for (size_t i = 0; i < arguments->setting_count; i++) {
    const swale_status status = swale_options_set(options, arguments->settings[i].name, arguments->settings[i].value);
    if (status != SWALE_OK) return status;
  }
  return SWALE_OK;
}
