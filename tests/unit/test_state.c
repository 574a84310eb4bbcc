/* test_state.c - the average of the iterates, and going back.
 *
 * Hand solutions: the average is (1 - d)/(1 - d^k) Σ d^{k-j} x_j, summed in double from the iterates; a trainer that
 * went back to a state makes the same steps again, byte by byte, where the gradients are a function of x alone.
 */
#include "check.h"

#include "options/options_parts.h"
#include "train/state.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM = 5, STEPS = 60 };

typedef struct stage {
  counting_allocator counting;
  swale_context *context;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer;
} stage;

static int bowl_loss(void *user, const float *x, double *loss) {
  (void)user;
  *loss = 0;
  for (int i = 0; i < DIM; i++) *loss += 0.5 * (i + 1) * (double)x[i] * x[i];
  return 0;
}

static int bowl_gradient(void *user, const float *x, float *gradient, double *loss) {
  const float *push = user; /* NULL, or added to the gradient */
  for (int i = 0; i < DIM; i++) gradient[i] = (float)(i + 1) * x[i] + (push ? *push : 0);
  return bowl_loss(NULL, x, loss);
}

static const float start[DIM] = {1, -2, 0.5F, 3, -0.25F};

static void stage_make(stage *s, const char *words, float *push) {
  char copy[256], *rest = NULL;
  const swale_function function = {DIM, bowl_loss, bowl_gradient, push};
  *s = (stage){.options = NULL};
  s->context = check_context(&s->counting);
  check_ok(s->context, swale_options_create(s->context, &s->options));
  snprintf(copy, sizeof copy, "threads=1 %s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    check_ok(s->context, swale_options_set(s->options, word, value + 1));
  }
  check_ok(s->context, swale_problem_create(s->context, &function, &s->problem));
  check_ok(s->context, swale_trainer_create(s->options, s->problem, &s->trainer));
  check_ok(s->context, swale_trainer_set_parameters(s->trainer, start));
}

static void stage_free(stage *s) {
  swale_trainer_destroy(s->trainer);
  swale_problem_destroy(s->problem);
  swale_options_destroy(s->options);
  check_context_gone(&s->counting, s->context);
}

static void stage_step(stage *s, int count) {
  for (int k = 0; k < count; k++) check_ok(s->context, swale_trainer_step(s->trainer));
}

#define PLAIN "regularizer=none rate-schedule=constant "

/* Each update rounds a difference, a product and a sum: 3 eps |x|, of which (1 - w) is carried on: in all not more than
 * 3 eps |x| min(k, 1/(1 - d)), and eps |x| for the weight. */
static void the_average_by_its_closed_form(void **state) {
  (void)state;
  const struct {
    const char *words;
    double decay;
  } ways[] = {{PLAIN "optimizer=sgd rate=0.1 average=0.9", 0.9},
              {PLAIN "optimizer=adam rate=0.5 average=0.999", 0.999},
              {PLAIN "optimizer=sgd rate=0.1 average=1e-9", 1e-9},
              {"regularizer=local-entropy optimizer=matching tau=0.1 samples=10 average=0.5", 0.5}};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    stage s;
    float x[STEPS][DIM];
    stage_make(&s, ways[w].words, NULL);
    assert_ptr_equal(swale_trainer_average(s.trainer), swale_trainer_parameters(s.trainer));
    for (int k = 1; k <= STEPS; k++) {
      stage_step(&s, 1);
      memcpy(x[k - 1], swale_trainer_parameters(s.trainer), sizeof x[0]);
      const float *average = swale_trainer_average(s.trainer);
      if (k == 1) assert_memory_equal(average, x[0], sizeof x[0]);
      for (int i = 0; i < DIM; i++) {
        double sum = 0, weights = 0, largest = 0;
        for (int j = 1; j <= k; j++) {
          sum += pow(ways[w].decay, k - j) * x[j - 1][i];
          weights += pow(ways[w].decay, k - j);
          largest = fmax(largest, fabs((double)x[j - 1][i]));
        }
        check_close(average[i], sum / weights, 0x1p-24 * largest * (1 + 3 * fmin(k, 1 / (1 - ways[w].decay))));
      }
    }
    const float small[DIM] = {1e-9F, -1e-10F, 3e-12F, 0, 1e-20F};        /* below the rounding of what was there */
    check_ok(s.context, swale_trainer_set_parameters(s.trainer, small)); /* begins again */
    assert_memory_equal(swale_trainer_average(s.trainer), small, sizeof small);
    stage_step(&s, 1);
    assert_memory_equal(swale_trainer_average(s.trainer), swale_trainer_parameters(s.trainer), sizeof start);
    stage_free(&s);
  }
}

/* Without the option the average is x itself; with it x goes its way as without. */
static void the_average_does_not_touch_x(void **state) {
  (void)state;
  stage with, without;
  stage_make(&with, PLAIN "optimizer=adam rate=0.5 average=0.9", NULL);
  stage_make(&without, PLAIN "optimizer=adam rate=0.5", NULL);
  stage_step(&with, 9), stage_step(&without, 9);
  assert_memory_equal(swale_trainer_parameters(with.trainer), swale_trainer_parameters(without.trainer), sizeof start);
  assert_ptr_equal(swale_trainer_average(without.trainer), swale_trainer_parameters(without.trainer));
  assert_true(swale_trainer_average(with.trainer)[0] != swale_trainer_parameters(with.trainer)[0]);
  stage_free(&with), stage_free(&without);
}

