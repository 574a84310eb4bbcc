/* ranks.c - see ranks.h: agreement, and the count of what travels.
 *
 * Bytes are those that a rank receives, without the envelopes of messages. A gather brings every byte that others have,
 * once, whatever algorithm MPI takes (ring, recursive doubling, Bruck); a turn sends every byte directly to the one rank
 * that wants it. So both are what any algorithm must move. Agreements are counted apart: each is the maximum of
 * RANKS_PULSE integers, ceil(log2 R) messages of them by recursive doubling.
 */
#include "parallel/ranks.h"

#include <swale/mpi.h>

#include "parallel/launcher.h"
#include "parallel/wire.h"

#include <stdio.h>
#include <string.h>

enum { RANKS_FAILED, RANKS_SETTLES, RANKS_STOP, RANKS_HIGH, RANKS_LOW, RANKS_PULSE };
enum { RANKS_SENTENCE = 1024 };

struct swl_ranks {
  swale_context *context;
  swl_wire *wire;
  size_t rank, size, cores;
  int settled;              /* 1: the end of this entry has been agreed on already */
  size_t *bounds, *columns; /* size + 1 each */
  swl_parcel *give, *take;  /* size each */
  swl_traffic traffic;
};

swl_range swl_shard_range(size_t items, size_t shards, size_t shard) {
  const size_t least = items / shards, more = items % shards; /* the first `more` shards hold one item more */
  const size_t first = shard * least + (shard < more ? shard : more);
  return (swl_range){first, first + least + (shard < more)};
}

static void ranks_leave(swl_ranks *ranks) {
  swale_context *context = ranks->context;
  swl_wire_close(ranks->wire);
  swl_release(context, ranks->bounds);
  swl_release(context, ranks->columns);
  swl_release(context, ranks->give);
  swl_release(context, ranks->take);
  swl_release(context, ranks);
}

static swale_status ranks_allocate(swl_ranks *ranks) {
  swale_context *context = ranks->context;
  ranks->bounds = swl_allocate(context, ranks->size + 1, sizeof *ranks->bounds);
  ranks->columns = swl_allocate(context, ranks->size + 1, sizeof *ranks->columns);
  ranks->give = swl_allocate(context, ranks->size, sizeof *ranks->give);
  ranks->take = swl_allocate(context, ranks->size, sizeof *ranks->take);
  return ranks->bounds && ranks->columns && ranks->give && ranks->take ? SWALE_OK : SWALE_ERROR_MEMORY;
}

