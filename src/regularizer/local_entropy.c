/* local_entropy.c - F_LE(x) = - log E exp(-beta f(x + sqrt(tau) Z)), by importance weights.
 *
 * source: García Trillos, Kaplan, Sanz-Alonso 2019, §3.1 and §4.1; MATH §2 and §6.1.
 *
 * computes  w_j = softmax(-beta f_j): the weights of the draws under the tilted density q, so that
 *           E_q X - x = sqrt(tau) Σ w_j Z_j, which is - tau grad F_LE.
 *
 *   symbol | code    | shape            | meaning
 *   -------|---------|------------------|-----------------------------------------------
 *   f_jg   | losses  | samples × groups | loss of group g at draw j
 *   w_jg   | weights | samples × groups | share_g (softmax_j(-beta f_jg) - 1/samples)
 *   beta   | beta    |                  | given, or such that ESS / samples meets a target
 *
 * steps     (1) beta by root finding where it is automatic (2) weights u_j = exp(-beta (f_j - min f)) and their sum
 *           (3) value = -log mean u, by log-sum-exp, standard error by the delta method: sd(u) / (mean u sqrt(n)), n the
 *           number of pairs or draws (4) normalize, subtract 1 / samples where centered.
 *           Centering subtracts sqrt(tau)/N Σ Z_j, whose mean is zero: same limit, far less noise.
 *           With several groups the objective is the mean over groups of their own local entropies, a lower bound of
 *           the joint one (MATH §4): a third regularizer, not a synonym.
 * cost      O(samples × groups), times about 10 where beta is automatic.
 * randomness  none.
 * deviates  the paper prints Σ w_j x_j with beta = 1 (weighting = literal); a loss that is not finite has weight 0, as
 *           exp(-inf), and is counted.
 */
#include "numeric/vector.h"
#include "regularizer/regularizer.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* heuristic: effective draws behind a mean whose standard error is believed. Where nearly all sets of draws have as many,
 * 1 to 3 % of the z-scores are beyond 3, most on the side of a value too large; where only the lucky ones have, more. */
#define LE_LEAST_ESS 20.0
#define LE_TOLERANCE 1e-6    /* heuristic: of log beta; far below what one update's draws can tell */
enum { LE_BISECTIONS = 60 }; /* more than the search ever takes */
#define LE_FARTHEST 700.0    /* of |log (beta unit)|: what exp can hold */
#define LE_LEAST_UNIT 1e-290 /* so that beta and losses over it are numbers */
#define LE_LARGEST_UNIT 1e290

/* Some groups of a table at one beta: u_jg = exp(-beta (f_jg - low_g)), 0 where f_jg is not finite. */
typedef struct le_chunk {
  const swl_loss_table *losses;
  size_t first, width; /* groups */
  double beta;
  double low[SWL_CHUNK]; /* least finite loss of the group; where there is one group only, the same everywhere */
} le_chunk;

static void le_open(const swl_loss_table *losses, size_t first, double beta, le_chunk *chunk) {
  const size_t rest = losses->groups - first;
  chunk->losses = losses;
  chunk->first = first;
  chunk->width = rest < SWL_CHUNK ? rest : SWL_CHUNK;
  chunk->beta = beta;
  for (size_t g = 0; g < SWL_CHUNK; g++) chunk->low[g] = INFINITY;
  for (size_t j = 0; j < losses->samples; j++) {
    const double *f = &losses->f[j * losses->groups + first];
    for (size_t g = 0; g < chunk->width; g++) {
      chunk->low[g] = isfinite(f[g]) && f[g] < chunk->low[g] ? f[g] : chunk->low[g];
    }
  }
  for (size_t g = 1; losses->groups == 1 && g < SWL_CHUNK; g++) chunk->low[g] = chunk->low[0];
}

/* A part of the table's rows that holds at most SWL_CHUNK numbers: one draw of all groups of the chunk, or, of a single
 * group, as many draws as fit (an even number). Returns how many draws; u has their numbers. */
static size_t le_rows(const le_chunk *chunk, size_t draw, double u[SWL_CHUNK]) {
  const swl_loss_table *losses = chunk->losses;
  const double *f = &losses->f[draw * losses->groups + chunk->first];
  const int single = losses->groups == 1;
  const size_t rest = losses->samples - draw, count = !single ? chunk->width : rest < SWL_CHUNK ? rest : SWL_CHUNK;
  swl_vector()->boltzmann(count, chunk->beta, f, chunk->low, u);
  return single ? count : 1;
}

