/* test_baselines.c - methods of other people, by their published recursions on losses that a hand can follow.
 *
 * Hand solutions: SAM on f = xᵀAx/2, A = [2 1; 1 3], at x = (1, 1): Ax = (3, 4), |Ax| = 5, so with rho = 1/2 the point is
 * (1.3, 1.4), its gradient (4, 5.5), its loss 6.45. Entropy-SGD: the paper's lines in the paper's symbols, in double.
 * Ranks: five losses, sorted by eye.
 */
#include "trained.h"

#include "options/options_parts.h"
#include "problem/problem_parts.h"
#include "random/gaussian.h"
#include "regularizer/regularizer.h"

#include <swale/trainer.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double eps = 0x1p-24;

static void stage_options(trained *s, const char *words) {
  trained_open(s);
  trained_set(s, "threads=1");
  trained_set(s, words);
}

static trained stage_make(const char *words, const swale_function *function, const float *start) {
  trained s;
  stage_options(&s, words);
  trained_make(&s, function);
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, start));
  return s;
}

static int bowl_gradient(void *user, const float *x, float *gradient, double *loss) {
  size_t *calls = user;
  gradient[0] = 2 * x[0] + x[1], gradient[1] = x[0] + 3 * x[1];
  *loss = 0.5 * ((double)x[0] * gradient[0] + (double)x[1] * gradient[1]);
  ++*calls;
  return 0;
}

#define SGD "optimizer=sgd momentum=0 rate-schedule=constant rate="

static void sharpness_takes_the_gradient_at_the_worst_point(void **state) {
  (void)state;
  size_t calls = 0;
  const swale_function function = {2, NULL, bowl_gradient, &calls};
  const float start[2] = {1, 1}, zero[2] = {0, 0};
  trained s = stage_make("regularizer=sharpness rho=0.5 " SGD "1", &function, start);
  check_ok(s.context, swale_trainer_step(s.trainer));
  assert_int_equal(calls, 2);
  check_close(swale_trainer_parameters(s.trainer)[0], 1 - 4.0, 32 * eps); /* a dozen roundings of numbers below 8 */
  check_close(swale_trainer_parameters(s.trainer)[1], 1 - 5.5, 32 * eps);
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_LOSS), 3.5, 1e-12);
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_VALUE), 6.45, 64 * eps);
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, zero)); /* no gradient, no direction */
  check_ok(s.context, swale_trainer_step(s.trainer));
  assert_memory_equal(swale_trainer_parameters(s.trainer), zero, sizeof zero);
  trained_free(&s);
}

/* rho = 0: the loss itself, to the byte, over many steps. */
static void no_radius_is_no_regularizer(void **state) {
  (void)state;
  size_t calls = 0;
  const swale_function function = {2, NULL, bowl_gradient, &calls};
  const float start[2] = {1, -0.7F};
  trained a = stage_make("regularizer=sharpness rho=0 optimizer=adam rate=0.1", &function, start);
  trained b = stage_make("regularizer=none optimizer=adam rate=0.1", &function, start);
  for (int k = 0; k < 20; k++) {
    check_ok(a.context, swale_trainer_step(a.trainer));
    check_ok(b.context, swale_trainer_step(b.trainer));
  }
  assert_memory_equal(swale_trainer_parameters(a.trainer), swale_trainer_parameters(b.trainer), sizeof start);
  trained_free(&a);
  trained_free(&b);
}

enum { DIM = 3, INNER = 4, UPDATES = 3 };

/* Batch n: f = Σ a_i (x_i - c_ni)²/2 with a_i = 1, 2, 3 and c_ni = sin(5 n + i). */
typedef struct batches {
  uint64_t number;
} batches;

static double batch_slope(uint64_t number, size_t i, double x) {
  return (double)(i + 1) * (x - sin(5 * (double)number + (double)i));
}

static void batches_prepare(void *self, swl_team *team, swl_range examples, uint64_t number) {
  batches *b = self;
  (void)team, (void)examples;
  b->number = number;
}

