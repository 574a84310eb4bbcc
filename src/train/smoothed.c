/* smoothed.c - F_H, F_LE / beta and the per-example local entropy at x, for a grid of tau.
 *
 * source: MATH §2, §3, §4, §6.1, §6.3.
 *
 * computes  from the same draws of N(x, tau I), over a subset of the examples, f = mean_b l_b:
 *
 *             heat           mean_j f_j
 *             local entropy  -log mean_j exp(-beta f_j) / beta
 *             per example    mean_b -log mean_j exp(-beta l_bj) / beta
 *
 *   symbol | code | shape              | meaning
 *   -------|------|--------------------|---------------------------------------------
 *   f_j    | f    | samples            | mean loss at draw j; NaN: not finite, weight 0
 *   l_bj   | each | samples × examples | loss of example b at draw j
 *
 * steps     (1) losses of all draws (2) heat and local entropy by their regularizers (3) per example, with the standard
 *           error of draws that all examples share: unit j counts mean_b u_bj / mean_j u_bj, u = exp(-beta l); not known
 *           where the effective draws of any example are too few (4) where the importance weights have too few of them
 *           (regularizer/local_entropy.c says when), the local entropy by the tempered sampler, if its particles take at
 *           most SMOOTHED_FLOATS floats and it arrives within the losses that SMOOTHED_WORK allows, what is left of it
 *           dealt evenly to the tau that are left: once with few moves, and again with SMOOTHED_LONGER times as many.
 *           Populations that share a bias do not show it: what the two differ by beyond their standard errors is added,
 *           squared, to the second's (5) per example <= local entropy <= heat within 3 standard errors.
 *           From the same draws (5) holds to rounding, whatever their number (Hölder and Jensen for their empirical
 *           measure): there it checks the program, and against a tempered estimate also the sampling.
 * cost      taus × samples evaluations of the subset; memory: samples × examples doubles.
 * randomness  SWL_PURPOSE_EVALUATE, update SWL_EVALUATE_SMOOTHED, draw or pair; the same for all tau. The tempered sampler
 *           has purposes of its own, by number of the tau.
 */
#include "train/evaluation_parts.h"

#include "noise/noise.h"
#include "sampler/sampler.h"
#include "variants.h"

#include <math.h>
#include <string.h>

#define SMOOTHED_TABLE 0x1p27  /* doubles: 1 GiB */
#define SMOOTHED_FLOATS 0x1p26 /* of particles: 256 MiB */
#define SMOOTHED_WORK                                                                                                  \
  3e11 /* multiply-adds of the tempered sampler over all tau: at worst some 40 seconds of one core */
#define SMOOTHED_LEAST_ESS 20.0 /* as in regularizer/local_entropy.c, of every example */
#define SMOOTHED_ERRORS 3.0     /* standard errors that the sandwich may miss by */
enum { SMOOTHED_PARTICLES = 64, SMOOTHED_POPULATIONS = 8, SMOOTHED_MOVES = 3, SMOOTHED_LONGER = 4 };
#define SMOOTHED_STEP 3.0  /* heuristic: losses of an elliptical step, which takes 2 to 5 */
#define SMOOTHED_RISE 0.65 /* a temperature raises t beta by this / sd(f) where f is normal: conditional ESS 0.7 */

typedef struct smoothed {
  swale_evaluation *evaluation;
  swale_problem *problem; /* the subset, for the tempered sampler; NULL until it is needed */
  size_t samples;
  double tau; /* of the running row */
  double beta;
  swl_assessment *seen; /* samples */
  double *f, *each;
  double *units; /* draws or pairs: what each counts */
  const swl_sampler_ops *tempered;
  void *tempered_self[2];            /* with few moves, and with more; NULL until they are needed */
  swl_settings tempered_settings[2]; /* theirs */
  double taken;                      /* losses by the tempered sampler so far */
  float *gradient;                   /* dim */
} smoothed;

static void smoothed_point(const void *pointer, size_t item, const float *x, float *point) {
  const smoothed *self = pointer;
  const swl_settings *settings = &self->evaluation->settings;
  const size_t step = settings->antithetic ? 2 : 1;
  const swl_stream stream = swl_stream_make(swl_settings_key(settings), SWL_PURPOSE_EVALUATE, SWL_EVALUATE_SMOOTHED,
                                            item / step, 0);
  const float scale = (item % step ? -1 : 1) * (float)sqrt(self->tau);
  swl_probe_perturb(&stream, self->evaluation->setup.network.dim, scale, x, point);
}

