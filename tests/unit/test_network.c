/* test_network.c - what a spec means, one small network by hand, activations, losses, initial weights, memory. */
#include "check.h"

#include "base/arena.h"
#include "network/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double eps = 0x1p-24;

static int setup(void **state) { return swale_context_create(NULL, (swale_context **)state) != SWALE_OK; }
static int teardown(void **state) {
  swale_context_destroy(*state);
  return 0;
}

static const swl_activation *activation_named(const char *name) {
  for (size_t i = 0; swl_activations()[i]; i++) {
    if (strcmp(swl_activations()[i]->name, name) == 0) return swl_activations()[i];
  }
  fail_msg("no activation %s", name);
  return NULL;
}

static const swl_loss *loss_named(const char *name) {
  for (size_t i = 0; swl_losses()[i]; i++) {
    if (strcmp(swl_losses()[i]->name, name) == 0) return swl_losses()[i];
  }
  fail_msg("no loss %s", name);
  return NULL;
}

static void spec_is_understood(void **state) {
  swl_network net;
  check_ok(*state, swl_network_parse(*state, "mlp:784-0256-10", "tanh", "huber", &net));
  assert_int_equal(net.depth, 2);
  assert_int_equal(net.inputs, 784);
  assert_int_equal(net.outputs, 10);
  assert_int_equal(net.layers[0].inputs, 784);
  assert_int_equal(net.layers[0].outputs, 256);
  assert_int_equal(net.layers[0].offset, 0);
  assert_int_equal(net.layers[1].inputs, 256);
  assert_int_equal(net.layers[1].outputs, 10);
  assert_int_equal(net.layers[1].offset, 785 * 256);
  assert_int_equal(net.dim, 785 * 256 + 257 * 10);
  assert_string_equal(net.spec, "mlp:784-256-10");
  assert_string_equal(net.activation->name, "tanh");
  assert_string_equal(net.loss->name, "huber");
  assert_null(swl_network_activation(&net, 1));
  check_ok(*state, swl_network_parse(*state, "mlp:1-1", "sign", "squared", &net));
  assert_int_equal(net.dim, 2);
  check_ok(*state, swl_network_parse(*state, "mlp:1000000-8589", "relu", "zero-one", &net)); /* 1000001 × 8589 */
}

