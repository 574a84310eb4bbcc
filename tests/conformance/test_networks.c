/* test_networks.c - the contract of test_combinations.c where the loss is a network on a table of examples, so that
 * noise may live in its layers: every combination of the registry that can be made.
 *
 * A step of a network whose numbers stay small succeeds, allocates nothing and leaves x finite; one that fails leaves x
 * as it was; a refused allocation, of the problem or of the trainer, is SWALE_ERROR_MEMORY and leaves nothing behind.
 */
#include "combination.h"

#include "problem/problem.h"
#include "train/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 10, INPUTS = 6, OUTPUTS = 3, DIM = 7 * 5 + 6 * 4 + 5 * 3 };
#define COMMON "threads=1 samples=8 inner=2 chains=2 tau=0.05 beta=2 shards=3 updates=9 batch=0 rank=2"

typedef struct stand {
  scene scene;
  swl_network network;
  float inputs[EXAMPLES * INPUTS];
  uint32_t labels[EXAMPLES];
  swl_table table;
} stand;

/* No trainer yet; 0 where the options do not go together. */
static int stand_open(stand *s, const char *combination, const char *extras, const char *activation) {
  for (size_t i = 0; i < EXAMPLES * INPUTS; i++) s->inputs[i] = 0.5F - 0.1F * (float)(i * i % 11);
  for (size_t b = 0; b < EXAMPLES; b++) s->labels[b] = (uint32_t)(b % OUTPUTS);
  s->table = (swl_table){.count = EXAMPLES, .inputs = s->inputs, .labels = s->labels};
  if (!scene_open(&s->scene, combination, extras, DIM, WEATHER_FINE)) return 0;
  const char *loss = strcmp(activation, "sign") == 0 ? "zero-one" : "cross-entropy";
  check_ok(s->scene.context, swl_network_parse(s->scene.context, "mlp:6-5-4-3", activation, loss, &s->network));
  assert_int_equal(s->network.dim, DIM);
  return 1;
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

static size_t steps(stand *s, const char *text) {
  size_t good = 0;
  scene *at = &s->scene;
  const size_t calls = at->counting.calls;
  for (size_t k = 0; k < 4; k++) {
    float before[DIM];
    memcpy(before, swale_trainer_parameters(at->trainer), sizeof before);
    const swale_status status = swale_trainer_step(at->trainer);
    if (status != SWALE_OK && status != SWALE_ERROR_NUMERIC) print_error("%s\n", text);
    assert_true(status == SWALE_OK || status == SWALE_ERROR_NUMERIC);
    const float *x = swale_trainer_parameters(at->trainer);
    if (status != SWALE_OK) assert_memory_equal(x, before, sizeof before);
    for (size_t i = 0; i < DIM; i++) assert_true(isfinite(x[i]));
    good += status == SWALE_OK;
  }
  assert_int_equal(at->counting.calls, calls);
  return good;
}

static void steps_of_a_network_allocate_nothing(void **state) {
  (void)state;
  static const char *const extras[] = {COMMON " group=1",
                                       COMMON " group=3 sig=0.2",
                                       COMMON " group=0 generator=block",
                                       COMMON " monotone=true group=4",
                                       COMMON " group=1 layer-samples=8/4",
                                       COMMON " group=1 samples=2",
                                       COMMON " group=0 batch=1 chains=1 samples=40",
                                       COMMON " burn=0 step=10 leapfrog=1 moves=1 stages=1",
                                       COMMON " group=2 tau=1e6 beta=1e12"};
  enum { LAST = sizeof extras / sizeof *extras - 1 }; /* may be too much for numbers */
  static const char *const activations[] = {"relu", "tanh", "sign"};
  size_t made = 0, refused = 0;
  for (size_t c = 0; c < combination_count(); c++) {
    char text[COMBINATION_TEXT];
    combination_text(c, text);
    for (size_t e = 0; e < sizeof extras / sizeof *extras; e++) {
      stand s;
      const int legal = stand_open(&s, text, extras[e], activations[(c + e) % 3]);
      if (legal) {
        stand_create(&s);
        if (s.scene.trainer) {
          const size_t good = steps(&s, text);
          if (e < LAST && good != 4)
            print_error("%s %s: %s\n", text, extras[e], swale_context_message(s.scene.context));
          if (e < LAST) assert_int_equal(good, 4);
          made++;
        } else {
          scene_check_error(&s.scene, s.scene.status);
          refused++;
        }
      }
      scene_free(&s.scene);
      if (!legal) break;
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
      done = !stand_open(&s, text, extras[c % 2], "relu");
      if (!done) {
        s.scene.counting.fail_at = s.scene.counting.calls + n;
        stand_create(&s);
        tried++;
        done = s.scene.status != SWALE_ERROR_MEMORY;
        if (!done) assert_non_null(strstr(swale_context_message(s.scene.context), "out of memory"));
        if (!done) assert_null(s.scene.trainer);
        if (done && s.scene.trainer) assert_true(s.scene.counting.calls < s.scene.counting.fail_at);
        most = n > most ? n : most;
      }
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
