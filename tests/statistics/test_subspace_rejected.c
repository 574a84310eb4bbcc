/* test_subspace_rejected.c - draws whose activations are no numbers: counted, and in no sum.
 *
 * Networks so deep, at noise so large, that some draws overflow single precision and others do not. Whatever a draw left
 * behind in a layer (infinite, or a difference of infinities), the gradient has only numbers, for every noise, regularizer
 * and weighting; and a sum of weights that are 0 wherever a loss is not finite has, too.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXAMPLES = 6, REJECTED_DRAWS = 40 };

static void check_finite(const stage *s, const float *v, const char *what) {
  for (size_t i = 0; i < s->dim; i++) {
    if (!isfinite(v[i])) fail_msg("%s: number %zu is %g", what, i, v[i]);
  }
}

/* 1 if some draws, not all, are rejected at this noise: then gradient and sums are looked at. */
static int look(const char *words) {
  stage s;
  static float sum[1 << 14];
  double losses[REJECTED_DRAWS * EXAMPLES], weights[REJECTED_DRAWS * EXAMPLES];
  size_t bad = 0;
  stage_open(&s, "mlp:5-2-2-2-2-2-2-2-2-2-2-2-2-2-2-2-2-2-2-2-2-3 identity squared", STAGE_PLAIN, EXAMPLES, words);
  const size_t count = s.draws * s.groups;
  assert_true(s.dim <= sizeof sum / sizeof *sum && count <= sizeof losses / sizeof *losses);
  stage_losses(&s, 0, 1, losses);
  for (size_t k = 0; k < count; k++) bad += !isfinite(losses[k]);
  for (size_t g = 0; g < s.groups; g++) { /* every group has a finite one */
    size_t finite = 0;
    for (size_t j = 0; j < s.draws; j++) finite += isfinite(losses[j * s.groups + g]) ? 1 : 0;
    if (finite == 0) bad = 0;
  }
  if (bad > 0) {
    for (size_t k = 0; k < count; k++) weights[k] = isfinite(losses[k]) ? 0.5 : 0;
    stage_combine(&s, 0, weights, sum);
    check_finite(&s, sum, words);
    for (size_t k = 0; k < count; k++)
      weights[k] = isfinite(losses[k]) ? 0.5 : -0.1; /* centered, as in local entropy */
    stage_combine(&s, 0, weights, sum);
    check_finite(&s, sum, words);
    const float *gradient = stage_gradient(&s, 0);
    if (strstr(words, "=local-entropy")) check_finite(&s, gradient, words); /* that of heat is as large as its losses */
    assert_int_equal(s.trainer->step.tilt.rejected, bad);
  }
  stage_close(&s);
  return bad > 0;
}

static void a_rejected_draw_enters_no_sum(void **state) {
  (void)state;
  const char *const ways[] = {
      "noise=subspace group=1 smoothing=joint",
      "noise=subspace group=1 smoothing=joint antithetic=false",
      "noise=subspace group=3 smoothing=joint",
      "noise=subspace group=0 smoothing=joint",
      "noise=low-rank group=3 rank=2 smoothing=joint",
      "noise=weights group=0",
      "noise=weights group=1",
      "noise=subspace group=1 regularizer=local-entropy",
      "noise=subspace group=0 regularizer=local-entropy",
      "noise=low-rank group=0 rank=2 regularizer=local-entropy",
      "noise=weights group=0 regularizer=local-entropy",
  };
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    int looked = 0;
    for (double tau = 10; tau <= 1e6 && looked < 8; tau *= 1.3) {
      char words[STAGE_WORDS];
      snprintf(words, sizeof words, "samples=%d sig=0 tau=%.0f %s", REJECTED_DRAWS, tau, ways[w]);
      looked += look(words);
    }
    if (looked == 0) fail_msg("no noise rejects a part of the draws: %s", ways[w]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_rejected_draw_enters_no_sum)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
