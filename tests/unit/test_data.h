/* test_data.h - what the tests of src/data share: a counted context, an arena and a folder, gone without a trace. */
#ifndef SWL_TESTS_TEST_DATA_H
#define SWL_TESTS_TEST_DATA_H

#include "check.h"

#include "data/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct room {
  counting_allocator counting;
  swale_context *context;
  swl_arena *arena;
  char folder[64], path[256], source[512];
} room;

static int room_open(void **state) {
  room *made = calloc(1, sizeof *made);
  counting_allocator_init(&made->counting);
  assert_int_equal(swale_context_create(&made->counting.allocator, &made->context), SWALE_OK);
  check_ok(made->context, swl_arena_create(made->context, &made->arena));
  check_folder(made->folder);
  *state = made;
  return 0;
}

/* Whatever the test did, nothing stays allocated once arena and context are gone. */
static int room_close(void **state) {
  room *made = *state;
  swl_arena_destroy(made->arena);
  swale_context_destroy(made->context);
  check_remove(made->folder);
  const size_t live = made->counting.live;
  free(made);
  return live == 0 ? 0 : -1;
}

#define room_test(function) cmocka_unit_test_setup_teardown(function, room_open, room_close)

/* folder/name, kept in room->path until the next call */
static inline const char *room_path(room *in, const char *name) {
  snprintf(in->path, sizeof in->path, "%s/%s", in->folder, name);
  return in->path;
}

static inline swl_dataset_request room_request(const char *source) {
  return (swl_dataset_request){.source = source,
                               .target = "",
                               .task = SWL_TASK_CLASSIFY,
                               .standardize = "none",
                               .validation_fraction = 0.1,
                               .test_fraction = 0.2,
                               .seed = 1};
}

/* Fail allocation 1, 2, … of a load until it succeeds: each failure is a MEMORY error, leaves *dataset as it was and
 * nothing allocated. */
static inline void check_every_allocation(const swl_dataset_request *request, size_t least) {
  size_t fail_at = 0;
  swale_status status = SWALE_ERROR_MEMORY;
  while (status != SWALE_OK) {
    counting_allocator counting;
    counting_allocator_init(&counting);
    swale_context *context = NULL;
    swl_arena *arena = NULL;
    assert_int_equal(swale_context_create(&counting.allocator, &context), SWALE_OK);
    check_ok(context, swl_arena_create(context, &arena));
    counting.fail_at = counting.calls + ++fail_at;
    swl_dataset dataset, before;
    memset(&dataset, 0x5a, sizeof dataset);
    before = dataset;
    status = swl_dataset_load(context, arena, request, &dataset);
    if (status != SWALE_OK) {
      check_fails(context, status, SWALE_ERROR_MEMORY, "out of memory");
      assert_memory_equal(&dataset, &before, sizeof dataset);
    }
    swl_arena_destroy(arena);
    swale_context_destroy(context);
    assert_int_equal(counting.live, 0);
    assert_true(fail_at < 100);
  }
  assert_true(fail_at > least); /* the loop met that many allocations at least */
}

#endif