/* (3) `units` get Σ_b u_bj / mean_j u_bj, over the members of a pair. */
static swl_mean smoothed_per_example(smoothed *self) {
  const size_t samples = self->samples, examples = self->evaluation->subset.count;
  const size_t step = self->evaluation->settings.antithetic ? 2 : 1, units = samples / step;
  const double share = 1 / (double)examples;
  double value = 0, ess = INFINITY;
  memset(self->units, 0, units * sizeof *self->units);
  for (size_t b = 0; b < examples; b++) {
    double low = INFINITY, mean = 0, square = 0;
    for (size_t j = 0; j < samples; j++) {
      const double l = self->each[j * examples + b];
      if (isfinite(l) && l < low) low = l;
    }
    if (!isfinite(low)) return (swl_mean){NAN, NAN};
    for (size_t j = 0; j < samples; j++) {
      double *l = &self->each[j * examples + b];
      *l = isfinite(*l) ? exp(-self->beta * (*l - low)) : 0; /* u; the losses are not needed any more */
      mean += *l / (double)samples;
      square += *l * *l / (double)samples;
    }
    value += share * (low - log(mean) / self->beta);
    ess = fmin(ess, (double)samples * mean * mean / square);
    for (size_t j = 0; j < samples; j++) {
      self->units[j / step] += share * self->each[j * examples + b] / (mean * (double)step);
    }
  }
  return (swl_mean){value, ess >= SMOOTHED_LEAST_ESS ? swl_mean_of(units, self->units).se / self->beta : (double)NAN};
}

/* Losses that a row may take with few moves: what is left of SMOOTHED_WORK is dealt evenly to the rows that are left. */
static double smoothed_losses(const smoothed *self, size_t row) {
  const swale_evaluation *evaluation = self->evaluation;
  const double one = (double)evaluation->setup.network.dim * (double)evaluation->subset.count;
  const double left = fmax(SMOOTHED_WORK / one - self->taken, 0);
  return floor(left / ((1 + SMOOTHED_LONGER) * (double)(evaluation->taus.count - row)));
}

/* Temperatures that this is enough for. */
static double smoothed_stages(const smoothed *self, size_t row) {
  const double stage = SMOOTHED_PARTICLES * SMOOTHED_MOVES * SMOOTHED_STEP;
  return fmin(floor(smoothed_losses(self, row) / stage), (double)self->evaluation->settings.stages);
}

static swale_status smoothed_open(smoothed *self) {
  swale_evaluation *evaluation = self->evaluation;
  for (int i = 0; i < 2; i++) {
    swl_settings *settings = &self->tempered_settings[i];
    *settings = evaluation->settings;
    settings->samples = SMOOTHED_PARTICLES;
    settings->chains = SMOOTHED_POPULATIONS;
    settings->moves = i ? SMOOTHED_LONGER * SMOOTHED_MOVES : SMOOTHED_MOVES;
    strcpy(settings->sampler, "tempered");
  }
  const swl_settings *first = &self->tempered_settings[0];
  self->tempered = swl_find_sampler(evaluation->context, first->sampler);
  if (!self->tempered) return SWALE_ERROR_USAGE;
  self->gradient = swl_arena_take(evaluation->arena, evaluation->setup.network.dim, sizeof *self->gradient);
  if (!self->gradient) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_network_problem_create(evaluation->context, first, &evaluation->setup.network, &evaluation->subset,
                                     swl_team_size(evaluation->team), 0, &self->problem));
  for (int i = 0; i < 2; i++) {
    const swl_sampling sampling = {.context = evaluation->context,
                                   .arena = evaluation->arena,
                                   .settings = &self->tempered_settings[i],
                                   .problem = self->problem,
                                   .team = evaluation->team,
                                   .regularizer = &swl_regularizer_local_entropy};
    SWL_TRY(self->tempered->create(&sampling, &self->tempered_self[i]));
  }
  return SWALE_OK;
}

