/* test_networks.c - the contract of test_combinations.c where the loss is a network on a table of examples, so that
 * noise may live in its layers: every combination of the registry that can be made.
 *
 * A step of a network whose numbers stay small succeeds, allocates nothing and leaves x finite; one that fails leaves x
 * as it was; a refused allocation, of the problem or of the trainer, is SWALE_ERROR_MEMORY and leaves nothing behind.
 */
#include "combination.h"

#include "problem/problem_parts.h"
#include "train/resolve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 10, INPUTS = 6, OUTPUTS = 3, DIM = 7 * 5 + 6 * 4 + 5 * 3, STEPS = 4 };
#define COMMON "threads=1 samples=8 inner=2 chains=2 tau=0.05 beta=2 shards=3 updates=9 batch=0 rank=2"

/* The examples, and x: usual_inputs × scale + shift, 0.1 (i % 5) × far. */
typedef struct material {
  const char *name;
  size_t count; /* of examples */
  float scale, shift, far;
  int ends; /* as a weather's, but sign units hide what is no number */
} material;

static const material materials[] = {
    {"usual", EXAMPLES, 1, 0, 1, WEATHER_GOOD},
    {"one example", 1, 1, 0, 1, WEATHER_GOOD},
    {"inputs 0", EXAMPLES, 0, 0, 1, WEATHER_GOOD},
    {"equal inputs", EXAMPLES, 0, 1, 1, WEATHER_GOOD},
    {"tiny inputs", EXAMPLES, 1e-38F, 0, 1, WEATHER_GOOD},
    {"huge inputs", EXAMPLES, 1e38F, 0, 1, WEATHER_ANY},
    {"huge weights", EXAMPLES, 1, 0, 1e37F, WEATHER_ANY},
    {"NaN", EXAMPLES, 1, NAN, 1, WEATHER_BAD},
    {"inf", EXAMPLES, 1, INFINITY, 1, WEATHER_ANY},
};
enum { MATERIALS = sizeof materials / sizeof *materials };

typedef struct stand {
  scene scene;
  swl_network network;
  float inputs[EXAMPLES * INPUTS], targets[EXAMPLES * OUTPUTS];
  uint32_t labels[EXAMPLES];
  swl_table table;
} stand;

/* No trainer yet. */
static void stand_open(stand *s, const char *combination, const char *extras, const char *units, const material *of) {
  static const char *const losses[][2] = {{"sign", "zero-one"}, {"tanh", "squared"}, {"relu", "cross-entropy"}};
  const char *loss = NULL;
  for (size_t k = 0; k < 3; k++) loss = strcmp(losses[k][0], units) == 0 ? losses[k][1] : loss;
  for (size_t i = 0; i < EXAMPLES * INPUTS; i++) {
    s->inputs[i] = of->scale * (0.5F - 0.1F * (float)(i * i % 11)) + of->shift;
  }
  for (size_t i = 0; i < EXAMPLES * OUTPUTS; i++) s->targets[i] = 0.25F * (float)(i % 7);
  for (size_t b = 0; b < EXAMPLES; b++) s->labels[b] = (uint32_t)(b % OUTPUTS);
  s->table = (swl_table){.count = of->count, .inputs = s->inputs, .labels = s->labels, .targets = s->targets};
  scene_open(&s->scene, combination, extras, DIM);
  check_ok(s->scene.context, swl_network_parse(s->scene.context, "mlp:6-5-4-3", units, loss, &s->network));
  assert_int_equal(s->network.dim, DIM);
}

static void stand_create(stand *s) {
  swl_settings settings;
  scene *at = &s->scene;
  at->status = swl_settings_resolve(at->context, at->options, 1, &settings);
  if (at->status != SWALE_OK) return;
  const int backward = swl_needs_gradients(&settings);
  if (backward && !s->network.activation->backward) { /* a run refuses it */
    at->status = SWALE_ERROR_UNSUPPORTED;
    swl_explain(at->context, "activation %s has no derivative", s->network.activation->name);
    return;
  }
  at->status = swl_network_problem_create(at->context, &settings, &s->network, &s->table, (size_t)settings.threads,
                                          backward, &at->problem);
  if (at->status == SWALE_OK) scene_create(at);
}

