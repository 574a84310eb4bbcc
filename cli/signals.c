/* signals.c - see signals.h. The handler only calls what POSIX allows in one.
 *
 * The handler has a stack of its own, and other threads never run it: oneDNN's generated kernels use the stack pointer
 * as one more register that points into the heap, and a handler on such a "stack" overwrites what lies there. (Measured
 * with oneDNN 2.6: `swale train` and one Ctrl-C, 7 of 8 runs ended with a corrupted heap.)
 */
#define _XOPEN_SOURCE 700 /* sigaltstack */
#include "signals.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS_STACK_BYTES = 65536 }; /* a frame with all AVX-512 registers takes about 4 KB */

/* Half a second: timeout(1) signals the program and then its group, so that one request arrives twice. */
#define SIGNALS_ECHO_NS 500000000LL

static const int signals_caught[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t signals_seen;
static struct timespec signals_first; /* when that was; used in the handler only */
static char signals_stack[SIGNALS_STACK_BYTES];

/* What is said; on a terminal it replaces the live line and the ^C behind it. */
#define SIGNALS_TEXT "swale: stopping after this update; once more to end at once\n"
static const char signals_text[] = SIGNALS_TEXT, signals_text_terminal[] = "\r\033[K" SIGNALS_TEXT;
static int signals_terminal; /* stderr is one; set before the handler is */

static void signals_handle(int number) {
  const char *text = signals_terminal ? signals_text_terminal : signals_text;
  const size_t length = signals_terminal ? sizeof signals_text_terminal - 1 : sizeof signals_text - 1;
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  if (signals_seen) {
    const long long waited = (now.tv_sec - signals_first.tv_sec) * 1000000000LL + (now.tv_nsec - signals_first.tv_nsec);
    if (waited >= SIGNALS_ECHO_NS) _exit(128 + number);
    return;
  }
  signals_first = now;
  signals_seen = number;
  if (write(STDERR_FILENO, text, length) < 0) return; /* nobody listens: still stop in order */
}

static void signals_mask(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof signals_caught / sizeof *signals_caught; i++) sigaddset(&set, signals_caught[i]);
  (void)sigprocmask(how, &set, NULL);
}

void cli_signals_hold(void) { signals_mask(SIG_BLOCK); }

void cli_signals_catch(void) {
  stack_t stack;
  signals_terminal = isatty(STDERR_FILENO);
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = signals_stack;
  stack.ss_size = sizeof signals_stack;
  const int own_stack = sigaltstack(&stack, NULL) == 0;
  for (size_t i = 0; i < sizeof signals_caught / sizeof *signals_caught && own_stack; i++) {
    struct sigaction old, action;
    /* What was ignored when the program began (nohup) stays ignored. */
    if (sigaction(signals_caught[i], NULL, &old) != 0 || old.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = signals_handle;
    action.sa_flags = SA_RESTART | SA_ONSTACK; /* files being written are not disturbed */
    sigemptyset(&action.sa_mask);
    (void)sigaction(signals_caught[i], &action, NULL);
  }
  signals_mask(SIG_UNBLOCK);
}

int cli_signals_seen(void) { return (int)signals_seen; }
