/* control.c - see control.h. */
#include "train/control.h"

#include "train/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  CONTROL_EXAMPLES = 1000
}; /* heuristic: an accuracy is known to 1.6 % at worst, and they cost less than an update */
static const double control_factor = 0.5; /* heuristic: three of them cover the usual misjudgment, a factor of 8 */
/* heuristic: of the coordinates whose noise is lost in rounding. Weights are of order 1, and at that size only a
 * standard deviation below 6e-8 would be lost */
static const double control_frozen = 0.1;

/* What x is worth on some examples: of validation, or of training where there are none. */
static swale_status control_assess(const swale_run *run, const float *x, swl_assessment *assessment) {
  const swl_table *split = run->setup.dataset.split;
  swl_table some = split[split[SWL_SPLIT_VALIDATION].count > 0 ? SWL_SPLIT_VALIDATION : SWL_SPLIT_TRAIN];
  if (some.count > CONTROL_EXAMPLES) some.count = CONTROL_EXAMPLES;
  return swl_assess(run->assessor, x, &some, assessment);
}

static int control_grows(const swl_settings *settings) {
  return strcmp(settings->tau_schedule, "constant") != 0 && settings->tau_final > 1;
}

static swale_status control_patience(swale_run *run) {
  const long long patience = (long long)run->trainer->settings.patience;
  if (patience == 0) return SWALE_OK;
  if (run->setup.dataset.split[SWL_SPLIT_VALIDATION].count == 0) {
    return swl_fail(run->context, SWALE_ERROR_USAGE,
                    "option patience: %lld, but there are no validation examples to judge by; allowed is 0, or any "
                    "number with a validation above 0",
                    patience);
  }
  run->control.best = swl_arena_take(run->arena, run->setup.network.dim, sizeof *run->control.best);
  return run->control.best ? SWALE_OK : SWALE_ERROR_MEMORY;
}

swale_status swl_control_create(swale_run *run) {
  swl_control *control = &run->control;
  swl_assessment blind;
  *control = (swl_control){
      .best_loss = INFINITY, .watches = !control_grows(&run->trainer->settings), .stop = SWALE_STOP_INTERRUPTED};
  SWL_TRY(control_patience(run));
  SWL_TRY(swl_state_create(run->arena, run->trainer, 1, &control->good));
  SWL_TRY(control_assess(run, control->good.x, &blind)); /* all 0 so far */
  swl_divergence_begin(&control->divergence, blind.loss, blind.accuracy);
  control->good_divergence = control->divergence;
  swl_state_save(run->trainer, &control->good);
  return SWALE_OK;
}

swale_status swl_control_update(swale_run *run, swale_status status, swl_wrong *wrong) {
  swl_control *control = &run->control;
  swl_assessment now;
  *wrong = status == SWALE_OK ? SWL_WRONG_NOTHING : SWL_WRONG_TRAINER;
  if (status != SWALE_OK) return SWALE_OK;
  if (control->covariance.count == 0) control->covariance = run->trainer->step.covariance;
  if (!swl_divergence_add(&control->divergence, run->trainer->step.tilt.loss) || !control->watches) return SWALE_OK;
  SWL_TRY(control_assess(run, run->trainer->x, &now));
  if (swl_divergence_confirm(&control->divergence, now.accuracy)) *wrong = SWL_WRONG_LOSS;
  return SWALE_OK;
}

/* 1 if x + sqrt(tau) z rounds to x for a share of the coordinates, tau that of the first update: it may go to 0. */
static int control_is_frozen(const swale_run *run) {
  const swale_trainer *trainer = run->trainer;
  size_t frozen = 0;
  if (!trainer->sampler || !trainer->sampling.noise->point) return 0;
  for (size_t l = 0; l < run->control.covariance.count; l++) {
    const swl_block *block = &run->control.covariance.blocks[l];
    const float most = (float)(sqrt(block->tau) * 0x1p24);
    for (size_t i = block->first; i < block->end; i++) frozen += fabsf(trainer->x[i]) > most;
  }
  return (double)frozen > control_frozen * (double)trainer->problem->dim;
}

static const char *control_reason(const swale_run *run, swl_wrong wrong) {
  switch (wrong) {
  case SWL_WRONG_NOTHING: break;
  case SWL_WRONG_TRAINER: return run->trainer->broken ? run->trainer->broken : "losses";
  case SWL_WRONG_LOSS: return "loss";
  case SWL_WRONG_ROUNDING: return "rounding";
  case SWL_WRONG_EVALUATION: return "evaluation";
  }
  return "nothing";
}

