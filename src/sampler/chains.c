/* chains.c - see chains.h. */
#include "sampler/chains.h"

#include "sampler/dual_averaging.h"
#include "sampler/mixing.h"

#include <math.h>
#include <string.h>

#define CHAINS_LEAST                                                                                                   \
  0.7 /* heuristic: acceptance below which an unadjusted chain is not believed; 0.67 at the edge of explosion in one dimension */

/* What one chain leaves behind. */
typedef struct chains_report {
  double square;              /* |m_c|² */
  double step;                /* size, after the burn-in */
  double accepted, proposals; /* after the burn-in */
  size_t kept, evaluations, rejected;
} chains_report;

typedef struct chains {
  swl_sampling sampling;
  const swl_transition *transition;
  size_t count, steps, burn, shards; /* steps per chain, of which `burn` are left out */
  int control;                       /* 1: m by the control variate of the transition */
  double beta;
  double *parts;   /* shards × dim */
  double *first;   /* count: the loss at each chain's first point */
  double *tilts;   /* count: scratch */
  double *trace;   /* count × (steps - burn) */
  double *squares; /* tiles: scratch of the sum */
  chains_report *reports;
  swl_walker *walkers;  /* one per worker */
  double **sums;        /* per worker dim: of the running chain */
  int told;             /* 1: it was said that the steps are too long */
  const swl_step *step; /* of the running call */
} chains;

swale_status swl_chains_check_target(const swl_sampling *with) {
  const swl_settings *settings = with->settings;
  const char *name = settings->sampler;
  if (settings->beta.automatic && settings->beta.value > 0) {
    return swl_fail(with->context, SWALE_ERROR_USAGE,
                    "option beta: auto:%g is for sampler = importance; give %s a number, or auto for 1",
                    settings->beta.value, name);
  }
  if (with->problem->groups != 1) {
    return swl_fail(with->context, SWALE_ERROR_USAGE, "option group: sampler %s needs group = 0", name);
  }
  return SWALE_OK;
}

swale_status swl_chains_check(const swl_sampling *with) {
  const swl_settings *settings = with->settings;
  if (settings->samples < settings->chains) {
    return swl_fail(with->context, SWALE_ERROR_USAGE,
                    "option samples: %lld is less than chains = %lld; each chain needs at least one step",
                    (long long)settings->samples, (long long)settings->chains);
  }
  if (settings->samples % settings->chains != 0) {
    return swl_fail(with->context, SWALE_ERROR_USAGE,
                    "option samples: %lld is not a multiple of chains = %lld; every chain makes as many steps",
                    (long long)settings->samples, (long long)settings->chains);
  }
  return swl_chains_check_target(with);
}

void swl_chains_streams(const swl_sampling *sampling, uint64_t update, size_t number, uint32_t group,
                        swl_walker *walker) {
  const swl_key key = swl_settings_key(sampling->settings);
  walker->normals = swl_stream_make(key, SWL_PURPOSE_CHAIN, update, number, group);
  walker->chance = swl_stream_make(key, SWL_PURPOSE_ACCEPT, update, number, group);
}

