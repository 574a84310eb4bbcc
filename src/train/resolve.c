/* resolve.c - settings without `auto`: what the options that were left open become. */
#include "train/resolve.h"

#include "variants.h"

#include <string.h>

#define RESOLVE_SIG 0.02      /* heuristic: 0.01 to 0.4 train MNIST as well; with little noise most units only add */
#define RESOLVE_SIG_STEPS 0.5 /* heuristic: where units or losses are steps, noise must reach over them */
#define RESOLVE_ESS 0.5       /* heuristic: ESS / samples; anything from 0.5 to 0.95 trains as well, 0.1 worse */

static swale_status resolve_fits(swale_context *context, const swl_settings *s, const swl_regularizer_ops *regularizer,
                                 const swl_sampler_ops *sampler, const swl_optimizer_ops *optimizer) {
  const swl_regularizer_ops *only = optimizer->only;
  if ((optimizer->sampled && !regularizer->tilt) || (only && only != regularizer)) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "optimizer %s does not work with regularizer %s; it needs %s",
                    optimizer->head.name, regularizer->head.name,
                    only ? only->head.name : "one that samples (local-entropy or heat)");
  }
  if (sampler->chains && regularizer->tilt && !regularizer->density) {
    return swl_fail(
        context, SWALE_ERROR_UNSUPPORTED,
        "sampler %s draws from a tilted density, which regularizer %s does not have; use sampler = importance",
        sampler->head.name, regularizer->head.name);
  }
  if (s->beta.automatic && s->beta.value > 0 && regularizer->tilt && !regularizer->density) {
    return swl_fail(
        context, SWALE_ERROR_USAGE,
        "option beta: auto:%g chooses beta by the weights of the draws, which regularizer %s does not have; "
        "give a number, or auto for 1",
        s->beta.value, regularizer->head.name);
  }
  return SWALE_OK;
}

int swl_needs_gradients(const swl_settings *settings) {
  const swl_regularizer_ops *regularizer = swl_find_regularizer(NULL, settings->regularizer);
  const swl_sampler_ops *sampler = swl_find_sampler(NULL, settings->sampler);
  return !regularizer->tilt || sampler->gradients || settings->estimator == SWL_ESTIMATOR_PATHWISE;
}

/* What the option table cannot say with one list of conditions: a setting that the resolved schedules do not use. */
static swale_status resolve_used(swale_context *context, const swale_options *options,
                                 const swl_regularizer_ops *regularizer, const swl_optimizer_ops *optimizer,
                                 const swl_settings *s) {
  const int open = swl_options_settings(options)->rate_schedule == SWL_RATE_SCHEDULE_AUTO && !optimizer->scheme;
  if (swl_options_is_changed(options, "rate_final") && s->rate_schedule == SWL_RATE_SCHEDULE_CONSTANT && !open) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option rate-final applies to rate-schedule=step|cosine; here the rate is constant");
  }
  if (swl_options_is_changed(options, "weighting") && !regularizer->density) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option weighting applies to regularizer=local-entropy; here it is %s",
                    s->regularizer);
  }
  if (swl_options_is_changed(options, "shaping") && !regularizer->pathwise) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option shaping applies to regularizer=heat; here it is %s",
                    s->regularizer);
  }
  if (swl_options_is_changed(options, "layer_samples") && s->smoothing != SWL_SMOOTHING_LAYERWISE) {
    return swl_fail(context, SWALE_ERROR_USAGE, "option layer-samples applies to smoothing=layerwise; here it is %s",
                    swl_word_text(s->smoothing));
  }
  return SWALE_OK;
}

/* auto is auto:0.5 where weights choose beta, and 1 elsewhere. */
static swale_status resolve_beta(swale_context *context, const swl_regularizer_ops *regularizer,
                                 const swl_sampler_ops *sampler, swl_settings *s) {
  if (!s->beta.automatic) return SWALE_OK;
  if (!regularizer->density || (sampler->chains && s->beta.value == 0)) {
    s->beta = (swl_auto){0, 1};
    return SWALE_OK;
  }
  if (s->beta.value == 0) s->beta.value = RESOLVE_ESS;
  if (s->beta.value * (double)s->samples > 1 || sampler->chains) return SWALE_OK;
  return swl_fail(context, SWALE_ERROR_USAGE,
                  "option beta: auto:%g of %lld samples is %g effective draws; it must be more than 1", s->beta.value,
                  (long long)s->samples, s->beta.value * (double)s->samples);
}

static const swl_regularizer_ops *resolve_regularizer(int layers, const swl_sampler_ops *sampler,
                                                      const swl_optimizer_ops *optimizer, const swl_settings *s) {
  const int pathwise = s->estimator == SWL_ESTIMATOR_PATHWISE;
  if (optimizer->scheme && !pathwise) return optimizer->scheme;
  return pathwise || (layers && sampler->independent) ? &swl_regularizer_heat : &swl_regularizer_local_entropy;
}

