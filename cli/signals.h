/* signals.h - Ctrl-C and its relatives: the first asks the loop to stop, the second ends the program. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

void cli_signals_catch(void);
/* The signal that asked to stop, 0 if none did. */
int cli_signals_seen(void);

#endif
