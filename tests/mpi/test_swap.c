/* test_swap.c - a swap of which a part cannot be posted leaves nothing behind; run by mpirun with 2 ranks.
 *
 * MPI_Isend of this program fails when it is told to (MPI's profiling interface: the library's calls come here). A receive
 * that was left pending would take the first message of the next swap into the old place.
 */
#include "base/context.h"
#include "parallel/ranks.h"
#include "support/check.h"

#include <swale/mpi.h>

#include <mpi.h>
#include <stdio.h>
#include <string.h>

static int refuses;

int MPI_Isend(const void *data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request *request) {
  return refuses ? MPI_ERR_OTHER : PMPI_Isend(data, count, type, to, tag, comm, request);
}

/* Two ranks, a row each, of which each then has a column: row r of rank r holds 10 r + column. */
static swale_status turn(swl_ranks *ranks, unsigned char data[4]) {
  const size_t bounds[3] = {0, 1, 2}, columns[3] = {0, 1, 2};
  const size_t rank = swl_ranks_rank(ranks);
  memset(data, 99, 4);
  for (size_t c = 0; c < 2; c++) data[2 * rank + c] = (unsigned char)(10 * rank + c);
  return swl_ranks_turn(ranks, data, 2, bounds, columns, NULL, NULL);
}

static void a_failed_post_leaves_no_receive_pending(void **state) {
  swale_context *context = NULL;
  unsigned char old[4], now[4];
  (void)state;
  assert_int_equal(swale_context_create(NULL, &context), SWALE_OK);
  check_ok(context, swale_context_join(context, NULL));
  swl_ranks *ranks = swl_context_ranks(context);
  const size_t rank = swl_ranks_rank(ranks), other = 1 - rank;
  assert_int_equal(swl_ranks_size(ranks), 2);
  refuses = 1;
  check_fails(context, turn(ranks, old), SWALE_ERROR_IO, "MPI: a swap failed");
  refuses = 0;
  check_ok(context,
           swl_ranks_settle(ranks, SWALE_OK, NULL)); /* as every entry ends: both have failed before one goes on */
  check_ok(context, turn(ranks, now));
  assert_int_equal(now[2 * other + rank], 10 * other + rank);
  assert_int_equal(old[2 * other + rank], 99); /* nothing arrived there */
  swale_context_destroy(context);
}

int main(int count, char **words) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_failed_post_leaves_no_receive_pending)};
  int rank = 0;
  MPI_Init(&count, &words);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank > 0 && !freopen("/dev/null", "w", stdout)) return 1;
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Finalize();
  return failed;
}
