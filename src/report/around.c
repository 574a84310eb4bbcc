/* around.c - how do loss and accuracy change around the parameters? The figures of an evaluation, all runs in each.
 *
 * With one run the lines of a figure have colors of their own; with several a color is a run, and a line its dashes.
 */
#include "report/plot.h"
#include "report/sections.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { AROUND_LINES = 4, AROUND_GRAY = 7 };

/* A line by its key, with a band of ± error; or a band from the key to `high`. NONE: there is none. */
typedef struct around_line {
  swl_record_key key, error, high;
  const char *word;
} around_line;

typedef struct around_figure {
  const char *title, *about, *x_title;
  swl_record_key section, level; /* rows, and their key that x is */
  around_line lines[AROUND_LINES];
  swl_record_key at_x; /* of the evaluation: the same at the parameters themselves, */
  const char *at_x_word;
  int through_x; /* 1: … which is a point of every line, at 0; 0: a line of its own */
  int may_log;
  double scale;
  int absolute; /* 1: levels are in units of √(profile_tau dim) */
} around_figure;

static const around_figure around_figures[] = {
    {"Loss around x",
     "Bands are ± one standard error.",
     "τ, variance of the noise",
     SWL_KEY_TAUS,
     SWL_KEY_TAU,
     {{SWL_KEY_HEAT, SWL_KEY_HEAT_SE, SWL_KEY_NONE, "heat F<sub>H</sub>"},
      {SWL_KEY_LOCAL_ENTROPY, SWL_KEY_LOCAL_ENTROPY_SE, SWL_KEY_NONE, "local entropy F<sub>LE</sub> / β"},
      {SWL_KEY_PER_EXAMPLE, SWL_KEY_PER_EXAMPLE_SE, SWL_KEY_NONE, "per example"}},
     SWL_KEY_SUBSET_LOSS,
     "loss at x",
     0,
     1,
     1,
     0},
    {"Loss along random directions",
     "Worst: along the direction of the largest loss, which points to the right.",
     "distance from x",
     SWL_KEY_PROFILE,
     SWL_KEY_DISTANCE,
     {{SWL_KEY_LOWEST, SWL_KEY_NONE, SWL_KEY_HIGHEST, "least to largest"},
      {SWL_KEY_QUANTILE_10, SWL_KEY_NONE, SWL_KEY_QUANTILE_90, "10 to 90 %"},
      {SWL_KEY_MEDIAN, SWL_KEY_NONE, SWL_KEY_NONE, "median"},
      {SWL_KEY_WORST, SWL_KEY_NONE, SWL_KEY_NONE, "worst"}},
     SWL_KEY_SUBSET_LOSS,
     NULL,
     1,
     0,
     1,
     1},
    {"Accuracy under noise, %",
     "N(0, τ I) on all parameters; the band is ± one standard error.",
     "τ, variance of the noise",
     SWL_KEY_NOISE,
     SWL_KEY_TAU,
     {{SWL_KEY_ACCURACY, SWL_KEY_ACCURACY_SE, SWL_KEY_NONE, "with noise"}},
     SWL_KEY_ACCURACY,
     "without",
     0,
     1,
     100,
     0},
    {"R² under noise",
     "N(0, τ I) on all parameters; the band is ± one standard error.",
     "τ, variance of the noise",
     SWL_KEY_NOISE,
     SWL_KEY_TAU,
     {{SWL_KEY_R2, SWL_KEY_R2_SE, SWL_KEY_NONE, "with noise"}},
     SWL_KEY_R2,
     "without",
     0,
     1,
     1,
     0},
    {"Accuracy under relative noise, %",
     "Each parameter times 1 + r ξ, ξ a standard normal; the band is ± one standard error.",
     "r, relative standard deviation",
     SWL_KEY_RELATIVE_NOISE,
     SWL_KEY_RATIO,
     {{SWL_KEY_ACCURACY, SWL_KEY_ACCURACY_SE, SWL_KEY_NONE, "with noise"}},
     SWL_KEY_ACCURACY,
     NULL,
     1,
     0,
     100,
     0},
    {"R² under relative noise",
     "Each parameter times 1 + r ξ, ξ a standard normal; the band is ± one standard error.",
     "r, relative standard deviation",
     SWL_KEY_RELATIVE_NOISE,
     SWL_KEY_RATIO,
     {{SWL_KEY_R2, SWL_KEY_R2_SE, SWL_KEY_NONE, "with noise"}},
     SWL_KEY_R2,
     NULL,
     1,
     0,
     1,
     0},
};

