/* checkpoint_values.h - the numbers of a run that its future depends on. */
#ifndef SWL_TRAIN_CHECKPOINT_VALUES_H
#define SWL_TRAIN_CHECKPOINT_VALUES_H

#include "train/control.h"
#include "train/run_progress.h"

/* A number of the run that the metadata holds under `name`. */
enum { SWL_CHECKPOINT_NAME_MAX = 48, SWL_CHECKPOINT_VALUES_MAX = 192 };
typedef struct swl_checkpoint_value {
  char name[SWL_CHECKPOINT_NAME_MAX];
  uint64_t *count; /* one of these two */
  double *real;
  double least, most; /* what is possible */
  int unknown;        /* 1: also NaN */
} swl_checkpoint_value;
/* All of them, in their order; layers: of the network. */
size_t swl_checkpoint_values(swl_progress *progress, swl_control *control, size_t layers,
                             swl_checkpoint_value values[SWL_CHECKPOINT_VALUES_MAX]);
/* As text that reads back to the same bits but for the payload of a NaN; text -> value: 1 if it is one. */
enum { SWL_CHECKPOINT_TEXT_MAX = 32 };
void swl_checkpoint_value_text(const swl_checkpoint_value *value, char text[SWL_CHECKPOINT_TEXT_MAX]);
int swl_checkpoint_value_parse(const swl_checkpoint_value *value, const char *text);
int swl_checkpoint_value_possible(const swl_checkpoint_value *value); /* 1 if a run can have it */

#endif
