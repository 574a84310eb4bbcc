/* tempered.c - a sequential Monte Carlo sampler from the Gaussian to the tilted density; losses only.
 *
 * source: Del Moral, Doucet, Jasra, "Sequential Monte Carlo samplers", JRSS B 68, 2006, §3.3.2.3; temperatures by
 *         conditional ESS: Zhou, Johansen, Aston, "Toward automatic model comparison", JCGS 25, 2016, §4.1; MATH §6.3.
 *
 * computes  E_q X and log Z = -F_LE by populations of particles that go together from t = 0 to t = 1 through
 *
 *             q_t(u) ∝ exp(-t beta f(x + sqrt(tau) u)) N(u; 0, I)
 *
 *           in units of the Gaussian. `chains` populations of samples / chains particles each share the temperatures and
 *           nothing else; their differences give the standard errors.
 *
 *   symbol | code   | shape        | meaning
 *   -------|--------|--------------|------------------------------------------------------------
 *   N      | size   |              | particles of a population
 *   u_ci   | at     | samples, dim | particle i of population c
 *   f_ci   | loss   | samples      | its loss; NaN: not finite, weight 0
 *   v_ci   | weight | samples      | exp(-(t' - t) beta (f_ci - low)) - 1
 *   Z_c    | log_z  | chains       | log of the normalizing constant, by population c
 *   W_c    | shares | chains       | Z_c / Σ Z_c
 *   m_c    | means  | chains × dim | mean of u over population c
 *
 * steps     (1) N draws of N(x, tau I) each (2) the largest t' <= 1 at which the conditional ESS (Σ v)² / (n Σ v²) of all
 *           n finite particles is 0.7 or more, by bisection (3) Z_c times the mean of v (4) systematic resampling within
 *           each population (5) `moves` steps of elliptical slice sampling that leave q_t' invariant; on from (2) until
 *           t' = 1, where the states of all moves count. Then (6) E_q X = x + sqrt(tau) Σ W_c m_c, log Z = log of the mean
 *           of Z_c; weights Z_c make the mean over populations as unbiased as one population of all. (7) standard errors
 *           by the delta method: of Σ W_c m_c, chains/(chains - 1) Σ W_c² |m_c - m|²; of log Z the same with 1 for m_c.
 *           ESS is the variance of f under q over the squared standard error of its mean, at most all particles.
 * cost      samples (1 + moves × temperatures) times the 2 to 5 losses of an elliptical step; the losses are counted.
 *           There are at most `stages` temperatures: the last one jumps to t = 1, whatever the weights then are. Where a
 *           step may take only so many losses (sampler.h) it ends after a temperature that has used them up, or from which,
 *           at the pace of the last one, twice as many would not suffice: then nothing is known.
 *           Memory: (samples + chains) dim floats, 3 dim floats and dim doubles per worker.
 * randomness  SWL_PURPOSE_CHAIN and SWL_PURPOSE_ACCEPT by (update, (round × chains + population) × N + particle,
 *           0 for the start, 1 + stage × moves + move else); SWL_PURPOSE_RESAMPLE by (update, round × chains +
 *           population, stage).
 * deviates  it resamples at every temperature, so that the conditional ESS is the ESS of the weights. Temperatures that
 *           are chosen by the particles themselves leave Z_c a bias O(1/samples), as do moves that are too few to forget
 *           the resampling leave E_q X one of O(1/N): neither is in the standard errors.
 */
#include "sampler/chains.h"

#include <math.h>
#include <string.h>

#define TEMPERED_ESS 0.7           /* heuristic: any from 0.5 to 0.9 costs as much for the same error of log Z */
enum { TEMPERED_BISECTIONS = 60 }; /* of log (t' - t) */
#define TEMPERED_LEAST 1e-60       /* heuristic: of 1 - t; below, losses have no more digits */
enum { TEMPERED_PACE = 3 };        /* heuristic: temperatures until there is a pace, log t rising evenly */

/* What a worker has in hand. */
typedef struct tempered_hand {
  swl_walker walker;
  double *sum; /* dim: of u, over the states of a population that count */
} tempered_hand;

