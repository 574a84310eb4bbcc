/* test_subspace_draws.c - what a draw of noise on layers is, number by number: no statistics here.
 *
 * Hand arguments.
 * (1) Weight 1 on one loss of the table, 0 elsewhere: `combine` then hands over E[E | S] = Qᵀ Z itself (conditioning
 *     off), for the minus member of a pair - Qᵀ Z. The loss must be that of the network at x + sqrt(tau_l) times it, on
 *     that group: [H 1] Qᵀ Z = L Z = S, and behind a noisy layer (h, 1)(h, 1)ᵀ/|(h, 1)|² ... ξ = |(h, 1)| ξ. Smoothed
 *     layer by layer, the other layers' parts are 0. So is every number right that a loss or a direction is made of,
 *     but for their law.
 * (2) combine is linear: Σ w_jg of those vectors, to the rounding of single precision.
 * (3) One pass is two: stream's losses are evaluate's, and the sampler's gradient is combine's of the weights by
 *     regularizer->stream, scaled (local entropy: by exp(beta (F/beta - f0))). In antithetic pairs Σ Z = 0, so centered
 *     weights give the same as the two passes (monotone = true forces these); single draws differ by the mean of Z
 *     times (1 - 1/mean u), u = exp(-beta (f - f0)), for local entropy.
 *     Behind a noisy layer with group = 1 the Z of a pair are not each other's negatives: there one layer is looked at.
 * Bounds: eps = 2^-24 per operation; outputs of these networks are sums of at most 8 products of numbers below 4,
 * through at most 4 layers of slope at most 2, losses double: 2^-24 · 2^10 (1 + |f|) is far above, and any wrong number
 * beyond.
 */
#include "test_subspace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double bound = 0x1p-14;

/* The block of the plan that a draw belongs to; only its layer may move where layers are smoothed on their own. */
static void draws_check_layer(const stage *s, size_t draw, const float *sum) {
  const swl_plan *plan = &s->trainer->sampling.plan;
  size_t b = 0;
  while (plan->first[b + 1] <= draw) b++;
  for (size_t l = 0; plan->count > 1 && l < s->network.depth; l++) {
    const swl_layer *layer = &s->network.layers[l];
    double square = 0;
    for (size_t i = 0; i < (layer->inputs + 1) * layer->outputs; i++) {
      square += (double)sum[layer->offset + i] * sum[layer->offset + i];
    }
    assert_true(l == b ? square > 0 : square == 0);
  }
}

/* (1) and (2) */
static void draws_check(const char *spec, stage_kind kind, size_t count, const char *options) {
  stage s;
  stage_open(&s, spec, kind, count, options);
  const size_t cells = s.draws * s.groups;
  double *losses = calloc(cells, sizeof *losses), *one = calloc(cells, sizeof *one), *all = calloc(cells, sizeof *all);
  double total[STAGE_DIM] = {0}, size[STAGE_DIM] = {0};
  float sum[STAGE_DIM], point[STAGE_DIM];
  uint64_t state = 5;
  size_t differ = 0;
  stage_losses(&s, 3, 1, losses);
  const size_t skip = cells < 600 ? 1 : cells / 300;
  for (size_t c = cells % skip; c < cells; c += skip) {
    const size_t draw = c / s.groups, group = c % s.groups;
    all[c] = stage_number(&state);
    one[c] = 1;
    stage_combine(&s, 3, one, sum);
    one[c] = 0;
    draws_check_layer(&s, draw, sum);
    const double at = stage_loss_at(&s, group, 1, sum, point), still = stage_loss_at(&s, group, 0, sum, point);
    if (!(fabs(losses[c] - at) <= bound * (1 + fabs(at)))) print_error("%s: %s draw %zu\n", spec, options, c);
    check_close(losses[c], at, bound * (1 + fabs(at)));
    differ += fabs(losses[c] - still) > 10 * bound * (1 + fabs(at));
    for (size_t i = 0; i < s.dim; i++) total[i] += all[c] * sum[i], size[i] += fabs(all[c] * sum[i]);
  }
  stage_combine(&s, 3, all, sum);
  for (size_t i = 0; i < s.dim; i++) check_close(sum[i], total[i], 0x1p-20 * (size[i] + 1));
  if (strcmp(s.network.loss->name, "zero-one") != 0) assert_true(4 * differ > cells / skip);
  free(losses), free(one), free(all);
  stage_close(&s);
}

static const char *const models[] = {"mlp:5-3", "mlp:5-4-3", "mlp:5-4-4-3", "mlp:5-4-3-4-3"};

