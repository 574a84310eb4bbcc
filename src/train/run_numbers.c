/* run_numbers.c - what can be asked of a run? */
#include "options/table.h"
#include "parallel/ranks.h"
#include "train/run_parts.h"

#include <math.h>
#include <string.h>

const float *swale_run_parameters(const swale_run *run) { return swl_control_parameters(&run->control); }
const char *swale_run_folder(const swale_run *run) { return run->folder; }
const char *swale_run_json(const swale_run *run) { return run->json; }
const char *swale_run_reason(const swale_run *run) { return run->setup.dataset.reason; }
int swale_run_classifies(const swale_run *run) { return run->setup.dataset.schema.classification; }
const char *swale_run_model(const swale_run *run) { return run->setup.network.spec; }

swale_status swale_run_setting(const swale_run *run, const char *name, char *text, size_t capacity) {
  const size_t index = swl_option_find(name);
  char value[SWL_TEXT_MAX];
  if (index == SWL_OPTION_COUNT) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "there is no option '%.64s'; allowed are those of `swale options`",
                    name);
  }
  const swale_option_info *info = swale_option_at(index);
  swl_value_text(info, (const char *)&run->used->settings + info->offset, value);
  if (strlen(value) >= capacity) {
    return swl_fail(run->context, SWALE_ERROR_USAGE, "option %s: its value has %zu bytes; there is room for %zu", name,
                    strlen(value) + 1, capacity);
  }
  memcpy(text, value, strlen(value) + 1);
  return SWALE_OK;
}

double swale_run_number(const swale_run *run, swale_number number) {
  const swl_settings *settings = &run->trainer->settings;
  const swl_monotone *monotone = &run->trainer->monotone;
  const swl_progress *progress = &run->progress;
  switch (number) {
  case SWALE_NUMBER_UPDATES: return (double)run->trainer->update;
  case SWALE_NUMBER_UPDATES_PLANNED: return (double)run->planned;
  case SWALE_NUMBER_EPOCHS: return (double)run->trainer->update / (double)run->per_epoch;
  case SWALE_NUMBER_DRAWS: return (double)run->trainer->draws;
  case SWALE_NUMBER_SECONDS: return progress->seconds;
  case SWALE_NUMBER_DIM: return (double)run->setup.network.dim;
  case SWALE_NUMBER_EVALUATIONS: return (double)progress->evaluations;
  case SWALE_NUMBER_RECENT_LOSS:
    return progress->summed ? progress->loss_sum / (double)progress->summed : progress->recent_loss;
  case SWALE_NUMBER_RECENT_VALUE:
    return progress->summed ? progress->value_sum / (double)progress->summed : progress->recent_value;
  case SWALE_NUMBER_ESS_FRACTION: return run->trainer->step.tilt.ess / (double)settings->samples;
  case SWALE_NUMBER_VALIDATION_LOSS: return progress->now[SWL_SPLIT_VALIDATION].loss;
  case SWALE_NUMBER_VALIDATION_ACCURACY: return progress->now[SWL_SPLIT_VALIDATION].accuracy;
  case SWALE_NUMBER_TRAIN_LOSS: return progress->now[SWL_SPLIT_TRAIN].loss;
  case SWALE_NUMBER_TRAIN_ACCURACY: return progress->now[SWL_SPLIT_TRAIN].accuracy;
  case SWALE_NUMBER_TEST_LOSS: return progress->now[SWL_SPLIT_TEST].loss;
  case SWALE_NUMBER_TEST_ACCURACY: return progress->now[SWL_SPLIT_TEST].accuracy;
  case SWALE_NUMBER_HELD: return (double)monotone->held;
  case SWALE_NUMBER_UNDECIDED: return (double)monotone->undecided;
  case SWALE_NUMBER_VIOLATED: return (double)monotone->violated;
  case SWALE_NUMBER_RESTORED: return (double)run->control.restored;
  case SWALE_NUMBER_ACCEPTANCE: return run->trainer->step.mixing.acceptance;
  case SWALE_NUMBER_MIXING_TIME: return run->trainer->step.mixing.time;
  case SWALE_NUMBER_RANKS: return (double)swl_ranks_size(swl_context_ranks(run->context));
  case SWALE_NUMBER_BYTES: return (double)run->trainer->traffic.bytes;
  case SWALE_NUMBER_EXCHANGES: return (double)run->trainer->traffic.exchanges;
  case SWALE_NUMBER_AGREEMENTS: return (double)run->trainer->traffic.agreements;
  case SWALE_NUMBER_TEST_BALANCED_ACCURACY: return run->measures.balanced_accuracy;
  case SWALE_NUMBER_TEST_F1: return run->measures.f1;
  case SWALE_NUMBER_TEST_ROC_AUC: return run->measures.roc_auc;
  case SWALE_NUMBER_TEST_RMSE: return run->measures.rmse;
  case SWALE_NUMBER_TEST_MAE: return run->measures.mae;
  case SWALE_NUMBER_EPOCHS_PLANNED: return (double)run->planned / (double)run->per_epoch;
  case SWALE_NUMBER_SAVED: return run->checkpoints.written ? (double)run->checkpoints.saved : NAN;
  case SWALE_NUMBER_BEST_UPDATE: return run->control.best ? (double)run->control.best_update : NAN;
  }
  return NAN;
}
