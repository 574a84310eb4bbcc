/* test_problem.c - the loss of a batch by groups, its gradient by chunks, and what a network is worth on a table.
 *
 * Hand solution: one dense layer, so that outputs, losses and residuals are sums of a few products, made here in double.
 * The bounds add up every rounding of single precision, eps = 2^-24 relative each.
 */
#include "check.h"

#include "problem/assessment.h"
#include "problem/problem_parts.h"
#include "random/stream.h"

#include <swale/trainer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES = 3, OUTPUTS = 4, DIM = (FEATURES + 1) * OUTPUTS };

static const double eps = 0x1p-24;

typedef struct stage {
  counting_allocator counting;
  swale_context *context;
  swl_arena *arena;
  swl_network network;
  swl_settings settings;
  swl_table table;
  float x[DIM];
} stage;

/* Numbers in [-1, 1) that a float holds exactly. */
static float stage_number(uint64_t purpose, uint64_t index) {
  const swl_stream stream = swl_stream_make(swl_philox(7), SWL_PURPOSE_EVALUATE, purpose, 0, 0);
  return (float)(swl_uniform_below(&stream, index, 4096) / 2048.0 - 1);
}

static void stage_make(stage *s, size_t count, const char *loss) {
  *s = (stage){.table = {.count = count}};
  s->context = check_context(&s->counting);
  check_ok(s->context, swl_arena_create(s->context, &s->arena));
  check_ok(s->context, swl_network_parse(s->context, "mlp:3-4", "relu", loss, &s->network));
  s->settings = (swl_settings){.seed = 3, .kernels = SWL_KERNELS_REFERENCE};
  s->table.inputs = calloc(count * FEATURES + 1, sizeof(float));
  for (size_t i = 0; i < count * FEATURES; i++) s->table.inputs[i] = stage_number(1, i);
  if (s->network.loss->classification) {
    s->table.labels = calloc(count + 1, sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) s->table.labels[i] = (uint32_t)(2 + 2 * stage_number(2, i)); /* 0 … 3 */
  } else {
    s->table.targets = calloc(count * OUTPUTS + 1, sizeof(float));
    for (size_t i = 0; i < count * OUTPUTS; i++) s->table.targets[i] = stage_number(2, i);
  }
  for (size_t i = 0; i < DIM; i++) s->x[i] = stage_number(3, i);
}

static void stage_free(stage *s) {
  swl_arena_destroy(s->arena);
  check_context_gone(&s->counting, s->context);
  free(s->table.inputs), free(s->table.labels), free(s->table.targets);
}

static swale_problem *stage_problem(stage *s, size_t batch, size_t group, int backward) {
  swale_problem *problem = NULL;
  s->settings.batch = (int64_t)batch;
  s->settings.group = (int64_t)group;
  check_ok(s->context,
           swl_network_problem_create(s->context, &s->settings, &s->network, &s->table, 1, backward, &problem));
  return problem;
}

/* The outputs of one example: [h 1] X, in double. */
static void hand_outputs(const stage *s, const float *h, double *outputs) {
  for (size_t j = 0; j < OUTPUTS; j++) {
    outputs[j] = s->x[FEATURES * OUTPUTS + j];
    for (size_t i = 0; i < FEATURES; i++) outputs[j] += (double)h[i] * s->x[i * OUTPUTS + j];
  }
}

/* -log softmax(outputs)[label]. The outputs are rounded to floats: at most 4 in size, and two roundings. */
static const double loss_bound = 2 * 2 * 4 * 0x1p-24;
static double hand_loss(const stage *s, const float *h, uint32_t label) {
  double outputs[OUTPUTS], sum = 0;
  hand_outputs(s, h, outputs);
  for (size_t j = 0; j < OUTPUTS; j++) sum += exp(outputs[j]);
  return log(sum) - outputs[label];
}

/* Seven examples in groups of three: 3, 3 and 1. */
static void groups_are_weighted_means(void **state) {
  (void)state;
  stage s;
  stage_make(&s, 7, "cross-entropy");
  swale_problem *grouped = stage_problem(&s, 0, 3, 0), *whole = stage_problem(&s, 0, 0, 0);
  const double shares[] = {3.0 / 7, 3.0 / 7, 1.0 / 7};
  double all = 0, sum = 0, loss = 0;
  assert_int_equal(grouped->groups, 3);
  assert_int_equal(whole->groups, 1);
  for (size_t g = 0; g < 3; g++) {
    const size_t end = g < 2 ? 3 * (g + 1) : 7;
    double mean = 0;
    for (size_t b = 3 * g; b < end; b++) mean += hand_loss(&s, s.table.inputs + b * FEATURES, s.table.labels[b]);
    mean /= (double)(end - 3 * g);
    check_ok(s.context, grouped->ops->evaluate(grouped->self, 0, g, s.x, &loss));
    check_close(loss, mean, loss_bound);
    check_close(grouped->shares[g], shares[g], 1e-16);
    sum += grouped->shares[g] * loss;
  }
  check_ok(s.context, whole->ops->evaluate(whole->self, 0, 0, s.x, &all));
  check_close(sum, all, 1e-14);
  swale_problem_destroy(grouped);
  swale_problem_destroy(whole);
  stage_free(&s);
}