/* One stand and its steps, which must end as a weather's: -1 where it cannot be made, else how many succeeded. */
static int stand_steps(const char *text, const char *extras, const char *units, const material *of, int ends) {
  stand s;
  char what[2 * COMBINATION_TEXT];
  int good = -1;
  snprintf(what, sizeof what, "%s with %s, %s units, %s", text, extras, units, of->name);
  stand_open(&s, text, extras, units, of);
  stand_create(&s);
  if (s.scene.trainer) {
    const size_t calls = s.scene.counting.calls;
    float x[DIM];
    for (size_t i = 0; i < DIM; i++) x[i] = 0.1F * (float)(i % 5) * of->far;
    check_ok(s.scene.context, swale_trainer_set_parameters(s.scene.trainer, x));
    good = 0;
    for (size_t k = 0; k < STEPS; k++) good += scene_step(&s.scene, what);
    const int as = (ends != WEATHER_GOOD || good == STEPS) && (ends != WEATHER_BAD || good == 0);
    if (!as) print_error("%s: %d steps; %s\n", what, good, swale_context_message(s.scene.context));
    assert_true(as);
    assert_int_equal(s.scene.counting.calls, calls);
  } else {
    scene_check_error(s.scene.context, s.scene.status);
  }
  scene_free(&s.scene);
  return good;
}

/* Every combination: with all extras and the usual material, then with the others. */
static void steps_of_a_network_allocate_nothing(void **state) {
  (void)state;
  static const char *const extras[] = {COMMON " group=1",
                                       COMMON " group=3 sig=0.2",
                                       COMMON " group=0 generator=block",
                                       COMMON " monotone=true group=4",
                                       COMMON " group=1 layer-samples=8/4",
                                       COMMON " group=1 samples=2",
                                       COMMON " group=0 batch=1 chains=1 samples=40",
                                       COMMON " group=1 batch=1 chains=1 samples=2",
                                       COMMON " burn=0 step=10 leapfrog=1 moves=1 stages=1",
                                       COMMON " group=1 tau=1e-12 beta=1e-12",
                                       COMMON " group=2 tau=1e6 beta=1e12"};
  enum { ALL = sizeof extras / sizeof *extras, WELL = ALL - 2 }; /* the others may be too much for numbers */
  static const char *const units[] = {"relu", "tanh", "sign"};
  size_t made = 0, refused = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    for (size_t i = 0; i < ALL + MATERIALS - 1; i++) {
      const size_t e = i < ALL ? i : i % 4;
      const material *with = &materials[i < ALL ? 0 : i - ALL + 1];
      const size_t u = (c + i) % 3;
      const int surely = with->ends == WEATHER_GOOD ? e < WELL : u < 2;
      const int good = stand_steps(text, extras[e], units[u], with, surely ? with->ends : WEATHER_ANY);
      made += good >= 0;
      refused += good < 0;
    }
  }
  printf("# %zu made, %zu refused with a sentence\n", made, refused);
  assert_true(made > 500);
}

/* The n-th allocation of problem and trainer fails, for every n. */
static void every_refused_allocation_of_a_network_is_an_error(void **state) {
  (void)state;
  static const char *const extras[] = {COMMON " group=1 sig=0.2", COMMON " group=3 threads=2 monotone=true"};
  size_t tried = 0, most = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    int done = 0;
    for (size_t n = 1; !done; n++) {
      stand s;
      stand_open(&s, text, extras[c % 2], "relu", materials);
      s.scene.counting.fail_at = s.scene.counting.calls + n;
      stand_create(&s);
      tried++;
      done = s.scene.status != SWALE_ERROR_MEMORY;
      if (!done) assert_non_null(strstr(swale_context_message(s.scene.context), "out of memory"));
      if (!done) assert_null(s.scene.trainer);
      if (done && s.scene.trainer) assert_true(s.scene.counting.calls < s.scene.counting.fail_at);
      most = n > most ? n : most;
      scene_free(&s.scene);
      assert_true(n < 2000);
    }
  }
  printf("# %zu creations, up to %zu allocations\n", tried, most);
  assert_true(most > 60); /* noise in layers was among them */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_of_a_network_allocate_nothing),
      cmocka_unit_test(every_refused_allocation_of_a_network_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
