/* room.h - a counted context, an arena and a folder, gone without a trace. */
#ifndef SWL_TESTS_ROOM_H
#define SWL_TESTS_ROOM_H

#include "check.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct room {
  counting_allocator counting;
  swale_context *context;
  swl_arena *arena;
  char folder[64], path[256], source[512];
} room;

static inline int room_open(void **state) {
  room *made = calloc(1, sizeof *made);
  made->context = check_context(&made->counting);
  check_ok(made->context, swl_arena_create(made->context, &made->arena));
  check_folder(made->folder);
  *state = made;
  return 0;
}

/* Whatever the test did, nothing stays allocated once arena and context are gone. */
static inline int room_close(void **state) {
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

#endif
