/* plot.c - see plot.h.
 *
 * (1) the range of the numbers makes the axes; (2) grid and ticks; (3) bands, then lines, then marks, inside a nested
 * <svg>, which cuts off what lies outside. Of many points every k-th is drawn, and the last: heuristic, a curve is
 * some 500 dots wide. Cost: some ten bytes per point.
 */
#include "report/plot.h"

#include "report/axis.h"

#include <math.h>

enum {
  PLOT_WIDTH = 560,
  PLOT_HEIGHT = 300,
  PLOT_LEFT = 58,
  PLOT_RIGHT = 14,
  PLOT_TOP = 10,
  PLOT_BOTTOM = 42,
  PLOT_INNER_WIDTH = PLOT_WIDTH - PLOT_LEFT - PLOT_RIGHT,
  PLOT_INNER_HEIGHT = PLOT_HEIGHT - PLOT_TOP - PLOT_BOTTOM,
  PLOT_EDGE = 4, /* half a dot at the edge is whole */
  PLOT_POINTS = 400,
  PLOT_DOTS = 32, /* a curve of fewer points shows them */
};

/* heuristic: a band as wide as this many times the range of the curve would hide the curve: it is cut off */
#define PLOT_BAND_MOST 1.0

typedef struct plot_range {
  double least, most;
} plot_range;

static void plot_widen(plot_range *range, double value) {
  if (!isfinite(value)) return;
  range->least = fmin(range->least, value);
  range->most = fmax(range->most, value);
}

/* (1) */
static void plot_ranges(const swl_plot *plot, plot_range *x, plot_range *y) {
  plot_range band = {INFINITY, -INFINITY};
  *x = *y = band;
  for (size_t c = 0; c < plot->curve_count; c++) {
    const swl_curve *curve = &plot->curves[c];
    for (size_t i = 0; i < curve->count; i++) {
      if (!isfinite(curve->y[i]) || !isfinite(curve->x[i])) continue;
      plot_widen(x, curve->x[i]);
      plot_widen(y, curve->y[i]);
      if (!curve->error) continue;
      plot_range *wide = curve->style == SWL_STYLE_BAND ? y : &band;
      plot_widen(wide, curve->y[i] - curve->error[i]);
      plot_widen(wide, curve->y[i] + curve->error[i]);
    }
  }
  const double most = PLOT_BAND_MOST * (y->most - y->least);
  if (band.least < y->least && (y->least <= 0 || band.least > 0)) y->least = fmax(band.least, y->least - most);
  if (band.most > y->most) y->most = fmin(band.most, y->most + most);
  if (plot->from_zero) plot_widen(x, 0);
}

static double plot_x(const swl_axis *axis, double value) { return PLOT_INNER_WIDTH * swl_axis_at(axis, value); }
static double plot_y(const swl_axis *axis, double value) { return PLOT_INNER_HEIGHT * (1 - swl_axis_at(axis, value)); }

/* (2) */
static void plot_frame(swl_page *page, const swl_plot *plot, const swl_axis *x, const swl_axis *y) {
  char text[SWL_SHORT_MAX];
  for (size_t i = 0; i < y->count; i++) {
    const double at = PLOT_TOP + plot_y(y, y->tick[i]);
    swl_page_print(page, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" class=\"tick y\">%s</text>",
                   PLOT_LEFT, at, PLOT_WIDTH - PLOT_RIGHT, PLOT_LEFT - 8, at + 4, swl_short_text(y->tick[i], text));
  }
  for (size_t i = 0; i < x->count; i++) {
    const double at = PLOT_LEFT + plot_x(x, x->tick[i]);
    swl_page_print(page, "<path class=\"stub\" d=\"M%.1f %dv5\"/><text x=\"%.1f\" y=\"%d\" class=\"tick x\">%s</text>",
                   at, PLOT_HEIGHT - PLOT_BOTTOM, at, PLOT_HEIGHT - PLOT_BOTTOM + 19, swl_short_text(x->tick[i], text));
  }
  swl_page_print(page, "<path class=\"base\" d=\"M%d %dH%d\"/><text x=\"%d\" y=\"%d\" class=\"title\">%s</text>",
                 PLOT_LEFT, PLOT_HEIGHT - PLOT_BOTTOM, PLOT_WIDTH - PLOT_RIGHT, PLOT_LEFT + PLOT_INNER_WIDTH / 2,
                 PLOT_HEIGHT - 5, plot->x_title);
}

/* The point after i that is drawn. */
static size_t plot_next(const swl_curve *curve, size_t i) {
  const size_t stride = (curve->count + PLOT_POINTS - 1) / PLOT_POINTS;
  return i + 1 < curve->count && i + stride > curve->count - 1 ? curve->count - 1 : i + stride;
}

/* 1 if the point is drawn. */
static int plot_has(const swl_curve *curve, size_t i) { return isfinite(curve->y[i]) && isfinite(curve->x[i]); }

static void plot_class(swl_page *page, const char *kind, const swl_curve *curve) {
  swl_page_print(page, " class=\"%s c%zu s%d%s\"", kind, curve->color % SWL_COLORS, curve->style,
                 curve->color >= SWL_COLORS ? " again" : "");
}

