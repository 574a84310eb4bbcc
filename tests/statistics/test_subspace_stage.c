/* test_subspace_stage.c - see test_subspace.h. */
#include "test_subspace.h"

#include "train/resolve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const stage_common = "threads=1 kernels=reference batch=0 regularizer=heat optimizer=sgd "
                                        "rate-schedule=constant sig=0 tau=0.09 beta=1 samples=8";

double stage_number(uint64_t *state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) * 0x1p-52 - 1.0;
}

static void stage_words(stage *s, const char *words) {
  char copy[STAGE_WORDS], *rest = NULL;
  assert_true(strlen(words) < sizeof copy);
  strcpy(copy, words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    assert_non_null(value);
    *value = '\0';
    check_ok(s->context, swale_options_set(s->options, word, value + 1));
  }
}

static void stage_table(stage *s, stage_kind kind, size_t count) {
  const size_t n = s->network.inputs, m = s->network.outputs;
  uint64_t state = 77 + n;
  s->table = (swl_table){.count = count};
  s->table.inputs = calloc(count * n, sizeof(float));
  s->table.labels = calloc(count, sizeof(uint32_t));
  s->table.targets = calloc(count * m, sizeof(float));
  for (size_t b = 0; b < count; b++) {
    float *h = s->table.inputs + b * n;
    for (size_t i = 0; i < n; i++) h[i] = (float)stage_number(&state);
    if (kind == STAGE_SINGULAR && b % 3 == 1) memcpy(h, h - n, n * sizeof *h); /* that of the example before it */
    if (kind == STAGE_SINGULAR && b % 5 == 2) memset(h, 0, n * sizeof *h);
    for (size_t j = 0; j < m; j++) s->table.targets[b * m + j] = (float)stage_number(&state);
    s->table.labels[b] = (uint32_t)((stage_number(&state) + 1) / 2 * (double)m);
  }
}

static void stage_start(stage *s) {
  float x[STAGE_DIM];
  uint64_t state = 4242;
  assert_true(s->dim <= STAGE_DIM);
  for (size_t l = 0; l < s->network.depth; l++) {
    const swl_layer *layer = &s->network.layers[l];
    const double scale = 1.7 / sqrt((double)layer->inputs);
    for (size_t i = 0; i < (layer->inputs + 1) * layer->outputs; i++) {
      x[layer->offset + i] = (float)(scale * stage_number(&state));
    }
  }
  check_ok(s->context, swale_trainer_set_parameters(s->trainer, x));
}

swale_status stage_try(stage *s, const char *spec, stage_kind kind, size_t count, const char *options) {
  char copy[STAGE_WORDS], *rest = NULL;
  *s = (stage){0};
  assert_true(strlen(spec) < sizeof copy);
  strcpy(copy, spec);
  const char *model = strtok_r(copy, " ", &rest), *activation = strtok_r(NULL, " ", &rest);
  const char *loss = strtok_r(NULL, " ", &rest);
  assert_int_equal(swale_context_create(NULL, &s->context), SWALE_OK);
  check_ok(s->context, swale_options_create(s->context, &s->options));
  stage_words(s, stage_common);
  stage_words(s, options);
  check_ok(s->context, swl_network_parse(s->context, model, activation, loss, &s->network));
  stage_table(s, kind, count);
  const swale_status resolved = swl_settings_resolve(s->context, s->options, 1, &s->settings);
  if (resolved != SWALE_OK) return resolved;
  const int backward = s->network.loss->gradient && (s->network.depth == 1 || s->network.activation->backward);
  s->seen = s->table;
  if (s->network.loss->classification)
    s->seen.targets = NULL;
  else
    s->seen.labels = NULL;
  check_ok(s->context, swl_network_problem_create(s->context, &s->settings, &s->network, &s->seen,
                                                  (size_t)s->settings.threads, backward, &s->problem));
  const swale_status status = swale_trainer_create(s->options, s->problem, &s->trainer);
  if (status != SWALE_OK) return status;
  s->dim = s->network.dim;
  s->groups = s->problem->groups;
  s->draws = s->trainer->sampling.plan.first[s->trainer->sampling.plan.count];
  stage_start(s);
  return SWALE_OK;
}

void stage_open(stage *s, const char *spec, stage_kind kind, size_t count, const char *options) {
  check_ok(s->context, stage_try(s, spec, kind, count, options));
}

void stage_close(stage *s) {
  swale_trainer_destroy(s->trainer);
  swale_problem_destroy(s->problem);
  swale_options_destroy(s->options);
  swale_context_destroy(s->context);
  free(s->table.inputs), free(s->table.labels), free(s->table.targets);
}

