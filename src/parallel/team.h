/* team.h - the threads of one trainer, on one rank; deal.h deals work to those of all ranks.
 *
 * Work is cut into items by the caller, never by the team: who computes an item is chance, what it computes is not.
 * Every item must write to places of its own; sums over items are made afterwards in a fixed order (reduce.h).
 * While a task runs, oneDNN's runtime is held to one thread, in the workers and in the caller; and signals are held off, in both,
 * but for teams of which swl_team_keep_mask says otherwise.
 */
#ifndef SWL_PARALLEL_TEAM_H
#define SWL_PARALLEL_TEAM_H

#include "parallel/ranks.h"

typedef struct swl_team swl_team;

/* item < items; worker < swl_team_size(team), unique among the items that run at the same time. */
typedef swale_status (*swl_task)(void *self, size_t worker, size_t item);

/* threads >= 1, the caller's own included; threads = 1 starts none. The ranks are those of the context. */
SWALE_NODISCARD swale_status swl_team_create(swale_context *context, size_t threads, swl_team **team);
void swl_team_destroy(swl_team *team); /* NULL is legal */

/* From now on its tasks run with the signal mask of the thread that calls swl_team_run: for functions of the caller, which may
 * start processes. No task may use oneDNN. */
void swl_team_keep_mask(swl_team *team);

/* Cores that this process may use: its affinity counts, not the size of the machine, and of cores that several ranks may
 * use its share; at least 1, at most 1024. */
size_t swl_team_available(const swl_ranks *ranks);

size_t swl_team_size(const swl_team *team);
swl_ranks *swl_team_ranks(const swl_team *team); /* NULL = this process alone */

/* Run task(self, worker, item) for every item in [0, items) and return when all have ended: SWALE_OK, or the status of
 * the lowest item that failed. After a failure no further item is started. Allocates nothing. */
SWALE_NODISCARD swale_status swl_team_run(swl_team *team, size_t items, swl_task task, void *self);
/* The same for the items of a range. */
SWALE_NODISCARD swale_status swl_team_run_part(swl_team *team, swl_range part, swl_task task, void *self);

#endif