/* Batches of 5 of 11 examples: the two of an epoch share no example, each is the mean over those it holds, and the
 * gradients of its groups have the gradient of the batch as their weighted mean. */
static void batches_have_groups_of_their_own(void **state) {
  (void)state;
  stage s;
  stage_make(&s, 11, "cross-entropy");
  swale_problem *problem = stage_problem(&s, 5, 2, 1), *whole = stage_problem(&s, 5, 0, 1);
  assert_int_equal(problem->groups, 3);
  for (uint64_t update = 0; update < 4; update++) {
    double total = 0, loss = 0;
    float part[DIM], gradient[DIM];
    double mean[DIM] = {0};
    problem->ops->prepare(problem->self, NULL, swl_everything, update);
    whole->ops->prepare(whole->self, NULL, swl_everything, update);
    for (size_t g = 0; g < 3; g++) {
      check_ok(s.context, problem->ops->gradient(problem->self, 0, g, s.x, part, &loss));
      total += problem->shares[g] * loss;
      for (size_t i = 0; i < DIM; i++) mean[i] += problem->shares[g] * part[i];
    }
    check_ok(s.context, whole->ops->gradient(whole->self, 0, 0, s.x, gradient, &loss));
    check_close(total, loss, 1e-14);
    for (size_t i = 0; i < DIM; i++) check_close(mean[i], gradient[i], 8 * eps); /* |h|, |delta| <= 1 */
  }
  swale_problem_destroy(problem);
  swale_problem_destroy(whole);
  stage_free(&s);
}

/* 2500 examples pass in three chunks. The reference kernel sums in double, so an entry is rounded in delta, in the
 * product's sum, and here in share, product and sum of each chunk; |delta| <= 1 and |h| <= 1. */
static void chunks_change_nothing_but_rounding(void **state) {
  (void)state;
  enum { COUNT = 2500 };
  stage s;
  stage_make(&s, COUNT, "cross-entropy");
  swale_problem *problem = stage_problem(&s, 0, 0, 1);
  swl_workspace *workspace = NULL;
  const swl_examples examples = {COUNT, s.table.inputs, s.table.labels, NULL, NULL};
  float chunked[DIM], at_once[DIM];
  double *losses = calloc(COUNT, sizeof *losses), loss = 0, sum = 0, hand = 0;
  check_ok(s.context, swl_workspace_create(s.arena, &s.network, swl_kernels_find("reference"), COUNT, 1, &workspace));
  swl_network_gradient(&s.network, workspace, s.x, &examples, at_once, losses);
  check_ok(s.context, problem->ops->gradient(problem->self, 0, 0, s.x, chunked, &loss));
  for (size_t b = 0; b < COUNT; b++) {
    sum += losses[b] / COUNT;
    hand += hand_loss(&s, s.table.inputs + b * FEATURES, s.table.labels[b]) / COUNT;
  }
  check_close(loss, sum, 1e-12);
  check_close(loss, hand, loss_bound);
  check_ok(s.context, problem->ops->evaluate(problem->self, 0, 0, s.x, &sum));
  check_close(loss, sum, 1e-12);
  for (size_t i = 0; i < DIM; i++) check_close(chunked[i], at_once[i], 8 * eps);
  free(losses);
  swale_problem_destroy(problem);
  stage_free(&s);
}

static swl_assessment assess(stage *s, size_t threads, size_t most) {
  swl_team *team = NULL;
  swl_assessor *assessor = NULL;
  swl_assessment made;
  memset(&made, 0, sizeof made);
  check_ok(s->context, swl_team_create(s->context, threads, &team));
  check_ok(s->context, swl_assessor_create(s->arena, &s->network, swl_kernels_find("onednn"), most, team, &assessor));
  check_ok(s->context, swl_assess(assessor, s->x, &s->table, &made));
  swl_team_destroy(team);
  return made;
}

