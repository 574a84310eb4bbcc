/* test_subspace_low_rank.c - the law of A Bᵀ / sqrt(r), and its way to the exact one.
 *
 * Hand argument. x_ij = Σ_k a_ik b_jk / sqrt(r), a and b iid N(0, 1): mean 0, variance 1, no correlation; and E x⁴ =
 * (r E(ab)⁴ + 3 r (r - 1)) / r² = 3 + 6/r, as E(ab)⁴ = 9: excess kurtosis 6 at rank 1, where minors of order 2 are 0.
 *
 * With row-space the layer sees S = L A Bᵀ/sqrt(r): E S Sᵀ = m H Hᵀ, and S_bj/|(h_b, 1)| is again such a sum of
 * products, of kurtosis 3 + 6/r. A Bᵀ/sqrt(r) tends to iid normals as r grows (central limit): at r = 64 the excess
 * is 0.09, and the distribution of a loss is off by some 0.09/24, which 10,000 draws cannot see; at r = 1 they do.
 * The perturbation of a draw is combine's sum with weight 1 on it (test_subspace_draws.c proves that the loss is
 * there). z-scores by the standard errors of the samples; family 1e-4.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPDATES = 12000, DRAWS = 10000 };
#define FAMILY 1e-4
#define MODEL "mlp:4-3-2 tanh squared"

typedef struct low_moment {
  double sum, square;
} low_moment;

static void low_add(low_moment *m, double value) {
  m->sum += value;
  m->square += value * value;
}

static double low_z(const low_moment *m, double expected) {
  const double n = UPDATES, mean = m->sum / n, variance = (m->square / n - mean * mean) / (n - 1);
  return (mean - expected) / sqrt(variance);
}

/* E of the first pair of update u. */
static void low_perturbation(stage *s, uint64_t update, float *e) {
  const double one[2] = {1, 0};
  assert_true(s->draws == 2 && s->groups == 1);
  if (update == 0) stage_prepare(s);
  stage_combine(s, update, one, e);
}

static void entries_have_the_moments_of_products(void **state) {
  (void)state;
  static const size_t ranks[] = {1, 2, 9};
  stage_levels levels = {0};
  for (size_t k = 0; k < 3; k++) {
    char options[STAGE_WORDS], what[STAGE_WORDS];
    float e[STAGE_DIM];
    stage s;
    snprintf(options, sizeof options, "noise=low-rank group=0 row-space=false samples=2 rank=%zu", ranks[k]);
    stage_open(&s, MODEL, STAGE_PLAIN, 4, options);
    low_moment *mean = calloc(s.dim, sizeof *mean), *product = calloc(s.dim * s.dim, sizeof *product), fourth[2] = {0};
    for (uint64_t u = 0; u < UPDATES; u++) {
      double power[2] = {0};
      low_perturbation(&s, u, e);
      for (size_t i = 0; i < s.dim; i++) {
        low_add(&mean[i], e[i]);
        for (size_t j = 0; j <= i; j++) low_add(&product[i * s.dim + j], (double)e[i] * e[j]);
        power[i >= 15] += pow(e[i], 4) / (i >= 15 ? 8 : 15);
      }
      low_add(&fourth[0], power[0]);
      low_add(&fourth[1], power[1]);
      for (size_t i = 0; ranks[k] == 1 && i < 4; i++) { /* minors of order 2 of the first layer, 5 × 3 */
        const float *row = e + i * 3, *next = row + 3;
        const double size = fabs((double)row[0] * next[1]) + fabs((double)row[1] * next[0]);
        check_close((double)row[0] * next[1] - (double)row[1] * next[0], 0, 0x1p-21 * size + 1e-30);
      }
    }
    for (size_t i = 0; i < s.dim; i++) {
      snprintf(what, sizeof what, "rank %zu, entry %zu", ranks[k], i);
      stage_z(&levels, low_z(&mean[i], 0), what);
      for (size_t j = 0; j <= i; j++) stage_z(&levels, low_z(&product[i * s.dim + j], i == j), what);
    }
    for (int l = 0; l < 2; l++) {
      printf("# rank %zu, layer %d: excess kurtosis %.3f, by hand %.3f (z %+.2f)\n", ranks[k], l,
             fourth[l].sum / UPDATES - 3, 6 / (double)ranks[k], low_z(&fourth[l], 3 + 6 / (double)ranks[k]));
      stage_z(&levels, low_z(&fourth[l], 3 + 6 / (double)ranks[k]), "kurtosis");
      if (ranks[k] == 1) assert_true(fabs(low_z(&fourth[l], 3)) > 6); /* not normal */
    }
    free(mean), free(product);
    stage_close(&s);
  }
  stage_check(&levels, FAMILY);
}

