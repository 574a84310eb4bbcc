/* alone.c - wire.h in a build without MPI: there is one process. */
#include "parallel/wire.h"

#include "parallel/launcher.h"

#include <swale/mpi.h>

const char *swale_mpi_version(void) { return ""; }

swale_status swl_wire_open(swale_context *context, const void *communicator, swl_wire **wire, size_t *rank,
                           size_t *size, size_t *cores) {
  size_t number = 0, count = 1;
  (void)wire, (void)rank, (void)size, (void)cores;
  static const char why[] = "this build is without MPI (meson configure -Dmpi=enabled)";
  if (communicator) return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "given a communicator, but %s", why);
  if (swl_launcher(&number, &count) && count > 1) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED, "started as one of %zu ranks, but %s", count, why);
  }
  return SWALE_OK;
}

void swl_wire_close(swl_wire *wire) { (void)wire; }

swale_status swl_wire_most(swl_wire *wire, int count, int64_t *values) {
  (void)wire, (void)count, (void)values;
  return SWALE_OK;
}

swale_status swl_wire_tell(swl_wire *wire, size_t from, void *data, size_t bytes) {
  (void)wire, (void)from, (void)data, (void)bytes;
  return SWALE_OK;
}

swale_status swl_wire_gather(swl_wire *wire, void *data, const size_t *bounds) {
  (void)wire, (void)data, (void)bounds;
  return SWALE_OK;
}

swale_status swl_wire_swap(swl_wire *wire, const swl_parcel *give, const swl_parcel *take) {
  (void)wire, (void)give, (void)take;
  return SWALE_OK;
}
