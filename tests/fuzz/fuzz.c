/* fuzz.c - see fuzz.h. */
#define _XOPEN_SOURCE 700
#include "fuzz.h"

#include "fuzz_pool.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { FUZZ_FILES_MAX = 8, FUZZ_SECONDS = 10 };
typedef struct fuzz_file {
  const char *name; /* NULL: none yet */
  int file;
  size_t count; /* bytes in the file, the first of them in `last` */
  uint8_t last[8192];
} fuzz_file;

static char fuzz_folder[FUZZ_PATH_MAX / 2];
static swale_context *fuzz_shared;
static uint64_t fuzz_counts[FUZZ_STAGES];
static volatile sig_atomic_t fuzz_busy; /* 1: between begin and end */

_Noreturn void fuzz_broken(const char *promise) {
  fprintf(stderr, "broken promise: %s\n", promise);
  abort();
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static int fuzz_remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

static void fuzz_remove(void) { nftw(fuzz_folder, fuzz_remove_one, 16, FTW_DEPTH | FTW_PHYS); }

static void fuzz_make_folder(void) {
  const char *const places[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};
  int made = 0;
  for (size_t i = 0; i < sizeof places / sizeof *places && !made; i++) {
    if (!places[i] || strlen(places[i]) > sizeof fuzz_folder / 2) continue;
    snprintf(fuzz_folder, sizeof fuzz_folder, "%s/swale-fuzz-XXXXXX", places[i]);
    made = mkdtemp(fuzz_folder) != NULL;
  }
  fuzz_require(made, "a temporary folder can be made");
  fuzz_require(atexit(fuzz_remove) == 0, "the temporary folder will be removed");
}

void fuzz_path(const char *name, char path[FUZZ_PATH_MAX]) {
  if (!fuzz_folder[0]) fuzz_make_folder();
  snprintf(path, FUZZ_PATH_MAX, "%s%s%.60s", fuzz_folder, *name ? "/" : "", name);
}

/* The file stays open: to open it anew and to make its pages anew takes longer than many a reader. */
static fuzz_file *fuzz_open(const char *name) {
  static fuzz_file files[FUZZ_FILES_MAX];
  size_t i = 0;
  while (i < FUZZ_FILES_MAX && files[i].name && strcmp(files[i].name, name) != 0) i++;
  fuzz_require(i < FUZZ_FILES_MAX, "there is room for another file");
  if (!files[i].name) {
    char path[FUZZ_PATH_MAX];
    fuzz_path(name, path);
    files[i] = (fuzz_file){.name = name, .file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    fuzz_require(files[i].file >= 0, "the input can be written");
  }
  return &files[i];
}

void fuzz_rewrite(const char *name, const uint8_t *bytes, size_t count) {
  const int file = fuzz_open(name)->file;
  const int written = pwrite(file, bytes, count, 0) == (ssize_t)count;
  fuzz_require(written && ftruncate(file, (off_t)count) == 0, "the input was written");
}

/* No more than must be: each call of the system takes as long as a small input. */
void fuzz_write(const char *name, const uint8_t *bytes, size_t count) {
  fuzz_file *file = fuzz_open(name);
  if (file->count == count && count <= sizeof file->last && memcmp(file->last, bytes, count) == 0) return;
  int written = pwrite(file->file, bytes, count, 0) == (ssize_t)count;
  if (count < file->count) written = written && ftruncate(file->file, (off_t)count) == 0;
  fuzz_require(written, "the input was written");
  memcpy(file->last, bytes, count < sizeof file->last ? count : sizeof file->last);
  file->count = count;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

/* Every FUZZ_SECONDS of processor time: the input of the last time must be done with. libFuzzer's own limit is about
 * the time on the wall, which on a busy machine says nothing. */
static void fuzz_tick(int signal) {
  static uint64_t before;
  (void)signal;
  fuzz_require(!fuzz_busy || fuzz_counts[FUZZ_READ] != before, "no input takes long");
  before = fuzz_counts[FUZZ_READ];
}

static void fuzz_watch(void) {
  struct sigaction action = {.sa_handler = fuzz_tick, .sa_flags = SA_RESTART};
  const struct itimerval every = {{.tv_sec = FUZZ_SECONDS}, {.tv_sec = FUZZ_SECONDS}};
  fuzz_require(sigaction(SIGPROF, &action, NULL) == 0 && setitimer(ITIMER_PROF, &every, NULL) == 0, "time is watched");
}

/* --- what all inputs share ---------------------------------------------------------------------------------------- */

static void fuzz_tell(void) {
  fprintf(stderr, "fuzz: %" PRIu64 " read, %" PRIu64 " sealed, %" PRIu64 " accepted\n", fuzz_counts[FUZZ_READ],
          fuzz_counts[FUZZ_SEALED], fuzz_counts[FUZZ_ACCEPTED]);
}

void fuzz_count(fuzz_stage stage) { fuzz_counts[stage]++; }
uint64_t fuzz_counted(fuzz_stage stage) { return fuzz_counts[stage]; }

static void *fuzz_json_allocate(size_t bytes) { return fuzz_pool_allocate(NULL, bytes); }
static void fuzz_json_release(void *pointer) {
  if (pointer) fuzz_pool_release(NULL, pointer);
}

swale_context *fuzz_context(void) {
  if (fuzz_shared) return fuzz_shared;
  const swale_allocator allocator = {fuzz_pool_allocate, fuzz_pool_release, NULL};
  fuzz_require(swale_context_create(&allocator, &fuzz_shared) == SWALE_OK, "a context can be made");
  json_set_alloc_funcs(fuzz_json_allocate, fuzz_json_release);
  json_object_seed(1); /* the same input takes the same way again */
  fuzz_require(atexit(fuzz_tell) == 0, "the counts will be told");
  fuzz_watch();
  fuzz_pool_keep();
  return fuzz_shared;
}

void fuzz_keep(void) { fuzz_pool_keep(); }

swl_arena *fuzz_begin(void) {
  swl_arena *arena = NULL;
  swl_explain(fuzz_context(), "%s", "");
  fuzz_require(swl_arena_create(fuzz_context(), &arena) == SWALE_OK, "an arena can be made");
  fuzz_count(FUZZ_READ);
  fuzz_busy = 1;
  return arena;
}

void fuzz_end(swl_arena *arena, int accepted) {
  fuzz_busy = 0;
  if (accepted) fuzz_count(FUZZ_ACCEPTED);
  fuzz_require(accepted || *swale_context_message(fuzz_context()) != 0, "a failure has its sentence");
  swl_arena_destroy(arena);
  fuzz_require(fuzz_pool_clear(), "all memory is given back");
}
