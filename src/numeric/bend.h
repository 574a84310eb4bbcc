/* bend.h - what the loops over draws (columns.h) do to a unit themselves. */
#ifndef SWL_NUMERIC_BEND_H
#define SWL_NUMERIC_BEND_H

/* What happens to a pre-activation right after its noise; everything else is done by the caller afterwards. */
typedef enum swl_bend { SWL_BEND_NONE, SWL_BEND_RELU, SWL_BEND_SIGN } swl_bend;

#endif