/* S = [H 1] E of the first layer, three examples of four inputs. */
static void the_row_space_sees_the_covariance_of_its_inputs(void **state) {
  (void)state;
  enum { EXAMPLES = 3, INPUTS = 4, UNITS = 3 };
  stage_levels levels = {0};
  for (size_t rank = 1; rank < 4; rank += 2) {
    char options[STAGE_WORDS];
    float e[STAGE_DIM];
    stage s;
    snprintf(options, sizeof options, "noise=low-rank group=0 row-space=true samples=2 rank=%zu", rank);
    stage_open(&s, MODEL, STAGE_PLAIN, EXAMPLES, options);
    low_moment product[EXAMPLES][EXAMPLES] = {0}, fourth = {0}, cross = {0};
    double gram[EXAMPLES][EXAMPLES] = {0};
    for (uint64_t u = 0; u < UPDATES; u++) {
      double seen[EXAMPLES][UNITS], power = 0;
      low_perturbation(&s, u, e);
      for (size_t b = 0; b < EXAMPLES; b++) {
        for (size_t j = 0; j < UNITS; j++) {
          seen[b][j] = e[INPUTS * UNITS + j];
          for (size_t i = 0; i < INPUTS; i++) seen[b][j] += (double)s.table.inputs[b * INPUTS + i] * e[i * UNITS + j];
        }
        for (size_t c = 0; c <= b; c++) {
          gram[b][c] = 1;
          for (size_t i = 0; i < INPUTS; i++) {
            gram[b][c] += (double)s.table.inputs[b * INPUTS + i] * s.table.inputs[c * INPUTS + i];
          }
          double dot = 0;
          for (size_t j = 0; j < UNITS; j++) dot += seen[b][j] * seen[c][j] / UNITS;
          low_add(&product[b][c], dot);
        }
        for (size_t j = 0; j < UNITS; j++) power += pow(seen[b][j], 4) / (gram[b][b] * gram[b][b] * UNITS * EXAMPLES);
      }
      low_add(&fourth, power);
      low_add(&cross, seen[0][0] * seen[1][1]);
    }
    for (size_t b = 0; b < EXAMPLES; b++) {
      for (size_t c = 0; c <= b; c++) stage_z(&levels, low_z(&product[b][c], gram[b][c]), options);
    }
    stage_z(&levels, low_z(&fourth, 3 + 6 / (double)rank), "kurtosis");
    stage_z(&levels, low_z(&cross, 0), "units");
    stage_close(&s);
  }
  stage_check(&levels, FAMILY);
}

static double low_level(const char *spec, const char *words) {
  static double losses[2][DRAWS];
  stage s;
  char options[STAGE_WORDS];
  for (int i = 0; i < 2; i++) {
    snprintf(options, sizeof options, "group=0 antithetic=false samples=%d %s", DRAWS,
             i ? words : "noise=weights seed=300");
    stage_open(&s, spec, STAGE_PLAIN, 3, options);
    stage_losses(&s, 0, 1, losses[i]);
    stage_close(&s);
  }
  return stage_smirnov(DRAWS, losses[0], DRAWS, losses[1]);
}

static void a_large_rank_has_the_exact_law_and_rank_one_has_not(void **state) {
  (void)state;
  static const char *const spaces[] = {"row-space=true", "row-space=false"};
  stage_levels levels = {0};
  for (size_t k = 0; k < 6; k++) {
    static const char *const specs[] = {"mlp:4-3 tanh squared", "mlp:4-3-2 relu cross-entropy",
                                        "mlp:4-3-3-2 tanh squared"};
    char words[STAGE_WORDS];
    snprintf(words, sizeof words, "noise=low-rank rank=64 %s", spaces[k % 2]);
    stage_level(&levels, low_level(specs[k / 2], words), specs[k / 2]);
    snprintf(words, sizeof words, "noise=low-rank rank=1 %s", spaces[k % 2]);
    assert_true(low_level(specs[k / 2], words) < 1e-6);
  }
  stage_check(&levels, FAMILY);
}

static void one_example_per_group_is_refused(void **state) {
  (void)state;
  static const size_t counts[] = {4, 1};
  for (size_t k = 0; k < 2; k++) {
    stage s;
    const swale_status status = stage_try(&s, MODEL, STAGE_PLAIN, counts[k],
                                          k ? "noise=low-rank group=0" : "noise=low-rank group=1");
    check_fails(s.context, status, SWALE_ERROR_USAGE, "option group: 1 with noise low-rank");
    check_fails(s.context, status, SWALE_ERROR_USAGE, "noise = subspace");
    stage_close(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_have_the_moments_of_products),
      cmocka_unit_test(the_row_space_sees_the_covariance_of_its_inputs),
      cmocka_unit_test(a_large_rank_has_the_exact_law_and_rank_one_has_not),
      cmocka_unit_test(one_example_per_group_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
