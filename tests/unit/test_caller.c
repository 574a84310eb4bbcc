/* test_caller.c - what a caller's function may rely on, and what it may not do. */
#include "check.h"

#include <swale/swale.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIM = 3 };

typedef struct caller {
  atomic_int calls, wrong; /* wrong: calls that saw another signal mask than that of who called the library */
  int blocks_one;          /* the mask: SIGUSR1 blocked, or nothing */
  swale_trainer *trainer;  /* to be called from inside */
  swale_status inside;
  char sentence[256];
} caller;

static int caller_loss(void *user, const float *x, double *loss) {
  static const int others[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD};
  caller *at = user;
  sigset_t mask;
  sigemptyset(&mask);
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  int wrong = sigismember(&mask, SIGUSR1) != at->blocks_one;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) wrong |= sigismember(&mask, others[i]);
  atomic_fetch_add(&at->calls, 1);
  atomic_fetch_add(&at->wrong, wrong);
  *loss = (double)x[0] * x[0];
  return 0;
}

typedef struct fixture {
  swale_context *context;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer;
  caller at;
} fixture;

static void fixture_make(fixture *f, const char *threads, int (*loss)(void *, const float *, double *)) {
  const swale_function function = {DIM, loss, NULL, &f->at};
  assert_int_equal(swale_context_create(NULL, &f->context), SWALE_OK);
  check_ok(f->context, swale_options_create(f->context, &f->options));
  check_ok(f->context, swale_options_set(f->options, "updates", "9"));
  check_ok(f->context, swale_options_set(f->options, "samples", "64"));
  check_ok(f->context, swale_options_set(f->options, "threads", threads));
  check_ok(f->context, swale_problem_create(f->context, &function, &f->problem));
  check_ok(f->context, swale_trainer_create(f->options, f->problem, &f->trainer));
  f->at.trainer = f->trainer;
}

static void fixture_free(fixture *f) {
  swale_trainer_destroy(f->trainer);
  swale_problem_destroy(f->problem);
  swale_options_destroy(f->options);
  swale_context_destroy(f->context);
}

/* The mask changes between two updates, after the threads were started. */
static void a_loss_sees_the_signal_mask_of_its_caller(void **state) {
  static const char *const threads[] = {"1", "3"};
  (void)state;
  for (size_t t = 0; t < 2; t++) {
    fixture f = {.context = NULL};
    sigset_t one;
    fixture_make(&f, threads[t], caller_loss);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    for (int k = 0; k < 4; k++) {
      f.at.blocks_one = k % 2;
      pthread_sigmask(k % 2 ? SIG_BLOCK : SIG_UNBLOCK, &one, NULL);
      check_ok(f.context, swale_trainer_step(f.trainer));
    }
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    assert_true(atomic_load(&f.at.calls) >= 4 * 64);
    assert_int_equal(atomic_load(&f.at.wrong), 0);
    fixture_free(&f);
  }
}

/* A shell that a loss starts ends by SIGTERM: it inherits no mask of ours. */
static int shell_loss(void *user, const float *x, double *loss) {
  caller *at = user;
  const int first = atomic_fetch_add(&at->calls, 1) == 0;
  const int status = first ? system("kill -TERM $$; exit 7") : SIGTERM; // NOLINT(cert-env33-c)
  atomic_fetch_add(&at->wrong, !(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
  *loss = (double)x[0] * x[0];
  return 0;
}

static void a_process_that_a_loss_starts_ends_by_a_signal(void **state) {
  (void)state;
  fixture f = {.context = NULL};
  fixture_make(&f, "1", shell_loss);
  check_ok(f.context, swale_trainer_step(f.trainer));
  assert_int_equal(atomic_load(&f.at.wrong), 0);
  fixture_free(&f);
}

/* A loss that asks its own trainer for a step, or tells it losses, is told; the step that it is a part of goes well. */
static int entering_loss(void *user, const float *x, double *loss) {
  static const double losses[64];
  caller *at = user;
  if (atomic_fetch_add(&at->calls, 1) == 0) {
    at->inside = swale_trainer_step(at->trainer);
    atomic_fetch_add(&at->wrong, swale_trainer_tell(at->trainer, losses, 64) != SWALE_ERROR_USAGE);
  }
  *loss = (double)x[0] * x[0];
  return 0;
}

static void a_loss_may_not_step_its_own_trainer(void **state) {
  static const char *const threads[] = {"1", "2"};
  (void)state;
  for (size_t t = 0; t < 2; t++) {
    fixture f = {.context = NULL};
    fixture_make(&f, threads[t], entering_loss);
    check_ok(f.context, swale_trainer_step(f.trainer));
    assert_int_equal(f.at.inside, SWALE_ERROR_USAGE);
    assert_int_equal(atomic_load(&f.at.wrong), 0);
    assert_non_null(strstr(swale_context_message(f.context), "the trainer is in the middle of a step"));
    check_ok(f.context, swale_trainer_step(f.trainer));
    assert_int_equal(swale_trainer_updates(f.trainer), 2);
    fixture_free(&f);
  }
}

/* A forked process has no threads: it hears so, can clean up, and the first one is not disturbed. */
static void a_forked_process_is_told(void **state) {
  int status = 0;
  (void)state;
  fixture f = {.context = NULL};
  fixture_make(&f, "3", caller_loss);
  check_ok(f.context, swale_trainer_step(f.trainer));
  const pid_t child = fork();
  if (child == 0) {
    alarm(20); /* where it would wait without end */
    const int told = swale_trainer_step(f.trainer) == SWALE_ERROR_UNSUPPORTED &&
                     strstr(swale_context_message(f.context), "this process was forked") != NULL;
    fixture_free(&f);
    _exit(told ? 7 : 1);
  }
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
  check_ok(f.context, swale_trainer_step(f.trainer));
  fixture_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loss_sees_the_signal_mask_of_its_caller),
      cmocka_unit_test(a_process_that_a_loss_starts_ends_by_a_signal),
      cmocka_unit_test(a_loss_may_not_step_its_own_trainer),
      cmocka_unit_test(a_forked_process_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
