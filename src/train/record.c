/* record.c - see record.h. */
#include "train/record.h"

#include "parallel/ranks.h"

#include <math.h>
#include <string.h>

#define REAL_FIELD(key, value)                                                                                         \
  { .name = (key), .type = SWL_FIELD_REAL, .real = (value) }
#define INTEGER_FIELD(key, value)                                                                                      \
  { .name = (key), .type = SWL_FIELD_INTEGER, .integer = (int64_t)(value) }
#define TEXT_FIELD(key, value)                                                                                         \
  { .name = (key), .type = SWL_FIELD_TEXT, .text = (value) }

enum { RECORD_MEASURES = 5 };

/* Append the fields of `more` to the `count` fields there are. */
static size_t record_add(swl_field fields[SWL_RECORD_FIELDS_MAX], size_t count, const swl_field *more, size_t add) {
  memcpy(&fields[count], more, add * sizeof *more);
  return count + add;
}

size_t swl_record_evaluation(const swale_run *run, swl_field all[SWL_RECORD_FIELDS_MAX]) {
  const swale_trainer *trainer = run->trainer;
  const swl_tilt *tilt = &trainer->step.tilt;
  const swl_mixing *mixing = &trainer->step.mixing;
  const swl_assessment *validation = &run->progress.now[SWL_SPLIT_VALIDATION];
  const int classifies = run->setup.dataset.schema.classification;
  const swl_field fields[] = {
      TEXT_FIELD("event", "evaluation"),
      INTEGER_FIELD("update", trainer->update),
      INTEGER_FIELD("planned", run->planned),
      REAL_FIELD("epoch", swale_run_number(run, SWALE_NUMBER_EPOCHS)),
      INTEGER_FIELD("draws", trainer->draws),
      REAL_FIELD("seconds", run->progress.seconds),
      REAL_FIELD("train_loss", run->progress.recent_loss),
      REAL_FIELD("train_value", run->progress.recent_value),
      REAL_FIELD("value", tilt->value),
      REAL_FIELD("value_se", tilt->value_se),
      REAL_FIELD("ess", tilt->ess),
      REAL_FIELD("beta", tilt->beta),
      REAL_FIELD("tau", trainer->step.tau),
      REAL_FIELD("rate", trainer->rate),
      REAL_FIELD("step", trainer->length),
      INTEGER_FIELD("rejected", trainer->rejected),
      REAL_FIELD("validation_loss", validation->loss),
      REAL_FIELD(classifies ? "validation_accuracy" : "validation_r2", validation->accuracy),
  };
  const swl_field chains[] = {
      REAL_FIELD("acceptance", mixing->acceptance),
      REAL_FIELD("mixing_time", mixing->time),
      REAL_FIELD("chain_step", mixing->step),
      REAL_FIELD("stages", mixing->stages),
      REAL_FIELD("mean_se", swale_trainer_statistic(trainer, SWALE_STATISTIC_MEAN_SE)),
  };
  const swl_field monotone[] = {
      INTEGER_FIELD("held", trainer->monotone.held),
      INTEGER_FIELD("undecided", trainer->monotone.undecided),
      INTEGER_FIELD("violated", trainer->monotone.violated),
  };
  size_t count = record_add(all, 0, fields, sizeof fields / sizeof *fields);
  if (trainer->sampler && trainer->sampler->chains)
    count = record_add(all, count, chains, sizeof chains / sizeof *chains);
  if (trainer->monotone.on) count = record_add(all, count, monotone, sizeof monotone / sizeof *monotone);
  return count;
}

size_t swl_record_monotone(const swale_run *run, swl_field all[SWL_RECORD_FIELDS_MAX]) {
  const swale_trainer *trainer = run->trainer;
  const swl_field fields[] = {
      TEXT_FIELD("event", "monotone"),
      INTEGER_FIELD("update", trainer->update),
      REAL_FIELD("decrease", 0 - trainer->monotone.change), /* and not -0 */
      REAL_FIELD("decrease_se", trainer->monotone.change_se),
      REAL_FIELD("promised", trainer->monotone.required),
      TEXT_FIELD("verdict", trainer->monotone.verdict),
      REAL_FIELD("tau", trainer->step.tau),
      REAL_FIELD("beta", trainer->step.tilt.beta),
  };
  return record_add(all, 0, fields, sizeof fields / sizeof *fields);
}

size_t swl_record_restored(const swale_run *run, const swl_restored *restored, swl_field all[SWL_RECORD_FIELDS_MAX]) {
  const swl_field fields[] = {
      TEXT_FIELD("event", "restored"),
      INTEGER_FIELD("update", restored->seen),
      INTEGER_FIELD("from_update", run->control.good.update),
      TEXT_FIELD("reason", restored->reason),
      REAL_FIELD("rate_factor", run->trainer->factor),
  };
  return record_add(all, 0, fields, sizeof fields / sizeof *fields);
}

