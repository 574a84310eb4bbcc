/* main.c - which command is meant? */
#include "arguments.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { MAIN_NAME_MAX = 64, MAIN_COMMANDS_MAX = 16 };

/* A standard stream that is closed would give its number to the next file that is opened, and messages would go into
 * that file: put something there that refuses to be used. */
static void main_keep_streams(void) {
  for (int number = 0; number <= 2; number++) {
    if (fcntl(number, F_GETFD) == -1 && open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY) != number)
      _exit(CLI_FAILED);
  }
}

/* First words of the commands ("data" once) and the program's own options. */
static int main_unknown(const char *word) {
  char first[MAIN_COMMANDS_MAX][MAIN_NAME_MAX];
  const char *names[MAIN_COMMANDS_MAX + 4] = {NULL};
  const cli_command *command;
  size_t count = 0;
  for (size_t i = 0; (command = cli_command_at(i)) != NULL && count < MAIN_COMMANDS_MAX; i++) {
    snprintf(first[count], MAIN_NAME_MAX, "%.*s", (int)strcspn(command->name, " "), command->name);
    names[count] = first[count];
    count++;
  }
  names[count++] = "--help";
  names[count++] = "--version";
  names[count] = "--man";
  const char *near = swale_nearest(word, names);
  const char *what = word[0] == '-' ? "option" : "command";
  if (near) {
    cli_error("unknown %s '%.64s'; did you mean '%s'?", what, word, near);
  } else {
    cli_error("unknown %s '%.64s'", what, word);
  }
  cli_hint("try 'swale --help'");
  return CLI_USAGE;
}

/* Its help is for whoever asks for it anywhere among its words. */
static int main_run(const cli_command *command, int argc, char **argv) {
  cli_arguments arguments;
  if (cli_arguments_ask_help(argc, argv)) {
    cli_print_help(stdout, command, NULL);
    return CLI_DONE;
  }
  int result = cli_arguments_parse(command, argc, argv, &arguments);
  if (result == CLI_DONE) result = command->run(&arguments);
  cli_arguments_free(&arguments);
  return result;
}

/* "data" needs a second word. */
static int main_data(int argc, char **argv) {
  static const char *const names[] = {"inspect", "split", "make", NULL};
  char name[MAIN_NAME_MAX];
  const char *word = argc > 0 ? argv[0] : "";
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    cli_print_help(stdout, cli_command_find("data inspect"), cli_command_find("data make"));
    return CLI_DONE;
  }
  snprintf(name, sizeof name, "data %.32s", word);
  const cli_command *command = cli_command_find(name);
  if (command) return main_run(command, argc - 1, argv + 1);
  const char *near = swale_nearest(word, names);
  if (!*word) {
    cli_error("'swale data' needs a second word: inspect, split or make");
  } else if (near) {
    cli_error("unknown command 'data %.32s'; did you mean 'data %s'?", word, near);
  } else {
    cli_error("unknown command 'data %.32s'; there are 'data inspect', 'data split' and 'data make'", word);
  }
  cli_hint("try 'swale data --help'");
  return CLI_USAGE;
}

/* "swale help train" is what many people try. */
static int main_help(int argc, char **argv) {
  char name[MAIN_NAME_MAX];
  if (argc == 0) {
    cli_print_overview(stdout);
    return CLI_DONE;
  }
  snprintf(name, sizeof name, "%.30s%s%.30s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
  const cli_command *command = cli_command_find(name);
  if (strcmp(name, "data") == 0) return main_data(1, (char *[]){"--help"});
  if (!command) return main_unknown(name);
  cli_print_help(stdout, command, NULL);
  return CLI_DONE;
}

static int main_dispatch(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : NULL;
  if (!word) {
    cli_print_overview(stderr);
    return CLI_USAGE;
  }
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return main_help(0, NULL);
  if (strcmp(word, "help") == 0) return main_help(argc - 2, argv + 2);
  if (strcmp(word, "--version") == 0) {
    const char *mpi = swale_mpi_version();
    printf("swale %s (%s%s)\n", swale_version(), *mpi ? "MPI: " : "without MPI", mpi);
    return CLI_DONE;
  }
  if (strcmp(word, "--man") == 0) {
    cli_print_man(stdout);
    return CLI_DONE;
  }
  if (strcmp(word, "data") == 0) return main_data(argc - 2, argv + 2);
  const cli_command *command = strchr(word, ' ') ? NULL : cli_command_find(word);
  return command ? main_run(command, argc - 2, argv + 2) : main_unknown(word);
}

/* Of several processes that mpirun started one speaks: what another has to say, the library tells rank 0. */
static void main_speak_once(void) {
  if (swale_context_rank(NULL) == 0) return;
  if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(CLI_FAILED);
}

int main(int argc, char **argv) {
  main_keep_streams();
  main_speak_once();
  cli_program_set(argc > 0 ? argv[0] : NULL);
  (void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* a line is one write: a signal's message does not land inside it */
  (void)signal(SIGPIPE, SIG_IGN);              /* a closed pipe ends no training: what is left to do is done */
  (void)signal(SIGXFSZ, SIG_IGN);              /* a file that may not grow (ulimit -f) is an error like a full disk */
  return cli_close_output(main_dispatch(argc, argv));
}
