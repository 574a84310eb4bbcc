/* signals.c - see signals.h. A thread of its own waits for them, so nothing that computes is ever interrupted.
 *
 * A handler would be: oneDNN's generated kernels use the stack pointer as one more register that points into the heap,
 * and a handler on such a "stack" overwrites what lies there. (Measured with oneDNN 2.6: `swale train` and one Ctrl-C, 7
 * of 8 runs ended with a corrupted heap.) The library's team therefore holds signals back while it works. Where nothing but it computes, and a thread that waits could
 * not get the program out of a read (swale predict), there is a handler.
 */
#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/* Half a second: timeout(1) signals the program and then its group, so that one request arrives twice. */
#define SIGNALS_ECHO_NS 500000000LL

static const int signals_caught[] = {SIGINT, SIGTERM, SIGHUP};
static atomic_int signals_seen, signals_begun, signals_over;

/* What is said; on a terminal it replaces the live line and the ^C behind it. */
#define SIGNALS_TEXT "swale: stopping after this update; once more to end at once\n"
static const char signals_text[] = SIGNALS_TEXT, signals_text_terminal[] = "\r\033[K" SIGNALS_TEXT;

static void signals_say(void) {
  const int terminal = isatty(STDERR_FILENO);
  const char *text = terminal ? signals_text_terminal : signals_text;
  const size_t length = terminal ? sizeof signals_text_terminal - 1 : sizeof signals_text - 1;
  if (write(STDERR_FILENO, text, length) < 0) return; /* nobody listens: still stop in order */
}

/* What was ignored when the program began (nohup) stays ignored. */
static void signals_set(sigset_t *set) {
  sigemptyset(set);
  for (size_t i = 0; i < sizeof signals_caught / sizeof *signals_caught; i++) {
    struct sigaction old;
    if (sigaction(signals_caught[i], NULL, &old) != 0 || old.sa_handler == SIG_IGN) continue;
    sigaddset(set, signals_caught[i]);
  }
}

static void *signals_wait(void *unused) {
  struct timespec first = {0}, now;
  sigset_t set;
  int number = 0;
  (void)unused;
  signals_set(&set);
  while (sigwait(&set, &number) == 0) {
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (!atomic_load(&signals_begun)) _exit(128 + number);
    if (!atomic_load(&signals_seen)) {
      first = now;
      atomic_store(&signals_seen, number);
      if (!atomic_load(&signals_over)) signals_say();
      continue;
    }
    const long long waited = (now.tv_sec - first.tv_sec) * 1000000000LL + (now.tv_nsec - first.tv_nsec);
    if (waited >= SIGNALS_ECHO_NS) _exit(128 + number);
  }
  return NULL;
}

void cli_signals_catch(void) {
  pthread_t thread;
  sigset_t set;
  signals_set(&set);
  (void)sigprocmask(SIG_BLOCK, &set, NULL);
  if (pthread_create(&thread, NULL, signals_wait, NULL) == 0) {
    (void)pthread_detach(thread);
    return;
  }
  (void)sigprocmask(SIG_UNBLOCK, &set, NULL); /* no thread to be had: they end the program, as without us */
}

static void signals_note(int number) { atomic_store(&signals_seen, number); }

void cli_signals_interrupt(void) {
  struct sigaction action = {.sa_handler = signals_note}; /* no SA_RESTART */
  sigset_t set;
  signals_set(&set);
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof signals_caught / sizeof *signals_caught; i++) {
    if (sigismember(&set, signals_caught[i])) (void)sigaction(signals_caught[i], &action, NULL);
  }
}

void cli_signals_begin(void) { atomic_store(&signals_begun, 1); }

void cli_signals_end(void) { atomic_store(&signals_over, 1); }

int cli_signals_seen(void) { return atomic_load(&signals_seen); }