static void a_loss_is_that_at_its_own_perturbation(void **state) {
  (void)state;
  static const char *const activations[] = {"relu", "sign", "tanh", "gelu"};
  static const char *const losses[] = {"cross-entropy", "squared", "zero-one", "huber"};
  static const char *const noises[] = {"noise=subspace smoothing=joint conditioning=false",
                                       "noise=subspace smoothing=layerwise conditioning=false layer-samples=6",
                                       "noise=low-rank rank=1",
                                       "noise=low-rank rank=2 row-space=false",
                                       "noise=low-rank rank=3 smoothing=layerwise",
                                       "noise=weights",
                                       "noise=subspace smoothing=joint conditioning=false generator=block"};
  for (size_t k = 0; k < 7 * 4 * 4 * 2; k++) {
    const size_t noise = k % 7, depth = k / 7 % 4, group = k / 28 % 4, antithetic = k / 112;
    static const int groups[] = {1, 3, 0, 11};
    char spec[STAGE_WORDS], options[STAGE_WORDS];
    if (noise >= 2 && noise <= 4 && group == 0) continue; /* refused: test_subspace_low_rank.c */
    snprintf(spec, sizeof spec, "%s %s %s", models[depth], activations[(k + k / 7) % 4], losses[(k + k / 28) % 4]);
    snprintf(options, sizeof options, "%s group=%d antithetic=%s %s samples=%d", noises[noise], groups[group],
             antithetic ? "true" : "false", k % 3 ? "tau=0.05" : "sig=0.3", k % 5 ? 8 : 90);
    draws_check(spec, k % 2 ? STAGE_SINGULAR : STAGE_PLAIN, group == 0 ? 19 : 13, options);
  }
}

/* Many examples and draws: every chunk, shard, panel and lane; wide layers, below and above, and the kernels of both
 * kinds. Sums of up to 130 products. */
static void many_draws_of_many_examples_too(void **state) {
  (void)state;
  static const char *const ways[] = {"group=1 samples=64",
                                     "group=2 samples=64",
                                     "group=0 samples=200",
                                     "group=30 samples=100",
                                     "group=1 samples=32 smoothing=layerwise",
                                     "group=0 samples=64 smoothing=layerwise shards=3"};
  for (size_t k = 0; k < 6; k++) {
    char options[STAGE_WORDS];
    snprintf(options, sizeof options, "noise=subspace smoothing=joint conditioning=false %s kernels=%s", ways[k],
             k % 2 ? "onednn" : "reference");
    draws_check("mlp:3-9-7-2 tanh cross-entropy", STAGE_PLAIN, 35, options);
    draws_check("mlp:2-33-1 relu squared", STAGE_PLAIN, 35, options);
    draws_check(k % 2 ? "mlp:2-130-2 tanh squared" : "mlp:2-70-3 relu cross-entropy", STAGE_PLAIN, 35, options);
    draws_check("mlp:3-5-40-2 gelu squared", STAGE_SINGULAR, 35, options);
  }
  static const char *const deep[] = {"noise=subspace smoothing=joint", "noise=subspace smoothing=layerwise",
                                     "noise=subspace smoothing=joint", "noise=low-rank rank=2"};
  for (size_t k = 0; k < 8;
       k++) { /* L of 40 to 60 examples, with an inverse or without, and the last group a partial one */
    char options[STAGE_WORDS];
    snprintf(options, sizeof options, "%s group=%d samples=400 antithetic=%s tau=0.01", deep[k % 4], k % 3 ? 40 : 0,
             k % 2 ? "true" : "false");
    draws_check(k / 4 ? "mlp:70-7-2 tanh squared" : "mlp:60-8 relu squared", k / 2 % 2 ? STAGE_SINGULAR : STAGE_PLAIN,
                55, options);
  }
}

typedef struct passes {
  stage s;
  double *losses, *weights;
  float sum[STAGE_DIM];
} passes;

static void passes_open(passes *p, const char *spec, const char *options) {
  stage_open(&p->s, spec, STAGE_PLAIN, 13, options);
  p->losses = calloc(p->s.draws * p->s.groups, sizeof *p->losses);
  p->weights = calloc(p->s.draws * p->s.groups, sizeof *p->weights);
}

static void passes_close(passes *p) {
  free(p->losses), free(p->weights);
  stage_close(&p->s);
}

/* The gradient of one pass, made again from evaluate and combine. */
static void passes_check_stream(passes *p, uint64_t update) {
  stage *s = &p->s;
  const swl_sampling *with = &s->trainer->sampling;
  const float *gradient = stage_gradient(s, update);
  const swl_tilt *tilt = &s->trainer->step.tilt;
  double scale = -1 / tilt->beta, largest = 0;
  stage_losses(s, update, 1, p->losses);
  const double *reference = with->noise->reference(with->noise_self);
  for (size_t b = 0; b < with->plan.count; b++) {
    const size_t first = with->plan.first[b], samples = with->plan.first[b + 1] - first;
    for (size_t c = first * s->groups; c < (first + samples) * s->groups; c++) {
      const size_t g = c % s->groups;
      with->regularizer->stream(tilt->beta, s->problem->shares[g], samples, 1, p->losses + c, reference + g,
                                p->weights + c);
    }
  }
  if (with->regularizer->density) scale *= exp(tilt->beta * (tilt->value - reference[0]));
  stage_combine(s, update, p->weights, p->sum);
  check_ok(s->context, swl_covariance_divide(&s->trainer->step.covariance, s->trainer->team, scale, 0, p->sum));
  for (size_t i = 0; i < s->dim; i++) largest = fmax(largest, fabs((double)p->sum[i]));
  for (size_t i = 0; i < s->dim; i++) check_close(gradient[i], p->sum[i], 0x1p-18 * largest);
  assert_true(largest > 0);
}

