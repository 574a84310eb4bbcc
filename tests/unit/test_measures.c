/* test_measures.c - precision, recall, F1, balanced accuracy, ROC AUC, RMSE and MAE, by hand.
 *
 * The network is one linear layer whose weights are the identity and whose biases are 0: its outputs are its inputs, so a
 * table of inputs is a table of answers. Hand solutions beside the numbers; AUC also by its definition, a comparison of
 * every pair.
 */
#include "check.h"

#include "numeric/numeric.h"
#include "train/measures.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct stage {
  swale_context *context;
  swl_arena *arena;
  swl_team *team;
  swl_network network;
  float x[32];
} stage;

static void stage_open(stage *s, const char *spec, const char *loss) {
  assert_int_equal(swale_context_create(NULL, &s->context), SWALE_OK);
  check_ok(s->context, swl_arena_create(s->context, &s->arena));
  check_ok(s->context, swl_team_create(s->context, 2, &s->team));
  check_ok(s->context, swl_network_parse(s->context, spec, "relu", loss, &s->network));
  memset(s->x, 0, sizeof s->x);
  for (size_t i = 0; i < s->network.inputs; i++) s->x[i * s->network.outputs + i] = 1;
}

static void stage_close(stage *s) {
  swl_team_destroy(s->team);
  swl_arena_destroy(s->arena);
  swale_context_destroy(s->context);
}

static swl_measures measure(stage *s, const swl_schema *schema, const swl_table *table) {
  swl_measures measures;
  check_ok(s->context,
           swl_measure(s->arena, s->team, swl_kernels_find("reference"), &s->network, schema, s->x, table, &measures));
  return measures;
}

/* Answers 0 1 2 … as inputs with a 1 there. */
static void answer(size_t count, size_t classes, const uint32_t *answers, float *inputs) {
  memset(inputs, 0, count * classes * sizeof *inputs);
  for (size_t b = 0; b < count; b++) inputs[b * classes + answers[b]] = 1;
}

/* labels  0 0 0 0 1 1 2 2 2, answers 0 0 0 1 1 0 1 1 1: the matrix is [3 1 0; 1 1 0; 0 3 0].
 * Class 0: 3/4, 3/4, 3/4. Class 1: 1/5, 1/2, 2/7. Class 2 is never the answer: 0, 0, 0. */
static void classes_by_hand(void **state) {
  (void)state;
  enum { COUNT = 9, CLASSES = 3 };
  uint32_t labels[COUNT] = {0, 0, 0, 0, 1, 1, 2, 2, 2}, answers[COUNT] = {0, 0, 0, 1, 1, 0, 1, 1, 1};
  const double expected[CLASSES][3] = {{0.75, 0.75, 0.75}, {0.2, 0.5, 2.0 / 7}, {0, 0, 0}};
  const size_t support[CLASSES] = {4, 2, 3};
  float inputs[COUNT * CLASSES];
  const swl_schema schema = {.classification = 1, .outputs = CLASSES};
  const swl_table table = {.count = COUNT, .inputs = inputs, .labels = labels};
  stage s;
  stage_open(&s, "mlp:3-3", "cross-entropy");
  answer(COUNT, CLASSES, answers, inputs);
  const swl_measures m = measure(&s, &schema, &table);
  for (size_t k = 0; k < CLASSES; k++) {
    check_close(m.of_class[k].precision, expected[k][0], DBL_EPSILON);
    check_close(m.of_class[k].recall, expected[k][1], DBL_EPSILON);
    check_close(m.of_class[k].f1, expected[k][2], DBL_EPSILON);
    assert_int_equal(m.of_class[k].support, support[k]);
  }
  assert_int_equal(m.confusion[2 * CLASSES + 1], 3);
  check_close(m.precision, 0.95 / 3, DBL_EPSILON);
  check_close(m.recall, 1.25 / 3, DBL_EPSILON);
  check_close(m.balanced_accuracy, 1.25 / 3, DBL_EPSILON);
  check_close(m.f1, (0.75 + 2.0 / 7) / 3, DBL_EPSILON);
  assert_true(isnan(m.roc_auc) && isnan(m.rmse) && isnan(m.mae));
  stage_close(&s);
}

/* Class 2 is an answer and no label: precision 0, recall 0, in the means, but not in the balanced accuracy. Class 3 is
 * neither: it has nothing and counts nowhere. */
