/* divergence.c - see divergence.h. */
#include "train/divergence.h"

#include <math.h>

/* heuristic: one in 100 averages the noise of batches down tenfold, and follows a run of some thousand updates */
static const double divergence_slow = 0.01;
/* heuristic: 30 updates; what is shorter are bumps that training gets over (a rate that warms up, a bad batch) */
static const double divergence_fast = 1 / 30.0;
/* heuristic: of the recent losses; the share of a fair coin has standard deviation 0.065, six of them below this */
static const double divergence_share = 0.9;
/* heuristic: of what was learned, B to I, that may be lost again. Dead units lose all of it, what blows up more */
static const double divergence_loss = 0.5;
/* heuristic: standard deviations of single losses; at most 1/(1 + 2²) of them are above, whatever their distribution */
static const double divergence_band = 2;
/* heuristic: B/I from which on a run has learned something. Above, the way from B to I is too short to judge by */
static const double divergence_learned = 0.5;
/* heuristic: times I; steps that are too large for some updates make a few times I (initial weights, catapults) */
static const double divergence_height = 10;
/* heuristic: of the way from a blind guess to everything right: what is less may be the luck of a few examples */
static const double divergence_luck = 0.1;
/* heuristic: of that way, and of the way to the best skill: where the loss is too high, only what does most things
 * right, nearly as well as ever, is good */
static const double divergence_half = 0.5, divergence_most = 0.9;

void swl_divergence_begin(swl_divergence *divergence, double blind, double blind_skill) {
  *divergence = (swl_divergence){.blind = blind,
                                 .blind_skill = blind_skill,
                                 .first = NAN,
                                 .best = INFINITY,
                                 .good = INFINITY,
                                 .best_skill = blind_skill};
}

/* (1) L. Not a number, so that nothing is above it, where I is not. */
static double divergence_level(const swl_divergence *d, double best, double sd) {
  if (best <= divergence_learned * d->blind) {
    return best + fmax(divergence_loss * (d->blind - best), divergence_band * sd);
  }
  return divergence_height * (d->first > d->blind ? d->first : d->blind);
}

int swl_divergence_add(swl_divergence *divergence, double loss) {
  swl_divergence *d = divergence;
  const int finite = isfinite(loss) != 0;
  if (d->seen == 0 && finite) d->first = loss;
  d->seen++;
  const int above = !finite || loss > divergence_level(d, d->best, d->best_sd);
  d->share += divergence_fast * (above - d->share); /* (2) */
  if (finite) {                                     /* (3) */
    const double weight = fmax(1 / (double)d->seen, divergence_slow), off = loss - d->slow;
    d->slow += weight * off;
    d->variance = (1 - weight) * (d->variance + weight * off * off);
  }
  if (finite && divergence_slow * (double)d->seen >= 1 && d->slow < d->best) { /* (4) */
    d->best = d->slow;
    d->best_sd = sqrt(d->variance);
  }
  return d->share > divergence_share;
}

/* (5) T. */
static double divergence_enough(const swl_divergence *d) {
  const double kept = (1 - divergence_loss) * (d->best_skill - d->blind_skill);
  return d->blind_skill + fmax(kept, divergence_luck * (1 - d->blind_skill));
}

int swl_divergence_confirm(swl_divergence *divergence, double skill) {
  if (!(skill > divergence_enough(divergence))) return 1;
  divergence->share = 0;
  return 0;
}

int swl_divergence_good(swl_divergence *divergence, double loss, double skill) {
  if (!isfinite(loss)) return 0;
  if (loss < divergence->good) divergence->good = loss;
  if (skill > divergence->best_skill) divergence->best_skill = skill;
  if (!(loss > divergence_level(divergence, divergence->good, 0))) return 1;
  const double blind = divergence->blind_skill;
  return skill > blind + fmax(divergence_half * (1 - blind), divergence_most * (divergence->best_skill - blind));
}