/* Where the noise lives, who shares it, how many draws and how wide: what the other options leave open. */
static swale_status resolve_noise(swale_context *context, const swale_options *options, int layers,
                                  const swl_regularizer_ops *regularizer, const swl_sampler_ops *sampler,
                                  const swl_optimizer_ops *optimizer, swl_settings *s) {
  const int losses = regularizer->tilt && sampler->independent && s->estimator == SWL_ESTIMATOR_SCORE;
  const int64_t shared = s->group > 0 ? s->group : s->batch > 0 ? s->batch : SWL_SUBSPACE_GROUP_MOST + 1;
  const int heat = regularizer->pathwise;
  const swl_noise_ops *noise = swl_find_noise(NULL, s->noise);
  if (!noise) {                                                               /* automatic */
    const int own = s->group == SWL_AUTO_COUNT && heat && !optimizer->scheme; /* each example will have its draws */
    const int fits = layers && losses && (own || shared <= SWL_SUBSPACE_GROUP_MOST);
    noise = fits ? &swl_noise_subspace : &swl_noise_weights;
    strcpy(s->noise, noise->head.name);
  }
  if (s->group == SWL_AUTO_COUNT) s->group = losses && heat && noise->own && !optimizer->scheme ? 1 : 0;
  const int alone = noise->own && s->group == 1;
  if (s->samples == SWL_AUTO_COUNT) s->samples = alone ? 32 : 200;
  if (s->sig.automatic) {
    const int steps = s->activation == SWL_ACTIVATION_SIGN || s->loss == SWL_LOSS_ZERO_ONE;
    const double sig = steps ? RESOLVE_SIG_STEPS : RESOLVE_SIG;
    s->sig = (swl_auto){0, alone && !swl_options_is_changed(options, "tau") ? sig : 0};
  }
  const int layerwise = alone && heat && !optimizer->scheme && !s->monotone;
  if (s->smoothing == SWL_SMOOTHING_AUTO) s->smoothing = layerwise ? SWL_SMOOTHING_LAYERWISE : SWL_SMOOTHING_JOINT;
  if (s->monotone && s->smoothing == SWL_SMOOTHING_LAYERWISE) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option monotone: true with smoothing = layerwise, where each layer has an objective of its own; "
                    "use smoothing = joint");
  }
  if (s->smoothing == SWL_SMOOTHING_LAYERWISE && (!heat || !losses || !noise->layers)) {
    return swl_fail(
        context, SWALE_ERROR_USAGE,
        "option smoothing: layerwise needs regularizer = heat by estimator = score, with noise = subspace or "
        "low-rank; here they are %s, %s and %s",
        s->regularizer, swl_word_text(s->estimator), s->noise);
  }
  if (!sampler->independent && noise->layers) {
    return swl_fail(context, SWALE_ERROR_USAGE,
                    "option noise: %s with sampler = %s, which moves all weights; use weights", s->noise, s->sampler);
  }
  if (s->sig.value > 0 && !layers) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED,
                    "option sig: the noise that reaches the pre-activations of a network's layers; this loss is no "
                    "network: give tau");
  }
  return SWALE_OK;
}

/* Without data there is nothing to go by (train/plan.c). */
static void resolve_budget(swl_settings *s) {
  if (s->batch == SWL_AUTO_COUNT) s->batch = SWL_RESOLVE_BATCH;
  if (s->epochs.automatic) s->epochs = (swl_auto){0, SWL_RESOLVE_EPOCHS};
  if (s->patience == SWL_AUTO_COUNT) s->patience = 0;
  if (s->weight_decay.automatic) s->weight_decay = (swl_auto){0, 0};
}

swale_status swl_settings_resolve(swale_context *context, const swale_options *options, int layers,
                                  swl_settings *settings) {
  swl_settings made = *swl_options_settings(options);
  SWL_TRY(swl_options_check(options));
  const swl_optimizer_ops *optimizer = swl_find_optimizer(context, made.optimizer);
  if (!optimizer) return SWALE_ERROR_USAGE;
  resolve_budget(&made);
  const swl_sampler_ops *sampler = swl_find_sampler(context, made.sampler);
  if (!sampler) return SWALE_ERROR_USAGE;
  if (strcmp(made.regularizer, "auto") == 0) {
    strcpy(made.regularizer, resolve_regularizer(layers, sampler, optimizer, &made)->head.name);
  }
  const swl_regularizer_ops *regularizer = swl_find_regularizer(context, made.regularizer);
  if (!regularizer) return SWALE_ERROR_USAGE;
  if (strcmp(made.noise, "auto") != 0 && !swl_find_noise(context, made.noise)) return SWALE_ERROR_USAGE;
  SWL_TRY(resolve_fits(context, &made, regularizer, sampler, optimizer));
  if (made.samples == SWL_AUTO_COUNT && sampler->samples > 0) made.samples = sampler->samples;
  SWL_TRY(resolve_noise(context, options, layers, regularizer, sampler, optimizer, &made));
  if (made.rate.automatic) {
    const int precise = swl_needs_gradients(&made) || (swl_find_noise(NULL, made.noise)->own && made.group == 1);
    made.rate = (swl_auto){0, precise ? optimizer->rate_gradients : optimizer->rate};
  }
  if (made.rate_schedule == SWL_RATE_SCHEDULE_AUTO) {
    const int constant = optimizer->scheme || made.updates == 0;
    made.rate_schedule = constant ? SWL_RATE_SCHEDULE_CONSTANT : SWL_RATE_SCHEDULE_COSINE;
  }
  SWL_TRY(resolve_beta(context, regularizer, sampler, &made));
  SWL_TRY(resolve_used(context, options, regularizer, optimizer, &made));
  if (made.step.automatic && sampler->step > 0) made.step = (swl_auto){0, sampler->step};
  if (made.split_seed == SWL_AUTO_COUNT) made.split_seed = made.seed;
  if (made.threads == 0) made.threads = (int64_t)swl_team_available(swl_context_ranks(context));
  *settings = made;
  return SWALE_OK;
}