/* (3) stream is evaluate, weigh, combine */
static void one_pass_is_evaluate_weigh_combine(void **state) {
  (void)state;
  static const char *const regularizers[] = {"regularizer=heat smoothing=joint beta=2 group=1",
                                             "regularizer=heat group=3",
                                             "regularizer=heat group=0",
                                             "regularizer=local-entropy beta=3 group=0",
                                             "regularizer=local-entropy beta=auto:0.6 group=13",
                                             "regularizer=heat group=1 smoothing=layerwise layer-samples=40",
                                             "regularizer=heat group=0 smoothing=layerwise"};
  for (size_t k = 0; k < 7 * 4 * 2; k++) {
    const size_t way = k % 7, depth = k / 7 % 4;
    char spec[STAGE_WORDS], options[STAGE_WORDS];
    passes p;
    if (k % 3 == 1 && way % 5 == 0) continue;       /* group = 1 */
    if (k < 28 && (way == 3 || way == 4)) continue; /* two passes: see below */
    snprintf(spec, sizeof spec, "%s %s cross-entropy", models[depth], k % 2 ? "relu" : "tanh");
    snprintf(options, sizeof options, "%s samples=60 antithetic=%s %s %s",
             k % 3 == 1 ? "noise=low-rank" : "noise=subspace", k / 28 ? "true" : "false", k % 5 ? "" : "sig=0.3",
             regularizers[way]);
    passes_open(&p, spec, options);
    passes_check_stream(&p, k);
    passes_close(&p);
  }
}

/* one - two = add mean over draws of Z, as a gradient, which pairs cancel. Returns 1 if there was one pass only; where the
 * mean weight is too far from that of the reference, the two passes follow, and there is no difference. */
static int passes_check_two(const char *spec, const char *options) {
  passes one, two;
  char forced[STAGE_WORDS];
  passes_open(&one, spec, options);
  snprintf(forced, sizeof forced, "%s monotone=true", options);
  passes_open(&two, spec, forced);
  const float *a = stage_gradient(&one.s, 9), *b = stage_gradient(&two.s, 9);
  const swl_tilt *tilt = &one.s.trainer->step.tilt;
  assert_true(tilt->value == two.s.trainer->step.tilt.value && tilt->beta == two.s.trainer->step.tilt.beta);
  const int single = one.s.trainer->step.noise == 0; /* it is known in two passes only */
  assert_true(two.s.trainer->step.noise > 0);
  const swl_sampling *with = &one.s.trainer->sampling;
  const size_t groups = one.s.groups;
  const double inverse = exp(tilt->beta * (tilt->value - with->noise->reference(with->noise_self)[0]));
  double largest = 0;
  for (size_t c = 0; c < one.s.draws * groups; c++) one.weights[c] = (1 - inverse) / (double)one.s.draws;
  memset(one.sum, 0, sizeof one.sum);
  if (with->regularizer->density && single) stage_combine(&one.s, 9, one.weights, one.sum);
  check_ok(one.s.context,
           swl_covariance_divide(&one.s.trainer->step.covariance, one.s.trainer->team, -1 / tilt->beta, 0, one.sum));
  for (size_t i = 0; i < one.s.dim; i++) largest = fmax(largest, fmax(fabs((double)b[i]), fabs((double)one.sum[i])));
  for (size_t i = 0; i < one.s.dim; i++) check_close(a[i], (double)b[i] + one.sum[i], 0x1p-17 * largest);
  passes_close(&one);
  passes_close(&two);
  return single;
}

static void one_pass_is_two_passes(void **state) {
  (void)state;
  size_t single = 0;
  for (size_t k = 0; k < 4 * 2 * 3; k++) {
    static const char *const ways[] = {"regularizer=local-entropy beta=0.5 group=0 antithetic=false",
                                       "regularizer=local-entropy beta=3 group=0"};
    char spec[STAGE_WORDS], options[STAGE_WORDS];
    snprintf(spec, sizeof spec, "%s %s squared", models[k % 4], k / 4 % 2 ? "relu" : "tanh");
    strcpy(options, "noise=subspace samples=50 ");
    strcat(options, k / 8 < 2 ? ways[k / 8] : k % 4 == 0 ? "smoothing=joint group=1" : "group=3");
    const int one = passes_check_two(spec, options);
    if (k / 8 == 0) assert_false(one); /* without pairs the constant that centers would be chosen by the losses */
    single += (size_t)one;
  }
  printf("# %zu of 24 in one pass\n", single);
  assert_true(single >= 12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loss_is_that_at_its_own_perturbation),
      cmocka_unit_test(many_draws_of_many_examples_too),
      cmocka_unit_test(one_pass_is_evaluate_weigh_combine),
      cmocka_unit_test(one_pass_is_two_passes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