static void classes_that_are_absent(void **state) {
  (void)state;
  enum { COUNT = 4, CLASSES = 4 };
  uint32_t labels[COUNT] = {0, 0, 1, 1}, answers[COUNT] = {0, 2, 1, 1};
  float inputs[COUNT * CLASSES];
  const swl_schema schema = {.classification = 1, .outputs = CLASSES};
  const swl_table table = {.count = COUNT, .inputs = inputs, .labels = labels};
  stage s;
  stage_open(&s, "mlp:4-4", "zero-one");
  answer(COUNT, CLASSES, answers, inputs);
  const swl_measures m = measure(&s, &schema, &table);
  assert_true(m.of_class[2].precision == 0 && m.of_class[2].recall == 0 && m.of_class[2].f1 == 0);
  assert_true(isnan(m.of_class[3].precision) && isnan(m.of_class[3].recall) && isnan(m.of_class[3].f1));
  check_close(m.balanced_accuracy, 0.75, DBL_EPSILON);
  check_close(m.recall, 0.5, DBL_EPSILON);
  check_close(m.precision, 2.0 / 3, DBL_EPSILON);
  check_close(m.f1, (2.0 / 3 + 1) / 3, DBL_EPSILON);
  stage_close(&s);
}

static double auc_by_pairs(size_t count, const uint32_t *labels, const float *inputs) {
  double sum = 0, pairs = 0;
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < count; k++) {
      if (labels[i] == 0 || labels[k] == 1) continue;
      const float p = inputs[2 * i + 1] - inputs[2 * i], q = inputs[2 * k + 1] - inputs[2 * k];
      sum += p > q ? 1 : p == q ? 0.5 : 0;
      pairs++;
    }
  }
  return sum / pairs;
}

/* Scores of few values, so that most are tied; more examples than one chunk. */
static void auc_with_ties_is_the_share_of_pairs(void **state) {
  (void)state;
  enum { COUNT = 1100 };
  static uint32_t labels[COUNT];
  static float inputs[2 * COUNT];
  uint64_t lcg = 5;
  const swl_schema schema = {.classification = 1, .outputs = 2};
  stage s;
  stage_open(&s, "mlp:2-2", "cross-entropy");
  for (size_t values = 1; values <= 1024; values *= 4) {
    for (size_t b = 0; b < COUNT; b++) {
      lcg = lcg * 6364136223846793005ULL + 1442695040888963407ULL;
      labels[b] = (uint32_t)(lcg >> 40) % 3 == 0;
      inputs[2 * b] = 0.25F * (float)((lcg >> 60) % 2);
      inputs[2 * b + 1] = (float)((lcg >> 33) % values + 2 * labels[b]) / 64;
    }
    const swl_table table = {.count = COUNT, .inputs = inputs, .labels = labels};
    check_close(measure(&s, &schema, &table).roc_auc, auc_by_pairs(COUNT, labels, inputs), 1e-12);
  }
  /* by hand: 1 > 0 and 1 > 0.5 of class 0, and a tie with 0.5: (2 + 1.5) / 4 */
  const float few[8] = {0, 0, 0, 0.5F, 0, 0.5F, 0, 1};
  memcpy(inputs, few, sizeof few);
  for (uint32_t b = 0; b < 4; b++) labels[b] = b >= 2;
  const swl_table table = {.count = 4, .inputs = inputs, .labels = labels};
  check_close(measure(&s, &schema, &table).roc_auc, 3.5 / 4, DBL_EPSILON);
  for (uint32_t b = 0; b < 4; b++) labels[b] = 1; /* one class only */
  assert_true(isnan(measure(&s, &schema, &table).roc_auc));
  labels[0] = 0;
  inputs[0] = NAN;
  assert_true(isnan(measure(&s, &schema, &table).roc_auc));
  stage_close(&s);
}

/* Errors of the outputs 1, -2, 0 and 3, of 4 numbers: mean square 14/4, mean size 6/4; a target_scale of 0.1 makes both ten
 * times as large. */
static void errors_are_in_the_units_of_the_target(void **state) {
  (void)state;
  float inputs[4] = {2, 0, 5, 1}, targets[4] = {1, 2, 5, -2};
  double scale[1] = {0.1}, shift[1] = {7};
  const swl_schema raw = {.outputs = 1}, standardized = {.outputs = 1, .target_scale = scale, .target_shift = shift};
  const swl_table table = {.count = 4, .inputs = inputs, .targets = targets};
  stage s;
  stage_open(&s, "mlp:1-1", "squared");
  const swl_measures first = measure(&s, &raw, &table), second = measure(&s, &standardized, &table);
  check_close(first.rmse, sqrt(14.0 / 4), 1e-14);
  check_close(first.mae, 1.5, 1e-14);
  check_close(second.rmse, 10 * sqrt(14.0 / 4), 1e-13);
  check_close(second.mae, 15, 1e-13);
  assert_null(first.confusion);
  assert_true(isnan(first.f1) && isnan(first.balanced_accuracy) && isnan(first.roc_auc));
  stage_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(classes_by_hand),
      cmocka_unit_test(classes_that_are_absent),
      cmocka_unit_test(auc_with_ties_is_the_share_of_pairs),
      cmocka_unit_test(errors_are_in_the_units_of_the_target),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
