/* mpi.c - wire.h over MPI-3: the only file that knows it.
 *
 * Whoever waits looks again for some microseconds and then lets other processes run between two looks, so that ranks and
 * their threads may be more than the cores. Errors are returned, not fatal.
 *
 * MPI is started where nobody has done it and a launcher started this process (starting it takes a tenth of a second,
 * and a process that is alone has no use for it); whoever started it ends it.
 */
#define _GNU_SOURCE /* affinity */
#include "parallel/wire.h"

#include "parallel/launcher.h"

#include <swale/mpi.h>

#include <limits.h>
#include <mpi.h>
#include <sched.h>
#include <unistd.h>

enum { MPI_LOOKS = 200 }; /* heuristic: at first without pause */

struct swl_wire {
  swale_context *context;
  MPI_Comm comm;
  int size, started; /* started: by us */
  int *counts, *places;
  MPI_Request *requests; /* 2 size */
  MPI_Status *statuses;  /* 2 size: nobody reads them, but gcc warns of MPICH's way to say so */
};

const char *swale_mpi_version(void) { return SWALE_MPI; }

static swale_status mpi_failed(swale_context *context, const char *what, int code) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  (void)MPI_Error_string(code, text, &length);
  return swl_fail(context, SWALE_ERROR_IO, "MPI: %s failed: %.*s", what, length, text);
}

#define MPI_TRY(context, what, call)                                                                                   \
  do {                                                                                                                 \
    const int mpi_code_ = (call);                                                                                      \
    if (mpi_code_ != MPI_SUCCESS) return mpi_failed((context), (what), mpi_code_);                                     \
  } while (0)

static swale_status mpi_wait(swl_wire *wire, const char *what, int count) {
  int done = 0;
  for (size_t look = 0; !done; look++) {
    MPI_TRY(wire->context, what, MPI_Testall(count, wire->requests, &done, wire->statuses));
    if (done || look < MPI_LOOKS) continue;
    swl_context_wait(wire->context, look == MPI_LOOKS);
    sched_yield();
  }
  return SWALE_OK;
}

/* Of the cores of this machine that its ranks may use, this rank's share: all of its own where no two share one. */
static swale_status mpi_cores(swale_context *context, MPI_Comm comm, size_t *cores) {
  MPI_Comm here = MPI_COMM_NULL;
  cpu_set_t mine, all;
  int counts[2] = {1, 1};
  CPU_ZERO(&mine);
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) CPU_SET(0, &mine);
  counts[0] = counts[1] = CPU_COUNT(&mine);
  MPI_TRY(context, "splitting a communicator",
          MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here));
  int code = MPI_Allreduce(&mine, &all, (int)sizeof all, MPI_BYTE, MPI_BOR, here);
  if (code == MPI_SUCCESS) code = MPI_Allreduce(MPI_IN_PLACE, &counts[1], 1, MPI_INT, MPI_SUM, here);
  (void)MPI_Comm_free(&here);
  if (code != MPI_SUCCESS) return mpi_failed(context, "counting cores", code);
  const size_t share = (size_t)CPU_COUNT(&all) * (size_t)counts[0] / (size_t)counts[1];
  *cores = share > 0 ? share : 1;
  return SWALE_OK;
}

static swale_status mpi_start(swale_context *context, const void *communicator, int *started, int *use) {
  size_t rank = 0, size = 1;
  int ready = 0, gone = 0, level = 0;
  const int launched = swl_launcher(&rank, &size);
  MPI_TRY(context, "looking whether MPI runs", MPI_Initialized(&ready));
  MPI_TRY(context, "looking whether MPI has ended", MPI_Finalized(&gone));
  *use = ready || launched;
  *started = 0;
  if (!*use || (ready && !gone)) return SWALE_OK;
  if (gone || communicator) {
    return swl_fail(context, SWALE_ERROR_USAGE, "MPI %s; ranks must be joined while it runs",
                    gone ? "has ended in this process" : "has not been started");
  }
  MPI_TRY(context, "MPI_Init_thread", MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level));
  *started = 1;
  return SWALE_OK;
}

static swale_status mpi_open(swale_context *context, const void *communicator, swl_wire *made, size_t *rank,
                             size_t *size, size_t *cores) {
  size_t number = 0, count = 1;
  int place = 0;
  const MPI_Comm given = communicator ? *(const MPI_Comm *)communicator : MPI_COMM_WORLD;
  MPI_TRY(context, "copying a communicator", MPI_Comm_dup(given, &made->comm));
  MPI_TRY(context, "setting an error handler", MPI_Comm_set_errhandler(made->comm, MPI_ERRORS_RETURN));
  MPI_TRY(context, "asking for the rank", MPI_Comm_rank(made->comm, &place));
  MPI_TRY(context, "asking for the number of ranks", MPI_Comm_size(made->comm, &made->size));
  if (!communicator && made->size == 1 && swl_launcher(&number, &count) && count > 1) {
    return swl_fail(context, SWALE_ERROR_UNSUPPORTED,
                    "started as one of %zu ranks, but not by the mpirun of the MPI that this build uses (%s)", count,
                    SWALE_MPI);
  }
  SWL_TRY(mpi_cores(context, made->comm, cores));
  made->counts = swl_allocate(context, (size_t)made->size, sizeof *made->counts);
  made->places = swl_allocate(context, (size_t)made->size, sizeof *made->places);
  made->requests = swl_allocate(context, 2 * (size_t)made->size, sizeof(MPI_Request));
  made->statuses = swl_allocate(context, 2 * (size_t)made->size, sizeof(MPI_Status));
  if (!made->counts || !made->places || !made->requests || !made->statuses) return SWALE_ERROR_MEMORY;
  *rank = (size_t)place;
  *size = (size_t)made->size;
  return SWALE_OK;
}