static void plot_line(swl_page *page, const swl_curve *curve, const swl_axis *x, const swl_axis *y) {
  int down = 0;
  size_t points = 0;
  swl_page_put(page, "<path");
  plot_class(page, "line", curve);
  swl_page_put(page, " d=\"");
  for (size_t i = 0; i < curve->count; i = plot_next(curve, i)) {
    if (!plot_has(curve, i)) {
      down = 0;
      continue;
    }
    swl_page_print(page, "%s%.1f %.1f", down ? " " : "M", plot_x(x, curve->x[i]), plot_y(y, curve->y[i]));
    down = 1;
    points++;
  }
  swl_page_put(page, points ? "\"/>" : "M0 0\"/>");
  if (points > PLOT_DOTS || curve->style == SWL_STYLE_LEVEL) return;
  for (size_t i = 0; i < curve->count; i = plot_next(curve, i)) {
    char across[SWL_SHORT_MAX], up[SWL_SHORT_MAX];
    if (!plot_has(curve, i)) continue;
    swl_page_put(page, "<circle");
    plot_class(page, "dot", curve);
    swl_page_print(page, " cx=\"%.1f\" cy=\"%.1f\" r=\"2.4\"><title>%s: %s</title></circle>", plot_x(x, curve->x[i]),
                   plot_y(y, curve->y[i]), swl_short_text(curve->x[i], across), swl_short_text(curve->y[i], up));
  }
}

/* One polygon for each stretch of points with an error: along the upper edge, and back along the lower one. */
static void plot_band(swl_page *page, const swl_curve *curve, const swl_axis *x, const swl_axis *y) {
  for (size_t i = 0; i < curve->count;) {
    size_t end = i;
    while (end < curve->count && plot_has(curve, end) && isfinite(curve->error[end])) end++;
    if (end > i + 1) {
      const size_t stride = (end - i + PLOT_POINTS - 1) / PLOT_POINTS;
      swl_page_put(page, "<path");
      plot_class(page, "band", curve);
      swl_page_put(page, " d=\"M");
      for (size_t k = i; k < end; k += stride) {
        swl_page_print(page, "%.1f %.1f ", plot_x(x, curve->x[k]), plot_y(y, curve->y[k] + curve->error[k]));
      }
      for (size_t k = i + (end - 1 - i) / stride * stride + stride; k >= i + stride; k -= stride) {
        const size_t at = k - stride;
        swl_page_print(page, "%.1f %.1f ", plot_x(x, curve->x[at]), plot_y(y, curve->y[at] - curve->error[at]));
      }
      swl_page_put(page, "Z\"/>");
    }
    i = end + 1;
  }
}

int swl_plot_draw(swl_page *page, const swl_plot *plot, const char *way) {
  plot_range across, up;
  plot_ranges(plot, &across, &up);
  if (!(across.least <= across.most && up.least <= up.most)) return 0;
  const swl_axis y = swl_axis_make(up.least, up.most, plot->flattened ? SWL_LOG_SOON : SWL_LOG_MAY);
  swl_axis x = swl_axis_make(across.least, across.most, plot->may_log);
  const int ends = !x.logarithmic && across.most > x.low && across.most > across.least;
  if (ends) x.high = across.most; /* no empty stretch after the end */
  while (x.count > 0 && x.tick[x.count - 1] > x.high) x.count--;
  swl_page_print(page, "<svg class=\"plot by-%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s against %s\">",
                 way, PLOT_WIDTH, PLOT_HEIGHT, plot->title, plot->x_title);
  plot_frame(page, plot, &x, &y);
  swl_page_print(page, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" viewBox=\"%d %d %d %d\">",
                 PLOT_LEFT - PLOT_EDGE, PLOT_TOP - PLOT_EDGE, PLOT_INNER_WIDTH + 2 * PLOT_EDGE,
                 PLOT_INNER_HEIGHT + 2 * PLOT_EDGE, -PLOT_EDGE, -PLOT_EDGE, PLOT_INNER_WIDTH + 2 * PLOT_EDGE,
                 PLOT_INNER_HEIGHT + 2 * PLOT_EDGE);
  for (size_t i = 0; i < plot->curve_count; i++) { /* (3) */
    if (plot->curves[i].error) plot_band(page, &plot->curves[i], &x, &y);
  }
  for (size_t i = 0; i < plot->curve_count; i++) {
    if (plot->curves[i].style != SWL_STYLE_BAND) plot_line(page, &plot->curves[i], &x, &y);
  }
  for (size_t i = 0; i < plot->mark_count; i++) {
    if (!isfinite(plot->marks[i].x)) continue;
    swl_page_print(page, "<path class=\"mark c%zu\" d=\"M%.1f 0V%d\"/>", plot->marks[i].color % SWL_COLORS,
                   plot_x(&x, plot->marks[i].x), PLOT_INNER_HEIGHT);
  }
  swl_page_put(page, "</svg></svg>\n");
  return 1;
}