/* A row of a section by its place on the axis; row = NULL: x itself. */
typedef struct around_point {
  double x;
  const swl_json_value *row;
} around_point;

static int around_compare(const void *a, const void *b) {
  const around_point *left = a, *right = b;
  return (left->x > right->x) - (left->x < right->x);
}

static size_t around_lines(const around_figure *figure) {
  size_t lines = 0;
  while (lines < AROUND_LINES && figure->lines[lines].key) lines++;
  return lines;
}

/* Solid, dashed, dotted: the lines of a figure; bands do not count. */
static int around_style(const around_figure *figure, size_t line) {
  int style = 0;
  if (figure->lines[line].high) return SWL_STYLE_BAND;
  for (size_t i = 0; i < line; i++) style += !figure->lines[i].high;
  return style;
}

static size_t around_color(const swl_report *report, const around_figure *figure, size_t run, size_t line) {
  if (report->count > 1) return run;
  if (figure->lines[line].high) return line == 0 ? AROUND_GRAY : 0;
  return (size_t)around_style(figure, line);
}

/* The points of a run with a finite place, in the order of the axis. */
static swale_status around_points(swl_arena *arena, const around_figure *figure, const swl_report_run *run,
                                  around_point **points, size_t *count) {
  const swl_json_value *rows = swl_report_section(run, figure->section);
  const double unit = sqrt(swl_key_number(run->measured, SWL_KEY_PROFILE_TAU) *
                           swl_key_number(run->measured, SWL_KEY_DIM));
  *points = swl_arena_take(arena, rows->count + 1, sizeof **points);
  if (!*points) return SWALE_ERROR_MEMORY;
  size_t made = 0;
  for (size_t i = 0; i < rows->count; i++) {
    const double x = (figure->absolute ? unit : 1) * swl_key_number(&rows->items[i], figure->level);
    if (isfinite(x)) (*points)[made++] = (around_point){x, &rows->items[i]};
  }
  if (figure->through_x && made > 0) (*points)[made++] = (around_point){0, NULL};
  qsort(*points, made, sizeof **points, around_compare);
  *count = made;
  return SWALE_OK;
}

/* The curve of one line of one run; line = NULL: the level at x. `curve` has count, color and style already. */
static swale_status around_curve(swl_arena *arena, const around_figure *figure, const swl_report_run *run,
                                 const around_point *points, const around_line *line, swl_curve *curve) {
  const double at_x = figure->scale * swl_key_number(run->measured, figure->at_x);
  double *x = swl_arena_take(arena, 3 * curve->count, sizeof *x);
  if (!x) return SWALE_ERROR_MEMORY;
  double *y = x + curve->count, *error = y + curve->count;
  for (size_t i = 0; i < curve->count; i++) {
    const swl_json_value *row = line ? points[i].row : NULL;
    x[i] = points[i].x;
    y[i] = row ? figure->scale * swl_key_number(row, line->key) : at_x;
    if (row && line->error) error[i] = figure->scale * swl_key_number(row, line->error);
    if (!row || !line->high) continue;
    const double high = figure->scale * swl_key_number(row, line->high);
    error[i] = high / 2 - y[i] / 2;
    y[i] = high / 2 + y[i] / 2;
  }
  curve->x = x;
  curve->y = y;
  curve->error = line && (line->error || line->high) ? error : NULL;
  return SWALE_OK;
}

