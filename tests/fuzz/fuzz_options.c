/* fuzz_options.c - a configuration file. What was accepted must be accepted again when it is written out. */
#include "fuzz.h"

#include "options/options_state.h"

#include <string.h>

static void check_set(swale_options *options) {
  const swale_option_info *info = NULL;
  for (size_t i = 0; (info = swale_option_at(i)) != NULL; i++) {
    char text[SWL_TEXT_MAX];
    const char *name = swale_option_name(info);
    if (!swl_options_is_set(options, name)) continue;
    fuzz_require(swale_options_get(options, name, text, sizeof text) == SWALE_OK, "every value can be read back");
    fuzz_require(swale_options_set(options, name, text) == SWALE_OK, "every value read back is accepted");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static swale_options *standard, *options; /* the defaults, parsed once; what is read into */
  char path[FUZZ_PATH_MAX];
  if (!options) {
    const int able = swale_options_create(fuzz_context(), &standard) == SWALE_OK &&
                     swl_options_copy(standard, &options) == SWALE_OK;
    fuzz_require(able, "there are defaults");
    fuzz_keep();
  }
  fuzz_path("options.conf", path);
  fuzz_write("options.conf", bytes, count);

  swl_arena *arena = fuzz_begin();
  const int accepted = swale_options_read(options, path) == SWALE_OK;
  if (accepted) {
    check_set(options);
    *options = *standard;
  } else {
    fuzz_require(memcmp(options->is_set, standard->is_set, sizeof standard->is_set) == 0, "what fails changes nothing");
  }
  fuzz_end(arena, accepted);
  return 0;
}