/* Per group Σ u, Σ u². */
static void le_powers(const le_chunk *chunk, double sum[SWL_CHUNK], double square[SWL_CHUNK]) {
  const int single = chunk->losses->groups == 1;
  memset(sum, 0, SWL_CHUNK * sizeof *sum);
  memset(square, 0, SWL_CHUNK * sizeof *square);
  for (size_t draw = 0, rows = 0; draw < chunk->losses->samples; draw += rows) {
    double u[SWL_CHUNK];
    rows = le_rows(chunk, draw, u);
    for (size_t i = 0; i < (single ? rows : chunk->width); i++) {
      sum[i] += u[i];
      square[i] += u[i] * u[i];
    }
  }
  for (size_t i = 1; single && i < SWL_CHUNK; i++) sum[0] += sum[i], square[0] += square[i];
}

static double le_ess(double sum, double square) { return square > 0 ? sum * sum / square : 0; }

/* Mean over groups of ESS / finite losses at `beta`: a loss that is not finite has weight 0 at every beta. */
static double le_efficiency(const swl_loss_table *losses, double beta) {
  double efficiency = 0, sum[SWL_CHUNK], square[SWL_CHUNK];
  for (size_t first = 0; first < losses->groups; first += SWL_CHUNK) {
    le_chunk chunk;
    size_t finite[SWL_CHUNK] = {0};
    le_open(losses, first, beta, &chunk);
    le_powers(&chunk, sum, square);
    for (size_t j = 0; j < losses->samples; j++) {
      const double *f = &losses->f[j * losses->groups + first];
      for (size_t g = 0; g < chunk.width; g++) finite[g] += isfinite(f[g]) ? 1 : 0;
    }
    for (size_t g = 0; g < chunk.width; g++) {
      if (finite[g]) efficiency += losses->shares[first + g] * le_ess(sum[g], square[g]) / (double)finite[g];
    }
  }
  return efficiency;
}

/* The unit of the losses: mean over groups of mean f - min f, over what is finite. It grows with them by any factor, to
 * the bit by a power of two. 0 where losses are equal within every group. */
static double le_unit(const swl_loss_table *losses) {
  double unit = 0;
  for (size_t first = 0; first < losses->groups; first += SWL_CHUNK) {
    le_chunk chunk;
    double above[SWL_CHUNK] = {0}, finite[SWL_CHUNK] = {0};
    le_open(losses, first, 1, &chunk);
    for (size_t j = 0; j < losses->samples; j++) {
      const double *f = &losses->f[j * losses->groups + first];
      for (size_t g = 0; g < chunk.width; g++) {
        above[g] += isfinite(f[g]) ? f[g] - chunk.low[g] : 0;
        finite[g] += isfinite(f[g]) ? 1 : 0;
      }
    }
    for (size_t g = 0; g < chunk.width; g++)
      unit += finite[g] > 0 ? losses->shares[first + g] * above[g] / finite[g] : 0;
  }
  return unit > 0 ? fmin(fmax(unit, LE_LEAST_UNIT), LE_LARGEST_UNIT) : 0;
}

static double le_beta(double log_beta, double unit) { return fmin(exp(log_beta) / unit, DBL_MAX); }

/* log of beta × unit: where a bracket ends whose other end has efficiency on the other side of the target. The steps grow,
 * so that also a unit that one outlier makes is soon left behind. */
static double le_bracket(const swl_loss_table *losses, double unit, double target, double direction, double *inside,
                         double *at_inside, double *at_end) {
  double end = *inside;
  for (double step = log(4); fabs(end) < LE_FARTHEST; step *= 2) {
    end = fmax(fmin(*inside + direction * step, LE_FARTHEST), -LE_FARTHEST);
    *at_end = le_efficiency(losses, le_beta(end, unit)) - target;
    if ((*at_end >= 0) != (*at_inside >= 0)) return end;
    *inside = end, *at_inside = *at_end;
  }
  return NAN;
}

