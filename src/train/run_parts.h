/* run_parts.h - what a run knows: its parts, its clock, its counts; and what run.c does for resume.c. */
#ifndef SWL_TRAIN_RUN_PARTS_H
#define SWL_TRAIN_RUN_PARTS_H

#include <swale/data.h>
#include <swale/run.h>

#include "files/jsonl.h"
#include "files/tfevents.h"
#include "options/used.h"
#include "train/checkpoint.h"
#include "train/control.h"
#include "train/measures.h"
#include "train/run_progress.h"
#include "train/setup.h"
#include "train/trainer_parts.h"

struct swale_run {
  swale_context *context;
  swl_arena *arena;       /* owns everything but options, problem, trainer and log */
  swale_options *options; /* for the trainer: updates set */
  swale_options *given;   /* for config.conf: as given, with the model that they meant */
  swl_used *used;         /* what the options became; the arena's */
  const swl_used *stored; /* of a run that goes on: what its log says they were; NULL = it does not; the arena's */
  char *begun;            /* the record of the beginning as one line, without its end; the arena's */
  swl_setup setup;
  swale_problem *problem;
  swale_trainer *trainer;
  swl_assessor *assessor;
  swl_jsonl *log;            /* NULL = no folder */
  swl_tfevents *events;      /* NULL = not asked for */
  char folder[SWL_TEXT_MAX]; /* "" = none */
  uint64_t planned, per_epoch, every;
  swl_progress progress;
  struct {
    double begin, before; /* when this step began, and the seconds at that time */
  } clock;
  swl_control control;
  swl_checkpoints checkpoints;
  int (*asked)(void *user); /* to stop; NULL = nobody asks */
  void *asked_user;
  int spent;             /* 1: the option seconds is used up, as rank 0 sees it */
  swl_measures measures; /* of the test examples; after swale_run_finish, if there are any */
  double waits;          /* since when this rank waits for others; infinite: it has been said */
  swale_log_fn told;     /* NULL = nobody wants the records */
  void *told_user;
  char json[SWL_RECORD_MAX]; /* the last record as one line, without its end */
};

/* run.c, for resume.c. begin: a run that holds nothing yet. build: everything but its folder, from run->options. */
SWALE_NODISCARD swale_status swl_run_begin(swale_context *context, swale_run **run);
SWALE_NODISCARD swale_status swl_run_build(swale_run *run);
/* The examples are those of data in place of the option data; before build. */
SWALE_NODISCARD swale_status swl_run_take_arrays(swale_run *run, const swale_data *data);
swl_snapshot swl_run_snapshot(swale_run *run);            /* of what there is of it so far */
void swl_run_wait(swale_run *run, double now, int first); /* this rank waits for others; first: a wait begins */
int swl_run_is_out_of_time(const swale_run *run);
int swl_run_is_over(swale_run *run); /* 1 if there is nothing left to do; then control.stop says why */

#endif