swale_status swl_ranks_join(swale_context *context, const void *communicator) {
  if (swl_context_ranks(context)) {
    return swl_fail(context, SWALE_ERROR_USAGE, "ranks: the context has joined some already; allowed is once");
  }
  swl_ranks *made = swl_allocate(context, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->context = context;
  made->size = made->cores = 1;
  swale_status status = swl_wire_open(context, communicator, &made->wire, &made->rank, &made->size, &made->cores);
  if (status == SWALE_OK) status = ranks_allocate(made);
  if (status != SWALE_OK || !made->wire) {
    ranks_leave(made);
    return status;
  }
  swl_context_set_ranks(context, made, ranks_leave);
  return SWALE_OK;
}

swale_status swale_context_join(swale_context *context, const void *communicator) {
  return swl_ranks_join(context, communicator);
}

swale_status swale_context_agree(swale_context *context, swale_status mine) {
  return swl_ranks_settle(swl_context_ranks(context), mine, NULL);
}

size_t swale_context_rank(const swale_context *context) {
  size_t rank = 0, size = 1;
  if (context) return swl_ranks_rank(swl_context_ranks(context));
  (void)swl_launcher(&rank, &size);
  return rank;
}

size_t swale_context_ranks(const swale_context *context) {
  size_t rank = 0, size = 1;
  if (context) return swl_ranks_size(swl_context_ranks(context));
  (void)swl_launcher(&rank, &size);
  return size;
}

size_t swl_ranks_size(const swl_ranks *ranks) { return ranks ? ranks->size : 1; }
size_t swl_ranks_rank(const swl_ranks *ranks) { return ranks ? ranks->rank : 0; }
size_t swl_ranks_cores(const swl_ranks *ranks) { return ranks ? ranks->cores : 0; }
size_t *swl_ranks_bounds(swl_ranks *ranks) { return ranks->bounds; }
size_t *swl_ranks_columns(swl_ranks *ranks) { return ranks->columns; }
swl_traffic swl_ranks_traffic(const swl_ranks *ranks) { return ranks ? ranks->traffic : (swl_traffic){0}; }

/* Rank `from` failed: its status, and its sentence into everyone's context. */
static swale_status ranks_hear(swl_ranks *ranks, size_t from, swale_status mine) {
  struct {
    int status;
    char sentence[RANKS_SENTENCE];
  } note = {(int)mine, ""};
  snprintf(note.sentence, sizeof note.sentence, "%s", swale_context_message(ranks->context));
  SWL_TRY(swl_wire_tell(ranks->wire, from, &note, sizeof note));
  const swale_status status = (swale_status)note.status;
  if (from == 0) return swl_fail(ranks->context, status, "%s", note.sentence);
  return swl_fail(ranks->context, status, "rank %zu of %zu: %.990s", from, ranks->size, note.sentence);
}

static swale_status ranks_meet(swl_ranks *ranks, swale_status mine, int settles, swl_pulse *pulse) {
  /* 0 in the middle of an entry and more at its end, so that those who meet there by mistake both see it. Its negative is
   * a number, too. */
  const int64_t check = settles + (pulse ? (int64_t)(pulse->check >> 2) : 0);
  int64_t said[RANKS_PULSE] = {[RANKS_FAILED] = mine == SWALE_OK ? 0 : (int64_t)(ranks->size - ranks->rank),
                               [RANKS_SETTLES] = settles,
                               [RANKS_STOP] = pulse ? pulse->stop : 0,
                               [RANKS_HIGH] = check,
                               [RANKS_LOW] = -check};
  SWL_TRY(swl_wire_most(ranks->wire, RANKS_PULSE, said));
  ranks->traffic.agreements++;
  ranks->settled = !settles && said[RANKS_SETTLES];
  if (pulse)
    pulse->stop = (int)said[RANKS_STOP]; /* also where one failed: an update that found no finite number is no end */
  if (said[RANKS_FAILED]) return ranks_hear(ranks, ranks->size - (size_t)said[RANKS_FAILED], mine);
  if (said[RANKS_HIGH] != -said[RANKS_LOW]) {
    return swl_fail(
        ranks->context, SWALE_ERROR_UNSUPPORTED,
        "ranks: the %zu ranks have computed different numbers; all must run the same program, with the same "
        "options and data, on the same kind of processor",
        ranks->size);
  }
  return SWALE_OK;
}

swale_status swl_ranks_agree(swl_ranks *ranks, swale_status mine) {
  return ranks ? ranks_meet(ranks, mine, 0, NULL) : mine;
}

swale_status swl_ranks_agree_stop(swl_ranks *ranks, int *stop) {
  swl_pulse pulse = {*stop, 0};
  if (!ranks) return SWALE_OK;
  SWL_TRY(ranks_meet(ranks, SWALE_OK, 0, &pulse));
  *stop = pulse.stop;
  return SWALE_OK;
}

swale_status swl_ranks_settle(swl_ranks *ranks, swale_status mine, swl_pulse *pulse) {
  if (!ranks) return mine;
  if (!ranks->settled) return ranks_meet(ranks, mine, 1, pulse);
  ranks->settled = 0; /* one that failed was met in the middle of this entry */
  return mine;
}

swale_status swl_ranks_gather(swl_ranks *ranks, void *data, const size_t *bounds) {
  const size_t all = bounds[ranks->size] - bounds[0];
  if (all == 0) return SWALE_OK;
  ranks->traffic.bytes += all - (bounds[ranks->rank + 1] - bounds[ranks->rank]);
  ranks->traffic.exchanges++;
  return swl_wire_gather(ranks->wire, data, bounds);
}

swale_status swl_ranks_tell(swl_ranks *ranks, void *data, size_t bytes) {
  return ranks ? swl_wire_tell(ranks->wire, 0, data, bytes) : SWALE_OK;
}

static swale_status ranks_swap(swl_ranks *ranks) {
  for (size_t r = 0; r < ranks->size; r++) ranks->traffic.bytes += ranks->take[r].bytes * ranks->take[r].rows;
  ranks->traffic.exchanges++;
  return swl_wire_swap(ranks->wire, ranks->give, ranks->take);
}

/* Rows first .. end-1 of the columns of rank `r`; no rows for this rank itself, which has them. */
static swl_parcel ranks_parcel(const swl_ranks *ranks, void *data, size_t bytes, swl_range rows, size_t column,
                               size_t end, size_t r) {
  return (swl_parcel){(char *)data + rows.first * bytes + column, end - column,
                      r == ranks->rank ? 0 : rows.end - rows.first, bytes};
}

/* The rows of rank `r` that are sent in some round: all in the first, or one that `sent` allows in each. */
static swl_range ranks_round(const size_t *bounds, size_t r, size_t round, swl_sent sent, const void *self) {
  size_t row = bounds[r], seen = 0;
  if (!sent) return round == 0 ? (swl_range){bounds[r], bounds[r + 1]} : (swl_range){0, 0};
  for (; row < bounds[r + 1]; row++) {
    if (sent(self, r, row) && seen++ == round) return (swl_range){row, row + 1};
  }
  return (swl_range){0, 0};
}

swale_status swl_ranks_turn(swl_ranks *ranks, void *data, size_t bytes, const size_t *bounds, const size_t *columns,
                            swl_sent sent, const void *self) {
  const size_t rank = ranks->rank;
  for (size_t round = 0;; round++) {
    const swl_range own = ranks_round(bounds, rank, round, sent, self);
    size_t rows = 0;
    for (size_t r = 0; r < ranks->size; r++) {
      const swl_range from = ranks_round(bounds, r, round, sent, self);
      rows += from.end - from.first;
      ranks->give[r] = ranks_parcel(ranks, data, bytes, own, columns[r], columns[r + 1], r);
      ranks->take[r] = ranks_parcel(ranks, data, bytes, from, columns[rank], columns[rank + 1], r);
    }
    if (rows == 0) return SWALE_OK;
    SWL_TRY(ranks_swap(ranks));
  }
}

swale_status swl_ranks_gather_columns(swl_ranks *ranks, void *data, size_t bytes, size_t rows, const size_t *columns) {
  const size_t rank = ranks->rank;
  const swl_range all = {0, rows};
  for (size_t r = 0; r < ranks->size; r++) {
    ranks->give[r] = ranks_parcel(ranks, data, bytes, all, columns[rank], columns[rank + 1], r);
    ranks->take[r] = ranks_parcel(ranks, data, bytes, all, columns[r], columns[r + 1], r);
  }
  return ranks_swap(ranks);
}
