/* low_rank.c - noise of low rank on the weights of each layer: approximate, and cheap to draw.
 *
 * source: Sarkar et al. 2025, "Evolution Strategies at the Hyperscale" (EGGROLL, arXiv 2511.16652); MATH §6.4.
 *
 * computes  what noise = subspace does, with Z = A Bᵀ / sqrt(rank), A (rows × rank), B (m × rank) iid N(0, 1), in the place
 *           of rows × m independent numbers. Its entries have mean 0, variance 1 and no correlation, as those of Z, but
 *           they are not Gaussian and not independent unless rank is large: NOT the law of noise = weights. The weighted
 *           sums are those of a perturbation with this law; no objective of the paper is their exact limit.
 *
 * steps     as in subspace.c. Rows are those of L Z (row_space: the row space of the layer's inputs, the union of both
 *           ideas) or the layer's inputs themselves (row_space = false, the source's method). A layer with noisy inputs
 *           takes A Bᵀ on its weights either way.
 * cost      rank (rows + m) normals per draw and layer instead of rows × m.
 * deviates  group = 1 is refused: one row has rank one already, and noise = subspace draws it exactly.
 */
#include "noise/subspace.h"

static swale_status low_rank_create(const swl_settings *settings, swale_problem *problem, swl_arena *arena,
                                    swl_team *team, swl_plan *plan, void **self) {
  if (problem->network && problem->group == 1) {
    return swl_fail(problem->context, SWALE_ERROR_USAGE,
                    "option group: 1 with noise low-rank; one example's noise has rank one already: use noise = "
                    "subspace, which is exact");
  }
  return subspace_create(settings, problem, arena, team, plan, (size_t)settings->rank, self);
}

const swl_noise_ops swl_noise_low_rank = {
    .head = {"low-rank", "noise A B' / sqrt(rank) on the weights of each layer: cheap, approximate",
             "Sarkar et al. 2025 (EGGROLL)"},
    .layers = 1,
    .create = low_rank_create,
    .prepare = subspace_prepare,
    .evaluate = subspace_evaluate,
    .table = subspace_table,
    .combine = subspace_combine,
    .stream = subspace_stream,
    .reference = subspace_reference,
    .dimension = subspace_dimension,
};
