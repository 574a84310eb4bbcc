/* registry.h - what variants there are: the reference for people and programs. */
#ifndef SWALE_REGISTRY_H
#define SWALE_REGISTRY_H

#include <swale/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "regularizer", "sampler", "noise", "optimizer"; NULL past the end. The same word is the option that chooses one. */
SWALE_API const char *swale_kind_at(size_t index);

/* One variant of a kind; NULL past the end or for an unknown kind. Strings are constants of the library. */
typedef struct swale_variant swale_variant;
SWALE_API const swale_variant *swale_variant_at(const char *kind, size_t index);
SWALE_API const char *swale_variant_name(const swale_variant *variant);
SWALE_API const char *swale_variant_brief(const swale_variant *variant);
SWALE_API const char *swale_variant_source(const swale_variant *variant); /* paper */

#ifdef __cplusplus
}
#endif
#endif
