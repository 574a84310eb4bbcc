/* langevin.c - Langevin chains on the tilted density q, their Gaussian part exact.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §4.1 (SGLD: Welling, Teh 2011); exponential integrator of the
 *         Ornstein-Uhlenbeck part; MATH §6.2, control variate §6.5.
 *
 * computes  E_q X by chains of  dY = -[beta grad f(Y) + (Y - x)/tau] dt + sqrt(2) dW.  With h the step in units of tau
 *           and a = exp(-h):
 *
 *             y' = x + a (y - x) - tau (1 - a) beta grad f(y) + sqrt(tau (1 - a²)) xi
 *
 *           leaves N(x, tau I) invariant at every h when f = 0. Write y - x = u + v, where u is the chain of f = 0 driven
 *           by the same noise, u' = a u + sqrt(tau (1 - a²)) xi, stationary with mean 0. Then
 *
 *             v' = a v - tau (1 - a) beta grad f(x + u + v),   v_0 = 0
 *
 *           and E_q X - x is estimated by the mean of v (control variate) or of u + v. Along a direction of curvature k
 *           the variance of the mean of v is (tau beta k)² times that of u + v for long chains: the control variate helps
 *           below tau beta k = 1 and hurts above. For a quadratic f the fixed point of E v is the exact E_q X - x at
 *           every h; otherwise the bias is O(h).
 *
 *   symbol | code   | shape        | meaning
 *   -------|--------|--------------|------------------------------------------
 *   u, v   | u, v   | dim          | the two parts of a chain's position
 *   xi     | z      | dim          | standard normals of one step
 *          | parts  | shards × dim | sums over the chains of a shard
 *
 * steps     per chain: (1) u = sqrt(tau) Z, v = 0 (2) gradient at x + u + v (3) move v, then u (4) after the burn-in,
 *           add to the shard's sum. Then (5) combine the shards by the fixed tree (6) the error, from the differences of
 *           the chains.
 *           The gradient at the first point gives f there: the chains' first points are independent draws of N(x, tau I)
 *           and give the value F_LE / beta with its standard error.
 * cost      samples gradients per update (samples / chains steps of each chain) and as many × dim normals. Memory: 5 dim
 *           floats and dim doubles per worker, shards × dim doubles.
 * randomness  SWL_PURPOSE_CHAIN by (update, (round × chains + chain) × (steps + 1) + step).
 *           A loss or gradient that is not finite ends the update with SWALE_ERROR_NUMERIC: a chain cannot leave it.
 * deviates  the paper runs one chain with an Euler step; here chains = 1, control = false is closest to it.
 */
#include "random/gaussian.h"
#include "sampler/chains.h"
#include "sampler/mixing.h"

#include <math.h>
#include <string.h>

typedef struct langevin_scratch {
  float *u, *v, *y, *slope, *z; /* dim each */
  double *sum;                  /* dim: over the kept steps of the running chain */
} langevin_scratch;

typedef struct langevin {
  swl_sampling sampling;
  size_t chains, steps, burn, shards; /* steps per chain, of which `burn` are left out */
  double *parts;                      /* shards × dim */
  double *first;                      /* chains: the loss at each chain's first point */
  double *weights;                    /* chains: scratch of the tilt */
  double *trace;                      /* chains × (steps - burn): losses at the kept steps */
  double *squares;                    /* chains: |m_c|², m_c the mean over the kept steps of chain c */
  double *tiles;                      /* tiles of dim: scratch of the sum */
  langevin_scratch *scratch;          /* one per worker */
  const swl_step *step;               /* of the running call */
  double beta;
} langevin;

static swale_status langevin_create(const swl_sampling *sampling, void **self) {
  const swl_settings *settings = sampling->settings;
  const size_t workers = swl_team_size(sampling->team), dim = sampling->problem->dim;
  swl_arena *arena = sampling->arena;
  SWL_TRY(swl_chains_check(sampling));
  langevin *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->sampling = *sampling;
  made->chains = (size_t)settings->chains;
  made->steps = (size_t)(settings->samples / settings->chains);
  made->burn = (size_t)((double)made->steps * settings->burn);
  made->shards = (size_t)settings->shards < made->chains ? (size_t)settings->shards : made->chains;
  made->beta = settings->beta.automatic ? 1 : settings->beta.value;
  made->parts = swl_arena_take(arena, made->shards * dim, sizeof *made->parts);
  made->first = swl_arena_take(arena, made->chains, sizeof *made->first);
  made->weights = swl_arena_take(arena, made->chains, sizeof *made->weights);
  made->trace = swl_arena_take(arena, made->chains * (made->steps - made->burn), sizeof *made->trace);
  made->squares = swl_arena_take(arena, made->chains, sizeof *made->squares);
  made->tiles = swl_arena_take(arena, swl_tiles(dim), sizeof *made->tiles);
  made->scratch = swl_arena_take(arena, workers, sizeof *made->scratch);
  if (!made->parts || !made->first || !made->weights || !made->trace) return SWALE_ERROR_MEMORY;
  if (!made->squares || !made->tiles || !made->scratch) return SWALE_ERROR_MEMORY;
  for (size_t w = 0; w < workers; w++) {
    float **all[] = {&made->scratch[w].u, &made->scratch[w].v, &made->scratch[w].y, &made->scratch[w].slope,
                     &made->scratch[w].z};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
      *all[i] = swl_arena_take(arena, dim, sizeof(float));
      if (!*all[i]) return SWALE_ERROR_MEMORY;
    }
    made->scratch[w].sum = swl_arena_take(arena, dim, sizeof(double));
    if (!made->scratch[w].sum) return SWALE_ERROR_MEMORY;
  }
  *self = made;
  return SWALE_OK;
}