/* What one population leaves behind. */
typedef struct tempered_report {
  double log_z;        /* so far; -inf: no finite loss */
  double loss, square; /* means of f and f² over the states that count */
  double accepted, proposals;
  size_t evaluations, rejected;
} tempered_report;

typedef struct tempered {
  swl_sampling sampling;
  size_t populations, size, stages, moves;
  double beta;
  tempered_hand *hands; /* one per worker */
  float **at;           /* samples, dim each */
  double *loss;         /* samples */
  double *weight;       /* samples */
  size_t *copies;       /* samples: by the resampling */
  float *means;         /* populations × dim */
  tempered_report *reports;
  double *shares; /* populations */
  double *apart;  /* tiles: Σ_c W_c² |m_c - m|² */
  /* Of the running call. */
  swl_step *step;
  size_t stage;   /* from 0 */
  double t, rise; /* temperature after the stage, and how much of it is new */
} tempered;

static swale_status tempered_create_particles(tempered *made) {
  swl_arena *arena = made->sampling.arena;
  const size_t workers = swl_team_size(made->sampling.team), dim = made->sampling.problem->dim;
  const size_t samples = made->populations * made->size;
  made->hands = swl_arena_take(arena, workers, sizeof *made->hands);
  made->at = swl_arena_take(arena, samples, sizeof *made->at);
  made->loss = swl_arena_take(arena, samples, sizeof *made->loss);
  made->weight = swl_arena_take(arena, samples, sizeof *made->weight);
  made->copies = swl_arena_take(arena, samples, sizeof *made->copies);
  if (!made->hands || !made->at || !made->loss || !made->weight || !made->copies) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    SWL_TRY(swl_walker_create(arena, made->sampling.problem, &swl_transition_elliptical, w, &made->hands[w].walker));
    made->hands[w].sum = swl_arena_take(arena, dim, sizeof(double));
    if (!made->hands[w].sum) return SWALE_ERROR_MEMORY;
  }
  for (size_t i = 0; i < samples; i++) {
    made->at[i] = swl_arena_take(arena, dim, sizeof(float));
    if (!made->at[i]) return SWALE_ERROR_MEMORY;
  }
  return SWALE_OK;
}

static swale_status tempered_create(const swl_sampling *sampling, void **self) {
  const swl_settings *settings = sampling->settings;
  const size_t dim = sampling->problem->dim;
  swl_arena *arena = sampling->arena;
  SWL_TRY(swl_chains_check(sampling));
  tempered *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->sampling = *sampling;
  made->populations = (size_t)settings->chains;
  made->size = (size_t)(settings->samples / settings->chains);
  made->stages = (size_t)settings->stages;
  made->moves = (size_t)settings->moves;
  made->beta = settings->beta.automatic ? 1 : settings->beta.value;
  made->means = swl_arena_take(arena, made->populations * dim, sizeof *made->means);
  made->reports = swl_arena_take(arena, made->populations, sizeof *made->reports);
  made->shares = swl_arena_take(arena, made->populations, sizeof *made->shares);
  made->apart = swl_arena_take(arena, swl_tiles(dim), sizeof *made->apart);
  if (!made->means || !made->reports || !made->shares || !made->apart) return SWALE_ERROR_MEMORY;
  SWL_TRY(tempered_create_particles(made));
  *self = made;
  return SWALE_OK;
}

/* The walker begins to work for a population; tempered_count takes its counts. */
static swl_walker *tempered_hand_of(const tempered *self, size_t worker) {
  swl_walker *walker = &self->hands[worker].walker;
  walker->x = self->step->x;
  walker->scale = sqrt(self->step->tau);
  walker->beta = self->t * self->beta;
  walker->evaluations = walker->rejected = 0;
  walker->accepted = walker->proposals = 0;
  return walker;
}

static void tempered_count(const swl_walker *walker, tempered_report *report) {
  report->accepted += walker->accepted;
  report->proposals += walker->proposals;
  report->evaluations += walker->evaluations;
  report->rejected += walker->rejected;
}

/* The walker is particle i (of all); `number` is that of its step. tempered_leave puts it back. */
static void tempered_enter(const tempered *self, size_t i, size_t number, swl_walker *walker) {
  const size_t particle = self->step->round * self->populations * self->size + i;
  swl_chains_streams(&self->sampling, self->step->update, particle, (uint32_t)number, walker);
  walker->u = self->at[i];
  walker->loss = self->loss[i];
}

