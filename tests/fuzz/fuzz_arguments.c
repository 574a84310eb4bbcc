/* fuzz_arguments.c - the command line. Input: one byte that chooses the command, then words, a line each. */
#include "fuzz.h"

#include "options/options_state.h"

#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_WORDS_MAX = 256 };

static const cli_command *choose_command(unsigned number) {
  size_t count = 0;
  while (cli_command_at(count)) count++;
  return count ? cli_command_at(number % count) : NULL;
}

/* The words of the text, which is cut at their ends; a word ends at a NUL, as they all do. */
static int split_words(char *text, char *words[FUZZ_WORDS_MAX]) {
  char *rest = NULL;
  int used = 0;
  for (char *word = strtok_r(text, "\n", &rest); word && used < FUZZ_WORDS_MAX; word = strtok_r(NULL, "\n", &rest)) {
    words[used++] = word;
  }
  return used;
}

/* What the program says goes to memory: to write it takes longer than to parse. Bad usage is said. */
static int parse(const cli_command *command, int used, char **words, cli_arguments *arguments) {
  static char said[4096]; /* its last byte stays NUL */
  static FILE *memory;
  FILE *const out = stdout, *const error = stderr;
  if (!memory) memory = fmemopen(said, sizeof said - 1, "w");
  fuzz_require(memory != NULL, "memory can be written to");
  rewind(memory);
  said[0] = '\0';
  stdout = stderr = memory;
  const int status = cli_arguments_parse(command, used, words, arguments);
  stdout = out;
  stderr = error;
  fflush(memory);
  fuzz_require(status == CLI_DONE || status == CLI_USAGE, "words are accepted or bad usage");
  if (status == CLI_USAGE) swl_explain(fuzz_context(), "%s", said);
  return status == CLI_DONE;
}

/* What was accepted can be read back. 1 if the values are accepted too. */
static int apply(const cli_arguments *arguments, swale_options *options) {
  if (cli_arguments_apply(arguments, options) != SWALE_OK) return 0;
  fuzz_require(arguments->positional_count <= CLI_WORDS_MAX, "words by position are counted");
  for (size_t i = 0; i < arguments->setting_count; i++) {
    char text[SWL_TEXT_MAX];
    const char *name = arguments->settings[i].name;
    fuzz_require(cli_arguments_gives(arguments, name), "what was given is known");
    fuzz_require(swale_options_get(options, name, text, sizeof text) == SWALE_OK, "every value can be read back");
  }
  return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static swale_options *standard, *options; /* the defaults, parsed once; what is set */
  char *words[FUZZ_WORDS_MAX + 1] = {NULL};
  if (count == 0) return 0;
  if (!options) {
    const int able = swale_options_create(fuzz_context(), &standard) == SWALE_OK &&
                     swl_options_copy(standard, &options) == SWALE_OK;
    fuzz_require(able, "there are defaults");
    fuzz_keep();
  }
  swl_arena *arena = fuzz_begin();
  char *text = swl_arena_take(arena, count, 1);
  fuzz_require(text != NULL, "there is memory for words");
  memcpy(text, bytes + 1, count - 1);

  cli_arguments arguments;
  int accepted = parse(choose_command(bytes[0]), split_words(text, words), words, &arguments);
  if (accepted && arguments.setting_count > 0) {
    *options = *standard;
    accepted = apply(&arguments, options);
  }
  cli_arguments_free(&arguments);
  fuzz_end(arena, accepted);
  return 0;
}