static void control_say(const swale_run *run, swl_wrong wrong, char *text, size_t bytes) {
  const swl_divergence *d = &run->control.divergence;
  const char *broken = run->trainer->broken;
  if (wrong == SWL_WRONG_LOSS && d->best < d->blind) {
    snprintf(text, bytes, "the training loss is %.4g, after a best mean of %.4g (knowing nothing is %.4g)",
             run->trainer->step.tilt.loss, d->best, d->blind);
  } else if (wrong == SWL_WRONG_LOSS) {
    snprintf(text, bytes, "the training loss is %.4g (knowing nothing is %.4g)", run->trainer->step.tilt.loss,
             d->blind);
  } else if (wrong == SWL_WRONG_ROUNDING) {
    snprintf(text, bytes, "the parameters are so large that the noise is lost in their rounding");
  } else if (wrong == SWL_WRONG_EVALUATION) {
    snprintf(text, bytes, "the loss at the evaluation is not finite");
  } else if (broken) {
    snprintf(text, bytes, "the %s is not finite", broken);
  } else {
    snprintf(text, bytes, "no loss of a group of examples is finite");
  }
}

swale_status swl_control_restore(swale_run *run, swl_wrong wrong) {
  swl_control *control = &run->control;
  swale_trainer *trainer = run->trainer;
  const long long most = (long long)trainer->settings.restores;
  const unsigned long long seen = (unsigned long long)trainer->update + (wrong == SWL_WRONG_TRAINER); /* from 1 */
  const unsigned long long back = (unsigned long long)control->good.update;
  char what[256];
  control_say(run, wrong, what, sizeof what);
  swl_state_restore(trainer, &control->good);
  control->divergence = control->good_divergence;
  run->loss_sum = run->value_sum = 0;
  run->summed = 0;
  if (control->restored >= (uint64_t)most) { /* more, if a run goes on with fewer */
    control->stop = SWALE_STOP_DIVERGED;
    return swl_fail(run->context, SWALE_ERROR_NUMERIC,
                    "update %llu: %s, after %lld restores (option restores: %lld); the parameters of update %llu are "
                    "kept",
                    seen, what, (long long)control->restored, most, back);
  }
  if (wrong == SWL_WRONG_TRAINER) trainer->update++; /* it is spent: its draws would fail again */
  control->restored++;
  trainer->factor *= control_factor;
  swl_log(run->context,
          "update %llu: %s; back to the state of update %llu, on from there at %g of the rate (restore %llu of %lld)",
          seen, what, back, trainer->factor, (unsigned long long)control->restored, most);
  return swl_record_restored(run, control_reason(run, wrong), seen);
}

/* The best evaluation so far: keep its parameters. Otherwise patience goes down. */
static void control_judge(swale_run *run) {
  swl_control *control = &run->control;
  const double loss = run->now[SWL_SPLIT_VALIDATION].loss;
  if (!control->best) return;
  if (loss < control->best_loss) {
    control->best_loss = loss;
    control->best_update = run->trainer->update;
    control->worse = 0;
    memcpy(control->best, swale_trainer_average(run->trainer), run->setup.network.dim * sizeof *control->best);
    return;
  }
  control->worse++;
}

swale_status swl_control_evaluated(swale_run *run, swl_wrong *wrong) {
  swl_control *control = &run->control;
  swl_assessment now = run->now[SWL_SPLIT_VALIDATION];
  control_judge(run);
  if (now.count == 0 || swale_trainer_average(run->trainer) != run->trainer->x) { /* x itself is what may be lost */
    SWL_TRY(control_assess(run, run->trainer->x, &now));
  }
  *wrong = !isfinite(now.loss) ? SWL_WRONG_EVALUATION : control_is_frozen(run) ? SWL_WRONG_ROUNDING : SWL_WRONG_NOTHING;
  if (*wrong == SWL_WRONG_NOTHING && swl_divergence_good(&control->divergence, now.loss, now.accuracy)) {
    swl_state_save(run->trainer, &control->good);
    control->good_divergence = control->divergence;
  }
  return SWALE_OK;
}

float *swl_control_parameters(const swale_run *run) {
  const swale_trainer *trainer = run->trainer;
  if (run->control.best && isfinite(run->control.best_loss)) return run->control.best;
  return trainer->average.count > 0 ? trainer->average.mean : trainer->x;
}