/* The beta whose efficiency is `target`: a bracket from 1 / unit, then false position with the Illinois rule in log beta,
 * which takes some eight evaluations. ESS falls as beta grows; where it never falls below the target (the losses, or that
 * many of the lowest, are equal) *missed = 1 and beta is 1 / unit, or 1 where there is no unit. */
static double le_choose_beta(const swl_loss_table *losses, double target, int *missed) {
  const double unit = le_unit(losses);
  *missed = unit == 0;
  if (*missed) return 1;
  double low = 0, above = le_efficiency(losses, 1 / unit) - target, high = 0,
         below = above; /* low, high: log beta unit */
  if (above >= 0)
    high = le_bracket(losses, unit, target, 1, &low, &above, &below);
  else
    low = le_bracket(losses, unit, target, -1, &high, &below, &above);
  *missed = isnan(low) || isnan(high);
  if (*missed) return 1 / unit;
  for (int i = 0, side = 0; i < LE_BISECTIONS && high - low > LE_TOLERANCE; i++) {
    const double at = (low * below - high * above) / (below - above);
    const double middle = at > low && at < high ? at : 0.5 * (low + high);
    const double found = le_efficiency(losses, le_beta(middle, unit)) - target;
    if (found >= 0) {
      if (side > 0) below *= 0.5;
      low = middle, above = found, side = 1;
    } else {
      if (side < 0) above *= 0.5;
      high = middle, below = found, side = -1;
    }
    if (fabs(found) < 1e-9) return le_beta(middle, unit);
  }
  return le_beta(low, unit);
}

/* Per group Σ (unit - mean)² over the independent units, pairs or draws; of u / mean, or, with `other`, of the
 * difference u' / mean' - u / mean of the two. */
static void le_squares(const le_chunk *chunk, const double *mean, const le_chunk *other, const double *mean2,
                       double square[SWL_CHUNK]) {
  const int single = chunk->losses->groups == 1;
  const size_t step = chunk->losses->antithetic ? 2 : 1;
  memset(square, 0, SWL_CHUNK * sizeof *square);
  for (size_t draw = 0, rows = 0; draw < chunk->losses->samples; draw += rows) {
    double u[SWL_CHUNK], v[SWL_CHUNK], unit[SWL_CHUNK] = {0};
    size_t width = chunk->width, count = 0;
    rows = 0;
    for (size_t k = 0; k < (single ? 1 : step); k++) { /* the members of a pair are neighbors, in a row or in two */
      const size_t got = le_rows(chunk, draw + rows, u);
      if (other) (void)le_rows(other, draw + rows, v);
      rows += got;
      count = single ? got : width;
      for (size_t i = 0; i < count; i++) {
        const size_t g = single ? 0 : i, to = single ? i / step : i;
        const double was = u[i] / mean[g];
        unit[to] += (other ? v[i] / mean2[g] - was : was - 1) / (double)step;
      }
    }
    const size_t units = single ? count / step : width;
    for (size_t i = 0; i < units; i++) square[single ? 0 : i] += unit[i] * unit[i];
  }
}

/* Where a handful of draws out of many carries the weights, the delta method knows nothing of the error. */
static int le_believed(double ess) { return ess >= LE_LEAST_ESS; }

static void le_weigh(const le_chunk *chunk, const double *mean, int centered, double *weights) {
  const swl_loss_table *losses = chunk->losses;
  const int single = losses->groups == 1;
  const double samples = (double)losses->samples;
  for (size_t draw = 0, rows = 0; draw < losses->samples; draw += rows) {
    double u[SWL_CHUNK];
    rows = le_rows(chunk, draw, u);
    double *w = &weights[draw * losses->groups + chunk->first];
    for (size_t i = 0; i < (single ? rows : chunk->width); i++) {
      const size_t g = single ? 0 : i;
      w[i] = losses->shares[chunk->first + g] * (u[i] / mean[g] - centered) / samples;
    }
  }
}

