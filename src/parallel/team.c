/* team.c - a pool of POSIX threads that claim items one after the other.
 *
 * The items are dealt in as many ranges as there are workers. A worker goes through its own, then helps with those of
 * the others: so the same worker meets the same examples and coordinates in run after run, in its own cache, and nobody
 * is idle while there is something to do.
 *
 * POSIX threads rather than OpenMP's own: ThreadSanitizer sees every edge, and the host process keeps its OpenMP
 * settings. oneDNN's runtime is OpenMP: its per-thread setting is 1 in every worker, and in the caller during a run.
 *
 * An update has several short runs one after the other, and waking a sleeping thread costs as much as some of them. So a
 * worker that has nothing to do, and a caller that waits for the last worker, look again for some tenths of a millisecond before
 * they sleep: at first without pause, then letting others run. A thread that slept may also be woken on the core of the
 * one that woke it, and the two then share it for a while.
 *
 * Signals are blocked in the workers and, during a run, in the caller: oneDNN's generated products point the stack into a
 * small heap buffer, and a handler that ran there would overwrite the heap (seen with oneDNN 2.6). A signal that arrives
 * meanwhile is delivered to the caller when the run ends. Tasks that are a caller's function use no oneDNN, and what they
 * start inherits the mask: there they run with the caller's, in the workers too, which block signals between runs only.
 */
#include "parallel/team.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct team_worker {
  atomic_size_t next; /* item to claim */
  size_t end;         /* of the range */
  swl_team *team;
  size_t number; /* the caller is worker 0 */
  pthread_t thread;
  char apart[64]; /* two workers' `next` lie in different cache lines */
} team_worker;

struct swl_team {
  swale_context *context;
  swl_ranks *ranks;
  size_t size;
  team_worker *workers; /* size; that of the caller has no thread */
  size_t started;
  pid_t process; /* whose threads they are */
  pthread_mutex_t lock;
  pthread_cond_t wake, rest;
  /* Written under lock, read without it while spinning. */
  _Atomic uint64_t generation; /* of the current run */
  atomic_size_t busy;          /* workers that have not finished the current run */
  atomic_int quit;
  /* The current run: written before the generation changes. */
  swl_task task;
  void *self;
  int keeps;                  /* 1: tasks run with `mask` */
  sigset_t mask;              /* of the caller of the run */
  atomic_size_t failed_item;  /* lowest item that failed, or SIZE_MAX */
  swale_status failed_status; /* of that item, guarded by lock */
};

static void team_record_failure(swl_team *team, size_t item, swale_status status) {
  pthread_mutex_lock(&team->lock);
  if (item < atomic_load(&team->failed_item)) {
    atomic_store(&team->failed_item, item);
    team->failed_status = status;
  }
  pthread_mutex_unlock(&team->lock);
}

/* Block what can wait; faults of the program itself cannot. */
static void team_block_signals(sigset_t *before) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
  sigset_t blocked;
  sigfillset(&blocked);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
  pthread_sigmask(SIG_BLOCK, &blocked, before);
}

/* Items of one range, in order. Every item below a failed one does run. */
static void team_range(swl_team *team, size_t worker, team_worker *range) {
  for (;;) {
    const size_t item = atomic_fetch_add(&range->next, 1);
    if (item >= range->end || item > atomic_load(&team->failed_item)) return;
    const swale_status status = team->task(team->self, worker, item);
    if (status != SWALE_OK) team_record_failure(team, item, status);
  }
}

static void team_work(swl_team *team, size_t worker) {
  for (size_t i = 0; i < team->size; i++) team_range(team, worker, &team->workers[(worker + i) % team->size]);
}

enum { TEAM_SPIN = 1000, TEAM_LOOKS = 1500 }; /* heuristic: some 20 ns each, then 0.3 us */

static void team_pause(int look) {
  if (look >= TEAM_SPIN) {
    sched_yield();
    return;
  }
#if defined __x86_64__
  __builtin_ia32_pause();
#endif
}

static void *team_thread(void *argument) {
  team_worker *worker = argument;
  swl_team *team = worker->team;
  uint64_t seen = 0;
  team_block_signals(NULL);
  omp_set_num_threads(1);
  for (;;) {
    for (int i = 0; i < TEAM_LOOKS && atomic_load(&team->generation) == seen && !atomic_load(&team->quit); i++) {
      team_pause(i);
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load(&team->generation) == seen && !atomic_load(&team->quit)) {
      pthread_cond_wait(&team->wake, &team->lock);
    }
    seen = atomic_load(&team->generation);
    const int quit = atomic_load(&team->quit);
    pthread_mutex_unlock(&team->lock);
    if (quit) return NULL;
    if (team->keeps) pthread_sigmask(SIG_SETMASK, &team->mask, NULL);
    team_work(team, worker->number);
    if (team->keeps) team_block_signals(NULL);
    pthread_mutex_lock(&team->lock);
    if (atomic_fetch_sub(&team->busy, 1) == 1) pthread_cond_signal(&team->rest);
    pthread_mutex_unlock(&team->lock);
  }
}

