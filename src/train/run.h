/* run.h - what a run knows: its parts, its clock, its counts. */
#ifndef SWL_TRAIN_RUN_H
#define SWL_TRAIN_RUN_H

#include <swale/run.h>

#include "files/jsonl.h"
#include "problem/assessment.h"
#include "train/control.h"
#include "train/setup.h"
#include "train/trainer.h"

struct swale_run {
  swale_context *context;
  swl_arena *arena;       /* owns everything but options, problem, trainer and log */
  swale_options *options; /* for the trainer: updates set */
  swale_options *given;   /* for config.conf: as given, with the model that they meant */
  swl_setup setup;
  swale_problem *problem;
  swale_trainer *trainer;
  swl_assessor *assessor;
  swl_jsonl *log;
  char folder[SWL_TEXT_MAX]; /* "" = none */
  uint64_t planned, per_epoch, every;
  double seconds;                   /* in steps */
  double loss_sum, value_sum;       /* since the last evaluation */
  uint64_t summed;                  /* updates in those sums */
  double recent_loss, recent_value; /* means at the last evaluation */
  uint64_t evaluations;
  swl_control control;
  int (*asked)(void *user); /* to stop; NULL = nobody asks */
  void *asked_user;
  const char **class_names; /* of the model file; NULL = none */
  swl_assessment now[SWL_SPLIT_COUNT];
  char json[SWL_RECORD_MAX];
};

/* The run folder. check: the option `out` can be used, nothing is created. open: create it, with config.conf and
 * log.jsonl. remove: undo open; only files that this run made are removed. */
SWALE_NODISCARD swale_status swl_folder_check(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open(swale_run *run);
void swl_folder_remove(swale_run *run);

/* Lines of log.jsonl. */
SWALE_NODISCARD swale_status swl_record_evaluation(swale_run *run);
SWALE_NODISCARD swale_status swl_record_violation(swale_run *run);
SWALE_NODISCARD swale_status swl_record_restored(swale_run *run, const char *reason, uint64_t seen);
/* Fill run->json and append it. */
SWALE_NODISCARD swale_status swl_record_final(swale_run *run, swale_stop stop);

#endif
