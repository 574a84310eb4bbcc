/* entropy_sgd.c - the inner loop of Entropy-SGD: one chain from x, a batch per step, a running mean.
 *
 * source: Chaudhari, Choromanska, Soatto, LeCun, Baldassi, Borgs, Chayes, Sagun, Zecchina 2017, "Entropy-SGD: Biasing
 *         Gradient Descent Into Wide Valleys", algorithm 1; scoping: §4.3. SGLD: Welling, Teh 2011.
 *
 * computes  y = mu = x, then `samples` times, each with a batch of its own,
 *
 *             y  <- y - eta' [grad f(y) + gamma (y - x)] + sqrt(eta') epsilon xi
 *             mu <- (1 - alpha) mu + alpha y
 *
 *           and the gradient gamma (x - mu). With optimizer = sgd and momentum = 0 the update is the paper's line 7,
 *           x <- x - eta gamma (x - mu), eta the option rate; with optimizer = matching and rate 1 it is x <- mu.
 *           The density that the steps sample is q of MATH §2: with beta = 2 / epsilon² and gamma = 1 / (tau beta) they are
 *           y <- y - h [tau beta grad f(y) + (y - x)] + sqrt(2 h tau) xi at h = eta' gamma.
 *
 *   symbol  | code   | shape | meaning
 *   --------|--------|-------|---------------------------------------------------------------
 *   y - x   | u      | dim   | the chain, from x
 *   mu - x  | mean   | dim   | its running mean
 *   h       | h      |       | time step in units of tau: step tau_0 / tau, but at most 1
 *   eta'    | drift  |       | h tau beta = step tau_0 beta
 *   alpha   | alpha  |       | weight of the newest point
 *   L       | steps  |       | samples
 *   xi      | z      | dim   | standard normals of one step
 *
 * steps     per inner step: (1) its batch, number update × L + l (2) gradient at y (3) move (4) running mean. Then (5) the
 *           gradient of F / beta, gamma (x - mu).
 *           Scoping, gamma_k = gamma_0 (1 + gamma_1)^k, is tau-schedule = scoping with 1 - scoping-rate = 1 / (1 + gamma_1);
 *           eta' stays what it was, as in the paper.
 * cost      L gradients and L × dim normals per update, one after the other; 5 dim floats. An update passes L batches, so
 *           that the option epochs counts a pass over the data L times.
 * randomness  SWL_PURPOSE_CHAIN by (update, round × (L + 1) + step), steps from 1.
 * deviates  h is at most 1: there y forgets where it was, beyond 2 Euler's step explodes. Weight decay is the optimizer's,
 *           and momentum is heavy ball instead of Nesterov's. F_LE itself is not estimated: the chain gives the loss along it.
 */
#include "random/gaussian.h"
#include "sampler/chains.h"
#include "sampler/mixing.h"

#include <math.h>
#include <string.h>

typedef struct entropy_sgd {
  swl_sampling sampling;
  size_t steps; /* L */
  double beta;
  float *u, *mean, *y, *slope, *z; /* dim each */
  double *trace;                   /* L: losses */
  size_t at;                       /* of the running step */
} entropy_sgd;

static swale_status entropy_sgd_create(const swl_sampling *sampling, void **self) {
  const swl_settings *settings = sampling->settings;
  swl_arena *arena = sampling->arena;
  SWL_TRY(swl_chains_check_target(sampling));
  if (settings->step.value > 1) {
    return swl_fail(sampling->context, SWALE_ERROR_USAGE,
                    "option step: %g; Euler's steps of sampler entropy-sgd are not stable there; allowed is at most 1",
                    settings->step.value);
  }
  entropy_sgd *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->sampling = *sampling;
  made->steps = (size_t)settings->samples;
  made->beta = settings->beta.automatic ? 1 : settings->beta.value;
  float **all[] = {&made->u, &made->mean, &made->y, &made->slope, &made->z};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    *all[i] = swl_arena_take(arena, sampling->problem->dim, sizeof(float));
    if (!*all[i]) return SWALE_ERROR_MEMORY;
  }
  made->trace = swl_arena_take(arena, made->steps, sizeof *made->trace);
  if (!made->trace) return SWALE_ERROR_MEMORY;
  *self = made;
  return SWALE_OK;
}