/* One estimate for a row, with few moves or with more; *arrived = 0 where its losses did not suffice. */
static swale_status smoothed_estimate(smoothed *self, size_t row, double losses, int more, swl_tilt *tilt,
                                      int *arrived) {
  swale_evaluation *evaluation = self->evaluation;
  swl_step step = {.update = row + (more ? evaluation->taus.count : 0),
                   .tau = self->tau,
                   .x = evaluation->setup.x,
                   .most = (size_t)(losses * (more ? SMOOTHED_LONGER : 1)),
                   .gradient = self->gradient};
  SWL_TRY(self->tempered->draw(self->tempered_self[more], &step));
  *tilt = step.tilt;
  self->taken += (double)step.draws;
  *arrived = !isnan(step.tilt.value) &&
             step.mixing.stages < (double)evaluation->settings.stages; /* the last may have jumped */
  return SWALE_OK;
}

/* (4) */
static swale_status smoothed_temper(smoothed *self, size_t row, double rise, double *cells) {
  swale_evaluation *evaluation = self->evaluation;
  const double dim = (double)evaluation->setup.network.dim, most = smoothed_stages(self, row);
  const double least = 1 +
                       log(fmax(self->beta * rise / SMOOTHED_RISE, 1)); /* f falls as fast as that of a paraboloid */
  char *note = evaluation->notes[row];
  cells[SWALE_COLUMN_TEMPERED] = NAN;
  if (evaluation->settings.beta.automatic) {
    snprintf(note, SWL_NOTE_MAX, "the tempered sampler was not used: it needs a number for beta");
    return SWALE_OK;
  }
  if (2 * SMOOTHED_PARTICLES * dim > SMOOTHED_FLOATS) {
    snprintf(note, SWL_NOTE_MAX,
             "the tempered sampler was not used: twice %d particles of %.0f parameters take more than 256 MiB",
             SMOOTHED_PARTICLES, dim);
    return SWALE_OK;
  }
  if (!(least <= most)) {
    snprintf(
        note, SWL_NOTE_MAX,
        "the tempered sampler was not used: it would take %.0f temperatures or more, and %.0f is what its work allows",
        ceil(least), most);
    return SWALE_OK;
  }
  if (!self->problem) SWL_TRY(smoothed_open(self));
  swl_tilt few, more;
  int arrived = 0;
  const double losses = smoothed_losses(self, row);
  SWL_TRY(smoothed_estimate(self, row, losses, 0, &few, &arrived));
  if (arrived) SWL_TRY(smoothed_estimate(self, row, losses, 1, &more, &arrived));
  if (!arrived) {
    snprintf(note, SWL_NOTE_MAX,
             "the tempered sampler did not arrive within the %.0f temperatures that its work allows", most);
    return SWALE_OK;
  }
  const double apart = more.value - few.value, error = more.value_se * more.value_se;
  const double shared = fmax(apart * apart - few.value_se * few.value_se - error,
                             0); /* NaN is nothing: then error is one */
  cells[SWALE_COLUMN_LOCAL_ENTROPY] = more.value;
  cells[SWALE_COLUMN_LOCAL_ENTROPY_SE] = isnan(few.value_se) ? NAN : sqrt(error + shared);
  cells[SWALE_COLUMN_TEMPERED] = 1;
  return SWALE_OK;
}

/* (5) NaN where an error is not known. */
static double smoothed_sandwich(const double *cells) {
  static const int order[] = {SWALE_COLUMN_PER_EXAMPLE, SWALE_COLUMN_LOCAL_ENTROPY, SWALE_COLUMN_HEAT};
  double holds = 1;
  for (int i = 0; i < 2; i++) {
    const double low = cells[order[i]], high = cells[order[i + 1]];
    const double error = hypot(cells[order[i] + 1], cells[order[i + 1] + 1]);
    const double rounding = 1e-9 * (fabs(low) + fabs(high));
    if (isnan(low) || isnan(high) || isnan(error)) return NAN;
    if (low > high + SMOOTHED_ERRORS * error + rounding) holds = 0;
  }
  return holds;
}