swale_status swl_wire_open(swale_context *context, const void *communicator, swl_wire **wire, size_t *rank,
                           size_t *size, size_t *cores) {
  int started = 0, use = 0;
  SWL_TRY(mpi_start(context, communicator, &started, &use));
  if (!use) return SWALE_OK;
  swl_wire *made = swl_allocate(context, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  made->comm = MPI_COMM_NULL;
  made->started = started;
  const swale_status status = mpi_open(context, communicator, made, rank, size, cores);
  if (status != SWALE_OK || made->size == 1) {
    swl_wire_close(made);
    return status;
  }
  *wire = made;
  return SWALE_OK;
}

void swl_wire_close(swl_wire *wire) {
  if (!wire) return;
  if (wire->comm != MPI_COMM_NULL) (void)MPI_Comm_free(&wire->comm);
  if (wire->started) (void)MPI_Finalize();
  swl_release(wire->context, wire->counts);
  swl_release(wire->context, wire->places);
  swl_release(wire->context, wire->requests);
  swl_release(wire->context, wire->statuses);
  swl_release(wire->context, wire);
}

swale_status swl_wire_most(swl_wire *wire, int count, int64_t *values) {
  MPI_TRY(wire->context, "an agreement",
          MPI_Iallreduce(MPI_IN_PLACE, values, count, MPI_INT64_T, MPI_MAX, wire->comm, wire->requests));
  return mpi_wait(wire, "an agreement", 1);
}

/* MPI counts in int. */
static swale_status mpi_fits(const swl_wire *wire, size_t bytes) {
  if (bytes <= INT_MAX) return SWALE_OK;
  return swl_fail(wire->context, SWALE_ERROR_UNSUPPORTED, "ranks: an exchange of %zu bytes; MPI allows %d at a time",
                  bytes, INT_MAX);
}

swale_status swl_wire_tell(swl_wire *wire, size_t from, void *data, size_t bytes) {
  SWL_TRY(mpi_fits(wire, bytes));
  MPI_TRY(wire->context, "a broadcast", MPI_Ibcast(data, (int)bytes, MPI_BYTE, (int)from, wire->comm, wire->requests));
  return mpi_wait(wire, "a broadcast", 1);
}

swale_status swl_wire_gather(swl_wire *wire, void *data, const size_t *bounds) {
  SWL_TRY(mpi_fits(wire, bounds[wire->size]));
  for (int r = 0; r < wire->size; r++) {
    wire->counts[r] = (int)(bounds[r + 1] - bounds[r]);
    wire->places[r] = (int)bounds[r];
  }
  MPI_TRY(wire->context, "a gather",
          MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, data, wire->counts, wire->places, MPI_BYTE, wire->comm,
                          wire->requests));
  return mpi_wait(wire, "a gather", 1);
}

static swale_status mpi_send(swl_wire *wire, void *data, int count, MPI_Datatype type, int to, int sends,
                             MPI_Request *request) {
  const int code = sends ? MPI_Isend(data, count, type, to, 0, wire->comm, request)
                         : MPI_Irecv(data, count, type, to, 0, wire->comm, request);
  return code == MPI_SUCCESS ? SWALE_OK : mpi_failed(wire->context, "a swap", code);
}

/* The parcel goes to rank `to`, or comes from there. */
static swale_status mpi_post(swl_wire *wire, const swl_parcel *parcel, int to, int sends, MPI_Request *request) {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  if (parcel->rows == 1) return mpi_send(wire, parcel->data, (int)parcel->bytes, MPI_BYTE, to, sends, request);
  MPI_TRY(wire->context, "a swap",
          MPI_Type_create_hvector((int)parcel->rows, (int)parcel->bytes, (MPI_Aint)parcel->stride, MPI_BYTE, &type));
  const int code = MPI_Type_commit(&type);
  const swale_status status = code == MPI_SUCCESS ? mpi_send(wire, parcel->data, 1, type, to, sends, request)
                                                  : mpi_failed(wire->context, "a swap", code);
  (void)MPI_Type_free(&type);
  return status;
}

static swale_status mpi_fits_all(const swl_wire *wire, const swl_parcel *parcels) {
  for (int r = 0; r < wire->size; r++) {
    SWL_TRY(mpi_fits(wire, parcels[r].bytes));
    SWL_TRY(mpi_fits(wire, parcels[r].rows));
  }
  return SWALE_OK;
}

/* Nothing that was posted may be left: a receive would take what comes later. */
static void mpi_take_back(swl_wire *wire, int count) {
  for (int i = 0; i < count; i++) {
    (void)MPI_Cancel(&wire->requests[i]);
    (void)MPI_Request_free(&wire->requests[i]);
  }
}

swale_status swl_wire_swap(swl_wire *wire, const swl_parcel *give, const swl_parcel *take) {
  int count = 0;
  SWL_TRY(mpi_fits_all(wire, give)); /* before any is posted */
  SWL_TRY(mpi_fits_all(wire, take));
  for (int sends = 0; sends < 2; sends++) {
    const swl_parcel *parcels = sends ? give : take;
    for (int r = 0; r < wire->size; r++) {
      if (parcels[r].bytes == 0 || parcels[r].rows == 0) continue;
      const swale_status status = mpi_post(wire, &parcels[r], r, sends, &wire->requests[count]);
      if (status != SWALE_OK) mpi_take_back(wire, count);
      if (status != SWALE_OK) return status;
      count++;
    }
  }
  return mpi_wait(wire, "a swap", count);
}
