/* clock.h - what time is it, for a run? */
#ifndef SWL_TRAIN_CLOCK_H
#define SWL_TRAIN_CLOCK_H

/* Seconds since some moment; never goes back, whatever is done to the date. */
double swl_clock(void);

#endif
