/* registry.c - the only list of variants. A new one is its file and one line here. */
#include "variants.h"

#include <stdio.h>
#include <string.h>

static const swl_variant_head *const registry_regularizers[] = {
    &swl_regularizer_local_entropy.head,
    &swl_regularizer_heat.head,
    &swl_regularizer_none.head,
    &swl_regularizer_sharpness.head,
};

/* clang-format off */
static const swl_variant_head *const registry_samplers[] = {
    &swl_sampler_importance.head,
    &swl_sampler_langevin.head,
    &swl_sampler_mala.head,
    &swl_sampler_hmc.head,
    &swl_sampler_pcn.head,
    &swl_sampler_elliptical.head,
    &swl_sampler_tempered.head,
    &swl_sampler_entropy_sgd.head,
};
/* clang-format on */

static const swl_variant_head *const registry_noises[] = {
    &swl_noise_weights.head,
    &swl_noise_subspace.head,
    &swl_noise_low_rank.head,
};

static const swl_variant_head *const registry_optimizers[] = {
    &swl_optimizer_adam.head,
    &swl_optimizer_sgd.head,
    &swl_optimizer_matching.head,
    &swl_optimizer_robbins_monro.head,
};

typedef struct registry_kind {
  const char *name;
  const swl_variant_head *const *variants;
  size_t count;
} registry_kind;

#define KIND(name, list)                                                                                               \
  { name, list, sizeof(list) / sizeof *(list) }
static const registry_kind registry_kinds[] = {
    KIND("regularizer", registry_regularizers),
    KIND("sampler", registry_samplers),
    KIND("noise", registry_noises),
    KIND("optimizer", registry_optimizers),
};
enum { REGISTRY_KINDS = sizeof registry_kinds / sizeof *registry_kinds, REGISTRY_MOST = 32 };

const char *swale_kind_at(size_t index) { return index < REGISTRY_KINDS ? registry_kinds[index].name : NULL; }

static const registry_kind *registry_find_kind(const char *name) {
  for (size_t i = 0; i < REGISTRY_KINDS; i++) {
    if (strcmp(registry_kinds[i].name, name) == 0) return &registry_kinds[i];
  }
  return NULL;
}

const swale_variant *swale_variant_at(const char *kind, size_t index) {
  const registry_kind *found = registry_find_kind(kind);
  return found && index < found->count ? found->variants[index] : NULL;
}

const char *swale_variant_name(const swale_variant *variant) { return variant->name; }
const char *swale_variant_brief(const swale_variant *variant) { return variant->brief; }
const char *swale_variant_source(const swale_variant *variant) { return variant->source; }

/* The head lies first in its table. */
static const void *registry_find(swale_context *context, const char *kind, const char *name) {
  const char *names[REGISTRY_MOST + 1] = {NULL};
  char all[512] = "";
  size_t used = 0;
  for (size_t i = 0; i < REGISTRY_MOST && used < sizeof all; i++) {
    const swale_variant *variant = swale_variant_at(kind, i);
    if (!variant) break;
    if (strcmp(variant->name, name) == 0) return variant;
    if (!context) continue;
    names[i] = variant->name;
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", variant->name);
  }
  if (!context) return NULL;
  const char *near = swale_nearest(name, names);
  swl_explain(context, "option %s: there is no '%s'%s%s%s; allowed is %s", kind, name, near ? "; did you mean '" : "",
              near ? near : "", near ? "'" : "", all);
  return NULL;
}

const swl_regularizer_ops *swl_find_regularizer(swale_context *context, const char *name) {
  return registry_find(context, "regularizer", name);
}

const swl_sampler_ops *swl_find_sampler(swale_context *context, const char *name) {
  return registry_find(context, "sampler", name);
}

const swl_noise_ops *swl_find_noise(swale_context *context, const char *name) {
  return registry_find(context, "noise", name);
}

const swl_optimizer_ops *swl_find_optimizer(swale_context *context, const char *name) {
  return registry_find(context, "optimizer", name);
}
