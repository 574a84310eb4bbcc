/* record.c - see record.h. */
#include "train/record.h"

#include "parallel/ranks.h"

#include <math.h>
#include <string.h>

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
      swl_text_field(SWL_KEY_EVENT, swl_event_name(SWALE_EVENT_EVALUATION)),
      swl_count_field(SWL_KEY_UPDATE, trainer->update),
      swl_count_field(SWL_KEY_PLANNED, run->planned),
      swl_real_field(SWL_KEY_EPOCH, swale_run_number(run, SWALE_NUMBER_EPOCHS)),
      swl_count_field(SWL_KEY_DRAWS, trainer->draws),
      swl_real_field(SWL_KEY_SECONDS, run->progress.seconds),
      swl_real_field(SWL_KEY_TRAIN_LOSS, run->progress.recent_loss),
      swl_real_field(SWL_KEY_TRAIN_VALUE, run->progress.recent_value),
      swl_real_field(SWL_KEY_VALUE, tilt->value),
      swl_real_field(SWL_KEY_VALUE_SE, tilt->value_se),
      swl_real_field(SWL_KEY_ESS, tilt->ess),
      swl_real_field(SWL_KEY_BETA, tilt->beta),
      swl_real_field(SWL_KEY_TAU, trainer->step.tau),
      swl_real_field(SWL_KEY_RATE, trainer->rate),
      swl_real_field(SWL_KEY_STEP, trainer->length),
      swl_count_field(SWL_KEY_REJECTED, trainer->rejected),
      swl_real_field(SWL_KEY_VALIDATION_LOSS, validation->loss),
      swl_real_field(classifies ? SWL_KEY_VALIDATION_ACCURACY : SWL_KEY_VALIDATION_R2, validation->accuracy),
  };
  const swl_field chains[] = {
      swl_real_field(SWL_KEY_ACCEPTANCE, mixing->acceptance),
      swl_real_field(SWL_KEY_MIXING_TIME, mixing->time),
      swl_real_field(SWL_KEY_CHAIN_STEP, mixing->step),
      swl_real_field(SWL_KEY_STAGES, mixing->stages),
      swl_real_field(SWL_KEY_MEAN_SE, swale_trainer_statistic(trainer, SWALE_STATISTIC_MEAN_SE)),
  };
  const swl_field monotone[] = {
      swl_count_field(SWL_KEY_HELD, trainer->monotone.held),
      swl_count_field(SWL_KEY_UNDECIDED, trainer->monotone.undecided),
      swl_count_field(SWL_KEY_VIOLATED, trainer->monotone.violated),
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
      swl_text_field(SWL_KEY_EVENT, swl_event_name(SWALE_EVENT_MONOTONE)),
      swl_count_field(SWL_KEY_UPDATE, trainer->update),
      swl_real_field(SWL_KEY_DECREASE, 0 - trainer->monotone.change), /* and not -0 */
      swl_real_field(SWL_KEY_DECREASE_SE, trainer->monotone.change_se),
      swl_real_field(SWL_KEY_PROMISED, trainer->monotone.required),
      swl_text_field(SWL_KEY_VERDICT, trainer->monotone.verdict),
      swl_real_field(SWL_KEY_TAU, trainer->step.tau),
      swl_real_field(SWL_KEY_BETA, trainer->step.tilt.beta),
  };
  return record_add(all, 0, fields, sizeof fields / sizeof *fields);
}

