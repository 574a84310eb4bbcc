/* fuzz_spec.c - the text that describes a network. */
#include "fuzz.h"

#include "network/network.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char spec[1024];
  if (count >= sizeof spec) return 0;
  memcpy(spec, bytes, count);
  spec[count] = '\0';
  swale_context *context = NULL;
  if (swale_context_create(NULL, &context) != SWALE_OK) return 0;
  swl_network network;
  if (swl_network_parse(context, spec, "relu", "cross-entropy", &network) == SWALE_OK) {
    size_t dim = 0;
    for (size_t l = 0; l < network.depth; l++) {
      fuzz_require(network.layers[l].offset == dim, "layers follow each other");
      dim += (network.layers[l].inputs + 1) * network.layers[l].outputs;
    }
    fuzz_require(dim == network.dim && dim > 0, "dim is the sum over the layers");
  }
  swale_context_destroy(context);
  return 0;
}
