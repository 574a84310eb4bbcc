/* loss.c - how wrong one example is.
 *
 *   name          | loss of one example, outputs o (m)           | PyTorch
 *   --------------|----------------------------------------------|--------------------------------------
 *   cross-entropy | log Σ_j exp(o_j) - o_label, in nats          | CrossEntropyLoss
 *   squared       | (1/m) Σ_j (o_j - t_j)²                       | MSELoss (no factor ½)
 *   huber         | (1/m) Σ_j r² / 2 if |r| <= 1, else |r| - 1/2 | HuberLoss, delta = 1; r = o_j - t_j
 *   zero-one      | 0 if label = argmax o, else 1                | none; no derivative
 *
 * An example may have a weight: the loss of a batch is f = (1/B) Σ_b w_b l_b (swl_weigh_losses). Sums are in double. argmax takes the lowest index of equal entries; a row with a NaN is wrong. A label >= m is the
 * caller's mistake: data/ sees to it that there is none.
 */
#include "network/loss.h"

#include "numeric/vector.h"

#include <math.h>

static void cross_entropy_evaluate(size_t count, size_t m, const float *outputs, const uint32_t *labels,
                                   const float *targets, double *losses) {
  (void)targets;
  swl_vector()->cross_entropy(count, m, outputs, labels, 1.0F, NULL, losses);
}

static void cross_entropy_gradient(size_t count, size_t m, const float *outputs, const uint32_t *labels,
                                   const float *targets, float *delta, double *losses) {
  (void)targets;
  swl_vector()->cross_entropy(count, m, outputs, labels, 1.0F / (float)count, delta, losses);
}

static void squared_evaluate(size_t count, size_t m, const float *outputs, const uint32_t *labels, const float *targets,
                             double *losses) {
  (void)labels;
  for (size_t b = 0; b < count; b++) {
    double sum = 0.0;
    for (size_t j = b * m; j < (b + 1) * m; j++) {
      const double r = (double)outputs[j] - (double)targets[j];
      sum += r * r;
    }
    losses[b] = sum / (double)m;
  }
}

static void squared_gradient(size_t count, size_t m, const float *outputs, const uint32_t *labels, const float *targets,
                             float *delta, double *losses) {
  const double scale = 2.0 / ((double)count * (double)m);
  squared_evaluate(count, m, outputs, labels, targets, losses);
  for (size_t j = 0; j < count * m; j++) delta[j] = (float)(scale * ((double)outputs[j] - (double)targets[j]));
}

static void huber_evaluate(size_t count, size_t m, const float *outputs, const uint32_t *labels, const float *targets,
                           double *losses) {
  (void)labels;
  for (size_t b = 0; b < count; b++) {
    double sum = 0.0;
    for (size_t j = b * m; j < (b + 1) * m; j++) {
      const double r = fabs((double)outputs[j] - (double)targets[j]);
      sum += r <= 1.0 ? 0.5 * r * r : r - 0.5;
    }
    losses[b] = sum / (double)m;
  }
}

static void huber_gradient(size_t count, size_t m, const float *outputs, const uint32_t *labels, const float *targets,
                           float *delta, double *losses) {
  const double scale = 1.0 / ((double)count * (double)m);
  huber_evaluate(count, m, outputs, labels, targets, losses);
  for (size_t j = 0; j < count * m; j++) {
    const double r = (double)outputs[j] - (double)targets[j];
    const double slope = r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r; /* NaN stays NaN */
    delta[j] = (float)(scale * slope);
  }
}

/* 1 if the label's entry is above all before it and not below any after it; a NaN compares with nothing. */
static int row_is_correct(size_t m, const float *row, uint32_t label) {
  const float chosen = row[label];
  int wrong = chosen != chosen;
  for (size_t j = 0; j < label; j++) wrong |= !(row[j] < chosen);
  for (size_t j = (size_t)label + 1; j < m; j++) wrong |= !(row[j] <= chosen);
  return !wrong;
}

static void zero_one_evaluate(size_t count, size_t m, const float *outputs, const uint32_t *labels,
                              const float *targets, double *losses) {
  (void)targets;
  for (size_t b = 0; b < count; b++) losses[b] = row_is_correct(m, outputs + b * m, labels[b]) ? 0.0 : 1.0;
}

size_t swl_network_correct(size_t count, size_t m, const float *outputs, const uint32_t *labels) {
  size_t correct = 0;
  for (size_t b = 0; b < count; b++) correct += (size_t)row_is_correct(m, outputs + b * m, labels[b]);
  return correct;
}

void swl_weigh_losses(size_t count, const double *weights, size_t step, double *losses) {
  if (!weights) return;
  for (size_t b = 0; b < count; b++) losses[b] = weights[b * step] > 0 ? weights[b * step] * losses[b] : 0.0;
}

static const swl_loss loss_cross_entropy = {.name = "cross-entropy",
                                            .brief = "classification: minus the log-probability of the label, in nats",
                                            .classification = 1,
                                            .probabilities = 1,
                                            .cross_entropy = 1,
                                            .evaluate = cross_entropy_evaluate,
                                            .gradient = cross_entropy_gradient};
static const swl_loss loss_squared = {.name = "squared",
                                      .brief = "regression: mean over outputs of the squared error",
                                      .evaluate = squared_evaluate,
                                      .gradient = squared_gradient};
static const swl_loss loss_huber = {.name = "huber",
                                    .brief = "regression: squared error / 2 up to 1, then linear; mean over outputs",
                                    .evaluate = huber_evaluate,
                                    .gradient = huber_gradient};
static const swl_loss loss_zero_one = {.name = "zero-one",
                                       .brief = "classification: 0 if right, 1 if wrong; no derivative",
                                       .classification = 1,
                                       .evaluate = zero_one_evaluate};

const swl_loss *const *swl_losses(void) {
  static const swl_loss *const all[] = {&loss_cross_entropy, &loss_squared, &loss_huber, &loss_zero_one, NULL};
  return all;
}