static void spec_errors_name_the_piece(void **state) {
  const struct {
    const char *spec, *activation, *loss, *message;
  } bad[] = {
      {"mlp:784--10", "relu", "squared", "model 'mlp:784--10': layer 2 has no size; write mlp:INPUTS-HIDDEN"},
      {"mlp:784-10-", "relu", "squared", "layer 3 has no size"},
      {"mlp:", "relu", "squared", "layer 1 has no size"},
      {"mlp:-3", "relu", "squared", "layer 1 has no size"},
      {"mlp:784", "relu", "squared", "it has an input layer only"},
      {"cnn:784-10", "relu", "squared", "unknown kind; write mlp:"},
      {"784-10", "relu", "squared", "unknown kind; write mlp:"},
      {"", "relu", "squared", "unknown kind"},
      {"mlp:784-2x-10", "relu", "squared", "the size of layer 2 is '2x', not a whole number"},
      {"mlp:784- 2", "relu", "squared", "the size of layer 2 is ' 2', not a whole number"},
      {"mlp:784-0-10", "relu", "squared", "the size of layer 2 is 0; 1 to 1000000 is allowed"},
      {"mlp:1000001-10", "relu", "squared", "the size of layer 1 is 1000001; 1 to 1000000"},
      {"mlp:3-99999999999999999999999999", "relu", "squared", "1 to 1000000 is allowed"},
      {"mlp:1000000-8590", "relu", "squared", "more than 8589934592 parameters"}, /* 1000001 × 8590 > 2^33 */
      {"mlp:2-1000000-8000-1000000", "relu", "squared", "with its layer of 8000 to 1000000 units it has more than"},
      {"mlp:3-2", "rely", "squared", "unknown activation 'rely' (did you mean 'relu'?); there are relu, tanh"},
      {"mlp:3-2", "relu", "cross-entrophy", "unknown loss 'cross-entrophy' (did you mean 'cross-entropy'?)"},
      {"mlp:3-1", "relu", "zero-one", "one output cannot tell classes apart"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    swl_network net, before;
    memset(&net, 0x5a, sizeof net);
    before = net;
    check_fails(*state, swl_network_parse(*state, bad[i].spec, bad[i].activation, bad[i].loss, &net), SWALE_ERROR_USAGE,
                bad[i].message);
    assert_memory_equal(&net, &before, sizeof net); /* untouched */
  }
}

static void spec_depth_is_limited(void **state) {
  char spec[1024] = "mlp:2";
  swl_network net;
  for (int l = 0; l < SWL_LAYERS_MAX; l++) strcat(spec, "-2");
  check_ok(*state, swl_network_parse(*state, spec, "relu", "squared", &net));
  assert_int_equal(net.depth, SWL_LAYERS_MAX);
  assert_string_equal(net.spec, spec);
  strcat(spec, "-2");
  check_fails(*state, swl_network_parse(*state, spec, "relu", "squared", &net), SWALE_ERROR_USAGE,
              "more than 64 layers");
}

/* mlp:2-2-2, relu, squared; X_0 = [1 -1; 2 1; 0.5 -2], X_1 = [1 0; 3 -1; -5 0.25].
 * (1 2): u = (5.5 -1), h = (5.5 0), o = (0.5 0.25), t = (0 1): loss (0.25 + 0.5625)/2 = 0.40625.
 * (0 0): u = (0.5 -2), h = (0.5 0), o = (-4.5 0.25) = t: loss 0.
 * d(mean)/do = (0.25 -0.375) for the first, 0 for the second; X_1: row 0 is 5.5 times that, row 1 zero, bias itself;
 * below: (0.25, 0.25·3 + 0.375) masked to (0.25 0); X_0: rows (0.25 0), (0.5 0), bias (0.25 0). */
static void a_network_by_hand(void **state) {
  const float x[] = {1, -1, 2, 1, 0.5F, -2, 1, 0, 3, -1, -5, 0.25F};
  const float inputs[] = {1, 2, 0, 0}, targets[] = {0, 1, -4.5F, 0.25F};
  const float expected[] = {0.25F, 0, 0.5F, 0, 0.25F, 0, 1.375F, -2.0625F, 0, 0, 0.25F, -0.375F};
  const float outputs[] = {0.5F, 0.25F, -4.5F, 0.25F};
  const swl_examples examples = {.count = 2, .inputs = inputs, .targets = targets};
  swl_network net;
  check_ok(*state, swl_network_parse(*state, "mlp:2-2-2", "relu", "squared", &net));
  for (size_t k = 0; swl_kernels_list()[k]; k++) {
    for (int backward = 0; backward < 2; backward++) {
      swl_arena *arena = NULL;
      swl_workspace *workspace = NULL;
      double losses[2] = {-1, -1};
      float gradient[12];
      check_ok(*state, swl_arena_create(*state, &arena));
      check_ok(*state, swl_workspace_create(arena, &net, swl_kernels_list()[k], 2, backward, &workspace));
      swl_network_losses(&net, workspace, x, &examples, losses);
      assert_true(losses[0] == 0.40625 && losses[1] == 0.0);
      assert_memory_equal(swl_network_outputs(&net, workspace, x, &examples), outputs, sizeof outputs);
      if (backward) {
        losses[0] = losses[1] = -1;
        swl_network_gradient(&net, workspace, x, &examples, gradient, losses);
        assert_true(losses[0] == 0.40625 && losses[1] == 0.0);
        for (int i = 0; i < 12; i++) assert_true(gradient[i] == expected[i]);
        const swl_examples none = {0};
        swl_network_gradient(&net, workspace, x, &none, gradient, NULL);
        for (int i = 0; i < 12; i++) assert_true(gradient[i] == 0.0F);
      }
      swl_arena_destroy(arena);
    }
  }
}

/* g against its formula in double; dy/du against a central difference of that formula (h = 1e-4: h²/6 |g'''|
 * is below 3e-9). */
static double formula(const char *name, double u) {
  if (strcmp(name, "identity") == 0) return u;
  if (strcmp(name, "relu") == 0) return u > 0 ? u : 0;
  if (strcmp(name, "tanh") == 0) return tanh(u);
  if (strcmp(name, "sigmoid") == 0) return 1.0 / (1.0 + exp(-u));
  if (strcmp(name, "gelu") == 0) return 0.5 * u * (1.0 + erf(u / sqrt(2.0)));
  if (strcmp(name, "sign") == 0) return u < 0 ? -1 : 1;
  fail_msg("no formula for activation %s", name);
  return 0;
}

static void activations_match_their_formulas(void **state) {
  (void)state;
  enum { COUNT = 1201 };
  float u[COUNT], y[COUNT], delta[COUNT];
  size_t count = 0;
  for (; swl_activations()[count]; count++) {
    const swl_activation *g = swl_activations()[count];
    for (int i = 0; i < COUNT; i++) u[i] = (float)((i - COUNT / 2) * 0.0125 + 0.001), delta[i] = 2.0F;
    g->forward(COUNT, u, y);
    for (int i = 0; i < COUNT; i++) check_close(y[i], formula(g->name, u[i]), 8.0 * eps * (1.0 + fabs(u[i])));
    assert_int_equal(g->backward == NULL, strcmp(g->name, "sign") == 0);
    if (!g->backward) continue;
    g->backward(COUNT, g->needs_u ? u : NULL, g->needs_u ? NULL : y, delta);
    for (int i = 0; i < COUNT; i++) {
      const double h = 1e-4, slope = (formula(g->name, u[i] + h) - formula(g->name, u[i] - h)) / (2.0 * h);
      check_close(delta[i], 2.0 * slope, 2.0 * (16.0 * eps + 3e-9));
    }
    const float bad = NAN;
    g->forward(1, &bad, y);
    assert_true(isnan(y[0]));
  }
  assert_int_equal(count, 6);
  const float zero[2] = {0.0F, -0.0F};
  activation_named("sign")->forward(2, zero, y);
  assert_true(y[0] == 1.0F && y[1] == 1.0F);
  check_close(activation_named("relu")->gain, sqrt(2.0), 1e-15);
  check_close(activation_named("tanh")->gain, 5.0 / 3.0, 1e-15);
}

static void losses_by_hand(void **state) {
  (void)state;
  const float outputs[] = {1, 2, 0.5F, -1, 3, 3}, targets[] = {1, 1, 0, -1, 3, 0.5F};
  const uint32_t labels[] = {1, 2};
  double losses[2];
  loss_named("squared")->evaluate(2, 3, outputs, NULL, targets, losses);
  check_close(losses[0], 1.25 / 3.0, 1e-16);
  check_close(losses[1], 6.25 / 3.0, 1e-15);
  loss_named("huber")->evaluate(2, 3, outputs, NULL, targets, losses); /* 0.5 + 0.125; 2.5 - 0.5 */
  check_close(losses[0], 0.625 / 3.0, 1e-16);
  check_close(losses[1], 2.0 / 3.0, 1e-15);
  loss_named("cross-entropy")->evaluate(2, 3, outputs, labels, NULL, losses);
  check_close(losses[0], log(exp(1.0) + exp(2.0) + exp(0.5)) - 2.0, 6.0 * eps);
  check_close(losses[1], log(exp(-1.0) + 2.0 * exp(3.0)) - 3.0, 6.0 * eps);
  loss_named("zero-one")->evaluate(2, 3, outputs, labels, NULL, losses);
  assert_true(losses[0] == 0.0 && losses[1] == 1.0); /* the tie goes to class 1 */
  assert_null(loss_named("zero-one")->gradient);
  assert_int_equal(loss_named("squared")->classification + loss_named("huber")->classification, 0);
  assert_int_equal(loss_named("zero-one")->classification + loss_named("cross-entropy")->classification, 2);
}

static void correct_counts_ties_and_nan(void **state) {
  (void)state;
  const float inf = INFINITY, no = NAN;
  const float rows[8][3] = {{1, 2, 0},  {2, 2, 0},  {2, 2, 0},      {no, 1, 0},
                            {0, 1, no}, {no, 1, 0}, {-inf, 0, inf}, {0, 0, 0}};
  const uint32_t labels[8] = {1, 0, 1, 1, 1, 0, 2, 2};
  const size_t right[8] = {1, 1, 0, 0, 0, 0, 1, 0};
  size_t sum = 0;
  for (size_t b = 0; b < 8; b++) {
    assert_int_equal(swl_network_correct(1, 3, rows[b], labels + b), right[b]);
    sum += right[b];
  }
  assert_int_equal(swl_network_correct(8, 3, rows[0], labels), sum);
  assert_int_equal(swl_network_correct(0, 3, NULL, NULL), 0);
}

/* A bad example, or bad parameters, spoil its own loss and nothing else. */
static void nan_stays_in_its_row(void **state) {
  float inputs[8] = {1, 2, NAN, 0, INFINITY, 1, 0.5F, -1}, targets[8] = {0};
  const uint32_t labels[4] = {0, 1, 0, 1};
  for (size_t a = 0; swl_activations()[a]; a++) {
    for (size_t l = 0; swl_losses()[l]; l++) {
      swl_network net;
      swl_arena *arena = NULL;
      swl_workspace *workspace = NULL;
      double losses[4];
      const int classes = swl_losses()[l]->classification;
      check_ok(*state, swl_network_parse(*state, "mlp:2-3-2", swl_activations()[a]->name, swl_losses()[l]->name, &net));
      float x[32];
      swl_network_initialize(&net, 3, x);
      check_ok(*state, swl_arena_create(*state, &arena));
      check_ok(*state, swl_workspace_create(arena, &net, swl_kernels_list()[0], 4, 0, &workspace));
      const swl_examples examples = {4, inputs, classes ? labels : NULL, classes ? NULL : targets, NULL};
      swl_network_losses(&net, workspace, x, &examples, losses);
      assert_true(isfinite(losses[0]) && isfinite(losses[3]));
      if (strcmp(net.loss->name, "zero-one") == 0)
        assert_true(losses[1] == 1.0);
      else
        assert_true(!isfinite(losses[1]));
      for (size_t i = 0; i < net.dim; i++) x[i] = NAN;
      swl_network_losses(&net, workspace, x, &examples, losses);
      for (int b = 0; b < 4; b++) assert_true(strcmp(net.loss->name, "zero-one") ? isnan(losses[b]) : losses[b] == 1.0);
      swl_arena_destroy(arena);
    }
  }
}

/* A batch in parts, by shifted pointers, has the losses of the whole (the reference sums in a fixed order). */
static void parts_of_a_batch(void **state) {
  enum { COUNT = 50 };
  float inputs[COUNT * 3], x[128];
  uint32_t labels[COUNT];
  double whole[COUNT], part[COUNT];
  swl_network net;
  swl_arena *arena = NULL;
  swl_workspace *workspace = NULL;
  for (int i = 0; i < COUNT * 3; i++) inputs[i] = (float)sin(i), labels[i / 3] = (uint32_t)(i / 3 % 4);
  check_ok(*state, swl_network_parse(*state, "mlp:3-7-6-4", "gelu", "cross-entropy", &net));
  swl_network_initialize(&net, 5, x);
  check_ok(*state, swl_arena_create(*state, &arena));
  check_ok(*state, swl_workspace_create(arena, &net, swl_kernels_find("reference"), COUNT, 0, &workspace));
  const swl_examples all = {.count = COUNT, .inputs = inputs, .labels = labels};
  swl_network_losses(&net, workspace, x, &all, whole);
  for (size_t size = 1; size <= COUNT; size += 7) {
    for (size_t first = 0; first < COUNT; first += size) {
      const size_t count = COUNT - first < size ? COUNT - first : size;
      const swl_examples some = {.count = count, .inputs = inputs + first * 3, .labels = labels + first};
      swl_network_losses(&net, workspace, x, &some, part + first);
    }
    assert_memory_equal(part, whole, sizeof whole);
  }
  swl_arena_destroy(arena);
}

/* Weights N(0, gain²/n): over c of them the mean has standard error σ/√c and the variance σ²√(2/c); 4 standard errors
 * each (6e-5 by chance; the seed is fixed). Biases exactly 0; layers and seeds differ. */
static void initial_weights(void **state) {
  swl_network net;
  check_ok(*state, swl_network_parse(*state, "mlp:300-200-200-10", "relu", "squared", &net));
  float *x = malloc(net.dim * sizeof *x), *other = malloc(net.dim * sizeof *other);
  swl_network_initialize(&net, 11, x);
  swl_network_initialize(&net, 12, other);
  for (size_t l = 0; l < net.depth; l++) {
    const swl_layer *layer = &net.layers[l];
    const size_t count = layer->inputs * layer->outputs;
    const float *weights = x + layer->offset;
    const double sigma = sqrt(2.0 / (double)layer->inputs), n = (double)count;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
      sum += weights[i];
      squares += (double)weights[i] * weights[i];
    }
    check_close(sum / n, 0.0, 4.0 * sigma / sqrt(n));
    check_close(squares / n, sigma * sigma, 4.0 * sigma * sigma * sqrt(2.0 / n));
    for (size_t j = 0; j < layer->outputs; j++) assert_true(weights[count + j] == 0.0F);
    assert_true(weights[0] != other[layer->offset]);
  }
  assert_true(x[net.layers[1].offset] != x[net.layers[2].offset]); /* same shape, another stream */
  swl_network_initialize(&net, 11, other);
  assert_memory_equal(x, other, net.dim * sizeof *x);
  free(x), free(other);
}

