/* signals.c - see signals.h. The handler only calls what POSIX allows in one. */
#include "signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t signals_seen;

static void signals_handle(int number) {
  static const char text[] = "\nswale: stopping after this update; once more to end at once\n";
  if (signals_seen) _exit(128 + number);
  signals_seen = number;
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) return; /* nobody listens: still stop in order */
}

void cli_signals_catch(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction old, action;
    /* What was ignored when the program began (nohup) stays ignored. */
    if (sigaction(numbers[i], NULL, &old) != 0 || old.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = signals_handle;
    action.sa_flags = SA_RESTART; /* files being written are not disturbed */
    sigemptyset(&action.sa_mask);
    (void)sigaction(numbers[i], &action, NULL);
  }
}

int cli_signals_seen(void) { return (int)signals_seen; }
