/* same.h - ranks that were given other options, data or models, or run another program, are noticed when something is made,
 * before any number of theirs meets.
 *
 * Rank 0 tells what it has, and every rank compares: SWALE_ERROR_UNSUPPORTED, with a sentence that names the first thing that
 * differs. Collective; where no rank is told apart, as in a process that is alone, it costs nothing. What may differ is
 * where data and model lie, what only rank 0 looks at, and the number of threads.
 */
#ifndef SWL_TRAIN_SAME_H
#define SWL_TRAIN_SAME_H

#include "train/setup.h"

/* The examples of every split, to the bit: before anything follows from their number. */
SWALE_NODISCARD swale_status swl_same_dataset(swale_context *context, const swl_dataset *dataset);

/* Program, instruction set and resolved options. dim: parameters, 0 = not known yet. */
SWALE_NODISCARD swale_status swl_same_settings(swale_context *context, const swl_settings *settings, size_t dim);

/* The network with its first parameters. */
SWALE_NODISCARD swale_status swl_same_network(swale_context *context, const swl_setup *setup);

#endif
