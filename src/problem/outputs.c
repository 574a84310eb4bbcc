/* outputs.c - see outputs.h. */
#include "problem/outputs.h"

#include "problem/examples.h"

swale_status swl_outputs_create(swl_arena *arena, const swl_network *network, const swl_kernels *kernels,
                                size_t workers, swl_outputs *outputs) {
  swl_outputs made = {.network = network};
  made.workspaces = swl_arena_take(arena, workers, sizeof *made.workspaces);
  made.losses = swl_arena_take(arena, workers, sizeof *made.losses);
  if (!made.workspaces || !made.losses) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    SWL_TRY(swl_workspace_create(arena, network, kernels, SWL_OUTPUTS_CHUNK, 0, &made.workspaces[w]));
    made.losses[w] = swl_arena_take(arena, SWL_OUTPUTS_CHUNK, sizeof(double));
    if (!made.losses[w]) return SWALE_ERROR_MEMORY;
  }
  *outputs = made;
  return SWALE_OK;
}

const float *swl_outputs_of(const swl_outputs *outputs, size_t worker, const float *x, const swl_table *table,
                            size_t chunk, swl_examples *examples) {
  const size_t first = chunk * SWL_OUTPUTS_CHUNK, rest = table->count - first;
  *examples = swl_examples_of(outputs->network, table, first, rest < SWL_OUTPUTS_CHUNK ? rest : SWL_OUTPUTS_CHUNK);
  return swl_network_outputs(outputs->network, outputs->workspaces[worker], x, examples);
}
