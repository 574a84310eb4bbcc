/* axis.h - which part of the numbers an axis shows, and where its ticks are. */
#ifndef SWL_REPORT_AXIS_H
#define SWL_REPORT_AXIS_H

#include <stddef.h>

enum { SWL_TICKS_MAX = 16 };
enum { SWL_LOG_NEVER, SWL_LOG_MAY, SWL_LOG_SOON }; /* may_log: never, where the numbers span a factor of 30, or of 4 */

typedef struct swl_axis {
  double low, high; /* low < high; both > 0 where logarithmic */
  int logarithmic;
  size_t count;
  double tick[SWL_TICKS_MAX]; /* count, rising, within [low, high] */
} swl_axis;

/* The axis that shows the numbers from least to most (finite, least <= most). Linear: from tick to tick, steps of 1, 2
 * or 5 times a power of ten, at most six of them. Logarithmic, where `may_log` and the numbers are positive and span a
 * factor of 30 (SWL_LOG_SOON: 4) or more: powers of ten, with 2 and 5 between them where they are few. */
swl_axis swl_axis_make(double least, double most, int may_log);

/* Where the value lies: 0 at low, 1 at high, outside of [0, 1] beyond them, but never beyond [-1, 2]. */
double swl_axis_at(const swl_axis *axis, double value);

#endif