/* Every allocation refused in turn; once created, nothing is allocated. */
static void memory_is_taken_at_birth(void **state) {
  (void)state;
  int done = 0;
  for (size_t fail_at = 1; !done; fail_at++) {
    counting_allocator counting;
    counting_allocator_init(&counting);
    swale_context *context = NULL;
    swl_arena *arena = NULL;
    swl_workspace *workspace = NULL;
    swl_network net;
    assert_int_equal(swale_context_create(&counting.allocator, &context), SWALE_OK);
    check_ok(context, swl_network_parse(context, "mlp:3-4-5-2", "gelu", "cross-entropy", &net));
    check_ok(context, swl_arena_create(context, &arena));
    counting.fail_at = counting.calls + fail_at;
    const swale_status made = swl_workspace_create(arena, &net, swl_kernels_list()[0], 6, 1, &workspace);
    done = counting.calls < counting.fail_at;
    assert_int_equal(made, done ? SWALE_OK : SWALE_ERROR_MEMORY);
    assert_int_equal(workspace == NULL, !done);
    if (done) {
      float x[64] = {0}, gradient[64], inputs[18] = {0};
      const uint32_t labels[6] = {0};
      double losses[6];
      const size_t before = counting.calls;
      swl_network_gradient(&net, workspace, x, &(swl_examples){6, inputs, labels, NULL, NULL}, gradient, losses);
      swl_network_losses(&net, workspace, x, &(swl_examples){6, inputs, labels, NULL, NULL}, losses);
      assert_int_equal(counting.calls, before);
      check_close(losses[5], log(2.0), 4.0 * eps);
      assert_true(fail_at > 7); /* the workspace, u of 3 layers, y of 2, 2 delta: 8 allocations could be refused */
    }
    swl_arena_destroy(arena);
    check_context_gone(&counting, context);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(spec_is_understood, setup, teardown),
      cmocka_unit_test_setup_teardown(spec_errors_name_the_piece, setup, teardown),
      cmocka_unit_test_setup_teardown(spec_depth_is_limited, setup, teardown),
      cmocka_unit_test_setup_teardown(a_network_by_hand, setup, teardown),
      cmocka_unit_test(activations_match_their_formulas),
      cmocka_unit_test(losses_by_hand),
      cmocka_unit_test(correct_counts_ties_and_nan),
      cmocka_unit_test_setup_teardown(nan_stays_in_its_row, setup, teardown),
      cmocka_unit_test_setup_teardown(parts_of_a_batch, setup, teardown),
      cmocka_unit_test_setup_teardown(initial_weights, setup, teardown),
      cmocka_unit_test(memory_is_taken_at_birth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
