/* test_samplers_invariance.c - every transition leaves q alone and is its own reverse.
 *
 * Hand solution: Gandy, Scott, "Unit testing for MCMC and other Monte Carlo methods", 2020, Algorithm 2. Begin at an exact
 * draw of q, at a random place K of a path of L + 1; go on to the end and, a reversible transition being its own
 * reverse, back to the beginning. The rank of T(y_K) among all T(y_k), ties broken at random, is uniform on 0 … L for
 * every function T. Chi-square over R paths with L degrees of freedom, as a standard normal (quadratic.h), rejected
 * above 4: level 3e-5. The same paths give E[S(y_0) T(y_1) - T(y_0) S(y_1)] = 0 for one step, within 4 standard errors.
 * That the test has teeth is a part of it: an unadjusted Langevin step, and transitions at a beta that is 1.4 times too
 * large, must be rejected by at least one T.
 */
#include "targets.h"

#include "sampler/walker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LENGTH = 7, PATHS = 50000, TS = 4, DIM = 2 };

typedef struct kernel {
  const char *name;
  const swl_transition *transition;
  double step;
} kernel;

typedef struct bench {
  const target *t;
  swale_context *context;
  swale_problem *problem;
  swl_arena *arena;
  swl_walker walker;
  dice dice;
  double wrong; /* multiplies beta: 1 is right */
} bench;

/* What must fail: the step of mala without its decision. */
static swale_status unadjusted_move(swl_walker *walker, double step, double *probability) {
  const float a = (float)exp(-step), b = (float)((1 - exp(-step)) * walker->beta), s = sqrtf(1 - a * a);
  double loss = 0;
  swl_walker_normals(walker);
  for (size_t i = 0; i < DIM; i++) walker->v[i] = a * walker->u[i] - b * walker->g[i] + s * walker->z[i];
  SWL_TRY(swl_walker_look(walker, walker->v, walker->h, &loss));
  if (!isnan(loss)) swl_walker_go(walker, loss);
  *probability = 1;
  return SWALE_OK;
}

static const swl_transition unadjusted = {.gradients = 1, .target = 1, .move = unadjusted_move};