/* z = the normals of step `step` of chain `chain`; step 0 is the start. */
static void langevin_normals(const langevin *self, size_t chain, size_t step, float *z) {
  const size_t number = swl_chains_number(self->step->round, self->chains, chain, self->steps, step);
  swl_stream stream = swl_stream_make((uint64_t)self->sampling.settings->seed, SWL_PURPOSE_CHAIN, self->step->update,
                                      number, 0);
  stream.generator = swl_settings_generator(self->sampling.settings);
  swl_gaussian_fill(&stream, 0, self->sampling.problem->dim, z);
}

static swale_status langevin_chain(langevin *self, size_t worker, size_t chain, double *part) {
  swale_problem *problem = self->sampling.problem;
  const langevin_scratch *s = &self->scratch[worker];
  const size_t dim = problem->dim;
  const double tau = self->step->tau, a = exp(-self->sampling.settings->step.value);
  const float keep = (float)a, drift = (float)(tau * (1 - a) * self->beta);
  const float start = (float)sqrt(tau), diffuse = (float)sqrt(tau * (1 - a * a));
  const int control = self->sampling.settings->control;
  double *trace = self->trace + chain * (self->steps - self->burn), loss = 0;
  langevin_normals(self, chain, 0, s->z); /* (1) */
  for (size_t i = 0; i < dim; i++) s->u[i] = start * s->z[i];
  memset(s->v, 0, dim * sizeof *s->v);
  memset(s->sum, 0, dim * sizeof *s->sum);
  for (size_t t = 0; t < self->steps; t++) {
    for (size_t i = 0; i < dim; i++) s->y[i] = self->step->x[i] + (s->u[i] + s->v[i]);
    SWL_TRY(problem->ops->gradient(problem->self, worker, 0, s->y, s->slope, &loss)); /* (2) */
    if (t == 0) self->first[chain] = loss;
    langevin_normals(self, chain, t + 1, s->z);
    for (size_t i = 0; i < dim; i++) { /* (3) */
      s->v[i] = keep * s->v[i] - drift * s->slope[i];
      s->u[i] = keep * s->u[i] + diffuse * s->z[i];
    }
    if (t < self->burn) continue;
    trace[t - self->burn] = loss;
    for (size_t i = 0; i < dim; i++) { /* (4) */
      const double kept = control ? (double)s->v[i] : (double)s->u[i] + s->v[i];
      part[i] += kept;
      s->sum[i] += kept;
    }
  }
  const double count = (double)(self->steps - self->burn);
  double square = 0;
  for (size_t i = 0; i < dim; i++) square += s->sum[i] / count * (s->sum[i] / count);
  self->squares[chain] = square;
  return SWALE_OK;
}

static swale_status langevin_shard(void *pointer, size_t worker, size_t shard) {
  langevin *self = pointer;
  const size_t dim = self->sampling.problem->dim;
  const swl_range range = swl_shard_range(self->chains, self->shards, shard);
  double *part = self->parts + shard * dim;
  memset(part, 0, dim * sizeof *part);
  for (size_t chain = range.first; chain < range.end; chain++) SWL_TRY(langevin_chain(self, worker, chain, part));
  return SWALE_OK;
}

/* Value from the first points, mean loss and mixing from the kept steps. */
static swale_status langevin_statistics(langevin *self, swl_step *step) {
  const swl_sampling *with = &self->sampling;
  const swl_loss_table first = {
      .f = self->first, .samples = self->chains, .groups = 1, .shares = with->problem->shares, .antithetic = 0};
  swl_settings settings = *with->settings;
  settings.beta = (swl_auto){0, self->beta};
  SWL_TRY(with->regularizer->tilt(with->context, &settings, &first, self->weights, &step->tilt));
  swl_mixing_measure(self->chains, self->steps - self->burn, self->trace, &step->tilt, &step->mixing);
  step->mixing.step = with->settings->step.value;
  return SWALE_OK;
}

static swale_status langevin_draw(void *pointer, swl_step *step) {
  langevin *self = pointer;
  const swl_sampling *with = &self->sampling;
  const swl_dealt outputs[] = {SWL_DEALT(1, self->first), SWL_DEALT(self->steps - self->burn, self->trace),
                               SWL_DEALT(1, self->squares)};
  self->step = step;
  SWL_TRY(swl_team_deal(with->team, self->chains, self->shards, langevin_shard, self, 3, outputs));
  SWL_TRY(langevin_statistics(self, step));
  const double scale = -1 / ((double)(self->chains * (self->steps - self->burn)) * step->tau * self->beta);
  double together = 0, apart = 0; /* of the m_c: |Σ m_c|², Σ |m_c|² */
  SWL_TRY(swl_reduce_tree(with->team, self->shards, with->problem->dim, self->parts, scale, step->gradient, self->tiles,
                          &together)); /* (5) */
  for (size_t c = 0; c < self->chains; c++) apart += self->squares[c];
  const double kept = (double)(self->steps - self->burn);
  together /= kept * kept;
  step->noise = swl_chains_noise(self->chains, together, apart, self->beta * sqrt(step->tau)); /* (6) */
  step->draws = self->chains * self->steps;
  return SWALE_OK;
}

const swl_sampler_ops swl_sampler_langevin = {
    .name = "langevin",
    .brief = "Langevin chains on the tilted density; needs gradients",
    .source = "Welling, Teh 2011; García Trillos, Kaplan, Sanz-Alonso 2019",
    .chains = 1,
    .gradients = 1,
    .step = 0.5,
    .create = langevin_create,
    .draw = langevin_draw,
};