/* All curves of a figure. Bands from the least to the largest are for one run only: they would hide each other. */
static swale_status around_gather(swl_arena *arena, const swl_report *report, const around_figure *figure,
                                  swl_curve *curves, size_t *count) {
  const size_t lines = around_lines(figure), first = report->count > 1 && figure->lines[0].high ? 1 : 0;
  *count = 0;
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    around_point *points = NULL;
    size_t point_count = 0;
    if (!one->measured || !swl_key_member(one->measured, figure->at_x)) continue;
    SWL_TRY(around_points(arena, figure, one, &points, &point_count));
    if (point_count == 0) continue;
    if (!figure->through_x) {
      swl_curve *level = &curves[(*count)++];
      *level = (swl_curve){
          .count = point_count, .color = report->count > 1 ? run : AROUND_GRAY, .style = SWL_STYLE_LEVEL};
      SWL_TRY(around_curve(arena, figure, one, points, NULL, level));
    }
    for (size_t line = first; line < lines; line++) {
      swl_curve *curve = &curves[(*count)++];
      *curve = (swl_curve){
          .count = point_count, .color = around_color(report, figure, run, line), .style = around_style(figure, line)};
      SWL_TRY(around_curve(arena, figure, one, points, &figure->lines[line], curve));
    }
  }
  return SWALE_OK;
}

static void around_key(swl_page *page, const char *color, int style, const char *word) {
  const int band = style == SWL_STYLE_BAND;
  swl_page_print(page,
                 "<span class=\"run\"><svg class=\"key\" viewBox=\"0 0 26 8\" aria-hidden=\"true\"><path class=\"%s %s "
                 "s%d\" d=\"%s\"/></svg><span>%s</span></span> ",
                 band ? "band" : "line", color, style, band ? "M0 0h26v8H0z" : "M1 4h24", word);
}

static void around_legend(swl_page *page, const swl_report *report, const around_figure *figure) {
  const int several = report->count > 1;
  swl_page_put(page, "<p class=\"legend\">");
  for (size_t run = 0; several && run < report->count; run++) {
    if (!report->runs[run].measured) continue;
    swl_report_name(page, report, run);
    swl_page_put(page, " ");
  }
  const size_t lines = around_lines(figure);
  for (size_t line = several && figure->lines[0].high ? 1 : 0; line < lines; line++) {
    char color[16];
    if (lines == 1 && !figure->at_x_word) break; /* nothing to tell apart */
    snprintf(color, sizeof color, "c%zu", around_color(report, figure, 0, line));
    around_key(page, several ? "plain" : color, around_style(figure, line), figure->lines[line].word);
  }
  if (figure->at_x_word) around_key(page, several ? "plain" : "c7", SWL_STYLE_LEVEL, figure->at_x_word);
  swl_page_put(page, "</p>");
}

swale_status swl_report_around(swl_page *page, swl_arena *arena, const swl_report *report) {
  swl_curve *curves = swl_arena_take(arena, report->count * (AROUND_LINES + 1), sizeof *curves);
  if (!curves) return SWALE_ERROR_MEMORY;
  swl_page_put(page, "<div class=\"grid\">\n");
  for (size_t i = 0; i < sizeof around_figures / sizeof *around_figures; i++) {
    const around_figure *figure = &around_figures[i];
    swl_plot plot = {.title = figure->title, .x_title = figure->x_title, .may_log = figure->may_log, .curves = curves};
    SWL_TRY(around_gather(arena, report, figure, curves, &plot.curve_count));
    if (plot.curve_count == 0) continue;
    swl_page_print(page, "<figure><figcaption><b>%s</b> %s</figcaption>", figure->title, figure->about);
    around_legend(page, report, figure);
    if (!swl_plot_draw(page, &plot, "level")) swl_page_put(page, "<p class=\"note\">No number is finite.</p>");
    swl_page_put(page, "</figure>\n");
  }
  swl_page_put(page, "</div>\n");
  return SWALE_OK;
}