static swale_status batches_gradient(void *self, size_t worker, size_t group, const float *x, float *gradient,
                                     double *loss) {
  const batches *b = self;
  (void)worker, (void)group;
  *loss = (double)b->number;
  for (size_t i = 0; i < DIM; i++) gradient[i] = (float)batch_slope(b->number, i, x[i]);
  return SWALE_OK;
}

static swale_status batches_evaluate(void *self, size_t worker, size_t group, const float *x, double *loss) {
  float gradient[DIM];
  return batches_gradient(self, worker, group, x, gradient, loss);
}

/* Normal i of inner step l = 1 … INNER of update k, as the file card of the sampler says. */
static void inner_normals(uint64_t k, size_t l, float z[DIM]) {
  const swl_stream stream = swl_stream_make(swl_philox(9), SWL_PURPOSE_CHAIN, k, l, 0);
  swl_gaussian_fill(&stream, 0, DIM, z);
}

/* Algorithm 1 with epsilon = 1 (beta = 2), gamma_k = 0.5 · 1.25^k (tau_k = 0.8^k), eta' = 0.2 (step = eta' gamma_0),
 * alpha = 0.75, eta = 0.8. Every number stays below 4; 12 inner steps of at most 10 roundings each, none amplified. */
static void entropy_sgd_is_its_algorithm(void **state) {
  (void)state;
  static const double share = 1;
  static const swl_problem_ops ops = {
      .name = "batches", .evaluate = batches_evaluate, .gradient = batches_gradient, .prepare = batches_prepare};
  const double eta = 0.8, inner = 0.2, alpha = 0.75;
  const float start[DIM] = {1, -1, 0.5F};
  batches b = {0};
  trained s = {0};
  stage_options(&s, "regularizer=local-entropy sampler=entropy-sgd samples=4 seed=9 beta=2 tau=1 tau-schedule=scoping "
                    "scoping-rate=0.2 tau-final=1e-6 step=0.1 alpha=0.75 " SGD "0.8");
  swale_problem problem = {
      .context = s.context, .ops = &ops, .self = &b, .dim = DIM, .groups = 1, .shares = &share, .workers = 1};
  check_ok(s.context, swale_trainer_create(s.options, &problem, &s.trainer));
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, start));
  double x[DIM] = {1, -1, 0.5}, gamma = 0.5;
  for (uint64_t k = 0; k < UPDATES; k++, gamma *= 1.25) {
    double y[DIM], mu[DIM];
    float z[DIM];
    for (size_t i = 0; i < DIM; i++) y[i] = mu[i] = x[i];
    for (size_t l = 0; l < INNER; l++) {
      inner_normals(k, l + 1, z);
      for (size_t i = 0; i < DIM; i++) {
        const double slope = batch_slope(k * INNER + l, i, y[i]) - gamma * (x[i] - y[i]);
        y[i] += -inner * slope + sqrt(inner) * z[i];
        mu[i] = (1 - alpha) * mu[i] + alpha * y[i];
      }
    }
    for (size_t i = 0; i < DIM; i++) x[i] -= eta * gamma * (x[i] - mu[i]);
    check_ok(s.context, swale_trainer_step(s.trainer));
    for (size_t i = 0; i < DIM; i++) {
      assert_true(fabs(x[i]) < 4);
      check_close(swale_trainer_parameters(s.trainer)[i], x[i], 120 * 4 * eps);
    }
    check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_LOSS), (double)(k * INNER) + 1.5, 1e-12);
    assert_true(isnan(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_VALUE)));
    assert_true(isnan(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_ESS)));
  }
  trained_free(&s);
}

/* Where gamma has grown so far that eta' gamma > 1 the chain forgets where it was: h = 1. One step, f = 0, alpha = 1: y = x
 * + sqrt(2 tau_1) z, so with matching x moves by that. */
static int flat_gradient(void *user, const float *x, float *gradient, double *loss) {
  (void)user, (void)x;
  *gradient = 0;
  *loss = 0;
  return 0;
}

