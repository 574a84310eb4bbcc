/* signals.h - Ctrl-C and its relatives: while nothing has begun they end the program; then the first asks the loop to stop, and
 * a second one, half a second later or more, ends the program. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/* From now on a thread waits for them; in this thread and those that it starts they are held back. Before any thread is
 * started. What comes ends the program at once, until there is something to end in order. */
void cli_signals_catch(void);
/* There is: a loop that asks cli_signals_seen. */
void cli_signals_begin(void);
/* Nothing is left that could stop: what comes now is not talked about. (mpirun sends SIGTERM to all ranks when the first one
 * ends with an error, also where all are about to.) */
void cli_signals_end(void);
/* Instead of a thread that waits: from now on they get this process out of a read, and are seen. For what computes where the
 * library holds them back. */
void cli_signals_interrupt(void);
/* The signal that asked to stop, 0 if none did. */
int cli_signals_seen(void);

#endif