static swale_status local_entropy_tilt(swale_context *context, const swl_settings *settings, swl_auto given,
                                       const swl_loss_table *losses, double *weights, swl_tilt *tilt) {
  const int centered = settings->weighting == SWL_WEIGHTING_CENTERED;
  const double samples = (double)losses->samples, units = losses->antithetic ? samples / 2 : samples;
  double beta = given.value, value_variance = 0, loss_variance = 0;
  int missed = 0;
  if (given.automatic) beta = le_choose_beta(losses, given.value, &missed); /* (1) */
  swl_tilt made = {.beta = beta, .missed = missed};
  for (size_t first = 0; first < losses->groups; first += SWL_CHUNK) {
    le_chunk chunk;
    swl_moment moments[SWL_CHUNK];
    double sum[SWL_CHUNK], square[SWL_CHUNK], squares[SWL_CHUNK];
    le_open(losses, first, beta, &chunk);
    swl_loss_moments(losses, NULL, first, chunk.width, moments);
    for (size_t g = 0; g < chunk.width; g++) {
      if (moments[g].finite) continue;
      return swl_loss_none(context, losses, first + g);
    }
    le_powers(&chunk, sum, square); /* (2) */
    for (size_t g = 0; g < chunk.width; g++) sum[g] /= samples;
    le_squares(&chunk, sum, NULL, NULL, squares);
    for (size_t g = 0; g < chunk.width; g++) { /* (3) */
      const double share = losses->shares[first + g], ess = le_ess(samples * sum[g], square[g]);
      const double se = units > 1 ? sqrt(squares[g] / (units * (units - 1))) / beta : NAN;
      made.value += share * (chunk.low[g] - log(sum[g]) / beta);
      value_variance += le_believed(ess) ? share * share * se * se : NAN;
      made.loss += share * moments[g].mean;
      loss_variance += share * share * moments[g].se * moments[g].se;
      made.ess += share * ess;
      made.rejected += losses->samples - moments[g].finite;
    }
    if (weights) le_weigh(&chunk, sum, centered, weights); /* (4) */
  }
  made.value_se = sqrt(value_variance);
  made.loss_se = sqrt(loss_variance);
  *tilt = made;
  return SWALE_OK;
}

/* exp(-beta (f - f0)) - 1: centered by the weight that the reference itself would have. */
static void local_entropy_stream(double beta, double share, size_t samples, size_t count, const double *f,
                                 const double *f0, double *w) {
  const double scale = share / (double)samples;
  for (size_t i = 0; i < count; i++) w[i] = isfinite(f[i]) ? scale * expm1(-beta * (f[i] - f0[i])) : -scale;
}

/* -log(mean u'/mean u)/beta by the delta method on the paired draws: each unit contributes u'/mean u' - u/mean u. The
 * standard error is not a number where it would not be believed. */
static void local_entropy_change(double beta, const swl_loss_table *before, const swl_loss_table *after,
                                 double *difference, double *se) {
  const double samples = (double)before->samples, units = before->antithetic ? samples / 2 : samples;
  double total = 0, variance = 0;
  for (size_t first = 0; first < before->groups; first += SWL_CHUNK) {
    le_chunk old, new;
    double sum[2][SWL_CHUNK], square[2][SWL_CHUNK], squares[SWL_CHUNK];
    le_open(before, first, beta, &old);
    le_open(after, first, beta, &new);
    le_powers(&old, sum[0], square[0]);
    le_powers(&new, sum[1], square[1]);
    le_squares(&old, sum[0], &new, sum[1], squares);
    for (size_t g = 0; g < old.width; g++) {
      const double share = before->shares[first + g];
      const int believed = le_believed(le_ess(sum[0][g], square[0][g])) && le_believed(le_ess(sum[1][g], square[1][g]));
      total += share * (new.low[g] - old.low[g] - log(sum[1][g] / sum[0][g]) / beta);
      if (units > 1 && believed) /* squares is of u / sum; the mean is sum / samples */
        variance += share * share * squares[g] * samples * samples / (units * (units - 1) * beta * beta);
      else
        variance = NAN;
    }
  }
  *difference = total;
  *se = sqrt(variance);
}

const swl_regularizer_ops swl_regularizer_local_entropy = {
    .head = {"local-entropy", "-log of the mean of exp(-beta f) under Gaussian noise on x: prefers wide minima",
             "García Trillos, Kaplan, Sanz-Alonso 2019; Chaudhari et al. 2017"},
    .density = 1,
    .pathwise = 0,
    .tilt = local_entropy_tilt,
    .stream = local_entropy_stream,
    .change = local_entropy_change,
};