static void tempered_leave(const tempered *self, size_t i, const swl_walker *walker) {
  self->at[i] = walker->u;
  self->loss[i] = walker->loss;
}

static swale_status tempered_start(void *pointer, size_t worker, size_t population) {
  const tempered *self = pointer;
  swl_walker *walker = tempered_hand_of(self, worker);
  for (size_t i = population * self->size; i < (population + 1) * self->size; i++) { /* (1) */
    tempered_enter(self, i, 0, walker);
    SWL_TRY(swl_walker_draw(walker));
    tempered_leave(self, i, walker);
  }
  self->reports[population] = (tempered_report){.log_z = 0};
  tempered_count(walker, &self->reports[population]);
  return SWALE_OK;
}

/* Least finite loss of `count` particles from `first` on; inf if there is none. */
static double tempered_low(const tempered *self, size_t first, size_t count) {
  double low = INFINITY;
  for (size_t i = first; i < first + count; i++) low = self->loss[i] < low ? self->loss[i] : low;
  return low;
}

/* ESS over number of the finite particles, were t to rise so far. */
static double tempered_efficiency(const tempered *self, double low, double rise) {
  double sum = 0, square = 0, finite = 0;
  for (size_t i = 0; i < self->populations * self->size; i++) {
    if (isnan(self->loss[i])) continue;
    const double v = exp(-rise * self->beta * (self->loss[i] - low));
    sum += v;
    square += v * v;
    finite += 1;
  }
  return sum * sum / (finite * square);
}

/* (2): how far t may rise, at most 1 - t */
static double tempered_rise(const tempered *self) {
  const double low = tempered_low(self, 0, self->populations * self->size), rest = 1 - self->t;
  double high = log(rest), least = high + log(TEMPERED_LEAST);
  if (self->stage + 1 >= self->stages || tempered_efficiency(self, low, rest) >= TEMPERED_ESS) return rest;
  for (int i = 0; i < TEMPERED_BISECTIONS; i++) {
    const double middle = 0.5 * (least + high);
    if (tempered_efficiency(self, low, exp(middle)) >= TEMPERED_ESS)
      least = middle;
    else
      high = middle;
  }
  return exp(least);
}

/* (3): weights of the particles from `first` on, and the log of their mean. */
static double tempered_weigh(const tempered *self, size_t first, double low) {
  double mean = 0;
  for (size_t i = first; i < first + self->size; i++) {
    const int finite = !isnan(self->loss[i]);
    self->weight[i] = finite ? expm1(-self->rise * self->beta * (self->loss[i] - low)) : -1;
    mean += self->weight[i] / (double)self->size;
  }
  return log1p(mean) - self->rise * self->beta * low;
}

/* (4): particle i goes on in as many copies as there are points chance + k, k = 0, 1, 2 …, in its part of the line of
 * weights of length N. A particle without copies makes room for one of those with more than one. */
static void tempered_resample(const tempered *self, size_t first, double chance) {
  const size_t dim = self->sampling.problem->dim, size = self->size;
  const double *weight = self->weight + first;
  size_t *copies = self->copies + first, made = 0, heaviest = 0;
  double total = 0, reached = 0;
  for (size_t i = 0; i < size; i++) {
    total += 1 + weight[i];
    if (weight[i] > weight[heaviest]) heaviest = i;
  }
  for (size_t i = 0; i < size; i++) {
    reached += (1 + weight[i]) / total * (double)size;
    copies[i] = 0;
    for (; made < size && chance + (double)made < reached; made++) copies[i]++;
  }
  copies[heaviest] += size - made; /* the last point may be lost in rounding */
  for (size_t from = 0, to = 0; from < size; from++) {
    for (; copies[from] > 1; copies[from]--) {
      while (copies[to] > 0) to++;
      memcpy(self->at[first + to], self->at[first + from], dim * sizeof(float));
      self->loss[first + to] = self->loss[first + from];
      copies[to] = 1;
    }
  }
}

