/* open_model.h - an opened model, in memory of its own. */
#ifndef SWL_MODEL_OPEN_MODEL_H
#define SWL_MODEL_OPEN_MODEL_H

#include <swale/model.h>

#include "files/model_file.h"
#include "files/run_files.h"

struct swale_model {
  swl_arena *arena; /* owns everything */
  char path[SWL_PATH_MAX];
  swl_model file;
  swale_array *arrays; /* 2 per layer */
};

#endif
