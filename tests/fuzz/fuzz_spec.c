/* fuzz_spec.c - the text that describes a network. */
#include "fuzz.h"

#include "network/network.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char spec[4096 + 1];
  if (count >= sizeof spec) return 0;
  memcpy(spec, bytes, count);
  spec[count] = '\0';

  swl_arena *arena = fuzz_begin();
  swl_network network;
  const int accepted = swl_network_parse(fuzz_context(), spec, "relu", "cross-entropy", &network) == SWALE_OK;
  if (accepted) {
    size_t dim = 0;
    for (size_t l = 0; l < network.depth; l++) {
      fuzz_require(network.layers[l].offset == dim, "layers follow each other");
      dim += (network.layers[l].inputs + 1) * network.layers[l].outputs;
    }
    fuzz_require(dim == network.dim && dim > 0, "dim is the sum over the layers");
  }
  fuzz_end(arena, accepted);
  return 0;
}
