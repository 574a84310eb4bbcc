/* loss.h - how wrong one example is. */
#ifndef SWL_NETWORK_LOSS_H
#define SWL_NETWORK_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* A loss. Rows are examples. `outputs` (B × m) are the network's raw outputs (logits for classification); labels < m.
 * The loss of an example depends on its own row only, to the last bit. Formulas in loss.c. */
typedef struct swl_loss {
  const char *name;
  const char *brief;
  int classification; /* 1: labels (B); 0: targets (B × m) */
  int probabilities;  /* 1: outputs are log-probabilities of the classes, up to a constant */
  int cross_entropy;  /* 1: it is what the loops over draws compute as cross_entropy (numeric/columns.h) */
  /* losses[b], in nats for cross-entropy. A NaN in a row gives NaN, or 1 (wrong) for zero-one. */
  void (*evaluate)(size_t count, size_t m, const float *outputs, const uint32_t *labels, const float *targets,
                   double *losses);
  /* delta (B × m) = d(mean of the losses)/d(outputs), and losses[b]; NULL: no derivative (zero-one). delta may not
   * be outputs. */
  void (*gradient)(size_t count, size_t m, const float *outputs, const uint32_t *labels, const float *targets,
                   float *delta, double *losses);
} swl_loss;

const swl_loss *const *swl_losses(void); /* NULL-terminated */

/* losses[b] *= weights[b * step]: the only place where losses get the weights of their examples; step 0 where all are of
 * one example. What has weight 0 becomes 0, whatever it was, as if it were not there. weights NULL: nothing. */
void swl_weigh_losses(size_t count, const double *weights, size_t step, double *losses);

/* How many rows of outputs (count × m) have their largest entry at the label. Ties go to the lowest index; a row with
 * a NaN is wrong. */
size_t swl_network_correct(size_t count, size_t m, const float *outputs, const uint32_t *labels);

#endif