static void entropy_sgd_never_steps_beyond_one(void **state) {
  (void)state;
  const swale_function function = {1, NULL, flat_gradient, NULL};
  const float start = 0;
  float z = 0;
  trained s = stage_make("regularizer=local-entropy sampler=entropy-sgd samples=1 alpha=1 step=0.5 tau=1 beta=1 seed=9 "
                         "tau-schedule=scoping scoping-rate=0.75 tau-final=1e-6 optimizer=matching",
                         &function, &start);
  check_ok(s.context, swale_trainer_step(s.trainer));
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_CHAIN_STEP), 0.5, 0);
  check_ok(s.context, swale_trainer_set_parameters(s.trainer, &start));
  check_ok(s.context, swale_trainer_step(s.trainer)); /* tau = 1/4: 0.5 · 4 = 2 */
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_CHAIN_STEP), 1, 0);
  const swl_stream stream = swl_stream_make(swl_philox(9), SWL_PURPOSE_CHAIN, 1, 1, 0);
  swl_gaussian_fill(&stream, 0, 1, &z);
  check_close(swale_trainer_parameters(s.trainer)[0], sqrt(0.5) * z, 8 * eps * fabs((double)z));
  trained_free(&s);
}

static void ranks_of_five_losses(void **state) {
  (void)state;
  static const double one[1] = {1}, shares[2] = {0.25, 0.75};
  const double inf = INFINITY, nan = (double)NAN;
  double sorted[5], w[10];
  const double plain[5] = {3, 1, 2, -4, 10}, u[5] = {0.25, -0.25, 0, -0.5, 0.5};
  swl_order_weights(&(swl_loss_table){.f = plain, .samples = 5, .groups = 1, .shares = one, .antithetic = 0}, 2, sorted,
                    w);
  for (size_t j = 0; j < 5; j++) check_close(w[j], -2 * u[j] / 5, 1e-16);
  const double ties[5] = {3, 1, 2, 2, 10}, v[5] = {0.25, -0.5, -0.125, -0.125, 0.5};
  swl_order_weights(&(swl_loss_table){.f = ties, .samples = 5, .groups = 1, .shares = one, .antithetic = 0}, 2, sorted,
                    w);
  for (size_t j = 0; j < 5; j++) check_close(w[j], -2 * v[j] / 5, 1e-16);
  /* two groups: three finite losses of the first, all equal in the second */
  const double two[10] = {3, 7, nan, 7, 1, 7, inf, 7, 2, 7}, first[5] = {0.5, 0, -0.5, 0, 0};
  swl_order_weights(&(swl_loss_table){.f = two, .samples = 5, .groups = 2, .shares = shares, .antithetic = 0}, 1,
                    sorted, w);
  for (size_t j = 0; j < 5; j++) check_close(w[2 * j], -0.25 * first[j] / 3, 1e-16);
  for (size_t j = 0; j < 5; j++) check_close(w[2 * j + 1], 0, 0);
  const double lone[5] = {nan, -inf, 5, inf, nan};
  swl_order_weights(&(swl_loss_table){.f = lone, .samples = 5, .groups = 1, .shares = one, .antithetic = 0}, 1, sorted,
                    w);
  for (size_t j = 0; j < 5; j++) check_close(w[j], 0, 0);
}

/* Against counting: r_j = #{f < f_j} + (#{f = f_j} - 1)/2, for every number of draws up to 40, with many ties. */
static void ranks_by_counting(void **state) {
  (void)state;
  enum { MOST = 40 };
  static const double one[1] = {1};
  uint64_t random = 3;
  for (size_t n = 2; n <= MOST; n++) {
    double f[MOST], sorted[MOST], w[MOST], total = 0;
    for (size_t j = 0; j < n; j++) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      f[j] = (double)(random >> 33) / (double)(1 << 30) < 1 ? (double)(random >> 40 & 7) : (double)(random >> 11);
    }
    swl_order_weights(&(swl_loss_table){.f = f, .samples = n, .groups = 1, .shares = one, .antithetic = 0}, 1, sorted,
                      w);
    for (size_t j = 0; j < n; j++) {
      double rank = -0.5;
      for (size_t k = 0; k < n; k++) rank += f[k] < f[j] ? 1 : f[k] == f[j] ? 0.5 : 0;
      check_close(w[j], -(rank / (double)(n - 1) - 0.5) / (double)n, 1e-15);
      total += w[j];
    }
    check_close(total, 0, 1e-14);
  }
}

