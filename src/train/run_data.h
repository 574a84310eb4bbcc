/* run_data.h - what is behind swale_data. */
#ifndef SWL_TRAIN_RUN_DATA_H
#define SWL_TRAIN_RUN_DATA_H

#include <swale/data.h>

#include "train/setup.h"

/* The arrays that it was made of; NULL if it was loaded. */
const swl_arrays *swl_data_arrays(const swale_data *data);

#endif
