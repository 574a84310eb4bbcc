/* run_parts.h - what a run knows: its parts, its clock, its counts. */
#ifndef SWL_TRAIN_RUN_PARTS_H
#define SWL_TRAIN_RUN_PARTS_H

#include <swale/data.h>
#include <swale/run.h>

#include "files/jsonl.h"
#include "files/output.h"
#include "files/tfevents.h"
#include "options/used.h"
#include "problem/assessment.h"
#include "train/checkpoint.h"
#include "train/control.h"
#include "train/measures.h"
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
  double seconds; /* in steps */
  struct {
    double begin, before; /* when this step began, and the seconds at that time */
  } clock;
  double loss_sum, value_sum;       /* since the last evaluation */
  uint64_t summed;                  /* updates in those sums */
  double recent_loss, recent_value; /* means at the last evaluation */
  uint64_t evaluations;
  swl_control control;
  swl_checkpoints checkpoints;
  int (*asked)(void *user); /* to stop; NULL = nobody asks */
  void *asked_user;
  int spent; /* 1: the option seconds is used up, as rank 0 sees it */
  swl_assessment now[SWL_SPLIT_COUNT];
  swl_measures measures; /* of the test examples; after swale_run_finish, if there are any */
  double waits;          /* since when this rank waits for others; infinite: it has been said */
  swale_log_fn told;     /* NULL = nobody wants the records */
  void *told_user;
  char json[SWL_RECORD_MAX]; /* the last record as one line, without its end */
};

/* A run that holds nothing yet. build: everything but its folder, from run->options. */
SWALE_NODISCARD swale_status swl_run_begin(swale_context *context, swale_run **run);
SWALE_NODISCARD swale_status swl_run_build(swale_run *run);
/* plan.c: set per_epoch, planned and every, and in run->options what updates, batch, epochs, weight-decay and patience
 * become; run->given stays as it was. The data are loaded. */
SWALE_NODISCARD swale_status swl_run_plan(swale_run *run);
/* The examples are those of data in place of the option data; before build. */
SWALE_NODISCARD swale_status swl_run_take_arrays(swale_run *run, const swale_data *data);
void swl_run_wait(swale_run *run, double now, int first); /* this rank waits for others; first: a wait begins */
int swl_run_is_out_of_time(const swale_run *run);
int swl_run_is_over(swale_run *run); /* 1 if there is nothing left to do; then control.stop says why */
double swl_run_clock(void);          /* seconds since some moment; never goes back, whatever is done to the date */

/* The arrays that data was made of; NULL if it was loaded. */
const swl_arrays *swl_data_arrays(const swale_data *data);

/* The run folder. check: the option `out` can be used, nothing is created. open: create it, with config.conf and
 * log.jsonl. remove: undo open; only files that this run made are removed. open_config: config.conf anew, written but not
 * committed. */
enum { SWL_FOLDER_MAX = 1000 }; /* bytes of its path: leaves room for the names of the files in it (files/output.h) */
SWALE_NODISCARD swale_status swl_folder_check(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open_events(swale_run *run); /* if asked for; behind the updates there are */
void swl_folder_remove(swale_run *run);
SWALE_NODISCARD swale_status swl_folder_open_config(swale_run *run, swl_output *output);

/* record_begin.c: run->used, of resolved settings, once the run is planned. */
SWALE_NODISCARD swale_status swl_run_use(swale_run *run, const swl_settings *settings);

/* stored.c. find: run->stored, from the log at `path`; arena: for what is read. plan: swl_run_plan, and the resolved
 * settings; options that were left open are what they were. check: the others are the same, else an error that names one and
 * its values. */
SWALE_NODISCARD swale_status swl_stored_find(swale_run *run, swl_arena *arena, const char *path);
SWALE_NODISCARD swale_status swl_stored_plan(swale_run *run, swl_settings *settings);
SWALE_NODISCARD swale_status swl_stored_check(const swale_run *run);

/* resume.c: 1 if the option does not enter the numbers that a run has made already. */
int swl_resume_may_change(const char *name);

/* Lines of log.jsonl. begin: the event is "begin" or "resume". */
SWALE_NODISCARD swale_status swl_record_begin(swale_run *run, const char *event);
SWALE_NODISCARD swale_status swl_record_evaluation(swale_run *run);
SWALE_NODISCARD swale_status swl_record_monotone(swale_run *run); /* the verdict on the last update */
SWALE_NODISCARD swale_status swl_record_restored(swale_run *run, const char *reason, uint64_t seen);
SWALE_NODISCARD swale_status swl_record_final(swale_run *run, swale_stop stop);

#endif
