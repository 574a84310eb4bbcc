/* test_base.c - context, errors, arena. */
#include "check.h"

#include "base/arena.h"

#include <string.h>

static void arena_is_aligned_zeroed_and_freed(void **state) {
  (void)state;
  counting_allocator counting;
  counting_allocator_init(&counting);
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(&counting.allocator, &context), SWALE_OK);
  swl_arena *arena = NULL;
  check_ok(context, swl_arena_create(context, &arena));
  for (size_t count = 0; count < 130; count += 13) {
    unsigned char *bytes = swl_arena_take(arena, count, 1);
    assert_non_null(bytes);
    assert_int_equal((uintptr_t)bytes % 64, 0);
    for (size_t i = 0; i < count; i++) assert_int_equal(bytes[i], 0);
    memset(bytes, 0xff, count);
  }
  assert_null(swl_arena_take(arena, SIZE_MAX / 2, 3));
  assert_non_null(strstr(swale_context_message(context), "out of memory"));
  swl_arena_destroy(arena);
  check_context_gone(&counting, context);
}

/* Buffers that share a block: near the bounds of what shares, and of what still fits in. */
static void large_buffers_are_apart(void **state) {
  enum { TAKES = 40 };
  static const size_t around[] = {1 << 16, 1 << 21, 1 << 22, 1 << 20, 700000, 3000000, 1 << 16};
  counting_allocator counting;
  swale_context *context = NULL;
  swl_arena *arena = NULL;
  unsigned char *taken[TAKES];
  size_t bytes[TAKES];
  (void)state;
  for (int own = 0; own < 2; own++) { /* our allocator has huge pages, which the one of the test has not */
    counting_allocator_init(&counting);
    assert_int_equal(swale_context_create(own ? NULL : &counting.allocator, &context), SWALE_OK);
    check_ok(context, swl_arena_create(context, &arena));
    for (size_t k = 0; k < TAKES; k++) {
      bytes[k] = around[k % (sizeof around / sizeof *around)] - 84 + k % 9; /* 80: a block's header, and alignment */
      taken[k] = swl_arena_take(arena, bytes[k], 1);
      assert_non_null(taken[k]);
      assert_int_equal((uintptr_t)taken[k] % 64, 0);
      for (size_t i = 0; i < bytes[k]; i++) {
        if (taken[k][i]) fail_msg("buffer %zu: byte %zu is %d", k, i, taken[k][i]);
      }
      memset(taken[k], (int)k + 1, bytes[k]);
    }
    for (size_t k = 0; k < TAKES; k++) {
      for (size_t i = 0; i < bytes[k]; i++) {
        if (taken[k][i] != k + 1) fail_msg("buffer %zu: byte %zu belongs to %d", k, i, taken[k][i] - 1);
      }
    }
    swl_arena_destroy(arena);
    check_context_gone(&counting, context);
  }
}

static void every_failing_allocation_is_an_error(void **state) {
  (void)state;
  for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
    counting_allocator counting;
    counting_allocator_init(&counting);
    counting.fail_at = fail_at;
    swale_context *context = NULL;
    swale_status made = swale_context_create(&counting.allocator, &context);
    assert_int_equal(made, fail_at == 1 ? SWALE_ERROR_MEMORY : SWALE_OK);
    if (made != SWALE_OK) continue;
    swl_arena *arena = NULL;
    made = swl_arena_create(context, &arena);
    assert_int_equal(made, fail_at == 2 ? SWALE_ERROR_MEMORY : SWALE_OK);
    if (made == SWALE_OK) assert_null(swl_arena_take(arena, 10, 4));
    swl_arena_destroy(arena);
    check_context_gone(&counting, context);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arena_is_aligned_zeroed_and_freed),
      cmocka_unit_test(large_buffers_are_apart),
      cmocka_unit_test(every_failing_allocation_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