/* x - Σ u_j Z_j / (n sqrt tau) for asked points and told losses; pairs are ranked among all. One loss is NaN. */
static void a_step_of_ranks_by_hand(void **state) {
  (void)state;
  const swale_function function = {2, NULL, NULL, NULL};
  const float start[2] = {0.5F, -1};
  const double losses[6] = {5, 2, 2, (double)NAN, 9, 1}, u[6] = {0.25, -0.125, -0.125, 0, 0.5, -0.5}, tau = 0.25;
  trained s = stage_make("regularizer=heat shaping=rank samples=6 tau=0.25 " SGD "1", &function, start);
  float points[12];
  check_ok(s.context, swale_trainer_ask(s.trainer, 0, 6, points));
  check_ok(s.context, swale_trainer_tell(s.trainer, losses, 6));
  for (size_t i = 0; i < 2; i++) {
    double g = 0;
    for (size_t j = 0; j < 6; j++) g += u[j] * (points[2 * j + i] - (double)start[i]) / tau / 5;
    check_close(swale_trainer_parameters(s.trainer)[i], start[i] - g, 64 * eps);
  }
  assert_true(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_REJECTED) == 1);
  check_close(swale_trainer_statistic(s.trainer, SWALE_STATISTIC_LOSS), 3.8, 1e-12); /* the loss, not its rank */
  trained_free(&s);
}

typedef struct bent {
  int how;
} bent;

/* Increasing functions of one loss. */
static int bent_loss(void *user, const float *x, double *loss) {
  const bent *b = user;
  const double f = (double)x[0] * x[0] + 3 * (double)x[1] * x[1] + (double)x[0] * x[1];
  *loss = b->how == 0 ? f : b->how == 1 ? log1p(f) : b->how == 2 ? -1 / (1 + f) : 1e200 * f - 7;
  return 0;
}

static void ranks_know_only_the_order(void **state) {
  (void)state;
  const float start[2] = {0.5F, -1};
  static const char *const shapes[] = {"rank", "none"};
  for (size_t shape = 0; shape < 2; shape++) {
    float first[2] = {0, 0};
    for (int how = 0; how < 4 - (int)shape; how++) { /* 1e200 is beyond what an unshaped step can hold */
      char words[160];
      bent b = {how};
      const swale_function function = {2, bent_loss, NULL, &b};
      snprintf(words, sizeof words, "regularizer=heat shaping=%s samples=20 tau=0.01 " SGD "0.01", shapes[shape]);
      trained s = stage_make(words, &function, start);
      for (int k = 0; k < 10; k++) check_ok(s.context, swale_trainer_step(s.trainer));
      const float *x = swale_trainer_parameters(s.trainer);
      if (how == 0) memcpy(first, x, sizeof first);
      const int same = first[0] == x[0] && first[1] == x[1];
      assert_true(how == 0 || same == (shape == 0));
      trained_free(&s);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sharpness_takes_the_gradient_at_the_worst_point),
      cmocka_unit_test(no_radius_is_no_regularizer),
      cmocka_unit_test(entropy_sgd_is_its_algorithm),
      cmocka_unit_test(entropy_sgd_never_steps_beyond_one),
      cmocka_unit_test(ranks_of_five_losses),
      cmocka_unit_test(ranks_by_counting),
      cmocka_unit_test(a_step_of_ranks_by_hand),
      cmocka_unit_test(ranks_know_only_the_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