/* (5); at t = 1 the states count. */
static swale_status tempered_move(const tempered *self, size_t population, tempered_hand *hand,
                                  tempered_report *report) {
  const size_t dim = self->sampling.problem->dim, first = population * self->size;
  const double states = (double)(self->size * self->moves);
  double probability = 0;
  memset(hand->sum, 0, dim * sizeof *hand->sum);
  for (size_t i = first; i < first + self->size; i++) {
    for (size_t m = 0; m < self->moves; m++) {
      tempered_enter(self, i, 1 + self->stage * self->moves + m, &hand->walker);
      SWL_TRY(swl_transition_elliptical.move(&hand->walker, 0, &probability));
      tempered_leave(self, i, &hand->walker);
      if (self->t < 1) continue;
      for (size_t k = 0; k < dim; k++) hand->sum[k] += self->at[i][k];
      report->loss += self->loss[i] / states;
      report->square += self->loss[i] * self->loss[i] / states;
    }
  }
  float *mean = self->means + population * dim;
  for (size_t k = 0; self->t >= 1 && k < dim; k++) mean[k] = (float)(hand->sum[k] / states);
  return SWALE_OK;
}

static swale_status tempered_stage(void *pointer, size_t worker, size_t population) {
  const tempered *self = pointer;
  const size_t first = population * self->size, dim = self->sampling.problem->dim;
  tempered_report *report = &self->reports[population];
  const double low = tempered_low(self, first, self->size);
  if (!isfinite(low)) {
    report->log_z = -(double)INFINITY;
    memset(self->means + population * dim, 0, dim * sizeof *self->means);
    return SWALE_OK;
  }
  report->log_z += tempered_weigh(self, first, low);
  const swl_stream chance = swl_stream_make(swl_settings_key(self->sampling.settings), SWL_PURPOSE_RESAMPLE,
                                            self->step->update, self->step->round * self->populations + population,
                                            (uint32_t)self->stage);
  tempered_resample(self, first, swl_uniform(&chance, 0));
  swl_walker *walker = tempered_hand_of(self, worker);
  SWL_TRY(tempered_move(self, population, &self->hands[worker], report));
  tempered_count(walker, report);
  return SWALE_OK;
}

/* W_c, and log of the mean of Z_c. */
static double tempered_share(tempered *self) {
  double high = -(double)INFINITY, sum = 0;
  for (size_t c = 0; c < self->populations; c++) high = fmax(high, self->reports[c].log_z);
  for (size_t c = 0; c < self->populations; c++) {
    self->shares[c] = exp(self->reports[c].log_z - high);
    sum += expm1(self->reports[c].log_z - high);
  }
  const double populations = (double)self->populations;
  for (size_t c = 0; c < self->populations; c++) self->shares[c] /= populations + sum;
  return high + log1p(sum / populations);
}

static swale_status tempered_tile(void *pointer, size_t worker, size_t tile) {
  const tempered *self = pointer;
  const size_t dim = self->sampling.problem->dim;
  const swl_range range = swl_tile_range(dim, tile);
  const double scale = -1 / (sqrt(self->step->tau) * self->beta);
  double apart = 0;
  (void)worker;
  for (size_t i = range.first; i < range.end; i++) {
    double mean = 0;
    for (size_t c = 0; c < self->populations; c++) mean += self->shares[c] * self->means[c * dim + i]; /* (6) */
    for (size_t c = 0; c < self->populations; c++) {                                                   /* (7) */
      const double away = self->shares[c] * (self->means[c * dim + i] - mean);
      apart += away * away;
    }
    self->step->gradient[i] = (float)(scale * mean);
  }
  self->apart[tile] = apart;
  return SWALE_OK;
}

