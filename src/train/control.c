/* control.c - see control.h. */
#include "train/control.h"

#include "train/state.h"

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

/* What x is worth on the examples that judge it. */
static swale_status control_assess(const swl_control *control, swl_assessment *assessment) {
  return swl_assess(control->assessor, control->trainer->x, &control->judged, assessment);
}

static int control_grows(const swl_settings *settings) {
  return settings->tau_schedule != SWL_TAU_SCHEDULE_CONSTANT && settings->tau_final > 1;
}

static swale_status control_patience(swl_arena *arena, const swl_dataset *dataset, swl_control *control) {
  const long long patience = (long long)control->trainer->settings.patience;
  if (patience == 0) return SWALE_OK;
  if (dataset->split[SWL_SPLIT_VALIDATION].count == 0) {
    return swl_fail(control->context, SWALE_ERROR_USAGE,
                    "option patience: %lld, but there are no validation examples to judge by; allowed is 0, or any "
                    "number with a validation above 0",
                    patience);
  }
  control->best = swl_arena_take(arena, control->trainer->problem->dim, sizeof *control->best);
  return control->best ? SWALE_OK : SWALE_ERROR_MEMORY;
}

swale_status swl_control_create(swl_arena *arena, swale_trainer *trainer, swl_assessor *assessor,
                                const swl_dataset *dataset, swl_control *control) {
  const swl_table *split = dataset->split;
  swl_assessment blind;
  *control = (swl_control){
      .context = trainer->context,
      .trainer = trainer,
      .assessor = assessor,
      .judged = split[split[SWL_SPLIT_VALIDATION].count > 0 ? SWL_SPLIT_VALIDATION : SWL_SPLIT_TRAIN],
      .best_loss = INFINITY,
      .watches = !control_grows(&trainer->settings),
      .stop = SWALE_STOP_INTERRUPTED,
  };
  if (control->judged.count > CONTROL_EXAMPLES) control->judged.count = CONTROL_EXAMPLES;
  SWL_TRY(control_patience(arena, dataset, control));
  SWL_TRY(swl_state_create(arena, trainer, 1, &control->good));
  SWL_TRY(swl_assess(assessor, control->good.x, &control->judged, &blind)); /* all 0 so far */
  swl_divergence_begin(&control->divergence, blind.loss, blind.accuracy);
  control->good_divergence = control->divergence;
  swl_state_save(trainer, &control->good);
  return SWALE_OK;
}

swale_status swl_control_update(swl_control *control, swale_status status, swl_wrong *wrong) {
  const swl_step *step = &control->trainer->step;
  swl_assessment now;
  *wrong = status == SWALE_OK ? SWL_WRONG_NOTHING : SWL_WRONG_TRAINER;
  if (status != SWALE_OK) return SWALE_OK;
  if (control->covariance.count == 0) control->covariance = step->covariance;
  if (!swl_divergence_add(&control->divergence, step->tilt.loss) || !control->watches) return SWALE_OK;
  SWL_TRY(control_assess(control, &now));
  if (swl_divergence_confirm(&control->divergence, now.accuracy)) *wrong = SWL_WRONG_LOSS;
  return SWALE_OK;
}

/* 1 if x + sqrt(tau) z rounds to x for a share of the coordinates, tau that of the first update: it may go to 0. */
static int control_is_frozen(const swl_control *control) {
  const swale_trainer *trainer = control->trainer;
  size_t frozen = 0;
  if (!trainer->sampler || !trainer->sampling.noise->point) return 0;
  for (size_t l = 0; l < control->covariance.count; l++) {
    const swl_block *block = &control->covariance.blocks[l];
    const float most = (float)(sqrt(block->tau) * 0x1p24);
    for (size_t i = block->first; i < block->end; i++) frozen += fabsf(trainer->x[i]) > most;
  }
  return (double)frozen > control_frozen * (double)trainer->problem->dim;
}

