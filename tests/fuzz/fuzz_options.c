/* fuzz_options.c - a configuration file. What was accepted must be accepted again when it is written out. */
#include "fuzz.h"

#include <swale/options.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  fuzz_write("options.conf", bytes, count);
  char path[FUZZ_PATH_MAX];
  fuzz_path("options.conf", path);

  swale_context *context = NULL;
  swale_options *options = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) return 0;
  if (swale_options_create(context, &options) == SWALE_OK && swale_options_read(options, path) == SWALE_OK) {
    const swale_option_info *info = NULL;
    for (size_t i = 0; (info = swale_option_at(i)) != NULL; i++) {
      char text[2048];
      const char *name = swale_option_name(info);
      fuzz_require(swale_options_get(options, name, text, sizeof text) == SWALE_OK, "every value can be read back");
      fuzz_require(swale_options_set(options, name, text) == SWALE_OK, "every value read back is accepted");
    }
  }
  swale_options_destroy(options);
  swale_context_destroy(context);
  return 0;
}
