/* fuzz_arguments.c - the command line. Input: one byte that chooses the command, then words, a line each. */
#include "fuzz.h"

#include "arguments.h"

#include <stdlib.h>
#include <string.h>

enum { FUZZ_WORDS_MAX = 256 };

static const cli_command *fuzz_command(unsigned number) {
  size_t count = 0;
  while (cli_command_at(count)) count++;
  return count ? cli_command_at(number % count) : NULL;
}

/* What was accepted can be read back. */
static void fuzz_apply(const cli_arguments *arguments) {
  swale_context *context = NULL;
  swale_options *options = NULL;
  char text[2048];
  if (swale_context_create(NULL, &context) != SWALE_OK) return;
  if (swale_options_create(context, &options) == SWALE_OK) {
    if (cli_arguments_apply(arguments, options) == SWALE_OK) {
      for (size_t i = 0; i < arguments->setting_count; i++) {
        const char *name = arguments->settings[i].name;
        fuzz_require(cli_arguments_gives(arguments, name), "what was given is known");
        fuzz_require(swale_options_get(options, name, text, sizeof text) == SWALE_OK, "every value can be read back");
      }
    } else {
      fuzz_require(*swale_context_message(context) != 0, "a failure has its sentence");
    }
  }
  swale_options_destroy(options);
  swale_context_destroy(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char *words[FUZZ_WORDS_MAX + 1] = {NULL}, *rest = NULL;
  int used = 0;
  if (count == 0) return 0;
  char *text = malloc(count);
  if (!text) return 0;
  memcpy(text, bytes + 1, count - 1);
  text[count - 1] = '\0'; /* a word ends at a NUL, as they all do */
  for (char *word = strtok_r(text, "\n", &rest); word && used < FUZZ_WORDS_MAX; word = strtok_r(NULL, "\n", &rest)) {
    words[used++] = word;
  }
  cli_arguments arguments;
  const int status = cli_arguments_parse(fuzz_command(bytes[0]), used, words, CLI_POSITIONAL_MAX, &arguments);
  fuzz_require(status == CLI_DONE || status == CLI_USAGE, "words are accepted or bad usage");
  if (status == CLI_DONE && !arguments.help) {
    fuzz_require(arguments.positional_count <= CLI_POSITIONAL_MAX, "words by position are counted");
    fuzz_apply(&arguments);
  }
  cli_arguments_free(&arguments);
  free(text);
  return 0;
}