/* Losses, values and how well it mixed. */
static void tempered_measure(const tempered *self, double log_z, swl_step *step) {
  const double count = (double)self->populations, particles = count * (double)self->size;
  const double few = count / (count - 1); /* inf for one population: its errors are then not a number */
  swl_tilt tilt = {.beta = self->beta, .value = -log_z / self->beta};
  double square = 0, even = 0, kish = 0, apart = 0, accepted = 0, proposals = 0;
  for (size_t c = 0; c < self->populations; c++) {
    const tempered_report *one = &self->reports[c];
    const double share = self->shares[c], off = share - 1 / count;
    tilt.loss += share * one->loss;
    tilt.rejected += one->rejected;
    square += share * one->square;
    even += off * off;
    kish += share * share;
    accepted += one->accepted;
    proposals += one->proposals;
  }
  for (size_t c = 0; c < self->populations; c++) {
    const double away = self->shares[c] * (self->reports[c].loss - tilt.loss);
    apart += away * away;
  }
  const double variance = fmax(square - tilt.loss * tilt.loss, 0);
  tilt.loss_se = sqrt(few * apart);
  tilt.value_se = 2 / kish >= count ? sqrt(few * even) / self->beta : (double)NAN; /* else a few carry it all */
  tilt.ess = fmin(variance / (tilt.loss_se * tilt.loss_se), particles);
  if (self->populations == 1 || !(variance > 0)) tilt.ess = NAN;
  step->tilt = tilt;
  step->mixing = (swl_mixing){proposals > 0 ? accepted / proposals : (double)NAN, particles / tilt.ess, NAN,
                              (double)self->stage};
}

static size_t tempered_evaluations(const tempered *self) {
  size_t sum = 0;
  for (size_t c = 0; c < self->populations; c++) sum += self->reports[c].evaluations;
  return sum;
}

/* Is t = 1 out of reach? `before` was t before the last temperature. */
static int tempered_hopeless(const tempered *self, double before) {
  const double most = (double)self->step->most, taken = (double)tempered_evaluations(self);
  if (self->step->most == 0 || self->t >= 1) return 0;
  const double made = (double)(self->stage + 1),
               rest = made < TEMPERED_PACE ? 0 : log(1 / self->t) / log(self->t / before);
  return taken >= most || taken * (1 + rest / made) > 2 * most;
}

static swale_status tempered_draw(void *pointer, swl_step *step) {
  tempered *self = pointer;
  const swl_sampling *with = &self->sampling;
  const size_t dim = with->problem->dim, tiles = swl_tiles(dim), all = self->populations;
  const double count = (double)all;
  const swl_dealt seen[] = {SWL_DEALT(self->size, self->loss), SWL_DEALT(1, self->reports)};
  const swl_dealt found[] = {{step->gradient, SWL_TILE * sizeof(float), dim * sizeof(float)},
                             SWL_DEALT(1, self->apart)};
  double apart = 0;
  self->step = step;
  self->t = 0;
  SWL_TRY(swl_team_deal(with->team, all, all, tempered_start, self, 2, seen));
  if (!isfinite(tempered_low(self, 0, self->populations * self->size))) {
    return swl_fail(with->context, SWALE_ERROR_NUMERIC, "sampler tempered: none of the losses of %zu draws is finite",
                    self->populations * self->size);
  }
  for (self->stage = 0; self->t < 1; self->stage++) {
    const double before = self->t;
    self->rise = tempered_rise(self);
    self->t = self->rise >= 1 - self->t ? 1 : self->t + self->rise;
    SWL_TRY(swl_team_deal(with->team, all, all, tempered_stage, self, 2, seen));
    if (!tempered_hopeless(self, before)) continue;
    step->tilt = SWL_TILT_NONE;
    step->draws = tempered_evaluations(self);
    return SWALE_OK;
  }
  const double log_z = tempered_share(self);
  SWL_TRY(swl_team_turn(with->team, all, all, self->means, dim * sizeof(float), SWL_TILE * sizeof(float), NULL, NULL));
  SWL_TRY(swl_team_deal(with->team, tiles, tiles, tempered_tile, self, 2, found));
  for (size_t i = 0; i < tiles; i++) apart += self->apart[i];
  tempered_measure(self, log_z, step);
  step->noise = count > 1 ? apart * count / ((count - 1) * self->beta * self->beta) : 0;
  step->draws = tempered_evaluations(self);
  return SWALE_OK;
}

const swl_sampler_ops swl_sampler_tempered = {
    .head = {"tempered", "particles from the Gaussian to the tilted density by steps of temperature; losses only",
             "Del Moral, Doucet, Jasra 2006; Zhou, Johansen, Aston 2016"},
    .chains = 1,
    .create = tempered_create,
    .draw = tempered_draw,
};
