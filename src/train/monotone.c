/* monotone.c - see monotone.h. */
#include "train/monotone.h"

#include <math.h>

typedef struct monotone_job {
  const swl_sampling *sampling;
  swl_draws draws;
  const float *x;
  double *losses;
} monotone_job;

enum { MONOTONE_DRAWS = 16 }; /* draws per item */

static swale_status monotone_item(void *self, size_t worker, size_t item) {
  const monotone_job *job = self;
  const size_t first = item * MONOTONE_DRAWS, end = first + MONOTONE_DRAWS;
  const swl_range range = {first, end < job->draws.samples ? end : job->draws.samples};
  return job->sampling->noise->evaluate(job->sampling->noise_self, worker, &job->draws, job->x, range, job->losses);
}

swale_status swl_monotone_create(const swl_sampling *sampling, swl_monotone *monotone) {
  *monotone = (swl_monotone){.on = sampling->settings->monotone, .change = NAN, .change_se = NAN, .required = NAN};
  if (!monotone->on) return SWALE_OK;
  const size_t count = (size_t)sampling->settings->samples * sampling->problem->groups;
  monotone->before = swl_arena_take(sampling->arena, count, sizeof(double));
  monotone->after = swl_arena_take(sampling->arena, count, sizeof(double));
  return monotone->before && monotone->after ? SWALE_OK : SWALE_ERROR_MEMORY;
}

swale_status swl_monotone_judge(swl_monotone *monotone, const swl_sampling *sampling, const swl_step *step,
                                const float *start, const float *x, double required) {
  const size_t samples = (size_t)sampling->settings->samples, groups = sampling->problem->groups;
  const size_t items = (samples + MONOTONE_DRAWS - 1) / MONOTONE_DRAWS;
  monotone_job job = {
      .sampling = sampling,
      .draws = {.key = swl_settings_key(sampling->settings),
                .purpose = SWL_PURPOSE_CHECK,
                .update = step->update,
                .samples = samples,
                .antithetic = sampling->settings->antithetic,
                .covariance = &step->covariance},
  };
  const float *points[2] = {start, x};
  double *losses[2] = {monotone->before, monotone->after};
  for (int i = 0; i < 2; i++) {
    job.x = points[i];
    job.losses = losses[i];
    if (sampling->noise->prepare) {
      swl_covariance same = step->covariance; /* the covariance of the update, at both points */
      SWL_TRY(sampling->noise->prepare(sampling->noise_self, sampling->team, job.x, 0, &same));
    }
    if (sampling->noise->table) {
      SWL_TRY(sampling->noise->table(sampling->noise_self, sampling->team, &job.draws, job.x, job.losses));
      continue;
    }
    const swl_dealt output = {job.losses, MONOTONE_DRAWS * groups * sizeof(double), samples * groups * sizeof(double)};
    SWL_TRY(swl_team_deal(sampling->team, items, items, monotone_item, &job, 1, &output));
  }
  const double *shares = sampling->problem->shares;
  const swl_loss_table before = {.f = monotone->before,
                                 .samples = samples,
                                 .groups = groups,
                                 .shares = shares,
                                 .antithetic = job.draws.antithetic};
  const swl_loss_table after = {
      .f = monotone->after, .samples = samples, .groups = groups, .shares = shares, .antithetic = job.draws.antithetic};
  sampling->regularizer->change(step->tilt.beta, &before, &after, &monotone->change, &monotone->change_se);
  monotone->required = required;
  if (samples / (job.draws.antithetic ? 2 : 1) < MONOTONE_UNITS) monotone->change_se = NAN;
  const double excess = monotone->change + required, band = MONOTONE_BAND * monotone->change_se;
  if (excess > band) {
    monotone->verdict = "violated";
    monotone->violated++;
  } else if (excess < -band) {
    monotone->verdict = "held";
    monotone->held++;
  } else { /* also where the band is not a number */
    monotone->verdict = "undecided";
    monotone->undecided++;
  }
  return SWALE_OK;
}