static swale_status chains_create_workers(chains *made) {
  const swl_sampling *with = &made->sampling;
  const size_t workers = swl_team_size(with->team), dim = with->problem->dim;
  made->walkers = swl_arena_take(with->arena, workers, sizeof *made->walkers);
  made->sums = swl_arena_take(with->arena, workers, sizeof *made->sums);
  if (!made->walkers || !made->sums) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    SWL_TRY(swl_walker_create(with->arena, with->problem, made->transition, w, &made->walkers[w]));
    made->walkers[w].leapfrog = (size_t)with->settings->leapfrog;
    made->sums[w] = swl_arena_take(with->arena, dim, sizeof(double));
    if (!made->sums[w]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

swale_status swl_chains_create(const swl_sampling *sampling, const swl_transition *transition, void **self) {
  const swl_settings *settings = sampling->settings;
  swl_arena *arena = sampling->arena;
  SWL_TRY(swl_chains_check(sampling));
  chains *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->sampling = *sampling;
  made->transition = transition;
  made->count = (size_t)settings->chains;
  made->steps = (size_t)(settings->samples / settings->chains);
  made->burn = (size_t)((double)made->steps * settings->burn);
  made->shards = (size_t)settings->shards < made->count ? (size_t)settings->shards : made->count;
  made->beta = settings->beta.automatic ? 1 : settings->beta.value;
  made->parts = swl_arena_take(arena, made->shards * sampling->problem->dim, sizeof *made->parts);
  made->first = swl_arena_take(arena, made->count, sizeof *made->first);
  made->tilts = swl_arena_take(arena, made->count, sizeof *made->tilts);
  made->trace = swl_arena_take(arena, made->count * (made->steps - made->burn), sizeof *made->trace);
  made->reports = swl_arena_take(arena, made->count, sizeof *made->reports);
  made->squares = swl_arena_take(arena, swl_tiles(sampling->problem->dim), sizeof *made->squares);
  if (!made->parts || !made->first || !made->tilts || !made->trace || !made->reports) return SWALE_ERROR_MEMORY;
  if (!made->squares) return SWALE_ERROR_MEMORY;
  SWL_TRY(chains_create_workers(made));
  *self = made;
  return SWALE_OK;
}

/* A chain that rejects nothing cannot leave a loss that is not finite. */
static swale_status chains_finite(const chains *self, const swl_walker *walker, double step) {
  if (!self->transition->unadjusted || walker->rejected == 0) return SWALE_OK;
  return swl_fail(self->sampling.context, SWALE_ERROR_NUMERIC,
                  "sampler %s: a loss or its gradient is not finite (step %g, tau %g, beta %g); use a smaller step, or "
                  "mala, which goes nowhere near",
                  self->sampling.settings->sampler, step, self->step->tau, self->beta);
}

/* One step: a move where the loss is finite, a fresh draw where it is not. */
static swale_status chains_move(const chains *self, swl_walker *walker, int adapts, swl_dual_averaging *adaptation) {
  double probability = 0;
  if (isnan(walker->loss)) return swl_walker_draw(walker);
  SWL_TRY(self->transition->move(walker, adaptation->step, &probability)); /* (2) */
  if (adapts) swl_dual_averaging_add(adaptation, probability);
  return chains_finite(self, walker, adaptation->step);
}

static swl_dual_averaging chains_adaptation(const chains *self, int *adapts) {
  const swl_auto *given = &self->sampling.settings->step;
  swl_dual_averaging adaptation;
  swl_dual_averaging_begin(self->transition->target, self->transition->first, self->transition->most, &adaptation);
  if (!given->automatic) adaptation.step = given->value;
  *adapts = given->automatic && self->transition->target > 0;
  return adaptation;
}

/* The kept states of a chain: their sum into `sum` and their losses into the trace. */
static swale_status chains_walk(chains *self, size_t chain, swl_walker *walker, double *sum, chains_report *report) {
  const size_t dim = self->sampling.problem->dim, kept = self->steps - self->burn;
  const swl_step *step = self->step;
  const size_t number = swl_chains_number(step->round, self->count, chain, self->steps, 0);
  int adapts = 0;
  swl_dual_averaging adaptation = chains_adaptation(self, &adapts);
  swl_chains_streams(&self->sampling, step->update, number, 0, walker);
  SWL_TRY(swl_walker_draw(walker)); /* (1) */
  SWL_TRY(chains_finite(self, walker, adaptation.step));
  self->first[chain] = walker->loss;
  for (size_t t = 0; t < self->steps; t++) {
    if (t == self->burn) { /* (3) */
      if (adapts) swl_dual_averaging_freeze(&adaptation);
      adapts = 0;
      walker->accepted = walker->proposals = 0;
    }
    walker->always = self->transition->unadjusted && !adapts;
    swl_chains_streams(&self->sampling, step->update, number + t + 1, 0, walker);
    SWL_TRY(chains_move(self, walker, adapts, &adaptation));
    if (t < self->burn) continue;
    self->trace[chain * kept + t - self->burn] = walker->loss;
    if (isnan(walker->loss)) continue;
    const float *counts = !self->control ? walker->u : walker->pulled ? walker->pulled : walker->g;
    for (size_t i = 0; i < dim; i++) sum[i] += counts[i]; /* (4) */
    report->kept++;
  }
  report->step = self->transition->target > 0 ? adaptation.step : (double)NAN;
  return SWALE_OK;
}

static swale_status chains_run(chains *self, size_t worker, size_t chain, double *part) {
  const size_t dim = self->sampling.problem->dim;
  swl_walker *walker = &self->walkers[worker];
  double *sum = self->sums[worker];
  chains_report report = {0};
  memset(sum, 0, dim * sizeof *sum);
  walker->x = self->step->x;
  walker->scale = sqrt(self->step->tau);
  walker->beta = self->beta;
  walker->evaluations = walker->rejected = 0;
  walker->accepted = walker->proposals = 0;
  SWL_TRY(chains_walk(self, chain, walker, sum, &report));
  const double unit = self->control && !walker->pulled ? -self->beta : 1;
  for (size_t i = 0; report.kept > 0 && i < dim; i++) {
    const double mean = unit * sum[i] / (double)report.kept;
    part[i] += mean;
    report.square += mean * mean;
  }
  report.accepted = walker->accepted;
  report.proposals = walker->proposals;
  report.evaluations = walker->evaluations;
  report.rejected = walker->rejected;
  self->reports[chain] = report;
  return SWALE_OK;
}

static swale_status chains_shard(void *pointer, size_t worker, size_t shard) {
  chains *self = pointer;
  const size_t dim = self->sampling.problem->dim;
  const swl_range range = swl_shard_range(self->count, self->shards, shard);
  double *part = self->parts + shard * dim;
  memset(part, 0, dim * sizeof *part);
  for (size_t chain = range.first; chain < range.end; chain++) SWL_TRY(chains_run(self, worker, chain, part));
  return SWALE_OK;
}

/* Sums over the chains; `kept` counts the chains that kept anything, step is the sum over these. */
static chains_report chains_total(const chains *self) {
  chains_report total = {0};
  for (size_t c = 0; c < self->count; c++) {
    const chains_report *one = &self->reports[c];
    total.square += one->square;
    total.accepted += one->accepted;
    total.proposals += one->proposals;
    total.evaluations += one->evaluations;
    total.rejected += one->rejected;
    total.step += one->kept ? one->step : 0;
    total.kept += one->kept > 0;
  }
  return total;
}

/* F_LE / beta from the first points, where one of them is finite. */
static swale_status chains_value(chains *self, swl_tilt *tilt) {
  const swl_sampling *with = &self->sampling;
  const swl_loss_table first = {
      .f = self->first, .samples = self->count, .groups = 1, .shares = with->problem->shares, .antithetic = 0};
  int finite = 0;
  for (size_t c = 0; c < self->count; c++) finite |= isfinite(self->first[c]);
  *tilt = (swl_tilt){.beta = self->beta, .value = NAN, .value_se = NAN};
  const swl_auto beta = {0, self->beta};
  return finite ? with->regularizer->tilt(with->context, with->settings, beta, &first, self->tilts, tilt) : SWALE_OK;
}

/* Steps that a Metropolis test would reject sample another density: no error is known. */
static void chains_judge(chains *self, swl_step *step) {
  if (!self->transition->unadjusted || step->mixing.acceptance >= CHAINS_LEAST) return;
  step->noise = 0;
  step->tilt.loss_se = step->tilt.ess = step->mixing.time = NAN;
  if (self->told) return;
  self->told = 1;
  swl_log(self->sampling.context,
          "update %llu: a Metropolis test would accept %.3g of the steps of sampler %s, at a step of %.3g: they do not "
          "sample the tilted density, and no error is known; use a smaller step, more samples (option burn), or mala",
          (unsigned long long)step->update, step->mixing.acceptance, self->sampling.settings->sampler,
          step->mixing.step);
}

swale_status swl_chains_draw(void *pointer, swl_step *step) {
  chains *self = pointer;
  const swl_sampling *with = &self->sampling;
  size_t evaluations = 0;
  self->step = step;
  const swl_dealt outputs[] = {SWL_DEALT(1, self->first), SWL_DEALT(self->steps - self->burn, self->trace),
                               SWL_DEALT(1, self->reports)};
  chains_report total = {.rejected = 1};
  for (self->control = self->transition->gradients && with->settings->control; total.rejected > 0; self->control = 0) {
    const int last = !self->control || self->transition->unadjusted;
    SWL_TRY(swl_team_deal(with->team, self->count, self->shards, chains_shard, self, 3, outputs));
    total = chains_total(self);
    evaluations += total.evaluations;
    if (last) break;
  }
  const double live = (double)total.kept;
  if (total.kept == 0) {
    return swl_fail(with->context, SWALE_ERROR_NUMERIC,
                    "sampler %s: none of the %zu losses that %zu chains saw is finite", with->settings->sampler,
                    total.rejected, self->count);
  }
  SWL_TRY(chains_value(self, &step->tilt));
  swl_mixing_measure(self->count, self->steps - self->burn, self->trace, &step->tilt, &step->mixing);
  step->tilt.rejected = total.rejected;
  step->mixing.acceptance = total.proposals > 0 ? total.accepted / total.proposals : (double)NAN;
  step->mixing.step = total.step / live;
  const double scale = -1 / (live * sqrt(step->tau) * self->beta);
  double square = 0; /* |Σ m_c|² */
  SWL_TRY(swl_reduce_tree(with->team, self->shards, with->problem->dim, self->parts, scale, step->gradient,
                          self->squares, &square));                             /* (5), (6) */
  step->noise = swl_chains_noise(total.kept, square, total.square, self->beta); /* (7) */
  step->draws = evaluations;
  chains_judge(self, step);
  return SWALE_OK;
}