size_t swl_record_restored(const swale_run *run, const swl_restored *restored, swl_field all[SWL_RECORD_FIELDS_MAX]) {
  const swl_field fields[] = {
      swl_text_field(SWL_KEY_EVENT, swl_event_name(SWALE_EVENT_RESTORED)),
      swl_count_field(SWL_KEY_UPDATE, restored->seen),
      swl_count_field(SWL_KEY_FROM_UPDATE, run->control.good.update),
      swl_text_field(SWL_KEY_REASON, restored->reason),
      swl_real_field(SWL_KEY_RATE_FACTOR, run->trainer->factor),
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
      swl_real_field(SWL_KEY_TEST_BALANCED_ACCURACY, of->balanced_accuracy),
      swl_real_field(SWL_KEY_TEST_F1, of->f1),
      swl_real_field(SWL_KEY_TEST_ROC_AUC, of->roc_auc),
      swl_real_field(SWL_KEY_TEST_RMSE, of->rmse),
      swl_real_field(SWL_KEY_TEST_MAE, of->mae),
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
      swl_text_field(SWL_KEY_EVENT, swl_event_name(SWALE_EVENT_FINAL)),
      swl_text_field(SWL_KEY_STOP, record_stop(stop)),
      swl_real_field(classifies ? SWL_KEY_TEST_ACCURACY : SWL_KEY_TEST_R2, test->accuracy),
      swl_real_field(SWL_KEY_TEST_LOSS, test->loss),
      swl_real_field(classifies ? SWL_KEY_VALIDATION_ACCURACY : SWL_KEY_VALIDATION_R2, validation->accuracy),
      swl_real_field(SWL_KEY_VALIDATION_LOSS, validation->loss),
      swl_real_field(classifies ? SWL_KEY_TRAIN_ACCURACY : SWL_KEY_TRAIN_R2, train->accuracy),
      swl_real_field(SWL_KEY_TRAIN_LOSS, train->loss),
      swl_count_field(SWL_KEY_UPDATES, run->trainer->update),
      swl_real_field(SWL_KEY_EPOCHS, swale_run_number(run, SWALE_NUMBER_EPOCHS)),
      swl_count_field(SWL_KEY_DRAWS, run->trainer->draws),
      swl_real_field(SWL_KEY_SECONDS, run->progress.seconds),
      swl_text_field(SWL_KEY_DATA, settings->data),
      swl_text_field(SWL_KEY_MODEL, run->setup.network.spec),
      swl_count_field(SWL_KEY_DIM, run->setup.network.dim),
      swl_text_field(SWL_KEY_REGULARIZER, settings->regularizer),
      swl_text_field(SWL_KEY_SAMPLER, run->trainer->sampler ? settings->sampler : NULL),
      swl_text_field(SWL_KEY_NOISE, run->trainer->sampler ? settings->noise : NULL),
      swl_text_field(SWL_KEY_OPTIMIZER, settings->optimizer),
      swl_count_field(SWL_KEY_SEED, settings->seed),
      swl_count_field(SWL_KEY_THREADS, settings->threads),
      swl_count_field(SWL_KEY_RANKS, swl_ranks_size(swl_context_ranks(run->context))),
      swl_count_field(SWL_KEY_REJECTED, run->trainer->rejected),
      swl_count_field(SWL_KEY_RESTORED, run->control.restored),
      swl_text_field(SWL_KEY_RUN, run->folder[0] ? run->folder : NULL),
      swl_text_field(SWL_KEY_VERSION, swale_version()),
  };
  const double updates = (double)run->trainer->counted; /* not those before a resume */
  const swl_field shared[] = {
      /* per update, of this rank */
      swl_real_field(SWL_KEY_BYTES, swale_run_number(run, SWALE_NUMBER_BYTES) / updates),
      swl_real_field(SWL_KEY_EXCHANGES, swale_run_number(run, SWALE_NUMBER_EXCHANGES) / updates),
      swl_real_field(SWL_KEY_AGREEMENTS, swale_run_number(run, SWALE_NUMBER_AGREEMENTS) / updates),
  };
  const swl_field best[] = {
      swl_count_field(SWL_KEY_BEST_UPDATE,
                      run->control.best_update), /* with patience: whose parameters these numbers are of */
  };
  const swl_field checked[] = {
      swl_count_field(SWL_KEY_HELD, monotone->held),
      swl_count_field(SWL_KEY_UNDECIDED, monotone->undecided),
      swl_count_field(SWL_KEY_VIOLATED, monotone->violated),
  };
  size_t count = record_add(all, 0, fields, sizeof fields / sizeof *fields);
  if (swl_context_ranks(run->context)) count = record_add(all, count, shared, sizeof shared / sizeof *shared);
  if (run->control.best) count = record_add(all, count, best, 1);
  if (monotone->on) count = record_add(all, count, checked, sizeof checked / sizeof *checked);
  return record_add_measures(all, count, &run->measures);
}