static const char *control_reason(const swl_control *control, swl_wrong wrong) {
  switch (wrong) {
  case SWL_WRONG_NOTHING: break;
  case SWL_WRONG_TRAINER: return control->trainer->broken ? control->trainer->broken : "losses";
  case SWL_WRONG_LOSS: return "loss";
  case SWL_WRONG_ROUNDING: return "rounding";
  case SWL_WRONG_EVALUATION: return "evaluation";
  }
  return "nothing";
}

static void control_say(const swl_control *control, swl_wrong wrong, char *text, size_t bytes) {
  const swl_divergence *d = &control->divergence;
  const char *broken = control->trainer->broken;
  const double loss = control->trainer->step.tilt.loss;
  if (wrong == SWL_WRONG_LOSS && d->best < d->blind) {
    snprintf(text, bytes, "the training loss is %.4g, after a best mean of %.4g (knowing nothing is %.4g)", loss,
             d->best, d->blind);
  } else if (wrong == SWL_WRONG_LOSS) {
    snprintf(text, bytes, "the training loss is %.4g (knowing nothing is %.4g)", loss, d->blind);
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

swale_status swl_control_restore(swl_control *control, swl_wrong wrong, swl_restored *restored) {
  swale_trainer *trainer = control->trainer;
  const long long most = (long long)trainer->settings.restores;
  const unsigned long long seen = (unsigned long long)trainer->update + (wrong == SWL_WRONG_TRAINER); /* from 1 */
  const unsigned long long back = (unsigned long long)control->good.update;
  char what[256];
  control_say(control, wrong, what, sizeof what);
  swl_state_restore(trainer, &control->good);
  control->divergence = control->good_divergence;
  if (control->restored >= (uint64_t)most) { /* more, if a run goes on with fewer */
    control->stop = SWALE_STOP_DIVERGED;
    return swl_fail(control->context, SWALE_ERROR_NUMERIC,
                    "update %llu: %s, after %lld restores (option restores: %lld); the parameters of update %llu are "
                    "kept",
                    seen, what, (long long)control->restored, most, back);
  }
  if (wrong == SWL_WRONG_TRAINER) trainer->update++; /* it is spent: its draws would fail again */
  control->restored++;
  trainer->factor *= control_factor;
  swl_log(control->context,
          "update %llu: %s; back to the state of update %llu, on from there at %g of the rate (restore %llu of %lld)",
          seen, what, back, trainer->factor, (unsigned long long)control->restored, most);
  *restored = (swl_restored){control_reason(control, wrong), seen};
  return SWALE_OK;
}

/* The best evaluation so far: keep its parameters. Otherwise patience goes down. */
static void control_judge(swl_control *control, double loss) {
  const swale_trainer *trainer = control->trainer;
  if (!control->best) return;
  if (loss < control->best_loss) {
    control->best_loss = loss;
    control->best_update = trainer->update;
    control->worse = 0;
    memcpy(control->best, swale_trainer_average(trainer), trainer->problem->dim * sizeof *control->best);
    return;
  }
  control->worse++;
}

swale_status swl_control_evaluated(swl_control *control, const swl_assessment *validation, swl_wrong *wrong) {
  const swale_trainer *trainer = control->trainer;
  swl_assessment now = *validation;
  control_judge(control, now.loss);
  if (now.count == 0 || swale_trainer_average(trainer) != trainer->x) { /* x itself is what may be lost */
    SWL_TRY(control_assess(control, &now));
  }
  *wrong = !isfinite(now.loss)          ? SWL_WRONG_EVALUATION
           : control_is_frozen(control) ? SWL_WRONG_ROUNDING
                                        : SWL_WRONG_NOTHING;
  if (*wrong == SWL_WRONG_NOTHING && swl_divergence_good(&control->divergence, now.loss, now.accuracy)) {
    swl_state_save(trainer, &control->good);
    control->good_divergence = control->divergence;
  }
  return SWALE_OK;
}

float *swl_control_parameters(const swl_control *control) {
  const swale_trainer *trainer = control->trainer;
  if (control->best && isfinite(control->best_loss)) return control->best;
  return trainer->average.count > 0 ? trainer->average.mean : trainer->x;
}
