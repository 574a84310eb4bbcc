/* evaluation_parts.h - what an evaluation holds; the page is in evaluation.c. */
#ifndef SWL_TRAIN_EVALUATION_PARTS_H
#define SWL_TRAIN_EVALUATION_PARTS_H

#include <swale/run.h>

#include "problem/problem_parts.h"
#include "regularizer/regularizer.h"
#include "train/measures.h"
#include "train/probe.h"
#include "train/setup.h"

/* Streams of SWL_PURPOSE_EVALUATE, by their word `update`. */
enum { SWL_EVALUATE_SMOOTHED, SWL_EVALUATE_NOISE, SWL_EVALUATE_RELATIVE, SWL_EVALUATE_PROFILE, SWL_EVALUATE_SUBSET };

enum {
  SWL_SECTIONS = SWALE_SECTION_PROFILE + 1,
  SWL_COLUMNS = SWALE_COLUMN_WORST + 1,
  SWL_NOTE_MAX = 200,
};

typedef struct swl_section_rows {
  size_t count;
  double (*cells)[SWL_COLUMNS]; /* count */
} swl_section_rows;

struct swale_evaluation {
  swale_context *context;
  swl_arena *arena; /* owns everything but options, team and problem */
  swale_options *options;
  swl_team *team;
  swl_settings settings; /* resolved; tau is the first */
  swl_setup setup;
  char path[SWL_TEXT_MAX]; /* of the model */
  swl_probe *probe;
  const char *split;      /* its name: "training", "validation", "test", or "all" */
  int own;                /* 1: its examples are those of the run that made the model */
  const swl_table *table; /* the examples of the split */
  swl_table subset;       /* of them */
  swl_assessment at_x, subset_at_x;
  double root_mean_square, profile_tau;
  swl_measures measures; /* at x */
  swl_list taus;
  size_t tempered_samples;
  swl_section_rows sections[SWL_SECTIONS];
  char (*notes)[SWL_NOTE_MAX]; /* taus */
  char *json;
};

/* evaluation_rows.c: `count` rows of a section, all NaN. */
SWALE_NODISCARD swale_status swl_evaluation_section(swale_evaluation *evaluation, swale_section section, size_t count);

/* evaluation_data.c: the model, the data, and which examples of it are measured. */
SWALE_NODISCARD swale_status swl_evaluation_data(swale_evaluation *evaluation);

/* smoothed.c, robustness.c, profile.c, evaluation_json.c: fill their parts. */
SWALE_NODISCARD swale_status swl_evaluate_smoothed(swale_evaluation *evaluation);
SWALE_NODISCARD swale_status swl_evaluate_robustness(swale_evaluation *evaluation);
SWALE_NODISCARD swale_status swl_evaluate_profile(swale_evaluation *evaluation);
SWALE_NODISCARD swale_status swl_evaluate_json(swale_evaluation *evaluation);

/* The weights of each layer rounded to `bits` bits (robustness.c); from and to (dim). */
void swl_quantize(const swl_network *network, int bits, const float *from, float *to);

#endif
