/* plot.h - curves as one SVG image that takes its colors from the page. */
#ifndef SWL_REPORT_PLOT_H
#define SWL_REPORT_PLOT_H

#include "report/page.h"

enum { SWL_COLORS = 8 };

/* Of a curve, beyond 0 solid, 1 dashed, 2 dotted. */
enum {
  SWL_STYLE_LEVEL = 3 /* thin, without dots */,
  SWL_STYLE_BAND = 4 /* the band alone, all of it in the picture */
};

/* Points in the order of the run; a y that is not finite breaks the line. */
typedef struct swl_curve {
  size_t count;
  const double *x, *y; /* count each */
  const double *error; /* count, ± around y as a band; NULL = none */
  size_t color;        /* of the page's colors, the run */
  int style;           /* 0 solid, 1 dashed, 2 dotted, or one of the above */
} swl_curve;

/* A vertical line: something happened there. */
typedef struct swl_mark {
  double x;
  size_t color;
} swl_mark;

typedef struct swl_plot {
  const char *title, *x_title; /* constants */
  int from_zero;               /* x begins at 0 */
  int may_log;                 /* x is logarithmic where its numbers ask for it (axis.h) */
  int flattened;               /* 1: one run is far above the others: y is logarithmic sooner */
  size_t curve_count, mark_count;
  const swl_curve *curves;
  const swl_mark *marks;
} swl_plot;

/* An <svg class="plot by-WAY">. Nothing is drawn, and 0 returned, where no point is finite. */
int swl_plot_draw(swl_page *page, const swl_plot *plot, const char *way);

#endif