/* 1300 examples are three chunks: any number of threads gives the bytes of one, and one gives what is made here. */
static void assessment_is_what_it_says(void **state) {
  (void)state;
  enum { COUNT = 1300 };
  stage s;
  stage_make(&s, COUNT, "cross-entropy");
  const swl_assessment one = assess(&s, 1, COUNT);
  double sum = 0;
  size_t correct = 0;
  for (size_t b = 0; b < COUNT; b++) {
    const float *h = s.table.inputs + b * FEATURES;
    double outputs[OUTPUTS];
    size_t best = 0;
    hand_outputs(&s, h, outputs);
    for (size_t j = 1; j < OUTPUTS; j++) best = outputs[j] > outputs[best] ? j : best;
    correct += best == s.table.labels[b];
    sum += hand_loss(&s, h, s.table.labels[b]);
  }
  assert_int_equal(one.count, COUNT);
  check_close(one.loss, sum / COUNT, loss_bound);
  check_close(one.accuracy, (double)correct / COUNT, 0);
  for (size_t threads = 2; threads <= 3; threads++) {
    const swl_assessment more = assess(&s, threads, COUNT);
    assert_memory_equal(&one, &more, sizeof one);
  }
  stage_free(&s);
}

/* R² = 1 - Σ (t - o)² / Σ (t - mean)² over all outputs; outputs are floats: at most 4 in size, residuals at most 5. */
static void assessment_of_a_regression(void **state) {
  (void)state;
  enum { COUNT = 1300 };
  stage s;
  stage_make(&s, COUNT, "squared");
  double residual = 0, total = 0;
  for (size_t j = 0; j < OUTPUTS; j++) {
    double mean = 0;
    for (size_t b = 0; b < COUNT; b++) mean += s.table.targets[b * OUTPUTS + j] / (double)COUNT;
    for (size_t b = 0; b < COUNT; b++) {
      double outputs[OUTPUTS];
      hand_outputs(&s, s.table.inputs + b * FEATURES, outputs);
      residual += pow(s.table.targets[b * OUTPUTS + j] - outputs[j], 2);
      total += pow(s.table.targets[b * OUTPUTS + j] - mean, 2);
    }
  }
  const double bound = 2 * 5 * 2 * 4 * eps; /* of one squared residual */
  const swl_assessment one = assess(&s, 1, COUNT);
  check_close(one.loss, residual / (COUNT * OUTPUTS), bound);
  check_close(one.accuracy, 1 - residual / total, bound * COUNT * OUTPUTS / total);
  for (size_t threads = 2; threads <= 3; threads++) {
    const swl_assessment more = assess(&s, threads, COUNT);
    assert_memory_equal(&one, &more, sizeof one);
  }
  for (size_t i = 0; i < COUNT * OUTPUTS; i++) s.table.targets[i] = (float)(i % OUTPUTS);
  assert_true(isnan(assess(&s, 1, COUNT).accuracy)); /* nothing to explain */
  s.table.count = 0;
  const swl_assessment none = assess(&s, 1, COUNT);
  assert_int_equal(none.count, 0);
  assert_true(isnan(none.loss) && isnan(none.accuracy));
  stage_free(&s);
}

/* What a stream of random numbers cannot count is refused, before memory is asked for. */
static void streams_have_limits(void **state) {
  (void)state;
  const swale_function huge = {((size_t)1 << 34) + 1, NULL, NULL, NULL}, small = {2, NULL, NULL, NULL};
  stage s;
  swale_problem *problem = NULL;
  stage_make(&s, 8, "cross-entropy");
  s.settings.group = 9;
  check_fails(s.context, swl_network_problem_create(s.context, &s.settings, &s.network, &s.table, 1, 0, &problem),
              SWALE_ERROR_USAGE, "9 is more than the 8 examples");
  s.settings.group = 1;
  s.table.count = SWL_GROUP_LIMIT + 1; /* a batch of all is not gathered, so the missing examples are not read */
  check_fails(s.context, swl_network_problem_create(s.context, &s.settings, &s.network, &s.table, 1, 0, &problem),
              SWALE_ERROR_USAGE, "16777217 groups");
  check_fails(s.context, swale_problem_create(s.context, &huge, &problem), SWALE_ERROR_USAGE, "17179869185");
  check_ok(s.context, swale_problem_create(s.context, &small, &problem));
  swale_options *options = NULL;
  swale_trainer *trainer = NULL;
  check_ok(s.context, swale_options_create(s.context, &options));
  const char *const words[][2] = {{"regularizer", "heat"},
                                  {"optimizer", "robbins-monro"},
                                  {"samples", "1000000000"},
                                  {"inner", "5"},
                                  {"threads", "1"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    check_ok(s.context, swale_options_set(options, words[i][0], words[i][1]));
  }
  check_fails(s.context, swale_trainer_create(options, problem, &trainer), SWALE_ERROR_USAGE, "2^32 draws");
  swale_options_destroy(options);
  swale_problem_destroy(problem);
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_are_weighted_means),          cmocka_unit_test(batches_have_groups_of_their_own),
      cmocka_unit_test(chunks_change_nothing_but_rounding), cmocka_unit_test(assessment_is_what_it_says),
      cmocka_unit_test(assessment_of_a_regression),         cmocka_unit_test(streams_have_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