swale_status swl_team_create(swale_context *context, size_t threads, swl_team **team) {
  swl_team *made = swl_allocate(context, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  made->ranks = swl_context_ranks(context);
  made->size = threads;
  made->process = getpid();
  made->workers = swl_allocate(context, threads, sizeof *made->workers);
  if (!made->workers) {
    swl_release(context, made);
    return SWALE_ERROR_MEMORY;
  }
  pthread_mutex_init(&made->lock, NULL);
  pthread_cond_init(&made->wake, NULL);
  pthread_cond_init(&made->rest, NULL);
  for (size_t i = 1; i < threads; i++) {
    made->workers[i].team = made;
    made->workers[i].number = i;
    if (pthread_create(&made->workers[i].thread, NULL, team_thread, &made->workers[i]) != 0) {
      swl_team_destroy(made);
      return swl_fail(context, SWALE_ERROR_IO, "threads: the system refused to start thread %zu of %zu", i + 1,
                      threads);
    }
    made->started = i;
  }
  *team = made;
  return SWALE_OK;
}

/* A process that was forked has none of the threads. */
static int team_is_gone(const swl_team *team) { return team->started > 0 && getpid() != team->process; }

void swl_team_destroy(swl_team *team) {
  if (!team) return;
  if (!team_is_gone(team)) { /* else there is nobody to join, and somebody may have held the lock */
    pthread_mutex_lock(&team->lock);
    atomic_store(&team->quit, 1);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
    for (size_t i = 1; i <= team->started; i++) pthread_join(team->workers[i].thread, NULL);
    pthread_cond_destroy(&team->rest);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->lock);
  }
  swl_release(team->context, team->workers);
  swl_release(team->context, team);
}

size_t swl_team_available(const swl_ranks *ranks) {
  const int cores = ranks ? (int)swl_ranks_cores(ranks) : omp_get_num_procs();
  return cores < 1 ? 1 : cores > 1024 ? 1024 : (size_t)cores;
}

void swl_team_keep_mask(swl_team *team) { team->keeps = 1; }

size_t swl_team_size(const swl_team *team) { return team->size; }
swl_ranks *swl_team_ranks(const swl_team *team) { return team->ranks; }

swale_status swl_team_run(swl_team *team, size_t items, swl_task task, void *self) {
  return swl_team_run_part(team, (swl_range){0, items}, task, self);
}

swale_status swl_team_run_part(swl_team *team, swl_range part, swl_task task, void *self) {
  const size_t items = part.end - part.first;
  if (team_is_gone(team)) {
    return swl_fail(team->context, SWALE_ERROR_UNSUPPORTED,
                    "this process was forked from the one that made this, and has none of its threads; make a new one "
                    "here, or fork before");
  }
  const int host_threads = omp_get_max_threads();
  omp_set_num_threads(1);
  pthread_mutex_lock(&team->lock);
  team->task = task;
  team->self = self;
  if (team->keeps) pthread_sigmask(SIG_BLOCK, NULL, &team->mask);
  for (size_t i = 0; i < team->size; i++) {
    const swl_range range = swl_shard_range(items, team->size, i);
    team->workers[i].end = part.first + range.end;
    atomic_store(&team->workers[i].next, part.first + range.first);
  }
  atomic_store(&team->failed_item, SIZE_MAX);
  team->failed_status = SWALE_OK;
  const size_t woken = items > 1 ? team->started : 0; /* one item is the caller's: nobody is woken */
  atomic_store(&team->busy, woken);
  if (woken) {
    atomic_fetch_add(&team->generation, 1);
    pthread_cond_broadcast(&team->wake);
  }
  pthread_mutex_unlock(&team->lock);
  sigset_t before;
  if (!team->keeps) team_block_signals(&before);
  team_work(team, 0);
  if (!team->keeps) pthread_sigmask(SIG_SETMASK, &before, NULL);
  for (int i = 0; i < TEAM_LOOKS && atomic_load(&team->busy) > 0; i++) team_pause(i);
  pthread_mutex_lock(&team->lock);
  while (atomic_load(&team->busy) > 0) pthread_cond_wait(&team->rest, &team->lock);
  const swale_status status = team->failed_status;
  pthread_mutex_unlock(&team->lock);
  omp_set_num_threads(host_threads);
  return status;
}
