/* philox.h - the constants of Philox4x32-10 (Salmon et al. 2011, table 2 and §3.3). */
#ifndef SWL_RANDOM_PHILOX_H
#define SWL_RANDOM_PHILOX_H

#include "random/stream.h"

#define PHILOX_ROUNDS 10      /* paper: "Philox4x32-10", the crush-resistant choice with a safety margin */
#define PHILOX_M0 0xD2511F53u /* paper: multipliers */
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u /* paper: Weyl constants of the key schedule: golden ratio, sqrt(3) - 1 */
#define PHILOX_W1 0xBB67AE85u

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