static swale_status entropy_sgd_gradient(void *pointer, size_t worker, size_t item) {
  entropy_sgd *self = pointer;
  swale_problem *problem = self->sampling.problem;
  (void)item;
  return problem->ops->gradient(problem->self, worker, 0, self->y, self->slope, &self->trace[self->at]);
}

static void entropy_sgd_normals(const entropy_sgd *self, const swl_step *step) {
  const size_t number = swl_chains_number(step->round, 1, 0, self->steps, self->at + 1);
  const swl_stream stream = swl_stream_make(swl_settings_key(self->sampling.settings), SWL_PURPOSE_CHAIN, step->update,
                                            number, 0);
  swl_gaussian_fill(&stream, 0, self->sampling.problem->dim, self->z);
}

static swale_status entropy_sgd_draw(void *pointer, swl_step *step) {
  entropy_sgd *self = pointer;
  const swl_sampling *with = &self->sampling;
  const swl_settings *settings = with->settings;
  swale_problem *problem = with->problem;
  const size_t dim = problem->dim;
  const double h = fmin(settings->step.value * settings->tau / step->tau, 1);
  const float keep = (float)(1 - h), drift = (float)(h * step->tau * self->beta);
  const float diffuse = (float)sqrt(2 * h * step->tau), alpha = (float)settings->alpha;
  memset(self->u, 0, dim * sizeof *self->u);
  memset(self->mean, 0, dim * sizeof *self->mean);
  for (self->at = 0; self->at < self->steps; self->at++) {
    if (problem->ops->prepare)
      problem->ops->prepare(problem->self, with->team, swl_everything, step->update * self->steps + self->at); /* (1) */
    for (size_t i = 0; i < dim; i++) self->y[i] = step->x[i] + self->u[i];
    SWL_TRY(swl_team_run(with->team, 1, entropy_sgd_gradient, self)); /* (2) */
    if (!isfinite(self->trace[self->at])) {
      return swl_fail(with->context, SWALE_ERROR_NUMERIC,
                      "sampler entropy-sgd: the loss of step %zu is %g, and nothing is rejected; use a smaller step",
                      self->at + 1, self->trace[self->at]);
    }
    entropy_sgd_normals(self, step);
    for (size_t i = 0; i < dim; i++) {
      self->u[i] = keep * self->u[i] - drift * self->slope[i] + diffuse * self->z[i]; /* (3) */
      self->mean[i] += alpha * (self->u[i] - self->mean[i]);                          /* (4) */
    }
  }
  const double gamma = 1 / (step->tau * self->beta);
  for (size_t i = 0; i < dim; i++) step->gradient[i] = (float)(-gamma * self->mean[i]); /* (5) */
  step->tilt = SWL_TILT_NONE;
  step->tilt.beta = self->beta;
  swl_mixing_measure(1, self->steps, self->trace, &step->tilt, &step->mixing);
  step->tilt.ess = NAN; /* the running mean weighs its states: they are not worth what a chain's mean is */
  step->mixing.step = h;
  step->noise = 0;
  step->draws = self->steps;
  return SWALE_OK;
}

const swl_sampler_ops swl_sampler_entropy_sgd = {
    .head = {"entropy-sgd", "Entropy-SGD's one chain from x, a batch per step, running mean; needs gradients",
             "Chaudhari et al. 2017"},
    .chains = 1,
    .gradients = 1,
    .batches = 1,
    .step = 0.1,
    .samples = 20, /* paper: L = 20 */
    .create = entropy_sgd_create,
    .draw = entropy_sgd_draw,
};
