/* predict.h - what a predictor does with rows as the network sees them. */
#ifndef SWL_MODEL_PREDICT_H
#define SWL_MODEL_PREDICT_H

#include "model/open_model.h"

/* Where results go; each may be NULL. See swale_predict. */
typedef struct swl_predictions {
  float *outputs;
  double *values;
  uint32_t *labels;
} swl_predictions;

/* inputs: count × inputs, shifted and scaled already; `before` rows came before them, for the number of a row in a message. */
SWALE_NODISCARD swale_status swl_predict_seen(swale_predictor *predictor, size_t before, size_t count,
                                              const float *inputs, const swl_predictions *to);

const swale_model *swl_predictor_model(const swale_predictor *predictor);
swale_context *swl_predictor_context(const swale_predictor *predictor);

#endif
