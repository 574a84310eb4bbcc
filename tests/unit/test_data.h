/* test_data.h - what the tests of src/data share. */
#ifndef SWL_TESTS_TEST_DATA_H
#define SWL_TESTS_TEST_DATA_H

#include "room.h"

#include "data/dataset.h"

#include <string.h>

static inline swl_dataset_request room_request(const char *source) {
  return (swl_dataset_request){.source = source,
                               .target = "",
                               .task = SWL_TASK_CLASSIFY,
                               .standardize = SWL_STANDARDIZE_NONE,
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
    check_context_gone(&counting, context);
    assert_true(fail_at < 100);
  }
  assert_true(fail_at > least); /* the loop met that many allocations at least */
}

#endif