/* A long vector is cut into pieces for a team: the bytes are those of one loop. */
static void any_team_gives_the_same_average(void **state) {
  (void)state;
  enum { LONG = 200001, ROUNDS = 4 };
  swale_context *context = NULL;
  float *x = malloc(LONG * sizeof *x), *expected = calloc(LONG, sizeof *expected);
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  for (size_t threads = 0; threads <= 3; threads++) {
    swl_team *team = NULL;
    swl_average average = {0.7, calloc(LONG, sizeof(float)), 0};
    check_ok(context, swl_team_create(context, threads ? threads : 1, &team));
    for (int k = 1; k <= ROUNDS; k++) {
      const float weight = (float)(k == 1 ? 1 : (1 - 0.7) / -expm1(k * log(0.7)));
      for (size_t i = 0; i < LONG; i++) x[i] = (float)sin((double)i * k);
      if (threads == 0) {
        for (size_t i = 0; i < LONG; i++) expected[i] += weight * (x[i] - expected[i]);
      }
      check_ok(context, swl_average_add(&average, team, LONG, x));
    }
    assert_memory_equal(average.mean, expected, LONG * sizeof *expected);
    swl_team_destroy(team);
    free(average.mean);
  }
  free(x), free(expected);
  swale_context_destroy(context);
}

static void going_back_repeats_the_steps(void **state) {
  (void)state;
  const char *const ways[] = {PLAIN "optimizer=adam rate=0.5 average=0.9", PLAIN "optimizer=sgd rate=0.1 average=0.9",
                              PLAIN "optimizer=adam rate=0.5"};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    for (int first = 0; first <= 7; first += 7) { /* also from the beginning, where the bias corrections are large */
      stage s;
      float x[2][DIM], mean[2][DIM];
      char memory[2][2 * DIM * sizeof(float)];
      size_t count = 0, bytes = 0;
      swl_state saved;
      stage_make(&s, ways[w], NULL);
      check_ok(s.context, swl_state_create(s.trainer->arena, s.trainer, 1, &saved));
      const size_t calls = s.counting.calls;
      stage_step(&s, first);
      swl_state_save(s.trainer, &saved);
      for (int again = 0; again < 2; again++) {
        stage_step(&s, 6);
        memcpy(x[again], swale_trainer_parameters(s.trainer), sizeof x[0]);
        memcpy(mean[again], swale_trainer_average(s.trainer), sizeof mean[0]);
        const float *held = s.trainer->optimizer->state(s.trainer->optimizer_self, &count);
        assert_int_equal(count, w == 1 ? 1 : 2);
        bytes = count * DIM * sizeof *held;
        memcpy(memory[again], held, bytes);
        if (again == 0) swl_state_restore(s.trainer, &saved);
        if (again == 0 && first == 0) assert_memory_equal(swale_trainer_average(s.trainer), start, sizeof start);
      }
      assert_memory_equal(x[0], x[1], sizeof x[0]);
      assert_memory_equal(mean[0], mean[1], sizeof mean[0]);
      assert_memory_equal(memory[0], memory[1], bytes);
      assert_int_equal(swale_trainer_updates(s.trainer), first + 12); /* the count goes on */
      assert_int_equal(s.counting.calls, calls);
      stage_free(&s);
    }
  }
}

/* 1e5 · 3e38 is no float: the step fails after the momentum moved. Then all is as if it had not been tried. */
static void a_failed_step_leaves_the_optimizer_alone(void **state) {
  (void)state;
  const char *const ways[] = {PLAIN "optimizer=sgd rate=1e5", PLAIN "optimizer=adam rate=1e5 epsilon=1e-8"};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
    float push = 0;
    char before[2 * DIM * sizeof(float)];
    float at[DIM], far[DIM];
    size_t bytes = 0;
    stage s;
    stage_make(&s, ways[w], &push);
    stage_step(&s, 1);
    if (w == 1) { /* adam's steps are bounded: x itself must be at the edge, and the step leads over it */
      for (int i = 0; i < DIM; i++) far[i] = -FLT_MAX;
      s.trainer->settings.rate.value = 1e38;
      for (int i = 0; i < DIM; i++) s.trainer->x[i] = far[i];
      push = INFINITY; /* the gradient fails first: nothing moves */
    } else {
      push = 3e38F;
    }
    const void *held = s.trainer->optimizer->state(s.trainer->optimizer_self, &bytes);
    memcpy(before, held, bytes);
    memcpy(at, s.trainer->x, sizeof at);
    check_fails(s.context, swale_trainer_step(s.trainer), SWALE_ERROR_NUMERIC, w ? "the gradient" : "the step");
    assert_memory_equal(held, before, bytes);
    assert_memory_equal(s.trainer->x, at, sizeof at);
    assert_int_equal(swale_trainer_updates(s.trainer), 1);
    stage_free(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_average_by_its_closed_form),           cmocka_unit_test(the_average_does_not_touch_x),
      cmocka_unit_test(any_team_gives_the_same_average),          cmocka_unit_test(going_back_repeats_the_steps),
      cmocka_unit_test(a_failed_step_leaves_the_optimizer_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