static swale_status smoothed_row(smoothed *self, size_t row) {
  swale_evaluation *evaluation = self->evaluation;
  static const double whole[] = {1};
  const swl_settings *settings = &evaluation->settings;
  const swl_loss_table table = {
      .f = self->f, .samples = self->samples, .groups = 1, .shares = whole, .antithetic = settings->antithetic};
  double *cells = evaluation->sections[SWALE_SECTION_TAU].cells[row], square = 0;
  swl_tilt entropy, heat;
  self->tau = evaluation->taus.values[row];
  SWL_TRY(swl_probe_run(evaluation->probe, evaluation->setup.x, &evaluation->subset, self->samples, smoothed_point,
                        self, self->seen, self->each)); /* (1) */
  for (size_t j = 0; j < self->samples; j++) self->f[j] = self->seen[j].loss;
  SWL_TRY(swl_regularizer_local_entropy.tilt(evaluation->context, settings, settings->beta, &table, NULL,
                                             &entropy)); /* (2) */
  SWL_TRY(swl_regularizer_heat.tilt(evaluation->context, settings, settings->beta, &table, NULL, &heat));
  for (size_t j = 0; j < self->samples; j++) {
    const double away = isfinite(self->f[j]) ? self->f[j] - heat.value : 0;
    square += away * away;
  }
  self->beta = entropy.beta;
  const swl_mean each = smoothed_per_example(self);
  cells[SWALE_COLUMN_LEVEL] = self->tau;
  cells[SWALE_COLUMN_BETA] = entropy.beta;
  cells[SWALE_COLUMN_HEAT] = heat.value;
  cells[SWALE_COLUMN_HEAT_SE] = heat.value_se;
  cells[SWALE_COLUMN_LOCAL_ENTROPY] = cells[SWALE_COLUMN_IMPORTANCE] = entropy.value;
  cells[SWALE_COLUMN_LOCAL_ENTROPY_SE] = entropy.value_se;
  cells[SWALE_COLUMN_PER_EXAMPLE] = each.mean;
  cells[SWALE_COLUMN_PER_EXAMPLE_SE] = each.se;
  cells[SWALE_COLUMN_ESS] = entropy.ess;
  cells[SWALE_COLUMN_TEMPERED] = 0;
  cells[SWALE_COLUMN_DRAWS] = (double)(self->samples - heat.rejected);
  if (isnan(entropy.value_se)) {
    SWL_TRY(smoothed_temper(self, row, sqrt(square / (double)self->samples), cells));
  }
  cells[SWALE_COLUMN_SANDWICH] = smoothed_sandwich(cells);
  return SWALE_OK;
}

static swale_status smoothed_create(smoothed *self) {
  swale_evaluation *evaluation = self->evaluation;
  const size_t samples = self->samples, examples = evaluation->subset.count;
  if (evaluation->settings.antithetic && samples % 2 != 0) {
    return swl_fail(evaluation->context, SWALE_ERROR_USAGE,
                    "option samples: %zu is odd; antithetic pairs need an even number (or set antithetic = false)",
                    samples);
  }
  if ((double)samples * (double)examples > SMOOTHED_TABLE) {
    return swl_fail(evaluation->context, SWALE_ERROR_USAGE,
                    "option samples: %zu draws of the losses of %zu examples take more than 1 GiB; use fewer (option "
                    "examples)",
                    samples, examples);
  }
  self->seen = swl_arena_take(evaluation->arena, samples, sizeof *self->seen);
  self->f = swl_arena_take(evaluation->arena, samples, sizeof *self->f);
  self->units = swl_arena_take(evaluation->arena, samples, sizeof *self->units);
  self->each = swl_arena_take(evaluation->arena, samples * examples, sizeof *self->each);
  evaluation->notes = swl_arena_take(evaluation->arena, evaluation->taus.count, sizeof *evaluation->notes);
  if (!self->seen || !self->f || !self->units || !self->each || !evaluation->notes) return SWALE_ERROR_MEMORY;
  return swl_evaluation_section(evaluation, SWALE_SECTION_TAU, evaluation->taus.count);
}

swale_status swl_evaluate_smoothed(swale_evaluation *evaluation) {
  const swl_settings *settings = &evaluation->settings;
  smoothed self = {.evaluation = evaluation, .samples = (size_t)settings->samples};
  evaluation->tempered_samples = SMOOTHED_PARTICLES;
  SWL_TRY(smoothed_create(&self));
  swale_status status = SWALE_OK;
  for (size_t row = 0; row < evaluation->taus.count && status == SWALE_OK; row++) status = smoothed_row(&self, row);
  swale_problem_destroy(self.problem);
  return status;
}