static const char *record_stop(swale_stop stop) {
  switch (stop) {
  case SWALE_STOP_BUDGET: return "budget";
  case SWALE_STOP_INTERRUPTED: return "interrupted";
  case SWALE_STOP_DIVERGED: return "diverged";
  case SWALE_STOP_PATIENCE: return "patience";
  }
  return "unknown";
}

/* Of the test examples, those that are known. */
static size_t record_add_measures(swl_field *fields, size_t count, const swl_measures *of) {
  const swl_field measures[RECORD_MEASURES] = {
      REAL_FIELD("test_balanced_accuracy", of->balanced_accuracy),
      REAL_FIELD("test_f1", of->f1),
      REAL_FIELD("test_roc_auc", of->roc_auc),
      REAL_FIELD("test_rmse", of->rmse),
      REAL_FIELD("test_mae", of->mae),
  };
  for (size_t i = 0; i < RECORD_MEASURES; i++) {
    if (!isnan(measures[i].real)) fields[count++] = measures[i];
  }
  return count;
}

size_t swl_record_final(const swale_run *run, swale_stop stop, swl_field all[SWL_RECORD_FIELDS_MAX]) {
  const swl_settings *settings = &run->trainer->settings;
  const swl_monotone *monotone = &run->trainer->monotone;
  const swl_assessment *train = &run->progress.now[SWL_SPLIT_TRAIN],
                       *validation = &run->progress.now[SWL_SPLIT_VALIDATION],
                       *test = &run->progress.now[SWL_SPLIT_TEST];
  const int classifies = run->setup.dataset.schema.classification;
  const swl_field fields[] = {
      TEXT_FIELD("event", "final"),
      TEXT_FIELD("stop", record_stop(stop)),
      REAL_FIELD(classifies ? "test_accuracy" : "test_r2", test->accuracy),
      REAL_FIELD("test_loss", test->loss),
      REAL_FIELD(classifies ? "validation_accuracy" : "validation_r2", validation->accuracy),
      REAL_FIELD("validation_loss", validation->loss),
      REAL_FIELD(classifies ? "train_accuracy" : "train_r2", train->accuracy),
      REAL_FIELD("train_loss", train->loss),
      INTEGER_FIELD("updates", run->trainer->update),
      REAL_FIELD("epochs", swale_run_number(run, SWALE_NUMBER_EPOCHS)),
      INTEGER_FIELD("draws", run->trainer->draws),
      REAL_FIELD("seconds", run->progress.seconds),
      TEXT_FIELD("data", settings->data),
      TEXT_FIELD("model", run->setup.network.spec),
      INTEGER_FIELD("dim", run->setup.network.dim),
      TEXT_FIELD("regularizer", settings->regularizer),
      TEXT_FIELD("sampler", run->trainer->sampler ? settings->sampler : NULL),
      TEXT_FIELD("noise", run->trainer->sampler ? settings->noise : NULL),
      TEXT_FIELD("optimizer", settings->optimizer),
      INTEGER_FIELD("seed", settings->seed),
      INTEGER_FIELD("threads", settings->threads),
      INTEGER_FIELD("ranks", swale_run_number(run, SWALE_NUMBER_RANKS)),
      INTEGER_FIELD("rejected", run->trainer->rejected),
      INTEGER_FIELD("restored", run->control.restored),
      TEXT_FIELD("run", run->folder[0] ? run->folder : NULL),
      TEXT_FIELD("version", swale_version()),
  };
  const double updates = (double)run->trainer->counted; /* not those before a resume */
  const swl_field shared[] = {
      /* per update, of this rank */
      REAL_FIELD("bytes", swale_run_number(run, SWALE_NUMBER_BYTES) / updates),
      REAL_FIELD("exchanges", swale_run_number(run, SWALE_NUMBER_EXCHANGES) / updates),
      REAL_FIELD("agreements", swale_run_number(run, SWALE_NUMBER_AGREEMENTS) / updates),
  };
  const swl_field best[] = {
      INTEGER_FIELD("best_update", run->control.best_update), /* with patience: whose parameters these numbers are of */
  };
  const swl_field checked[] = {
      INTEGER_FIELD("held", monotone->held),
      INTEGER_FIELD("undecided", monotone->undecided),
      INTEGER_FIELD("violated", monotone->violated),
  };
  size_t count = record_add(all, 0, fields, sizeof fields / sizeof *fields);
  if (swl_context_ranks(run->context)) count = record_add(all, count, shared, sizeof shared / sizeof *shared);
  if (run->control.best) count = record_add(all, count, best, 1);
  if (monotone->on) count = record_add(all, count, checked, sizeof checked / sizeof *checked);
  return record_add_measures(all, count, &run->measures);
}
