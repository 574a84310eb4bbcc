/* gaussian_forms.h - how a range is filled with normals: a form per instruction set. */
#ifndef SWL_RANDOM_GAUSSIAN_FORMS_H
#define SWL_RANDOM_GAUSSIAN_FORMS_H

#include "random/stream.h"

enum { GAUSSIAN_LANES = 16 }; /* Philox counters per stripe */

/* One instruction set's form of the fill. All give the same bytes. */
typedef struct gaussian_ops {
  const char *name;
  /* z[0..stripes*64) from stripe number `stripe` on. */
  void (*fill)(const swl_stream *stream, uint64_t stripe, size_t stripes, float *z);
  /* z[0..count) holds words, then their normals; count is a multiple of 16. */
  void (*normals)(size_t count, float *z);
} gaussian_ops;

extern const gaussian_ops swl_gaussian_portable;
#if defined __x86_64__
extern const gaussian_ops swl_gaussian_avx2;
extern const gaussian_ops swl_gaussian_avx512;
#endif

/* The forms that this processor can run, NULL-terminated, best first. */
const gaussian_ops *const *swl_gaussian_available(void);

#endif