static const kernel kernels[] = {
    {"mala", &swl_transition_mala, 0.15},          {"hmc", &swl_transition_hmc, 0.4},
    {"hmc, one kick", &swl_transition_hmc, 1.4},   {"pcn", &swl_transition_pcn, 0.1},
    {"elliptical", &swl_transition_elliptical, 0},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

static void bench_open(bench *b, const target *t, const kernel *k, double wrong) {
  *b = (bench){.t = t, .wrong = wrong, .dice = {77}};
  assert_int_equal(swale_context_create(NULL, &b->context), SWALE_OK);
  b->problem = target_problem(t, b->context);
  check_ok(b->context, swl_arena_create(b->context, &b->arena));
  check_ok(b->context, swl_walker_create(b->arena, b->problem, k->transition, 0, &b->walker));
  b->walker.x = t->x;
  b->walker.scale = sqrt(t->tau);
  b->walker.beta = wrong * t->beta;
  b->walker.leapfrog = 16;
}

static void bench_close(bench *b) {
  swl_arena_destroy(b->arena);
  swale_problem_destroy(b->problem);
  swale_context_destroy(b->context);
}

/* The functions T of y: coordinates, the loss, a product. */
static void functions(const bench *b, const double *y, double value[TS]) {
  value[0] = y[0];
  value[1] = y[1];
  value[2] = target_loss(b->t, y, NULL);
  value[3] = y[0] * y[1];
}

static void look(const bench *b, double value[TS]) {
  double y[DIM];
  for (size_t i = 0; i < DIM; i++) y[i] = b->t->x[i] + b->walker.scale * b->walker.u[i];
  functions(b, y, value);
}

/* `steps` steps from u; T after each goes to `values`. */
static void wander(bench *b, const kernel *k, const float *u, size_t steps, size_t *number, double values[][TS]) {
  swl_walker *w = &b->walker;
  memcpy(w->u, u, DIM * sizeof *u);
  check_ok(b->context, swl_walker_look(w, w->u, w->g, &w->loss));
  for (size_t s = 0; s < steps; s++, ++*number) {
    double probability = 0;
    w->normals = swl_stream_make(swl_philox(9), SWL_PURPOSE_CHAIN, 0, *number, 0);
    w->chance = swl_stream_make(swl_philox(9), SWL_PURPOSE_ACCEPT, 0, *number, 0);
    check_ok(b->context, k->transition->move(w, k->step, &probability));
    look(b, values[s]);
  }
}

typedef struct finding {
  double rank_z[TS], exchange_z, acceptance;
} finding;

static finding examine(const target *t, const kernel *k, double wrong) {
  finding found = {.exchange_z = 0};
  size_t count[TS][LENGTH + 1] = {{0}}, number = 0;
  sample exchange = {0};
  bench b;
  bench_open(&b, t, k, wrong);
  for (size_t path = 0; path < PATHS; path++) {
    double y[DIM], values[LENGTH][TS], own[TS];
    float u[DIM];
    const size_t place = (size_t)(dice_uniform(&b.dice) * (LENGTH + 1));
    target_draw(t, &b.dice, y);
    for (size_t i = 0; i < DIM; i++) u[i] = (float)((y[i] - t->x[i]) / b.walker.scale);
    wander(&b, k, u, place, &number, values);
    wander(&b, k, u, LENGTH - place, &number, values + place);
    memcpy(b.walker.u, u, sizeof u);
    look(&b, own);
    for (size_t f = 0; f < TS; f++) {
      size_t below = 0, equal = 0;
      for (size_t s = 0; s < LENGTH; s++) below += values[s][f] < own[f], equal += values[s][f] == own[f];
      count[f][below + (size_t)(dice_uniform(&b.dice) * (double)(equal + 1))]++;
    }
    const size_t first = place < LENGTH ? place : 0; /* one step from `own` */
    sample_add(&exchange, own[0] * values[first][2] - own[2] * values[first][0]);
  }
  for (size_t f = 0; f < TS; f++) {
    const double expected = (double)PATHS / (LENGTH + 1);
    double chi = 0;
    for (size_t r = 0; r <= LENGTH; r++) chi += pow((double)count[f][r] - expected, 2) / expected;
    found.rank_z[f] = chi_square_z(chi, LENGTH);
  }
  found.exchange_z = sample_mean(&exchange) / sample_se(&exchange);
  found.acceptance = b.walker.proposals > 0 ? b.walker.accepted / b.walker.proposals : 1;
  bench_close(&b);
  return found;
}

static double report(const target *t, const kernel *k, const finding *found, const char *what) {
  double worst = -INFINITY;
  for (size_t f = 0; f < TS; f++) worst = fmax(worst, found->rank_z[f]);
  printf("# %-7s %-14s %-10s rank chi-square as z %+.2f %+.2f %+.2f %+.2f  exchange z %+.2f  acceptance %.2f\n",
         target_name(t), k->name, what, found->rank_z[0], found->rank_z[1], found->rank_z[2], found->rank_z[3],
         found->exchange_z, found->acceptance);
  return worst;
}

static void transitions_leave_q_alone(void **state) {
  (void)state;
  const target targets[] = {target_make(TARGET_BANANA, DIM, 0.8, 1.3), target_make(TARGET_WELLS, DIM, 0.5, 1.5)};
  for (size_t i = 0; i < 2; i++) {
    for (size_t k = 0; k < KERNELS; k++) {
      const finding found = examine(&targets[i], &kernels[k], 1);
      assert_true(report(&targets[i], &kernels[k], &found, "right") < 4);
      check_close(found.exchange_z, 0, 4);
    }
  }
}

static void wrong_ones_are_found(void **state) {
  (void)state;
  const target t = target_make(TARGET_WELLS, DIM, 0.5, 1.5);
  const kernel bad = {"no decision", &unadjusted, 0.15};
  const finding found = examine(&t, &bad, 1);
  assert_true(report(&t, &bad, &found, "wrong") > 6);
  for (size_t k = 0; k < KERNELS; k++) {
    const finding at = examine(&t, &kernels[k], 1.4);
    assert_true(report(&t, &kernels[k], &at, "wrong beta") > 6);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(transitions_leave_q_alone),
      cmocka_unit_test(wrong_ones_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
