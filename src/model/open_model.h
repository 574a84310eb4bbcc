/* open_model.h - an opened model, in memory of its own. */
#ifndef SWL_MODEL_OPEN_MODEL_H
#define SWL_MODEL_OPEN_MODEL_H

#include <swale/model.h>

#include "files/model_file.h"

enum { SWL_MODEL_PATH_MAX = 4096 };

struct swale_model {
  swl_arena *arena; /* owns everything */
  char path[SWL_MODEL_PATH_MAX];
  swl_model file;
  swale_array *arrays; /* 2 per layer */
};

#endif
