/* signals.h - Ctrl-C and its relatives: the first asks the loop to stop, a second one, half a second later or more,
 * ends the program. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/* Hold signals back while threads are started: those threads then never receive one. */
void cli_signals_hold(void);
/* From now on this thread receives them, those held back first. */
void cli_signals_catch(void);
/* The signal that asked to stop, 0 if none did. */
int cli_signals_seen(void);

#endif