void stage_prepare(stage *s) {
  const swl_sampling *with = &s->trainer->sampling;
  swl_step *step = &s->trainer->step;
  step->tau = s->settings.tau;
  swl_covariance_even(s->problem, step->tau, &step->covariance);
  if (!with->noise->prepare) return;
  check_ok(s->context,
           with->noise->prepare(with->noise_self, s->trainer->team, step->x, s->settings.sig.value, &step->covariance));
}

static swl_draws stage_draws(const stage *s, uint64_t update) {
  return (swl_draws){.key = swl_settings_key(&s->settings),
                     .purpose = SWL_PURPOSE_DRAW,
                     .update = update,
                     .samples = s->draws,
                     .antithetic = s->settings.antithetic,
                     .covariance = &s->trainer->step.covariance};
}

void stage_losses(stage *s, uint64_t first, size_t updates, double *losses) {
  const swl_sampling *with = &s->trainer->sampling;
  stage_prepare(s);
  for (size_t u = 0; u < updates; u++) {
    const swl_draws draws = stage_draws(s, first + u);
    for (size_t b = 0; b < with->plan.count; b++) {
      const swl_range range = {with->plan.first[b], with->plan.first[b + 1]};
      check_ok(s->context, with->noise->evaluate(with->noise_self, 0, &draws, s->trainer->x, range,
                                                 losses + u * s->draws * s->groups));
    }
  }
}

void stage_combine(stage *s, uint64_t update, const double *weights, float *sum) {
  const swl_sampling *with = &s->trainer->sampling;
  const swl_draws draws = stage_draws(s, update);
  check_ok(s->context, with->noise->combine(with->noise_self, s->trainer->team, &draws, s->trainer->x, weights, sum));
}

const float *stage_gradient(stage *s, uint64_t update) {
  swl_step *step = &s->trainer->step;
  step->update = update;
  step->round = 0;
  step->tau = s->settings.tau;
  step->unit = 1;
  swl_covariance_even(s->problem, step->tau, &step->covariance);
  check_ok(s->context, s->trainer->sampler->draw(s->trainer->sampler_self, step));
  return step->gradient;
}

void stage_gradients(stage *s, size_t updates, float *gradients) {
  for (size_t u = 0; u < updates; u++) memcpy(gradients + u * s->dim, stage_gradient(s, u), s->dim * sizeof(float));
}

static int stage_order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double stage_smirnov(size_t m, double *a, size_t n, double *b) {
  double largest = 0;
  qsort(a, m, sizeof *a, stage_order);
  qsort(b, n, sizeof *b, stage_order);
  for (size_t i = 0, j = 0; i < m && j < n;) {
    const double at = a[i] < b[j] ? a[i] : b[j];
    while (i < m && a[i] <= at) i++;
    while (j < n && b[j] <= at) j++;
    largest = fmax(largest, fabs((double)i / (double)m - (double)j / (double)n));
  }
  const double size = (double)m * (double)n / (double)(m + n);
  return fmin(1, 2 * exp(-2 * size * largest * largest));
}

void stage_level(stage_levels *levels, double level, const char *what) {
  if (levels->count++ == 0) levels->least = 2;
  if (!(level < levels->least) && !isnan(level)) return;
  levels->least = level;
  snprintf(levels->what, sizeof levels->what, "%s", what);
}

void stage_z(stage_levels *levels, double z, const char *what) { stage_level(levels, erfc(fabs(z) / sqrt(2)), what); }

void stage_check(const stage_levels *levels, double family) {
  printf("# %zu tests, least level %.2e (allowed %.2e) of: %s\n", levels->count, levels->least,
         family / (double)levels->count, levels->what);
  assert_true(levels->least >= family / (double)levels->count);
}

stage_moments stage_project(size_t count, size_t dim, const float *rows, const double *direction) {
  double sum = 0, square = 0;
  for (size_t k = 0; k < count; k++) {
    double dot = 0;
    for (size_t i = 0; i < dim; i++) dot += rows[k * dim + i] * direction[i];
    sum += dot;
    square += dot * dot;
  }
  const double n = (double)count, mean = sum / n;
  return (stage_moments){mean, fmax(square - n * mean * mean, 0) / (n - 1)};
}

double stage_loss_at(stage *s, size_t group, double size, const float *sum, float point[STAGE_DIM]) {
  const swl_covariance *covariance = &s->trainer->step.covariance;
  double loss = NAN;
  for (size_t l = 0; l < covariance->count; l++) {
    const swl_block *block = &covariance->blocks[l];
    for (size_t i = block->first; i < block->end; i++) {
      point[i] = (float)(s->trainer->x[i] + size * sqrt(block->tau) * sum[i]);
    }
  }
  check_ok(s->context, s->problem->ops->evaluate(s->problem->self, 0, group, point, &loss));
  return loss;
}
