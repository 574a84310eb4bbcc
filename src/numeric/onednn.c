/* onednn.c - matrix products by oneDNN (https://github.com/oneapi-src/oneDNN), through its C call dnnl_sgemm.
 *
 * Why oneDNN: 96-99 % of a Zen 4 core's fp32 peak at our shapes, where OpenBLAS reaches 52-88 %. dnnl_sgemm is
 * row-major and needs no primitive, so nothing is created per call. It runs on as many OpenMP threads as the caller's
 * team allows; parallel/ holds it to one.
 *
 * Each entry is a float sum of k products in an order of oneDNN's choice: |error| <= gamma_k Σ|a||b| with
 * gamma_k = k 2^-24 / (1 - k 2^-24) (Higham, Accuracy and Stability of Numerical Algorithms, 2002, eq. 3.5). The order
 * may depend on m, n and k, so a row's bytes may differ between a product of 20 rows and one of 128.
 */
#define _DEFAULT_SOURCE /* mmap without a file */
#include "numeric/onednn.h"

#include "numeric/reference.h"

#include <dnnl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

static _Atomic uint64_t onednn_fell_back; /* products */

/* oneDNN makes the code of its products when they are first asked for, and dies where there is no memory for that (oneDNN
 * 2.6): so it is looked first whether there is, and then each kind is made. */
enum { ONEDNN_ROOM = 24 << 20 }; /* heuristic: bytes of addresses; about 8 MB were used */

static int onednn_ready(void) {
  static atomic_int made;
  static const dnnl_dim_t sizes[] = {1, 4, 40};
  float a[1600] = {0}, b[1600] = {0}, c[1600] = {0};
  if (atomic_load(&made)) return 1;
  /* cppcheck-suppress invalidFunctionArg ; POSIX wants -1 with MAP_ANONYMOUS */
  void *room = mmap(NULL, ONEDNN_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return 0;
  (void)munmap(room, ONEDNN_ROOM);
  sigset_t all, before; /* a handler must not run on its stack (parallel/team.c) */
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  for (int kind = 0; kind < 8; kind++) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      (void)dnnl_sgemm(kind & 1 ? 'T' : 'N', kind & 2 ? 'T' : 'N', 40, sizes[i], 40, 1.0F, a, 40, b, 40,
                       kind & 4 ? 1.0F : 0.0F, c, 40);
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  atomic_store(&made, 1);
  return 1;
}

static uint64_t onednn_missed(void) { return atomic_load(&onednn_fell_back); }

static void onednn_product(int add, int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                           size_t lda, const float *b, size_t ldb, float *c, size_t ldc) {
  if (m == 0 || n == 0) return;
  dnnl_status_t status = dnnl_invalid_arguments;
  if (k > 0) {
    status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', (dnnl_dim_t)m, (dnnl_dim_t)n, (dnnl_dim_t)k,
                        1.0F, a, (dnnl_dim_t)lda, b, (dnnl_dim_t)ldb, add ? 1.0F : 0.0F, c, (dnnl_dim_t)ldc);
  }
  if (status == dnnl_success) return;
  if (k > 0) atomic_fetch_add(&onednn_fell_back, 1);
  /* An empty sum (k = 0), or no memory for oneDNN's packed copies: the reference needs none. */
  if (add)
    swl_kernels_reference.gemm_add(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
  else
    swl_kernels_reference.gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
}

static void onednn_gemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
                        const float *b, size_t ldb, float *c, size_t ldc) {
  onednn_product(0, transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
}

static void onednn_gemm_add(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
                            const float *b, size_t ldb, float *c, size_t ldc) {
  onednn_product(1, transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
}

const swl_kernels swl_kernels_onednn = {.name = "onednn",
                                        .brief = "oneDNN's dnnl_sgemm, one thread",
                                        .ready = onednn_ready,
                                        .missed = onednn_missed,
                                        .gemm = onednn_gemm,
                                        .gemm_add = onednn_gemm_add};

void swl_onednn_set(char *text, size_t bytes) {
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, bytes, "oneDNN %d.%d.%d set %#x", version->major, version->minor, version->patch,
           (unsigned)dnnl_get_effective_cpu_isa());
}
