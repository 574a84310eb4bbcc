/* record.c - what a run writes down. */
#include "train/run_parts.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define REAL_FIELD(key, value)                                                                                         \
  { .name = (key), .type = SWL_FIELD_REAL, .real = (value) }
#define INTEGER_FIELD(key, value)                                                                                      \
  { .name = (key), .type = SWL_FIELD_INTEGER, .integer = (int64_t)(value) }
#define TEXT_FIELD(key, value)                                                                                         \
  { .name = (key), .type = SWL_FIELD_TEXT, .text = (value) }

enum { RECORD_MOST = 40, RECORD_MEASURES = 5 };

/* Append the fields of `more` to the `count` fields there are. */
static size_t record_add(swl_field fields[RECORD_MOST], size_t count, const swl_field *more, size_t add) {
  memcpy(&fields[count], more, add * sizeof *more);
  return count + add;
}

/* To the log, to TensorBoard, to the program. */
static swale_status record_append(swale_run *run, const swl_field *fields, size_t count) {
  if (run->log) SWL_TRY(swl_jsonl_append(run->log, fields, count));
  if (run->events) {
    const char *section = strcmp(fields[0].text, "final") == 0 ? "final" : NULL; /* fields[0] is the event */
    const double now = (double)time(NULL);
    SWL_TRY(swl_tfevents_append(run->events, now, (int64_t)run->trainer->update, section, fields, count));
  }
  SWL_TRY(swl_json_line(run->context, fields, count, run->json, sizeof run->json));
  run->json[strcspn(run->json, "\n")] = '\0';
  if (run->told) run->told(run->told_user, run->json);
  return SWALE_OK;
}

swale_status swl_record_evaluation(swale_run *run) {
  const swale_trainer *trainer = run->trainer;
  const swl_tilt *tilt = &trainer->step.tilt;
  const swl_mixing *mixing = &trainer->step.mixing;
  const swl_assessment *validation = &run->now[SWL_SPLIT_VALIDATION];
  const int classifies = run->setup.dataset.schema.classification;
  const swl_field fields[] = {
      TEXT_FIELD("event", "evaluation"),
      INTEGER_FIELD("update", trainer->update),
      INTEGER_FIELD("planned", run->planned),
      REAL_FIELD("epoch", swale_run_number(run, SWALE_NUMBER_EPOCHS)),
      INTEGER_FIELD("draws", trainer->draws),
      REAL_FIELD("seconds", run->seconds),
      REAL_FIELD("train_loss", run->recent_loss),
      REAL_FIELD("train_value", run->recent_value),
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
  swl_field all[RECORD_MOST];
  size_t count = record_add(all, 0, fields, sizeof fields / sizeof *fields);
  if (trainer->sampler && trainer->sampler->chains)
    count = record_add(all, count, chains, sizeof chains / sizeof *chains);
  if (trainer->monotone.on) count = record_add(all, count, monotone, sizeof monotone / sizeof *monotone);
  return record_append(run, all, count);
}

swale_status swl_record_monotone(swale_run *run) {
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
  return record_append(run, fields, sizeof fields / sizeof *fields);
}

swale_status swl_record_restored(swale_run *run, const char *reason, uint64_t seen) {
  const swl_field fields[] = {
      TEXT_FIELD("event", "restored"),
      INTEGER_FIELD("update", seen),
      INTEGER_FIELD("from_update", run->control.good.update),
      TEXT_FIELD("reason", reason),
      REAL_FIELD("rate_factor", run->trainer->factor),
  };
  return record_append(run, fields, sizeof fields / sizeof *fields);
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

swale_status swl_record_final(swale_run *run, swale_stop stop) {
  const swl_settings *settings = &run->trainer->settings;
  const swl_monotone *monotone = &run->trainer->monotone;
  const swl_assessment *train = &run->now[SWL_SPLIT_TRAIN], *validation = &run->now[SWL_SPLIT_VALIDATION],
                       *test = &run->now[SWL_SPLIT_TEST];
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
      REAL_FIELD("seconds", run->seconds),
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
  const swl_field optional[] = {
      INTEGER_FIELD("best_update", run->control.best_update), /* with patience: whose parameters these numbers are of */
      INTEGER_FIELD("held", monotone->held),
      INTEGER_FIELD("undecided", monotone->undecided),
      INTEGER_FIELD("violated", monotone->violated),
  };
  enum { ALWAYS = sizeof fields / sizeof *fields, SHARED = sizeof shared / sizeof *shared };
  enum { OPTIONAL = sizeof optional / sizeof *optional };
  enum { ALL = ALWAYS + SHARED + OPTIONAL + RECORD_MEASURES };
  swl_field chosen[ALL];
  size_t count = ALWAYS;
  memcpy(chosen, fields, sizeof fields);
  for (size_t i = 0; swl_context_ranks(run->context) && i < SHARED; i++) chosen[count++] = shared[i];
  if (run->control.best) chosen[count++] = optional[0];
  for (size_t i = 1; monotone->on && i < OPTIONAL; i++) chosen[count++] = optional[i];
  count = record_add_measures(chosen, count, &run->measures);
  return record_append(run, chosen, count);
}
