/* signals.h - Ctrl-C and its relatives: the first asks the loop to stop, a second one, half a second later or more,
 * ends the program. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/* Hold signals back, in this thread and those that it starts: before any thread is started. */
void cli_signals_hold(void);
/* From now on a thread waits for them, those held back first. */
void cli_signals_catch(void);
/* Nothing is left that could stop: what comes now is not talked about. (mpirun sends SIGTERM to all ranks when the first one
 * ends with an error, also where all are about to.) */
void cli_signals_end(void);
/* The signal that asked to stop, 0 if none did. */
int cli_signals_seen(void);

#endif
